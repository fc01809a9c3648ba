"""The files of districts by month are kept apart by library, the newest first, each batch once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from policy_match.store import batches, month_reports
from policy_match.store.database import Database
from policy_match.store.tables import Actor, MonthReport

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
FAULT: dict[str, str | int] = {"row": 5, "column": "总投资", "value": "约3", "code": "NUM_INEXACT", "what": "不确切"}


@pytest.fixture
def office(database: Database) -> Database:
    """A database in which a district is in office."""
    with database.writing() as session:
        session.add(Actor(id="wujin", name="武进区", role="district", region="320412", valid_from=date(2025, 1, 1)))
    return database


def came(database: Database, month: str, district: str, sha: str, library: str = "real", times: int = 1) -> int:
    """The number of a report that came in a batch of its own, noted so many times."""
    with database.writing() as session:
        batch = batches.begin(session, library, "DISTRICT", file_name="a.xlsx", file_sha256=sha, by="wujin", at=NOW)
        for _ in range(times):
            row = MonthReport(
                batch_id=batch.id, library=library, month=month, district=district, refusals=[FAULT], told=["注"]
            )  # fmt: skip
            month_reports.add(session, row)
        return row.id


def test_the_files_of_a_month_come_back_with_their_batch_the_newest_first(office: Database) -> None:
    first, second = came(office, "2026-10", "320412", "a"), came(office, "2026-10", "320481", "b")
    came(office, "2026-09", "320412", "c")
    came(office, "2026-10", "320412", "d", library="demo")

    with office.reading() as session:
        found = month_reports.of_month(session, "real", "2026-10")

        assert [(report.id, batch.file_sha256) for report, batch in found] == [(second, "b"), (first, "a")]
        assert (found[1][0].refusals, found[1][0].told) == ([FAULT], ["注"])
        assert month_reports.districts_of(session, "real") == {
            "2026-10": {"320412", "320481"}, "2026-09": {"320412"},
        }  # fmt: skip
        assert month_reports.of_month(session, "real", "2026-08") == []


def test_a_file_is_found_by_its_number_in_its_own_library_alone_and_by_its_batch(office: Database) -> None:
    number = came(office, "2026-10", "320412", "a")

    with office.reading() as session:
        pair = month_reports.by_number(session, "real", number)
        assert pair is not None and pair[1].file_name == "a.xlsx"
        assert month_reports.by_number(session, "demo", number) is None
        assert month_reports.by_number(session, "real", number + 1) is None
        known = month_reports.of_batch(session, pair[1].id)
        assert known is not None and known.id == number
        assert month_reports.of_batch(session, pair[1].id + 1) is None


def test_a_batch_is_one_report(office: Database) -> None:
    with pytest.raises(IntegrityError):
        came(office, "2026-10", "320412", "a", times=2)
