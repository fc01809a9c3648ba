"""Write a draft, or give it up: its author alone, and nobody over what they have not seen."""

from __future__ import annotations

from sqlalchemy.orm import Session

from policy_match.authoring.rule_text import rule_text
from policy_match.errors import Conflict, Forbidden, Issue, UsageError
from policy_match.store import drafts
from policy_match.store.draft_tables import DraftRow
from policy_match.store.tables import Actor
from policy_match.strict_yaml import read_text
from policy_match.workflows.activate_rules import ACTION
from policy_match.workflows.draft_fields import Object, shown
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_draft import find_draft
from policy_match.workflows.write_entry import By, at_library_desk


def save_draft(archive: Archive, number: int, measure: Object, document: Object | None, *, seen: int, by: By) -> None:
    """Keep what the author wrote, right or not. `seen`: the row version that the author had before them.

    NotFound; Forbidden DRAFT_AUTHOR for anybody else; Conflict DRAFT_CLOSED once it was handed in or given up, DRAFT_CHANGED.
    """
    with at_library_desk(archive, ACTION, by, about=f"草案{number}") as (session, who):
        row = own_row(session, number, who, by)
        if row.row_version != seen:
            hint = "您写的还在下面；在另一页看过最新的再保存"
            raise Conflict(Issue("DRAFT_CHANGED", "这份草案在别处又保存过", str(number), "最新的一稿", hint))
        row.text, row.title = rule_text(measure), shown(measure.get("title")) or row.measure
        row.document = None if document is None else rule_text(document)
        row.row_version, row.changed_at = seen + 1, by.now
        note_access(session, who, Access("rule.draft_save", f"草案{number}", by.now), version=row.row_version)


def read_source(text: str, number: int, archive: Archive, by: By) -> Object:
    """The measure that a whole text says; UsageError with every fault of the YAML, or DRAFT_ID if it is of another measure."""
    with archive.database.reading() as session:
        draft = find_draft(session, by.library, number)
    document = read_text(text.replace("\r\n", "\n"), "第")
    if document.issues:
        raise UsageError(*document.issues)
    data = document.data
    if not isinstance(data, dict) or (data.get("id"), data.get("version")) != (draft.id, draft.version):
        what = f"编号和版本应是 {draft.id}、{draft.version}"
        raise UsageError(
            Issue("DRAFT_ID", what, "id、version", f"{draft.id}、{draft.version}", "改回来；换编号请另起草案")
        )
    return data


def close_draft(archive: Archive, number: int, by: By) -> None:
    """Give a draft up; errors as `save_draft`."""
    with at_library_desk(archive, ACTION, by, about=f"草案{number}") as (session, who):
        own_row(session, number, who, by).closed_at = by.now
        note_access(session, who, Access("rule.draft_close", f"草案{number}", by.now))


def own_row(session: Session, number: int, who: Actor, by: By) -> DraftRow:
    """The row of a draft that its author may still write."""
    found = find_draft(session, by.library, number)
    if found.author != who.id:
        what = f"这份草案是{found.author_name}的"
        raise Forbidden(Issue("DRAFT_AUTHOR", what, who.id, found.author_name, "请起草人改，或另起一稿"))
    if not found.is_open:
        what = f"第 {number} 号草案{found.state}，不能再改"
        raise Conflict(Issue("DRAFT_CLOSED", what, str(number), "编写中的草案", "要接着改，另起一稿"))
    row = drafts.by_number(session, by.library, number)
    if row is None:
        raise TypeError("draft")
    return row
