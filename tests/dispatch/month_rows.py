"""Rows for the tests of the monthly dispatch: fixture of twelve invented projects, one row to vary, random rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from policy_match.dispatch.month import Month
from policy_match.dispatch.snapshot import Snapshot, sorted_rows
from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.standing import Money, Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tickets import Ticket, TicketState
from policy_match.lifecycle.tiers import tier_of
from policy_match.lifecycle.words import Colour, MilestoneStatus, Side

POINTS = ("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING")
YI = 10**10
# code, firm, district, variant, industry, 亿元 in 1/10000, dates of the five points (None: not reached)
FIXTURE = (
    ("P01", "E1", "320412", "new", "C3841", 120_000, "2024-08-20", "2024-09-25", "2025-02-10", None, None),
    ("P02", "E2", "320411", "new", "C3849", 35_000, "2024-12-20", None, None, None, None),
    ("P03", "E3", "320402", "new", "C3972", 300_000, "2024-07-05", "2024-10-15", None, None, None),
    ("P04", "E4", "320413", "new", "C2761", 10_000, "2023-06-01", "2023-09-12", "2023-12-18", "2025-03-12", None),
    ("P05", "E5", "320481", "new", "C3963", 1_050_000, "2024-03-28", "2024-06-20", "2024-10-30", None, None),
    ("P06", "E6", "320404", "upgrade_works", "C3670", 18_000, None, "2022-08-09", "2022-10-08", "2023-09-28", "2023-11-15"),
    ("P07", "E7", "JK", "new", "I6513", 520_000, "2024-11-18", "2025-01-22", None, None, None),
    ("P08", "E1", "320412", "new", "C3841", 99_999, "2024-05-06", "2024-07-19", "2024-12-05", None, None),
    ("P09", "E2", "320411", "upgrade_equipment", "C3849", 22_000, None, "2024-11-11", "2025-01-15", None, None),
    ("P10", "E5", "320481", "new", "C3963", 100_000, "2025-03-18", None, None, None, None),
    ("P11", "E8", "320402", "upgrade_works", "C3972", 12_000, None, "2022-02-17", "2022-04-06", "2023-03-30", "2023-05-20"),
    ("P12", "E4", "320413", "new", "C2761", 9_800, "2024-10-08", "2024-12-16", None, None, None),
)  # fmt: skip


def row(
    table: LifecycleTable,
    code: str,
    *,
    reached: dict[str, date] | None = None,
    observed: str | None = None,
    fen: int | None = 2 * YI,
    **other: object,
) -> Standing:
    """A project that is valid by default; its point, stage, lead and tier follow from what is given."""
    reached = reached or {}
    last = max(reached, key=table.order, default=None)
    interval, tier = table.interval(last or observed), tier_of(fen, table)
    values: dict[str, object] = {
        "code": code, "name": f"示范项目{code}", "firm": None, "district": "320412", "place": None, "variant": "new",
        "industry": "C3841", "tracks": (), "major_level": None, "investment_fen": fen, "filed_fen": fen, "agreed_fen": fen,
        "tier": None if tier is None else tier.id, "usd_line": None, "point": last or observed, "stage": interval.stage,
        "lead": interval.lead, "side": Side.ACTIVE, "is_active": True, "entered_on": None, "reached": reached,
        "observed_point": observed,
    }  # fmt: skip
    return Standing(**(values | other))  # type: ignore[arg-type]


def fixture(table: LifecycleTable, as_of: date) -> tuple[Standing, ...]:
    """The twelve projects as they stood on a day; those that nothing was known of are left out."""
    found = []
    for code, firm, district, variant, industry, amount, *days in FIXTURE:
        known = zip(POINTS, (date.fromisoformat(day) if day else None for day in days), strict=True)
        reached = {point: day for point, day in known if day is not None and day <= as_of}
        if not reached:
            continue
        filed = amount * YI // 10_000 if "APPROVED" in reached else None
        agreed = (10_500 if code == "P12" else amount) * YI // 10_000
        basis = filed if filed is not None else agreed
        made = row(table, code, reached=reached, fen=basis, firm=firm, district=district, variant=variant)
        found.append(replace(made, industry=industry, filed_fen=filed, agreed_fen=agreed))
    return tuple(found)


def month_of(table: LifecycleTable, month: str) -> Snapshot:
    """A month of the twelve projects."""
    found = Month.parse(month)
    closed = datetime(2025, 4, 10, 16, tzinfo=UTC)
    return Snapshot(found, found.last, closed, "c" * 64, sorted_rows(fixture(table, found.last)))


def done(kind: str, on: date, **other: object) -> Milestone:
    """A milestone that was done."""
    return Milestone(kind, MilestoneStatus.DONE, actual_on=on, **other)  # type: ignore[arg-type]


def light(colour: Colour, since: date, name: str = "签约至立项") -> Light:
    """A light of a clock."""
    return Light("signed_approved", name, colour, f"{name}：192天，未立项", since, ("commerce",), "D", 192)


_DAYS = st.dates(date(2023, 1, 1), date(2025, 3, 31))
_FEN = st.none() | st.integers(0, 200 * YI)
_TEXT = st.text(min_size=1, max_size=8)


@st.composite
def standings(draw: st.DrawFn, table: LifecycleTable) -> tuple[Standing, ...]:
    """Up to eight projects in any state, known or not."""
    return tuple(draw(_standing(table, f"R{place}")) for place in range(draw(st.integers(0, 8))))


@st.composite
def _standing(draw: st.DrawFn, table: LifecycleTable, code: str) -> Standing:
    start = draw(_DAYS)
    length = draw(st.integers(0, 5))
    reached = {
        point: min(start + timedelta(days=90 * place), date(2025, 3, 31)) for place, point in enumerate(POINTS[:length])
    }
    if draw(st.booleans()):
        reached.pop("SIGNED", None)
    observed = draw(st.none() | st.sampled_from(POINTS)) if not reached else None
    side = draw(st.sampled_from([Side.ACTIVE, Side.ACTIVE, Side.PAUSED, Side.EXITED]))
    return row(
        table, code, reached=reached, observed=observed, fen=draw(_FEN),
        name=draw(_TEXT), district=draw(st.sampled_from(["320412", "JK", "320400", "999999", None])),
        variant=draw(st.sampled_from(["new", "upgrade_works", None])), industry=draw(st.sampled_from(["C3841", "I6513", None])),
        place=draw(st.none() | st.sampled_from(["武进高新区", "溧阳高新区"])), tracks=draw(st.sampled_from([(), ("氢能",), ("氢能", "人工智能")])),
        major_level=draw(st.sampled_from([None, "省重大", "无"])), side=side, is_active=side in (Side.ACTIVE, Side.PAUSED),
        agreed_fen=draw(_FEN), planned=draw(st.sampled_from([{}, {"STARTED": date(2025, 2, 1)}, {"STARTED": date(2025, 9, 1)}])),
        money=Money(draw(_FEN), draw(_FEN), draw(_FEN)), milestones=draw(st.sampled_from([(), (done("listed", date(2025, 3, 1)),)])),
        lights=tuple(light(colour, start) for colour in draw(st.lists(st.sampled_from(list(Colour)), max_size=2))),
        tickets=draw(st.sampled_from([(), (Ticket(TicketState.NEW, None, date(2025, 3, 3), date(2025, 3, 3), None, 0, 28, False),)])),
        last_update=draw(st.none() | _DAYS), lacking=draw(st.sampled_from([(), ("总投资",)])),
    )  # fmt: skip
