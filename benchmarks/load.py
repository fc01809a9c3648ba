"""The service under load on PostgreSQL with 10,000 invented projects: latency, memory, restarts, and the wait after a change.

`make campaign NAME=load` runs it in full, `make campaign NAME=restarts` the restarts. The service is `policy-match serve` with a worker a
core, as an installation runs; the client is another process that sends every request at an instant fixed in advance (load_client.py). Beside the
look-ups an empty endpoint of the same server is asked: /favicon.ico, a small file that goes through every layer that a
look-up goes through and asks nothing of database, libraries or rights; and an address that the service does not have,
which is answered before any route. The cheaper of the two is the measure.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from os import environ, getloadavg, sysconf
from pathlib import Path
from secrets import token_urlsafe
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from urllib.parse import quote

import httpx2
import numpy as np
import orjson

from benchmarks.library import databases, intake_seconds, observed
from benchmarks.load_client import Answered, Request
from benchmarks.report import machine
from benchmarks.restarts import Body, Plan, Restarted, Service, key_for, run, served
from policy_match.workflows.open_rules import open_rulebook, open_vocabulary
from policy_match_api.routes.match import EXAMPLE

ROOT = Path(__file__).resolve().parents[1]
SEED, PROJECTS = 20261129, 10_000
WORKERS = 2
RATE, EMPTY_RATE, SECONDS, WARM_SECONDS = 100.0, 10.0, 60.0, 15.0
BOUND, STEADY = 8.0, 1.05
IDLE = 0.1
"""Processor seconds in two seconds of a service that does nothing."""
CLOCK = "2026-01-01T09:00:00"
READER, WRITER = "development", "district-320412"
EMPTY = ("empty: icon", "empty: no such address")
WRITE = "write: a fact"
MIX = {
    "search": 30, "measures": 10, "one measure": 22, "policies": 8, "one policy": 8, "what-if of one subject": 2,
    "projects (with key)": 6, "one project (with key)": 8, "matches of one project (with key)": 6,
}  # fmt: skip
KILLS = (signal.SIGKILL,) * 2 + (signal.SIGTERM,)


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be asked for."""

    queries: tuple[str, ...]
    measures: tuple[str, ...]
    policies: tuple[str, ...]
    projects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the client. `memory`: MB of the service each second, all its processes; `computing`: processor seconds
    that these took."""

    start_seconds: float
    computing: float
    answered: tuple[Answered, ...]
    memory: tuple[float, ...]

    def p(self, percent: float, *kinds: str) -> float:
        """Milliseconds within which so many of the right answers of these kinds came."""
        times = [one.seconds for one in self.answered if one.kind in kinds and not one.fault]
        return float(np.percentile(times, percent)) * 1000

    @property
    def ratio(self) -> float:
        """p95 of the look-ups to that of the cheaper empty endpoint."""
        return self.p(95, *MIX) / min(self.p(95, kind) for kind in EMPTY)

    @property
    def growth(self) -> float:
        """Memory in the last third to that in the first."""
        third = len(self.memory) // 3
        return median(self.memory[-third:]) / median(self.memory[:third])

    @property
    def faults(self) -> tuple[str, ...]:
        """What went wrong, by kind."""
        return tuple(f"{one.kind}: {one.fault}" for one in self.answered if one.fault)


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds after one recorded fact, nothing else asked: the write, a visitor's next look-up, the reader of another office,
    the writer's own look at the project, and until the other office is shown it too."""

    write: float
    visitor: float
    other: float
    own: float
    shown: float


def main() -> tuple[int, list[str]]:
    """Both runs at full size; the exit code is 1 where a bound is missed. With a worker a core, as an installation runs: one
    Python process alone cannot compute so many look-ups."""
    with databases() as fresh, secret():
        address = fresh["PostgreSQL"]()
        vocabulary = open_vocabulary(ROOT / "rules", ROOT / "corpus")
        told(f"{PROJECTS:,} projects")
        intake_seconds(address, observed(vocabulary, PROJECTS))
        key, writing = key_for(address, READER, "read"), key_for(address, WRITER, "read", "write")
        held = loaded(address, (key, writing), seconds=SECONDS)
        busy = loaded(address, (key, writing), seconds=SECONDS, write_every=5.0)
        waits = [waited(address, (key, writing), workers=workers) for workers in (1, WORKERS)]
    fine = not held.faults and held.growth <= STEADY and held.ratio <= BOUND
    return int(not fine), [*head(), *lines(held, busy, waits)]


def killed() -> tuple[int, list[str]]:
    """The restarts at full size, on PostgreSQL with the library and on SQLite; the exit code is 1 where anything was lost."""
    with databases() as fresh, secret():
        address = fresh["PostgreSQL"]()
        told(f"{PROJECTS:,} projects")
        intake_seconds(address, observed(open_vocabulary(ROOT / "rules", ROOT / "corpus"), PROJECTS))
        restarted = {name: restarts(url, 4) for name, url in (("PostgreSQL", address), ("SQLite", fresh["SQLite"]()))}
    safe = all(not one.faults and not one.lost_by_stop for one in restarted.values())
    first = f"- {machine()}; PostgreSQL with {PROJECTS:,} invented projects, SQLite with none; seed {SEED}"
    return int(not safe), [first, *restart_lines(restarted)]


@contextmanager
def secret() -> Iterator[None]:
    """The secret that an installation on PostgreSQL needs, for this run."""
    environ["POLICY_MATCH_SECRET"] = token_urlsafe(48)
    try:
        yield
    finally:
        del environ["POLICY_MATCH_SECRET"]


def loaded(address: str, keys: tuple[str, str], *, seconds: float, write_every: float | None = None) -> Run:
    """One service under load; `write_every`: seconds between facts that are recorded meanwhile."""
    told(f"{seconds:.0f} s, {'no writes' if write_every is None else f'a write each {write_every} s'}")
    with TemporaryDirectory(prefix="policy_match_load_") as name:
        folder, begun = Path(name), time.monotonic()
        with open_service(folder, address, WORKERS) as service:
            start_seconds = time.monotonic() - begun
            until_ready(service)
            asked = asked_of(service, keys[0])
            client_run(folder, service, keys[0], planned(asked, WARM_SECONDS, SEED + 1))
            requests = planned(asked, seconds, SEED)
            stopping, memory = Event(), list[float]()
            threads = [Thread(target=watch, args=(service, stopping, memory))]
            if write_every is not None:
                threads.append(Thread(target=write_on, args=(service, keys[1], write_every, stopping)))
            for thread in threads:
                thread.start()
            before = computed(service)
            answered = client_run(folder, service, keys[0], requests)
            computing = computed(service) - before
            stopping.set()
            for thread in threads:
                thread.join()
    found = Run(start_seconds, computing, tuple(answered), tuple(memory))
    told(
        f"p95 {found.p(95, *MIX):.0f} ms, {found.ratio:.1f} × the empty endpoint, computing {computing / seconds:.2f} cores"
    )
    return found


@contextmanager
def open_service(folder: Path, address: str, workers: int) -> Iterator[Service]:
    """The service over that database on the day of the facts."""
    environment = {"POLICY_MATCH_DATABASE_URL": address, "POLICY_MATCH_NOW": CLOCK}
    with served(folder, "--workers", str(workers), **environment) as service:
        yield service


def until_ready(service: Service, seconds: float = 600.0) -> None:
    """Wait until it can do its work and has nothing left to prepare, neither search nor suggestions; TimeoutError."""
    end, is_idle = time.monotonic() + seconds, False
    while not is_idle:
        answer = httpx2.get(service.address + "/ready", timeout=60)
        before = computed(service)
        time.sleep(2.0)
        is_idle = answer.status_code == 200 and answer.json()["search_open"] and computed(service) - before < IDLE
        if time.monotonic() > end:
            raise TimeoutError(answer.text)


def asked_of(service: Service, key: str) -> Asked:
    """What may be asked for: the questions of the search tests, what the rules have, the projects of the library."""
    rulebook = open_rulebook(ROOT / "rules", ROOT / "corpus")
    questions = (ROOT / "tests" / "data" / "queries" / "frozen.jsonl").read_bytes().splitlines()
    with httpx2.Client(base_url=service.address, headers={"Authorization": f"Bearer {key}"}, timeout=120) as client:
        found = client.get("/api/v1/projects", params={"kind": "project", "limit": 1000}).json()["projects"]
    return Asked(
        tuple(orjson.loads(line)["query"] for line in questions),
        tuple(rulebook.ids),
        tuple(sorted(rulebook.documents)),
        tuple(str(one["id"]) for one in found),
    )


def planned(asked: Asked, seconds: float, seed: int) -> list[Request]:
    """The look-ups and the empty requests of a run, each stream with gaps as independent callers have; by instant."""
    dice = random.Random(seed)  # noqa: S311  # nothing secret
    found = []
    for at in instants(dice, RATE, seconds):
        (kind,) = dice.choices([*MIX], weights=[*MIX.values()])
        found.append(look_up(at, kind, asked, dice))
    for at in instants(dice, EMPTY_RATE, seconds):
        found.append(Request(at, EMPTY[0], "/favicon.ico"))
    for at in instants(dice, EMPTY_RATE, seconds):
        found.append(Request(at, EMPTY[1], "/api/v1/nothing", status=404))
    return sorted(found, key=lambda one: one.at)


def instants(dice: random.Random, rate: float, seconds: float) -> Iterator[float]:
    """Seconds after the beginning at which somebody asks."""
    at = dice.expovariate(rate)
    while at < seconds:
        yield at
        at += dice.expovariate(rate)


def look_up(at: float, kind: str, asked: Asked, dice: random.Random) -> Request:
    """One request of a kind of the mix."""
    start = "/api/v1"
    project = f"{start}/projects/{dice.choice(asked.projects)}"
    paths = {
        "search": f"{start}/search?q={quote(dice.choice(asked.queries))}",
        "measures": f"{start}/measures",
        "one measure": f"{start}/measures/{dice.choice(asked.measures)}",
        "policies": f"{start}/policies",
        "one policy": f"{start}/policies/{quote(dice.choice(asked.policies))}",
        "what-if of one subject": f"{start}/match",
        "projects (with key)": f"{start}/projects?limit=50&offset={dice.randrange(0, len(asked.projects), 50)}",
        "one project (with key)": project,
        "matches of one project (with key)": f"{project}/matches",
    }
    body = json.dumps(EXAMPLE) if kind == "what-if of one subject" else ""
    return Request(at, kind, paths[kind], signed="with key" in kind, body=body)


def client_run(folder: Path, service: Service, key: str, requests: Sequence[Request]) -> list[Answered]:
    """Send the requests from a process of its own."""
    plan, result = folder / "plan.json", folder / "result.json"
    given = {"address": service.address, "key": key, "requests": [asdict(one) for one in requests]}
    plan.write_text(json.dumps(given), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "benchmarks.load_client", plan, result], cwd=ROOT, check=True)
    return [Answered(**one) for one in json.loads(result.read_bytes())]


def watch(service: Service, stopping: Event, memory: list[float]) -> None:
    """Note the memory of all processes of a service each second."""
    while not stopping.wait(1.0):
        memory.append(sum(resident(process) for process in family(service.process.pid)))


def family(process: int) -> Iterator[int]:
    """A process and those that it started, by id."""
    yield process
    for child in Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split():
        yield from family(int(child))


def resident(process: int) -> float:
    """MB of a process that stand in memory."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def computed(service: Service) -> float:
    """Processor seconds of all processes of a service since they began."""
    ticks = (
        Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2] for process in family(service.process.pid)
    )
    return sum(sum(map(int, each.split()[11:13])) for each in ticks) / sysconf("SC_CLK_TCK")


def write_on(service: Service, key: str, every: float, stopping: Event) -> None:
    """Record a fact again and again; RuntimeError for one that is refused."""
    project, number = own_project(service, key), 0
    while not stopping.wait(every):
        number += 1
        record_fact(service, key, project, f"load-{number}")


def own_project(service: Service, key: str) -> str:
    """The id of a project that the writer may change, entered for it."""
    body: Body = {"name": f"示范写入项目{token_urlsafe(6)}", "facts": {"district": "武进区"}, "source": "DISTRICT"}
    return str(_posted(service, key, "/api/v1/projects", body)["id"])


def record_fact(service: Service, key: str, project: str, text: str) -> None:
    """One fact of a project."""
    body: Body = {"facts": {"content": text}, "source": "DISTRICT", "record": text}
    _posted(service, key, f"/api/v1/projects/{project}/facts", body)


def _posted(service: Service, key: str, path: str, body: Body) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": token_urlsafe(12)}
    answer = httpx2.post(service.address + path, json=body, headers=headers, timeout=120)
    if answer.status_code not in (200, 201):
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
    found: dict[str, object] = answer.json()
    return found


def waited(address: str, keys: tuple[str, str], *, workers: int) -> Waits:
    """What one recorded fact costs those who ask next, on a service that does nothing else."""
    told(f"the wait after a change, workers {workers}")
    with TemporaryDirectory(prefix="policy_match_load_") as name, open_service(Path(name), address, workers) as service:
        until_ready(service)
        project = own_project(service, keys[1])
        path = f"/api/v1/projects/{project}"
        until_shown(service, path, keys[0])
        for _ in range(10):
            _got(service, path, keys[1])
            _got(service, path, keys[0])
            _got(service, "/api/v1/measures", "")
        until_ready(service)
        text = f"load-{token_urlsafe(6)}"
        begun = time.monotonic()
        record_fact(service, keys[1], project, text)
        write = time.monotonic() - begun
        visitor = _got(service, "/api/v1/measures", "")[0]
        other = _got(service, path, keys[0])[0]
        own, seen = _got(service, path, keys[1])
        if text not in seen:
            raise AssertionError("the writer does not see what it wrote")
        while text not in _got(service, path, keys[0])[1]:
            time.sleep(0.1)
        return Waits(write, visitor, other, own, time.monotonic() - begun)


def until_shown(service: Service, path: str, key: str) -> None:
    """Wait until every worker shows another office what was entered; TimeoutError.

    A worker answers others from what it held while it decides a large library anew, and each connection finds one of them.
    """
    end, shown = time.monotonic() + 300, 0
    while shown < 20:
        answer = httpx2.get(service.address + path, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        shown = shown + 1 if answer.status_code == 200 else 0
        time.sleep(0.1)
        if time.monotonic() > end:
            raise TimeoutError(path)


def _got(service: Service, path: str, key: str) -> tuple[float, str]:
    """Seconds and text of an answer."""
    begun = time.monotonic()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = httpx2.get(service.address + path, headers=headers, timeout=300)
    answer.raise_for_status()
    return time.monotonic() - begun, answer.text


def restarts(address: str, times: int) -> Restarted:
    """Kills and stops under writing clients."""
    told(f"restarts, {address.partition(':')[0]}")
    with TemporaryDirectory(prefix="policy_match_load_") as folder:
        return run(Path(folder), address, Plan(writers=8, signals=KILLS * times, up_seconds=5.0))


def told(what: str) -> None:
    """Say where the campaign is."""
    print(what, file=sys.stderr, flush=True)


def head() -> list[str]:
    """Machine, counts and the state of the machine."""
    shown = " ".join(f"{load:.1f}" for load in getloadavg())
    return [
        f"- {machine()}",
        f"- PostgreSQL, {PROJECTS:,} invented projects, each with a firm of its own, times all measures; seed {SEED}",
        f"- {RATE:.0f} look-ups a second for {SECONDS:.0f} s, by instants fixed in advance, beside twice {EMPTY_RATE:.0f} empty requests a second",
        f"- load average {shown} over the last 1, 5 and 15 minutes, our own included",
    ]


def lines(held: Run, busy: Run, waits: Sequence[Waits]) -> list[str]:
    """The figures of the load as Markdown."""
    every, titles = [held, busy], [f"{WORKERS} workers", f"{WORKERS} workers, a fact recorded each 5 s"]
    kinds = [*MIX, *EMPTY]
    table = ["", f"| ms: p50, p95, p99 | {' | '.join(titles)} |", f"|---|{'---|' * len(every)}"]
    for name, chosen in (*((kind, (kind,)) for kind in kinds), ("every look-up", tuple(MIX))):
        shown = (", ".join(f"{one.p(percent, *chosen):.1f}" for percent in (50, 95, 99)) for one in every)
        table.append(f"| {name} | {' | '.join(shown)} |")
    figures = {
        f"p95 of look-ups to the cheaper empty one (at most {BOUND:.0f} where nothing is written)": [f"{one.ratio:.1f}×" for one in every],
        "answers, of them wrong": [f"{len(one.answered):,}, {len(one.faults)}" for one in every],
        "processor ms an answer": [f"{one.computing / len(one.answered) * 1000:.1f}" for one in every],
        "client late, p99 ms": [f"{np.percentile([each.late for each in one.answered], 99) * 1000:.1f}" for one in every],
        "memory, MB: first third, last third": [
            f"{median(one.memory[: len(one.memory) // 3]):,.0f}, {median(one.memory[-(len(one.memory) // 3) :]):,.0f}"
            for one in every
        ],
        "memory, last third to first": [f"{one.growth:.3f}" for one in every],
        "start until it answers, s": [f"{one.start_seconds:.1f}" for one in every],
    }  # fmt: skip
    table += [f"| {name} | {' | '.join(values)} |" for name, values in figures.items()]
    told_faults = [f"- wrong answer: {fault}" for one in every for fault in sorted(set(one.faults))]
    return [*table, *told_faults, *wait_lines(waits)]


def wait_lines(waits: Sequence[Waits]) -> list[str]:
    """What one change costs those who ask next."""
    table = ["", "| seconds after one recorded fact | 1 worker | 2 workers |", "|---|---|---|"]
    for name, words in (
        ("write", "the write itself"),
        ("visitor", "a visitor's next look-up"),
        ("other", "next look of another office at the project, as it stood before"),
        ("own", "the writer's own look at the project"),
        ("shown", "until the other office is shown the fact"),
    ):
        table.append(f"| {words} | {' | '.join(f'{getattr(one, name):.2f}' for one in waits)} |")
    return table


def restart_lines(restarted: dict[str, Restarted]) -> list[str]:
    """What came of kills and stops."""
    table = ["", f"| restarts under 8 writers | {' | '.join(restarted)} |", f"|---|{'---|' * len(restarted)}"]
    rows = {
        "writes answered, each there exactly once": [f"{one.answered:,}" for one in restarted.values()],
        "kills, stops": [f"{one.kills}, {one.stops}" for one in restarted.values()],
        "answers lost by a kill, given again on repetition": [str(one.lost_by_kill) for one in restarted.values()],
        "answers lost by a stop (must be 0)": [str(one.lost_by_stop) for one in restarted.values()],
        "attempts that found no service": [
            "、".join(f"{name} {count}" for name, count in one.cut.items()) for one in restarted.values()
        ],
        "seconds until it answers again, middle": [f"{median(one.down_seconds):.1f}" for one in restarted.values()],
    }
    return [
        *table,
        *(f"| {name} | {' | '.join(values)} |" for name, values in rows.items()),
        *(f"- {fault}" for one in restarted.values() for fault in one.faults),
    ]
