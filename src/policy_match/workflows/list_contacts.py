"""Who speaks for which firm, as a list for whoever keeps it: addresses are shown by their last figures alone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.access.scope import FIRM
from policy_match.push.recipients import holds
from policy_match.push.words import CONTACT_ROLE_NAMES, Channel, ContactRole
from policy_match.store import actors, contacts, subjects
from policy_match.store.actors import actor
from policy_match.store.push_tables import Contact
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.push_rights import find_firm, require_push, speaks_for
from policy_match.workflows.reach_contact import address_of
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_touched
from policy_match.workflows.review_rights import lies_in
from policy_match.workflows.write_entry import By

HEADER = {
    "id": "编号", "firm": "企业", "firm_name": "名称", "name": "联系人", "role_name": "身份", "topics": "主题", "since": "起",
    "until": "止", "state": "状态", "phone": "手机", "email": "邮箱", "gateway": "政企通账号",
}  # fmt: skip
HOLDS, HOLDS_NOT = "在任", "不在任"


def contact_rows(archive: Archive, firm: str | None, by: By) -> Rows:
    """The contacts of a firm, None: of all, that who asks may see; Forbidden PUSH_ROLE, NotFound FIRM_UNKNOWN."""
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        reach = require_push(archive, who, Right.READ)
        wanted = None if firm is None else find_firm(session, by.library, firm).id
        every = contacts.every(session, by.library)
        rows = [row for row in every if wanted in (None, row.firm_id)]
        if reach is not Reach.ALL:
            own = _own_firms(session, archive, who, rows, by)
            rows = [row for row in rows if row.firm_id in own or row.actor_id == who.id]
        names, firms = actors.names(session), subjects.by_ids(session, sorted({row.firm_id for row in rows}))
        lines = [
            {"firm": firms[row.firm_id].code, "firm_name": firms[row.firm_id].name, "name": names[row.actor_id],
             **_line(archive, row, by)}
            for row in rows
        ]  # fmt: skip
        return Rows("企业联系人", HEADER, lines)


def _own_firms(session: Session, archive: Archive, who: Actor, rows: list[Contact], by: By) -> set[int]:
    """Of a firm itself, of an area those in it; a department has none of its own."""
    firms = subjects.by_ids(session, sorted({row.firm_id for row in rows}))
    if who.role == FIRM:
        return {number for number, row in firms.items() if speaks_for(session, who, row)}
    if not archive.table.roles[who.role].own_area:
        return set()
    found = read_touched(session, archive, firms, View(by.today))
    parents = subjects.by_ids(session, sorted(found))
    return {contacts.firm_id(parents[number]) or 0 for number, subject in found.items() if lies_in(subject, who.region)}


def _line(archive: Archive, row: Contact, by: By) -> Row:
    return {
        "id": row.id, "actor": row.actor_id, "role": row.role, "role_name": CONTACT_ROLE_NAMES[ContactRole(row.role)],
        "topics": "全部" if row.topics is None else "、".join(row.topics), "since": row.since.isoformat(),
        "until": None if row.until is None else row.until.isoformat(),
        "state": HOLDS if holds(row, by.today) else HOLDS_NOT, "phone": _masked(address_of(archive, row, Channel.SMS)),
        "email": _masked(address_of(archive, row, Channel.EMAIL)),
        "gateway": _masked(address_of(archive, row, Channel.GATEWAY)), "source": row.source,
    }  # fmt: skip


def _masked(address: str | None) -> str | None:
    """The last four characters, or half of a short one."""
    return None if address is None else "*" * 4 + address[-min(4, len(address) // 2) :]
