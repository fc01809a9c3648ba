"""A version of a measure stopped at once and put back: days, what was known when, who may, and what the verdicts say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from rows import audited, day

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.explain import STOPPED
from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.stops import Lift, Stop
from policy_match.entitlement.route import Route
from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError, UsageError
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.cells import Cause
from policy_match.facts.subjects import Subject
from policy_match.settings import LOCAL, Settings
from policy_match.store.database import open_database
from policy_match.store.tables import RuleStop
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.list_stops import list_stops, rulebook_on, state_of
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import open_libraries
from policy_match.workflows.read_records import View
from policy_match.workflows.stop_rule import NewLift, NewStop, lift_rule, stop_rule
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[2]
M = "cz_joint_training"  # a service of 市工信局 in one version, in force since 2024
TWO = "cz_title_award"  # several versions
DAYS = ("2026-11-09", "2026-11-10", "2026-11-13", "2026-11-14")


def at(on: str, hour: int = 10) -> datetime:
    return datetime.combine(day(on), datetime.min.time(), LOCAL).replace(hour=hour).astimezone(UTC)


def by(on: str = "2026-11-10", actor: str = "industry", library: str = REAL, hour: int = 10) -> By:
    return By(library, actor, at(on, hour))


def stopped(
    archive: Archive, rulebook: Rulebook, who: By, measure: str = M, version: int = 1, since: date | None = None,
    source: str | None = None,
) -> RuleStop:  # fmt: skip
    return stop_rule(archive, rulebook, NewStop(measure, version, "文件被撤回", since, source), who)


def lifted(archive: Archive, rulebook: Rulebook, who: By, measure: str = M, version: int = 1) -> RuleStop:
    return lift_rule(archive, rulebook, NewLift(measure, version, "文件恢复"), who)


def status(
    archive: Archive, rulebook: Rulebook, on: str, known: datetime | None = None, library: str = REAL,
    version: tuple[str, int] = (M, 1),
) -> str:  # fmt: skip
    """The status of a version on a day, by what was known at an instant."""
    with archive.database.reading() as session:
        book = rulebook_on(session, rulebook, library, View(day(on), known))
    (rule,) = (r for r in book.rules if (r.id, r.measure.version) == version)
    return rule.measure.status


@pytest.fixture(scope="module")
def firms(rulebook: Rulebook) -> list[Subject]:
    """The demonstration subjects of the corpus."""
    return list(read_subjects(ROOT / "corpus" / "demo" / "subjects.jsonl", rulebook.vocabulary).subjects)


def matches(rulebook: Rulebook, subjects: Sequence[Subject], on: str, ids: Sequence[str] = (M,)) -> list[Match]:
    return list(Matching(rulebook, subjects, day(on)).lines(ids, all_reasons=True))


A_STOP = Stop(1, M, 1, date(2026, 11, 10), "市工信局经办1", "文件被撤回", None, at("2026-11-10"))


def test_under_a_stop_what_was_eligible_or_open_is_unknown_and_no_refusal_changes(
    rulebook: Rulebook, firms: list[Subject]
) -> None:
    before = matches(rulebook, firms, "2026-11-13")
    after = matches(rulebook.suspending([A_STOP]), firms, "2026-11-13")

    pairs = {(old.verdict, new.verdict) for old, new in zip(before, after, strict=True)}
    assert (Verdict.ELIGIBLE, Verdict.UNKNOWN) in pairs and (Verdict.INELIGIBLE, Verdict.INELIGIBLE) in pairs
    assert all(new is (old if old is Verdict.INELIGIBLE else Verdict.UNKNOWN) for old, new in pairs)


def test_the_reason_of_a_stop_names_who_when_and_why_and_no_route_is_left(
    rulebook: Rulebook, firms: list[Subject]
) -> None:
    found = matches(rulebook.suspending([A_STOP]), firms, "2026-11-13")
    (first,) = (match for match in found if match.subject.id == "D101")

    said = first.reasons[0]
    assert (first.verdict, first.route, said.condition, said.cause) == (
        Verdict.UNKNOWN, Route.NONE, STOPPED, Cause.VALIDITY,
    )  # fmt: skip
    assert said.text == "本措施已停用：自2026-11-10起，市工信局经办1停用，原因：文件被撤回"
    assert [reason.condition for reason in first.reasons].count(STOPPED) == 1


def test_a_stop_of_one_version_leaves_every_other_version_as_it_is(rulebook: Rulebook) -> None:
    stop = Stop(1, TWO, 2, date(2026, 11, 10), "甲", "乙", None, at("2026-11-10"))

    changed = [
        new.measure.key
        for old, new in zip(rulebook.rules, rulebook.suspending([stop]).rules, strict=True)
        if new is not old
    ]

    assert changed == [f"{TWO}.v2"]


def test_a_stop_of_a_version_that_is_not_in_force_never_makes_it_perhaps_in_force(rulebook: Rulebook) -> None:
    (over,) = (rule for rule in rulebook.versions(TWO) if rule.measure.version == 1)
    stop = Stop(1, TWO, 1, date(2000, 1, 1), "甲", "乙", None, at("2026-11-10"))
    after = date.fromordinal((over.validity.last or 0) + 1)

    (rule,) = (r for r in rulebook.suspending([stop]).versions(TWO) if r.measure.version == 1)

    assert over.in_force(after) is False
    assert rule.in_force(after) is False


def test_a_draft_stays_a_draft_and_without_stops_the_rulebook_is_the_same_object(rulebook: Rulebook) -> None:
    stop = Stop(1, "no_such_measure", 1, date(2026, 11, 10), "甲", "乙", None, at("2026-11-10"))

    assert rulebook.suspending([]) is rulebook
    assert rulebook.suspending([stop]).ids == rulebook.ids


@pytest.mark.parametrize(
    ("lift_on", "holds"),
    [(None, [False, True, True, True]), ("2026-11-14", [False, True, True, False]), ("2026-11-10", [False] * 4)],
)
def test_a_stop_counts_from_its_first_day_until_the_day_of_its_lift(lift_on: str | None, holds: list[bool]) -> None:
    lift = None if lift_on is None else Lift(day(lift_on), "乙", "丙", at(lift_on))
    stop = Stop(1, M, 1, date(2026, 11, 10), "甲", "乙", None, at("2026-11-10"), lift)

    assert [stop.holds(day(on)) for on in DAYS] == holds


def test_a_recorded_stop_suspends_from_that_day_and_its_lift_ends_it_on_its_own_day(
    archive: Archive, rulebook: Rulebook
) -> None:
    stopped(archive, rulebook, by())
    lifted(archive, rulebook, by("2026-11-14"))

    assert [status(archive, rulebook, on) for on in DAYS] == ["active", "suspended", "suspended", "active"]


def test_what_was_known_before_the_record_holds_no_stop_and_before_the_lift_no_lift(
    archive: Archive, rulebook: Rulebook
) -> None:
    stopped(archive, rulebook, by())
    lifted(archive, rulebook, by("2026-11-14"))

    known = [at("2026-11-10", 9), at("2026-11-10"), at("2026-11-14", 9), at("2026-11-14")]
    assert [status(archive, rulebook, "2026-11-20", when) for when in known] == [
        "active", "suspended", "suspended", "active",
    ]  # fmt: skip


def test_a_stop_may_count_from_an_earlier_day_and_is_not_known_there_before_it_is_recorded(
    archive: Archive, rulebook: Rulebook
) -> None:
    stopped(archive, rulebook, by("2026-11-13"), since=day("2026-11-10"))

    assert [status(archive, rulebook, on) for on in DAYS] == ["active", "suspended", "suspended", "suspended"]
    assert status(archive, rulebook, "2026-11-10", at("2026-11-12")) == "active"


def test_a_stop_from_a_later_day_that_is_lifted_before_it_never_counts(archive: Archive, rulebook: Rulebook) -> None:
    stopped(archive, rulebook, by(), since=day("2026-11-13"))
    assert [status(archive, rulebook, on) for on in DAYS] == ["active", "active", "suspended", "suspended"]

    lifted(archive, rulebook, by("2026-11-12"))

    assert [status(archive, rulebook, on) for on in DAYS] == ["active"] * 4


def test_a_lifted_version_can_be_stopped_again(archive: Archive, rulebook: Rulebook) -> None:
    stopped(archive, rulebook, by())
    lifted(archive, rulebook, by("2026-11-11"))
    stopped(archive, rulebook, by("2026-11-13"))

    days = ("2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13")
    assert [status(archive, rulebook, on) for on in days] == ["suspended", "active", "active", "suspended"]


def test_stop_and_lift_stand_in_the_audit_chain_with_their_reason(archive: Archive, rulebook: Rulebook) -> None:
    stop = stopped(archive, rulebook, by(), source="https://www.changzhou.gov.cn/a/1.html")
    lift = lifted(archive, rulebook, by("2026-11-14"))

    (first,), (second,) = audited(archive, "rule.stop"), audited(archive, "rule.lift")
    assert (first.actor, first.object_kind, first.object_id, first.reason) == (
        "industry", "rule", f"{M}.v1", "文件被撤回",
    )  # fmt: skip
    said = orjson.loads(first.detail)
    assert said == {
        "id": stop.id, "library": REAL, "since": "2026-11-10", "stop": None,
        "source": "https://www.changzhou.gov.cn/a/1.html",
    }  # fmt: skip
    assert (orjson.loads(second.detail)["stop"], lift.stop_id) == (stop.id, stop.id)


def test_what_is_stopped_already_is_refused_with_who_and_when_and_leaves_no_row(
    archive: Archive, rulebook: Rulebook
) -> None:
    stopped(archive, rulebook, by(), since=day("2026-12-01"))

    with pytest.raises(Conflict, match=r"自2026-12-01起，市工信局经办1停用.*2026-11-10 登记"):
        stopped(archive, rulebook, by("2026-11-13", "industry-2"))
    assert len(list_stops(archive, View(day("2026-12-02")))) == 1


def test_what_is_not_stopped_cannot_be_lifted(archive: Archive, rulebook: Rulebook) -> None:
    with pytest.raises(Conflict, match="没有停用"):
        lifted(archive, rulebook, by())
    stopped(archive, rulebook, by(), TWO, 2)
    with pytest.raises(Conflict, match="第 1 版没有停用"):
        lifted(archive, rulebook, by(), TWO, 1)


@pytest.mark.parametrize(
    ("actor", "measure", "may"),
    [
        ("industry", M, True),
        ("industry-2", M, True),
        ("commerce", M, False),  # another unit's measure
        ("statistics", "above_scale_industry", False),  # no role in the list
        ("development", "above_scale_industry", True),  # its owner has no role in the list: any of the city's
        ("enterprise-320412", M, False),
        ("district-320412", M, False),  # a measure of the city
        ("district-320412", "wujin_hnte_award", True),
        ("district-320412", "wujin_open_door_power", True),  # 武进 without 区 in its name
        ("district-320481", "wujin_open_door_power", False),
        ("district-320481", "wujin_hnte_award", False),  # another area's measure
        ("development", "wujin_hnte_award", False),  # a measure of a district
        ("importer", M, False),
    ],
)
def test_who_may_stop_a_rule(archive: Archive, rulebook: Rulebook, actor: str, measure: str, may: bool) -> None:
    if may:
        assert stopped(archive, rulebook, by(actor=actor), measure).actor_id == actor
        return
    with pytest.raises(Forbidden):
        stopped(archive, rulebook, by(actor=actor), measure)
    (refused,) = audited(archive, "care.refused")
    assert (refused.object_id, list_stops(archive, View(day("2026-11-20")))) == (f"{measure}.v1", ())


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        (NewStop("cz_joint_trainin", 1, "原因"), UsageError, M),
        (NewStop(M, 9, "原因"), NotFound, "允许：1"),
        (NewStop(M, 1, "  "), UsageError, "没有写原因"),
        (NewStop(M, 1, "原因", None, "https://www.example.com/gov.cn/"), UsageError, "gov.cn"),
        (NewStop(M, 1, "原因", None, "https://www.example.com?a.gov.cn"), UsageError, "gov.cn"),
        (NewStop(M, 1, "原因", None, "https://www.gov.cn.example.com/"), UsageError, "gov.cn"),
        (NewStop(M, 1, "原因", None, "no-such-document"), UsageError, "文件编号"),
    ],
)
def test_a_request_that_is_wrong_says_what_is_allowed_and_writes_nothing(
    archive: Archive, rulebook: Rulebook, asked: NewStop, kind: type[PolicyMatchError], said: str
) -> None:
    with pytest.raises(kind) as refused:
        stop_rule(archive, rulebook, asked, by())
    assert said in str(refused.value)
    assert list_stops(archive, View(day("2026-11-20"))) == ()


def test_a_registered_document_is_a_source(archive: Archive, rulebook: Rulebook) -> None:
    document = next(iter(rulebook.documents))

    stopped(archive, rulebook, by(), source=document)

    (stop,) = list_stops(archive, View(day("2026-11-20")))
    assert stop.text.endswith(f"（依据：{document}）")


def test_a_stop_of_the_demonstration_counts_there_alone_and_one_of_the_real_library_everywhere(
    archive: Archive, rulebook: Rulebook
) -> None:
    stopped(archive, rulebook, by(library=DEMO))
    assert [status(archive, rulebook, "2026-11-12", None, name) for name in (REAL, DEMO)] == ["active", "suspended"]

    lifted(archive, rulebook, by("2026-11-11", library=DEMO))
    stopped(archive, rulebook, by("2026-11-11"))

    assert [status(archive, rulebook, "2026-11-12", None, name) for name in (REAL, DEMO)] == ["suspended"] * 2
    with pytest.raises(Conflict):
        lifted(archive, rulebook, by("2026-11-12", library=DEMO))


def test_the_list_says_how_each_stop_stands_on_the_day(archive: Archive, rulebook: Rulebook) -> None:
    stopped(archive, rulebook, by(), since=day("2026-11-12"))
    lifted(archive, rulebook, by("2026-11-14"))

    views = [View(day(on)) for on in ("2026-11-11", "2026-11-12", "2026-11-14")]
    states = [state_of(stop, view) for view in views for stop in list_stops(archive, view)]

    assert states == ["未开始", "停用中", "已恢复"]
    assert list_stops(archive, View(day("2026-11-12"), at("2026-11-09"))) == ()


@pytest.fixture
def shown(
    empty_file: tuple[Archive, Path], tmp_path: Path, shipped_in: Callable[[Path], Settings]
) -> Iterator[tuple[Archive, Settings]]:
    """The shipped demonstration as the service filled it, and its day."""
    settings = shipped_in(tmp_path)
    archive = replace(empty_file[0], database=open_database(settings.database_url))
    yield archive, settings
    archive.database.close()


def test_the_demonstration_holds_one_stopped_rule_that_shows_on_its_days_and_not_today_nor_for_real_projects(
    shown: tuple[Archive, Settings], rulebook: Rulebook
) -> None:
    archive, settings = shown
    now = settings.instant()

    def verdicts(on: str) -> tuple[set[str], set[str]]:
        opened = open_libraries(archive, rulebook, day(on), now)
        assert opened.demo is not None
        pairs = [(one, one.matching.decision(M)) for one in (opened.demo, opened.real)]
        return tuple({v.value for v in found.verdicts} for _, found in pairs)  # type: ignore[return-value]

    found = {on: verdicts(on) for on in ("2026-11-12", "2026-11-13", "2026-11-16", "2026-11-17", "2026-11-28")}

    assert ["eligible" in demo for demo, _ in found.values()] == [True, False, False, True, True]
    assert all("eligible" in real for _, real in found.values())
    (stop,) = list_stops(archive, View(day("2026-11-28")))
    assert stop.is_demo and stop.lift is not None
    assert stop.reason.startswith("示范：") and stop.lift.reason.startswith("示范：")
    assert (stop.since, stop.lift.on) == (day("2026-11-13"), day("2026-11-17"))
    assert [len(audited(archive, action)) for action in ("rule.stop", "rule.lift")] == [1, 1]
