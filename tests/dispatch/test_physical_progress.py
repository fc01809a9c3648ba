"""投资量和实物量: money spent for two months and nothing more built is a question, never a finding; unknown is no standstill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from month_rows import YI, month_of, row

from policy_match.dispatch.changes import Doubt, DoubtKind, doubts
from policy_match.dispatch.snapshot import Snapshot, from_text, sorted_rows, to_text
from policy_match.lifecycle.standing import Money, Progress, Standing
from policy_match.lifecycle.table import LifecycleTable

SPENT = Money(YI // 10, None, YI)


def told(table: LifecycleTable, built: int | None, month: int, money: Money = SPENT) -> Standing:
    """The project at the end of a month of 2025; `built` None: nobody told it."""
    on = date(2025, month, 25)
    made = row(table, "A", reached={"STARTED": date(2024, 6, 1)}, money=money, last_update=on)
    return made if built is None else replace(made, progress=Progress(built, on))


def months(table: LifecycleTable, *rows: Standing | None) -> list[Snapshot | None]:
    return [
        None if one is None else replace(month_of(table, f"2025-0{place}"), rows=sorted_rows([one]))
        for place, one in enumerate(rows, start=1)
    ]


def still(table: LifecycleTable, *rows: Standing | None) -> list[Doubt]:
    first, before, now = months(table, *rows)
    assert now is not None
    found = doubts(before, now, table, {}, earlier=first)
    return [one for one in found if one.kind is DoubtKind.STILL]


def test_two_months_of_money_without_more_built_are_asked_about_in_the_words_of_a_question(
    table: LifecycleTable,
) -> None:
    (asked,) = still(table, *(told(table, 4500, month) for month in (1, 2, 3)))

    assert asked.code == "A"
    assert asked.what == "连续两月有投资（0.1亿元、0.1亿元），实物量仍为 45%"


@pytest.mark.parametrize(
    "built",
    [
        (4500, 4500, 4600),  # one more per cent
        (4500, 4600, 4600),  # only one month long
        (None, 4500, 4500),
        (4500, None, 4500),
        (4500, 4500, None),
        (10_000, 10_000, 10_000),  # all is built: what is spent goes elsewhere
    ],
)
def test_what_grew_what_nobody_told_and_what_is_built_whole_is_not_asked_about(
    built: tuple[int | None, ...], table: LifecycleTable
) -> None:
    assert still(table, *(told(table, one, month) for month, one in enumerate(built, start=1))) == []


@pytest.mark.parametrize(("before", "now"), [(Money(), SPENT), (SPENT, Money()), (Money(0), SPENT), (SPENT, Money(0))])
def test_without_money_in_both_months_nothing_is_asked(before: Money, now: Money, table: LifecycleTable) -> None:
    assert still(table, told(table, 4500, 1), told(table, 4500, 2, before), told(table, 4500, 3, now)) == []


def test_a_word_of_an_earlier_month_is_not_told_anew_and_a_first_month_has_nothing_before(
    table: LifecycleTable,
) -> None:
    stale = replace(told(table, 4500, 3), progress=Progress(4500, date(2025, 2, 25)))

    assert still(table, told(table, 4500, 1), told(table, 4500, 2), stale) == []
    assert still(table, None, told(table, 4500, 2), told(table, 4500, 3)) == []
    assert still(table, None, None, told(table, 4500, 3)) == []


def test_a_month_frozen_without_progress_keeps_its_text_and_one_with_it_comes_back(table: LifecycleTable) -> None:
    without, with_it = months(table, told(table, None, 1), told(table, 4500, 2))
    assert without is not None and with_it is not None

    assert "progress" not in to_text(without)
    assert from_text(to_text(with_it)) == with_it
