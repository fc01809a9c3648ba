"""The stops of rules: what they make of the rulebook on a day, those of one measure, and the list of all."""

from __future__ import annotations

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.stops import Stop
from policy_match.store import rule_stops
from policy_match.workflows.library_names import DEMO, REAL, shown_library
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows, print_rows
from policy_match.workflows.read_records import View

_HEADER = {
    "measure": "措施", "version": "版本", "state": "状态", "since": "停用自", "stopped_by": "停用人",
    "stopped_on": "登记", "reason": "原因", "source": "依据", "lifted_from": "恢复自", "lifted_by": "恢复人",
    "lift_reason": "恢复原因", "place": "范围",
}  # fmt: skip


def rulebook_on(session: Session, rulebook: Rulebook, library: str, view: View) -> Rulebook:
    """The rulebook as it stands in a library: what is stopped on the day, by what was known at the instant, is suspended."""
    known = rule_stops.stops(session, library, known_at=view.known_at)
    return rulebook.suspending(stop for stop in known if stop.holds(view.as_of))


def list_stops(archive: Archive, view: View, measure: str | None = None) -> tuple[Stop, ...]:
    """Every stop known at the instant, of all measures or of one, in the order of recording."""
    with archive.database.reading() as session:
        known = rule_stops.stops(session, DEMO, known_at=view.known_at)
    return tuple(stop for stop in known if measure in (None, stop.measure))


def print_stops(archive: Archive, view: View, *, form: str) -> None:
    """A line a stop, with its state on the day; UsageError for an unknown format."""
    found = list_stops(archive, view)
    print_rows(Rows("规则的停用和恢复", _HEADER, tuple(_row(stop, view) for stop in found)), form=form)


def state_of(stop: Stop, view: View) -> str:
    """How a stop stands on the day, in a word."""
    if stop.holds(view.as_of):
        return "停用中"
    return "已恢复" if stop.lift is not None and stop.lift.on <= view.as_of else "未开始"


def place_of(stop: Stop) -> str:
    """Where a stop counts."""
    return shown_library(DEMO) if stop.is_demo else "全部"


def _row(stop: Stop, view: View) -> Row:
    lift = stop.lift
    return {
        "measure": stop.measure,
        "version": stop.version,
        "state": state_of(stop, view),
        "since": stop.since.isoformat(),
        "stopped_by": stop.by,
        "stopped_on": local_day(stop.recorded_at).isoformat(),
        "reason": stop.reason,
        "source": stop.source,
        "lifted_from": None if lift is None else lift.on.isoformat(),
        "lifted_by": None if lift is None else lift.by,
        "lift_reason": None if lift is None else lift.reason,
        "library": DEMO if stop.is_demo else REAL,
        "place": place_of(stop),
    }
