"""Monthly figures of many projects on a day, for a purpose: the most trusted source of each month, others beside it.

What a source may not be used for (the figures of the 固投库 for anything but statistics) is not there for that purpose: the
month is unknown, and never taken from it. Domain specification 2.6 and 7.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.facts.observations import Purpose
from policy_match.facts.vocabulary import Vocabulary
from policy_match.series.block import Block, Known
from policy_match.series.months import YEAR, due_on, january_of, month_text, number_of
from policy_match.series.rules import IndicatorRules
from policy_match.store import indicators
from policy_match.store.indicators import ToldFigure
from policy_match.workflows.read_records import View

YEARS_BEFORE = 2
"""How many whole years before that of the day are read."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a month: what holds, and what other sources say otherwise. `late`: days after the day it was due."""

    code: str
    month: int
    value: int
    source: str
    received_on: date
    late: int
    is_correction: bool
    note: str
    others: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """The months that are looked at: `first` is a January, `last` the last month that is over on the day."""

    first: int
    last: int

    @classmethod
    def of(cls, as_of: date) -> Window:
        """The months that are over by the end of a day."""
        last = number_of(as_of + timedelta(days=1)) - 1
        return cls(january_of(last) - YEARS_BEFORE * YEAR, last)

    @property
    def size(self) -> int:
        """How many months."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of projects, by row id: everything that may be used for the purpose, in the order of recording."""

    rules: IndicatorRules
    window: Window
    registers: tuple[str, ...]
    by_subject: Mapping[int, Sequence[ToldFigure]]

    def block(self, ids: Sequence[int]) -> Block:
        """The figures of these projects, in their order."""
        entries: dict[str, list[tuple[int, int, int, int]]] = {}
        for row, subject_id in enumerate(ids):
            for one in self.by_subject.get(subject_id, ()):
                place = month_number(one.month) - self.window.first
                entries.setdefault(one.code, []).append((self.registers.index(one.source), row, place, one.value))
        size, months = len(ids), self.window.size
        told = {code: _filled(found, size, months) for code, found in entries.items()}
        return Block(self.window.first, size, months, told)

    def cells(self, subject_id: int) -> dict[tuple[str, int], Cell]:
        """The figures of one project by code and month."""
        grouped: dict[tuple[str, int], dict[str, ToldFigure]] = {}
        for one in self.by_subject.get(subject_id, ()):
            grouped.setdefault((one.code, month_number(one.month)), {})[one.source] = one
        return {key: self._cell(key[1], by_source) for key, by_source in grouped.items()}

    def _cell(self, month: int, by_source: Mapping[str, ToldFigure]) -> Cell:
        best, *rest = sorted(by_source.values(), key=lambda one: self.registers.index(one.source))
        received = local_day(best.received_at)
        return Cell(
            code=best.code,
            month=month,
            value=best.value,
            source=best.source,
            received_on=received,
            late=max(0, (received - due_on(month, self.rules.due_day)).days),
            is_correction=best.is_correction,
            note=best.note,
            others=tuple((one.source, one.value) for one in rest if one.value != best.value),
        )


def read_indicators(
    session: Session, ids: Sequence[int], rules: IndicatorRules, vocabulary: Vocabulary, view: View
) -> Told:
    """What was told of projects for the months that are over, by what was known at the instant, for the view's purpose."""
    window = Window.of(view.as_of)
    registers = usable(rules.registers, vocabulary, view.purpose)
    by_subject: dict[int, list[ToldFigure]] = {}
    rows = indicators.figures(
        session, ids, since=month_text(window.first), through=month_text(window.last), known_at=view.known_at
    )
    for one in _usable_rows(rows, rules, registers):
        by_subject.setdefault(one.subject_id, []).append(one)
    return Told(rules, window, registers, by_subject)


def usable(registers: Iterable[str], vocabulary: Vocabulary, purpose: Purpose) -> tuple[str, ...]:
    """The registers whose figures may be used for a purpose."""
    limits = {name: vocabulary.sources[name].only_for for name in registers}
    return tuple(name for name, only in limits.items() if not only or purpose.value in only)


def month_number(written: str) -> int:
    """The number of a month as the table keeps it, YYYY-MM."""
    return int(written[:4]) * YEAR + int(written[5:]) - 1


def _usable_rows(rows: Iterable[ToldFigure], rules: IndicatorRules, registers: Sequence[str]) -> Iterator[ToldFigure]:
    """Rows of sources that may be used, and of codes that there still are."""
    allowed = frozenset(registers)
    return (one for one in rows if one.source in allowed and one.code in rules.codes)


def _filled(entries: Sequence[tuple[int, int, int, int]], size: int, months: int) -> Known:
    """Each figure at its place; of several at one place that of the best source, and of this the one recorded last."""
    found = Known.nothing(size, months)
    array = np.array(entries, np.int64)
    array = array[np.argsort(-array[:, 0], kind="stable")]
    found.values[array[:, 1], array[:, 2]] = array[:, 3]
    found.known[array[:, 1], array[:, 2]] = True
    return found
