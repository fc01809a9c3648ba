"""A city's whole work at size (scenario S-41): 3,000 projects by 600 measures decided twice, then asked by 50 people at once.

`make campaign NAME=city`. The measures are the shipped ones, again and again under other ids until there are 600. The second
time must find every pair as it was, to the byte, and write nothing. The look-ups go to `policy-match serve` with a worker a core
and its rules: 50 questions about policies are sent in the same instant, and again when all of them were answered; then the matches
of one subject are asked for, one request after the other. (Domain specification §5.11: look-up, single subject.)
"""

from __future__ import annotations

import hashlib
import random
import re
import resource
import shutil
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy import select

from benchmarks.at_once import ask_at_once
from benchmarks.library import databases, intake_seconds, observed
from benchmarks.load import CLOCK, WORKERS, asked_of, client_run, look_up, secret, until_ready
from benchmarks.load_client import Answered
from benchmarks.rematch import NOW, Heard
from benchmarks.report import machine
from benchmarks.restarts import key_for, served
from policy_match.secret import Secret
from policy_match.store.push_tables import OpenPairs
from policy_match.workflows.library_names import REAL
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_rules import open_vocabulary
from policy_match.workflows.rematch import Rematching

ROOT = Path(__file__).resolve().parents[1]
SEED, PROJECTS, MEASURES, AT_ONCE, BURSTS, SINGLES = 20261129, 3_000, 600, 50, 20, 100
WARMING = 3
ALL_SECONDS, MOST_MB, LOOK_UP_SECONDS, SINGLE_SECONDS = 60.0, 2_048.0, 0.200, 0.300
STACKING = "stacking: {unwritten: 长测的副本，不得相加, scope: 长测}\ncases:"
CLAUSE = "\nclauses:\n  - {article: 条款未见, says: 长测的副本, by: [stacking]}\n"
KINDS, SINGLE = ("search", "one measure", "one policy"), "matches of one project (with key)"


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of both runs, and whether the pairs were the same to the byte; MB of that process at its most; what was answered."""

    first: float
    again: float
    is_same: bool
    written: int
    subjects: int
    memory: float
    answered: tuple[Answered, ...]

    def p95(self, *kinds: str) -> float:
        """Seconds within which 95 in 100 of the right answers came."""
        return float(np.percentile([one.seconds for one in self.answered if one.kind in kinds and not one.fault], 95))

    @property
    def holds(self) -> bool:
        """Whether every bound is met."""
        is_right = self.is_same and not self.written and not any(one.fault for one in self.answered)
        is_decided = max(self.first, self.again) <= ALL_SECONDS and self.memory <= MOST_MB
        return is_right and is_decided and self.p95(*KINDS) <= LOOK_UP_SECONDS and self.p95(SINGLE) <= SINGLE_SECONDS


def main() -> tuple[int, list[str]]:
    """Both parts at full size; the exit code is 1 where a bound is missed."""
    with databases() as fresh, secret(), TemporaryDirectory(prefix="policy_match_city_") as name:
        found = measured(fresh["PostgreSQL"](), Path(name), PROJECTS, MEASURES, BURSTS)
    return int(not found.holds), lines(found)


def measured(address: str, folder: Path, projects: int, measures: int, bursts: int) -> Figures:
    """The figures of one database with so many projects and measures; no `bursts`: nobody asks."""
    rules = many_rules(folder / "rules", measures)
    told(f"{projects:,} projects, {measures} measures")
    intake_seconds(address, observed(open_vocabulary(rules, ROOT / "corpus"), projects))
    archive = open_archive(address, rules, ROOT / "corpus", secret=Secret(environ["POLICY_MATCH_SECRET"]))
    rematching = Rematching(archive, Heard(), open_ordering(rules))
    told("measuring")
    begun = time.perf_counter()
    all_ = rematching.rematch(REAL, NOW)
    first, before = time.perf_counter() - begun, digest(archive)
    begun = time.perf_counter()
    again = rematching.rematch_all(REAL, NOW + timedelta(hours=1))
    seconds = time.perf_counter() - begun
    is_same = digest(archive) == before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    archive.database.close()
    answered = look_ups(address, folder, rules, bursts) if bursts else []
    told("measured")
    return Figures(first, seconds, is_same, again.written, all_.looked_at, memory, tuple(answered))


def many_rules(folder: Path, number: int) -> Path:
    """The shipped rules, with copies of measures under other ids until there are so many."""
    shutil.copytree(ROOT / "rules", folder)
    files = sorted(folder.glob("measures/**/*.yaml"))
    there = len({file.name.split(".")[0] for file in files})
    singles = [file for file in files if sum(one.name.startswith(file.name.split(".")[0] + ".") for one in files) == 1]
    for copy in range(number - there):
        file = singles[copy % len(singles)]
        name, copied = file.name.split(".")[0], f"{file.name.split('.')[0]}_copy{copy // len(singles)}"
        text = re.sub(rf"(?m)^id: {name}$", f"id: {copied}", file.read_text("utf-8"), count=1)
        if "\nstacking:" not in text:
            text = re.sub(r"(?m)^cases:", STACKING, text, count=1).replace("\nclauses:\n", CLAUSE, 1)
        file.with_name(file.name.replace(name, copied, 1)).write_text(text, encoding="utf-8")
    return folder


def digest(archive: Archive) -> str:
    """A hash of every pair as it is kept."""
    found = hashlib.sha256()
    with archive.database.reading() as session:
        rows = select(OpenPairs.subject_id, OpenPairs.pairs, OpenPairs.look_on).order_by(OpenPairs.subject_id)
        for row in session.execute(rows):
            found.update(f"{row.subject_id}\0{row.pairs}\0{row.look_on}\0".encode())
    return found.hexdigest()


def look_ups(address: str, folder: Path, rules: Path, bursts: int) -> list[Answered]:
    """What 50 who ask in the same instant are answered, again and again, and then one after the other."""
    key = key_for(address, "development", "read")
    environment = {"POLICY_MATCH_DATABASE_URL": address, "POLICY_MATCH_NOW": CLOCK, "POLICY_MATCH_RULES": str(rules)}
    with served(folder, "--workers", str(WORKERS), **environment) as service:
        until_ready(service)
        asked, dice = asked_of(service, key), random.Random(SEED)  # noqa: S311  # nothing secret
        answered = list[Answered]()
        for burst in range(-WARMING, bursts):
            questions = [look_up(burst, KINDS[number % len(KINDS)], asked, dice) for number in range(AT_ONCE)]
            together = ask_at_once(service.address, questions)
            answered += together if burst >= 0 else []
        one_by_one = [look_up(number / 2, SINGLE, asked, dice) for number in range(SINGLES)]
        return answered + client_run(folder, service, key, one_by_one)


def lines(one: Figures) -> list[str]:
    """The figures in words."""
    by_kind = "; ".join(f"{kind} {one.p95(kind) * 1000:.0f} ms" for kind in KINDS)
    faults = sum(bool(each.fault) for each in one.answered)
    return [
        f"- {machine()}; seed {SEED}; PostgreSQL; {PROJECTS:,} projects with their firms, {MEASURES} measures",
        f"- everything decided and kept for the first time: {one.first:.1f} s for {one.subjects:,} subjects; a second time"
        f" {one.again:.1f} s, {'the same to the byte' if one.is_same else 'NOT the same'}, {one.written} pairs written"
        f" (target {ALL_SECONDS:.0f} s on four cores; one was used); at most {one.memory:,.0f} MB (target {MOST_MB:,.0f})",
        f"- {AT_ONCE} look-ups in the same instant, {AT_ONCE * BURSTS:,} in all, {faults} wrong, on {WORKERS} workers and two cores"
        f" that the client shares: 95 % within {one.p95(*KINDS) * 1000:.0f} ms (target {LOOK_UP_SECONDS * 1000:.0f} ms): {by_kind}",
        f"- one subject with all {MEASURES} measures and reasons, one request after the other: 95 % within"
        f" {one.p95(SINGLE) * 1000:.0f} ms (target {SINGLE_SECONDS * 1000:.0f} ms)",
    ]


def told(what: str) -> None:
    """Say where the campaign is."""
    print(what, file=sys.stderr, flush=True)
