"""Very many subjects: a million against ten thousand measures in one process, and the `batch` command on one process and on two
Dask workers, one of them killed.

`make campaign NAME=batch`. The first part is the engine alone, with the columns in memory and every eligible and unknown pair
listed; the second is the whole command, from Parquet to the written lists, on the measures that the product ships.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

from benchmarks import ours
from benchmarks.report import machine
from benchmarks.workload import SEED, make_workload
from policy_match.eligibility.decide import Batch, Verdict
from policy_match.eligibility.wired import Listing, WiredBatch

COMMAND = Path(sys.executable).with_name("policy-match")
SUBJECTS, MEASURES, TOGETHER, PART = 1_000_000, 10_000, 1_000, 65_536
WHOLE, ROWS = 1_500_000, 16_384
# Of one day, also where midnight passes meanwhile.
TUNED = ("--rows", str(ROWS), "--as-of", ours.AS_OF.isoformat())
ROUNDS = 3
MOST_MB, LEAST_RATIO = 2_048, 1.7


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of the engine: processor seconds, pairs listed, MB of the facts and the most that the process had beyond them."""

    seconds: float
    listed: int
    facts: float
    beyond: float


def main() -> tuple[int, list[str]]:
    """Both parts; the exit code is 1 where a bound is missed or a result differs."""
    found = engine()
    told(f"{found}")
    alone, both, lines = commands()
    ratio = sorted(one / two for one, two in zip(alone, both, strict=True))[ROUNDS // 2]
    fine = found.beyond <= MOST_MB and ratio >= LEAST_RATIO
    pairs = SUBJECTS * MEASURES
    return int(not fine), [
        f"- {machine()}; seed {SEED}",
        f"- engine, one process: {SUBJECTS:,} subjects × {MEASURES:,} measures in {found.seconds:.1f} s of processor time,"
        f" {pairs / found.seconds / 1e6:,.0f} million pairs a second, {found.listed:,} pairs listed",
        f"- memory: facts {found.facts:,.0f} MB, beyond them at most {found.beyond:,.0f} MB (bound {MOST_MB:,})",
        f"- `batch`, {WHOLE:,} subjects from Parquet × the shipped measures: one process {seconds_of(alone)} s, two Dask workers"
        f" {seconds_of(both)} s, in turn; middle ratio {ratio:.2f} (bound {LEAST_RATIO})",
        *lines,
    ]


def seconds_of(times: list[float]) -> str:
    """Seconds of each round."""
    return ", ".join(f"{one:.1f}" for one in times)


def engine() -> Pass:
    """A million subjects against ten thousand measures, part by part, every open pair listed."""
    vocabulary = ours.shipped_vocabulary()
    workload = make_workload(SUBJECTS, MEASURES, ours.industry_classes(vocabulary))
    rules = ours.compiled_rules(workload, vocabulary)
    table = ours.fact_table(workload, vocabulary)
    told("facts are there")
    left, made = iter(rules), list[WiredBatch]()
    before = resident()
    begun = time.process_time()
    while part := tuple(islice(left, TOGETHER)):
        made.append(WiredBatch(Batch(part, ours.AS_OF), table))
    listing, listed = Listing(PART), 0
    for first in range(0, SUBJECTS, PART):
        block = table.block(first, min(first + PART, SUBJECTS))
        listing = Listing(block.size)
        for one in made:
            verdicts = one.decide(block)
            for place in range(len(verdicts.rules)):
                for verdict in (Verdict.ELIGIBLE, Verdict.UNKNOWN):
                    listed += len(listing.of(verdicts.plane(place, verdict)))
    seconds = time.process_time() - begun
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Pass(seconds, listed, before, most - before)


def commands() -> tuple[list[float], list[float], list[str]]:
    """Seconds of the command on one process and on two workers, in turn; and what killing a worker came to."""
    with TemporaryDirectory(prefix="policy_match_batch_") as name:
        folder = Path(name)
        write_facts(folder / "facts", WHOLE)
        run(folder, "warm")
        alone, both = list[float](), list[float]()
        with cluster() as address:
            run(folder, "warm-2", "--scheduler", address)
            for number in range(ROUNDS):
                alone.append(run(folder, f"one-{number}", "--processes", "1"))
                both.append(run(folder, f"two-{number}", "--scheduler", address))
                told(f"one process {alone[-1]:.1f} s, two workers {both[-1]:.1f} s")
            killed, before, again = run_killing(folder, "killed", address)
        same = all(digest(folder / other) == digest(folder / "one-0") for other in ("two-0", "killed"))
        if not same:
            raise AssertionError("results differ")
        parts = -(-WHOLE // ROWS)
        return (
            alone,
            both,
            [
                f"- one of the two workers killed when {before} of {parts} parts were done: {killed:.1f} s, {again} parts written again;"
                " every result is the same to the byte",
            ],
        )


@contextmanager
def cluster() -> Iterator[str]:
    """Two workers of one thread each."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as found:  # type: ignore[no-untyped-call]
        yield found.scheduler_address


def run(folder: Path, name: str, *arguments: str) -> float:
    """Seconds of the command."""
    begun = time.monotonic()
    command = [str(COMMAND), "batch", "facts", "--out", name, *TUNED, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.monotonic() - begun


def run_killing(folder: Path, name: str, address: str) -> tuple[float, int, int]:
    """Seconds of the command when a worker is killed meanwhile, how many parts were done then, and how many of these were
    written again."""
    with Client(address) as client:  # type: ignore[no-untyped-call]
        victim = next(iter(client.run(os.getpid).values()))
    begun, parts = time.monotonic(), -(-WHOLE // ROWS)
    command = [str(COMMAND), "batch", "facts", "--out", name, *TUNED, "--scheduler", address]
    done, again, stopping = dict[str, int](), set[str](), Event()
    watching = Thread(target=watch, args=(folder / name / "parts", done, again, stopping))
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as running:
        for line in running.stderr or ():
            if line.startswith(f"{parts // 4}/"):
                watching.start()
                os.kill(victim, signal.SIGKILL)
    stopping.set()
    watching.join()
    if running.returncode:
        raise AssertionError(f"exit code {running.returncode}")
    return time.monotonic() - begun, parts // 4, len(again)


def watch(folder: Path, done: dict[str, int], again: set[str], stopping: Event) -> None:
    """Note every part that is written, and those that are written a second time."""
    while not stopping.wait(0.02):
        for path in folder.glob("*.parquet"):
            with suppress(FileNotFoundError):
                written = path.stat().st_mtime_ns
                if done.setdefault(path.name, written) != written:
                    again.add(path.name)


def digest(folder: Path) -> dict[str, bytes]:
    """Every file of a result."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def write_facts(folder: Path, size: int) -> None:
    """Facts of invented subjects."""
    folder.mkdir()
    dice = np.random.default_rng(SEED)

    def some(values: list[str] | np.ndarray, gap: float = 0.15) -> pa.Array:
        picked = np.array(values, dtype=object)[dice.integers(0, len(values), size)]
        return pa.array(picked, pa.string(), mask=dice.random(size) < gap)

    def money(middle: float) -> pa.Array:
        return pa.array(np.round(dice.lognormal(middle, 1.2, size), 1), mask=dice.random(size) < 0.15)

    table = pa.table(
        {
            "id": pa.array([f"S{row:08d}" for row in range(size)]),
            "industry_code": some(
                ["C3562", "C3670", "C3841", "C2710", "I6513", "C3985", "C2929", "G5990", "M7320", "C3099"]
            ),
            "registered_region": some(["320412", "320411", "320481", "320413", "320402"]),
            "total_investment（万元）": money(9.5),
            "equipment_investment（万元）": money(8.0),
            "revenue_last（万元）": money(8.5),
            "staff_total": pa.array(dice.integers(5, 3000, size), mask=dice.random(size) < 0.15),
            "registered_on": some([f"20{year:02d}-0{month}-15" for year in range(26) for month in range(1, 10)]),
            "stage": some(["签约", "立项", "开工", "竣工", "投产"]),
            "honours": some(
                ["高新技术企业@2024", "专精特新中小企业@2023;高新技术企业@2022", "科技型中小企业@2025"], 0.5
            ),
        }
    )
    for number, first in enumerate(range(0, size, 100_000)):
        pq.write_table(table.slice(first, 100_000), folder / f"{number}.parquet", row_group_size=ROWS)


def resident() -> float:
    """MB of this process that stand in memory."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def told(what: str) -> None:
    """Say where the campaign is."""
    print(what, file=sys.stderr, flush=True)
