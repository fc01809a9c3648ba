"""GET /projects, /projects/{id} and /projects/{id}/matches; one library at a time."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Depends

from policy_match.eligibility.ask import Question
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.facts.subjects import Kind
from policy_match.store import subjects
from policy_match.workflows.ask import question_data, questions
from policy_match.workflows.choose_finance import GROUPING_NOTE, FinanceChoice, choose_finance
from policy_match.workflows.find_words import ids_by_words
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_facts import plain_value
from policy_match.workflows.list_projects import Line, Wanted, chosen, line_of, listing_of
from policy_match.workflows.match import Matching
from policy_match.workflows.match_file import known_verdicts
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.plan_ahead import roadmap_of
from policy_match.workflows.read_records import View
from policy_match.workflows.show_match import Plain, amount_data, match_data, score_data
from policy_match.workflows.show_project import fact_lines
from policy_match.workflows.show_record import show_record
from policy_match.workflows.show_roadmap import roadmap_data
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of, day_of, flag_of, found_in, list_of, match_of
from policy_match_api.routes.answers import (
    PROBLEM,
    EventsAnswer,
    ExplainAnswer,
    Matches,
    QuestionsAnswer,
    SubjectAnswer,
    Subjects,
)
from policy_match_api.routes.roadmap_answers import RoadmapAnswer
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["项目"])
MOST = 1000


@router.get("/projects", response_model=Subjects, responses={400: PROBLEM, 404: PROBLEM}, summary="项目与企业")
def list_projects(
    library: str = REAL,
    district: str | None = None,
    stage: str | None = None,
    tier: str | None = None,
    industry: str | None = None,
    kind: str | None = None,
    q: str | None = None,
    words: str | None = None,
    sort: str = "id",
    limit: str | None = None,
    offset: str | None = None,
    as_of: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """Subjects of one library: `library=real` (default) or `demo`.

    `q`: part of id, name or enterprise; `words`: all of these words, wherever they stand in names (former ones too),
    建设内容 and 主要产品 as they are today.
    """
    held = state.library(library, day_of(as_of, state.day))
    listing = listing_of(held)
    wanted = Wanted(district, stage, tier, industry, kind, q, sort)
    found = chosen(listing.lines, wanted, listing.options)
    if words is not None:
        named = ids_by_words(state.archive, held.name, words, View.of(held.matching.as_of, None, state.now))
        found = tuple(line for line in found if line.subject.id in named)
    first, most = count_of(offset, "offset", 0, 0, 10**6), count_of(limit, "limit", MOST, 1, MOST)
    sees = state.may("matches") is not None
    shown: list[Plain] = [subject_line(line, sees_matches=sees) for line in found[first : first + most]]
    return JsonAnswer({**_head(held), "total": len(found), "projects": shown})


@router.get(
    "/projects/{project_id}",
    response_model=SubjectAnswer,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一个项目的事实、先问什么和每组首选的融资",
)
def show_project(
    project_id: str, library: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """Facts of one subject with source and day, what to find out first, and the best finance option of each group."""
    libraries = state.on(day_of(as_of, state.day))
    held, row = found_in(libraries, project_id, library)
    matching = held.matching
    sees = state.may("matches") is not None
    facts = facts_data(matching, row, libraries.rulebook)
    version = version_of(state, held, project_id)
    body: dict[str, Plain] = {
        **_head(held),
        **subject_line(line_of(held, row), sees_matches=sees),
        "row_version": version,
        "facts": facts,
        "questions": questions_data(questions(matching, row)) if sees else None,
        "finance": finance_of(matching, row) if sees else None,
    }
    return JsonAnswer(body, row_version=version)


def version_of(state: Seen, held: Library, project_id: str) -> int | None:
    """The row version of a project; None for another subject."""
    with state.archive.database.reading() as session:
        found = subjects.by_code(session, held.name, project_id)
    return found.row_version if found is not None and found.kind == Kind.PROJECT.value else None


def questions_data(asked: Iterable[Question]) -> list[Plain]:
    """What to find out, as the lines of `ask` say it."""
    return [question_data(question) for question in asked]


def finance_of(matching: Matching, row: int) -> Plain:
    """The best option of each finance group: only the finance measures are explained, the others are not asked for."""
    members = [found for found in matching.decisions(row) if found.rule.measure.finance_group is not None]
    groups = finance_data(choose_finance(matching.match(found, row) for found in members))
    return {"note": GROUPING_NOTE, "groups": groups}


@router.get(
    "/projects/{project_id}/events",
    response_model=EventsAnswer,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一个项目的时间线",
)
def list_events(
    project_id: str, library: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """What happened to a project until a day, in the order of the days; corrected entries as they now stand."""
    libraries = state.on(day_of(as_of, state.day))
    held, row = found_in(libraries, project_id, library)
    only_projects(held, row)
    view = View.of(libraries.as_of, None, state.now)
    shown = show_record(state.archive, held.name, project_id, view, held.matching.veil)
    events: list[Plain] = [
        {
            "id": entry.id,
            "on": entry.on.isoformat(),
            "what": entry.text,
            "source": entry.source,
            "recorded_on": None if entry.recorded_on is None else entry.recorded_on.isoformat(),
            "evidence": entry.evidence,
            "reason": entry.reason,
        }
        for entry in shown.timeline
    ]
    version = version_of(state, held, project_id)
    body: dict[str, Plain] = {**_head(held), "subject": project_id, "row_version": version, "events": events}
    return JsonAnswer(body, row_version=version)


def only_projects(held: Library, row: int) -> None:
    """Refuse what has no life of its own; UsageError SUBJECT_KIND."""
    subject = held.matching.subjects[row]
    if subject.kind is not Kind.PROJECT:
        raise UsageError(
            Issue("SUBJECT_KIND", f"“{subject.id}”不是项目，没有时间线", "project_id", "项目", "从项目列表进入")
        )


@router.get(
    "/projects/{project_id}/matches",
    response_model=Matches,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一个项目与各项措施的匹配",
)
def show_matches(
    project_id: str,
    verdicts: str | None = None,
    all_reasons: str | None = None,
    as_of: str | None = None,
    library: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """The match lines of one subject, by measure id."""
    state.require("matches")
    wanted, every = known_verdicts(list_of(verdicts)), flag_of(all_reasons, "all_reasons")
    libraries = state.on(day_of(as_of, state.day))
    held, row = found_in(libraries, project_id, library)
    lines = held.matching.of(row, None, wanted, all_reasons=every)
    matches: list[Plain] = [match_data(match, libraries.as_of, held.release) for match in lines]
    return JsonAnswer({**_head(held), "subject": held.matching.subjects[row].id, "matches": matches})


@router.get(
    "/projects/{project_id}/matches/{measure_id}",
    response_model=ExplainAnswer,
    responses={400: PROBLEM, 403: PROBLEM, 404: PROBLEM},
    summary="一个项目与一项措施：逐条理由",
)
def explain_match(
    project_id: str, measure_id: str, as_of: str | None = None, library: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """One pair with every reason, also those that did not decide."""
    state.require("matches")
    held, row = found_in(state.on(day_of(as_of, state.day)), project_id, library)
    found = match_of(held.matching, row, measure_id)
    return JsonAnswer({**_head(held), "match": match_data(found, held.matching.as_of, held.release)})


@router.get(
    "/projects/{project_id}/ask",
    response_model=QuestionsAnswer,
    responses={400: PROBLEM, 403: PROBLEM, 404: PROBLEM},
    summary="一个项目先了解什么",
)
def ask_project(
    project_id: str, as_of: str | None = None, library: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """The facts to find out first about one subject, and what each would decide."""
    state.require("matches")
    held, row = found_in(state.on(day_of(as_of, state.day)), project_id, library)
    asked = questions_data(questions(held.matching, row))
    return JsonAnswer({**_head(held), "subject": project_id, "questions": asked})


@router.get(
    "/projects/{project_id}/roadmap",
    response_model=RoadmapAnswer,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一个项目以后各跟踪点的匹配（测算）",
)
def show_roadmap(
    project_id: str, as_of: str | None = None, library: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """What opens, closes or changes at each later point of a project, by its planned days; an estimate, no decision."""
    state.require("matches")
    libraries = state.on(day_of(as_of, state.day))
    held, _ = found_in(libraries, project_id, library)
    view = View.of(libraries.as_of, None, state.now)
    found = roadmap_of(project_id, state.archive, held, view)
    return JsonAnswer(roadmap_data(found, library=held.name, release=held.release))


def _head(library: Library) -> dict[str, Plain]:
    return {"library": library.name, "demo": library.is_demo, "as_of": library.matching.as_of.isoformat()}


def subject_line(line: Line, *, sees_matches: bool) -> dict[str, Plain]:
    """One subject in the list; its counts are null for whoever may not see matches."""
    return {
        "id": line.subject.id,
        "name": line.subject.name,
        "enterprise_name": line.subject.enterprise_name,
        "kind": line.kind,
        "district": line.district,
        "stage": line.stage,
        "tier": line.tier,
        "total_investment": line.investment_text or None,
        "industry": line.industry,
        "eligible": line.eligible if sees_matches else None,
        "unknown": line.unknown if sees_matches else None,
    }


def finance_data(choices: Iterable[FinanceChoice]) -> list[Plain]:
    """The best option of each group, and how many more there are."""
    groups: list[Plain] = []
    for choice in choices:
        best: Plain = None
        if choice.best is not None:
            measure = choice.best.rule.measure
            best = {
                "measure": measure.id,
                "version": measure.version,
                "title": measure.title,
                "verdict": choice.best.verdict.value,
                "amount": amount_data(choice.best.amount),
                "score": score_data(choice.best.score),
            }
        further: dict[str, Plain] = {"eligible": 0, "needs_human": 0, "unknown": 0}
        further |= {verdict.value: count for verdict, count in choice.further}
        groups.append({"group": choice.group, "best": best, "further": further, "ruled_out": choice.ruled_out})
    return groups


def facts_data(matching: Matching, row: int, rulebook: Rulebook) -> dict[str, Plain]:
    """Given and derived facts by name; the value of a fact set aside is null, its text is what was last seen."""
    facts: dict[str, Plain] = {}
    for line in fact_lines(matching, row):
        value = matching.table.cell(row, line.name).value
        facts[line.name] = {
            "label": line.label,
            "value": plain_value(rulebook.vocabulary[line.name], matching.seen_value(line.name, value)),
            "text": line.text,
            "source": line.source,
            "reading": line.is_reading,
            "observed_on": None if line.observed_on is None else line.observed_on.isoformat(),
            "derived": line.derived,
            "set_aside": line.set_aside or None,
        }
    return facts
