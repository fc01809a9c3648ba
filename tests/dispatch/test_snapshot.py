"""A frozen month gives the same text and hash for ever, and comes back exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from month_rows import done, light, month_of, row, standings

from policy_match.dispatch.month import Month
from policy_match.dispatch.snapshot import Restatement, Snapshot, from_text, sorted_rows, to_text
from policy_match.errors import FactError
from policy_match.lifecycle.clocks import Excuse
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tickets import About, Need, Ticket, TicketState
from policy_match.lifecycle.words import Colour


def test_a_month_knows_its_days_and_the_month_before() -> None:
    december = Month.parse("2024-12")

    assert (december.first, december.last) == (date(2024, 12, 1), date(2024, 12, 31))
    assert Month.parse("2024-02").last == date(2024, 2, 29)
    assert str(Month.parse("2025-01").previous) == "2024-12"
    assert december.holds(date(2024, 12, 31))
    assert not december.holds(date(2025, 1, 1))
    assert not december.holds(None)


@pytest.mark.parametrize("written", ["2025-3", "2025-13", "202503", "2025年3月", "0000-01", "", "2025-03-01"])
def test_anything_else_is_no_month(written: str) -> None:
    with pytest.raises(FactError, match="不是月份"):
        Month.parse(written)


@given(st.data())
def test_every_snapshot_comes_back_from_its_text(table: LifecycleTable, data: st.DataObject) -> None:
    rows = data.draw(standings(table))
    snapshot = replace(month_of(table, "2025-03"), rows=sorted_rows(rows))

    assert from_text(to_text(snapshot)) == snapshot
    assert to_text(from_text(to_text(snapshot))) == to_text(snapshot)


def test_excuses_milestones_and_restatements_come_back(march: Snapshot, table: LifecycleTable) -> None:
    excused = replace(
        light(Colour.RED, date(2025, 1, 1)), excuse=Excuse("signed_approved", "洪水", "a", date(2025, 4, 1))
    )
    need = Need(Fraction(40_000, 3), date(2025, 5, 1))
    asked = Ticket(
        TicketState.NEW,
        None,
        date(2025, 3, 3),
        date(2025, 3, 3),
        None,
        0,
        28,
        False,
        about=About("土地", "缺", need=need),
    )
    full = row(
        table,
        "P99",
        tickets=(asked,),
        lights=(excused,),
        milestones=(done("listed", date(2025, 1, 2), evidence=("e1",)),),
    )
    again = Restatement("2024-12", "本月新开工项目", "1个", "0个", "-1", ("P08",), ("event-1",))
    snapshot = replace(march, rows=(full,), restatements=(again,), before_hash="b" * 64)

    assert from_text(to_text(snapshot)) == snapshot


def test_the_order_in_which_rows_and_points_arrive_does_not_matter(march: Snapshot) -> None:
    turned = [replace(one, reached=dict(reversed(list(one.reached.items())))) for one in reversed(march.rows)]

    assert replace(march, rows=sorted_rows(turned)).content_hash == march.content_hash


def test_a_field_that_has_its_default_is_not_written_so_that_old_hashes_stay(march: Snapshot) -> None:
    first = orjson.loads(to_text(march))["rows"][0]

    assert "agent" not in first
    assert "money" not in first


def test_one_fen_changes_the_hash(march: Snapshot) -> None:
    first = march.rows[0]
    assert first.investment_fen is not None
    changed = (replace(first, investment_fen=first.investment_fen + 1), *march.rows[1:])

    assert replace(march, rows=changed).content_hash != march.content_hash


@pytest.mark.parametrize("damage", [
    lambda text: text.replace("P01", "P01 ", 1).replace('"as_of":', ' "as_of":', 1),
    lambda text: text[:-1],
    lambda text: text.replace('"is_active":true', '"is_active":"yes"', 1),
    lambda text: text.replace('"side":"ACTIVE"', '"side":"GONE"', 1),
    lambda text: text.replace('"code":"P01"', '"code":"P01","invented":1', 1),
])  # fmt: skip
def test_a_damaged_text_is_refused(march: Snapshot, damage) -> None:  # type: ignore[no-untyped-def]
    text = damage(to_text(march))
    assert text != to_text(march)

    with pytest.raises(FactError, match="封存的月报读不出来"):
        from_text(text)
