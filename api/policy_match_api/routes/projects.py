"""GET /projects, /projects/{id} and /projects/{id}/matches; one library at a time."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Depends

from policy_match.eligibility.rulebook import Rulebook
from policy_match.workflows.ask import questions
from policy_match.workflows.choose_finance import GROUPING_NOTE, FinanceChoice, choose_finance
from policy_match.workflows.find_words import ids_by_words
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_facts import plain_value
from policy_match.workflows.list_projects import Line, Wanted, chosen, line_of, lines_of, options_of
from policy_match.workflows.match import Matching
from policy_match.workflows.match_file import known_verdicts
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.plan_ahead import roadmap_of
from policy_match.workflows.read_records import View
from policy_match.workflows.show_match import Plain, amount_data, match_data, score_data
from policy_match.workflows.show_project import fact_lines
from policy_match.workflows.show_roadmap import roadmap_data
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of, day_of, flag_of, found_in, library_of, list_of
from policy_match_api.routes.answers import PROBLEM, Matches, SubjectAnswer, Subjects
from policy_match_api.routes.roadmap_answers import RoadmapAnswer
from policy_match_api.state import Opened, opened

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
    state: Opened = Depends(opened),
) -> JsonAnswer:
    """Subjects of one library: `library=real` (default) or `demo`.

    `q`: part of id, name or enterprise; `words`: all of these words, wherever they stand in names (former ones too),
    建设内容 and 主要产品 as they are today.
    """
    libraries = state.on(day_of(as_of, state.settings.today()))
    held = library_of(libraries, library)
    lines = lines_of(held)
    wanted = Wanted(district, stage, tier, industry, kind, q, sort)
    found = chosen(lines, wanted, options_of(lines, held))
    if words is not None:
        named = ids_by_words(state.archive, held.name, words, View.of(libraries.as_of, None, state.settings.instant()))
        found = tuple(line for line in found if line.subject.id in named)
    first, most = count_of(offset, "offset", 0, 0, 10**6), count_of(limit, "limit", MOST, 1, MOST)
    shown: list[Plain] = [subject_line(line) for line in found[first : first + most]]
    return JsonAnswer({**_head(held), "total": len(found), "projects": shown})


@router.get(
    "/projects/{project_id}",
    response_model=SubjectAnswer,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一个项目的事实、先问什么和每组首选的融资",
)
def show_project(
    project_id: str, library: str | None = None, as_of: str | None = None, state: Opened = Depends(opened)
) -> JsonAnswer:
    """Facts of one subject with source and day, what to find out first, and the best finance option of each group."""
    libraries = state.on(day_of(as_of, state.settings.today()))
    held, row = found_in(libraries, project_id, library)
    matching = held.matching
    asked: list[Plain] = [
        {
            "fact": question.fact,
            "label": question.label,
            "from": list(question.registers),
            "decides": list(question.decides),
            "low_fen": question.low_fen,
            "high_fen": question.high_fen,
        }
        for question in questions(matching, row)
    ]
    facts = facts_data(matching, row, libraries.rulebook)
    # Only the finance measures are explained: the other answers are not asked for here.
    members = [found for found in matching.decisions(row) if found.rule.measure.finance_group is not None]
    groups = finance_data(choose_finance(matching.match(found, row) for found in members))
    finance: Plain = {"note": GROUPING_NOTE, "groups": groups}
    return JsonAnswer(
        {**_head(held), **subject_line(line_of(held, row)), "facts": facts, "questions": asked, "finance": finance}
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
    state: Opened = Depends(opened),
) -> JsonAnswer:
    """The match lines of one subject, by measure id."""
    wanted, every = known_verdicts(list_of(verdicts)), flag_of(all_reasons, "all_reasons")
    libraries = state.on(day_of(as_of, state.settings.today()))
    held, row = found_in(libraries, project_id, library)
    lines = held.matching.of(row, None, wanted, all_reasons=every)
    matches: list[Plain] = [match_data(match, libraries.as_of, held.release) for match in lines]
    return JsonAnswer({**_head(held), "subject": held.matching.subjects[row].id, "matches": matches})


@router.get(
    "/projects/{project_id}/roadmap",
    response_model=RoadmapAnswer,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一个项目以后各跟踪点的匹配（测算）",
)
def show_roadmap(
    project_id: str, as_of: str | None = None, library: str | None = None, state: Opened = Depends(opened)
) -> JsonAnswer:
    """What opens, closes or changes at each later point of a project, by its planned days; an estimate, no decision."""
    libraries = state.on(day_of(as_of, state.settings.today()))
    held, _ = found_in(libraries, project_id, library)
    view = View.of(libraries.as_of, None, state.settings.instant())
    found = roadmap_of(project_id, state.archive, held, view)
    return JsonAnswer(roadmap_data(found, library=held.name, release=held.release))


def _head(library: Library) -> dict[str, Plain]:
    return {"library": library.name, "demo": library.is_demo, "as_of": library.matching.as_of.isoformat()}


def subject_line(line: Line) -> dict[str, Plain]:
    """One subject in the list."""
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
        "eligible": line.eligible,
        "unknown": line.unknown,
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
            "value": plain_value(rulebook.vocabulary[line.name], value),
            "text": line.text,
            "source": line.source,
            "reading": line.is_reading,
            "observed_on": None if line.observed_on is None else line.observed_on.isoformat(),
            "derived": line.derived,
            "set_aside": line.set_aside or None,
        }
    return facts
