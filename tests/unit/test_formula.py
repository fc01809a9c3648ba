"""Each form of amount, exact, with an unknown base, with a band, and with what nobody can say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from rules.bad_rules import BAD, MEASURE, folder_with, load

from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.match import Matching

DAY = date(2026, 5, 1)
BASE = (BAD / "base.yaml").read_text("utf-8")
FACTS: dict[str, object] = {
    "registered_region": "320412",
    "industry_code": "C3670",
    "stage": "竣工",
    "equipment_investment": "3000万元",
    "enterprise_size": "medium",
    "insured_staff": 150,
    "blacklisted": False,
}
RATE = '  of: equipment_loan\n  rate: "2%"\n'
CEILING = RATE + "  promise: ceiling\n"
INTEREST = '  interest: {principal: equipment_loan, rate: "3%", from: signed_on, to: started_on}\n'
UNIT = '  per_unit: {of: insured_staff, amount: "1000元", times: 12}\n'
TOP_UP = '  top_up: {to: "100万元", less: equipment_loan}\n'
INCREMENT = '  increment: {of: revenue_last, over: rd_last, rate: "5%"}\n'
BEST = '  best_of:\n    - {fixed: "10万元"}\n    - {of: equipment_loan, rate: "2%"}\n'
SUM = '  sum_of:\n    one: {of: equipment_loan, rate: "1%"}\n    two: {fixed: "10万元"}\n'
WHOLE = '  tiers:\n    of: equipment_loan\n    method: whole\n    rows: [{at_most: "100万元", fixed: "1万元"}, {fixed: "5万元"}]\n'
SIZES = '  choose:\n    by: enterprise_size\n    rows: [{is: large, fixed: "1万元"}, {one_of: [medium, small, micro], fixed: "2万元"}]\n'
LARGE = '  choose:\n    by: enterprise_size\n    rows: [{is: large, fixed: "1万元"}]\n'
UNSEEN = '  choose:\n    by: enterprise_size\n    rows: [{is: large, unseen: true}, {fixed: "2万元"}]\n'
UNSEEN_TERM = '  sum_of:\n    one: {fixed: "10万元"}\n    two: {unseen: true}\n'
UNSEEN_WAY = '  best_of:\n    - {fixed: "10万元"}\n    - {unseen: true}\n'
WAN = 10**6


def amount(text: str, place: Path, words: Vocabulary, **facts: object) -> tuple[int, int | None, str] | None:
    tiers = BASE[BASE.index("  tiers:\n") : BASE.index("  rounding:")]
    plan = BASE[BASE.index("no_application:\n") : BASE.index("boundaries:\n")]
    written = BASE.replace(tiers, text).replace(plan, "").replace("mode: msjx", "mode: apply")
    for typed in (', amount: "220万元"', ', amount: "500万元"'):
        written = written.replace(typed, "")
    folder = folder_with(place)
    (folder / MEASURE).write_text(written, encoding="utf-8")
    subject = subject_from_json({"id": "甲", "facts": FACTS | facts}, words)  # type: ignore[dict-item]
    (match,) = Matching(load(folder, words), [subject], DAY).lines(["invented_award"])
    found = match.amount
    return None if found is None else (found.low_fen, found.high_fen, found.text)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        (RATE, {"equipment_loan": "500万元"}, (10 * WAN, 10 * WAN, "10万元")),
        (RATE, {"equipment_loan": {"low": "100万元", "high": "500万元"}}, (2 * WAN, 10 * WAN, "2万元至10万元")),
        (RATE, {"equipment_loan": {"low": "100万元"}}, (2 * WAN, None, "不少于2万元")),
        (RATE, {}, None),
        (CEILING, {"equipment_loan": "500万元"}, (0, 10 * WAN, "最高10万元")),
        (CEILING, {"equipment_loan": {"low": "100万元"}}, None),
        (CEILING, {}, None),
        # 365 days at 3 %: exactly 3 万元; the day itself is not counted twice
        (INTEREST, {"equipment_loan": "100万元", "signed_on": "2025-01-01", "started_on": "2026-01-01"}, (3 * WAN, 3 * WAN, "3万元")),
        (INTEREST, {"equipment_loan": "100万元", "signed_on": "2025-01-01"}, None),
        (UNIT, {"insured_staff": 150}, (180 * WAN, 180 * WAN, "180万元")),
        (TOP_UP, {"equipment_loan": "30万元"}, (70 * WAN, 70 * WAN, "70万元")),
        (TOP_UP, {"equipment_loan": "130万元"}, (0, 0, "0元")),
        (INCREMENT, {"revenue_last": "300万元", "rd_last": "100万元"}, (10 * WAN, 10 * WAN, "10万元")),
        (INCREMENT, {"revenue_last": "300万元"}, None),
        (BEST, {"equipment_loan": "1000万元"}, (20 * WAN, 20 * WAN, "20万元")),
        (BEST, {}, (10 * WAN, None, "不少于10万元")),
        (SUM, {"equipment_loan": "1000万元"}, (20 * WAN, 20 * WAN, "20万元")),
        (SUM, {}, (10 * WAN, None, "不少于10万元")),
        (WHOLE, {"equipment_loan": "100万元"}, (WAN, WAN, "1万元")),
        (WHOLE, {"equipment_loan": "100.0001万元"}, (5 * WAN, 5 * WAN, "5万元")),
        (WHOLE, {}, (WAN, 5 * WAN, "1万元至5万元")),
        (LARGE, {}, (0, 0, "0元")),
        (UNSEEN, {"enterprise_size": "large"}, None),
        (UNSEEN, {"enterprise_size": "small"}, (2 * WAN, 2 * WAN, "2万元")),
        (UNSEEN, {"enterprise_size": None}, None),
        (UNSEEN_TERM, {}, (10 * WAN, None, "不少于10万元")),
        (UNSEEN_WAY, {}, (10 * WAN, None, "不少于10万元")),
    ],
)  # fmt: skip
def test_an_amount_is_exact_or_an_interval_and_never_a_guess(
    text: str, facts: dict[str, object], expected: object, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    assert amount(text, tmp_path, vocabulary, **facts) == expected


def test_rows_that_name_every_option_leave_no_third_way(tmp_path: Path, vocabulary: Vocabulary) -> None:
    # Without the size the staff threshold is 20 or 100: 150 passes both, so only the amount is open.
    found = amount(SIZES, tmp_path, vocabulary, enterprise_size=None)

    assert found == (WAN, 2 * WAN, "1万元至2万元")
