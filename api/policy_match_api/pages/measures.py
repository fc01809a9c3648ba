"""Measure list and measure page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.stops import Stop
from policy_match.entitlement.checklist import checklist
from policy_match.errors import Issue, UsageError
from policy_match.workflows.list_stops import list_stops, place_of, state_of
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.read_records import View
from policy_match.workflows.show_benefit import KIND_NAMES, benefit_lines, stacking_lines
from policy_match.workflows.show_checklist import MARKS, answer_text, conclusion
from policy_match.workflows.show_measure import (
    LEVEL_NAMES,
    MODE_NAMES,
    TARGET_NAMES,
    case_facts,
    clause_lines,
    logic_of,
    requirements_of,
)
from policy_match_api.pages.projects import BASES
from policy_match_api.pages.render import page
from policy_match_api.params import rule_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
FILTERS = ("level", "family", "mode", "target")


@dataclass(frozen=True, slots=True)
class Tally:
    """How one measure stands in one library; the libraries are never added up."""

    library: Library
    base: str
    eligible: tuple[str, ...]
    open: int
    other: int


@router.get("/measures")
def list_measures(request: Request, state: Seen = Depends(seen)) -> Response:
    """Every measure in the version of the day, by level and title."""
    libraries = state.today()
    rulebook = libraries.rulebook
    rules = [rulebook.at(measure_id, libraries.as_of) for measure_id in rulebook.ids]
    given = {name: request.query_params.get(name) or None for name in (*FILTERS, "q")}
    options = {name: dict(sorted(Counter(_part(rule, name) for rule in rules).items())) for name in FILTERS}
    for name in FILTERS:
        if given[name] is not None and given[name] not in options[name]:
            what = f"没有“{str(given[name])[:40]}”这一类"
            raise UsageError(Issue("PARAM_VALUE", what, name, "、".join(options[name]), "从列出的选项中选"))
    found = [rule for rule in rules if all(given[name] in (None, _part(rule, name)) for name in FILTERS)]
    text = (given["q"] or "").strip().lower()
    found = [rule for rule in found if not text or text in f"{rule.measure.title}{rule.document.shown_number}".lower()]
    levels = list(LEVEL_NAMES)
    found.sort(key=lambda rule: (levels.index(rule.level), rule.measure.family, rule.measure.title, rule.id))
    names = {"level": LEVEL_NAMES, "mode": MODE_NAMES, "target": TARGET_NAMES, "family": {}}
    return page(
        request,
        "measures.html",
        {
            "as_of": libraries.as_of,
            "rules": found,
            "every": len(rules),
            "options": options,
            "names": names,
            "given": given,
        },
    )


def _part(rule: Rule, name: str) -> str:
    measure = rule.measure
    return {"level": rule.level, "family": measure.family, "mode": measure.mode, "target": measure.target}[name]


@router.get("/measures/{measure_id}")
def show_measure(request: Request, measure_id: str, state: Seen = Depends(seen)) -> Response:
    """One version of a measure; `?version=` shows another one."""
    libraries = state.today()
    rulebook = libraries.rulebook
    rule = rule_of(rulebook, measure_id, libraries.as_of, request.query_params.get("version"))
    is_today = rule is rulebook.at(measure_id, libraries.as_of)
    measure = rule.measure
    return page(
        request,
        "measure.html",
        {
            "as_of": libraries.as_of,
            "rule": rule,
            "measure": measure,
            "lists": rulebook.vocabulary.taxonomies,
            "versions": rulebook.versions(measure_id),
            "clauses": clause_lines(rule, rulebook),
            "requirements": requirements_of(rule, rulebook),
            "logic": logic_of(rule, rulebook),
            "benefit": benefit_lines(rule, rulebook),
            "benefit_kinds": KIND_NAMES,
            "stacking": stacking_lines(rule, rulebook),
            "cases": [(case, case_facts(case, rulebook.vocabulary)) for case in measure.cases],
            "ten": ten_questions(rule, rulebook),
            "stops": stops_of(state, measure_id),
            "tallies": [tally_of(library, measure_id) for library in libraries.every] if is_today else [],
        },
    )


def ten_questions(rule: Rule, rulebook: Rulebook) -> tuple[list[tuple[str, str, str, str]], str]:
    """Mark, code, question and reason of the ten answers, and what follows; nothing for a measure of another mode."""
    if rule.measure.mode != "msjx":
        return [], ""
    answers = checklist(rule, rulebook.vocabulary)
    lines = [(MARKS[one.holds], one.code, one.question, answer_text(one)) for one in answers]
    return lines, conclusion(rule, answers)


def stops_of(state: Seen, measure_id: str) -> list[tuple[Stop, str, str]]:
    """Every stop of a measure with its state today and where it counts, the newest first."""
    view = View.of(state.day, None, state.now)
    found = list_stops(state.archive, view, measure_id)
    return [(stop, state_of(stop, view), place_of(stop)) for stop in reversed(found)]


def tally_of(library: Library, measure_id: str) -> Tally:
    """How the subjects of one library stand with one measure today."""
    decision = library.matching.decision(measure_id)
    ids = [
        (subject.id, verdict)
        for subject, verdict in zip(library.matching.subjects, decision.verdicts, strict=True)
        if (subject.kind.value == "person") == (decision.rule.measure.target == "person")
    ]
    counts = Counter(verdict for _, verdict in ids)
    open_ = counts[Verdict.UNKNOWN] + counts[Verdict.NEEDS_HUMAN]
    eligible = tuple(key for key, verdict in ids if verdict is Verdict.ELIGIBLE)
    return Tally(library, BASES[library.name], eligible, open_, len(ids) - open_ - len(eligible))
