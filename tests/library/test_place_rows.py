"""Whom a row speaks of: of rows that name their projects by code no more of the library is read than they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from rows import CODE, E1, E2, LATER_CODE, LIBRARY, NOW, row, taken

from policy_match.exchange.intake_rows import Firm, IntakeRow
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given
from policy_match.store import subjects
from policy_match.store.tables import Subject
from policy_match.workflows.join_projects import merge_projects
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import Places

P, MERGED, OTHER = "CZ-2025-00001", "CZ-2025-00002", "CZ-2025-00003"
NUMBERS = [Given(subjects.PROJECT_CODE, code) for code in (CODE, LATER_CODE, "2025-320000-00-00-000000")]
PERMIT = Given("SGXK", "320412202501010101")
Said = tuple[object, ...]


@pytest.fixture
def library(archive: Archive) -> Archive:
    """Three projects of two firms: one with a number and one merged into it, and another with a number."""
    taken(archive, replace(row(archive), keys=(NUMBERS[0], PERMIT)))
    taken(archive, row(archive, "示范电池项目二期", code=None))
    taken(archive, row(archive, "示范光伏项目", uscc=E2, firm="示范光伏有限公司", code=LATER_CODE))
    merge_projects(archive, LIBRARY, MERGED, P, reason="同一项目", by="data", now=NOW)
    return archive


def naming(*codes: str, keys: Sequence[Given] = ()) -> tuple[IntakeRow, ...]:
    """A row for each code, as somebody enters it by hand."""
    return tuple(IntakeRow(n, Kind.PROJECT, code, None, tuple(keys), None) for n, code in enumerate(codes, start=1))


def said_of(places: Places, one: IntakeRow) -> Said:
    """All that keeping a row asks of the library."""

    def code(found: Subject | None) -> str | None:
        return None if found is None else found.code

    project = places.project(one, None, "DISTRICT")
    assert project is not None
    return (
        project.code, code(places.firm_of(project)), places.project_codes(project), places.is_unclear(one, None),
        *(code(places.holder(given)) for given in one.keys), *(places.has(project, given) for given in one.keys),
    )  # fmt: skip


@pytest.mark.parametrize("codes", [(P,), (MERGED,), (OTHER,), (P, OTHER), (MERGED, OTHER)])
@pytest.mark.parametrize("number", [*NUMBERS, PERMIT, None])
def test_few_rows_are_told_the_same_as_by_the_whole_library(
    library: Archive, codes: tuple[str, ...], number: Given | None
) -> None:
    rows = naming(*codes, keys=() if number is None else (number,))
    with library.database.reading() as session:
        few, whole = Places.load(session, LIBRARY, rows), Places.load(session, LIBRARY)

        assert [said_of(few, one) for one in rows] == [said_of(whole, one) for one in rows]


def test_what_nobody_asks_for_is_not_read(library: Archive) -> None:
    with library.database.reading() as session:
        few = Places.load(session, LIBRARY, naming(P))

    assert {code for _, code in few.by_code} == {P, MERGED, E1}


def test_rows_that_may_be_of_anybody_are_told_by_the_whole_library(library: Archive) -> None:
    (named,) = naming(P)
    others = [
        (replace(named, firm=Firm(E2, None)),),
        (replace(named, code=None, name="示范电池项目"),),
        naming("CZ-2025-00009"),
        naming(P, "CZ-2025-00009"),
        (named, replace(named, row=2, firm=Firm(E2, None))),
        naming(*[P] * 101),
        (),
    ]
    with library.database.reading() as session:
        for rows in others:
            assert {code for _, code in Places.load(session, LIBRARY, rows).by_code} == {P, MERGED, OTHER, E1, E2}
