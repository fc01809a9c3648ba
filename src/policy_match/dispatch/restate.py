"""A closed month against the same month computed today. The closed one stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from policy_match.dispatch.figures import blocks
from policy_match.dispatch.snapshot import Restatement, Snapshot
from policy_match.dispatch.tables import breakdowns
from policy_match.dispatch.wording import Unit, difference_text, with_unit
from policy_match.lifecycle.table import LifecycleTable

_TABLES = ("total", "points", "stages", "leads", "tiers", "units", "kinds")


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    unit: Unit
    value: Fraction | int | None
    behind: frozenset[str]


def restatements(
    closed: Snapshot, today: Snapshot, table: LifecycleTable, causes: Mapping[str, tuple[str, ...]]
) -> tuple[Restatement, ...]:
    """The figures that differ. `causes`: ids of the events recorded since the closing, by project code.

    ValueError if the snapshots are not of the same month and day.
    """
    if (closed.month, closed.as_of) != (today.month, today.as_of):
        raise ValueError(f"{closed.month} {today.month}")
    olds = {line.name: line for line in _lines(closed, table)}
    news = {line.name: line for line in _lines(today, table)}
    differing = _differing(closed, today)
    found = []
    for name in dict.fromkeys((*olds, *news)):
        old, new = olds.get(name), news.get(name)
        line = new or old
        was, now = (0 if one is None else one.value for one in (old, new))
        if line is None or was == now:
            continue
        behind = frozenset[str]().union(*(one.behind for one in (old, new) if one is not None)) & differing
        found.append(
            Restatement(
                month=str(closed.month),
                figure=name,
                was=with_unit(was, line.unit),
                now=with_unit(now, line.unit),
                difference=difference_text(was, now, line.unit),
                projects=tuple(sorted(behind)),
                causes=tuple(sorted({event for code in behind for event in causes.get(code, ())})),
            )
        )
    return tuple(found)


def _lines(snapshot: Snapshot, table: LifecycleTable) -> Iterator[_Line]:
    for block in blocks(snapshot, table):
        for figure in block.figures:
            yield _Line(figure.name, figure.unit, figure.value, frozenset((*figure.projects, *figure.base)))
    for breakdown in breakdowns(snapshot, table, {}):
        if breakdown.id not in _TABLES:
            continue
        for group in breakdown.groups:
            name, behind = f"{breakdown.title}：{group.name}", frozenset(group.projects)
            yield _Line(f"{name}项目数", Unit.COUNT, len(group.projects), behind)
            yield _Line(f"{name}投资", Unit.MONEY, group.fen, behind)


def _differing(closed: Snapshot, today: Snapshot) -> frozenset[str]:
    olds, news = ({row.code: row for row in snapshot.rows} for snapshot in (closed, today))
    return frozenset(code for code in {*olds, *news} if olds.get(code) != news.get(code))
