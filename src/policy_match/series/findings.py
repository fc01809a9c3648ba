"""Findings of many projects: by the last month that each detector can judge, and whether what was found is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from policy_match.series.detectors import Detector, Levels
from policy_match.series.evidence import Figure
from policy_match.series.ground import Ground
from policy_match.series.words import Level


@dataclass(frozen=True, slots=True)
class Finding:
    """What one detector says of one project by a month. `text` tells no figure but shares; `figures` prove it.

    `rests_on`: code and month of what was told.
    """

    detector: str
    title: str
    level: Level
    cause: str
    month: int
    text: str
    figures: tuple[Figure, ...]
    rests_on: tuple[tuple[str, int], ...]
    share: Fraction | None


@dataclass(frozen=True, slots=True)
class Findings:
    """All detectors on one ground. `levels`: int8 (n, months) of each, by id of the detector."""

    ground: Ground
    detectors: tuple[Detector, ...]
    levels: Mapping[str, Levels]

    @classmethod
    def on(cls, ground: Ground, detectors: Sequence[Detector]) -> Findings:
        """Judge every project and month."""
        return cls(ground, tuple(detectors), {one.head.id: one.judge(ground) for one in detectors})

    def of(self, row: int) -> tuple[Finding, ...]:
        """The findings of one project, the worst first, each by the last month that its detector can judge."""
        found = sorted(self._hits(row), key=lambda pair: (-pair[1], pair[0].head.id))
        return tuple(self._finding(one, level, row, place) for one, level, place in found)

    def level(self, detector: str, row: int) -> Level:
        """What a detector says by the last month that it can judge; OPEN if it never could."""
        place = self._last(detector, row)
        return Level.OPEN if place is None else Level(int(self.levels[detector][row, place]))

    def good_months(self, cause: str, row: int) -> int:
        """For how many months in a row, up to the last that can be judged, all is well that was found under a cause.

        Of its detectors those count that ever found something, or all where none did. A month that one of them cannot judge
        ends the row: it may have been bad.
        """
        own = [self.levels[one.head.id][row] for one in self.detectors if one.head.cause == cause]
        own = [levels for levels in own if (levels > Level.GOOD).any()] or own
        if not own:
            return 0
        every = np.stack(own)
        judged = np.flatnonzero((every != Level.OPEN).any(axis=0))
        good = (every == Level.GOOD).all(axis=0)
        place, count = int(judged[-1]) if judged.size else -1, 0
        while place - count >= 0 and good[place - count]:
            count += 1
        return count

    def _hits(self, row: int) -> Iterator[tuple[Detector, Level, int]]:
        for one in self.detectors:
            place = self._last(one.head.id, row)
            level = Level.OPEN if place is None else Level(int(self.levels[one.head.id][row, place]))
            if place is not None and level.is_hit:
                yield one, level, place

    def _last(self, detector: str, row: int) -> int | None:
        judged = np.flatnonzero(self.levels[detector][row] != Level.OPEN)
        return int(judged[-1]) if judged.size else None

    def _finding(self, one: Detector, level: Level, row: int, place: int) -> Finding:
        said, head = one.say(self.ground, row, place), one.head
        month = self.ground.month(place)
        return Finding(
            head.id, head.title, level, head.cause, month, said.text, said.figures, said.rests_on, said.share
        )
