"""Put a value away sealed and leave its mark; open it again for whoever is entitled."""

from __future__ import annotations

from sqlalchemy.orm import Session

from policy_match.errors import Conflict, Issue
from policy_match.salted import MARK, Salted
from policy_match.sealing import RETURN, Sealer
from policy_match.store import sealed_values
from policy_match.store.case_tables import Case, Objection
from policy_match.store.database import Database

CLOSED = "（封存，打不开）"


def about_case(case: Case, name: str) -> str:
    """What a value of a case belongs to."""
    return f"case/{case.library}/{case.number}/{name}"


def about_objection(row: Objection, name: str) -> str:
    """What a value of an objection belongs to; the row has its number already."""
    return f"objection/{row.id}/{name}"


def seal_value(session: Session, sealer: Sealer, value: str, about: str) -> str:
    """Keep the value sealed and give its mark, which may be chained, exported and shown; `about`: what it belongs to."""
    salted = Salted.of(value)
    sealed_values.keep(session, salted.mark, about, sealer.seal(salted.text, about))
    return salted.mark


def open_salted(session: Session, sealer: Sealer, mark: str, about: str) -> Salted:
    """Salt and value of a mark; Conflict SEAL_GONE, SEAL_OTHER_KEY or SEAL_BROKEN where it cannot be opened."""
    sealed = sealed_values.sealed_text(session, mark)
    if sealed is None:
        raise Conflict(Issue("SEAL_GONE", "封存的内容已经不在", about, "", "请当事人重新填写"))
    salted = Salted.read(sealer.open(sealed, about))
    if salted.mark != mark:
        raise Conflict(Issue("SEAL_BROKEN", "封存的内容与记录里的哈希不符", about, "", "不要使用，查明是谁改的"))
    return salted


def open_value(session: Session, sealer: Sealer, written: str, about: str) -> str:
    """The value of a mark, as `open_salted`. What was written before values were sealed is no mark and stands as it is."""
    return open_salted(session, sealer, written, about).value if written.startswith(MARK) else written


def shown_value(session: Session, sealer: Sealer, written: str, about: str) -> str | None:
    """The value for a page; None where it cannot be opened."""
    try:
        return open_value(session, sealer, written, about)
    except Conflict:
        return None


def told_of_other_key(database: Database, sealer: Sealer) -> str | None:
    """That the secret is not the one that sealed what is here, in words; None where all is sealed with it."""
    with database.reading() as session:
        others = sealed_values.count_besides(session, sealer.prefix)
    if not others:
        return None
    told = f"密钥不是原来的：{others} 项封存的内容（账号、联系人等）打不开，现在的钥匙号是 {sealer.key_id}"
    return f"{told}；{RETURN}"
