"""One best finance option for each group: proved before open, then by score, then by id, whatever the order of the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.ranking.score import Score
from policy_match.workflows.choose_finance import FinanceChoice, choose_finance
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.show_project import show_project

DAY = date(2026, 11, 25)
GROUPS = ["融资服务保障", "综合金融支持", "降费让利"]
ELIGIBLE, HUMAN, UNKNOWN = Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN, Verdict.UNKNOWN
CHEAPER = ("equipment_renewal_loan_discount", "js_first_loan_discount", "js_leasing_discount", "sme_loan_discount")


@pytest.fixture(scope="module")
def matching(rulebook: Rulebook) -> Matching:
    """A project, a firm and a person of whom nothing is known."""
    subjects = [
        subject_from_json({"id": kind, "kind": kind, "facts": {}}, rulebook.vocabulary)
        for kind in ("project", "enterprise", "person")
    ]
    return Matching(rulebook, subjects, DAY)


def options(matching: Matching, *wanted: tuple[str, Verdict, float]) -> list[Match]:
    """Matches of the project with a verdict and a score of our own; every other finance measure is ruled out."""
    own = {measure: (verdict, score) for measure, verdict, score in wanted}
    made = []
    for match in matching.of(0):
        verdict, score = own.get(match.rule.id, (Verdict.INELIGIBLE, 0.9))
        made.append(replace(match, verdict=verdict, score=Score(score, {})))
    return made


def cheaper(choices: tuple[FinanceChoice, ...]) -> FinanceChoice:
    return choices[2]


def best_of(choice: FinanceChoice) -> str | None:
    return None if choice.best is None else choice.best.rule.id


def test_there_is_one_line_for_each_group_in_the_order_of_the_notice(matching: Matching) -> None:
    choices = choose_finance(matching.of(0))

    assert [choice.group for choice in choices] == GROUPS
    assert all(choice.best is not None and choice.best.rule.measure.finance_group == choice.group for choice in choices)


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        ([(CHEAPER[0], ELIGIBLE, 0.1), (CHEAPER[1], HUMAN, 0.9), (CHEAPER[2], UNKNOWN, 1.0)], CHEAPER[0]),
        ([(CHEAPER[1], HUMAN, 0.1), (CHEAPER[2], UNKNOWN, 1.0)], CHEAPER[1]),
        ([(CHEAPER[0], ELIGIBLE, 0.4), (CHEAPER[1], ELIGIBLE, 0.4001)], CHEAPER[1]),
        ([(CHEAPER[3], ELIGIBLE, 0.4), (CHEAPER[2], ELIGIBLE, 0.4), (CHEAPER[1], ELIGIBLE, 0.4)], CHEAPER[1]),
        ([(CHEAPER[2], UNKNOWN, 0.0)], CHEAPER[2]),
    ],
)
def test_the_best_option_is_by_verdict_then_score_then_id(
    matching: Matching, wanted: list[tuple[str, Verdict, float]], best: str
) -> None:
    matches = options(matching, *wanted)

    assert best_of(cheaper(choose_finance(matches))) == best
    assert choose_finance(reversed(matches)) == choose_finance(matches)


def test_the_others_of_a_group_are_counted_by_verdict_and_the_best_is_not_among_them(matching: Matching) -> None:
    matches = options(
        matching,
        (CHEAPER[0], ELIGIBLE, 0.5),
        (CHEAPER[1], ELIGIBLE, 0.4),
        (CHEAPER[2], UNKNOWN, 0.9),
        (CHEAPER[3], HUMAN, 0.2),
    )
    members = [match for match in matches if match.rule.measure.finance_group == "降费让利"]

    choice = cheaper(choose_finance(matches))

    assert choice.further == ((ELIGIBLE, 1), (HUMAN, 1), (UNKNOWN, 1))
    assert choice.ruled_out == len(members) - 4


def test_a_group_whose_measures_are_all_ruled_out_has_no_best_option(matching: Matching) -> None:
    verdicts = (Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE, Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE)

    choices = choose_finance(options(matching, *((i, v, 1.0) for i, v in zip(CHEAPER, verdicts, strict=True))))

    assert [(choice.best, choice.further) for choice in choices] == [(None, ())] * 3
    assert all(choice.ruled_out > 0 for choice in choices)


def test_a_group_without_any_measure_still_has_its_line(matching: Matching) -> None:
    only = [match for match in matching.of(0) if match.rule.measure.finance_group in (None, "降费让利")]

    choices = choose_finance(only)

    assert [choice.group for choice in choices] == GROUPS
    assert (choices[0].best, choices[0].further, choices[0].ruled_out) == (None, (), 0)
    assert choices[2].best is not None


def test_who_is_matched_with_no_finance_measure_has_no_finance_view(matching: Matching) -> None:
    assert choose_finance(matching.of(2)) == ()
    assert choose_finance([]) == ()
    assert len(choose_finance(matching.of(1))) == 3


def test_the_page_of_a_project_shows_the_choice_that_its_lists_hold(matching: Matching) -> None:
    shown = show_project(matching, 0)
    listed = {match.rule.id for match in (*shown.eligible, *shown.needs_human, *shown.unknown)}

    assert shown.finance == choose_finance(matching.of(0))
    assert {best_of(choice) for choice in shown.finance} <= listed
