"""The result: var/bench.json for machines, a table for people."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.latency import Latency
from benchmarks.rounds import Timings
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
    lines.append("")
    lines += [f"- one subject, {name.replace('_', ' ')}: {ms} ms" for name, ms in asdict(result.latency).items()]
    lines += [f"- start, {name.replace('_', ' ')}: {_seconds(s)}" for name, s in asdict(result.start_up).items()]
    return "\n".join(lines)


def _seconds(seconds: float | None) -> str:
    return "not measured" if seconds is None else f"{seconds} s"
