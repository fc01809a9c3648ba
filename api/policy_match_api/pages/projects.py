"""Project list, project page, the page of one match, and its Excel file; /projects is real, /demo is 示范数据."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.access.permissions import Reach
from policy_match.errors import Issue, NotFound
from policy_match.exchange.tables import write_xlsx
from policy_match.facts.cells import Cause
from policy_match.facts.subjects import Kind
from policy_match.workflows.choose_finance import GROUPING_NOTE
from policy_match.workflows.find_words import ids_also_named
from policy_match.workflows.hint_tracks import track_hints
from policy_match.workflows.library_names import DEMO, INVENTED, REAL
from policy_match.workflows.list_projects import (
    FILTERS,
    KIND_NAMES,
    SORTS,
    Line,
    Wanted,
    chosen,
    line_of,
    listing_of,
)
from policy_match.workflows.match import Match
from policy_match.workflows.note_export import note_export
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.read_records import View
from policy_match.workflows.see_library import bundle_seen, merged_seen
from policy_match.workflows.show_benefit import benefit_lines, services_of, stacking_lines
from policy_match.workflows.show_bundle import UNPROVED, total_text
from policy_match.workflows.show_match import TABLE_HEADER, score_text, table_row
from policy_match.workflows.show_measure import clause_lines, requirements_of
from policy_match.workflows.show_project import Marking, fact_lines, marking_of, show_project
from policy_match.workflows.show_record import show_record
from policy_match.workflows.suggest_industry import sentences_of
from policy_match.workflows.write_entry import said
from policy_match_api.pages.render import page
from policy_match_api.params import count_of, day_of, library_of, match_of, row_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
PAGE_SIZE = 50
# A page stays under 100 KB: every measure takes two lines, every fact one, and the reasons that this many lines (of
# 250 bytes or so) leave room for stand on the page of the project; the others are a click away, on the page of the match.
LINES = 380
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BASES = {REAL: "/projects", DEMO: "/demo"}
# How many measures stand in each of the columns side by side.
BESIDE = 4
# Where on the page the measures of a verdict stand.
PLACES = {"eligible": "eligible", "needs_human": "human", "unknown": "unknown"}


@router.get("/projects")
def list_real(request: Request, state: Seen = Depends(seen)) -> Response:
    """The real projects."""
    return _list(request, state, library_of(state.today(), REAL))


@router.get("/demo")
def list_demo(request: Request, state: Seen = Depends(seen)) -> Response:
    """The demonstration subjects."""
    return _list(request, state, library_of(state.today(), DEMO))


@router.get("/projects/{project_id}/matches.xlsx")
def export_real(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The matches of a real project for Excel."""
    return _export(request, state, REAL, project_id)


@router.get("/demo/{project_id}/matches.xlsx")
def export_demo(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """The matches of a demonstration subject for Excel."""
    return _export(request, state, DEMO, project_id)


@router.get("/projects/{project_id}")
def show_real(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """One real project."""
    return _show(request, state, REAL, project_id)


@router.get("/demo/{project_id}")
def show_demo(request: Request, project_id: str, state: Seen = Depends(seen)) -> Response:
    """One demonstration subject."""
    return _show(request, state, DEMO, project_id)


@router.get("/projects/{project_id}/{measure_id}")
def match_real(request: Request, project_id: str, measure_id: str, state: Seen = Depends(seen)) -> Response:
    """One real project and one measure."""
    return _match(request, state, REAL, project_id, measure_id)


@router.get("/demo/{project_id}/{measure_id}")
def match_demo(request: Request, project_id: str, measure_id: str, state: Seen = Depends(seen)) -> Response:
    """One demonstration subject and one measure."""
    return _match(request, state, DEMO, project_id, measure_id)


def head_of(library: Library) -> dict[str, object]:
    """What every page of a library needs: the library, where its pages stand, and the day."""
    return {"library": library, "base": BASES[library.name], "as_of": library.matching.as_of, "demo_note": INVENTED}


def _list(request: Request, state: Seen, library: Library) -> Response:
    given = _given(request)
    listing = listing_of(library)
    lines, options = listing.lines, listing.options
    found = lines_asked(request, state, library)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    number = count_of(given["page"], "page", 1, 1, 10**6)
    shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    if number > pages:
        raise NotFound(Issue("NOT_FOUND", f"没有第 {number} 页，共 {pages} 页", "page", "", "回到第一页"))
    return page(
        request,
        "projects.html",
        {
            **head_of(library),
            "lines": shown,
            "total": len(found),
            "every": len(lines),
            "options": options,
            "given": given,
            "sorts": SORTS,
            "kind_names": KIND_NAMES,
            "sees_matches": state.may("matches") is not None,
            "sees_export": state.viewer.actor and state.may("export") is not None,
            "number": number,
            "pages": pages,
            "first": (number - 1) * PAGE_SIZE + 1,
        },
    )


def lines_asked(request: Request, state: Seen, library: Library) -> Sequence[Line]:
    """The subjects of a library that the filters of the address leave, in the order that it asks for."""
    listing = listing_of(library)
    return chosen(listing.lines, _wanted(state, library, _given(request)), listing.options)


def _given(request: Request) -> dict[str, str | None]:
    return {name: request.query_params.get(name) or None for name in (*FILTERS, "q", "sort", "page")}


def _wanted(state: Seen, library: Library, given: Mapping[str, str | None]) -> Wanted:
    view = View.of(library.matching.as_of, None, state.now)
    named = ids_also_named(state.archive, library.name, given["q"], view)
    filters = {name: given[name] for name in FILTERS}
    return Wanted(**filters, text=given["q"], sort=given["sort"] or "id", named=named)


def on_day(request: Request, state: Seen, name: str) -> Library:
    """A library on the day that the address asks for, today without one."""
    return library_of(state.on(day_of(request.query_params.get("as_of"), state.day)), name)


def _show(request: Request, state: Seen, name: str, project_id: str) -> Response:
    library = on_day(request, state, name)
    matching = library.matching
    view = View.of(matching.as_of, None, state.now)
    if project_id not in library.rows and (merged := merged_seen(library, state.archive, project_id, view)):
        return page(request, "merged.html", {**head_of(library), "seen": merged, "today": state.day})
    row = row_of(library, project_id)
    if state.may("matches") is None and matching.subjects[row].kind is Kind.PROJECT:
        found = show_record(state.archive, name, project_id, view, matching.veil)
        return page(request, "record_only.html", {**head_of(library), "seen": found, "today": state.day})
    state.require("matches")
    shown = show_project(matching, row)
    seen = (
        show_record(state.archive, name, project_id, view, matching.veil)
        if shown.subject.kind is Kind.PROJECT
        else None
    )
    open_ = (*shown.eligible, *shown.needs_human, *shown.near, *shown.unknown)
    return page(
        request,
        "project.html",
        {
            **head_of(library),
            "shown": shown,
            "seen": seen,
            "disputes": {} if seen is None else {fact.name: fact.others for fact in seen.facts if fact.others},
            "today": state.day,
            "line": line_of(library, row),
            "kind_names": KIND_NAMES,
            "full": in_full(
                open_, LINES - 2 * len((*open_, *shown.rest)) - len(shown.facts) - len(shown.columns) * BESIDE
            ),
            "bundle": bundle_seen(library, row),
            "total_text": total_text,
            "unproved": UNPROVED,
            "beside": BESIDE,
            "tally": tally,
            "places": PLACES,
            "suggested": state.service.suggestion(shown.subject),
            "industries": matching.rulebook.vocabulary.industries,
            "tracks": track_hints(shown.subject, matching.rulebook.vocabulary),
            "grouping_note": GROUPING_NOTE,
            "facts": {fact.name: fact for fact in shown.facts},
            "markings": {match.rule.id: marking_of(match) for match in (*open_, *shown.rest)},
            "titles": {i: matching.rulebook.at(i, matching.as_of).measure.title for i in matching.rulebook.ids},
            "vocabulary": matching.rulebook.vocabulary,
        },
    )


def in_full(matches: Iterable[Match], room: int) -> frozenset[str]:
    """The first measures whose reasons fit into `room` lines: theirs are all shown on the project page."""
    full: list[str] = []
    for match in matches:
        room -= 2 + len(match.reasons) + len(services_of(match.rule.measure))
        if room < 0:
            break
        full.append(match.rule.id)
    return frozenset(full)


def tally(match: Match, marking: Marking) -> list[tuple[str, int]]:
    """How many conditions of a match have each answer, as words."""
    return Counter(marking.mark(reason)[1] for reason in match.reasons).most_common()


def require_export(request: Request, state: Seen) -> None:
    """Refuse whoever may not take matches away, or does not say why; whoever is known leaves a note of it."""
    state.require("matches")
    if state.require("export") is not Reach.PUBLIC:
        reason = said(request.query_params.get("reason", ""), "导出原因", "reason", longest=200)
        note_export(state.archive, state.viewer.actor, request.url.path, reason, state.now)


def _match(request: Request, state: Seen, name: str, project_id: str, measure_id: str) -> Response:
    state.require("matches")
    library = on_day(request, state, name)
    return page(request, "match.html", match_context(state, library, row_of(library, project_id), measure_id))


def match_context(state: Seen, library: Library, row: int, measure_id: str) -> dict[str, object]:
    """What the page of one match shows; NotFound for a measure that the subject is not matched with."""
    matching = library.matching
    match = match_of(matching, row, measure_id)
    clauses = clause_lines(match.rule, matching.rulebook)
    placed = {name for clause in clauses for name in clause.conditions}
    return {
        **head_of(library),
        "match": match,
        "score": score_text(match.score),
        "subject": match.subject,
        "line": line_of(library, row),
        "kind_names": KIND_NAMES,
        "clauses": clauses,
        "reasons": {reason.condition: reason for reason in match.reasons},
        "others": [r for r in match.reasons if r.condition not in placed and r.condition in match.rule.conditions],
        "requirements": requirements_of(match.rule, matching.rulebook),
        "near": near_sentences(state, match),
        "marking": marking_of(match),
        "benefit": benefit_lines(match.rule, matching.rulebook),
        "stacking": stacking_lines(match.rule, matching.rulebook),
        "facts": {line.name: line for line in fact_lines(matching, row)},
        "vocabulary": matching.rulebook.vocabulary,
    }


def near_sentences(state: Seen, match: Match) -> dict[str, tuple[str, ...]]:
    """For each condition left to people, what the project says that is nearest to it: a place to look, no answer."""
    sentences = sentences_of(match.subject)
    return {
        reason.condition: near
        for reason in match.reasons
        if reason.cause is Cause.HUMAN and (near := state.service.nearest(reason.text, sentences))
    }


def _export(request: Request, state: Seen, name: str, project_id: str) -> Response:
    library = on_day(request, state, name)
    row = row_of(library, project_id)
    require_export(request, state)
    matching = library.matching
    day = matching.as_of.isoformat()
    note = f"{INVENTED if library.is_demo else library.title}；以 {day} 为准"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "matches.xlsx"
        write_xlsx(path, TABLE_HEADER, map(table_row, matching.of(row)), title="匹配结果", note=note)
        body = path.read_bytes()
    name = f"{library.name}-{row + 1}-{day}.xlsx"
    return Response(body, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})
