"""The worker as it is run: a process of its own that goes round after round, and ends what it has begun when told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from pushing import contact, person
from rows import E1, firm_row, taken
from sending import SECRET, Sending, posts, sending
from sqlalchemy import select, update

from policy_match.secret import Secret
from policy_match.store.push_tables import OpenPairs, PushRun
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.run_round import Rounds
from policy_match.workflows.run_worker import push_beside

KEY = "aT4pZ0nq-Lw8vRk2sYx6uDf1gHj3cBm5eNi7oQz9"  # of a database that nobody keeps
Called = Callable[[str, Path], subprocess.CompletedProcess[str]]


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Sending]:
    """An archive whose file and secret a process of its own can open, too."""
    root = Path(__file__).resolve().parents[2]
    archive = open_archive(f"sqlite:///{tmp_path}/library.db", root / "rules", root / "corpus", secret=Secret(KEY))
    taken(archive, firm_row(archive, E1, "示范一"))
    person(archive)
    contact(archive, gateway_account="acct-1")
    with sending(archive) as found:
        yield found
    archive.database.close()


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped rules without the order of matches: a worker by them has no texts to learn, which takes six seconds."""
    folder, shipped = tmp_path_factory.mktemp("rules"), Path(__file__).resolve().parents[2] / "rules"
    for part in shipped.iterdir():
        if part.name != "ranking.yaml":
            (folder / part.name).symlink_to(part)
    return folder


def environment(out: Sending, rules: Path) -> dict[str, str]:
    return {
        "POLICY_MATCH_RULES": str(rules),
        "POLICY_MATCH_DATABASE_URL": out.archive.database.engine.url.render_as_string(hide_password=False),
        "POLICY_MATCH_SECRET": KEY, "POLICY_MATCH_NOW": "2025-03-31T10:00:00", "POLICY_MATCH_GATEWAY_URL": out.gateway.url,
        "POLICY_MATCH_GATEWAY_SECRET": SECRET,
    }  # fmt: skip


def started(out: Sending, rules: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from policy_match.cli import main; main()", *arguments]
    own = os.environ | environment(out, rules)
    return subprocess.Popen(command, env=own, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_told_to_stop_a_worker_ends_the_message_that_it_has_begun_and_begins_no_other(
    out: Sending, rules: Path
) -> None:
    numbers = [out.due() for _ in range(3)]
    out.gateway.seconds = 2
    process = started(out, rules, "worker", "--every", "0.05")
    end = time.monotonic() + 120
    while not posts(out.gateway):
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)

    assert process.returncode == 0, told
    assert "结束" in told
    assert [out.row(number).state for number in numbers] == ["sent", "pending", "pending"]
    assert len(posts(out.gateway)) == 1
    assert [out.row(number).leased_by for number in numbers] == [None, None, None]


def test_one_round_sends_what_is_due_and_says_so(
    out: Sending, rules: Path, tmp_path: Path, called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    out.due()
    for name, value in environment(out, rules).items():
        monkeypatch.setenv(name, value)
    done = called("push tick", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "发送：已发出 1" in done.stdout
    assert out.states() == ["sent"]


def test_a_part_that_fails_is_told_and_keeps_no_other_from_its_work(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    taken(archive, firm_row(archive, E1, "示范一"))
    person(archive)
    contact(archive, gateway_account="acct-1")

    def broken(_archive: Archive, _library: str, _now: datetime) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("policy_match.workflows.run_round.daily_push", broken)
    with sending(archive) as out:
        out.due()
        done = Rounds.of(out.post(), None, goes_on=False).run()
    assert done.failed == ("真实项目库推送", "示范库推送")
    assert "发送：已发出 1" in done.told
    assert "broken" in caplog.text


def test_beside_a_service_round_follows_round_until_it_is_stopped(archive: Archive) -> None:
    taken(archive, firm_row(archive, E1, "示范一"))
    person(archive)
    contact(archive, gateway_account="acct-1")
    with sending(archive) as out:
        out.due()
        rounds = Rounds.of(out.post(), None, goes_on=False)
        beside = Thread(target=push_beside, args=(rounds,), kwargs={"every": 0.01})
        beside.start()
        while out.states() != ["sent"] and beside.is_alive():
            time.sleep(0.01)
        rounds.stopping.set()
        beside.join(timeout=30)
        assert not beside.is_alive()
        assert out.states() == ["sent"]


def test_once_a_day_everything_is_decided_anew_and_what_was_missed_is_told(archive: Archive) -> None:
    taken(archive, firm_row(archive, E1, "示范一"))
    with sending(archive) as out:
        rounds = Rounds.of(out.post(), None, goes_on=False)
        assert "漏了" not in "".join(rounds.run().told)
        with archive.database.writing() as session:
            session.execute(update(OpenPairs).values(pairs="{}", look_on=None))
        assert "漏了" not in "".join(rounds.run().told)
        out.now += timedelta(days=1)
        assert any("每日全量核对：漏了" in line for line in rounds.run().told)
        with archive.database.reading() as session:
            runs = list(session.scalars(select(PushRun).where(PushRun.kind == "check", PushRun.library == "real")))
        assert [run.counts["missed"] > 0 for run in runs] == [False, True]


def test_rounds_that_were_stopped_begin_nothing(archive: Archive) -> None:
    taken(archive, firm_row(archive, E1, "示范一"))
    person(archive)
    contact(archive, gateway_account="acct-1")
    with sending(archive) as out:
        out.due()
        rounds = Rounds.of(out.post(), None, goes_on=False)
        rounds.stopping.set()
        assert rounds.run().told == ()
        assert out.states() == ["pending"]
