"""Run the comparison: `python -m benchmarks`. Progress goes to the error stream, the table to the screen."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import date
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

# read by Polars when it is first imported
os.environ["POLARS_MAX_THREADS"] = "1"

from benchmarks import latency, ours, report, start_up
from benchmarks.contender import Contender, VerdictMatrix
from benchmarks.rounds import MismatchError, compare, fitted, pass_seconds, timed_rounds
from benchmarks.workload import SEED, Workload, make_workload
from policy_match.eligibility.decide import Batch
from policy_match.eligibility.wired import WiredBatch

SUBJECTS, MEASURES = 100_000, 1_000
MODULES = ("numpy_bool", "polars_expressions", "duckdb_sql", "plain_python", "zen_engine")
VERSIONS = ("numpy", "numba", "polars", "duckdb", "zen-engine")
TARGET = Path(__file__).resolve().parents[1] / "var" / "bench.json"
PAGE = TARGET.parents[1] / "docs" / "performance.md"
STARTED = time.monotonic()


def main() -> int:
    """Compare, time, write; 1 if a ratio falls below its goal; 2 if verdicts differ, and then no figure is written."""
    vocabulary = ours.shipped_vocabulary()
    workload = make_workload(SUBJECTS, MEASURES, ours.industry_classes(vocabulary))
    rules = ours.compiled_rules(workload, vocabulary)
    batch, table = Batch(rules, ours.AS_OF), ours.fact_table(workload, vocabulary)
    us = ours.contender(batch, table)
    made = WiredBatch(batch, table)
    tell(f"workload: {SUBJECTS:,} subjects, {MEASURES:,} measures, {len(workload.used)} conditions")
    try:
        verdicts = us.checked()
        ourselves = [ours.compiled_contender(made, table), ours.listing(made, table)]
        for one in ourselves:
            compare(verdicts, one)
        peers = agreeing_peers(workload, verdicts)
    except MismatchError as error:
        tell(f"verdicts differ, nothing is written: {error}")
        return 2
    contenders = [*ourselves, us, *peers]
    timings = timed_rounds(contenders, MEASURES, tell)
    tell("latency and start-up")
    result = report.Result(
        seed=SEED,
        subjects=SUBJECTS,
        measures=MEASURES,
        timings=timings,
        subjects_of={contender.name: contender.subjects for contender in contenders},
        latency=latency.measured(workload, rules, vocabulary),
        start_up=start_up.measured(tell),
    )
    report.write(result, TARGET)
    PAGE.write_text(
        report.page(result, commit(), {name: version(name) for name in VERSIONS}, date.today()), encoding="utf-8"
    )
    print(report.table(result))
    missed = report.misses(timings)
    for line in missed:
        tell(line)
    return int(bool(missed))


def agreeing_peers(workload: Workload, verdicts: VerdictMatrix) -> list[Contender]:
    """Each peer on as many subjects as fit into a pass, its verdicts compared with ours; MismatchError where they differ."""
    peers = []
    for name in MODULES:
        peer = fitted(import_module(f"benchmarks.peers.{name}").contender, workload, pass_seconds)
        compare(verdicts, peer)
        tell(f"{peer.name}: same verdicts on {peer.subjects:,} subjects")
        peers.append(peer)
    return peers


def commit() -> str:
    """What was measured."""
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=PAGE.parent, capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def tell(what: str) -> None:
    """One line of progress."""
    print(f"[{time.monotonic() - STARTED:5.0f} s] {what}", file=sys.stderr, flush=True)


sys.exit(main())
