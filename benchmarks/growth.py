"""How long it takes to look at the growth library: 3,000 projects, 24 months, every indicator and detector of the shipped rules.

`make campaign NAME=growth` runs it. Two figures: the detectors alone with all that they work out (months from figures of the
year so far, plans, shares) up to every finding in words, and the same with the reading of half a million rows from SQLite.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.report import machine
from policy_match.facts.observations import Purpose
from policy_match.secret import Secret
from policy_match.series.findings import Findings
from policy_match.series.lives import Lives, column, ground_of
from policy_match.series.months import month_text
from policy_match.series.rules import IndicatorRules
from policy_match.series.words import Basis, Unit
from policy_match.store import indicators
from policy_match.store.indicators import ToldFigure
from policy_match.store.tables import Subject
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.open_indicators import open_indicators
from policy_match.workflows.read_indicators import Window, read_indicators
from policy_match.workflows.read_records import View

ROOT = Path(__file__).resolve().parents[1]
SEED, PROJECTS, MONTHS, ROUNDS = 20261129, 3_000, 24, 5
DAY = date(2025, 12, 31)
RECEIVED = datetime(2026, 1, 10, 2, tzinfo=UTC)
TOLD = 0.95
MOST = {Unit.MONEY: 2_000 * 10**6, Unit.RATIO: 1_100_000, Unit.KWH: 900_000, Unit.COUNT: 900}


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, the median of the rounds: `judging` of every detector, `saying` of every finding, `reading` from the store."""

    projects: int
    rows: int
    findings: int
    judging: float
    saying: float
    reading: float


def measured(projects: int = PROJECTS, rounds: int = ROUNDS) -> Measured:
    """Fill an archive with invented figures and look at it so many times."""
    with TemporaryDirectory() as folder:
        secret = Secret("of a run that nobody keeps, here only")
        archive = open_archive(f"sqlite:///{folder}/growth.db", ROOT / "rules", ROOT / "corpus", secret=secret)
        rules = open_indicators(archive)
        ids, rows = _filled(archive, rules, projects)
        found = [_round(archive, rules, ids) for _ in range(rounds)]
        archive.database.close()
    times = [median(one[place] for one in found) for place in range(3)]
    return Measured(projects, rows, found[0][3], *times)


def main() -> list[str]:
    """The lines of the campaign."""
    found = measured()
    computed = found.judging + found.saying
    return [
        f"- {machine()}; seed {SEED}; {found.projects:,} projects × {MONTHS} months, {found.rows:,} figures",
        f"- all detectors with months, plans and shares: {found.judging:.2f} s; {found.findings:,} findings in words: "
        f"{found.saying:.2f} s; together {computed:.2f} s (goal: under 2 s)",
        f"- reading the figures from SQLite and laying them out: {found.reading:.2f} s",
    ]


def _filled(archive: Archive, rules: IndicatorRules, projects: int) -> tuple[list[int], int]:
    dice = random.Random(SEED)  # noqa: S311  figures, no secrets
    with archive.database.writing() as session:
        rows = [
            Subject(
                library="real", kind="project", code=f"G{number:05d}", name=f"示范项目{number}", created_at=RECEIVED
            )
            for number in range(projects)
        ]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
        told = [one for subject_id in ids for one in _series(subject_id, rules, dice)]
        indicators.add(session, told, by="importer", batch_id=None)
    return ids, len(told)


def _series(subject_id: int, rules: IndicatorRules, dice: random.Random) -> list[ToldFigure]:
    first, told = Window.of(DAY).last - MONTHS + 1, []
    for one in rules.reported:
        total = 0
        for month in range(first, first + MONTHS):
            value = dice.randrange(MOST[one.unit])
            total = value + (0 if month % 12 == 0 else total)
            if dice.random() < TOLD:
                shown = total if one.basis is Basis.YEAR else value
                told.append(ToldFigure(subject_id, one.id, month_text(month), shown, "ENT", RECEIVED))
    return told


def _round(archive: Archive, rules: IndicatorRules, ids: list[int]) -> tuple[float, float, float, int]:
    begun = time.perf_counter()
    with archive.database.reading() as session:
        told = read_indicators(session, ids, rules, archive.vocabulary, View(DAY, None, Purpose.SERVICE))
    block = told.block(ids)
    read = time.perf_counter()
    judged = Findings.on(ground_of(block, rules, _lives(rules, len(ids)), DAY), rules.detectors)
    done = time.perf_counter()
    found = sum(len(judged.of(row)) for row in range(len(ids)))
    return done - read, time.perf_counter() - done, read - begun, found


def _lives(rules: IndicatorRules, projects: int) -> Lives:
    """Everybody entered and began to produce just before the months that are looked at."""
    begun = Window.of(DAY).last - MONTHS
    return Lives(
        entered=np.full(projects, begun, np.int64),
        started={code: column([begun] * projects) for code in rules.plans},
        full_year={code: column([12 * MOST[Unit.MONEY]] * projects) for code in rules.plans},
    )
