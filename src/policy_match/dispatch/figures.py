"""The three blocks of the monthly dispatch: 落地情况, 投资开工, 竣工投产 (方案 一(二)), and the problem tickets.

What happened (signed, started, …) is read from recorded points of all projects, also of those that
have ended since; what was only seen on a public page is no such event. A sum tells which projects lack the
amount and leaves them out; where nobody has it the sum is unknown. A share of nothing is unknown.
The numbers of days and the definitions are our defaults and stand in the note of each figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median

from policy_match.dispatch.snapshot import Snapshot
from policy_match.dispatch.wording import Unit
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable, TicketKind
from policy_match.lifecycle.tickets import Ticket, TicketState

SIGNED, APPROVED, STARTED, COMPLETED, PRODUCING = "SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING"
_ORDER = (SIGNED, APPROVED, STARTED, COMPLETED, PRODUCING)
# Days from signing to approval within which a project has landed: our default, the notice names none.
LANDING_DAYS = 180
_LAND = ("land_contract", "land_deal")
_OVER = (TicketState.CLOSED, TicketState.REJECTED)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what is behind it.

    `value`: in the unit, None if unknown. `projects`: codes of the projects that make it up (of a share: its numerator);
    `base`: codes of the denominator; `numerator`, `denominator`: in `parts` (COUNT, or MONEY in 分). `lacking`: codes of
    the projects that belong here but whose fact is not known.
    """

    id: str
    name: str
    unit: Unit
    value: Fraction | int | None
    projects: tuple[str, ...]
    numerator: int | None = None
    denominator: int | None = None
    parts: Unit = Unit.COUNT
    base: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A titled group of figures."""

    name: str
    figures: tuple[Figure, ...]


def blocks(snapshot: Snapshot, table: LifecycleTable) -> tuple[Block, ...]:
    """The three blocks of the notice, in its order."""
    return (
        Block("落地情况", (*_signed(snapshot), *_landing(snapshot))),
        Block("投资开工", (*_started(snapshot), *_invested(snapshot), _listed(snapshot))),
        Block("竣工投产", (*_finished(snapshot), *_intervals(snapshot, table))),
    )


def codes(rows: Iterable[Standing]) -> tuple[str, ...]:
    """The codes of rows, in their order."""
    return tuple(row.code for row in rows)


def reached_in(snapshot: Snapshot, point: str, since: date) -> tuple[Standing, ...]:
    """Rows whose recorded point lies between a day and the snapshot's, both included."""
    return tuple(row for row in snapshot.rows if _within(row.reached.get(point), since, snapshot.as_of))


def landed(row: Standing) -> bool:
    """Whether a signed project was approved in time; the last day counts."""
    signed, approved = row.reached.get(SIGNED), row.reached.get(APPROVED)
    return signed is not None and approved is not None and (approved - signed).days <= LANDING_DAYS


def is_due(row: Standing, as_of: date) -> bool:
    """Whether a project was signed so long ago that it should have landed."""
    signed = row.reached.get(SIGNED)
    return signed is not None and signed + timedelta(days=LANDING_DAYS) <= as_of


def count(name: str, title: str, rows: Sequence[Standing], note: str = "") -> Figure:
    """How many rows."""
    return Figure(name, title, Unit.COUNT, len(rows), codes(rows), note=note)


def happened(snapshot: Snapshot, name: str, title: str, point: str, *, since: date, note: str = "") -> Figure:
    """How many projects reached a point since a day. Of those only seen at it or later the day is not known: they are
    lacking, and where no project at all has the point recorded the number is unknown."""
    rows = reached_in(snapshot, point, since)
    seen = codes(row for row in snapshot.rows if row.is_active and row.observed_point in _ORDER[_ORDER.index(point) :])
    is_known = not seen or any(point in row.reached for row in snapshot.rows)
    return Figure(name, title, Unit.COUNT, len(rows) if is_known else None, codes(rows), lacking=seen, note=note)


def total(
    name: str,
    title: str,
    rows: Sequence[Standing],
    amount: Callable[[Standing], int | None],
    *,
    expected: Sequence[Standing] | None = None,
) -> Figure:
    """The sum of the known amounts, 分. `expected`: the rows that should have one, if not all of `rows`.

    0 if there are no rows; None if there are some and none is known.
    """
    known = [(row, fen) for row in rows if (fen := amount(row)) is not None]
    lacking = codes(row for row in (rows if expected is None else expected) if amount(row) is None)
    value = sum(fen for _, fen in known) if known or not lacking else None
    return Figure(name, title, Unit.MONEY, value, codes(row for row, _ in known), lacking=lacking)


def share(name: str, title: str, part: Sequence[Standing], whole: Sequence[Standing], note: str = "") -> Figure:
    """Which share of the rows; None of none."""
    value = Fraction(len(part), len(whole)) if whole else None
    return Figure(name, title, Unit.RATIO, value, codes(part), len(part), len(whole), base=codes(whole), note=note)


def _signed(snapshot: Snapshot) -> tuple[Figure, ...]:
    found = []
    for period, title, since in _periods(snapshot):
        rows = reached_in(snapshot, SIGNED, since)
        signed = happened(snapshot, f"signed_{period}", f"{title}签约项目", SIGNED, since=since)
        agreed = total(f"signed_{period}_agreed", f"{title}签约协议投资", rows, lambda row: row.agreed_fen)
        value = None if signed.value is None else agreed.value
        approved = [row for row in rows if APPROVED in row.reached]
        found += [
            signed,
            replace(agreed, value=value, lacking=(*agreed.lacking, *signed.lacking)),
            share(f"signed_{period}_approved", f"{title}签约项目中已立项", approved, rows),
        ]
    return tuple(found)


def _landing(snapshot: Snapshot) -> tuple[Figure, ...]:
    rows = reached_in(snapshot, SIGNED, snapshot.month.first.replace(month=1))
    company = [row for row in rows if _is_done(row, ("company",), snapshot)]
    land = [row for row in rows if _is_done(row, _LAND, snapshot)]
    started = [row for row in rows if STARTED in row.reached]
    due = [row for row in snapshot.rows if is_due(row, snapshot.as_of)]
    note = f"签约满{LANDING_DAYS}天的项目中，{LANDING_DAYS}天以内立项的占比（天数为本系统默认值）"
    recorded = "按已登记的日期计"
    return (
        share("ladder_company", "本年签约项目中已注册公司", company, rows, recorded),
        share("ladder_land", "本年签约项目中已供地", land, rows, recorded),
        share("ladder_started", "本年签约项目中已开工", started, rows, recorded),
        share("landing_rate", "落地率", [row for row in due if landed(row)], due, note),
        _median(snapshot, SIGNED, APPROVED, "签约至立项"),
    )


def _started(snapshot: Snapshot) -> tuple[Figure, ...]:
    new_year = snapshot.month.first.replace(month=1)
    counts = [
        happened(snapshot, f"started_{period}", f"{title}新开工项目", STARTED, since=since)
        for period, title, since in _periods(snapshot)
    ]
    return (
        *counts,
        _against_plan(snapshot, "start_rate", "开工率", snapshot.as_of, "截至本月计划新开工项目中已开工的占比"),
        _against_plan(
            snapshot, "year_start_rate", "年度开工计划完成率", new_year.replace(month=12, day=31), "全年计划新开工项目中已开工的占比"
        ),
    )  # fmt: skip


def _against_plan(snapshot: Snapshot, name: str, title: str, until: date, note: str) -> Figure:
    """Started projects among those planned to start this year up to a day; who has no plan is lacking."""
    new_year = snapshot.month.first.replace(month=1)
    planned = [row for row in snapshot.rows if _within(row.planned.get(STARTED), new_year, until)]
    whole = [row for row in planned if row.is_active or STARTED in row.reached]
    unplanned = [row for row in snapshot.rows if STARTED not in row.planned and _may_start(row, new_year)]
    found = share(name, title, [row for row in whole if STARTED in row.reached], whole, note)
    return _with_lacking(found, unplanned)


def _may_start(row: Standing, new_year: date) -> bool:
    """Whether a start this year may be planned: started since, or active and not known to have started."""
    started = row.reached.get(STARTED)
    if started is not None:
        return started >= new_year
    return row.is_active and row.observed_point not in (STARTED, COMPLETED, PRODUCING)


def _invested(snapshot: Snapshot) -> tuple[Figure, ...]:
    rows, new_year = snapshot.rows, snapshot.month.first.replace(month=1)
    building = [row for row in rows if _builds(row, snapshot.month.first)]
    this_year = [row for row in rows if _builds(row, new_year)]
    both = [(row, row.money.year_fen, row.money.plan_fen) for row in rows]
    known = [(row, year, plan) for row, year, plan in both if year is not None and plan is not None]
    done, planned = sum(year for _, year, _ in known), sum(plan for _, _, plan in known)
    elapsed = Fraction(snapshot.month.number, 12)
    rate = Fraction(done, planned) if planned else None
    counted = codes(row for row, _, _ in known)
    lacking = codes(row for row in this_year if row.code not in set(counted))
    completion = Figure(
        "investment_rate", "年度投资完成率", Unit.RATIO, rate, counted, done, planned, Unit.MONEY, counted, lacking,
        "本年累计完成投资与年度计划之比，只计两者都有的项目",
    )  # fmt: skip
    gap = Figure(
        "investment_gap", "与序时进度相差", Unit.POINTS, None if rate is None else (rate - elapsed) * 100, counted,
        lacking=lacking, note=f"年度投资完成率减去序时进度（{snapshot.month.number}/12）",
    )  # fmt: skip
    return (
        total("month_investment", "本月完成投资", rows, lambda row: row.money.month_fen, expected=building),
        total("year_investment", "本年累计完成投资", rows, lambda row: row.money.year_fen, expected=this_year),
        completion,
        gap,
    )


def _builds(row: Standing, since: date) -> bool:
    """Whether the project was being built at some time since a day: works begun and not completed before it."""
    completed = row.reached.get(COMPLETED)
    if completed is not None:
        return completed >= since
    return row.is_active and row.point == STARTED


def _listed(snapshot: Snapshot) -> Figure:
    started = [row for row in snapshot.rows if row.is_active and STARTED in row.reached]
    listed = [row for row in started if _is_done(row, ("listed",), snapshot)]
    return share("listed_rate", "列统率", listed, started, "在库已开工项目中已登记列统的占比")


def _finished(snapshot: Snapshot) -> tuple[Figure, ...]:
    found = []
    for period, title, since in _periods(snapshot):
        grown = f"{title}列入新增长点培育库"
        full = [row for row in snapshot.rows if _within(row.done("full_capacity"), since, snapshot.as_of)]
        found += [
            happened(snapshot, f"completed_{period}", f"{title}竣工项目", COMPLETED, since=since),
            happened(snapshot, f"produced_{period}", f"{title}投产项目", PRODUCING, since=since),
            count(f"full_{period}", f"{title}达产项目", full),
            happened(snapshot, f"growth_{period}", grown, COMPLETED, since=since, note="通过竣工验收即列入"),
        ]
    return tuple(found)


def _intervals(snapshot: Snapshot, table: LifecycleTable) -> tuple[Figure, ...]:
    """Median days between points that follow each other, of the projects that ended the interval this year."""
    points = [point.id for point in table.points]
    return tuple(
        _median(snapshot, start, end, f"{table.name(start)}至{table.name(end)}")
        for start, end in pairwise(points)
        if start != SIGNED
    )


def _median(snapshot: Snapshot, start: str, end: str, title: str) -> Figure:
    ended = reached_in(snapshot, end, snapshot.month.first.replace(month=1))
    known = [row for row in ended if start in row.reached]
    days = [(row.reached[end] - row.reached[start]).days for row in known]
    value = Fraction(median(days)) if days else None
    name = f"days_{start.lower()}_{end.lower()}"
    note = "本年走完这一段的项目，前一跟踪点没有登记的不计"
    return Figure(name, f"{title}天数中位数", Unit.DAYS, value, codes(known), note=note)


def tickets(snapshot: Snapshot, table: LifecycleTable) -> Block:
    """Problem tickets: opened and ended in the month, still open, overdue, by kind and by cause, the commonest cause first.

    A project stands once for each of its tickets.
    """
    month = snapshot.month
    return Block("问题协调", (
        _tickets(snapshot, "opened", "本月登记问题", lambda ticket: month.holds(ticket.opened_on)),
        _tickets(snapshot, "closed", "本月办结问题", lambda ticket: _is_over(ticket) and month.holds(ticket.ended_on)),
        _tickets(snapshot, "open", "在办问题", lambda ticket: not _is_over(ticket)),
        _tickets(snapshot, "overdue", "超期问题", lambda ticket: ticket.is_overdue),
        *(_of_kind(snapshot, kind) for kind in table.tickets.kinds.values()),
        *_by_cause(snapshot, table),
    ))  # fmt: skip


def _tickets(snapshot: Snapshot, name: str, title: str, fits: Callable[[Ticket], bool]) -> Figure:
    found = [row for row in snapshot.rows for ticket in row.tickets if fits(ticket)]
    return count(f"tickets_{name}", title, found)


def _of_kind(snapshot: Snapshot, kind: TicketKind) -> Figure:
    title = f"在办：{kind.name}"
    return _tickets(snapshot, kind.id.lower(), title, lambda ticket: not _is_over(ticket) and ticket.kind == kind.id)


def _by_cause(snapshot: Snapshot, table: LifecycleTable) -> list[Figure]:
    """Open tickets of every cause that has any."""
    found = [_of_cause(snapshot, cause) for cause in table.tickets.causes]
    return sorted((figure for figure in found if figure.projects), key=lambda figure: -len(figure.projects))


def _of_cause(snapshot: Snapshot, cause: str) -> Figure:
    def fits(ticket: Ticket) -> bool:
        return not _is_over(ticket) and ticket.about is not None and ticket.about.cause == cause

    return _tickets(snapshot, cause, f"在办：{cause}类", fits)


def _is_over(ticket: Ticket) -> bool:
    return ticket.state in _OVER


def _periods(snapshot: Snapshot) -> tuple[tuple[str, str, date], ...]:
    first = snapshot.month.first
    return ("month", "本月", first), ("year", "本年", first.replace(month=1))


def _within(day: date | None, since: date, until: date) -> bool:
    return day is not None and since <= day <= until


def _is_done(row: Standing, milestones: Iterable[str], snapshot: Snapshot) -> bool:
    days = (row.done(milestone) for milestone in milestones)
    return any(day is not None and day <= snapshot.as_of for day in days)


def _with_lacking(figure: Figure, rows: Iterable[Standing]) -> Figure:
    return replace(figure, lacking=codes(rows))
