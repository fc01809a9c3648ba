"""The stall list by itself: shades, their order, the next step, and tallies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from lives import day

from policy_match.lifecycle.clocks import Excuse, Light
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.stall import NextStep, Shade, stall_rows, tallies, tally
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Colour, MilestoneStatus, Side

RED, YELLOW, GREEN, UNKNOWN = Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.UNKNOWN


def light(colour: Colour, id: str = "signed_approved", excuse: Excuse | None = None) -> Light:
    return Light(id, id, colour, f"{id} {colour}", day("2025-01-01"), ("commerce",), "D", 10, excuse=excuse)


def standing(code: str = "P1", *lights: Light, **more: object) -> Standing:
    """A signed project of 武进."""
    made = Standing(
        code=code, name=code, firm=None, district="320412", place=None, variant="new", industry=None, tracks=(),
        major_level=None, investment_fen=None, filed_fen=None, agreed_fen=None, tier=None, usd_line=None,
        point="SIGNED", stage="ATTRACT", lead="commerce", side=Side.ACTIVE, is_active=True, entered_on=None,
        reached={"SIGNED": day("2024-12-01")}, days=10, lights=lights,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


EXCUSE = Excuse("signed_approved", "等省里批复", "commerce", date(2025, 6, 30))


def test_red_goes_before_an_excused_red_and_a_project_without_a_clock_comes_last(table: LifecycleTable) -> None:
    given = [
        standing("A"), standing("B", light(GREEN)), standing("C", light(UNKNOWN)), standing("D", light(YELLOW)),
        standing("E", light(RED, excuse=EXCUSE)), standing("F", light(RED)),
    ]  # fmt: skip

    rows = stall_rows(given, table)

    assert [(row.standing.code, row.shade) for row in rows] == list(zip("FEDCBA", Shade, strict=True))
    assert [row.excused_until for row in rows[:2]] == [None, date(2025, 6, 30)]


def test_of_one_colour_the_longest_comes_first_and_unknown_days_last(table: LifecycleTable) -> None:
    given = [standing(code, light(RED), days=days) for code, days in (("A", None), ("B", 5), ("C", 400), ("D", 5))]

    assert [row.standing.code for row in stall_rows(given, table)] == ["C", "B", "D", "A"]


def test_a_project_that_does_not_count_is_no_row(table: LifecycleTable) -> None:
    given = [standing("A", side=Side.TERMINATED, is_active=False), standing("B", side=Side.PAUSED)]

    assert [row.standing.code for row in stall_rows(given, table)] == ["B"]


def test_a_green_row_shows_the_light_of_its_interval(table: LifecycleTable) -> None:
    (row,) = stall_rows([standing("A", light(GREEN, "entry"), light(GREEN))], table)

    assert row.light == row.interval == light(GREEN)


def test_a_worse_light_of_another_clock_is_shown_beside_that_of_the_interval(table: LifecycleTable) -> None:
    (row,) = stall_rows([standing("A", light(RED, "agent"), light(GREEN))], table)

    assert (row.shade, row.light, row.interval) == (Shade.RED, light(RED, "agent"), light(GREEN))


@pytest.mark.parametrize(
    ("steps", "point", "expected"),
    [
        ((), "SIGNED", NextStep("APPROVED", None)),
        ((), "PRODUCING", None),
        ((Milestone("forest", planned_on=date(2025, 5, 1)), Milestone("company", planned_on=date(2025, 4, 1))), "SIGNED",
         NextStep("company", date(2025, 4, 1))),
        ((Milestone("company", MilestoneStatus.NOT_NEEDED, date(2025, 4, 1)),), "SIGNED", NextStep("APPROVED", None)),
        ((Milestone("company", planned_on=date(2025, 4, 1), actual_on=date(2025, 3, 1)),), "SIGNED", NextStep("APPROVED", None)),
        ((Milestone("SIGNED", planned_on=date(2024, 11, 1)),), "SIGNED", NextStep("APPROVED", None)),
    ],
)  # fmt: skip
def test_the_next_step_is_the_first_one_planned_and_open_else_the_next_point(
    steps: tuple[Milestone, ...], point: str, expected: NextStep | None, table: LifecycleTable
) -> None:
    (row,) = stall_rows([standing("A", milestones=steps, point=point)], table)

    assert row.next_step == expected


def test_tallies_add_up_with_the_unknown_district_last(table: LifecycleTable) -> None:
    given = [
        standing("A", light(RED)), standing("B", light(RED), district="320402"), standing("C", district=None),
        standing("D", light(YELLOW)),
    ]  # fmt: skip
    rows = stall_rows(given, table)

    found = tallies(rows)

    assert [(one.district, one.projects, one.shades[Shade.RED]) for one in found] == [
        ("320402", 1, 1), ("320412", 2, 1), (None, 1, 0),
    ]  # fmt: skip
    city = tally(rows)
    assert city.projects == 4 and sum(city.shades.values()) == 4
    assert all(sum(one.shades[shade] for one in found) == city.shades[shade] for shade in Shade)
