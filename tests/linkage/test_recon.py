"""The comparison by itself: what is joined, what is told twice, whose clock counts, and the 列统 gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policy_match.dates import Period
from policy_match.linkage.classes import Clock, FaiRecord, Kind, LibraryProject, Light
from policy_match.linkage.recon import Gap, Ours, Reconciliation, Theirs, reconcile

AS_OF, YI = date(2025, 3, 31), 10**10
CLOCK = Clock(Period(1, 0), Period(2, 0))


def ours(code: str = "P1", number: str | None = "N1", started: date | None = date(2024, 12, 5), **more: object) -> Ours:
    made = Ours(code, code, "320412", LibraryProject(number, "开工", started, 2 * YI), 2 * YI)
    return replace(made, **more)  # type: ignore[arg-type]


def theirs(record: str, number: str | None, yi: int | None = 2, of: str | None = None) -> Theirs:
    return Theirs(record, None, "320411", FaiRecord(number, None if yi is None else yi * YI), of)


def compared(library: list[Ours], *records: Theirs) -> Reconciliation:
    return reconcile(library, records, as_of=AS_OF, clock=CLOCK)


def kinds(found: Reconciliation) -> list[tuple[Kind, str | None, str | None]]:
    return [(r.finding.kind, r.ours and r.ours.code, r.theirs and r.theirs.record) for r in found.rows]


def test_a_record_belongs_to_the_project_of_its_code_or_to_the_one_it_was_linked_to() -> None:
    found = compared([ours(), ours("P2", None)], theirs("F1", "N1"), theirs("F2", None, of="P2"))

    assert kinds(found) == [(Kind.MATCHED, "P1", "F1"), (Kind.MATCHED, "P2", "F2")]


def test_a_confirmed_link_goes_before_the_code() -> None:
    found = compared([ours(), ours("P2", "N2")], theirs("F1", "N1", of="P2"))

    assert kinds(found) == [(Kind.MATCHED, "P2", "F1"), (Kind.LIB_STARTED_NOT_FAI, "P1", None)]


def test_records_of_one_code_are_doubles_with_a_project_and_without_one() -> None:
    found = compared([ours()], *(theirs(f"F{n}", code) for n, code in enumerate(("N1", "N1", "N9", "N9", "N8"))))

    assert kinds(found) == [
        (Kind.FAI_ONLY, None, "F4"), (Kind.DUP_CODE, None, "F2"), (Kind.DUP_CODE, None, "F3"),
        (Kind.DUP_CODE, "P1", "F0"), (Kind.DUP_CODE, "P1", "F1"),
    ]  # fmt: skip


def test_records_without_a_code_are_no_doubles_of_each_other() -> None:
    found = compared([], theirs("F1", None), theirs("F2", None))

    assert kinds(found) == [(Kind.CODE_MISSING, None, "F1"), (Kind.CODE_MISSING, None, "F2")]


def test_a_record_of_unknown_size_is_counted_and_not_judged() -> None:
    found = compared([], theirs("F1", "N1", None), theirs("F2", "N2", 0))

    assert (found.rows, found.unjudged) == ((), 1)


def test_a_project_that_no_longer_counts_is_told_of_only_where_it_is_listed() -> None:
    gone = ours(is_active=False)

    assert kinds(compared([gone])) == []
    assert kinds(compared([gone], theirs("F1", "N1"))) == [(Kind.MATCHED, "P1", "F1")]


@pytest.mark.parametrize(
    ("lit", "light", "since", "projects"),
    [
        (None, Light.RED, date(2025, 2, 5), 1),
        ((Light.YELLOW, date(2025, 3, 7)), Light.YELLOW, date(2025, 3, 7), 1),
        ((Light.GRACE, date(2024, 12, 5)), Light.GRACE, date(2024, 12, 5), 0),
    ],
)
def test_the_projects_own_clock_knows_of_its_pauses(
    lit: tuple[Light, date] | None, light: Light, since: date, projects: int
) -> None:
    found = compared([ours(lit=lit)])

    assert [(row.finding.light, row.finding.since) for row in found.rows] == [(light, since)]
    assert found.gap.projects == projects


def test_the_gap_adds_filed_amounts_and_counts_what_is_not_known() -> None:
    late, unfiled = ours(), ours("P2", "N2", filed_fen=None)
    undated, fresh = ours("P3", "N3", started=None), ours("P4", "N4", started=date(2025, 3, 20))

    assert compared([late, unfiled, undated, fresh]).gap == Gap(2, 2 * YI, 1, 1)
    assert compared([]).gap == Gap(0, 0, 0, 0)


def test_the_pages_of_the_districts_add_up_to_the_city() -> None:
    city = compared([ours(), ours("P2", "N2", district=None), ours("P3", "N3")], theirs("F1", "N9"), theirs("F2", "N3"))

    pages = [city.within(district) for district in ("320411", "320412", None)]
    assert [len(page.rows) for page in pages] == [1, 2, 1]
    assert all(sum(page.count(kind) for page in pages) == city.count(kind) for kind in Kind)
    assert sum(page.gap.filed_fen for page in pages) == city.gap.filed_fen == 4 * YI
