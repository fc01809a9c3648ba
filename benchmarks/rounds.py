"""Interleaved timing: every round times every contender once, so that all see the same machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.contender import Contender, VerdictMatrix
from benchmarks.workload import Workload

ROUNDS = 5
PASS_SECONDS = 5.0
TRIAL, GROWTH, TRIES = 40, 10, 8


class MismatchError(Exception):
    """A contender decided differently: no figure is worth writing."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Pairs per second of processor time, by contender, one figure a round."""

    rates: Mapping[str, tuple[float, ...]]

    def rate(self, name: str) -> float:
        """The middle rate."""
        return median(self.rates[name])

    def ratio(self, name: str, other: str) -> float:
        """How many times as fast `name` is: the middle of the ratios of each round."""
        return median(a / b for a, b in zip(self.rates[name], self.rates[other], strict=True))


def fitted(
    make: Callable[[Workload], Contender], workload: Workload, seconds_of: Callable[[Contender], float]
) -> Contender:
    """A contender on all subjects, or on as many of the first as it decides within one pass's time.

    The cost of a subject is told from passes of different size, again and again until the time is well used: one
    small pass is mostly cost that does not grow, and would have a peer that works in columns timed on a handful.
    """
    found = make(workload.first(TRIAL))
    seconds, earlier, spent = seconds_of(found), 0, 0.0
    for _ in range(TRIES):
        count, fits = found.subjects, seconds <= PASS_SECONDS
        wanted = count * (GROWTH if seconds * GROWTH <= PASS_SECONDS or earlier else 2)
        if earlier and seconds > spent and count != earlier:
            per_subject = (seconds - spent) / (count - earlier)
            wanted = min(wanted, count + int((PASS_SECONDS * 0.9 - seconds) / per_subject))
        wanted = min(workload.subjects, max(TRIAL, wanted))
        if wanted == count or (fits and wanted < count * 1.25):
            break
        earlier, spent, found = count, seconds, make(workload.first(wanted))
        seconds = seconds_of(found)
    return found


def pass_seconds(contender: Contender) -> float:
    """Processor seconds of one pass."""
    return _timed(contender.run)


def compare(ours: VerdictMatrix, contender: Contender) -> None:
    """Refuse a contender whose verdicts differ from ours on the same subjects."""
    theirs = contender.checked()
    mine = ours[:, : contender.subjects]
    if theirs.shape != mine.shape:
        raise MismatchError(f"{contender.name}: verdicts of shape {theirs.shape}, expected {mine.shape}")
    wrong = np.argwhere(theirs != mine)
    if len(wrong):
        measure, subject = wrong[0].tolist()
        raise MismatchError(
            f"{contender.name}: {len(wrong)} of {mine.size} verdicts differ, first measure {measure}, subject {subject}: "
            f"{theirs[measure, subject]}, ours {mine[measure, subject]}"
        )


def timed_rounds(contenders: Sequence[Contender], measures: int, tell: Callable[[str], None]) -> Timings:
    """Rates of all contenders over the rounds; the order turns by one each round."""
    rates: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(ROUNDS):
        tell(f"round {number + 1} of {ROUNDS}")
        turn = number % len(contenders)
        for contender in (*contenders[turn:], *contenders[:turn]):
            rates[contender.name].append(contender.subjects * measures / _timed(contender.run))
    return Timings({name: tuple(found) for name, found in rates.items()})


def _timed(run: Callable[[], object]) -> float:
    """Processor seconds of one run, its result released within."""
    gc.collect()
    gc.disable()
    start = time.process_time()
    run()
    seconds = time.process_time() - start
    gc.enable()
    return max(seconds, 1e-6)
