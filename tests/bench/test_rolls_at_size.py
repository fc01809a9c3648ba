"""The campaign `rolls` with few: what is kept again is as it should be, and its figures are taken."""

from __future__ import annotations

from benchmarks.library import databases
from benchmarks.rolls import ROUNDS, Figures, keep_again


def test_the_campaign_keeps_again_what_it_means_to() -> None:
    figures = Figures()
    with databases() as fresh:
        keep_again(fresh["PostgreSQL"](), 200, figures)

    assert len(figures.same) == len(figures.changed) == len(figures.log) == ROUNDS
    assert all(0 < megabytes < 10 for megabytes in figures.log)
