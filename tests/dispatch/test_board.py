"""The board of the leads: every level adds up to the one above, and what is not known is no zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from month_rows import YI, fixture, light, row

from policy_match.dispatch.board import BoardLine, Level, board
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Colour, Side

PLACES = ("武进国家高新区", "常州国家高新区", None)


def summed(lines: tuple[BoardLine, ...]) -> tuple[int, int, int, int, int]:
    return (
        sum(one.projects for one in lines), sum(one.fen or 0 for one in lines), sum(one.lacking for one in lines),
        sum(one.red for one in lines), sum(one.tickets for one in lines),
    )  # fmt: skip


@given(
    drawn=st.lists(
        st.tuples(
            st.sampled_from(("320412", "320402", "JK", "320400", None)), st.sampled_from(PLACES),
            st.none() | st.integers(0, 10**13), st.booleans(), st.booleans(),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_projects_add_up_to_parks_parks_to_districts_and_districts_to_the_city(
    table: LifecycleTable, drawn: list[tuple[str | None, str | None, int | None, bool, bool]]
) -> None:
    rows = [
        row(
            table, f"P{place:02d}", fen=fen, district=district, place=park, is_active=active,
            lights=(light(Colour.RED, date(2025, 3, 1)),) if red else (),
        )
        for place, (district, park, fen, active, red) in enumerate(drawn)
    ]  # fmt: skip
    whole = summed(board(rows, Level.CITY))

    for level in (Level.DISTRICT, Level.PARK, Level.PROJECT):
        assert summed(board(rows, level)) == whole
    for district in board(rows, Level.DISTRICT):
        own = [one for one in rows if one.district == district.key]
        assert summed(board(own, Level.PARK)) == summed(board(own, Level.PROJECT)) == summed((district,))
    assert whole[0] == sum(one.is_active for one in rows)


def test_a_sum_of_which_nothing_is_known_is_unknown_and_the_city_without_projects_is_zero(
    table: LifecycleTable,
) -> None:
    unknown = row(table, "P1", fen=None)

    assert board([], Level.CITY) == (BoardLine(None, 0, 0, 0, 0, 0),)
    assert board([unknown], Level.CITY) == (BoardLine(None, 1, None, 1, 0, 0),)
    assert board([unknown, row(table, "P2", fen=YI)], Level.CITY)[0].fen == YI
    assert board([replace(unknown, is_active=False, side=Side.EXITED)], Level.DISTRICT) == ()


def test_the_twelve_projects_by_district(table: LifecycleTable) -> None:
    rows: tuple[Standing, ...] = fixture(table, date(2025, 3, 31))

    assert {one.key: one.projects for one in board(rows, Level.DISTRICT)} == {
        "320412": 2, "320411": 2, "320402": 2, "320413": 2, "320481": 2, "320404": 1, "JK": 1,
    }  # fmt: skip
    assert [one.key for one in board(rows, Level.PROJECT)] == sorted(one.code for one in rows)
