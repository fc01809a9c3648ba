"""The clocks and gauges of a lifecycle file."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from policy_match.authoring.findings import Place
from policy_match.authoring.lifecycle_names import Names
from policy_match.authoring.lifecycle_shape import WrittenClock, WrittenGauge, WrittenLifecycle
from policy_match.lifecycle.table import Clock, Gauge, Limit
from policy_match.units import parse_ratio, plain_number
from policy_match.working_days import Term

_LONG_MONTH = 31


def clocks_of(written: WrittenLifecycle, names: Names) -> tuple[Clock, ...]:
    """Every clock; one without a bound, or whose red comes before its yellow, is refused."""
    found = []
    for place, clock in enumerate(written.clocks):
        at: Place = ("clocks", place)
        for key, days in (("starts", clock.starts), ("stops", clock.stops)):
            for index, day in enumerate(days):
                names.day(day, (*at, key, index))
        _goes_to(clock, at, names)
        found.append(_clock(clock, at, names))
    names.once("clocks", [clock.id for clock in written.clocks])
    return tuple(found)


def _clock(clock: WrittenClock, at: Place, names: Names) -> Clock:
    yellow = None if clock.yellow is None else names.term(clock.yellow, (*at, "yellow"))
    red = None if clock.red is None else names.term(clock.red, (*at, "red"))
    if yellow is None and red is None:
        names.findings.refuse("LIFECYCLE_BOUND", f"时钟“{clock.name}”没有期限", at, "yellow、red 至少一个", "补上期限")
    if yellow is not None and red is not None and _length(yellow) >= _length(red):
        names.findings.refuse(
            "LIFECYCLE_BOUND", f"时钟“{clock.name}”的黄灯不早于红灯", (*at, "red"), "黄灯在前", "改期限"
        )
    return Clock(
        id=clock.id,
        name=clock.name,
        starts=tuple(clock.starts),
        stops=tuple(clock.stops),
        yellow=yellow,
        red=red,
        goes_to=tuple(clock.goes_to),
        source=clock.source,
        stages=names.stages_in(clock.stages, (*at, "stages")),
        variants=names.variants_in(clock.for_, (*at, "for")),
        next_day=clock.next_day,
        month_end=clock.month_end,
        paused_count=clock.paused_count,
        note=clock.note,
    )


def _length(term: Term) -> Fraction:
    """About how many days: five working days are a week."""
    return term.period.months * _LONG_MONTH + term.period.days + Fraction(term.working * 7, 5)


def gauges_of(written: WrittenLifecycle, names: Names) -> tuple[Gauge, ...]:
    """Every gauge; one without a bound, or with two in one place, is refused."""
    found = []
    for place, gauge in enumerate(written.gauges):
        at: Place = ("gauges", place)
        _goes_to(gauge, at, names)
        if gauge.yellow is None and gauge.red is None:
            names.findings.refuse(
                "LIFECYCLE_BOUND", f"指标“{gauge.name}”没有界限", at, "yellow、red 至少一个", "补上界限"
            )
        found.append(
            Gauge(
                id=gauge.id,
                name=gauge.name,
                unit=gauge.unit,
                yellow=_limit(gauge, "yellow", at, names),
                red=_limit(gauge, "red", at, names),
                goes_to=tuple(gauge.goes_to),
                source=gauge.source,
                stages=names.stages_in(gauge.stages, (*at, "stages")),
                variants=names.variants_in(gauge.for_, (*at, "for")),
                note=gauge.note,
            )
        )
    names.once("gauges", [gauge.id for gauge in written.gauges])
    return tuple(found)


def _limit(gauge: WrittenGauge, colour: str, at: Place, names: Names) -> Limit | None:
    written = gauge.yellow if colour == "yellow" else gauge.red
    if written is None:
        return None
    if len(written) != 1:
        names.findings.refuse(
            "LIFECYCLE_BOUND", f"指标“{gauge.name}”的界限应只有一个", (*at, colour), "一个界限", "删去其余"
        )
    for word, bound in written.items():
        value = names.findings.read((*at, colour, word), lambda bound=bound: _figure(gauge, bound))  # type: ignore[misc]
        return Limit(word, Fraction(value or 0))
    return None


def _figure(gauge: WrittenGauge, bound: int | Decimal | str) -> Fraction:
    return Fraction(parse_ratio(bound) if gauge.unit == "ratio" else plain_number(bound))


def _goes_to(light: WrittenClock | WrittenGauge, at: Place, names: Names) -> None:
    for place, role in enumerate(light.goes_to):
        names.role(role, (*at, "goes_to", place))
