"""Who waits for the libraries to be decided anew once something was recorded, and who is answered as it stood before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest

from policy_match.secret import Secret
from policy_match.store import audit
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match_api import decided
from policy_match_api.decided import Days, Decided

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 10)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("decided")
    url = f"sqlite:///{folder / 'library.db'}"
    found = open_archive(url, ROOT / "rules", ROOT / "corpus", folder, secret=Secret("of a test that nobody keeps"))
    yield found
    found.database.close()


@dataclass(frozen=True)
class Stub:
    """Stands for the libraries as they were decided for the `time`-th time."""

    time: int
    every: tuple[Library, ...] = ()


def time_of(found: Decided | None) -> int:
    assert found is not None
    return cast(Stub, found.libraries).time


class Deciding:
    """Stands for the reading of a library: tells how often it was asked, and waits until it may go on."""

    def __init__(self) -> None:
        self.times, self.faults, self.may_go_on, self.has_begun = 0, 0, threading.Event(), threading.Event()
        self.may_go_on.set()

    def __call__(self, day: date, before: Libraries | None) -> Libraries:
        self.before = before
        self.has_begun.set()
        assert self.may_go_on.wait(20)
        if self.faults:
            self.faults -= 1
            raise ValueError("broken")
        self.times += 1
        return cast(Libraries, Stub(self.times))


@pytest.fixture
def deciding() -> Deciding:
    return Deciding()


@pytest.fixture
def days(archive: Archive, deciding: Deciding) -> Days:
    return Days(archive, deciding)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every deciding counts as a long one."""
    monkeypatch.setattr(decided, "PATIENCE", -1.0)


def record(archive: Archive, actor: str, kind: str = "project") -> None:
    with archive.database.writing() as session:
        who = session.get_one(Actor, actor)
        audit.record(session, who, "test", object_kind=kind, object_id="x", at=datetime(2026, 3, 10, tzinfo=UTC))


def until(met: Callable[[], bool]) -> None:
    end = threading.Event()
    for _ in range(400):
        if met():
            return
        end.wait(0.05)
    raise AssertionError("not met within 20 seconds")


def test_nothing_is_decided_anew_while_nothing_is_recorded(days: Days, deciding: Deciding, archive: Archive) -> None:
    days.on(DAY)
    for kind in ("access", "review"):
        record(archive, "commerce", kind=kind)

    assert time_of(days.on(DAY)) == 1
    assert deciding.times == 1


def test_where_deciding_is_quick_everybody_sees_what_was_recorded_at_once(days: Days, archive: Archive) -> None:
    days.on(DAY)
    record(archive, "commerce")

    assert time_of(days.on(DAY)) == 2


@pytest.mark.usefixtures("slow")
def test_where_deciding_is_slow_readers_are_answered_as_before_until_it_is_done(
    days: Days, deciding: Deciding, archive: Archive
) -> None:
    days.on(DAY)
    deciding.may_go_on.clear()
    record(archive, "commerce")

    seen = [time_of(days.on(DAY, actor)) for actor in ("", "industry", "industry")]
    deciding.may_go_on.set()

    assert seen == [1] * 3
    until(lambda: time_of(days.on(DAY)) == 2)
    assert deciding.times == 2, "decided once, not once for each who asked"


@pytest.mark.usefixtures("slow")
def test_who_recorded_something_waits_and_sees_it(days: Days, deciding: Deciding, archive: Archive) -> None:
    days.on(DAY)
    deciding.may_go_on.clear()
    record(archive, "commerce")
    seen: list[int] = []
    writer = threading.Thread(target=lambda: seen.append(time_of(days.on(DAY, "commerce"))))
    writer.start()
    writer.join(0.3)

    assert seen == []
    deciding.may_go_on.set()
    writer.join(20)
    assert seen == [2]


@pytest.mark.usefixtures("slow")
def test_what_was_recorded_while_it_was_decided_is_seen_the_next_time(
    days: Days, deciding: Deciding, archive: Archive
) -> None:
    deciding.may_go_on.clear()
    first = threading.Thread(target=lambda: days.on(DAY))
    first.start()
    assert deciding.has_begun.wait(20)
    record(archive, "commerce")
    deciding.may_go_on.set()
    first.join(20)

    assert time_of(days.on(DAY, "commerce")) == 2


@pytest.mark.usefixtures("slow")
def test_a_fault_is_told_to_whoever_asks_next_and_is_not_hidden_behind_the_old_state(
    days: Days, deciding: Deciding, archive: Archive
) -> None:
    days.on(DAY)
    deciding.faults = 2
    record(archive, "commerce")

    days.on(DAY)
    until(lambda: days.held(DAY) is None)

    with pytest.raises(ValueError, match="broken"):
        days.on(DAY)
    assert time_of(days.on(DAY)) == 2


@pytest.mark.usefixtures("slow")
def test_what_was_decided_last_is_there_without_waiting(days: Days, deciding: Deciding, archive: Archive) -> None:
    assert days.held(DAY) is None
    days.on(DAY)
    deciding.may_go_on.clear()
    record(archive, "commerce")

    assert time_of(days.held(DAY)) == 1
    deciding.may_go_on.set()
