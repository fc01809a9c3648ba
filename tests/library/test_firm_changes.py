"""A project does not pass to another firm because a row says so: a person is asked, and the answer holds from its day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from rows import (
    CODE,
    E1,
    E2,
    E3,
    LIBRARY,
    NOW,
    asked,
    at,
    audited,
    codes,
    day,
    doubt_number,
    firm_row,
    point,
    read,
    row,
    taken,
    told,
)

from policy_match.errors import Forbidden
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.lifecycle.clocks import Mark
from policy_match.store import doubts, log, subjects
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.settle_doubt import settle_doubt

P = "CZ-2025-00001"
SIGNED = point("SIGNED", "2024-08-20")
EARLIER = at("2025-03-20")


def firm_of(archive: Archive, as_of: str = "2025-03-31", **more: object) -> str | None:
    firm = read(archive, P, as_of, **more).firm  # type: ignore[arg-type]
    return None if firm is None else firm.uscc or firm.code


def other(archive: Archive, uscc: str | None = E2, firm: str = "示范氢能有限公司", **more: object) -> IntakeRow:
    """A row about the same project that names another firm, and another amount."""
    return row(archive, uscc=uscc, firm=firm, facts={"total_investment": "13亿元"}, **more)  # type: ignore[arg-type]


def begun(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED], when=EARLIER), when=EARLIER)


def settle(archive: Archive, outcome: str, by: str = "development") -> None:
    settle_doubt(archive, LIBRARY, doubt_number(archive, "FIRM_CHANGED"), outcome, by=by, now=NOW, note="变更备案")


def test_a_row_with_another_credit_code_leaves_the_project_its_firm_and_asks(archive: Archive) -> None:
    begun(archive)

    done = taken(archive, other(archive))

    assert (firm_of(archive), asked(archive)) == (E1, ["FIRM_CHANGED"])
    assert (done.refusals, read(archive, P).whole("total_investment")) == ((), 13 * 10**10)
    (question,) = done.asked
    assert all(part in question for part in (P, E1, E2, "示范电池有限公司", "示范氢能有限公司"))
    with archive.database.reading() as session:
        (doubt,) = doubts.still_open(session, LIBRARY)
        assert subjects.by_code(session, LIBRARY, P).id == doubt.subject_id  # type: ignore[union-attr]


def test_a_row_that_says_nothing_new_but_the_firm_changes_nothing(archive: Archive) -> None:
    begun(archive)

    done = taken(archive, row(archive, uscc=E2, firm="示范氢能有限公司", facts={}))

    assert (done.changed, done.same) == (0, 1)


def test_the_firm_of_the_archives_is_no_reason_to_move_either(archive: Archive) -> None:
    begun(archive)
    taken(archive, firm_row(archive, E2, "示范氢能有限公司", status="存续"), source="ENT")

    taken(archive, other(archive, source="TZXM"), source="TZXM")

    assert (firm_of(archive), "FIRM_CHANGED" in asked(archive)) == (E1, True)


def test_two_rows_of_one_file_do_not_share_a_project_between_firms(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]), other(archive, number=3))

    assert (firm_of(archive), asked(archive)) == (E1, ["FIRM_CHANGED"])


def test_the_name_of_another_firm_without_its_code_is_a_question_too(archive: Archive) -> None:
    begun(archive)

    taken(archive, other(archive, None))

    assert (firm_of(archive), asked(archive)) == (E1, ["FIRM_CHANGED"])


def test_a_project_without_firm_takes_the_first_one_unasked(archive: Archive) -> None:
    taken(archive, row(archive, uscc=None, firm=None))

    taken(archive, other(archive))

    assert (firm_of(archive), asked(archive)) == (E2, [])


def test_a_firm_renamed_under_its_code_is_the_same_firm(archive: Archive) -> None:
    begun(archive)

    taken(archive, other(archive, E1, "示范动力电池有限公司"))

    assert (firm_of(archive), asked(archive)) == (E1, ["NAME_CONFLICT"])


def test_an_accepted_change_holds_from_its_day_and_is_on_record(archive: Archive) -> None:
    begun(archive)
    version = read(archive, P).row_version
    taken(archive, other(archive))

    settle(archive, "accepted")

    assert (firm_of(archive), asked(archive)) == (E2, [])
    before = NOW - timedelta(hours=1)
    assert (firm_of(archive, "2025-03-30"), firm_of(archive, known_at=before)) == (E1, E1)
    assert read(archive, P).row_version == version + 1
    with archive.database.reading() as session:
        project = subjects.by_code(session, LIBRARY, P)
        assert project is not None
        (mark,) = log.entries(session, Mark, [project])[project.id]
    assert (mark.kind, mark.on, mark.text) == ("firm_changed", day("2025-03-31"), f"{E1} → {E2}")
    (line,) = audited(archive, "project.firm")
    assert (line.actor, line.object_id, line.reason) == ("development", P, "变更备案")
    told = json.loads(line.detail)
    assert (told["from"], told["to"], set(told)) == (E1, E2, {"from", "to", "row_version"})


def test_the_row_that_was_accepted_is_no_question_any_more_and_the_old_firm_is_one(archive: Archive) -> None:
    begun(archive)
    taken(archive, other(archive))
    settle(archive, "accepted")

    assert taken(archive, other(archive)).asked == ()
    back = taken(archive, row(archive, facts={}))

    assert (len(back.asked), firm_of(archive)) == (1, E2)


def test_a_refused_change_is_remembered_and_another_firm_asked_about(archive: Archive) -> None:
    begun(archive)
    taken(archive, other(archive))
    settle(archive, "refused")

    again = taken(archive, other(archive))
    third = taken(archive, other(archive, E3, "示范芯片有限公司"))

    assert (again.asked, len(third.asked), firm_of(archive)) == ((), 1, E1)
    assert audited(archive, "project.firm") == []


def test_a_firm_known_by_name_alone_may_take_a_project_over(archive: Archive) -> None:
    begun(archive)
    taken(archive, other(archive, None))

    settle(archive, "accepted")

    firm = read(archive, P).firm
    assert firm is not None and (firm.name, firm.uscc) == ("示范氢能有限公司", None)


@pytest.mark.parametrize("by", ["district-320411", "enterprise-320412", "statistics"])
def test_who_settles_no_question_changes_no_firm(archive: Archive, by: str) -> None:
    begun(archive)
    taken(archive, other(archive))

    with pytest.raises(Forbidden) as refused:
        settle(archive, "accepted", by)

    assert (told(refused.value), firm_of(archive)) == ({"DOUBT_ROLE"}, E1)


def test_a_firm_told_by_hand_is_a_question_as_from_a_file(archive: Archive) -> None:
    begun(archive)

    entered = tell_facts(archive, LIBRARY, P, Told({}, uscc=E2), "development", NOW)

    assert (len(entered.asked), firm_of(archive)) == (1, E1)


def test_a_row_by_the_number_of_the_library_is_asked_about_too(archive: Archive) -> None:
    begun(archive)
    taken(archive, replace(other(archive), code=P, keys=()))

    assert (codes(archive), firm_of(archive), read(archive, CODE).code) == ([P], E1, P)
