"""The difference between two months, and what to ask before a month is closed.

Differences are facts of two frozen months. Doubts are questions to whoever reports, never findings: a sum that fell, an
amount ten times what it was, a date that changed without a correction, a project that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from policy_match.dispatch.figures import STARTED
from policy_match.dispatch.snapshot import Snapshot
from policy_match.dispatch.tables import COLOURS, active, point_name, worst
from policy_match.dispatch.wording import NOTHING, Unit, difference_text, value_text, with_unit
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Colour, Side

# An amount so many times larger or smaller than last month is more often a slip of the unit than a change.
_JUMP = 10
# All is built, in hundredths of a per cent.
_WHOLE = 10_000


class ChangeKind(StrEnum):
    """How a project differs from last month."""

    ENTERED = "新入库"
    MOVED = "推进"
    LEFT = "离库"
    INVESTMENT = "投资变化"
    LIGHT = "亮灯变化"


@dataclass(frozen=True, slots=True)
class Change:
    """One project that differs; `was`, `now` and `difference` in words."""

    kind: ChangeKind
    code: str
    name: str
    district: str | None
    was: str
    now: str
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """A total of both months, in words."""

    name: str
    was: str
    now: str
    difference: str


@dataclass(frozen=True, slots=True)
class Changes:
    """All differences: totals first, then project by project, by kind and code."""

    deltas: tuple[Delta, ...]
    changes: tuple[Change, ...]

    def of(self, kind: ChangeKind) -> tuple[Change, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.kind is kind)


class DoubtKind(StrEnum):
    """What is asked about."""

    FELL = "累计下降"
    MISMATCH = "本月与累计不符"
    JUMPED = "相差十倍以上"
    SILENT = "未经更正的改动"
    VANISHED = "在库项目消失"
    UNSENT = "未报送"
    STILL = "投资增加、实物量未变"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question before closing."""

    kind: DoubtKind
    code: str
    name: str
    district: str | None
    what: str


def changes(before: Snapshot, now: Snapshot, table: LifecycleTable) -> Changes:
    """What differs between two snapshots; projects are matched by code."""
    olds = {row.code: row for row in active(before)}
    news = {row.code: row for row in active(now)}
    gone = {row.code: row for row in now.rows if not row.is_active}
    found = [_entered(row, table) for code, row in news.items() if code not in olds]
    found += [_left(row, gone.get(code), table) for code, row in olds.items() if code not in news]
    for code, row in news.items():
        if code in olds:
            found += _differences(olds[code], row, table)
    order = list(ChangeKind)
    return Changes(
        _deltas(before, now), tuple(sorted(found, key=lambda change: (order.index(change.kind), change.code)))
    )


def doubts(
    before: Snapshot | None, now: Snapshot, table: LifecycleTable, corrected: Mapping[str, tuple[str, ...]],
    *, earlier: Snapshot | None = None,
) -> tuple[Doubt, ...]:  # fmt: skip
    """What to ask before closing `now`. `corrected`: ids of the corrections recorded since `before`, by project code;
    `earlier`: the month before `before`."""
    first = {} if earlier is None else {row.code: row for row in earlier.rows}
    olds = {} if before is None else {row.code: row for row in before.rows}
    news = {row.code: row for row in now.rows}
    found = [
        doubt
        for code, row in news.items()
        for doubt in (
            *_money_doubts(olds.get(code), row, now),
            *(() if code in corrected or code not in olds else _silent(olds[code], row, table)),
            *_unsent(row, now),
            *_still(first.get(code), olds.get(code), row),
        )
    ]
    found += [
        _doubt(DoubtKind.VANISHED, row, "上月在库，本月没有这个项目，也没有出库或并库记录")
        for code, row in olds.items()
        if row.is_active and code not in news
    ]
    order = list(DoubtKind)
    return tuple(sorted(found, key=lambda doubt: (order.index(doubt.kind), doubt.code, doubt.what)))


def _deltas(before: Snapshot, now: Snapshot) -> tuple[Delta, ...]:
    def delta(name: str, unit: Unit, of: Callable[[Snapshot], int | None]) -> Delta:
        was, is_now = of(before), of(now)
        return Delta(name, with_unit(was, unit), with_unit(is_now, unit), difference_text(was, is_now, unit))

    return (
        delta("在库项目", Unit.COUNT, lambda snapshot: len(active(snapshot))),
        delta("总投资", Unit.MONEY, _investment),
        delta("红灯项目", Unit.COUNT, lambda snapshot: _shining(snapshot, Colour.RED)),
        delta("黄灯项目", Unit.COUNT, lambda snapshot: _shining(snapshot, Colour.YELLOW)),
    )


def _investment(snapshot: Snapshot) -> int | None:
    rows = active(snapshot)
    known = [row.investment_fen for row in rows if row.investment_fen is not None]
    return sum(known) if known or not rows else None


def _shining(snapshot: Snapshot, colour: Colour) -> int:
    return sum((light := worst(row)) is not None and light.colour is colour for row in active(snapshot))


def _entered(row: Standing, table: LifecycleTable) -> Change:
    return _change(ChangeKind.ENTERED, row, NOTHING, _place(row, table), with_unit(row.investment_fen, Unit.MONEY))


def _left(row: Standing, after: Standing | None, table: LifecycleTable) -> Change:
    """`after`: the row of today, None where the project stands no more by itself."""
    side = table.side_names[Side.MERGED] if after is None else table.side_names[after.side]
    now = f"不再单列（{side}或删除）" if after is None else side
    return _change(ChangeKind.LEFT, row, _place(row, table), now, with_unit(row.investment_fen, Unit.MONEY))


def _differences(old: Standing, new: Standing, table: LifecycleTable) -> Iterator[Change]:
    if (old.point, old.observed_point) != (new.point, new.observed_point):
        yield _change(ChangeKind.MOVED, new, _place(old, table), _place(new, table))
    if old.investment_fen != new.investment_fen:
        was, now = (with_unit(row.investment_fen, Unit.MONEY) for row in (old, new))
        difference = difference_text(old.investment_fen, new.investment_fen, Unit.MONEY)
        yield _change(ChangeKind.INVESTMENT, new, was, now, difference)
    if _colour(old) != _colour(new):
        light = worst(new)
        yield _change(ChangeKind.LIGHT, new, _colour(old), _colour(new), "" if light is None else light.reason)


def _colour(row: Standing) -> str:
    light = worst(row)
    return "没有计时" if light is None else COLOURS[light.colour]


def _place(row: Standing, table: LifecycleTable) -> str:
    return point_name(row.point, table) + ("（仅见公开信息）" if row.observed_point is not None else "")


def _change(kind: ChangeKind, row: Standing, was: str, now: str, difference: str = "") -> Change:
    return Change(kind, row.code, row.name, row.district, was, now, difference)


def _money_doubts(old: Standing | None, new: Standing, now: Snapshot) -> Iterator[Doubt]:
    month, year = new.money.month_fen, new.money.year_fen
    start = 0 if now.month.number == 1 else None if old is None else old.money.year_fen
    if start is not None and year is not None:
        if year < start:
            yield _doubt(DoubtKind.FELL, new, f"本年累计投资由 {_yi(start)} 降为 {_yi(year)}")
        elif month is not None and start + month != year:
            yield _doubt(
                DoubtKind.MISMATCH, new, f"上月累计 {_yi(start)} 加本月 {_yi(month)}，与本月累计 {_yi(year)} 不符"
            )
    if old is not None:
        pairs = (
            ("总投资", old.investment_fen, new.investment_fen),
            ("本月完成投资", old.money.month_fen, month),
            ("年度计划投资", old.money.plan_fen, new.money.plan_fen),
        )
        for name, was, value in pairs:
            if was and value and not Fraction(1, _JUMP) < Fraction(value, was) < _JUMP:
                yield _doubt(DoubtKind.JUMPED, new, f"{name}由 {_yi(was)} 变为 {_yi(value)}")


def _silent(old: Standing, new: Standing, table: LifecycleTable) -> Iterator[Doubt]:
    """Days of recorded points that changed, or points that are gone, without a correction."""
    for point, was in old.reached.items():
        day = new.reached.get(point)
        if day != was:
            after = "没有了" if day is None else f"变为 {day}"
            yield _doubt(DoubtKind.SILENT, new, f"{table.name(point)}日期 {was} {after}，没有更正记录")


def _unsent(row: Standing, now: Snapshot) -> Iterator[Doubt]:
    """Recorded active projects without an update in the month, or under construction without its investment."""
    if not row.is_active or row.observed_point is not None:
        return
    if row.last_update is None or row.last_update < now.month.first:
        last = "从未" if row.last_update is None else f"最近一次 {row.last_update}"
        yield _doubt(DoubtKind.UNSENT, row, f"本月没有进展更新（{last}）")
    if row.point == STARTED and row.money.month_fen is None:
        yield _doubt(DoubtKind.UNSENT, row, "在建，本月完成投资未报")


def _still(first: Standing | None, old: Standing | None, new: Standing) -> Iterator[Doubt]:
    """Money spent in two months running, and as much built as before both: a question, for it may have gone into equipment.
    Each month must have told anew what is built; what nobody told is no standstill."""
    told = [None if row is None else row.progress for row in (first, old, new)]
    spent = [None if row is None else row.money.month_fen for row in (old, new)]
    if None in told or not all(spent):
        return
    built = [one.built for one in told if one is not None]
    months = {(one.on.year, one.on.month) for one in told if one is not None}
    if len(set(built)) == 1 and built[0] < _WHOLE and len(months) == len(told):
        what = f"连续两月有投资（{'、'.join(_yi(fen) for fen in spent if fen)}），实物量仍为 {built[0] / 100:g}%"
        yield _doubt(DoubtKind.STILL, new, what)


def _doubt(kind: DoubtKind, row: Standing, what: str) -> Doubt:
    return Doubt(kind, row.code, row.name, row.district, what)


def _yi(fen: int) -> str:
    return value_text(fen, Unit.MONEY) + Unit.MONEY.value
