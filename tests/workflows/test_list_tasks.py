"""Matches that wait for people become tasks: a question that settles many is one, and too many decisions go together."""

from __future__ import annotations

from datetime import date

import pytest

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.subjects import Kind, Subject
from policy_match.ranking.decisions import History, review_id
from policy_match.ranking.order import column_of
from policy_match.ranking.push import Fate
from policy_match.ranking.score import Score
from policy_match.ranking.triage import Triage
from policy_match.workflows.assess_match import Assessed
from policy_match.workflows.find_reviews import Review
from policy_match.workflows.list_tasks import (
    MOST_FACTS,
    MOST_TASKS,
    Grain,
    TaskKind,
    board_of,
    calls_of,
    tasks_of,
)

WAN = 1_000_000
FIRM = Subject("E1", Kind.ENTERPRISE, {}, name="示范甲公司", enterprise="91320412MA00000001")
PROJECT = Subject("P1", Kind.PROJECT, {}, name="示范甲项目", enterprise="E1", enterprise_name="示范甲公司")
OTHER = Subject("P2", Kind.PROJECT, {}, name="示范乙项目")


@pytest.fixture(scope="module")
def rules(rulebook: Rulebook) -> list[Rule]:
    """Measures for enterprises that give money."""
    every = [rulebook.at(name, date(2026, 3, 10)) for name in rulebook.ids]
    return [one for one in every if one.measure.target == "enterprise" and column_of(one.measure) == "资金"]


def review(
    subject: Subject, rule: Rule, verdict: Verdict = Verdict.ELIGIBLE, *, missing: tuple[tuple[str, ...], ...] = (),
    high: int | None = 0, kind: str = "cash", urgency: float = 0.1,
) -> Review:  # fmt: skip
    """A match that waits; `high`: 万元."""
    top = None if high is None else high * WAN
    amount = Amount(kind=kind, low_fen=0, high_fen=top, text="", verified=True, promise="", per="")
    pair = subject.id, rule.id
    return Review(
        id=review_id(pair), subject=subject, match=Assessed(pair, rule, verdict, False, amount, "s"),
        triage=Triage(Fate.REVIEWED), score=Score(0.5, {}, values={"urgency": urgency}), missing=missing,
        history=History(), since=None, holder=None,
    )  # fmt: skip


def open_(subject: Subject, rule: Rule, *missing: tuple[str, ...], high: int | None = 0) -> Review:
    return review(subject, rule, Verdict.UNKNOWN, missing=missing, high=high)


def test_one_fact_that_several_matches_ask_for_is_one_question(rules: list[Rule]) -> None:
    found = tasks_of(
        [
            open_(FIRM, rules[0], ("honours",)),
            open_(FIRM, rules[1], ("honours",), ("track",)),
            open_(FIRM, rules[2], ("honours", "loan_kind")),
            open_(FIRM, rules[3], ("loan_kind",)),
        ],
        Grain.ONE,
    )

    assert [(one.facts, len(one.benefits), one.settled) for one in found] == [(("honours",), 3, 2), (("loan_kind",), 1, 1)]  # fmt: skip


def test_what_a_firm_gets_is_one_decision_however_many_projects_it_has(rules: list[Rule]) -> None:
    found = tasks_of([review(FIRM, rules[0]), review(PROJECT, rules[0]), review(OTHER, rules[0])], Grain.ONE)

    assert sorted((one.firm, len(one.benefits[0].reviews)) for one in found) == [("E1", 2), ("P2", 1)]
    assert {one.name for one in found} == {"示范甲公司", "示范乙项目"}


def test_the_same_fact_of_two_firms_is_two_questions(rules: list[Rule]) -> None:
    found = tasks_of([open_(PROJECT, rules[0], ("honours",)), open_(OTHER, rules[0], ("honours",))], Grain.ONE)

    assert [one.firm for one in found] == ["E1", "P2"]


def test_an_unknown_that_nothing_can_be_asked_about_is_to_be_decided(rules: list[Rule]) -> None:
    (task,) = tasks_of([open_(FIRM, rules[0])], Grain.ONE)

    assert task.kind is TaskKind.DECIDE


def test_money_doubt_and_deadline_multiply_into_the_order(rules: list[Rule]) -> None:
    subjects = [Subject(f"P{number}", Kind.PROJECT, {}) for number in range(5)]
    found = tasks_of(
        [
            review(subjects[0], rules[0], high=100),
            review(subjects[1], rules[0], Verdict.NEEDS_HUMAN, high=100),
            review(subjects[2], rules[0], high=100, urgency=1.0),
            review(subjects[3], rules[0]),
            review(subjects[4], rules[0], high=900, kind="facility"),
        ],
        Grain.ONE,
    )

    assert [(one.firm, round(one.rank, 6)) for one in found] == [("P2", 100), ("P1", 20), ("P0", 10), ("P3", 0.1), ("P4", 0.1)]  # fmt: skip


def test_a_review_past_its_day_is_as_pressing_as_a_window_that_closes(rules: list[Rule]) -> None:
    one = review(FIRM, rules[0], high=10)

    assert tasks_of([one], Grain.ONE, {one.id})[0].rank == 10
    assert tasks_of([one], Grain.ONE)[0].rank == 1


def test_an_amount_without_an_upper_end_makes_the_sum_unknown_and_never_zero(rules: list[Rule]) -> None:
    (both,) = tasks_of(
        [open_(FIRM, rules[0], ("honours",), high=50), open_(FIRM, rules[1], ("honours",), high=None)], Grain.ONE
    )
    (one,) = tasks_of([open_(FIRM, rules[0], ("honours",), high=50)], Grain.ONE)

    assert both.high_fen is None
    assert one.high_fen == 50 * WAN


@pytest.mark.parametrize(("count", "grain"), [(MOST_TASKS, Grain.ONE), (MOST_TASKS + 1, Grain.COLUMN)])
def test_decisions_go_together_only_where_there_are_more_than_a_day_holds(
    rules: list[Rule], count: int, grain: Grain
) -> None:
    firms = [Subject(f"E{number}", Kind.ENTERPRISE, {}) for number in range(count // 2)]
    pairs = [(firm, rule) for firm in firms for rule in rules[:2]] + [(FIRM, rules[2])] * (count % 2)
    board = board_of([review(firm, rule) for firm, rule in pairs])

    assert (board.grain, board.finest) == (grain, count)
    assert sum(len(task.benefits) for task in board.tasks) == count
    assert len(board.tasks) == (count if grain is Grain.ONE else len(firms))  # FIRM is one of them


def test_more_firms_than_a_day_holds_are_one_question_and_one_decision_each(rules: list[Rule]) -> None:
    firms = [Subject(f"E{number}", Kind.ENTERPRISE, {}) for number in range(MOST_TASKS)]
    held = [review(firm, rules[0]) for firm in firms]
    asked = [open_(firm, rule, (fact,)) for firm in firms for rule, fact in ((rules[1], "honours"), (rules[2], "track"))]  # fmt: skip

    board = board_of([*held, *asked])
    assert (board.grain, len(board.tasks)) == (Grain.FIRM, 2 * MOST_TASKS)
    assert {one.facts for one in board.tasks if one.kind is TaskKind.ASK} == {("honours", "track")}


def test_a_call_asks_at_most_five_facts_the_most_pressing_first(rules: list[Rule]) -> None:
    held = [open_(FIRM, rule, (f"fact{place}",), high=place) for place, rule in enumerate(rules[:7], start=1)]

    (asked,) = calls_of([*held, review(FIRM, rules[8])]).values()
    assert len(asked) == MOST_FACTS
    assert [task.facts for task in asked] == [(f"fact{place}",) for place in (7, 6, 5, 4, 3)]
    assert calls_of([review(FIRM, rules[0])]) == {}
