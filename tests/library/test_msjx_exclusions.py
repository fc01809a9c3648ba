"""Exclusion lists as files: a law for every entry, whole lists that end what they no longer hold, and who may bring them (S-40)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msjx import GX, by, with_firm
from paying import kept, listed, listing
from rows import E2, E3, LIBRARY, audited, told
from sqlalchemy import select

from policy_match.errors import Forbidden, UsageError
from policy_match.store import exclusions
from policy_match.store.case_tables import Exclusion
from policy_match.workflows.import_exclusions import ExclusionList, import_exclusions
from policy_match.workflows.open_archive import Archive

FIRM_E7 = "91320412MAYYYY091Q"


def entries(archive: Archive) -> list[tuple[str, str | None]]:
    """Record and last day of exclusion of every entry."""
    with archive.database.reading() as session:
        rows = session.scalars(select(Exclusion).order_by(Exclusion.id))
        return [(row.record, None if row.ended_on is None else row.ended_on.isoformat()) for row in rows]


def test_an_entry_without_the_law_that_it_rests_on_is_refused_and_told(paying: Archive, tmp_path: Path) -> None:
    done = listed(paying, tmp_path, listing(信用代码=FIRM_E7, 依据=""), listing())

    assert [(one.row, one.column, one.code) for one in done.refusals] == [(2, "依据", "EXCL_NO_BASIS")]
    assert (done.new, entries(paying)) == (1, [("示范执1", None)])


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"信用代码": "91320411MAYYYY0241"}, "信用代码", "USCC_CHECKSUM"),
        ({"种类": "老赖"}, "种类", "EXCL_KIND"),
        ({"记录号": ""}, "记录号", "CELL_EMPTY"),
        ({"列入机关": ""}, "列入机关", "CELL_EMPTY"),
        ({"起": "2025-05"}, "起", "DATE_FORMAT"),
        ({"止": "2025-04-30"}, "止", "DATE_ORDER"),
        ({"修复日": "2025-06-14"}, "修复日", "LC_FUTURE"),
        ({"适用措施": f"{GX};gx"}, "适用措施", "MEASURE_UNKNOWN"),
    ],
)
def test_a_row_that_does_not_say_who_what_and_when_is_refused(
    changed: dict[str, str], column: str, code: str, paying: Archive, tmp_path: Path
) -> None:
    done = listed(paying, tmp_path, listing(**changed))

    assert [(one.column, one.code) for one in done.refusals] == [(column, code)]
    assert entries(paying) == []


def test_kinds_are_written_by_name_or_id_and_measures_as_a_list(paying: Archive, tmp_path: Path) -> None:
    done = listed(paying, tmp_path, listing(种类="judgment_debtor", 适用措施=GX), listing(种类="经营异常"))

    with paying.database.reading() as session:
        rows = session.scalars(select(Exclusion).order_by(Exclusion.id)).all()
        assert [(row.kind, row.measures) for row in rows] == [("judgment_debtor", [GX]), ("abnormal", None)]
    assert (done.new, done.refusals) == (2, [])


def test_one_record_that_is_there_twice_is_refused_the_second_time(paying: Archive, tmp_path: Path) -> None:
    done = listed(paying, tmp_path, listing(), listing())

    assert [(one.row, one.code) for one in done.refusals] == [(3, "ROW_TWICE")]
    assert done.new == 1


def test_the_same_list_again_changes_nothing(paying: Archive, tmp_path: Path) -> None:
    listed(paying, tmp_path, listing())
    again = listed(paying, tmp_path, listing(), on="2025-06-20")

    assert (again.new, again.same, again.changed, again.refusals) == (0, 1, 0, [])
    assert entries(paying) == [("示范执1", None)]


def test_a_record_that_is_told_otherwise_than_before_is_refused_and_stays(paying: Archive, tmp_path: Path) -> None:
    listed(paying, tmp_path, listing())

    done = listed(paying, tmp_path, listing(止="2026-05-01"))

    assert [one.code for one in done.refusals] == ["EXCL_CHANGED"]
    with paying.database.reading() as session:
        assert session.scalars(select(Exclusion.through)).all() == [None]


def test_a_repair_ends_an_entry_and_a_new_listing_of_it_counts_again(paying: Archive, tmp_path: Path) -> None:
    listed(paying, tmp_path, listing())

    repaired = listed(paying, tmp_path, listing(修复日="2025-06-10"))
    after = entries(paying)
    relisted = listed(paying, tmp_path, listing())

    assert (repaired.changed, after) == (1, [("示范执1", "2025-06-10")])
    assert (relisted.changed, entries(paying)) == (1, [("示范执1", None)])


def test_only_a_whole_list_ends_what_it_no_longer_holds_and_counts_as_a_look(paying: Archive, tmp_path: Path) -> None:
    listed(paying, tmp_path, listing(), listing(信用代码=E3, 记录号="示范执2"))

    part = listed(paying, tmp_path, listing())
    after_part = (entries(paying), kept(paying)["checks"])
    whole = listed(paying, tmp_path, listing(), on="2025-06-14", whole=True)

    assert (part.ended, part.checked, after_part) == (0, False, ([("示范执1", None), ("示范执2", None)], 0))
    assert (whole.ended, whole.checked) == (1, True)
    assert (entries(paying), kept(paying)["checks"]) == ([("示范执1", None), ("示范执2", "2025-06-14")], 1)


def test_a_whole_list_ends_nothing_of_another_source(paying: Archive, tmp_path: Path) -> None:
    listed(paying, tmp_path, listing(), source="DEPT")

    listed(paying, tmp_path, whole=True)

    assert entries(paying) == [("示范执1", None)]


def test_a_whole_list_of_nobody_is_an_answer(paying: Archive, tmp_path: Path) -> None:
    done = listed(paying, tmp_path, whole=True)

    with paying.database.reading() as session:
        look = exclusions.look(session, LIBRARY, [E2], by("data", "2025-06-13", "09:00").now)
    assert (done.checked, list(look.complete_at), look.entries) == (True, ["CREDIT"], ())


def test_a_list_of_which_a_row_was_refused_is_not_whole(paying: Archive, tmp_path: Path) -> None:
    listed(paying, tmp_path, listing(信用代码=E3, 记录号="示范执2"))

    done = listed(paying, tmp_path, listing(), listing(种类="老赖", 记录号="示范执3"), whole=True)

    assert (done.new, done.ended, done.checked, kept(paying)["checks"]) == (1, 0, False, 0)
    assert entries(paying) == [("示范执2", None), ("示范执1", None)]


@pytest.mark.parametrize(("source", "code"), [("FAI", "EXCL_SOURCE"), ("SELF", "EXCL_SOURCE"), ("XX", "SOURCE")])
def test_a_source_that_may_not_decide_on_paying_brings_no_list(
    source: str, code: str, paying: Archive, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        listed(paying, tmp_path, listing(), source=source)

    assert (told(refused.value), entries(paying)) == ({code}, [])


def test_only_those_in_charge_of_data_bring_a_list_and_a_refusal_is_audited(paying: Archive, tmp_path: Path) -> None:
    with_firm(paying)
    with pytest.raises(Forbidden) as refused:
        import_exclusions(paying, ExclusionList(tmp_path / "none.csv", "CREDIT", True), by("treasury", "2025-06-13"))

    assert told(refused.value) == {"CARE_ROLE"}
    assert len(audited(paying, "care.refused")) == 1


def test_what_became_of_a_list_stands_in_the_audit_chain(paying: Archive, tmp_path: Path) -> None:
    listed(paying, tmp_path, listing(), whole=True)

    (line,) = audited(paying, "msjx.exclusions")
    assert '"new":1' in line.detail and '"whole":true' in line.detail and '"sha256"' in line.detail
