"""S-21 financing and S-22 near misses: amounts of loans, who is compensated, and what is missing by how much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from rules.bad_rules import folder_with

from policy_match.authoring.load import load_rulebook
from policy_match.eligibility.decide import Verdict
from policy_match.exchange.subjects import subject_from_json
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.match import Match, Matching

DAY = date(2025, 3, 31)
HEAD = """schema: measure/1
id: {id}
version: 1
status: active
title: 示范{id}
topics: [loan_discount]
family: 奖补
mode: apply
target: enterprise
document: {{id: invented-2025-1}}
owner_unit: 示例局
verified: {{conditions: page, benefit: page}}
effective: {{from: "2025-01-01", through: "2027-12-31"}}
reviewed_on: "2026-01-10"
next_review_on: "2027-01-10"
clauses:
  - {{article: "一", says: 示范条款, by: [{names}, benefit, stacking]}}
conditions:
{conditions}
eligible_when: {{all: [{names}]}}
benefit: {{{benefit}}}
stacking: {{free: 可以同享}}
boundaries:
{boundaries}
cases:
  - {{name: 甲, as_of: "2025-03-31", facts: {{{facts}}}, expect: {{verdict: eligible}}}}
changes: [{{version: 1, date: "2026-01-10", why: 首次录入}}]
"""
ROUNDED = 'rounding: {to: "1元", mode: floor}'


def matched(place: Path, vocabulary: Vocabulary, text: str, facts: Mapping[str, object]) -> Match:
    """One firm matched with one invented measure."""
    folder = folder_with(place)
    (folder / "rules" / "measures" / "city" / "INVENTED" / "invented_award.v1.yaml").unlink()
    file = folder / "rules" / "measures" / "city" / "INVENTED" / "tx_discount.v1.yaml"
    file.write_text(text, encoding="utf-8")
    book = load_rulebook(folder / "rules", folder / "corpus" / "documents", vocabulary)
    subject = subject_from_json({"id": "E6", "kind": "enterprise", "facts": dict(facts)}, vocabulary)  # type: ignore[arg-type]
    (found,) = Matching(book, [subject], DAY).lines(["tx_discount"])
    return found


def discount(benefit: str) -> str:
    """A measure for small and medium manufacturers with a benefit."""
    return HEAD.format(
        id="tx_discount",
        names="sme, industry",
        conditions=(
            "  sme: {fact: enterprise_size, op: one_of, value: [medium, small, micro]}\n"
            '  industry: {fact: industry_code, op: within_tree, value: ["C"]}'
        ),
        benefit=benefit,
        boundaries="  {}",
        facts='enterprise_size: medium, industry_code: C3670, equipment_loan: "2000万元", loan_issued_on: "2025-01-01", loan_signed_on: "2025-06-30"',
    ).replace("boundaries:\n  {}\n", "boundaries: {}\n")


FIRM = {"industry_code": "C3670", "staff_total": 420, "revenue_last": "50000万元"}
LOAN = {"equipment_loan": "2000万元", "loan_issued_on": "2025-01-01", "loan_signed_on": "2025-06-30"}
INTEREST = f'kind: cash, a: year, interest: {{principal: equipment_loan, rate: "1%", from: loan_issued_on, to: loan_signed_on}}, {ROUNDED}'


def test_s21_the_discount_of_180_days_is_exact_to_the_yuan(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = matched(tmp_path, vocabulary, discount(INTEREST), FIRM | LOAN)
    assert found.verdict is Verdict.ELIGIBLE
    assert found.amount is not None
    assert (found.amount.low_fen, found.amount.high_fen) == (9_863_000, 9_863_000)


def test_s21_without_its_head_count_the_firm_is_asked_and_not_refused(tmp_path: Path, vocabulary: Vocabulary) -> None:
    facts = {name: value for name, value in (FIRM | LOAN).items() if name != "staff_total"}
    found = matched(tmp_path, vocabulary, discount(INTEREST), facts)
    assert found.verdict is Verdict.UNKNOWN
    assert ("enterprise_size",) in found.missing or ("staff_total",) in found.missing


def test_s21_a_pool_for_the_bank_is_no_cash_to_the_firm(tmp_path: Path, vocabulary: Vocabulary) -> None:
    pool = 'kind: facility, says: 补偿对象为银行, facility: {limit: "1000万元"}'
    found = matched(tmp_path, vocabulary, discount(pool), FIRM | LOAN)
    assert found.amount is not None
    assert (found.amount.kind, found.amount.low_fen) == ("facility", 0)


EQUIPMENT = HEAD.format(
    id="tx_discount",
    names="equipment",
    conditions='  equipment: {fact: equipment_investment, op: at_least, value: "3000万元", can_change: enterprise}',
    benefit=f'kind: cash, fixed: "10万元", {ROUNDED}',
    boundaries="  equipment: {at: eligible, under: ineligible, missing: unknown}",
    facts='equipment_investment: "3000万元"',
)
AGE = HEAD.format(
    id="tx_discount",
    names="age",
    conditions='  age: {fact: registered_days, op: at_least, value: "365天", can_change: time}',
    benefit=f'kind: cash, fixed: "10万元", {ROUNDED}',
    boundaries="  age: {at: eligible, under: ineligible, missing: unknown}",
    facts="registered_days: 365",
)


def test_s22_150_wan_short_of_3000_is_a_near_miss_of_five_percent(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = matched(tmp_path, vocabulary, EQUIPMENT, {"equipment_investment": "2850万元"})
    assert found.near is not None
    assert (found.verdict, found.near.not_yet) == (Verdict.INELIGIBLE, False)
    (reason,) = found.reasons
    assert reason.gap is not None
    assert (reason.gap.by, float(reason.gap.relative or 0)) == ("150万元", 0.05)


def test_s22_700_wan_short_is_too_far(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = matched(tmp_path, vocabulary, EQUIPMENT, {"equipment_investment": "2300万元"})
    assert (found.verdict, found.near) == (Verdict.INELIGIBLE, None)
    assert round(float(found.reasons[0].gap.relative or 0), 3) == 0.233  # type: ignore[union-attr]


def test_s22_a_firm_of_342_days_is_told_the_day_on_which_it_is_a_year_old(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    founded = date.fromordinal(DAY.toordinal() - 342)
    found = matched(tmp_path, vocabulary, AGE, {"registered_on": founded.isoformat()})
    assert found.near is not None
    assert (found.near.not_yet, found.near.true_on) == (True, date(2025, 4, 23))
    assert "23天" in found.reasons[0].text


@pytest.mark.parametrize("days", [364, 365])
def test_s22_the_anniversary_itself_counts(tmp_path: Path, vocabulary: Vocabulary, days: int) -> None:
    found = matched(tmp_path, vocabulary, AGE, {"registered_days": days})
    assert (found.verdict is Verdict.ELIGIBLE) is (days == 365)
