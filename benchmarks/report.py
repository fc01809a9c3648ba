"""The result: var/bench.json for machines, a table for people."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks.latency import Latency
from benchmarks.rounds import ROUNDS, Timings
from benchmarks.start_up import StartUp

PEERS = ("numpy_bool", "polars", "duckdb", "plain_python", "zen")
US, LISTS, NUMPY = "policy_match", "policy_match with lists", "policy_match, NumPy alone"
GOALS: Mapping[tuple[str, str], float] = {
    (US, "polars"): 12, (US, "numpy_bool"): 6, (US, "duckdb"): 70, (NUMPY, "polars"): 6, (NUMPY, "numpy_bool"): 4, (LISTS, US): 0.65,
}  # fmt: skip
"""How many times as fast one has to be as another in the same run: a change that falls below has made something slower."""


@dataclass(frozen=True, slots=True)
class Result:
    """One run: what was timed on which workload. `subjects_of`: how many of the subjects each contender decided."""

    seed: int
    subjects: int
    measures: int
    timings: Timings
    subjects_of: Mapping[str, int]
    latency: Latency
    start_up: StartUp


def write(result: Result, path: Path) -> None:
    """Write the figures whole or not at all."""
    timings = result.timings
    data = {
        "machine": machine(),
        "seed": result.seed,
        "subjects": result.subjects,
        "measures": result.measures,
        "ratio": {name: round(timings.ratio(US, name), 2) for name in PEERS},
        "ratio_numpy_alone": {name: round(timings.ratio(NUMPY, name), 2) for name in PEERS},
        "list_to_verdict_rate": round(timings.ratio(LISTS, US), 3),
        "latency_ms": asdict(result.latency),
        "start_s": asdict(result.start_up),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def misses(timings: Timings) -> list[str]:
    """The goals that this run misses."""
    found = ((us, other, timings.ratio(us, other), goal) for (us, other), goal in GOALS.items())
    return [f"{us}: {ratio:.2f}× {other}, has to be {goal}×" for us, other, ratio, goal in found if ratio < goal]


def machine() -> str:
    """Processor, cores and versions that the figures hang on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def table(result: Result) -> str:
    """The same for people, as Markdown."""
    timings = result.timings
    lines = ["| contender | subjects | million pairs/s per core | ours is faster by |", "|---|---|---|---|"]
    for name, count in result.subjects_of.items():
        factor = "" if name == US else f"{timings.ratio(US, name):.1f}×"
        lines.append(f"| {name} | {count:,} | {timings.rate(name) / 1e6:,.2f} | {factor} |")
    lines += ["", "| has to be | times | is |", "|---|---|---|"]
    for (us, other), goal in GOALS.items():
        lines.append(f"| {us} to {other} | {goal} | {timings.ratio(us, other):.2f} |")
    lines.append("")
    lines += [f"- one subject, {name.replace('_', ' ')}: {ms} ms" for name, ms in asdict(result.latency).items()]
    lines += [f"- start, {name.replace('_', ' ')}: {_seconds(s)}" for name, s in asdict(result.start_up).items()]
    return "\n".join(lines)


def page(result: Result, commit: str, versions: Mapping[str, str], on: date) -> str:
    """docs/performance.md: how to repeat the figures, and those of the last run."""
    told = ", ".join(f"{name} {number}" for name, number in versions.items())
    measured = (
        f"{on.isoformat()}, commit {commit}, {machine()}; {told}; seed {result.seed}; {ROUNDS} interleaved rounds of"
        f" {result.subjects:,} subjects × {result.measures:,} measures."
    )
    return f"{_INTRODUCTION}\n## The last run\n\n{measured}\n\n{table(result)}\n"


_INTRODUCTION = """# How fast it is, and how to see it for yourself

`make bench` writes this page and `var/bench.json`; `make campaign NAME=batch` measures a million subjects and two Dask workers,
`make campaign NAME=load` the service under load, `make campaign NAME=rematch` what one changed fact costs: their last results
are in [evidence](evidence).

Only ratios of one run are worth comparing: on the same machine the seconds of two days differ by half and more. Every
contender decides the same seeded workload of three-valued rules, gives the same verdicts as the engine on all its subjects or
nothing is written, and is timed in turn with the others by the processor time of its process. Rules, expressions and columns
are compiled before the time is taken; a pass decides every condition anew and keeps nothing of the pass before. Slow peers run
on as many of the first subjects as fit into five seconds. `make bench` ends with 1 where a ratio falls below its goal: then a
change has made something slower.

What makes it fast: a column is looked at once for all conditions, each value put under the last threshold that it reaches, which
gives every threshold at once; a condition is a few word-wise steps over these, 64 subjects a word; all measures are one straight
program of AND, OR and XOR without a branch. With numba the steps run in blocks that stay in the second cache; without it NumPy
runs the same conditions column by column. Lists are written eight places at a time, one after the other in the same place.
"""


def _seconds(seconds: float | None) -> str:
    return "not measured" if seconds is None else f"{seconds} s"
