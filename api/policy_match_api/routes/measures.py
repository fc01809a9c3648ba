"""GET /measures and /measures/{id}."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Depends

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.workflows.show_benefit import benefit_lines, services_of, stacking_lines, unit_text
from policy_match.workflows.show_match import Plain, window_data
from policy_match.workflows.show_measure import (
    Branch,
    clause_lines,
    effective_text,
    logic_of,
    requirements_of,
    to_check,
)
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import day_of, rule_of
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.routes.measure_answers import MeasureAnswer, Measures
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["措施"])


@router.get("/measures", response_model=Measures, responses={400: PROBLEM}, summary="措施目录")
def list_measures(
    as_of: str | None = None,
    family: str | None = None,
    level: str | None = None,
    target: str | None = None,
    state: Seen = Depends(seen),
) -> JsonAnswer:
    """Every measure in the version of the day, by id."""
    libraries = state.today()
    day = day_of(as_of, libraries.as_of)
    rulebook = libraries.rulebook
    rules = [rulebook.at(measure_id, day) for measure_id in rulebook.ids]
    for name, value in (("family", family), ("level", level), ("target", target)):
        known = sorted({_part(rule, name) for rule in rules})
        if value is not None and value not in known:
            raise UsageError(Issue("PARAM_VALUE", f"没有“{value[:40]}”这一类", name, "、".join(known), "改用其一"))
        rules = [rule for rule in rules if value in (None, _part(rule, name))]
    lines: list[Plain] = [measure_line(rule, rulebook, day) for rule in rules]
    return JsonAnswer({"as_of": day.isoformat(), "total": len(lines), "measures": lines})


def _part(rule: Rule, name: str) -> str:
    return {"family": rule.measure.family, "level": rule.level, "target": rule.measure.target}[name]


@router.get(
    "/measures/{measure_id}", response_model=MeasureAnswer, responses={400: PROBLEM, 404: PROBLEM}, summary="一项措施"
)
def show_measure(
    measure_id: str, version: str | None = None, as_of: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """One version of a measure: clauses, conditions, benefit; without `version` the one of the day."""
    libraries = state.today()
    day = day_of(as_of, libraries.as_of)
    rule = rule_of(libraries.rulebook, measure_id, day, version)
    return JsonAnswer(measure_data(rule, libraries.rulebook, day))


def measure_line(rule: Rule, rulebook: Rulebook, day: date) -> dict[str, Plain]:
    """One measure in the list."""
    measure, document = rule.measure, rule.document
    return {
        "id": measure.id,
        "version": measure.version,
        "title": measure.title,
        "status": measure.status,
        "family": measure.family,
        "finance_group": measure.finance_group,
        "mode": measure.mode,
        "target": measure.target,
        "level": rule.level,
        "topics": list(measure.topics),
        "document": {
            "id": document.id,
            "title": document.title,
            "number": document.number,
            "issuers": None if document.issuers is None else list(document.issuers),
            "official_url": document.official_url,
        },
        "owner_unit": measure.owner_unit,
        "effective_text": effective_text(rule),
        "in_force": rule.in_force(day),
        "window": window_data(rule, day),
        "verified": {"conditions": measure.verified.conditions, "benefit": measure.verified.benefit},
        "to_check": list(to_check(measure)),
        "versions": [found.measure.version for found in rulebook.versions(measure.id)],
    }


def measure_data(rule: Rule, rulebook: Rulebook, day: date) -> dict[str, Plain]:
    """One version in full."""
    measure = rule.measure
    conditions: list[Plain] = [
        {
            "name": name,
            "kind": found.kind,
            "fact": rule.conditions[name].fact,
            "label": found.label,
            "needs": [{"when": when, "need": need} for when, need in found.needs],
            "from": list(found.registers),
            "can_change": rule.conditions[name].can_change,
        }
        for name, found in requirements_of(rule, rulebook).items()
    ]
    clauses: list[Plain] = [
        {
            "article": line.article,
            "says": line.says,
            "conditions": list(line.conditions),
            "parts": list(line.parts),
            "none": line.none or None,
        }
        for line in clause_lines(rule, rulebook)
    ]
    benefit: list[Plain] = [
        {"when": line.when, "how": line.how, "depth": line.depth} for line in benefit_lines(rule, rulebook)
    ]
    paid: list[Plain] = [{"year": each.year, "says": each.says, "source": each.source} for each in measure.paid_history]
    return {
        **measure_line(rule, rulebook, day),
        "clauses": clauses,
        "conditions": conditions,
        "logic": logic_data(logic_of(rule, rulebook)),
        "benefit_kind": None if measure.benefit is None else measure.benefit.kind,
        "benefit": benefit,
        "services": services_data(rule),
        "paid_history": paid,
        "stacking": list(stacking_lines(rule, rulebook)),
        "contact": measure.how_to.contact,
        "portal": measure.how_to.portal,
        "materials": list(measure.how_to.materials),
        "reviewed_on": measure.reviewed_on,
        "next_review_on": measure.next_review_on,
    }


def services_data(rule: Rule) -> list[Plain]:
    """The services that a benefit lists, each with its unit."""
    return [
        {
            "name": service.name,
            "unit": service.unit,
            "reading": bool(service.reading),
            "unit_text": unit_text(service, rule.measure),
            "note": service.note,
            "instrument": service.instrument,
            "brand": service.brand,
            "only_sections": [*service.only_sections],
        }
        for service in services_of(rule.measure)
    ]


def logic_data(node: Branch) -> Plain:
    """How the conditions combine: a word with parts under it, or one condition by name."""
    return {"text": node.text, "condition": node.condition, "parts": [logic_data(part) for part in node.parts]}
