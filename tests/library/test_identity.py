"""One project or several: merged and taken apart again, phases, firms that change their name, records that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rows import (
    CODE,
    E1,
    E2,
    LATER_CODE,
    LIBRARY,
    NOW,
    advance,
    asked,
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

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.identifiers import Given
from policy_match.workflows.enter_by_hand import Told, add_project, tell_facts
from policy_match.workflows.join_projects import keep_apart, make_phase, merge_projects, unmerge_project
from policy_match.workflows.link_waiting import link_waiting
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.settle_doubt import settle_doubt

P, Q, R = "CZ-2025-00001", "CZ-2025-00002", "CZ-2025-00003"
SIGNED = point("SIGNED", "2024-08-20")


def two(archive: Archive, *, name: str = "示范电池项目二期") -> None:
    """A project with a signature, and another one with a code and less money."""
    taken(archive, row(archive, code=None, points=[SIGNED]))
    second = row(archive, name, points=[point("SIGNED", "2024-08-21", "乙")])
    taken(archive, replace(second, observations=row(archive, facts={"total_investment": "3亿元"}).observations))


def sums(archive: Archive, as_of: str = "2025-03-31") -> dict[str, int | None]:
    with archive.database.reading() as session:
        rows = list_standings(session, archive, LIBRARY, View(day(as_of)))
    return {one.code: one.investment_fen for one in rows}


def merge(archive: Archive, code: str, into: str, by: str = "data") -> None:
    merge_projects(archive, LIBRARY, code, into, reason="同一项目", by=by, now=NOW)


# merging


def test_a_merged_project_leads_to_its_survivor_and_both_histories_are_read(archive: Archive) -> None:
    two(archive)

    merge(archive, Q, P)

    gone, survivor = read(archive, Q), read(archive, P)
    assert (gone.code, gone.state.side, gone.state.survivor) == (Q, "MERGED", P)
    assert gone.state.on("SIGNED") == day("2024-08-21")
    assert survivor.state.on("SIGNED") == day("2024-08-20")
    assert read(archive, CODE).code == P
    assert sums(archive) == {P: 12 * 10**10}
    assert asked(archive) == []


def test_the_code_of_a_merged_project_carries_its_survivor_on(archive: Archive) -> None:
    two(archive)
    merge(archive, Q, P)

    advance(archive, P, "APPROVED", "2024-09-25", "development")

    assert read(archive, P).state.point == "APPROVED"


def test_a_row_under_the_code_of_a_merged_project_is_kept_with_its_survivor(archive: Archive) -> None:
    two(archive)
    merge(archive, Q, P)

    again = [taken(archive, row(archive, "示范电池项目二期", facts={})) for _ in range(2)]

    assert [(one.new, one.same, one.refusals, one.asked) for one in again] == [(0, 1, (), ())] * 2
    assert codes(archive) == [P, Q]


def test_a_merge_taken_back_gives_each_record_its_own_again(archive: Archive) -> None:
    two(archive)
    before = read(archive, Q)
    merge(archive, Q, P)

    unmerge_project(archive, LIBRARY, Q, reason="认错了", by="data", now=NOW)

    after = read(archive, Q)
    assert (after.state.side, after.state.survivor, after.state.reached) == ("ACTIVE", None, before.state.reached)
    assert (after.keys, after.facts) == (before.keys, before.facts)
    assert read(archive, CODE).code == Q
    assert sums(archive) == {P: 12 * 10**10, Q: 3 * 10**10}
    assert [event.kind for event in after.log][-2:] == ["MERGE", "UNMERGE"]
    assert [line.action for line in audited(archive, "event.unmerge")] == ["event.unmerge"]


def test_a_chain_of_merges_ends_at_the_last_survivor_and_never_in_a_ring(archive: Archive) -> None:
    two(archive)
    taken(archive, row(archive, "示范第三项目", code=LATER_CODE, points=[point("SIGNED", "2024-08-22", "丙")]))
    merge(archive, Q, P)
    merge(archive, P, R)

    assert [read(archive, code).code for code in (CODE, LATER_CODE)] == [R, R]
    assert read(archive, R).key("XMDM") == LATER_CODE
    for gone, into in ((R, Q), (R, P), (R, R), (P, Q)):
        with pytest.raises(Conflict) as ring:
            merge(archive, gone, into)
        assert told(ring.value) == {"PROJECT_SAME"}


def test_who_may_not_merge_is_refused_and_the_attempt_is_audited(archive: Archive) -> None:
    two(archive)

    with pytest.raises(Forbidden):
        merge(archive, Q, P, by="district-320411")
    for call in (
        lambda: make_phase(archive, LIBRARY, Q, P, included=False, by="enterprise-320412", now=NOW),
        lambda: keep_apart(archive, LIBRARY, Q, P, by="enterprise-320412", now=NOW),
    ):
        with pytest.raises(Forbidden):
            call()

    assert read(archive, Q).state.side == "ACTIVE"
    assert asked(archive) == ["DUP_SUSPECT"]
    assert len(audited(archive, "event.refused")) == 3


def test_a_record_seen_on_a_public_page_is_merged_into_the_one_of_the_register_and_back(archive: Archive) -> None:
    public = row(archive, "示范电池产业园项目", code=None, source="PUBLIC", facts={"stage": "开工"})
    taken(archive, public, source="PUBLIC")
    taken(archive, row(archive, points=[SIGNED]))

    merge(archive, P, Q)
    assert list(sums(archive)) == [Q]
    unmerge_project(archive, LIBRARY, P, reason="认错了", by="data", now=NOW)

    assert (read(archive, P).state.is_active, read(archive, P).state.entered_on) == (False, None)
    assert list(sums(archive)) == [P, Q]


# phases


@pytest.mark.parametrize("included", [True, False])
def test_bi13_money_of_a_phase_counts_once(archive: Archive, included: bool) -> None:
    two(archive)

    make_phase(archive, LIBRARY, Q, P, included=included, by="data", now=NOW)

    assert sums(archive) == {P: 12 * 10**10} if included else {P: 12 * 10**10, Q: 3 * 10**10}
    assert (read(archive, Q).parent, read(archive, P).phases) == (P, (Q,))
    assert asked(archive) == []
    again = taken(archive, row(archive, "示范电池项目二期", facts={}))
    assert again.asked == ()


def test_a_project_is_no_phase_of_itself_nor_of_its_own_phases(archive: Archive) -> None:
    two(archive)
    taken(archive, row(archive, "示范第三项目", code=LATER_CODE, points=[point("SIGNED", "2024-08-22", "丙")]))
    make_phase(archive, LIBRARY, Q, P, included=False, by="data", now=NOW)
    make_phase(archive, LIBRARY, R, Q, included=False, by="data", now=NOW)

    for phase, whole in ((P, P), (P, Q), (P, R)):
        with pytest.raises(Conflict) as ring:
            make_phase(archive, LIBRARY, phase, whole, included=False, by="data", now=NOW)
        assert told(ring.value) == {"PROJECT_SAME"}


def test_projects_said_to_be_distinct_are_not_asked_about_again(archive: Archive) -> None:
    two(archive)
    keep_apart(archive, LIBRARY, P, Q, by="data", now=NOW)

    again = taken(archive, row(archive, "示范电池项目二期", facts={}), row(archive, number=3, code=None, facts={}))

    assert (again.asked, again.new, asked(archive)) == ((), 0, [])
    with pytest.raises(Conflict):
        keep_apart(archive, LIBRARY, P, P, by="data", now=NOW)


# firms


def test_a_firm_known_by_name_alone_is_the_same_once_its_credit_code_is_told(archive: Archive) -> None:
    taken(archive, row(archive, uscc=None, code=None, points=[SIGNED]))

    done = taken(archive, row(archive, facts={}))

    assert (done.new, codes(archive), len(codes(archive, "enterprise"))) == (0, [P], 1)
    firm = read(archive, P).firm
    assert firm is not None and firm.uscc == E1


def test_firms_of_one_name_and_two_credit_codes_are_two(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))

    taken(archive, row(archive, uscc=E2, code=LATER_CODE, points=[point("SIGNED", "2024-08-20", "乙")]))

    assert (codes(archive), codes(archive, "enterprise")) == ([P, Q], [E2, E1])


def test_a_renamed_firm_keeps_its_projects_and_answers_to_both_names(archive: Archive) -> None:
    taken(archive, row(archive, code=None, points=[SIGNED]))
    taken(archive, firm_row(archive, E1, "示范动力电池有限公司", status="存续"), source="ENT")

    for name in ("示范电池有限公司", "示范动力电池有限公司"):
        done = taken(archive, row(archive, firm=name, code=None, facts={}))
        assert (done.new, done.same, done.asked) == (0, 1, ())
    by_name = taken(archive, row(archive, uscc=None, code=None, facts={}))
    assert (by_name.new, by_name.same) == (0, 1)


def test_a_name_that_a_person_accepts_is_known_from_then_on(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]), row(archive, number=3, firm="示范电池常州公司", facts={}))
    settle_doubt(archive, LIBRARY, doubt_number(archive, "NAME_CONFLICT"), "accepted", by="data", now=NOW)

    again = taken(archive, row(archive, firm="示范电池常州公司", facts={}))

    assert again.asked == ()
    firm = read(archive, P).firm
    assert firm is not None and firm.name == "示范电池有限公司"


def test_a_firm_first_known_by_its_code_takes_the_name_that_comes_later(archive: Archive) -> None:
    taken(archive, row(archive, firm=None))

    taken(archive, row(archive, facts={}))

    firm = read(archive, P).firm
    assert firm is not None and firm.name == "示范电池有限公司"


# by hand


def test_a_project_that_is_there_is_not_added_again(archive: Archive) -> None:
    add_project(archive, LIBRARY, Told({}, "示范电池项目", E1, "示范电池有限公司"), "development", NOW)

    with pytest.raises(Conflict) as there:
        add_project(archive, LIBRARY, Told({}, "示范 电池项目", E1), "development", NOW)

    assert told(there.value) == {"PROJECT_EXISTS"}
    assert codes(archive) == [P]


@pytest.mark.parametrize("by", ["enterprise-320412", "statistics", "agent-320412"])
def test_a_role_that_records_no_first_point_adds_no_project(archive: Archive, by: str) -> None:
    with pytest.raises(Forbidden) as refused:
        add_project(archive, LIBRARY, Told({"district": "320412"}, "示范电池项目", E1), by, NOW)

    assert told(refused.value) == {"LC_ROLE"}
    assert codes(archive) == []


def test_a_district_adds_projects_of_its_own_area_only(archive: Archive) -> None:
    told_of = Told({"district": "320412"}, "示范电池项目", E1)

    with pytest.raises(Forbidden):
        add_project(archive, LIBRARY, told_of, "district-320411", NOW)
    add_project(archive, LIBRARY, told_of, "district-320412", NOW)

    assert codes(archive) == [P]


# records that wait


def test_a_record_that_waits_is_linked_once_and_remembered(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))
    record = row(
        archive, "某电池基地", code=LATER_CODE, uscc=None, firm=None, source="TZXM", facts={"total_investment": "12.2亿元"},
        record="T-1",
    )  # fmt: skip
    assert taken(archive, record, source="TZXM").waiting == 1
    assert taken(archive, record, source="TZXM").waiting == 1
    with pytest.raises(Forbidden):
        link_waiting(archive, LIBRARY, "TZXM", "T-1", P, by="enterprise-320412", now=NOW)
    with pytest.raises(NotFound) as unknown:
        link_waiting(archive, LIBRARY, "TZXM", "T-2", P, by="data", now=NOW)
    assert told(unknown.value) == {"WAITING_UNKNOWN"}

    link_waiting(archive, LIBRARY, "TZXM", "T-1", P, by="data", now=NOW)

    assert read(archive, P).whole("total_investment") == 122 * 10**9
    assert asked(archive) == ["CODE_CHANGED"]
    settle_doubt(archive, LIBRARY, doubt_number(archive, "CODE_CHANGED"), "refused", by="data", now=NOW)
    again = taken(archive, record, source="TZXM")
    assert (again.waiting, again.same, again.asked) == (0, 1, ())
    with pytest.raises(NotFound):
        link_waiting(archive, LIBRARY, "TZXM", "T-1", P, by="data", now=NOW)


def test_a_record_is_not_linked_to_a_project_that_its_code_denies(archive: Archive) -> None:
    taken(archive, row(archive, code=None, points=[SIGNED]))
    waits = row(
        archive, "某电池基地", uscc=None, firm=None, source="TZXM", facts={"total_investment": "1亿元"}, record="T-1"
    )
    taken(archive, waits, source="TZXM")
    taken(archive, row(archive, "示范另一项目", points=[point("SIGNED", "2024-08-20", "乙")]))

    with pytest.raises(UsageError) as taken_code:
        link_waiting(archive, LIBRARY, "TZXM", "T-1", P, by="data", now=NOW)

    assert told(taken_code.value) == {"LC_KEY_TAKEN"}
    assert read(archive, P).whole("total_investment") == 12 * 10**10


def test_an_answer_is_given_once_and_only_with_a_word_that_is_one(archive: Archive) -> None:
    two(archive)
    number = doubt_number(archive, "DUP_SUSPECT")

    for outcome in ("maybe", "accepted"):
        with pytest.raises(UsageError):
            settle_doubt(archive, LIBRARY, number, outcome, by="data", now=NOW)
    for by in ("enterprise-320412", "district-320411", "statistics"):
        with pytest.raises(Forbidden):
            settle_doubt(archive, LIBRARY, number, "refused", by=by, now=NOW)
    assert [line.actor for line in audited(archive, "doubt.settle")] == [
        "enterprise-320412", "district-320411", "statistics",
    ]  # fmt: skip
    settle_doubt(archive, LIBRARY, number, "refused", by="data", now=NOW)
    with pytest.raises(Conflict) as twice:
        settle_doubt(archive, LIBRARY, number, "accepted", by="data", now=NOW)
    with pytest.raises(NotFound):
        settle_doubt(archive, LIBRARY, 999, "accepted", by="data", now=NOW)

    assert told(twice.value) == {"DOUBT_SETTLED"}


def test_a_code_that_another_project_took_meanwhile_is_not_taken_by_an_answer(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]))
    taken(archive, replace(row(archive, code=LATER_CODE, facts={}), code=P))
    add_project(archive, LIBRARY, Told({}, "示范另一项目", project_code=LATER_CODE), "development", NOW)

    with pytest.raises(Conflict) as refused:
        settle_doubt(archive, LIBRARY, doubt_number(archive, "CODE_CHANGED"), "accepted", by="data", now=NOW)

    assert told(refused.value) == {"LC_KEY_TAKEN"}
    assert read(archive, P).key("XMDM") == CODE
    tell_facts(archive, LIBRARY, P, Told({}, project_code=CODE), "development", NOW)
    assert asked(archive) == ["CODE_CHANGED"]


def test_a_permit_that_one_project_alone_has_names_it_and_a_contract_names_none(archive: Archive) -> None:
    permit, contract = Given("SGXK", "示范许2025-1"), Given("HTBH", "示范协议1")
    taken(archive, row(archive, keys=(Given("XMDM", CODE), permit, contract)))
    by_permit = row(archive, None, uscc=None, firm=None, code=None, keys=(permit,), facts={}, source="GG")
    by_contract = row(archive, None, uscc=None, firm=None, code=None, keys=(contract,), facts={}, source="GG")

    first = taken(archive, by_permit, source="GG")
    second = taken(archive, by_contract, source="GG")

    assert (first.same, first.waiting) == (1, 0)
    assert (second.same, second.waiting) == (0, 1)


def test_the_firm_that_a_later_row_of_a_file_names_is_not_lost(archive: Archive) -> None:
    later = (row(archive, number=number, facts={}) for number in (3, 4))
    done = taken(archive, row(archive, uscc=None, firm=None), *later)

    (code,) = codes(archive)
    firm = read(archive, code).firm
    assert firm is not None and firm.uscc == E1
    assert (done.new, done.changed, done.same) == (1, 1, 1)


def test_a_figure_taken_back_on_the_same_day_counts_again(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    for hours, amount in enumerate(("10亿元", "11亿元", "10亿元", "10亿元"), start=1):
        told_now = Told({"total_investment": amount})
        tell_facts(archive, LIBRARY, code, told_now, "development", NOW + timedelta(hours=hours))

    assert read(archive, code, known_at=NOW + timedelta(hours=9)).whole("total_investment") == 10 * 10**10
