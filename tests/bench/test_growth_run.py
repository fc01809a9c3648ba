"""The campaign of the growth library in small: it measures what it says."""

from __future__ import annotations

from benchmarks.growth import MONTHS, measured


def test_the_campaign_reads_judges_and_finds() -> None:
    found = measured(projects=30, rounds=1)

    assert 0.9 < found.rows / (30 * MONTHS * 7) < 1
    assert found.findings > 0
    assert min(found.judging, found.saying, found.reading) > 0
