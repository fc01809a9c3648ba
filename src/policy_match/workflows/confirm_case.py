"""What the firm does: confirm that it wants the money and where to, or decline; and asking it once more.

Confirming takes a named person who is entitled, and an account in the name of the beneficiary. Silence never confirms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from policy_match.dates import local_day
from policy_match.entitlement.states import Action, State
from policy_match.errors import Conflict, Forbidden, Issue, UsageError
from policy_match.facts.assemble import Assembled
from policy_match.facts.cells import Possible
from policy_match.store import cases, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.units import normal_text
from policy_match.workflows.at_case import ANSWERS, HANDLES, CaseDesk, at_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.publish_notice import start_consent
from policy_match.workflows.read_party import codes_of, read_party
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, said

RENAMED_DAYS = 30
_SEAT = {"JK": "320412"}
_ACCOUNT = re.compile(r"[0-9]{8,30}")
CONSENT_TEXT = "同意按本办件所列措施、依据和金额拨付到下列账户；数据有误的，企业可以随时提出。"


@dataclass(frozen=True, slots=True)
class Consent:
    """Who confirms, how it was made sure that it is that person, and the account: its holder and number."""

    person: str
    proved_by: str
    holder: str
    account: str


def confirm_case(archive: Archive, number: str, asked: Consent, by: By, *, seen: int | None = None) -> Case:
    """Record the consent; `seen`: the row version that the firm saw, with its amount.

    UsageError for a missing text or an account number of another form; Conflict MSJX_SEEN, ACCOUNT_HOLDER where the account is not
    the beneficiary's, CONSENT_LATE after the window, MSJX_STATE; Forbidden CONSENT_AUTHORITY for another firm's people. A firm renamed within
    thirty days is held.
    """
    person, proved = said(asked.person, "确认人", "--person"), said(asked.proved_by, "身份核验方式", "--proved-by")
    account = _account(asked.account)
    with at_case(archive, number, by, ANSWERS, seen=seen) as desk:
        _require_authority(desk)
        _require_open_window(desk)
        holder = normal_text(said(asked.holder, "户名", "--holder"))
        name = desk.beneficiary().name or ""
        if holder != normal_text(name):
            what = f"户名“{holder[:40]}”不是受益单位"
            raise Conflict(Issue("ACCOUNT_HOLDER", what, number, name, "用本单位的账户"))
        desk.case.consented = True
        body: dict[str, Plain] = {
            "person": desk.seal("person", person), "proved_by": desk.seal("proved_by", proved),
            "holder": desk.seal("holder", holder), "account": desk.seal("account", account), "text": CONSENT_TEXT,
            "amount_fen": desk.case.amount_fen, "proof": desk.case.proof_hash,
        }  # fmt: skip
        desk.move(Action.CONFIRM, body)
        _hold_if_renamed(desk)
        return desk.case


def decline_case(archive: Archive, number: str, person: str, reason: str, by: By, *, seen: int | None = None) -> Case:
    """Record that the firm does not want it; the reason may be empty. It may be reopened in its window."""
    who = said(person, "经办人", "--person")
    with at_case(archive, number, by, ANSWERS, seen=seen) as desk:
        _require_authority(desk)
        desk.case.consented = False
        desk.move(Action.DECLINE, {"person": desk.seal("person", who), "reason": reason.strip()}, reason=reason.strip())
        return desk.case


def reopen_case(archive: Archive, number: str, reason: str, by: By) -> Case:
    """Ask the firm once more: after it declined, within its window; after the window, once, within the year.

    Conflict MSJX_REOPENED, CONSENT_LATE, YEAR_OVER or MSJX_STATE.
    """
    text = said(reason, "原因", "--reason")
    with at_case(archive, number, by, HANDLES) as desk:
        state, last = desk.state, desk.case.consent_last
        if state is State.DECLINED and last is not None and by.today > last:
            raise Conflict(Issue("CONSENT_LATE", f"确认期已于 {last} 结束", number, str(last), "不再重新确认"))
        if state is State.EXPIRED and desk.case.reopened:
            raise Conflict(Issue("MSJX_REOPENED", "逾期后已经重新请企业确认过一次", number, "一次", "不再重新确认"))
        if state is State.EXPIRED and by.today.year != local_day(desk.case.opened_at).year:
            raise Conflict(Issue("YEAR_OVER", "已过办件当年", number, "当年", "次年重新列为候选"))
        desk.case.reopened += state is State.EXPIRED
        start_consent(desk, Action.REOPEN)
        desk.move(Action.NOTE, {"reason": text}, reason=text)
        return desk.case


def account_of(desk: CaseDesk) -> tuple[str, str]:
    """Holder and number of the account that the firm confirmed last, as its step holds them: by their marks.

    Conflict NO_CONSENT if it never did, SEAL_OTHER_KEY, SEAL_BROKEN or SEAL_GONE if they cannot be opened.
    """
    step = cases.last_step(desk.session, desk.case, Action.CONFIRM)
    if step is None:
        raise Conflict(Issue("NO_CONSENT", f"{desk.case.number} 没有企业确认", desk.case.number, "", "先请企业确认"))
    body = cases.body_of(step)
    holder, account = str(body["holder"]), str(body["account"])
    desk.unseal("holder", holder)
    desk.unseal("account", account)
    return holder, account


def _account(written: str) -> str:
    account = re.sub(r"[\s-]", "", normal_text(written))
    if not _ACCOUNT.fullmatch(account):
        raise UsageError(Issue("ACCOUNT", "账号格式不对", "--account", "8 至 30 位数字", "核对账号"))
    return account


def _require_open_window(desk: CaseDesk) -> None:
    last = desk.case.consent_last
    if desk.state is State.CONSENT and last is not None and desk.by.today > last:
        what = f"确认期已于 {last} 24时结束"
        raise Conflict(Issue("CONSENT_LATE", what, desk.case.number, str(last), "请主管单位重新请企业确认"))


def _require_authority(desk: CaseDesk) -> None:
    """Refuse who is of another firm, or of another area than the one the firm is known to be registered in."""
    row, who = desk.beneficiary(), desk.who
    if who.firm is not None and who.firm not in codes_of(desk.session, row):
        raise _no_authority(desk, row.name or row.code)
    if who.firm is None and who.region is not None:
        seen = read_party(desk.session, desk.archive, row, None, View.of(desk.by.today, None, desk.by.now)).seen
        region = _region(seen.get("registered_region"))
        # 常州经开区 has no code of its own: its firms are registered under 武进.
        if region is not None and region not in (who.region, _SEAT.get(who.region)):
            raise _no_authority(desk, row.name or row.code)


def _region(found: Assembled | None) -> str | None:
    value = None if found is None else found.cell.value or found.cell.last_seen
    return value.single if isinstance(value, Possible) else None


def _no_authority(desk: CaseDesk, firm: str) -> Forbidden:
    what = f"“{desk.who.name}”不能替“{firm}”确认或放弃"
    return Forbidden(Issue("CONSENT_AUTHORITY", what, desk.case.number, firm, "请受益单位的经办人办理"))


def _hold_if_renamed(desk: CaseDesk) -> None:
    """A firm that was renamed of late: the account is looked at before anything is paid to it."""
    renamed = subjects.renamed_on(desk.session, desk.beneficiary())
    if renamed is not None and (desk.by.today - renamed).days <= RENAMED_DAYS:
        why = f"企业名称 {renamed} 变更过，核对账户是不是它的"
        desk.move(Action.HOLD, {"why": why, "cause": "renamed"}, reason=why)
