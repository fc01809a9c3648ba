"""The quarterly tours of a year; a quarter with fewer than there should be is flagged."""

from __future__ import annotations

from datetime import date

from policy_match.lifecycle.tours import Tour, TourQuarter, tour_quarters
from policy_match.store import log
from policy_match.units import format_count
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows, print_rows

_HEADER = {"quarter": "季度", "flag": "提示", "tours": "观摩"}


def list_tours(archive: Archive, library: str, year: int, as_of: date) -> tuple[TourQuarter, ...]:
    """The quarters of the year that have begun on the day."""
    with archive.database.reading() as session:
        tours = log.of_library(session, Tour, library)
    return tour_quarters(tours, year, as_of, archive.table.tours.per_quarter)


def print_tours(archive: Archive, library: str, year: int, as_of: date, *, form: str) -> None:
    """A line per quarter."""
    found = list_tours(archive, library, year, as_of)
    print_rows(Rows("季观摩", _HEADER, tuple(_row(one, archive) for one in found)), form=form)


def _row(one: TourQuarter, archive: Archive) -> Row:
    flag = ("缺观摩" if one.is_over else "本季尚未观摩") if one.is_lacking else ""
    return {
        "quarter": f"{one.year}年第{one.quarter}季度",
        "flag": flag,
        "lacking": one.is_lacking,
        "tours": [_text(tour, archive) for tour in one.tours],
    }


def _text(tour: Tour, archive: Archive) -> str:
    scores = "，".join(f"{archive.table.unit_name(s.unit)} {format_count(s.points, '分')}" for s in tour.scores)
    parts = (f"{tour.on} {tour.route}：{' → '.join(tour.projects)}", scores, tour.notes)
    return "；".join(part for part in parts if part)
