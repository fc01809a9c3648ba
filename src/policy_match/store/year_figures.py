"""Monthly figures of a year as an evaluation reads them: twelve months added, or the figure of the last month.

A month without a figure is not known, and so is the year's sum. Of one month the row of the best source counts, of a
source the row received last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.store.indicators import ToldFigure, figures

MONTHS = 12


@dataclass(frozen=True, slots=True)
class YearFigure:
    """The months of a year of one code, from January: value, source and day of receipt; None where there is no figure."""

    year: int
    months: tuple[int | None, ...]
    sources: tuple[str, ...]
    received_on: date | None

    @property
    def total(self) -> int | None:
        """All twelve months added, in the smallest unit; None where one is missing."""
        known = [value for value in self.months if value is not None]
        return sum(known) if len(known) == MONTHS else None

    @property
    def last(self) -> int | None:
        """The figure of December; None without one."""
        return self.months[-1]

    @property
    def missing(self) -> tuple[str, ...]:
        """The months without a figure (YYYY-MM)."""
        return tuple(_month(self.year, place) for place, value in enumerate(self.months) if value is None)


def year_figures(
    session: Session,
    subject_ids: Sequence[int],
    codes: Collection[str],
    year: int,
    *,
    authority: Sequence[str],
    known_at: datetime | None,
) -> dict[tuple[int, str], YearFigure]:
    """The figures of subjects by row id and code; nothing for those of which nothing came in the year.

    `authority`: the sources that may be used, the best first; rows of any other source are left out. `known_at`: only
    what was received by the instant.
    """
    wanted, usable = set(codes), set(authority)
    through = _month(year, MONTHS - 1)
    rows: dict[tuple[int, str], list[ToldFigure]] = {}
    for row in figures(session, subject_ids, since=_month(year, 0), through=through, known_at=known_at):
        if row.code in wanted and row.source in usable:
            rows.setdefault((row.subject_id, row.code), []).append(row)
    return {key: _figure(own, year, authority) for key, own in rows.items()}


def _figure(rows: Iterable[ToldFigure], year: int, authority: Sequence[str]) -> YearFigure:
    best: dict[str, ToldFigure] = {}
    for row in rows:
        held = best.get(row.month)
        if held is None or authority.index(row.source) <= authority.index(held.source):
            best[row.month] = row
    chosen: Mapping[str, ToldFigure] = best
    months = tuple(_value(chosen.get(_month(year, place))) for place in range(MONTHS))
    sources = sorted({row.source for row in best.values()}, key=authority.index)
    return YearFigure(
        year, months, tuple(sources), max((local_day(row.received_at) for row in best.values()), default=None)
    )


def _value(row: ToldFigure | None) -> int | None:
    return None if row is None else row.value


def _month(year: int, place: int) -> str:
    return f"{year}-{place + 1:02d}"
