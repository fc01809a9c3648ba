"""Start drafts: from an official page, from a measure that there is, or from another draft. They are the author's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from policy_match.authoring.rule_text import in_order, rule_text
from policy_match.errors import Issue, UsageError
from policy_match.exchange.official_page import KINDS, read_page
from policy_match.store import drafts
from policy_match.store.draft_tables import DraftRow
from policy_match.store.tables import Actor
from policy_match.strict_yaml import Data, read_text
from policy_match.text.extract.extraction import extract
from policy_match.workflows.activate_rules import ACTION
from policy_match.workflows.draft_fields import Object, at, parts, shown
from policy_match.workflows.extract_files import Written, is_foreign, write_texts
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook, rulebook_in_force
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.read_draft import find_draft, find_drafts
from policy_match.workflows.read_records import View
from policy_match.workflows.read_release import read_texts
from policy_match.workflows.write_entry import By, at_library_desk

MOST = 60
_NEXT, _SAME = "next", "same"
WAYS = {_NEXT: "条件变了：写下一版，现行的一版到新版施行前一天为止", _SAME: "写错了：改正现行的这一版"}


@dataclass(frozen=True, slots=True)
class Begun:
    """The numbers of the drafts that were started, and what the reader of the page has to know."""

    numbers: tuple[int, ...]
    notes: tuple[str, ...] = ()


def start_from_document(archive: Archive, name: str, content: bytes, by: By) -> Begun:
    """A draft for each clause of a page that gives something, with the registration of the document where it is new.

    UsageError DOCUMENT_… for a page that cannot be read, DOCUMENT_FOREIGN for one of nobody here, DRAFT_NONE where it gives nothing.
    """
    suffix = Path(name).suffix.lower()
    book = rulebook_in_force(archive, by.library, View(by.today))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"page{suffix if suffix in KINDS else '.unknown'}"
        path.write_bytes(content)
        try:
            page = read_page(path)
        except UsageError as error:
            raise UsageError(*(replace(issue, where=name[:80]) for issue in error.issues)) from None
    extraction = extract(page, book.vocabulary.taxonomies, book.vocabulary.industries)
    notes = tuple(warning.message for warning in extraction.warnings)
    if is_foreign(extraction):
        hint = "先核对来源；确是本地或上级文件的，请管理员把单位和文号前缀写进发文单位名录"
        raise UsageError(Issue("DOCUMENT_FOREIGN", "页面上的单位或文号不在名录里，没有起草", name[:80], "", hint))
    with archive.database.reading() as session:
        taken = {one.id for one in find_drafts(session, by.library)}
    written = write_texts(extraction, name[:80], book, by.today)
    rows = tuple(_drafted(written, taken, name))
    if not rows:
        raise UsageError(
            Issue("DRAFT_NONE", "没有读出条款", name[:80], "有条款的正文", "检查是不是正文页，或从现有措施起草")
        )
    return Begun(_keep(archive, rows[:MOST], by, f"文件 {name[:80]}"), notes)


def start_from_measure(archive: Archive, measure_id: str, way: str, by: By) -> Begun:
    """A draft of the next version of a measure in force, or of its newest version to be corrected.

    UsageError for an unknown measure (with the nearest) or way; Forbidden CARE_ROLE whose measure it is not.
    """
    if way not in WAYS:
        raise UsageError(Issue("PARAM_VALUE", f"不知道怎样改：“{way[:20]}”", "way", "、".join(WAYS), "选一种"))
    with archive.database.reading() as session:
        deciding = deciding_rulebook(session, archive.shelf, by.library, View(by.today))
        pieces = read_texts(session, archive.shelf, deciding.release).pieces
    book = deciding.rulebook
    if measure_id not in book.ids:
        raise unknown_measure(measure_id, book.ids, "措施")
    rule = book.versions(measure_id)[-1]
    text = pieces[f"rules/measures/{rule.level}/{rule.package}/{rule.measure.key}.yaml"]
    data = read_text(text, rule.measure.key).data
    if not isinstance(data, dict):
        raise TypeError(type(data).__name__)
    made = in_order(data) | {"status": "draft"}
    made = _following(made, by) if way == _NEXT else _corrected(made, by)
    with at_library_desk(archive, ACTION, by, about=measure_id) as (_, who):
        require_own(archive, rule, who, ACTION, "起草")
    return Begun(_keep(archive, ((made, None),), by, f"现行第 {rule.measure.version} 版"))


def copy_draft(archive: Archive, number: int, by: By) -> Begun:
    """Another draft with the text of one that there is, for going on after it was handed in; NotFound."""
    with archive.database.reading() as session:
        found = find_draft(session, by.library, number)
    return Begun(_keep(archive, ((found.measure, found.document),), by, f"草案第 {number} 号"))


def _drafted(written: Written, taken: set[str], name: str) -> Iterator[tuple[Object, Object | None]]:
    texts: Mapping[str, Data] = {place: read_text(text, place).data for place, text in written.files.items()}
    document = texts.get(f"documents/{written.document_id}.yaml")
    for place, data in texts.items():
        if not place.startswith("measures/") or not isinstance(data, dict):
            continue
        own = shown(data["id"])
        free = next(one for one in (own, *(f"{own}-{chr(97 + at_)}" for at_ in range(26))) if one not in taken)
        yield data | {"id": free}, document if isinstance(document, dict) else None


def _following(data: Object, by: By) -> Object:
    """The next version begins today until its author says when."""
    version = data["version"]
    number = version + 1 if isinstance(version, int) else 1
    effective: Object = {"from": by.today.isoformat(), "through": at(data, ("effective", "through")) or "unknown"}
    if effective["through"] == "unknown":
        effective["through"] = "open"
    why: Data = {"version": number, "date": by.today.isoformat(), "why": "待填：这一版改了什么"}
    return {**data, "version": number, "effective": effective, "changes": [*parts(data, "changes"), why]}


def _corrected(data: Object, by: By) -> Object:
    why: Data = {"version": data["version"], "date": by.today.isoformat(), "why": "待填：改正了什么"}
    return data | {"changes": [*parts(data, "changes"), why]}


def _keep(archive: Archive, made: tuple[tuple[Object, Object | None], ...], by: By, source: str) -> tuple[int, ...]:
    with at_library_desk(archive, ACTION, by) as (session, who):
        rows = [_row(measure, document, who, by, source) for measure, document in made]
        drafts.add(session, rows)
        for row in rows:
            _note(session, who, row, by)
        return tuple(row.id for row in rows)


def _row(measure: Object, document: Object | None, who: Actor, by: By, source: str) -> DraftRow:
    version = measure["version"]
    return DraftRow(
        library=by.library, author=who.id, measure=shown(measure["id"])[:80], version=version if isinstance(version, int) else 1,
        title=shown(measure["title"]), source=source, text=rule_text(measure), row_version=1,
        document=None if document is None else rule_text(document), made_at=by.now, changed_at=by.now,
    )  # fmt: skip


def _note(session: Session, who: Actor, row: DraftRow, by: By) -> None:
    note_access(session, who, Access("rule.draft", f"草案{row.id}", by.now), measure=row.measure, library=row.library)
