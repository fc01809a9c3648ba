"""The page that moves one figure of a measure and shows what it would cost, over each library. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.units import format_money
from policy_match.workflows.move_figure import (
    MOST_STEPS,
    STEPS,
    Figure,
    Moving,
    Range,
    Step,
    figure_of,
    figures_of,
    steps_of,
    values_of,
)
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.simulate_draft import cost_text
from policy_match.workflows.weigh_rules import Weighing
from policy_match_api.pages.chart import Chart, Point, chart_of
from policy_match_api.pages.render import page
from policy_match_api.params import count_of, rule_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """The steps over one library; `money` None: the measure gives no cash."""

    library: Library
    subjects: int
    steps: tuple[Step, ...]
    money: Chart | None
    people: Chart


@router.get("/measures/{measure_id}/simulate")
def simulate_measure(request: Request, measure_id: str, state: Seen = Depends(seen)) -> Response:
    """One figure of the version of today in steps: `?figure=`, `from=`, `to=` and `steps=` choose them."""
    libraries = state.today()
    rule = rule_of(libraries.rulebook, measure_id, libraries.as_of)
    vocabulary = libraries.rulebook.vocabulary
    figures, asked = figures_of(rule, vocabulary), request.query_params
    context: dict[str, object] = {"as_of": libraries.as_of, "rule": rule, "figures": figures, "is_cash": is_cash(rule)}
    if figures:
        figure = figure_of(figures, asked.get("figure") or None)
        steps = count_of(asked.get("steps"), "steps", STEPS, 2, MOST_STEPS)
        given = Range(asked.get("from") or None, asked.get("to") or None, steps)
        moving = Moving(rule, figure, values_of(figure, given, vocabulary))
        found = [shown_of(library, libraries.rulebook, moving) for library in libraries.every]
        context |= {
            "figure": figure, "given": given, "libraries": found, "steps": found[0].steps, "most_steps": MOST_STEPS,
            "cost_text": cost_text,
        }  # fmt: skip
    return page(request, "simulate.html", context)


def is_cash(rule: Rule) -> bool:
    """Whether the measure gives cash: nothing else has a cost."""
    return rule.measure.benefit is not None and rule.measure.benefit.kind == "cash"


def shown_of(library: Library, rulebook: Rulebook, moving: Moving) -> Shown:
    """The steps over the subjects of one library, by the rule as it stands for real projects."""
    rule, figure = moving.rule, moving.figure
    steps = steps_of(moving, rulebook, Weighing(library.matching, library.matching))
    costs = [(step.tally.cost.low_fen, step.tally.cost.high_fen) for step in steps]
    people = [
        (tally.eligible, tally.eligible + tally.unknown + tally.needs_human) for tally in (step.tally for step in steps)
    ]
    return Shown(
        library=library,
        subjects=len(library.matching.subjects),
        steps=steps,
        money=chart_of("需资金", _points(figure, steps, costs), format_money) if is_cash(rule) else None,
        people=chart_of("受益主体数", _points(figure, steps, people), "{:,}".format),
    )


def _points(figure: Figure, steps: Sequence[Step], ends: Sequence[tuple[int, int | None]]) -> list[Point]:
    return [
        Point(step.value, figure.text(step.value), low, high, step.is_written)
        for step, (low, high) in zip(steps, ends, strict=True)
    ]
