"""Invented projects with everything that the yearly evaluation reads, and the shortest way to take them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from reporting import taken
from rows import LIBRARY, point, row, seen

from policy_match.store import subjects
from policy_match.store.indicator_tables import IndicatorValue
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By

TOLD = datetime(2026, 1, 10, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""10:00 in Changzhou: after the year 2025, and a working day."""
LEAD, SECOND, INDUSTRY = "development", "development-2", "industry"
WAN = 10**6
# 万元: with FACTS, 30/25, 500/450, 800/1000, 0.90/1 and 1.00/1 of §7.6.
WORKED = {"tax": 2_700, "output": 72_000}
_POINTS = (
    ("SIGNED", "2020-03-02"), ("APPROVED", "2020-06-01"), ("STARTED", "2020-10-12"), ("COMPLETED", "2022-03-01"),
    ("PRODUCING", "2022-06-01"),
)  # fmt: skip
FACTS = {
    "district": "320412", "project_kind": "新招引", "industry_code": "C3841", "total_investment": "45000万元",
    "land_area": "90亩", "full_capacity_output": "80000万元", "agreed_tax": "2700万元",
}  # fmt: skip


def by(actor: str = LEAD, now: datetime = NOW) -> By:
    """Somebody who asks in the library of the tests."""
    return By(LIBRARY, actor, now)


def take(archive: Archive, names: Sequence[str], *, uscc: str | None = None, **over: str) -> dict[str, str]:
    """Projects that have produced since 2022, each with a firm of its own unless a credit code is given; the code of each
    name. `over`: facts that differ, empty: not told."""
    facts = {name: text for name, text in {**FACTS, **over}.items() if text}
    points = [point(name, on, "示范") for name, on in _POINTS]
    rows = [
        replace(
            row(archive, f"示范项目{name}", number=place, uscc=uscc, firm=f"示范企业{name}", code=None, points=points,
                facts=facts, when=TOLD),
            observations=tuple(seen(archive, fact, text, when=TOLD) for fact, text in facts.items()),
        )
        for place, name in enumerate(names, start=2)
    ]  # fmt: skip
    taken(archive, rows, when=TOLD)
    with archive.database.reading() as session:
        found = {one.name: one.code for one in subjects.every(session, LIBRARY, "project")}
    return {name: found[f"示范项目{name}"] for name in names}


def monthly(
    archive: Archive, figures: Mapping[str, Mapping[str, int | None]], *, source: str = "ENT", year: int = 2025,
    of: str = "project", when: datetime = TOLD,
) -> None:  # fmt: skip
    """Yearly figures in 万元 by code of the subject and of the figure, as cumulative figures of twelve months; None: none."""
    with archive.database.writing() as session:
        ids = {one.code: one.id for one in subjects.every(session, LIBRARY, of)}
        for code, told in figures.items():
            for name, wan in told.items():
                parts = [] if wan is None else _months(wan * WAN)
                session.add_all(
                    IndicatorValue(
                        subject_id=ids[code], code=name, month=f"{year}-{place:02d}", value=value, source=source,
                        received_at=when, actor_id="importer", is_correction=False, note="",
                    )
                    for place, value in enumerate(parts, start=1)
                )  # fmt: skip


def _months(total: int) -> list[int]:
    return [total * month // 12 for month in range(1, 13)]
