"""Round after round until told to stop: SIGTERM or Ctrl-C lets what has begun end, and begins nothing new."""

from __future__ import annotations

import logging
import signal
from types import FrameType

from policy_match.workflows.run_round import Rounds

log = logging.getLogger("policy_match.worker")


def run_worker(rounds: Rounds, *, every: float, once: bool = False) -> int:
    """The exit code: 0, or 1 where a part of the only round failed. `every`: seconds between two rounds."""
    _stop_on_signals(rounds)
    log.info("开始：%s", rounds.post.worker)
    while True:
        done = rounds.run()
        for line in done.told:
            log.info("%s", line)
        if once or rounds.stopping.wait(every):
            break
    log.info("结束：%s", rounds.post.worker)
    return 1 if once and done.failed else 0


def push_beside(rounds: Rounds, *, every: float) -> None:
    """Round after round beside something else that the process does, whose end is the end of this too."""
    while not rounds.stopping.is_set():
        for line in rounds.run().told:
            log.info("%s", line)
        rounds.stopping.wait(every)


def _stop_on_signals(rounds: Rounds) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        rounds.stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
