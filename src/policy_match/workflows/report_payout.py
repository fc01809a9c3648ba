"""The two goals of paying without application (`report payout`): how many measures are had in which way, and how fast is paid.

Money that other systems paid stands beside ours and is in none of our sums. Unknown is shown as such and never as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.modes import MODES, ModeCount, count_modes
from policy_match.entitlement.payout_days import Course, Spread, is_late, spread
from policy_match.entitlement.states import STATE_NAMES, Action, State
from policy_match.errors import Issue, UsageError
from policy_match.exchange.reports import FORMS, NONE, Plain, Report, share_text, write_report
from policy_match.exchange.tables import Grid
from policy_match.store import cases, payments
from policy_match.store.case_tables import Case, CaseStep, Payment
from policy_match.units import format_count, format_money
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.show_measure import MODE_NAMES
from policy_match.workflows.write_entry import not_in_future

_SPREAD = ("到账件数", "中位数（日历日）", "P90（日历日）", "中位数（工作日）", "P90（工作日）")
_DAYS_HEADER = ("措施", *_SPREAD, "核验到到账中位数（工作日）", "超期到账", "超期未到账", "待定")
_SUMS = ("到账件数", "到账金额", "退回金额", "其他系统件数", "其他系统金额")
_ROWS_HEADER = ("办件", "措施", "候选", "核验通过", "到账", "日历日", "工作日", "核验到到账（工作日）", "灯", "金额")
_LIGHTS = {True: "红灯", False: "绿灯", None: "待定"}
_OPEN = (State.VERIFIED, State.NOTICE, State.CONSENT, State.CONFIRMED, State.APPROVED, State.PAYING, State.FAILED, State.ON_HOLD)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are reported on, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last

    def ends(self) -> tuple[date, ...]:
        """The last day of every month in it, and its own last day."""
        found, day = [], self.first
        while day <= self.last:
            following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
            found.append(min(following - timedelta(days=1), self.last))
            day = following
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Payout:
    """What is reported. `open`: verified and not paid on the last day; `states`: every case by where it stood then."""

    span: Span
    modes: tuple[ModeCount, ...]
    paid: tuple[Course, ...]
    open: tuple[Course, ...]
    ledger: tuple[Payment, ...]
    states: Mapping[State, int]


def report_payout(
    archive: Archive, library: str, span: Span, now: datetime, *, form: str | None, out: Path | None
) -> None:
    """Write the report; UsageError for a format there is not, days to come, or a first day after the last one."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    not_in_future(span.last, local_day(now), "--to")
    if span.first > span.last:
        raise UsageError(Issue("SPAN", f"{span.first} 晚于 {span.last}", "--from", f"{span.last} 以前", "核对起止"))
    write_report(payout_report(archive, library, span, now), form, out)


def payout_report(archive: Archive, library: str, span: Span, now: datetime) -> Report:
    """The report on some days by what is known now."""
    with archive.database.reading() as session:
        found = _gathered(session, archive, library, span, now)
    measures = sorted({one.measure for one in (*found.paid, *found.open)})
    days = {name: _days_of(found, archive, name) for name in measures}
    total = _days_of(found, archive, None)
    months = _sums(found.ledger, lambda row: f"{row.paid_on:%Y-%m}")
    by_measure = _sums(found.ledger, lambda row: row.measure)
    days_rows = tuple(_days_cells(name, one) for name, one in [*days.items(), ("合计", total)])
    return Report(
        id="payout",
        title="免申即享兑付",
        as_of=span.last,
        grids=(
            Grid("到账明细", _ROWS_HEADER, tuple(_row(one, archive, span.last) for one in found.paid)),
            Grid("措施按兑现方式", _MODE_HEADER, tuple(map(_mode_cells, found.modes))),
            Grid("候选到到账的天数", _DAYS_HEADER, days_rows),
            Grid("按月", ("月份", *_SUMS), tuple(_sum_cells(name, one) for name, one in months.items())),
            Grid("按措施", ("措施", *_SUMS), tuple(_sum_cells(name, one) for name, one in by_measure.items())),
            Grid("办件状态", ("代码", "状态", "件数"), tuple(_states(found))),
        ),
        content={
            "library": library,
            **_content(found, archive),
            "days": _days_plain(total),
            "days_by_measure": {name: _days_plain(one) for name, one in days.items()},
            "by_month": {name: _sum_plain(one) for name, one in months.items()},
            "by_measure": {name: _sum_plain(one) for name, one in by_measure.items()},
        },
        notes=_notes(archive, library, span),
    )


def _content(found: Payout, archive: Archive) -> dict[str, Plain]:
    span = found.span
    return {
        "from": span.first, "to": span.last, "payment_working_days": archive.terms.payment_days,
        "rows": [_row_plain(one, archive, span.last) for one in found.paid],
        "modes": [_mode_plain(one) for one in found.modes],
        "states": {state.value: found.states.get(state, 0) for state in State},
    }  # fmt: skip


def _notes(archive: Archive, library: str, span: Span) -> tuple[tuple[str, str], ...]:
    source = archive.table.sources[archive.terms.sources["payment"]]
    return (
        ("项目库", shown_library(library)),
        ("期间", f"{span.first} 至 {span.last}，按到账日计"),
        ("时限", f"核验通过到到账 {archive.terms.payment_days} 个工作日（{source}）"),
        ("P90", "最近秩：十分之九的办件不超过它"),
    )


def _gathered(session: Session, archive: Archive, library: str, span: Span, now: datetime) -> Payout:
    steps = _steps_until(session, library, span.last)
    ledger = payments.ledger(session, library, known_at=now)
    every = {case.id: case for case in cases.every(session, library) if case.id in steps}
    now_in = {number: State(rows[-1].to_state) for number, rows in steps.items()}
    courses = [
        _course(every[row.case_id], steps[row.case_id], row)
        for row in ledger
        if row.case_id in every and row.amount_fen > 0 and span.holds(row.paid_on)
    ]
    return Payout(
        span=span,
        modes=tuple(_modes(session, archive, library, day, now) for day in span.ends()),
        paid=tuple(sorted(courses, key=lambda one: (one.paid_on or span.last, one.number))),
        open=tuple(_course(every[i], steps[i], None) for i, state in now_in.items() if state in _OPEN),
        ledger=tuple(row for row in ledger if span.holds(row.paid_on)),
        states={state: sum(one is state for one in now_in.values()) for state in State},
    )


def _steps_until(session: Session, library: str, last: date) -> dict[int, list[CaseStep]]:
    """The steps of every case up to a day, in their order."""
    found: dict[int, list[CaseStep]] = {}
    for step in cases.every_step(session, library):
        if local_day(step.at) <= last:
            found.setdefault(step.case_id, []).append(step)
    return found


def _course(case: Case, steps: Sequence[CaseStep], payment: Payment | None) -> Course:
    """A case with the day of its last verification."""
    verified = [local_day(step.at) for step in steps if step.action == Action.VERIFY]
    return Course(
        case.number, case.measure, local_day(case.opened_at), verified[-1] if verified else None,
        None if payment is None else payment.paid_on, case.amount_fen if payment is None else payment.amount_fen,
    )  # fmt: skip


def _modes(session: Session, archive: Archive, library: str, day: date, now: datetime) -> ModeCount:
    rulebook = deciding_rulebook(session, archive.shelf, library, View.of(day, None, now)).rulebook
    return count_modes(rulebook, day)


# Days


@dataclass(frozen=True, slots=True)
class _Days:
    calendar: Spread
    working: Spread
    verified: Spread
    late_paid: int
    late_open: int
    unsure: int


def _days_of(found: Payout, archive: Archive, measure: str | None) -> _Days:
    """The days of a measure, of all where it is None."""
    paid = [one for one in found.paid if measure in (None, one.measure)]
    open_ = [one for one in found.open if measure in (None, one.measure)]
    calendar, limit, last = archive.calendar, archive.terms.payment_days, found.span.last
    late_paid, late_open = ([is_late(one, limit, calendar, last) for one in group] for group in (paid, open_))
    return _Days(
        spread(one.days() for one in paid),
        spread(one.working_days(calendar) for one in paid),
        spread(one.from_verified(calendar, last) for one in paid),
        late_paid.count(True),
        late_open.count(True),
        late_paid.count(None) + late_open.count(None),
    )


def _days_cells(name: str, one: _Days) -> tuple[str, ...]:
    figures = (one.calendar.median, one.calendar.p90, one.working.median, one.working.p90, one.verified.median)
    late = (one.late_paid, one.late_open, one.unsure)
    return (name, str(one.calendar.known), *map(_figure, figures), *map(str, late))


def _days_plain(one: _Days) -> Plain:
    return {
        "paid": one.calendar.known, "calendar": _spread_plain(one.calendar), "working": _spread_plain(one.working),
        "verified_to_paid_working": _spread_plain(one.verified), "late_paid": one.late_paid,
        "late_open": one.late_open, "unsure": one.unsure,
    }  # fmt: skip


def _spread_plain(one: Spread) -> Plain:
    median = None if one.median is None else float(one.median)
    return {"median": median, "p90": one.p90, "known": one.known, "unknown": one.unknown}


def _figure(number: Fraction | int | None) -> str:
    return NONE if number is None else format_count(number, "")


def _row(one: Course, archive: Archive, last: date) -> tuple[str, ...]:
    days = (one.days(), one.working_days(archive.calendar), one.from_verified(archive.calendar, last))
    late = is_late(one, archive.terms.payment_days, archive.calendar, last)
    amount = NONE if one.amount_fen is None else format_money(one.amount_fen)
    dates = (one.found_on, one.verified_on or NONE, one.paid_on or NONE)
    return (one.number, one.measure, *map(str, dates), *map(_figure, days), _LIGHTS[late], amount)


def _row_plain(one: Course, archive: Archive, last: date) -> Plain:
    return {
        "case": one.number, "measure": one.measure, "found_on": one.found_on, "verified_on": one.verified_on,
        "paid_on": one.paid_on, "days": one.days(), "working_days": one.working_days(archive.calendar),
        "verified_to_paid_working": one.from_verified(archive.calendar, last),
        "late": is_late(one, archive.terms.payment_days, archive.calendar, last), "amount_fen": one.amount_fen,
    }  # fmt: skip


# Sums


@dataclass(frozen=True, slots=True)
class _Sum:
    """Our payments and what came back of them, and payments of other systems less what came back; 分."""

    count: int
    fen: int
    back_fen: int
    other_count: int
    other_fen: int


def _sums(rows: Iterable[Payment], key: Callable[[Payment], str]) -> dict[str, _Sum]:
    """Sums by a key, in its order."""
    groups: dict[str, list[Payment]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: _sum(groups[name]) for name in sorted(groups)}


def _sum(rows: Sequence[Payment]) -> _Sum:
    ours = [row.amount_fen for row in rows if row.case_id is not None]
    others = [row.amount_fen for row in rows if row.case_id is None]
    paid = [fen for fen in ours if fen > 0]
    return _Sum(len(paid), sum(paid), sum(paid) - sum(ours), sum(fen > 0 for fen in others), sum(others))


def _sum_cells(name: str, one: _Sum) -> tuple[str, ...]:
    other = (str(one.other_count), format_money(one.other_fen))
    return (name, str(one.count), format_money(one.fen), format_money(one.back_fen), *other)


def _sum_plain(one: _Sum) -> Plain:
    return {
        "paid": one.count, "paid_fen": one.fen, "back_fen": one.back_fen, "other_paid": one.other_count,
        "other_fen": one.other_fen,
    }  # fmt: skip


# Measures and states

_MODE_HEADER = ("截至", *(MODE_NAMES[mode] for mode in MODES), "施行中合计", "免申即享占比", "是否施行待定")


def _mode_cells(one: ModeCount) -> tuple[str, ...]:
    share = share_text(one.by_mode["msjx"], one.total)
    return (one.on.isoformat(), *(str(one.by_mode[mode]) for mode in MODES), str(one.total), share, str(one.unsure))


def _mode_plain(one: ModeCount) -> Plain:
    share = None if one.share is None else round(float(one.share), 6)
    return {"on": one.on, **one.by_mode, "total": one.total, "msjx_share": share, "unsure": one.unsure}


def _states(found: Payout) -> Iterator[tuple[str, ...]]:
    for state, name in STATE_NAMES.items():
        yield state.value, name, str(found.states.get(state, 0))
