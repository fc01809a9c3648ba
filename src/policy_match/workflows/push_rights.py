"""Who may do what about messages: the row `push` of rules/permissions.yaml, and whose firm it is.

A firm keeps its own contacts, an area those of its firms, the data office those that come from the city's platform. Every
message is its recipient's alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from policy_match.access.permissions import RIGHT_NAMES, Reach, Right
from policy_match.access.scope import FIRM
from policy_match.errors import FactError, Forbidden, Issue, NotFound
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given, canonical_key
from policy_match.store import audit, subjects
from policy_match.store.actors import actor
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_party import codes_of
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_touched
from policy_match.workflows.review_rights import lies_in
from policy_match.workflows.write_entry import By

PUSH = "push"
LINKS_SYSTEMS = "data"


@contextmanager
def at_push_desk(archive: Archive, about: str, by: By) -> Iterator[tuple[Session, Actor]]:
    """Begin a request about contacts or messages, by somebody in office; a refusal leaves its audit row."""
    with noting_forbidden(archive, "push.refused", about, by.actor, by.now), archive.database.writing() as session:
        audit.take_turn(session)
        yield session, actor(session, by.actor, by.today)


def require_push(archive: Archive, who: Actor, right: Right) -> Reach:
    """How far a right of somebody goes; Forbidden PUSH_ROLE without it."""
    row = archive.permissions.capabilities[PUSH]
    found = row.cells[who.role].reach.get(right) if who.role in row.cells else None
    if found is None:
        names = "、".join(archive.table.unit_name(role) for role, cell in row.cells.items() if right in cell.reach)
        what = f"“{who.name}”没有“{row.name}”的{RIGHT_NAMES[right]}权"
        raise Forbidden(Issue("PUSH_ROLE", what, "--by", names, "请由有权的单位办理"))
    return found


def require_keeper(session: Session, archive: Archive, firm: Subject, who: Actor, *, by: By) -> None:
    """Refuse who does not keep the contacts of a firm; Forbidden PUSH_ROLE, CONTACT_KEEPER."""
    require_push(archive, who, Right.WRITE)
    if who.role == LINKS_SYSTEMS or (who.role == FIRM and speaks_for(session, who, firm)):
        return
    if who.role != FIRM and archive.table.roles[who.role].own_area and _is_in_area(session, archive, firm, who, by=by):
        return
    what = f"“{who.name}”不管“{firm.name or firm.code}”的联系人"
    allowed = "本企业、企业所在地、数据局"
    raise Forbidden(Issue("CONTACT_KEEPER", what, firm.code, allowed, "请企业自己登记，或请企业所在地登记"))


def speaks_for(session: Session, who: Actor, firm: Subject) -> bool:
    """Whether the account of somebody is of a firm."""
    return who.firm is not None and who.firm in codes_of(session, firm)


def find_firm(session: Session, library: str, written: str) -> Subject:
    """The firm of a credit code or of its code in the library; NotFound FIRM_UNKNOWN."""
    row = subjects.by_code(session, library, written.strip())
    if row is None:
        try:
            row = subjects.by_key(session, library, Given(subjects.CREDIT_CODE, canonical_key(written)))
        except FactError:
            row = None
    row = None if row is None else subjects.survivor(session, row)
    if row is None or row.kind != Kind.ENTERPRISE:
        hint = "核对信用代码；企业还没有入库的，先登记它的项目"
        raise NotFound(Issue("FIRM_UNKNOWN", f"没有企业“{written[:40]}”", "企业", "信用代码或库内编号", hint))
    return row


def _is_in_area(session: Session, archive: Archive, firm: Subject, who: Actor, *, by: By) -> bool:
    """By where the firm is registered, or the site of one of its projects."""
    found = read_touched(session, archive, [firm.id], View(by.today))
    return any(lies_in(one, who.region) for one in found.values())
