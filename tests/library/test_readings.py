"""What is read of the library is read once: for all rows of a batch, and for all months that are closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rows import NOW, asked, at, codes, day, firm_row, point, read, row, taken
from sqlalchemy import event

from policy_match.exchange.intake_rows import Firm, IntakeRow, ToldPoint
from policy_match.identifiers import Given
from policy_match.store.database import Database
from policy_match.workflows.close_month import close_month
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.report_month import read_month

MAY = datetime(2025, 5, 2, 2, tzinfo=UTC)
HEAVY = ("facts", "current_facts", "log", "keys", "posts", "closed_months")
LATER = at("2025-04-10")


@contextmanager
def readings(database: Database) -> Iterator[list[str]]:
    """The SELECT statements that the block sends."""
    found: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.extend([statement] if statement.startswith("SELECT") else [])

    event.listen(database.engine, "before_cursor_execute", hear)
    yield found
    event.remove(database.engine, "before_cursor_execute", hear)


def firms(archive: Archive, numbers: Sequence[int]) -> list[IntakeRow]:
    """Rows of the enterprise archives."""
    return [replace(firm_row(archive, f"U{n}", f"示范企业{n}", status="存续"), row=n) for n in numbers]


def projects(
    archive: Archive, numbers: Sequence[int], *points: ToldPoint, source: str = "DISTRICT", amount: str = "12亿元"
) -> list[IntakeRow]:
    """Rows of projects, each of a firm of its own and with evidence of its own."""
    facts = {"district": "320412", "project_kind": "新招引", "total_investment": amount}
    made = []
    for n in numbers:
        one = row(archive, f"示范项目{n}", number=n, source=source, facts=facts, uscc=None, firm=None, code=None)
        own = tuple(replace(p, evidence=tuple(replace(e, id=f"{e.id}-{n}") for e in p.evidence)) for p in points)
        made.append(replace(one, keys=(Given("XMDM", f"X{n}"),), firm=Firm(f"U{n}", f"示范企业{n}"), points=own))
    return made


def readings_of(archive: Archive, rows: Sequence[IntakeRow], source: str, *, later: bool = False) -> int:
    """How often a batch of these rows reads."""
    with readings(archive.database) as found:
        taken(archive, *rows, source=source, when=LATER if later else NOW)
    return len(found)


FEW, MANY = range(1, 4), range(11, 21)


@pytest.mark.parametrize("source", ["ENT", "DISTRICT"])
def test_new_subjects_are_read_about_at_once(archive: Archive, source: str) -> None:
    taken(archive, *firms(archive, range(21, 31)), source="ENT")
    make = firms if source == "ENT" else lambda *a: projects(*a, point("SIGNED", "2025-03-01"))

    few, many = (readings_of(archive, make(archive, numbers), source) for numbers in (FEW, MANY))

    assert len(codes(archive, "enterprise")) == 10 + len(FEW) + len(MANY)
    assert many == few


def test_firms_that_the_archives_do_not_know_are_looked_up_at_once(archive: Archive) -> None:
    taken(archive, *firms(archive, [*FEW[:1], *MANY[:1]]), source="ENT")

    few, many = (readings_of(archive, projects(archive, numbers), "DISTRICT") for numbers in (FEW, MANY))

    assert asked(archive).count("ENT_UNKNOWN") == len(FEW) + len(MANY) - 2
    assert many == few


def test_firms_that_were_asked_about_are_vouched_for_at_once(archive: Archive) -> None:
    taken(archive, *firms(archive, [99]), source="ENT")
    taken(archive, *projects(archive, [*FEW, *MANY]))
    assert asked(archive).count("ENT_UNKNOWN") == len(FEW) + len(MANY)

    few, many = (readings_of(archive, firms(archive, numbers), "ENT") for numbers in (FEW, MANY))

    assert "ENT_UNKNOWN" not in asked(archive)
    assert many == few


def test_points_that_pass_a_gate_are_checked_at_once(archive: Archive) -> None:
    taken(archive, *firms(archive, [*FEW, *MANY]), source="ENT")
    taken(archive, *projects(archive, [*FEW, *MANY], point("SIGNED", "2025-03-01")))
    filed = point("APPROVED", "2025-04-01")

    few, many = (
        readings_of(archive, projects(archive, numbers, filed, source="TZXM"), "TZXM", later=True)
        for numbers in (FEW, MANY)
    )

    assert {read(archive, code, "2025-04-30", known_at=at("2025-04-30")).state.point for code in codes(archive)} == {
        "APPROVED"
    }
    assert many == few


def test_evidence_that_others_showed_is_looked_up_at_once(archive: Archive) -> None:
    signed = point("SIGNED", "2025-03-01")
    taken(archive, *projects(archive, [*FEW, *MANY], signed))
    again = [
        replace(one, keys=(Given("XMDM", f"Y{one.row}"),), name=f"另一项目{one.row}")
        for one in projects(archive, [*FEW, *MANY], signed)
    ]

    few, many = (
        readings_of(archive, [one for one in again if one.row in numbers], "DISTRICT") for numbers in (FEW, MANY)
    )

    assert asked(archive).count("EVID_REUSED") == len(again)
    assert many == few


def test_records_that_wait_are_looked_up_at_once(archive: Archive) -> None:
    few, many = (
        readings_of(archive, [replace(one, record=f"R{one.row}") for one in projects(archive, numbers)], "TZXM")
        for numbers in (FEW, MANY)
    )

    assert codes(archive) == []
    assert many == few


def test_figures_that_are_not_believed_are_looked_up_at_once(archive: Archive) -> None:
    taken(archive, *projects(archive, [*FEW, *MANY]))

    few, many = (
        readings_of(archive, projects(archive, numbers, amount="12万元"), "DISTRICT", later=True)
        for numbers in (FEW, MANY)
    )

    assert asked(archive).count("UNIT_SUSPECT") == len(FEW) + len(MANY)
    assert many == few


def test_a_point_of_a_project_that_only_an_earlier_row_of_the_batch_names_is_checked_too(archive: Archive) -> None:
    taken(archive, *firms(archive, [1]), source="ENT")
    taken(archive, *projects(archive, [1], point("SIGNED", "2025-03-01")))
    (named,) = projects(archive, [1], source="TZXM")
    permit = Given("BAZH", "备案1")
    naming = replace(named, keys=(*named.keys, permit))
    filed = replace(named, row=2, keys=(permit,), name=None, firm=None, points=(point("APPROVED", "2025-04-01"),))

    took = taken(archive, naming, filed, source="TZXM", when=LATER)

    assert (took.waiting, took.refusals) == (0, ())
    assert read(archive, codes(archive)[0], "2025-04-30", known_at=at("2025-04-30")).state.point == "APPROVED"


def test_a_report_reads_the_library_as_often_with_four_closed_months_as_with_one(archive: Archive) -> None:
    taken(archive, *firms(archive, [1, 2]), source="ENT")
    taken(archive, *projects(archive, [1, 2], point("SIGNED", "2025-01-05"), point("APPROVED", "2025-02-06")))
    counted: list[dict[str, int]] = []
    for month in ("2025-01", "2025-02", "2025-03", "2025-04"):
        close_month(archive, "real", month, by="development", now=MAY)
        with readings(archive.database) as found:
            read_month(archive, "real", "2025-05", MAY)
        counted.append({name: sum(f"FROM {name}" in one for one in found) for name in HEAVY})

    assert all(counted[0][name] for name in ("facts", "log", "keys"))
    assert counted == counted[:1] * 4


def test_each_closed_month_is_told_what_was_found_out_after_its_own_closing(archive: Archive) -> None:
    taken(archive, *projects(archive, [1], point("SIGNED", "2025-01-05"), point("APPROVED", "2025-02-06")))
    (code,) = codes(archive)
    close_month(archive, "real", "2025-01", by="development", now=at("2025-04-02"))
    first = Correction(code, "签约", day("2025-01-06"), "协议所载为1月6日")
    correct_event(archive, "real", first, by="commerce", second="development", now=at("2025-04-03"))
    close_month(archive, "real", "2025-02", by="development", now=at("2025-04-04"))
    second = Correction(code, "立项", day("2025-03-06"), "备案证所载为3月6日")
    last = correct_event(archive, "real", second, by="development", second="development-2", now=at("2025-04-05"))

    restatements = read_month(archive, "real", "2025-03", at("2025-04-06")).snapshot.restatements

    causes = {one.month: one.causes for one in restatements}
    assert causes["2025-02"] == (last.events[0].id,)
    assert {one.month for one in restatements} == {"2025-02"}
