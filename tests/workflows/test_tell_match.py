"""A match in words for the firm: what it may have, how much of that is a promise, what it rests on, and by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import Window
from policy_match.exchange.subjects import subject_from_json
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.show_firm import SOON, by_measure, closing_of
from policy_match.workflows.show_project import marking_of
from policy_match.workflows.tell_match import LONGEST, plain_amount, reason_text, sentence, to_do, told

DAY = date(2026, 11, 24)
FIRM = {"registered_region": "320412", "entity_type": "企业法人", "industry_code": "C3841", "main_revenue": "3000万元"}


def matched(rulebook: Rulebook, measure: str, name: str = "示范", **facts: object) -> Match:
    """One firm and one measure, with every reason."""
    given = {"id": "甲", "kind": "enterprise", "name": name, "facts": FIRM | facts}
    subject = subject_from_json(given, rulebook.vocabulary)  # type: ignore[arg-type]
    matching = Matching(rulebook, [subject], DAY)
    return matching.match(matching.decision(measure), 0, all_reasons=True)


def said(match: Match) -> str:
    return sentence(match, marking_of(match))


def test_what_is_proved_rests_on_its_figures_first(rulebook: Rulebook) -> None:
    match = matched(rulebook, "above_scale_industry")

    assert match.verdict is Verdict.ELIGIBLE
    assert said(match) == (
        "您的“示范”预计可享受“纳入规模以上工业（入规）”。"
        "依据：年主营业务收入：3000万元（要求不少于2000万元）；主体类型：企业法人（要求为企业法人、农民专业合作社之一）。"
    )


def test_what_is_not_met_is_named_with_what_there_is_and_what_is_asked(rulebook: Rulebook) -> None:
    match = matched(rulebook, "above_scale_industry", main_revenue="1999万元")

    assert said(match) == (
        "您的“示范”现在不符合“纳入规模以上工业（入规）”。原因：年主营业务收入：1999万元（要求不少于2000万元）。"
    )
    assert to_do(match, told(match, marking_of(match))) == "不用做什么；数据不对的，请提数据更正"


def test_what_is_not_known_is_a_question_and_promises_a_ceiling(rulebook: Rulebook) -> None:
    match = matched(rulebook, "cz_unicorn_award")
    shown = told(match, marking_of(match))

    assert said(match) == (
        "您的“示范”有可能享受“独角兽、潜在独角兽企业认定奖励”，最高200万元（金额待核实）。"
        "还不清楚的：独角兽认定情形；本次认定（入库）日期。"
    )
    assert reason_text(shown.open[0]).startswith("缺少数据（要求为首次认定独角兽")
    assert (len(shown.proved), len(shown.against)) == (1, 0)
    assert to_do(match, shown) == "把下面“还不清楚”的告诉我们"


def test_a_measure_of_which_nobody_knows_whether_it_is_still_in_force_says_so(rulebook: Rulebook) -> None:
    match = matched(rulebook, "cz_standard_award", led_standard_level="国家标准")

    assert (match.verdict, told(match, marking_of(match)).open) == (Verdict.UNKNOWN, ())
    assert said(match).endswith("最高50万元。还不清楚的：政策现在是否仍有效。")


def test_a_sentence_that_would_be_too_long_leaves_the_rest_to_the_list(rulebook: Rulebook) -> None:
    match = matched(rulebook, "above_scale_industry", name="示范" * 25)

    assert len(said(match)) <= LONGEST
    assert said(match).endswith("依据：年主营业务收入：3000万元（要求不少于2000万元）。")


def test_quotation_marks_of_a_title_are_single_ones_within(rulebook: Rulebook) -> None:
    assert "“新一轮专精特新‘小巨人’财政奖补（2024—2026年）”" in said(matched(rulebook, "little_giant_central_award"))


def amounted(match: Match, verdict: Verdict, low: int, high: int | None, text: str, promise: str = "exact") -> str:
    return plain_amount(replace(match, verdict=verdict, amount=Amount("cash", low, high, text, True, promise, "once")))


@pytest.mark.parametrize(
    ("verdict", "low", "high", "text", "shown"),
    [
        (Verdict.ELIGIBLE, 30, 30, "30万元", "预计30万元"),
        (Verdict.ELIGIBLE, 20, 30, "20万元至30万元", "预计20万元至30万元"),
        (Verdict.UNKNOWN, 30, 30, "30万元", "最高30万元"),
        (Verdict.UNKNOWN, 0, 30, "每年0元至30万元（金额待核实）", "每年最高30万元（金额待核实）"),
        (Verdict.NEEDS_HUMAN, 20, 30, "20万元至30万元", "最高30万元"),
        (Verdict.UNKNOWN, 20, None, "不少于20万元", "不少于20万元"),
    ],
)
def test_only_what_is_proved_is_expected(
    rulebook: Rulebook, verdict: Verdict, low: int, high: int | None, text: str, shown: str
) -> None:
    match = matched(rulebook, "cz_unicorn_award")

    assert amounted(match, verdict, low * 10**6, None if high is None else high * 10**6, text) == shown


def test_a_ceiling_stays_one_and_no_amount_is_none(rulebook: Rulebook) -> None:
    match = matched(rulebook, "above_scale_industry")

    assert amounted(match, Verdict.ELIGIBLE, 0, 30 * 10**6, "最高30万元", "ceiling") == "最高30万元"
    assert plain_amount(match) == ""


def closing(match: Match, first: date, last: date, verdict: Verdict = Verdict.ELIGIBLE) -> list[date]:
    """The day on which the match closes, if that is soon."""
    window = Window.model_validate({"from": first.isoformat(), "through": last.isoformat()})
    measure = match.rule.measure.model_copy(update={"apply_window": window})
    return [
        one.on for one in closing_of([replace(match, verdict=verdict, rule=replace(match.rule, measure=measure))], DAY)
    ]


def test_a_window_is_told_from_its_last_day_back_to_four_months_before(rulebook: Rulebook) -> None:
    match, long_ago = matched(rulebook, "cz_unicorn_award"), DAY - timedelta(400)

    for last in (DAY, DAY + SOON):
        assert closing(match, long_ago, last) == [last]
    for last in (DAY - timedelta(1), DAY + SOON + timedelta(1)):
        assert closing(match, long_ago, last) == []
    assert closing(match, long_ago, DAY, Verdict.INELIGIBLE) == []
    assert closing_of([match], DAY) == []


def test_the_matches_of_one_measure_stand_together_where_the_best_of_them_stands(rulebook: Rulebook) -> None:
    one, other = matched(rulebook, "cz_unicorn_award"), matched(rulebook, "above_scale_industry")
    second = replace(one, beneficiary="project:乙")

    assert by_measure([one, other, second]) == ((one, second), (other,))
    assert by_measure([]) == ()
