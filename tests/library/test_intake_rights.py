"""Who may bring which register, of which area, and in whose name a person may tell a fact."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from f import write_xlsx
from rows import (
    CODE,
    E1,
    LATER_CODE,
    LIBRARY,
    NOW,
    advance,
    audited,
    codes,
    point,
    read,
    row,
    taken,
    told,
)

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.errors import Forbidden, NotFound, RuleError
from policy_match.exchange.intake_rows import Intake, IntakeRow
from policy_match.store.tables import Actor, Batch
from policy_match.workflows.enter_by_hand import Told, add_project, tell_facts
from policy_match.workflows.import_register import import_register
from policy_match.workflows.open_archive import Archive, offices
from policy_match.workflows.speak_for import require_importer
from policy_match.workflows.take_in import Delivery, Taken, take_in

P = "CZ-2025-00001"
HERE, ELSEWHERE = "district-320412", "district-320411"
SIGNED = point("SIGNED", "2024-08-20")
MAY = {
    "DISTRICT": {"importer", "data", "development", "district"},
    "GG": {"importer", "data", "housing"},
    "TZXM": {"importer", "data"},
    "FAI": {"importer", "statistics"},
    "ENT": {"importer", "data"},
    "ZQT": {"importer", "data"},
}


def imported(archive: Archive, file: Path, source: str = "DISTRICT", *, by: str) -> Taken:
    return import_register(archive, LIBRARY, source, file, by=by, now=NOW, strict=False, may_shrink=False)


def brought(archive: Archive, *rows: IntakeRow, by: str, source: str = "DISTRICT") -> Taken:
    """Rows taken in as a file that an actor brings."""
    intake = Intake(rows, (), (), f"{by}-{source}-{[one.name for one in rows]}-{len(codes(archive))}")
    return take_in(archive, LIBRARY, Delivery(source, "f.csv", intake, by), NOW)


def batches(archive: Archive) -> int:
    with archive.database.reading() as session:
        return session.query(Batch).count()


def in_region(archive: Archive, region: str, **more: object) -> IntakeRow:
    return row(archive, facts={"district": region, "total_investment": "12亿元"}, **more)  # type: ignore[arg-type]


# whole registers


def may_bring(archive: Archive, source: str, who: Actor) -> bool:
    try:
        require_importer(source, who, archive.table)
    except Forbidden:
        return False
    return True


def test_every_register_is_brought_by_those_of_the_matrix_and_by_nobody_else(one_archive: Archive) -> None:
    table = one_archive.table

    assert {
        source: {who.role for who in offices(table) if may_bring(one_archive, source, who)} for source in MAY
    } == MAY
    assert set(table.imports) == {path.stem for path in (one_archive.rules / "registers").glob("*.yaml")}


def test_a_source_that_the_table_does_not_name_is_brought_by_nobody(one_archive: Archive) -> None:
    assert not any(may_bring(one_archive, "CREDIT", who) for who in offices(one_archive.table))


@pytest.mark.parametrize("line", ["  FAI: [importer, statistics]", "  DEPT: [development, commerce, industry]"])
def test_a_right_for_nobody_that_the_table_knows_is_refused_with_its_line(
    one_archive: Archive, tmp_path: Path, line: str
) -> None:
    text = (one_archive.rules / "lifecycle.yaml").read_text("utf-8")
    for wrong in ("nobody", "lead"):
        (tmp_path / "lifecycle.yaml").write_text(text.replace(line, f"{line[:-1]}, {wrong}]"), "utf-8")

        with pytest.raises(RuleError) as refused:
            load_lifecycle(tmp_path / "lifecycle.yaml")

        (issue,) = refused.value.issues
        assert issue.code == "LIFECYCLE_ROLE"
        assert issue.where.endswith(f":{text.splitlines().index(line) + 1}")


@pytest.mark.parametrize(("source", "by"), [("GG", HERE), ("ENT", HERE), ("FAI", "data"), ("DISTRICT", "park-320412")])
def test_a_register_that_the_actor_may_not_bring_is_not_even_read(
    archive: Archive, tmp_path: Path, source: str, by: str
) -> None:
    with pytest.raises(Forbidden) as refused:
        imported(archive, tmp_path / "not there.xlsx", source, by=by)

    assert told(refused.value) == {"SOURCE_ROLE"}
    assert (codes(archive), batches(archive)) == ([], 0)
    (line,) = audited(archive, "import")
    assert (line.actor, line.result, line.object_id) == (by, "forbidden", f"{source} not there.xlsx")


def test_an_actor_who_is_not_there_brings_nothing(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        imported(archive, write_xlsx(tmp_path / "f.xlsx"), by="nobody")

    assert batches(archive) == 0


# areas


def test_a_district_brings_the_rows_of_its_own_area_and_gets_the_others_back(archive: Archive, tmp_path: Path) -> None:
    done = imported(archive, write_xlsx(tmp_path / "f.xlsx"), by=HERE)

    assert (done.new, {refusal.code for refusal in done.refusals}) == (2, {"ROW_AREA"})
    assert [read(archive, code).region for code in codes(archive)] == ["320412", "320412"]
    refused = {refusal.row: refusal for refusal in done.refusals}
    assert sorted(refused) == [3, 4, 5, 6, 7, 8, 10, 11, 12, 13]
    assert (refused[3].column, refused[3].allowed) == ("所在辖市区", "武进区")
    assert "新北区" in refused[3].what


def test_the_office_of_all_districts_brings_every_row(archive: Archive, tmp_path: Path) -> None:
    done = imported(archive, write_xlsx(tmp_path / "f.xlsx"), by="data")

    assert (done.new, done.refusals) == (12, ())


def test_a_row_that_calls_the_project_of_another_area_its_own_is_refused(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    done = brought(archive, in_region(archive, "320411"), by=ELSEWHERE)

    assert [refusal.code for refusal in done.refusals] == ["ROW_AREA"]
    assert (done.changed, read(archive, P).region) == (0, "320412")


def test_a_row_that_sends_a_project_of_the_own_area_elsewhere_is_refused(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    done = brought(archive, in_region(archive, "320411"), by=HERE)

    assert [refusal.code for refusal in done.refusals] == ["ROW_AREA"]
    assert read(archive, P).region == "320412"


def test_a_row_without_region_counts_by_that_of_its_project(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))
    silent = row(archive, facts={"total_investment": "13亿元"})

    assert [one.code for one in brought(archive, silent, by=ELSEWHERE).refusals] == ["ROW_AREA"]
    done = brought(archive, silent, by=HERE)

    assert (done.refusals, read(archive, P).whole("total_investment")) == ((), 13 * 10**10)


def test_a_new_project_of_no_known_region_is_refused_to_a_district_alone(archive: Archive) -> None:
    nowhere = row(archive, facts={"total_investment": "13亿元"})

    (refusal,) = brought(archive, nowhere, by=HERE).refusals

    assert (refusal.code, "没有写" in refusal.what, codes(archive)) == ("ROW_AREA", True, [])
    assert brought(archive, replace(nowhere, name="示范另一项目"), by="data").new == 1


def test_a_town_of_the_own_area_lies_inside_it(archive: Archive) -> None:
    done = brought(archive, in_region(archive, "WJ-GX"), by=HERE)

    assert (done.new, done.refusals) == (1, ())


# single facts


@pytest.mark.parametrize(
    ("by", "source"),
    [(HERE, "DEPT"), ("park-320412", "DEPT"), ("agent-320412", "DEPT"), ("enterprise-320412", "DEPT"),
     ("enterprise-320412", "DISTRICT"), ("enterprise-320412", "PUBLIC")],
)  # fmt: skip
def test_nobody_tells_a_fact_in_the_name_of_somebody_above(archive: Archive, by: str, source: str) -> None:
    taken(archive, row(archive, points=[SIGNED]))
    for said in (Told({"total_investment": "15亿元"}, source=source), Told({}, project_code=LATER_CODE, source=source)):
        with pytest.raises(Forbidden) as refused:
            tell_facts(archive, LIBRARY, P, said, by, NOW)
        assert told(refused.value) == {"SOURCE_ROLE"}

    assert read(archive, P).whole("total_investment") == 12 * 10**10
    assert [line.result for line in audited(archive, "project.tell")] == ["forbidden"] * 2


@pytest.mark.parametrize(
    ("by", "source"),
    [(HERE, "DISTRICT"), ("park-320412", "DISTRICT"), (HERE, "SELF"), ("enterprise-320412", "SELF"),
     ("development", "DEPT"), ("development", "DISTRICT")],
)  # fmt: skip
def test_everybody_tells_facts_in_the_own_name_and_below(archive: Archive, by: str, source: str) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    tell_facts(archive, LIBRARY, P, Told({"products": "示范产品"}, source=source), by, NOW)

    assert read(archive, P).fact("products").cell.source == source


def test_a_district_tells_nothing_of_another_area(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    with pytest.raises(Forbidden) as refused:
        tell_facts(archive, LIBRARY, P, Told({"total_investment": "15亿元"}), ELSEWHERE, NOW)

    assert told(refused.value) == {"LC_ROLE"}


def test_a_district_adds_no_project_in_the_name_of_an_office_of_the_city(archive: Archive) -> None:
    said = Told({"district": "320412"}, "示范电池项目", E1, source="DEPT")

    with pytest.raises(Forbidden) as refused:
        add_project(archive, LIBRARY, said, HERE, NOW)

    assert (told(refused.value), codes(archive), batches(archive)) == ({"SOURCE_ROLE"}, [], 0)
    add_project(archive, LIBRARY, replace(said, source="DISTRICT"), HERE, NOW)
    assert codes(archive) == [P]


def test_the_refusal_says_in_whose_name_to_tell_it(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    with pytest.raises(Forbidden) as refused:
        tell_facts(archive, LIBRARY, P, Told({"total_investment": "15亿元"}, source="DEPT"), HERE, NOW)

    (issue,) = refused.value.issues
    assert (issue.allowed, issue.hint) == ("DISTRICT、SELF、PUBLIC", "改用 --source DISTRICT")


def test_the_facts_of_a_step_are_told_in_the_own_name_too(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    with pytest.raises(Forbidden) as refused:
        advance(archive, P, "APPROVED", "2024-09-25", HERE, facts={"total_investment": "15亿元"})

    assert told(refused.value) == {"SOURCE_ROLE"}
    assert read(archive, P).state.point == "SIGNED"
    assert [line.result for line in audited(archive, "event.refused")] == ["forbidden"]
    advance(archive, P, "APPROVED", "2024-09-25", "development", facts={"total_investment": "15亿元"})
    assert read(archive, CODE).state.point == "APPROVED"


def test_a_step_does_not_bring_a_project_into_the_area_of_who_takes_it(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    with pytest.raises(Forbidden) as refused:
        advance(archive, P, "APPROVED", "2024-09-25", ELSEWHERE, facts={"district": "320411"}, source="DISTRICT")

    assert told(refused.value) == {"LC_ROLE"}
    assert (read(archive, P).state.point, read(archive, P).region) == ("SIGNED", "320412")
