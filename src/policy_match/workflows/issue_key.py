"""Issue a key to a program that acts as an actor, in one library, for at most a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from policy_match.access.key_scopes import read_scopes
from policy_match.access.terms import ADMIN, TERMS
from policy_match.access.tokens import hash_of, new_key
from policy_match.dates import Period, add_period
from policy_match.errors import Issue, UsageError
from policy_match.store import accounts
from policy_match.store.account_tables import ApiKey
from policy_match.store.actors import actor
from policy_match.workflows.administer import administering, require_real
from policy_match.workflows.library_names import DEMO, check_library
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, said


@dataclass(frozen=True, slots=True)
class NewKey:
    """The key asked for. `ends_on`: its last day; `fixed_now`: the clock of a key of tests, in the demonstration library alone."""

    actor: str
    name: str
    scopes: tuple[str, ...]
    library: str
    ends_on: date
    fixed_now: datetime | None = None


def issue_key(archive: Archive, asked: NewKey, by: By) -> str:
    """The key, shown this once.

    UsageError KEY_SCOPE, KEY_TERM, KEY_CLOCK, KEY_ADMIN, LIBRARY or for no name; NotFound for the actor, Forbidden
    ADMIN_ONLY, DEMO_ADMIN.
    """
    scopes, library = read_scopes(asked.scopes), check_library(asked.library)
    name = said(asked.name, "密钥的用处", "--name", longest=60)
    _require_term(asked.ends_on, by.today)
    if asked.fixed_now is not None and library != DEMO:
        raise UsageError(
            Issue("KEY_CLOCK", "固定时间的密钥只用于测试", "--fixed-now", "--library demo", "去掉 --fixed-now")
        )
    key_id, key = new_key()
    with administering(archive, asked.actor, by) as (session, who):
        if library != DEMO:
            require_real(session, who, library)
        holder = actor(session, asked.actor, by.today)
        if holder.role == ADMIN or accounts.is_barred(session, accounts.of_actor(session, holder.id)):
            what = f"“{holder.name}”不能有密钥"
            raise UsageError(Issue("KEY_ADMIN", what, "--actor", "账号未停用的业务人员或系统", "换一个经办人"))
        session.add(
            ApiKey(
                id=key_id, key_hash=hash_of(key), actor_id=holder.id, name=name, scopes=[*scopes], library=library,
                fixed_now=asked.fixed_now, made_at=by.now, made_by=who.id, ends_on=asked.ends_on,
            )
        )  # fmt: skip
        note_access(
            session, who, Access("key.issue", key_id, by.now), actor=holder.id, scopes=[*scopes], library=library,
            through=asked.ends_on.isoformat(),
        )  # fmt: skip
    return key


def _require_term(ends_on: date, today: date) -> None:
    latest = add_period(today, Period(TERMS.key_months, 0))
    if not today <= ends_on <= latest:
        raise UsageError(
            Issue("KEY_TERM", f"密钥的末日 {ends_on} 不对", "--through", f"{today} 至 {latest}", "改正末日")
        )
