"""The campaign `rematch` at one per cent: nothing is missed, a quiet night writes nothing, and every figure was taken."""

from __future__ import annotations

from pathlib import Path

from benchmarks.rematch import lines, measured


def test_the_campaign_finds_nothing_missed_and_writes_nothing_at_night(tmp_path: Path) -> None:
    figures = measured(f"sqlite:///{tmp_path / 'library.db'}", 50, 4, 6)
    assert (figures.written_at_night, figures.missed) == (0, 0)
    assert figures.subjects == 100
    assert (len(figures.fact), len(figures.measure)) == (4, 12)
    assert figures.changes > 0
    assert len(lines({"SQLite": figures})) == 4
