"""Plan ahead: what opens, closes or changes for one project at each later point of its life; of a library or of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import orjson
from rapidfuzz import process

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.errors import Issue, NotFound, UsageError
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.exchange.tables import write_workbook
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Side
from policy_match.workflows.decide_ahead import Planned, Roadmap, decide_ahead
from policy_match.workflows.library_names import DEMO, TITLES, shown_library
from policy_match.workflows.match_file import check_place, chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library, open_library
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.read_records import Record, View, read_record
from policy_match.workflows.show_roadmap import roadmap_data, roadmap_grids, roadmap_lines

FORMS = ("table", "json", "xlsx")


def roadmap_in_file(
    wanted: str, path: Path, *, rules: Path, corpus: Path, as_of: date, out: Path | None, form: str | None
) -> Loaded:
    """Write the roadmap of one project of a file; returns what was read and refused.

    Planned days are the date facts that lie ahead. UsageError for a wrong format or file, NotFound for an id that the
    file does not hold, with the nearest ones.
    """
    form = _form(form, out)
    check_place(out, path)
    rulebook = open_rulebook(rules, corpus)
    lifecycle = rules / "lifecycle.yaml"
    if not lifecycle.is_file():
        raise UsageError(Issue("FOLDER", "没有 lifecycle.yaml", str(rules), "lifecycle.yaml", "检查规则目录是否完整"))
    table = load_lifecycle(lifecycle)
    loaded = read_subjects(path, rulebook.vocabulary)
    subject = next((one for one in loaded.subjects if one.id == wanted), None)
    if subject is None:
        raise _unknown(wanted, path.name, loaded.subjects, "检查编号；未读入的行也不在其中")
    found = decide_ahead(rulebook, table, Planned(subject), as_of)
    if form == "json":
        write_lines([orjson.dumps(roadmap_data(found)) + b"\n"], out)
    else:
        _write(found, table, rulebook.vocabulary, path.name, out=out, form=form)
    return loaded


def roadmap_in_library(
    wanted: str, archive: Archive, library: str, *, as_of: date, now: datetime, out: Path | None, form: str | None
) -> None:
    """Write the roadmap of one project of a library, by 库内编号 or 项目代码, by the release of the day.

    UsageError for a wrong format, NotFound for an id that the library does not hold, with the nearest ones.
    """
    form = _form(form, out)
    check_place(out, archive.rules)
    view = View.of(as_of, None, now)
    with archive.database.reading() as session:
        held = open_library(session, archive, library, view)
    if not held.rows:
        hint = "先运行 policy-match init；手头只有文件的，用 --subjects 文件"
        raise NotFound(Issue("LIBRARY_EMPTY", f"{TITLES[library]}里没有项目", "", "", hint))
    found = roadmap_of(wanted, archive, held, view)
    if form == "json":
        data = roadmap_data(found, library=library, release=held.release)
        write_lines([orjson.dumps(data) + b"\n"], out)
    else:
        _write(found, held.table, held.matching.rulebook.vocabulary, shown_library(library), out=out, form=form)


def roadmap_of(wanted: str, archive: Archive, library: Library, view: View) -> Roadmap:
    """The roadmap of one project of an open library; NotFound for what the library does not hold, UsageError for a firm."""
    subjects = library.matching.subjects
    if wanted in library.rows and subjects[library.rows[wanted]].kind is not Kind.PROJECT:
        planned = Planned(subjects[library.rows[wanted]])
        return decide_ahead(library.matching.rulebook, library.table, planned, view.as_of, library.matching.veil)
    record = _record(wanted, archive, library, view)
    if record.code not in library.rows:
        raise _merged(record)
    side = record.state.side
    planned = Planned(
        subjects[library.rows[record.code]],
        {step.kind: step.planned_on for step in record.milestones if step.planned_on is not None},
        "" if side is Side.ACTIVE else library.table.side_names[side],
    )
    return decide_ahead(library.matching.rulebook, library.table, planned, view.as_of, library.matching.veil)


def _record(wanted: str, archive: Archive, library: Library, view: View) -> Record:
    try:
        with archive.database.reading() as session:
            return read_record(session, archive, library.name, wanted, view)
    except NotFound as error:
        if error.issues[0].code != "PROJECT_UNKNOWN":
            raise
        hint = "检查编号，或用 project list 查找" + ("" if library.name == DEMO else "；示范库的项目加 --demo")
        raise _unknown(wanted, library.title, library.matching.subjects, hint) from None


def _merged(record: Record) -> NotFound:
    into = record.survivor.code if record.survivor is not None else ""
    return NotFound(Issue("PROJECT_MERGED", f"{record.code} 已并入另一个项目", "", into, f"改用 {into}"))


def _unknown(wanted: str, where: str, subjects: Sequence[Subject], hint: str) -> NotFound:
    ids = [subject.id for subject in subjects if subject.kind is Kind.PROJECT]
    near = "、".join(match for match, _, _ in process.extract(wanted[:80], ids, limit=3))
    return NotFound(Issue("SUBJECT_UNKNOWN", f"没有编号为“{wanted[:60]}”的项目", where, near, hint))


def _form(form: str | None, out: Path | None) -> str:
    return chosen_form(form or (None if out else "table"), out, FORMS)


def _write(
    found: Roadmap, table: LifecycleTable, vocabulary: Vocabulary, title: str, *, out: Path | None, form: str
) -> None:
    if form == "xlsx" and out is not None:
        write_workbook(out, roadmap_grids(found, table, vocabulary, title))
    else:
        write_lines((f"{line}\n".encode() for line in roadmap_lines(found, table, vocabulary, title)), out)
