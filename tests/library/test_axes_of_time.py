"""What a person lets in becomes known when it is let in: an earlier state of knowledge stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rows import CODE, E1, E2, LATER_CODE, LIBRARY, NOW, codes, day, doubt_number, firm_row, point, read, row, taken

from policy_match.errors import NotFound
from policy_match.store import subjects
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.excuse_light import NewExcuse, excuse_light
from policy_match.workflows.join_projects import make_phase, merge_projects, unmerge_project
from policy_match.workflows.link_waiting import link_waiting
from policy_match.workflows.list_gaps import NO_LIAISON, STALE, list_gaps
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.name_agent import Agent, name_agent
from policy_match.workflows.name_liaison import Liaison, check_liaison, name_liaison
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Survivor, View
from policy_match.workflows.read_subjects import read_subjects
from policy_match.workflows.set_milestone import Step, set_milestone
from policy_match.workflows.settle_doubt import settle_doubt
from policy_match.workflows.show_record import plain, show_record
from policy_match.workflows.write_entry import By

BY = "development"
ASKED, BETWEEN, SETTLED = NOW + timedelta(hours=1), NOW + timedelta(days=1), NOW + timedelta(days=5)


def tell(archive: Archive, code: str, investment: str) -> None:
    tell_facts(archive, LIBRARY, code, Told({"total_investment": investment}), BY, ASKED)


def test_a_figure_that_a_person_accepts_later_was_not_known_before(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    tell(archive, code, "12万元")
    settle_doubt(archive, LIBRARY, doubt_number(archive, "UNIT_SUSPECT"), "accepted", by=BY, now=SETTLED)

    before, after = (read(archive, code, known_at=instant) for instant in (BETWEEN, SETTLED))
    assert before.whole("total_investment") == 12 * 10**10
    assert after.whole("total_investment") == 12 * 10**6
    assert str(after.fact("total_investment").cell.observed_on) == "2025-03-31"


def test_what_a_record_says_is_known_of_the_project_once_it_is_linked(archive: Archive) -> None:
    taken(archive, row(archive, facts={"district": "320412"}))
    (code,) = codes(archive)
    waiting = row(
        archive, "示范别名", code=None, uscc=None, firm=None, source="GG", facts={"total_investment": "13亿元"}, record="GG-1"
    )  # fmt: skip
    taken(archive, waiting, source="GG")
    link_waiting(archive, LIBRARY, "GG", "GG-1", code, by=BY, now=SETTLED)

    before, after = (read(archive, code, known_at=instant) for instant in (BETWEEN, SETTLED))
    assert (before.whole("total_investment"), after.whole("total_investment")) == (None, 13 * 10**10)
    assert [key.kind for key in before.keys] == ["XMDM"]
    assert [key.kind for key in after.keys] == ["REC_GG", "XMDM"]


def test_a_project_has_the_code_that_it_had_on_the_day(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    taken(archive, replace(row(archive, code=LATER_CODE, facts={}), code=code), when=ASKED)
    settle_doubt(archive, LIBRARY, doubt_number(archive, "CODE_CHANGED"), "accepted", by=BY, now=SETTLED)

    changed_on = "2025-04-05"
    days = (("2025-04-04", SETTLED), (changed_on, BETWEEN), (changed_on, SETTLED))
    held = [read(archive, code, on, known_at=known_at).key(subjects.PROJECT_CODE) for on, known_at in days]
    assert held == [CODE, CODE, LATER_CODE]


def test_the_questions_shown_are_those_that_were_open_then(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    tell(archive, code, "12万元")
    settle_doubt(archive, LIBRARY, doubt_number(archive, "UNIT_SUSPECT"), "refused", by=BY, now=SETTLED)

    instants = (NOW, ASKED, BETWEEN, SETTLED, None)
    shown = [len(show_record(archive, LIBRARY, code, View(SETTLED.date(), instant)).asked) for instant in instants]
    assert shown == [0, 1, 1, 0, 0]


# what a subject is to others


def two(archive: Archive) -> tuple[str, str]:
    """Two projects of one firm, the second with another code of its own."""
    taken(archive, row(archive))
    taken(archive, row(archive, "示范储能项目", code=LATER_CODE))
    first, second = codes(archive)
    return first, second


def test_a_phase_is_none_before_it_was_made_one(archive: Archive) -> None:
    whole, phase = two(archive)
    make_phase(archive, LIBRARY, phase, whole, included=True, by="data", now=SETTLED)

    before, after = (
        (read(archive, phase, known_at=at), read(archive, whole, known_at=at)) for at in (BETWEEN, SETTLED)
    )
    assert (before[0].parent, before[1].phases) == (None, ())
    assert (read(archive, phase, "2025-04-04", known_at=SETTLED).parent, after[1].phases) == (None, ())
    later = (read(archive, phase, "2025-04-05", known_at=SETTLED), read(archive, whole, "2025-04-05", known_at=SETTLED))
    assert (later[0].parent, later[1].phases) == (whole, (phase,))


def test_the_figures_of_a_phase_are_listed_apart_until_it_was_made_one(archive: Archive) -> None:
    whole, phase = two(archive)
    make_phase(archive, LIBRARY, phase, whole, included=True, by="data", now=SETTLED)

    def listed(known_at: datetime | None) -> list[str]:
        with archive.database.reading() as session:
            return [one.code for one in list_standings(session, archive, LIBRARY, View(SETTLED.date(), known_at))]

    assert [listed(BETWEEN), listed(SETTLED), listed(None)] == [[whole, phase], [whole], [whole]]


def test_a_phase_moved_to_another_project_was_one_of_the_first_before(archive: Archive) -> None:
    first, phase = two(archive)
    taken(archive, row(archive, "示范涂布项目", code=None, uscc=E2, firm="示范氢能有限公司"))
    third = codes(archive)[2]
    make_phase(archive, LIBRARY, phase, first, included=False, by="data", now=ASKED)
    make_phase(archive, LIBRARY, phase, third, included=False, by="data", now=SETTLED)

    parents = [read(archive, phase, "2025-04-05", known_at=at).parent for at in (NOW, ASKED, SETTLED)]
    phases = [read(archive, one, "2025-04-05", known_at=BETWEEN).phases for one in (first, third)]
    assert (parents, phases) == ([None, first, third], [(phase,), ()])


def test_the_numbers_of_a_merged_project_are_its_survivors_only_from_the_merge_to_its_end(archive: Archive) -> None:
    stays, gone = two(archive)
    merge_projects(archive, LIBRARY, gone, stays, reason="同一项目", by="data", now=ASKED)
    unmerge_project(archive, LIBRARY, gone, reason="认错了", by="data", now=SETTLED)

    def held(known_at: datetime) -> list[str]:
        return [key.value for key in read(archive, stays, "2025-04-05", known_at=known_at).keys]

    assert [held(at) for at in (NOW, ASKED, BETWEEN, SETTLED)] == [
        [CODE],
        [CODE, LATER_CODE],
        [CODE, LATER_CODE],
        [CODE],
    ]
    survivors = [read(archive, gone, "2025-04-05", known_at=at).survivor for at in (NOW, BETWEEN, SETTLED)]
    assert survivors == [None, Survivor(stays, "示范电池项目"), None]


def test_a_code_ended_later_the_same_day_was_held_before(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    taken(archive, replace(row(archive, code=LATER_CODE, facts={}), code=code), when=ASKED)
    settle_doubt(archive, LIBRARY, doubt_number(archive, "CODE_CHANGED"), "accepted", by=BY, now=SETTLED)

    instants = (SETTLED - timedelta(minutes=1), SETTLED)
    held = [read(archive, code, "2025-04-05", known_at=at).key(subjects.PROJECT_CODE) for at in instants]
    assert held == [CODE, LATER_CODE]


def test_a_firm_had_its_old_name_before_the_archives_gave_the_new_one(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    taken(archive, firm_row(archive, E1, "示范动力电池有限公司", SETTLED), source="ENT", when=SETTLED)

    names = [read(archive, code, "2025-04-05", known_at=at).firm for at in (BETWEEN, SETTLED)]
    assert [None if firm is None else firm.name for firm in names] == ["示范电池有限公司", "示范动力电池有限公司"]
    view = View(SETTLED.date(), BETWEEN)
    with archive.database.reading() as session:
        read_then = {one.id: one for one in read_subjects(session, archive, LIBRARY, view)}
    assert (read_then[code].enterprise_name, read_then[E1].name) == ("示范电池有限公司", "示范电池有限公司")


def test_a_project_had_no_firm_before_a_source_named_one(archive: Archive) -> None:
    taken(archive, row(archive, uscc=None, firm=None))
    (code,) = codes(archive)
    taken(archive, replace(row(archive, facts={}), code=code), when=SETTLED)

    firms = [read(archive, code, "2025-04-05", known_at=at).firm for at in (BETWEEN, SETTLED)]
    assert [None if firm is None else firm.uscc for firm in firms] == [None, E1]


# posts


def test_an_agent_named_later_was_not_known_and_the_one_before_still_held_the_post(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    for holder, since, now in (("甲", "2025-03-31", NOW), ("乙", "2025-04-01", SETTLED)):
        name_agent(archive, Agent(code, holder, "示范中心", day(since)), By(LIBRARY, BY, now))

    days = (("2025-04-05", BETWEEN), ("2025-03-31", SETTLED), ("2025-04-01", SETTLED))
    assert [read(archive, code, on, known_at=at).agent for on, at in days] == ["甲", "甲", "乙"]


def test_an_agent_named_with_a_day_long_past_was_missing_for_whoever_looked_before(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    name_agent(archive, Agent(code, "甲", "示范中心", day("2025-03-31")), By(LIBRARY, BY, SETTLED))

    assert [read(archive, code, "2025-04-01", known_at=at).agent for at in (BETWEEN, SETTLED)] == [None, "甲"]


def test_a_liaison_named_or_confirmed_later_was_not_known_before(archive: Archive) -> None:
    unit = "市财政局"
    name_liaison(archive, Liaison(unit, "甲", day("2024-10-01")), By(LIBRARY, BY, ASKED))
    check_liaison(archive, unit, By(LIBRARY, BY, SETTLED))

    def lacking(known_at: datetime | None) -> list[str]:
        view = View(SETTLED.date(), known_at)
        return [gap.what for gap in list_gaps(archive, LIBRARY, view) if gap.about == unit]

    assert [lacking(at) for at in (NOW, BETWEEN, SETTLED, None)] == [[NO_LIAISON], [STALE], [], []]


# steps


def step_of(archive: Archive, code: str, on: str) -> tuple[str, str | None]:
    (found,) = [one for one in read(archive, code, on, known_at=SETTLED).milestones if one.kind == "environment"]
    return found.status.value, None if found.actual_on is None else found.actual_on.isoformat()


def test_a_step_is_done_from_the_day_on_which_it_was(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    planned = Step(code, "环评批复", planned_on=day("2025-05-01"), applied_on=day("2025-02-10"))
    set_milestone(archive, planned, By(LIBRARY, "ecology", NOW))
    set_milestone(archive, Step(code, "环评批复", actual_on=day("2025-03-20")), By(LIBRARY, "ecology", NOW))

    days = ("2025-02-09", "2025-02-10", "2025-03-19", "2025-03-20")
    assert [step_of(archive, code, on) for on in days] == [
        ("未启动", None), ("受理", None), ("受理", None), ("办结", "2025-03-20"),
    ]  # fmt: skip
    shown = show_record(archive, LIBRARY, code, View(day("2025-03-19"), SETTLED))
    assert [(step.status, step.actual_on) for step in shown.steps] == [("受理", None)]
    (plan,) = read(archive, code, "2025-02-09", known_at=SETTLED).milestones
    assert plan.planned_on == day("2025-05-01")


def test_a_status_without_a_day_of_its_own_holds_from_the_day_it_was_told(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    set_milestone(archive, Step(code, "环评批复", applied_on=day("2025-03-01")), By(LIBRARY, "ecology", NOW))
    set_milestone(archive, Step(code, "环评批复", status="补正"), By(LIBRARY, "ecology", BETWEEN))

    assert [step_of(archive, code, on)[0] for on in ("2025-03-31", "2025-04-01")] == ["受理", "补正"]


def test_a_light_is_excused_from_the_day_on_which_somebody_excused_it(archive: Archive) -> None:
    taken(archive, row(archive, points=[point("SIGNED", "2024-08-20")]))
    (code,) = codes(archive)
    excuse_light(
        archive, NewExcuse(code, "签约至立项", day("2025-07-31"), "规划调整"), By(LIBRARY, "commerce", SETTLED)
    )

    lights = [
        next(one for one in read(archive, code, on, known_at=SETTLED).lights if one.id == "signed_approved")
        for on in ("2025-04-04", "2025-04-05")
    ]
    assert [one.excuse is not None for one in lights] == [False, True]


# before the entry


def test_a_project_entered_later_was_not_known_and_that_is_said_with_the_instant(archive: Archive) -> None:
    taken(archive, row(archive), when=NOW)
    (code,) = codes(archive)

    with pytest.raises(NotFound) as unknown:
        show_record(archive, LIBRARY, code, View(day("2025-03-31"), NOW - timedelta(minutes=1)))

    (issue,) = unknown.value.issues
    assert (issue.code, issue.allowed) == ("PROJECT_NOT_YET", "2025-03-31 10:00 起")
    assert issue.what == f"按 2025-03-31 09:59 以前所知，库里还没有项目 {code}"
    assert show_record(archive, LIBRARY, code, View(day("2025-03-31"), NOW)).record.code == code


def test_a_project_is_in_the_library_from_its_entry_on(archive: Archive) -> None:
    taken(archive, row(archive, points=[point("SIGNED", "2024-08-20")]))
    (code,) = codes(archive)

    sides = [
        show_record(archive, LIBRARY, code, View.of(day(on), None, NOW)).side for on in ("2024-08-19", "2025-03-31")
    ]
    assert sides == ["尚未入库", "在库"]


# a merged project


def test_a_merged_project_says_into_which_and_what_to_do(archive: Archive) -> None:
    stays, gone = two(archive)
    merge_projects(archive, LIBRARY, gone, stays, reason="同一项目", by="data", now=ASKED)

    shown = show_record(archive, LIBRARY, gone, View(day("2025-03-31")))

    assert shown.merged == (
        f"已并入 {stays} 示范电池项目，以后的办理都记在 {stays}（project show {stays}）；"
        f"认错了的，用 project unmerge {gone} 撤销并库"
    )
    told = plain(shown, archive.table)
    assert (told["survivor"], told["survivor_name"]) == (stays, "示范电池项目")
    assert show_record(archive, LIBRARY, stays, View(day("2025-03-31"))).merged == ""


def test_a_project_is_listed_from_the_day_and_the_instant_at_which_something_was_said_of_it(archive: Archive) -> None:
    taken(archive, firm_row(archive, E1, "示范电池有限公司", NOW, registered_on="2020-01-01"), source="ENT")
    taken(archive, row(archive, when=SETTLED), when=SETTLED)

    def listed(on: str, known_at: datetime) -> int:
        with archive.database.reading() as session:
            return len(list_standings(session, archive, LIBRARY, View(day(on), known_at)))

    assert [listed("2025-04-05", at) for at in (BETWEEN, SETTLED)] == [0, 1]
    assert [listed(on, SETTLED) for on in ("2025-04-04", "2025-04-05")] == [0, 1]
