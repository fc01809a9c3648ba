"""Audit rows of signing in and of keeping accounts: none of them tells of business data, so that all are `access`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.access.terms import TERMS
from policy_match.store import accounts, audit
from policy_match.store.account_tables import Account
from policy_match.store.audit import ACCESS, Plain
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import FIRST_DAY


@dataclass(frozen=True, slots=True)
class Access:
    """What is noted: the action, what it is about, and when."""

    action: str
    about: str
    at: datetime


def note_access(session: Session, who: Actor, access: Access, **detail: Plain) -> None:
    """Add a row for what was done."""
    _note(session, who, access, detail, None)


def note_refusal(session: Session, who: Actor, access: Access, why: str, **detail: Plain) -> None:
    """Add a row for what was refused, and why."""
    _note(session, who, access, detail, why)


def count_wrong(session: Session, account: Account, access: Access, why: str, **detail: Plain) -> None:
    """Count a wrong password or code against an account, which may lock it, and add a row for the refusal."""
    tries = accounts.tries_of(account).after_wrong(access.at, TERMS)
    accounts.keep_tries(account, tries)
    until = tries.locked_until
    locked = {} if until is None else {"locked_until": until.isoformat()}
    note_refusal(session, session.get_one(Actor, account.actor_id), access, why, **locked, **detail)


def visitor() -> Actor:
    """Whoever is not known, as an audit row names him; kept nowhere."""
    return Actor(id="visitor", name="未登录", role="visitor", valid_from=FIRST_DAY)


def _note(session: Session, who: Actor, access: Access, detail: Mapping[str, Plain], refused: str | None) -> None:
    audit.record(
        session, who, access.action, object_kind=ACCESS, object_id=access.about[:120], at=access.at, detail=detail,
        result="done" if refused is None else "forbidden", reason=refused,
    )  # fmt: skip
