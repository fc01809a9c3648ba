"""The detectors of `rules/indicators.yaml`: their codes and causes exist, their bounds are in the unit of their code."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.indicator_shape import (
    WrittenApart,
    WrittenBelow,
    WrittenDetector,
    WrittenRatio,
    WrittenShareOfPlan,
    WrittenSuspicious,
    WrittenUnreported,
    WrittenZero,
)
from policy_match.errors import FactError, Issue
from policy_match.lifecycle.table import LifecycleTable
from policy_match.series.detectors import (
    Apart,
    Below,
    Detector,
    Head,
    Ratio,
    ShareOfPlan,
    Suspicious,
    Unreported,
    Zero,
)
from policy_match.series.indicator import Indicator
from policy_match.series.reading import read_figure
from policy_match.series.words import Level, Unit
from policy_match.units import parse_ratio

_FINEST = 1_000
_LEVELS = {"query": Level.QUERY, "yellow": Level.YELLOW, "red": Level.RED}


@dataclass(frozen=True, slots=True)
class _Reader:
    """One detector at work. `planned`: the codes that have a plan."""

    codes: Mapping[str, Indicator]
    planned: Collection[str]
    findings: Findings
    path: Place

    def code(self, key: str, name: str, *, sums: bool = False) -> Indicator | None:
        """The indicator of a name; `sums`: its figures are added up over the year, which a ratio's cannot be."""
        found = self.codes.get(name)
        if found is None:
            self.refuse(key, f"没有指标“{name}”", "、".join(self.codes))
        elif sums and found.unit is Unit.RATIO:
            self.refuse(key, f"“{found.title}”是比例，不能累计", "金额、用电或个数")
            return None
        return found

    def share(self, key: str, written: str, *, most: int = 4) -> Fraction | None:
        """A share above 0, to a thousandth."""

        def read() -> Fraction:
            found = Fraction(parse_ratio(written))
            if not 0 < found <= most or _FINEST % found.denominator:
                allowed = f"大于0、不超过{most * 100}%，精确到0.1%"
                raise FactError(Issue("INDICATOR_SHARE", f"“{written[:20]}”不能用作比例界限", "", allowed, "改写"))
            return found

        return self.findings.read((*self.path, *key.split(".")), read)

    def figure(self, key: str, written: str, of: Indicator | None) -> int | None:
        """A bound in the unit of an indicator."""
        if of is None:
            return None
        return self.findings.read((*self.path, key), lambda: read_figure(written, of.unit))

    def refuse(self, key: str, what: str, allowed: str) -> None:
        self.findings.refuse("INDICATOR_NAME", what, (*self.path, key), allowed, "改用其中一个")


def read_detectors(
    written: Iterable[WrittenDetector],
    codes: Mapping[str, Indicator],
    planned: Collection[str],
    findings: Findings,
    table: LifecycleTable,
) -> tuple[Detector, ...]:
    """The detectors in the order of the file; what is wrong with one is added to the findings."""
    found: dict[str, Detector] = {}
    for place, one in enumerate(written):
        reader = _Reader(codes, planned, findings, ("detectors", place))
        if one.id in found:
            what = f"预警编号“{one.id}”重复"
            findings.refuse("INDICATOR_TWICE", what, (*reader.path, "id"), "每个预警一个编号", "改名")
        if one.cause not in table.tickets.causes:
            reader.refuse("cause", f"没有问题类别“{one.cause}”", "、".join(table.tickets.causes))
        made = _detector(one, Head(one.id, one.title, one.cause, one.source), reader)
        if made is not None:
            found[one.id] = made
    return tuple(found.values())


def _detector(one: WrittenDetector, head: Head, reader: _Reader) -> Detector | None:
    match one:
        case WrittenShareOfPlan():
            return _share_of_plan(one, head, reader)
        case WrittenBelow():
            of = reader.code("of", one.of)
            limit = reader.figure("less_than", one.less_than, of)
            return None if of is None or limit is None else Below(head, of, limit, one.months, _LEVELS[one.level])
        case WrittenUnreported():
            return Unreported(head, one.months, _LEVELS[one.level])
        case WrittenApart():
            return _apart(one, head, reader)
        case WrittenRatio():
            return _ratio(one, head, reader)
        case WrittenZero():
            of, other = reader.code("of", one.of, sums=True), reader.code("while", one.while_, sums=True)
            limit = reader.figure("more_than", one.more_than, other)
            if of is None or other is None or limit is None:
                return None
            return Zero(head, of, other, limit, _LEVELS[one.level])
        case WrittenSuspicious():
            bounded = tuple(code for code in reader.codes.values() if code.suspicious is not None)
            return Suspicious(head, bounded, _LEVELS[one.level])


def _share_of_plan(one: WrittenShareOfPlan, head: Head, reader: _Reader) -> Detector | None:
    of = reader.code("of", one.of, sums=True)
    if of is not None and one.of not in reader.planned:
        reader.refuse("of", f"“{of.title}”没有计划", "plans 里的 of")
    yellow = None if one.yellow is None else reader.share("yellow.less_than", one.yellow.less_than)
    red = None if one.red is None else reader.share("red.less_than", one.red.less_than)
    if one.yellow is None and one.red is None:
        reader.refuse("id", "没有写 yellow 或 red", "至少一个")
    if yellow is not None and red is not None and red >= yellow:
        reader.refuse("red", "红灯的界限须低于黄灯", "小于 yellow")
    return None if of is None else ShareOfPlan(head, of, yellow, red)


def _apart(one: WrittenApart, head: Head, reader: _Reader) -> Detector | None:
    falls, rises = reader.code("falls", one.falls), reader.code("rises", one.rises)
    by, rises_by = reader.share("by", one.by, most=1), reader.share("rises_by", one.rises_by)
    if falls is None or rises is None or by is None or rises_by is None:
        return None
    return Apart(head, falls, by, rises, rises_by, one.against, _LEVELS[one.level])


def _ratio(one: WrittenRatio, head: Head, reader: _Reader) -> Detector | None:
    of, to = reader.code("of", one.of, sums=True), reader.code("to", one.to, sums=True)
    low, high = reader.share("at_least", one.at_least), reader.share("at_most", one.at_most)
    if low is not None and high is not None and low > high:
        reader.refuse("at_least", "下限高于上限", "不高于 at_most")
    if of is None or to is None or low is None or high is None:
        return None
    return Ratio(head, of, to, low, high, _LEVELS[one.level])
