"""A service that is killed or stopped while clients write: nothing that was answered is lost, nothing is done twice."""

from __future__ import annotations

import socket
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

import pytest
from benchmarks.library import databases
from benchmarks.restarts import Plan, run

from policy_match_api.serve import _bound

SECRET = "aT4pZ0nq-Lw8vRk2sYx6uDf1gHj3cBm5eNi7oQz9"  # of a database that nobody keeps


@pytest.mark.parametrize(("kind", "signals"), [("SQLite", [SIGKILL]), ("PostgreSQL", [SIGKILL, SIGTERM])])
def test_a_restart_under_load_loses_no_accepted_write_and_does_none_twice(
    kind: str,
    signals: list[Signals],
    tmp_path: Path,
    without_lexicon: Path,
    few_rules: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLICY_MATCH_SECRET", SECRET)
    monkeypatch.setenv("POLICY_MATCH_CORPUS", str(without_lexicon))
    monkeypatch.setenv("POLICY_MATCH_RULES", str(few_rules))
    plan = Plan(writers=3, signals=tuple(signals), up_seconds=1.0)

    with databases() as fresh:
        found = run(tmp_path, fresh[kind](), plan)

    assert found.faults == ()
    assert (found.kills, found.stops, found.lost_by_stop) == (1, len(signals) - 1, 0)
    assert set(found.exit_codes[1 : len(signals)]) <= {0, -SIGTERM}, found.exit_codes
    assert found.answered > 3 * 3
    assert found.cut, "the service never went away from a client"


def test_the_end_of_an_answer_does_not_wait_until_its_beginning_was_received() -> None:
    with _bound("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()

        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
