"""Put a case to public notice, or ask the firm at once where the measure needs no notice (domain specification §4.4, §4.7).

The first day of the notice is the first working day after the publication; it ends with its last day, 24:00. What is
published is kept by its address and hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.eligibility.documents import OFFICIAL_URL
from policy_match.entitlement.states import Action, State
from policy_match.entitlement.terms import reminders_after, window_after
from policy_match.errors import Conflict, Issue, UsageError
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.workflows.at_case import HANDLES, CaseDesk, at_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, not_in_future


@dataclass(frozen=True, slots=True)
class Notice:
    """Where and when it was published; `content_hash`: SHA-256 of the published text."""

    url: str
    on: date
    content_hash: str


def publish_notice(archive: Archive, number: str, notice: Notice, by: By) -> Case:
    """Record the publication: the notice runs.

    UsageError for an address that is not official or a day to come; Conflict MSJX_STATE, MSJX_NO_NOTICE for a measure
    without notice.
    """
    not_in_future(notice.on, by.today)
    if not OFFICIAL_URL.fullmatch(notice.url):
        hint = "公示发在政府网站上，写它的网址"
        raise UsageError(Issue("NOTICE_URL", f"“{notice.url[:60]}”不是政府网站的网址", "--url", "*.gov.cn", hint))
    with at_case(archive, number, by, HANDLES) as desk:
        days = notice_days(desk)
        if not days:
            what = f"{desk.rule.measure.title}不需要公示"
            raise Conflict(Issue("MSJX_NO_NOTICE", what, number, "", "直接请企业确认：msjx ask"))
        if desk.case.notice_ended:
            raise Conflict(Issue("MSJX_STATE", f"{number} 已经公示过", number, "拨付审批", "用 msjx approve"))
        window = window_after(notice.on, days, archive.calendar)
        desk.case.notice_first, desk.case.notice_last = window.first, window.last
        body: dict[str, Plain] = {
            "url": notice.url, "on": notice.on.isoformat(), "sha256": notice.content_hash,
            "first": window.first.isoformat(), "last": window.last.isoformat(),
        }  # fmt: skip
        desk.move(Action.PUBLISH, body)
        return desk.case


def ask_firm(archive: Archive, number: str, by: By) -> Case:
    """Ask the firm before, or without, a notice; Conflict MSJX_STATE where the notice comes first."""
    with at_case(archive, number, by, HANDLES) as desk:
        plan = desk.rule.measure.no_application
        if notice_days(desk) and not desk.case.notice_ended and (plan is None or plan.order == "notice_first"):
            what = f"{desk.rule.measure.title}要先公示"
            raise Conflict(Issue("MSJX_STATE", what, number, "公示", "用 msjx notice"))
        start_consent(desk, Action.ASK)
        return desk.case


def notice_days(desk: CaseDesk) -> int:
    """How many working days the measure's notice takes; 0: none."""
    plan = desk.rule.measure.no_application
    return 0 if plan is None else plan.notice_working_days


def end_notice(desk: CaseDesk) -> None:
    """The notice is over: the firm is asked, unless it has confirmed before."""
    desk.case.notice_ended = True
    if desk.case.consented:
        desk.move(Action.END_NOTICE, {}, to=State.CONFIRMED)
    else:
        start_consent(desk, Action.END_NOTICE)


def start_consent(desk: CaseDesk, action: Action) -> None:
    """Ask the firm for its consent from today: the window runs, with its reminders. Silence is no consent."""
    terms, calendar = desk.archive.terms, desk.archive.calendar
    window = window_after(desk.by.today, terms.consent_days, calendar)
    desk.case.consent_last = window.last
    reminders: list[Plain] = [day.isoformat() for day in reminders_after(desk.by.today, terms, calendar)]
    body: dict[str, Plain] = {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "reminders": reminders,
    }
    desk.move(action, body, to=State.CONSENT)
