"""What is worth asking about a series: a closed list of kinds of detector, each with parameters that are data.

Every detector judges all projects and months at once: OPEN where a figure that it needs is not known, so that a missing
month is neither good nor bad. Bounds are exact: a share of just 80 % is not below 80 %. Each finding carries the figures that
prove it. Domain specification 7.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.series.block import Flags, Whole
from policy_match.series.evidence import Figure, Said, down, percent_text, up
from policy_match.series.ground import Ground
from policy_match.series.indicator import Indicator
from policy_match.series.months import month_text
from policy_match.series.words import Level

Levels: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Head:
    """What every detector has. `cause`: the cause of its ticket, which also says whose turn it is."""

    id: str
    title: str
    cause: str
    source: str


@dataclass(frozen=True, slots=True)
class ShareOfPlan:
    """The year so far is less than a share of its plan. `yellow`, `red`: the shares, None: no such light."""

    head: Head
    of: Indicator
    yellow: Fraction | None
    red: Fraction | None

    def judge(self, ground: Ground) -> Levels:
        """RED and YELLOW below their shares, GOOD from there on; OPEN without figure or plan, or with a plan of 0."""
        actual, plan = ground.yearly(self.of), ground.plans.get(self.of.id)
        if plan is None:
            return _nothing(ground)
        levels = _of(np.zeros_like(actual.known), Level.GOOD)
        for share, level in ((self.yellow, Level.YELLOW), (self.red, Level.RED)):
            if share is not None:
                levels = np.where(_less(actual.values, plan.values, share), np.int8(level), levels)
        return _judged(levels, actual.known & plan.known & (plan.values > 0))

    def say(self, ground: Ground, row: int, place: int) -> Said:
        """The share, with the figure and the plan."""
        month = ground.month(place)
        actual = int(ground.yearly(self.of).values[row, place])
        plan = int(ground.plans[self.of.id].values[row, place])
        share = Fraction(actual, plan)
        text = f"到{ground.text(place)}，{self.of.title}累计为计划的{percent_text(share)}"
        figures = (
            Figure(f"{self.of.title}累计", self.of.unit, actual, month),
            Figure("计划", self.of.unit, plan, month),
        )
        return Said(text, figures, ((self.of.id, month),), share)


@dataclass(frozen=True, slots=True)
class Below:
    """A monthly figure is less than a bound for so many months running. `limit`: in the unit of the code."""

    head: Head
    of: Indicator
    limit: int
    months: int
    level: Level

    def judge(self, ground: Ground) -> Levels:
        """Hit where every month of the run is known and below; GOOD where one that is known is not."""
        figures = ground.monthly(self.of)
        low = figures.known & (figures.values < self.limit)
        good = figures.known & _any_of(figures.known & ~low, self.months)
        hit = _all_of(low, self.months)
        return _judged(_of(hit, self.level), hit | good)

    def say(self, ground: Ground, row: int, place: int) -> Said:
        """The run, with its figures."""
        run = range(place - self.months + 1, place + 1)
        values = ground.monthly(self.of).values
        figures = tuple(Figure(self.of.title, self.of.unit, int(values[row, p]), ground.month(p)) for p in run)
        text = f"{ground.text(run[0])}至{ground.text(place)}，{self.of.title}连续{self.months}个月偏低"
        return Said(text, figures, tuple((self.of.id, ground.month(p)) for p in run))


@dataclass(frozen=True, slots=True)
class Unreported:
    """Nothing at all was told of so many months running."""

    head: Head
    months: int
    level: Level

    def judge(self, ground: Ground) -> Levels:
        """Judged in the months that are due."""
        missing = ground.due & ~ground.told
        return _judged(_of(_all_of(missing, self.months), self.level), ground.due)

    def say(self, ground: Ground, row: int, place: int) -> Said:
        """Since when nothing was told."""
        missing = ground.due[row] & ~ground.told[row]
        since = place
        while since > 0 and missing[since - 1]:
            since -= 1
        return Said(f"{ground.text(since)}至{ground.text(place)}没有报送（{place - since + 1}个月）", (), ())


@dataclass(frozen=True, slots=True)
class Apart:
    """One figure falls by more than a share while another rises by more than one, each against so many months before."""

    head: Head
    falls: Indicator
    by: Fraction
    rises: Indicator
    rises_by: Fraction
    against: int
    level: Level

    def judge(self, ground: Ground) -> Levels:
        """Judged where all four figures are known and the earlier ones above 0."""
        falling, rising = ground.monthly(self.falls), ground.monthly(self.rises)
        before, base = falling.earlier(self.against), rising.earlier(self.against)
        known = falling.known & rising.known & before.known & base.known
        down_far = _less(falling.values, before.values, 1 - self.by)
        up_far = _less(base.values, rising.values, 1 / (1 + self.rises_by))
        return _judged(_of(down_far & up_far, self.level), known & (before.values > 0) & (base.values > 0))

    def say(self, ground: Ground, row: int, place: int) -> Said:
        """Both moves, with the four figures."""
        months = (ground.month(place - self.against), ground.month(place))
        figures, moves = [], []
        for one, move in ((self.falls, down), (self.rises, up)):
            values = ground.monthly(one).values[row]
            was, now = int(values[place - self.against]), int(values[place])
            figures += [Figure(one.title, one.unit, was, months[0]), Figure(one.title, one.unit, now, months[1])]
            moves.append(f"{one.title}{move(was, now)}")
        text = f"{month_text(months[1])}比{month_text(months[0])}：{'，'.join(moves)}"
        return Said(text, tuple(figures), tuple((one.id, m) for one in (self.falls, self.rises) for m in months))


@dataclass(frozen=True, slots=True)
class Ratio:
    """The year so far of one figure in that of another lies outside a range, both ends of which are inside."""

    head: Head
    of: Indicator
    to: Indicator
    low: Fraction
    high: Fraction
    level: Level

    def judge(self, ground: Ground) -> Levels:
        """Judged where both are known and the second is above 0."""
        part, whole = ground.yearly(self.of), ground.yearly(self.to)
        outside = _less(part.values, whole.values, self.low) | _less(whole.values, part.values, 1 / self.high)
        return _judged(_of(outside, self.level), part.known & whole.known & (whole.values > 0))

    def say(self, ground: Ground, row: int, place: int) -> Said:
        """The ratio, with both figures."""
        values = [int(ground.yearly(one).values[row, place]) for one in (self.of, self.to)]
        share = percent_text(Fraction(values[0], values[1]))
        text = f"到{ground.text(place)}，{self.of.title}累计为{self.to.title}的{share}"
        return _both(ground, place, (self.of, self.to), values, text)


@dataclass(frozen=True, slots=True)
class Zero:
    """The year so far of one figure is 0 while that of another is above a bound. `limit`: in the unit of the second."""

    head: Head
    of: Indicator
    other: Indicator
    limit: int
    level: Level

    def judge(self, ground: Ground) -> Levels:
        """Judged where both are known; a figure that nobody told is not 0."""
        zero, other = ground.yearly(self.of), ground.yearly(self.other)
        hit = (zero.values == 0) & (other.values > self.limit)
        return _judged(_of(hit, self.level), zero.known & other.known)

    def say(self, ground: Ground, row: int, place: int) -> Said:
        """Both figures."""
        values = [0, int(ground.yearly(self.other).values[row, place])]
        text = f"到{ground.text(place)}，{self.of.title}累计为0，{self.other.title}不是0"
        return _both(ground, place, (self.of, self.other), values, text)


@dataclass(frozen=True, slots=True)
class Suspicious:
    """A figure is above the bound of its code: it was taken as told, and somebody should look at it."""

    head: Head
    codes: tuple[Indicator, ...]
    level: Level

    def judge(self, ground: Ground) -> Levels:
        """Judged where any code with a bound is known."""
        known = np.zeros((ground.size, ground.months), np.bool_)
        hit = known.copy()
        for one in self.codes:
            told = ground.block.of(one.id)
            known |= told.known
            hit |= told.known & (told.values > (one.suspicious or 0))
        return _judged(_of(hit, self.level), known)

    def say(self, ground: Ground, row: int, place: int) -> Said:
        """The codes that are above their bound."""
        month, found = ground.month(place), []
        for one in self.codes:
            value = int(ground.block.of(one.id).values[row, place])
            if value > (one.suspicious or 0):
                found.append((one, value))
        text = f"{ground.text(place)}，{'、'.join(one.title for one, _ in found)}过高，请核实"
        figures = tuple(Figure(one.title, one.unit, value, month) for one, value in found)
        return Said(text, figures, tuple((one.id, month) for one, _ in found))


Detector: TypeAlias = ShareOfPlan | Below | Unreported | Apart | Ratio | Zero | Suspicious


def _both(ground: Ground, place: int, codes: tuple[Indicator, Indicator], values: list[int], text: str) -> Said:
    month = ground.month(place)
    figures = tuple(Figure(f"{one.title}累计", one.unit, v, month) for one, v in zip(codes, values, strict=True))
    return Said(text, figures, tuple((one.id, month) for one in codes))


def _less(part: Whole, whole: Whole, share: Fraction) -> Flags:
    """Whether a figure is less than a share of another, exactly."""
    found: Flags = part * share.denominator < whole * share.numerator
    return found


def _of(hit: Flags, level: Level) -> Levels:
    """The level where it is hit, GOOD elsewhere."""
    return np.where(hit, level, Level.GOOD).astype(np.int8)


def _judged(levels: Levels, known: Flags) -> Levels:
    return np.where(known, levels, Level.OPEN).astype(np.int8)


def _nothing(ground: Ground) -> Levels:
    return np.full((ground.size, ground.months), Level.OPEN, np.int8)


def _all_of(flags: Flags, run: int) -> Flags:
    """Whether a month and those before it, `run` together, all are; False where there are not so many columns."""
    found = flags.copy()
    for back in range(1, run):
        found[:, back:] &= flags[:, :-back]
        found[:, :back] = False
    return found


def _any_of(flags: Flags, run: int) -> Flags:
    """Whether any of a month and those before it, `run` together, is."""
    found = flags.copy()
    for back in range(1, run):
        found[:, back:] |= flags[:, :-back]
    return found
