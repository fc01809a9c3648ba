"""Measures by mode: each once, only those surely in force, and no share of nothing."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from policy_match.eligibility.modes import ModeCount, count_modes, count_modes_by_year
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.reports import percent, share_text

DAY = date(2026, 6, 30)


def test_every_measure_counts_once_by_the_version_of_the_day(rulebook: Rulebook) -> None:
    found = count_modes(rulebook, DAY)

    deciding = [rulebook.at(one, DAY) for one in rulebook.ids]
    living = [rule for rule in deciding if rule.measure.status != "repealed"]
    for mode, number in found.by_mode.items():
        assert number == len([rule for rule in living if rule.measure.mode == mode and rule.in_force(DAY)])
    assert found.unsure == len([rule for rule in living if rule.in_force(DAY) is None])
    assert found.total > 0 and found.share == Fraction(found.by_mode["msjx"], found.total)


def test_before_any_measure_there_is_no_share(rulebook: Rulebook) -> None:
    found = count_modes(rulebook, date(1990, 1, 1))

    assert (found.total, found.unsure, found.share) == (0, 0, None)
    assert share_text(0, found.total) == "—"


def test_past_years_are_counted_at_their_end_and_this_one_today(rulebook: Rulebook) -> None:
    found = count_modes_by_year(rulebook, DAY, 3)

    assert [one.on for one in found] == [date(2024, 12, 31), date(2025, 12, 31), DAY]
    assert found[-1] == count_modes(rulebook, DAY)
    assert all(isinstance(one, ModeCount) for one in found)


def test_shares_have_two_decimals_half_up_and_their_denominator() -> None:
    assert [percent(Fraction(*ratio)) for ratio in ((1, 15), (1, 1), (0, 7), (1, 80_000), (3, 20_000))] == [
        "6.67%", "100.00%", "0.00%", "0.00%", "0.02%",
    ]  # fmt: skip
    assert share_text(28, 29) == "28/29（96.55%）"
