"""The assessment of jobs: 255 of 300 planned, 25.0 per 亿元, the cap, and what of the form is due."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from ranked import given

from policy_match.schemes.jobs import due_steps, job_figures
from policy_match.schemes.scheme import Scheme

YI = 10**10


def figures(scheme: Scheme, planned: int | None, actual: int | None, yi: int | None) -> dict[str, Fraction | None]:
    """Each index by its id."""
    inputs = {"planned": planned, "actual": actual, "investment": None if yi is None else yi * YI}
    return {index.id: value for index, value in job_figures(scheme, {name: given(v) for name, v in inputs.items()})}


@pytest.mark.parametrize(
    ("planned", "actual", "yi", "expected"),
    [
        (300, 255, 12, {"fulfilment": Fraction(17, 20), "per_yi": 25}),
        (300, 360, 12, {"fulfilment": Fraction(6, 5), "per_yi": 25}),
        (300, 361, 12, {"fulfilment": Fraction(6, 5), "per_yi": 25}),
        (300, 0, 12, {"fulfilment": 0, "per_yi": 25}),
        (300, None, 12, {"fulfilment": None, "per_yi": 25}),
        (None, 255, 12, {"fulfilment": None, "per_yi": None}),
        (0, 255, None, {"fulfilment": None, "per_yi": None}),
    ],
)
def test_actual_by_planned_is_capped_and_a_missing_figure_is_unknown(
    employment: Scheme, planned: int | None, actual: int | None, yi: int | None, expected: dict[str, Fraction | None]
) -> None:
    assert figures(employment, planned, actual, yi) == expected


def test_the_plan_is_due_at_approval_and_the_figures_six_months_after_start_and_production(employment: Scheme) -> None:
    points = {"APPROVED": date(2024, 9, 25), "STARTED": date(2025, 2, 10)}

    plan, building, working = due_steps(employment, points, {"jobs_planned"})

    assert (plan.due_on, plan.missing) == (date(2024, 9, 25), ())
    assert (building.due_on, building.missing) == (date(2025, 8, 10), ("jobs_construction_actual",))
    assert [building.is_late(day) for day in (date(2025, 8, 10), date(2025, 8, 11))] == [False, True]
    assert (working.due_on, working.is_late(date(2030, 1, 1))) == (None, False)
