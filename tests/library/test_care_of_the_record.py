"""Handovers, excuses, milestones, updates: who may, what fits, and what the clocks make of it."""

from __future__ import annotations

import pytest
from care import by, filled
from rows import LIBRARY, at, audited, day, proof, read, told

from policy_match.errors import Conflict, Forbidden, UsageError
from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.words import Colour, EventKind, MilestoneStatus
from policy_match.workflows.accept_handover import accept_handover
from policy_match.workflows.add_update import add_update
from policy_match.workflows.excuse_light import NewExcuse, excuse_light
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ticket import NewTicket, open_ticket
from policy_match.workflows.set_milestone import Step, set_milestone

LATER = at("2026-01-05")


def light(archive: Archive, code: str, id_: str, on: str) -> Light:
    (found,) = [one for one in read(archive, code, on, known_at=LATER).lights if one.id == id_]
    return found


def test_s07_the_lead_changes_at_midnight_and_the_handover_is_red_after_five_working_days(archive: Archive) -> None:
    codes = filled(archive, "P07", when=at("2025-01-24"))
    open_ticket(archive, NewTicket(codes["P07"], "土地", "地块未定"), by("development", "2025-01-24"))

    before, since = (read(archive, codes["P07"], on, known_at=LATER) for on in ("2025-01-21", "2025-01-22"))
    last, red = (read(archive, codes["P07"], on, known_at=LATER) for on in ("2025-02-07", "2025-02-08"))

    assert (before.state.lead, since.state.lead) == ("commerce", "development")
    assert [one.is_red for one in (*last.handovers, *red.handovers)] == [False, True]
    (handover,) = red.handovers
    assert (handover.giver, handover.taker, handover.due_on) == ("commerce", "development", day("2025-02-07"))
    assert handover.open_tickets == ("T-2025-00001",)
    assert red.state.lead == "development"


def test_only_the_new_lead_takes_a_project_over_and_only_once(archive: Archive) -> None:
    codes = filled(archive, "P07", when=at("2025-01-24"))

    with pytest.raises(Forbidden):
        accept_handover(archive, codes["P07"], "立项", by("commerce", "2025-02-08"))
    taken_over = accept_handover(archive, codes["P07"], "立项", by("development", "2025-02-08"))
    with pytest.raises(Conflict) as twice:
        accept_handover(archive, codes["P07"], "APPROVED", by("development", "2025-02-09"))
    with pytest.raises(Conflict) as none:
        accept_handover(archive, codes["P07"], "签约", by("development", "2025-02-09"))
    with pytest.raises(UsageError) as unknown:
        accept_handover(archive, codes["P07"], "动工", by("development", "2025-02-09"))

    assert taken_over.is_red and taken_over.accepted is None
    (handover,) = read(archive, codes["P07"], "2025-02-10", known_at=LATER).handovers
    assert handover.accepted is not None and handover.accepted.by.startswith("市发改委") and not handover.is_red
    assert [told(one.value) for one in (twice, none, unknown)] == [
        {"HANDOVER_DONE"}, {"HANDOVER_NONE"}, {"LC_POINT_UNKNOWN"},
    ]  # fmt: skip


def test_s09_the_clock_from_signing_turns_by_its_days(archive: Archive) -> None:
    codes = filled(archive, "P02")

    found = [
        light(archive, codes["P02"], "signed_approved", f"2025-{on}") for on in ("03-19", "03-20", "06-18", "06-30")
    ]

    assert [one.colour for one in found] == [Colour.GREEN, Colour.YELLOW, Colour.RED, Colour.RED]
    assert found[3].days == 192 and "192天" in found[3].reason


def test_s09_thirty_paused_days_put_the_red_off_by_thirty(archive: Archive) -> None:
    codes = filled(archive, "P02")
    for kind, on, kinds in ((EventKind.PAUSE, "2025-04-01", "停工报告"), (EventKind.RESUME, "2025-05-01", "复工报告")):
        aside = Aside(codes["P02"], kind, day(on), proof(kinds, on), "用地", expected_on=day("2025-05-01"))
        move_aside(archive, LIBRARY, aside, by="commerce", now=at(on))

    found = [light(archive, codes["P02"], "signed_approved", f"2025-{on}") for on in ("07-17", "07-18")]

    assert [one.colour for one in found] == [Colour.YELLOW, Colour.RED]


def test_s10_the_clock_of_statistics_turns_green_when_the_register_lists_the_project_and_keeps_its_history(
    archive: Archive,
) -> None:
    codes = filled(archive, "P01")
    before = [light(archive, codes["P01"], "started_listed", on) for on in ("2025-03-31", "2025-04-15")]

    set_milestone(archive, Step(codes["P01"], "列统", actual_on=day("2025-04-20")), by("statistics", "2025-04-20"))
    after = light(archive, codes["P01"], "started_listed", "2025-04-20")

    assert [(one.colour, one.since) for one in before] == [
        (Colour.YELLOW, day("2025-03-10")), (Colour.RED, day("2025-04-10")),
    ]  # fmt: skip
    assert (after.colour, after.stopped_on) == (Colour.GREEN, day("2025-04-20"))
    assert (after.yellow_on, after.red_on) == (day("2025-03-10"), day("2025-04-10"))


def test_a_red_that_is_excused_stays_red_until_the_excuse_is_over(archive: Archive) -> None:
    codes = filled(archive, "P02")

    asked = NewExcuse(codes["P02"], "签约至立项", day("2025-07-31"), "规划调整，等待批复")
    excuse_light(archive, asked, by("commerce", "2025-06-20"))

    found = [light(archive, codes["P02"], "signed_approved", on) for on in ("2025-07-31", "2025-08-01")]
    assert [one.colour for one in found] == [Colour.RED, Colour.RED]
    assert [one.excuse is not None for one in found] == [True, False]
    assert [line.reason for line in audited(archive, "light.excuse")] == ["规划调整，等待批复"]


@pytest.mark.parametrize(
    ("name", "until", "reason", "on", "code"),
    [
        ("签约至立项", "2025-07-31", "规划调整", "2025-06-17", "LIGHT_NOT_RED"),
        ("签约到立项", "2025-07-31", "规划调整", "2025-06-20", "LIGHT_UNKNOWN"),
        ("签约至立项", "2025-06-19", "规划调整", "2025-06-20", "EXCUSE_UNTIL"),
        ("签约至立项", "2025-07-31", " ", "2025-06-20", "TEXT_MISSING"),
    ],
)
def test_what_is_not_red_not_a_light_over_or_without_reason_is_not_excused(
    archive: Archive, name: str, until: str, reason: str, on: str, code: str
) -> None:
    codes = filled(archive, "P02")

    with pytest.raises((Conflict, UsageError)) as refused:
        excuse_light(archive, NewExcuse(codes["P02"], name, day(until), reason), by("commerce", on))

    assert told(refused.value) == {code}


def test_an_excuse_may_be_for_today_alone(archive: Archive) -> None:
    codes = filled(archive, "P02")

    excuse_light(
        archive, NewExcuse(codes["P02"], "签约至立项", day("2025-06-20"), "今日签批"), by("commerce", "2025-06-20")
    )

    assert light(archive, codes["P02"], "signed_approved", "2025-06-20").excuse is not None
    assert light(archive, codes["P02"], "signed_approved", "2025-06-21").excuse is None


def test_only_leads_excuse(archive: Archive) -> None:
    codes = filled(archive, "P02")

    asked = NewExcuse(codes["P02"], "签约至立项", day("2025-07-31"), "规划调整")
    with pytest.raises(Forbidden):
        excuse_light(archive, asked, by("district-320411", "2025-06-20"))


def test_a_step_is_planned_accepted_and_done_and_keeps_what_was_told_before(archive: Archive) -> None:
    codes = filled(archive, "P01")

    set_milestone(archive, Step(codes["P01"], "环评批复", planned_on=day("2025-05-01")), by("district-320412"))
    set_milestone(archive, Step(codes["P01"], "environment", applied_on=day("2025-03-20")), by("ecology"))
    done = set_milestone(
        archive, Step(codes["P01"], "环评批复", actual_on=day("2025-03-31"), evidence=("批复 1",)), by("ecology")
    )

    assert (done.status, done.planned_on, done.applied_on, done.actual_on) == (
        MilestoneStatus.DONE, day("2025-05-01"), day("2025-03-20"), day("2025-03-31"),
    )  # fmt: skip
    (kept,) = [one for one in read(archive, codes["P01"]).milestones if one.kind == "environment"]
    assert (kept, kept.evidence) == (done, ("批复 1",))
    assert [line.actor for line in audited(archive, "milestone.set")] == ["district-320412", "ecology", "ecology"]


def test_the_planned_day_of_a_point_starts_its_clock_and_its_actual_day_is_no_milestone(archive: Archive) -> None:
    codes = filled(archive, "P03")

    set_milestone(archive, Step(codes["P03"], "开工", planned_on=day("2025-02-15")), by())
    with pytest.raises(UsageError) as refused:
        set_milestone(archive, Step(codes["P03"], "开工", actual_on=day("2025-02-15")), by())

    assert light(archive, codes["P03"], "planned_start", "2025-03-01").colour is Colour.YELLOW
    assert told(refused.value) == {"MILESTONE_POINT"} and "project advance" in refused.value.issues[0].hint


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("环保批复", {"status": "受理"}, "MILESTONE_UNKNOWN"),
        ("环评批复", {}, "MILESTONE_EMPTY"),
        ("环评批复", {"status": "办完"}, "MILESTONE_STATUS"),
        ("环评批复", {"status": "办结"}, "MILESTONE_DONE"),
        ("环评批复", {"status": "受理", "actual_on": day("2025-03-01")}, "MILESTONE_DONE"),
        ("环评批复", {"actual_on": day("2025-04-01")}, "LC_FUTURE"),
        ("环评批复", {"applied_on": day("2025-04-01")}, "LC_FUTURE"),
        ("环评批复", {"applied_on": day("2025-03-02"), "actual_on": day("2025-03-01")}, "LC_DATE_ORDER"),
    ],
)
def test_a_step_that_does_not_fit_is_refused_and_nothing_is_kept(
    archive: Archive, kind: str, more: dict[str, object], code: str
) -> None:
    codes = filled(archive, "P01")
    before = read(archive, codes["P01"]).milestones

    with pytest.raises(UsageError) as refused:
        set_milestone(archive, Step(codes["P01"], kind, **more), by())  # type: ignore[arg-type]

    assert told(refused.value) == {code}
    assert read(archive, codes["P01"]).milestones == before


def test_a_step_of_another_kind_of_project_and_of_another_unit_is_refused(archive: Archive) -> None:
    codes = filled(archive, "P09", upgrade_works="否")

    with pytest.raises(UsageError) as variant:
        set_milestone(archive, Step(codes["P09"], "施工许可", planned_on=day("2025-05-01")), by())
    with pytest.raises(Forbidden):
        set_milestone(archive, Step(codes["P09"], "环评批复", planned_on=day("2025-05-01")), by("housing"))

    assert told(variant.value) == {"MILESTONE_VARIANT"}


def test_an_update_starts_its_clock_anew(archive: Archive) -> None:
    codes = filled(archive, "P03", when=at("2025-01-10"))
    before = light(archive, codes["P03"], "update", "2025-03-11")

    add_update(archive, codes["P03"], "土地已交付", day("2025-03-10"), by("agent-320402", "2025-03-11"))

    after = light(archive, codes["P03"], "update", "2025-03-11")
    assert (before.colour, after.colour) == (Colour.RED, Colour.GREEN)
    with pytest.raises(UsageError) as empty:
        add_update(archive, codes["P03"], "", day("2025-03-10"), by())
    with pytest.raises(UsageError) as future:
        add_update(archive, codes["P03"], "进展", day("2025-04-10"), by())
    assert (told(empty.value), told(future.value)) == ({"TEXT_MISSING"}, {"LC_FUTURE"})
    assert any("土地已交付" in line.detail for line in audited(archive, "update.add"))
