"""The campaign `rolls` with few: what is kept again is as it should be, and every figure was taken."""

from __future__ import annotations

from benchmarks.rolls import EACH, ROUNDS, lines, measured


def test_the_campaign_keeps_what_it_means_to_and_takes_every_figure() -> None:
    figures = measured(200, 2_000, 5, 4)

    assert len(figures.same) == len(figures.changed) == len(figures.log) == ROUNDS
    assert figures.pairs == 2_000 * EACH
    assert (len(figures.subject), len(figures.listed), len(figures.page)) == (5, 6, 4)
    assert len(lines(figures)) == 6
