"""Match the projects of a library as the store knows them: every line names the release that decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
from rapidfuzz import process

from policy_match.errors import Issue, NotFound
from policy_match.exchange.screen import write_lines
from policy_match.release import SHORT
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.match_file import (
    FORMS,
    check_place,
    chosen_form,
    known_measures,
    known_verdicts,
    screen_lines,
    unknown_measure,
    write_matches,
)
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library, open_library
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.progress import tracked
from policy_match.workflows.read_records import View
from policy_match.workflows.show_match import TABLE_HEADER, match_data, table_row


def match_library(
    archive: Archive,
    name: str,
    view: View,
    *,
    measures: Sequence[str] | None,
    verdicts: Sequence[str] | None,
    out: Path | None,
    form: str | None,
) -> Library:
    """Match every subject of a library and write the lines, by subject and measure id; gives the library back.

    UsageError for an unknown measure (with the nearest ids), verdict or format. The output file appears whole or not
    at all.
    """
    form, wanted = chosen_form(form, out, FORMS), known_verdicts(verdicts)
    if out is not None:
        check_place(out, out)
    library = _opened(archive, name, view)
    matching = library.matching
    ids = known_measures(measures, matching.rulebook)
    rows = tracked(range(len(matching.subjects)), len(matching.subjects), "匹配")
    found = (matching.of(row, ids, wanted) for row in rows)
    if form == "table":
        head = f"{_title(library)}\n".encode()
        write_lines((head, *(line for matches in found for line in screen_lines(matching.in_order(matches)))), out)
    else:
        write_matches((match for matches in found for match in matches), view.as_of, out, form, library.release)
    return library


def explain_match(archive: Archive, name: str, view: View, pair: tuple[str, str], *, form: str) -> None:
    """Print one subject and one measure with every reason, for people or as one match line.

    NotFound SUBJECT_UNKNOWN or UsageError MEASURE_UNKNOWN with the nearest ids; UsageError for an unknown format.
    """
    form, (code, measure) = chosen_form(form, None, ("table", "json")), pair
    library = _opened(archive, name, view)
    matching = library.matching
    row = library.rows.get(code)
    if row is None:
        near = "、".join(found for found, _, _ in process.extract(code[:60], library.rows.keys(), limit=3))
        what = f"{library.title}中没有编号为“{code[:60]}”的项目或企业"
        raise NotFound(Issue("SUBJECT_UNKNOWN", what, "项目", near, "检查编号，或用 project list 查找"))
    if measure not in matching.rulebook.ids:
        raise unknown_measure(measure, matching.rulebook.ids, "措施")
    match = matching.match(matching.decision(measure), row, all_reasons=True)
    if form == "json":
        write_lines([orjson.dumps(match_data(match, view.as_of, library.release)) + b"\n"], None)
        return
    told = zip(TABLE_HEADER, table_row(match), strict=True)
    lines = (f"{label}：{cell}".replace("\n", "\n  ") for label, cell in told if cell)
    write_lines((f"{line}\n".encode() for line in (_title(library), *lines)), None)


def _opened(archive: Archive, name: str, view: View) -> Library:
    with archive.database.reading() as session:
        return open_library(session, archive, name, view, ordering=open_ordering(archive.rules))


def _title(library: Library) -> str:
    day = library.matching.as_of
    return f"{shown_library(library.name)}，以 {day} 为准，规则版本 {library.release[:SHORT]}"
