"""How fast a change comes to be kept and told: 10,000 projects with their firms and all measures, on both databases.

`make campaign NAME=rematch` runs it in full. One fact: a project is told another total investment, and the time counts from
there until its pairs, what changed of them and the row of the audit chain are committed; whoever would be told hears it in
the same transaction. One measure: a version is stopped, then put back, and decided anew for everybody by a worker that
holds the library. A night in which nothing changed must write no pair.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
from sqlalchemy.orm import Session

from benchmarks.library import databases, intake_seconds, observed
from benchmarks.report import machine
from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.observations import Observation
from policy_match.facts.subjects import Kind
from policy_match.secret import Secret
from policy_match.store import facts, subjects
from policy_match.store.actors import actor
from policy_match.units import Band
from policy_match.workflows.changed_pairs import Changed
from policy_match.workflows.library_names import REAL
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.open_rules import open_vocabulary
from policy_match.workflows.own_measure import is_own
from policy_match.workflows.read_records import View
from policy_match.workflows.rematch import Rematched, Rematching
from policy_match.workflows.stop_rule import ACTION, NewLift, NewStop, lift_rule, stop_rule
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[1]
SEED, PROJECTS, FACTS, MEASURES = 20261129, 10_000, 400, 10
NOW = datetime(2026, 1, 1, 1, tzinfo=UTC)
FACT_SECONDS, MEASURE_SECONDS = 0.050, 2.0
OFFICE = "industry"


@dataclass
class Heard:
    """Whoever announces, and only counts."""

    changes: int = 0

    def __call__(
        self, _session: Session, _archive: Archive, _library: str, changes: Sequence[Changed], _now: datetime
    ) -> None:
        self.changes += len(changes)


@dataclass
class Figures:
    """Seconds on one database. `fact`: from before a fact is written until what it changed is kept; `night`: in which
    nothing had changed. `memory`: MB of the process at its most."""

    first: float = 0.0
    fact: list[float] = field(default_factory=list)
    measure: list[float] = field(default_factory=list)
    night: float = 0.0
    written_at_night: int = 0
    missed: int = 0
    changes: int = 0
    subjects: int = 0
    memory: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether every bound is met."""
        is_fast = np.percentile(self.fact, 95) <= FACT_SECONDS and max(self.measure) <= MEASURE_SECONDS
        return bool(is_fast) and self.written_at_night == self.missed == 0


def main() -> tuple[int, list[str]]:
    """Every figure at full size; the exit code is 1 where a bound is missed."""
    found = {}
    with databases() as fresh:
        for name, make in fresh.items():
            told(f"{name}: {PROJECTS:,} projects")
            found[name] = measured(make(), PROJECTS, FACTS, MEASURES)
    return int(not all(one.holds for one in found.values())), lines(found)


def measured(address: str, projects: int, changes: int, measures: int) -> Figures:
    """The figures of one database with so many projects."""
    vocabulary = open_vocabulary(ROOT / "rules", ROOT / "corpus")
    intake_seconds(address, observed(vocabulary, projects))
    archive = open_archive(address, ROOT / "rules", ROOT / "corpus", secret=Secret("s" * 64))
    heard, figures = Heard(), Figures()
    rematching = Rematching(archive, heard, open_ordering(archive.rules), holds=True)
    figures.first, first = _round(rematching, NOW)
    told("measuring")
    figures.subjects = first.looked_at
    figures.fact = [*_facts(archive, rematching, changes)]
    figures.measure = [*_measures(archive, rematching, measures)]
    begun = time.perf_counter()
    night = rematching.rematch_all(REAL, NOW + timedelta(hours=12))
    figures.night, figures.written_at_night, figures.missed = time.perf_counter() - begun, night.written, night.missed
    told("measured")
    figures.changes = heard.changes
    figures.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    archive.database.close()
    return figures


def told(what: str) -> None:
    """Say where the campaign is."""
    print(what, file=sys.stderr, flush=True)


def _round(rematching: Rematching, now: datetime) -> tuple[float, Rematched]:
    begun = time.perf_counter()
    found = rematching.rematch(REAL, now)
    return time.perf_counter() - begun, found


def _facts(archive: Archive, rematching: Rematching, count: int) -> Sequence[float]:
    """Another total investment of a project drawn at random, and the round that follows it."""
    dice = random.Random(SEED)  # noqa: S311  # nothing secret
    with archive.database.reading() as session:
        ids = [row.id for row in subjects.every(session, REAL, Kind.PROJECT)]
    found = []
    for number in range(count):
        at, fen = NOW + timedelta(seconds=number), dice.randrange(10**10, 10**12)
        told = Observation("total_investment", Band.exact(fen), "DISTRICT", at.date(), at, confidence=80)
        begun = time.perf_counter()
        with archive.database.writing() as session:
            facts.keep(session, {dice.choice(ids): [told]}, archive.vocabulary, actor_id="importer")
        rematching.rematch(REAL, at)
        found.append(time.perf_counter() - begun)
    return found


def _measures(archive: Archive, rematching: Rematching, count: int) -> Sequence[float]:
    """A measure stopped, and put back: two rounds each."""
    rulebook = rulebook_in_force(archive, REAL, View(NOW.date()))
    found = []
    for number, (measure, version) in enumerate(_own(archive, rulebook, count)):
        by = By(REAL, OFFICE, NOW + timedelta(hours=1, minutes=number))
        stop_rule(archive, rulebook, NewStop(measure, version, "长测"), by)
        found.append(_round(rematching, by.now)[0])
        lift_rule(archive, rulebook, NewLift(measure, version, "长测"), by)
        found.append(_round(rematching, by.now)[0])
    return found


def _own(archive: Archive, rulebook: Rulebook, count: int) -> list[tuple[str, int]]:
    """Measures in force that the office may stop, drawn at random."""
    day = NOW.date()
    rules = [rulebook.at(one, day) for one in rulebook.ids]
    with archive.database.reading() as session:
        who = actor(session, OFFICE, day)
    own = [
        (rule.id, rule.measure.version) for rule in rules if rule.in_force(day) and is_own(archive, rule, who, ACTION)
    ]
    return random.Random(SEED).sample(own, min(count, len(own)))  # noqa: S311  # nothing secret


def lines(found: dict[str, Figures]) -> list[str]:
    """The figures in words."""
    text = [f"- {machine()}; seed {SEED}; {PROJECTS:,} projects with their firms; all measures"]
    for name, one in found.items():
        fact = np.percentile(one.fact, [50, 95, 100]) * 1000
        text += [
            f"- {name}: one fact to kept pairs, changes and audit row: median {fact[0]:.0f} ms, 95 % within {fact[1]:.0f} ms, slowest {fact[2]:.0f} ms ({len(one.fact)} facts, {one.changes:,} changes told); the target is 50 ms",
            f"- {name}: one measure for {one.subjects:,} subjects, worker that holds the library: median {median(one.measure):.2f} s, slowest {max(one.measure):.2f} s ({len(one.measure)} rounds); the target is 2 s",
            f"- {name}: a night without changes: {one.written_at_night} pairs written, {one.missed} missed, {one.night:.1f} s; deciding everything for the first time {one.first:.1f} s; at most {one.memory:,.0f} MB",
        ]
    return text
