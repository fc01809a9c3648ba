"""Writers against a service that is killed and stopped again and again: nothing that was answered is lost, nothing is done twice.

`make campaign NAME=restarts` runs it at length on a library of 10,000 projects, tests/api/test_restart.py in short. Every write
has its own request number and is sent again until it is answered. A number that was used up before is answered with
`Idempotency-Replayed`: after a kill that shows an answer lost on its way; after a stop (SIGTERM) there must be none.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Protocol, TypeAlias

import httpx2
from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.access.terms import ADMIN
from policy_match.lifecycle.events import Event as LifeEvent
from policy_match.secret import Secret
from policy_match.settings import Settings
from policy_match.store import audit, log, subjects
from policy_match.store.database import open_database
from policy_match.store.subscription_tables import KeptAnswer
from policy_match.store.tables import Actor, Audit, Fact
from policy_match.workflows.issue_key import NewKey, issue_key
from policy_match.workflows.open_archive import open_archive
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[1]
ACTOR = "district-320412"
BOSS = "load-admin"
FIRST_DAY = date(2000, 1, 1)
PATIENCE = 180.0
Body: TypeAlias = "dict[str, str | list[dict[str, str]] | dict[str, str]]"


class Service(Protocol):
    """A service in a process of its own (tests/api/running.py)."""

    process: subprocess.Popen[str]
    address: str
    errors: Path

    def tell(self, number: int) -> None:
        """Send a signal."""

    def end(self, seconds: float = 30) -> int:
        """Exit code once it has ended."""


@contextmanager
def served(folder: Path, *arguments: str, **environment: str) -> Iterator[Service]:
    """A service as the tests start it, with no limit of requests."""
    sys.path.append(str(ROOT / "tests" / "api"))
    limits = {f"POLICY_MATCH_{name}_PER_MINUTE": "0" for name in ("LOOKUPS", "MATCHES", "LOGINS")}
    with import_module("running").running(folder, *arguments, **limits, **environment) as service:
        yield service


def key_for(url: str, actor: str, *scopes: str) -> str:
    """A new key of an actor in the real library, by the workflow that issues keys."""
    own = Settings()  # of the service: another lexicon would cut all words anew, and the service again when it starts
    archive = open_archive(url, own.rules_dir, own.corpus_dir, secret=Secret("of a run that nobody keeps"))
    now = datetime.now(UTC)
    with archive.database.writing() as session:
        if session.get(Actor, BOSS) is None:
            session.add(Actor(id=BOSS, name="试验管理员", role=ADMIN, valid_from=FIRST_DAY))
    asked = NewKey(actor, "load", scopes, "real", now.date() + timedelta(days=30))
    key = issue_key(archive, asked, By("real", BOSS, now))
    archive.database.close()
    return key


@dataclass
class Writer:
    """One client that writes about one project, one request after the other. `cut`: rounds in which the service went away
    from a request of ours; `replayed`: for each answer that was lost on its way, the rounds that cut it."""

    number: int
    address: str
    key: str
    stopping: Event
    round: int = 0
    project: str = ""
    answered: list[str] = field(default_factory=list)
    replayed: list[frozenset[int]] = field(default_factory=list)
    cut: Counter[str] = field(default_factory=Counter)
    fault: str = ""

    def run(self) -> None:
        """Write until told to stop; what is refused ends it, and stands in `fault`."""
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx2.Client(base_url=self.address, headers=headers, timeout=60) as client:
            try:
                self._open(client)
                for turn in range(10**6):
                    if self.stopping.is_set():
                        return
                    self._sent(client, *self._write(turn))
            except (RuntimeError, TimeoutError) as error:
                self.fault = str(error)

    def _open(self, client: httpx2.Client) -> None:
        name = f"示范重启项目{self.number}"
        facts = {"district": "武进区", "agreed_investment": "12亿元"}
        body: Body = {"name": name, "facts": facts, "source": "DISTRICT"}
        self.project = str(self._sent(client, f"w{self.number}-new", "/api/v1/projects", body)["id"])
        signed: Body = {
            "point": "SIGNED", "source": "DISTRICT", "evidence": [{"kind": "投资协议", "number": f"示范{self.number}"}]
        }  # fmt: skip
        self._sent(client, f"w{self.number}-signed", f"/api/v1/projects/{self.project}/events", signed)

    def _write(self, turn: int) -> tuple[str, str, Body]:
        """Request number, address and body: facts, a pause, facts, its end, and so on."""
        key, path = f"w{self.number}-{turn}", f"/api/v1/projects/{self.project}"
        if turn % 2 == 0:
            return key, f"{path}/facts", {"facts": {"content": key}, "source": "DISTRICT", "record": key}
        moved: Body = {"source": "DISTRICT", "reason": key}
        evidence = [{"kind": "属地说明", "number": key}]
        if turn % 4 == 1:
            ends = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
            moved |= {"kind": "pause", "cause": "市场", "expected_on": ends, "evidence": evidence}
        else:
            moved |= {"kind": "resume", "evidence": evidence}
        return key, f"{path}/events", moved

    def _sent(self, client: httpx2.Client, key: str, path: str, body: Body) -> dict[str, object]:
        """The answer to one write, however often it has to be sent."""
        rounds: set[int] = set()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            at = self.round
            try:
                answer = client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx2.TransportError as error:
                self.cut[type(error).__name__] += 1
                rounds.add(at)
                rounds.add(self.round)
                time.sleep(0.05)
                continue
            if answer.status_code == 503:
                self.cut["503"] += 1
                time.sleep(0.2)
                continue
            if answer.status_code not in (200, 201):
                raise RuntimeError(f"{key}: {answer.status_code} {answer.text[:300]}")
            self.answered.append(key)
            if "Idempotency-Replayed" in answer.headers:
                self.replayed.append(frozenset(rounds))
            found: dict[str, object] = answer.json()
            return found
        raise TimeoutError(f"{key}: no answer for {PATIENCE:.0f} s")


@dataclass(frozen=True, slots=True)
class Restarted:
    """What a run came to. `lost_by_stop`: answers of writes that were done and that only a stop kept from their sender;
    `down_seconds`: from each signal until the service answers again."""

    answered: int
    kills: int
    stops: int
    lost_by_kill: int
    lost_by_stop: int
    cut: dict[str, int]
    exit_codes: tuple[int, ...]
    down_seconds: tuple[float, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`signals`: in their order; `up_seconds`: the service writes so long at least before the next one, up to twice that."""

    writers: int
    signals: tuple[signal.Signals, ...]
    up_seconds: float
    seed: int = 20261129


def run(folder: Path, url: str, plan: Plan) -> Restarted:
    """Writers at work while the service is sent the signals; AssertionError where what is kept is not what was answered."""
    dice, crew = random.Random(plan.seed), _Crew(plan.writers)  # noqa: S311  # nothing secret
    codes, down = list[int](), list[float]()
    port, gone = "0", 0.0
    for number, sent in enumerate((*plan.signals, None), start=1):
        with served(folder, "--port", port, POLICY_MATCH_DATABASE_URL=url) as service:
            if sent is not None and not crew.writers:
                port = service.address.rpartition(":")[2]
                crew.begin(service.address, key_for(url, ACTOR, "read", "write"))
            else:
                down.append(time.monotonic() - gone)
            crew.work(plan.up_seconds * (1 + dice.random()))
            if sent is None:
                crew.end()
                continue
            crew.note(number)
            gone = time.monotonic()
            service.tell(sent)
            codes.append(service.end(60))
    found = _told(crew.writers, plan, codes, down)
    check(url, crew.writers)
    return found


class _Crew:
    """The writers, each in a thread of its own."""

    def __init__(self, count: int) -> None:
        self.count, self.stopping = count, Event()
        self.writers: list[Writer] = []
        self.threads: list[Thread] = []

    def begin(self, address: str, key: str) -> None:
        """Have them begin."""
        self.writers += [Writer(number, address, key, self.stopping) for number in range(self.count)]
        self.threads += [Thread(target=writer.run, daemon=True) for writer in self.writers]
        for thread in self.threads:
            thread.start()

    def work(self, seconds: float) -> None:
        """Let them write so long, and until each was answered once more."""
        before = [len(writer.answered) for writer in self.writers]
        end = time.monotonic() + PATIENCE
        time.sleep(seconds)
        while any(
            len(one.answered) == count and not one.fault for one, count in zip(self.writers, before, strict=True)
        ):
            if time.monotonic() > end:
                raise AssertionError("a writer is not answered any more")
            time.sleep(0.05)

    def note(self, number: int) -> None:
        """Tell them which signal comes next."""
        for writer in self.writers:
            writer.round = number

    def end(self) -> None:
        """Have them end what they have begun."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE)


def _told(writers: list[Writer], plan: Plan, codes: list[int], down: list[float]) -> Restarted:
    kills = {number for number, one in enumerate(plan.signals, start=1) if one is signal.SIGKILL}
    lost = [rounds for writer in writers for rounds in writer.replayed]
    return Restarted(
        answered=sum(len(writer.answered) for writer in writers),
        kills=len(kills),
        stops=len(plan.signals) - len(kills),
        lost_by_kill=sum(bool(rounds & kills) for rounds in lost),
        lost_by_stop=sum(not rounds & kills for rounds in lost),
        cut=dict(sum((writer.cut for writer in writers), Counter[str]())),
        exit_codes=tuple(codes),
        down_seconds=tuple(round(one, 1) for one in down),
        faults=tuple(writer.fault for writer in writers if writer.fault),
    )


def check(url: str, writers: list[Writer]) -> None:
    """Every answered write stands exactly once among facts or events, in the audit chain and among the kept answers, and
    no other does; AssertionError."""
    database = open_database(url)
    with database.reading() as session:
        for writer in writers:
            turns = [key for key in writer.answered if _turn(key) is not None]
            told = Counter(key for key in turns if not _is_move(key))
            moved = Counter(key for key in turns if _is_move(key))
            assert not writer.fault, writer.fault
            assert max(told.values(), default=1) == max(moved.values(), default=1) == 1
            assert _records(session, writer) == told
            assert _reasons(session, writer) == moved
            assert _audited(session, writer) == Counter({"told": told.total()}) + moved
            assert _kept(session, writer) == Counter(writer.answered)
        broken = audit.first_break(session)
        assert broken is None, broken
    database.close()


def _turn(key: str) -> int | None:
    last = key.rpartition("-")[2]
    return int(last) if last.isdigit() else None


def _is_move(key: str) -> bool:
    return (_turn(key) or 0) % 2 == 1


def _records(session: Session, writer: Writer) -> Counter[str]:
    asked = select(Fact.record).where(Fact.record.like(f"w{writer.number}-%"))
    return Counter(str(record) for record in session.scalars(asked))


def _reasons(session: Session, writer: Writer) -> Counter[str]:
    project = subjects.by_code(session, "real", writer.project)
    assert project is not None, writer.project
    return Counter(event.reason for event in log.entries(session, LifeEvent, [project])[project.id] if event.reason)


def _audited(session: Session, writer: Writer) -> Counter[str]:
    asked = select(Audit.action, Audit.reason).where(Audit.object_id == writer.project)
    rows = [(row.action, row.reason) for row in session.execute(asked)]
    told = sum(action == "project.tell" for action, _ in rows)
    return Counter({"told": told}) + Counter(
        str(reason) for action, reason in rows if action in ("event.pause", "event.resume")
    )


def _kept(session: Session, writer: Writer) -> Counter[str]:
    asked = select(KeptAnswer.key).where(KeptAnswer.key.like(f"w{writer.number}-%"))
    return Counter(session.scalars(asked))
