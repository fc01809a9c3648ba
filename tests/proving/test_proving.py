"""A rule is proved by its cases, and the proof fails where it should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from policy_match.benefits.formula import Amount
from policy_match.eligibility.nodes import AllNode, AnyNode, Named, NotNode
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import FactError
from policy_match.proving.amount_mutants import amount_mutants
from policy_match.proving.completions import needless_unknowns
from policy_match.proving.condition_mutants import condition_mutants
from policy_match.proving.expectations import amount_agrees, expected_amount, written_amount
from policy_match.proving.ground import Ground
from policy_match.proving.probes import Change
from policy_match.proving.prove import Grade, Proving, changed_cells
from policy_match.proving.situations import situations_of
from policy_match.proving.suggest import suggested_cases
from policy_match.workflows.prove_rules import suggest_cases

ROOT = Path(__file__).resolve().parents[2]


def rule_named(rulebook: Rulebook, key: str) -> Rule:
    return next(rule for rule in rulebook.rules if rule.measure.key == key)


def with_cases(rule: Rule, **update: object) -> Rule:
    return replace(rule, measure=rule.measure.model_copy(update=update))


@pytest.fixture
def scale(rulebook: Rulebook) -> Rule:
    """规上工业企业: an industrial legal person with 2,000万元 of main revenue and more."""
    return rule_named(rulebook, "above_scale_industry.v1")


@pytest.fixture
def loan(rulebook: Rulebook) -> Rule:
    """The loan discount of 2026, with two caps and a rate that a central subsidy halves."""
    return rule_named(rulebook, "js_mfg_loan_discount.v4")


def test_a_complete_rule_gets_the_best_grade(scale: Rule, rulebook: Rulebook) -> None:
    proof = Proving(scale, rulebook.vocabulary).proof()

    assert (proof.grade, proof.failures, proof.survivors) == (Grade.A, (), ())
    assert proof.mutants > 10


def test_a_case_that_does_not_hold_is_named_with_what_was_expected(scale: Rule, rulebook: Rulebook) -> None:
    first = scale.measure.cases[0]
    wrong = first.model_copy(update={"expect": first.expect.model_copy(update={"verdict": "ineligible"})})

    proof = Proving(with_cases(scale, cases=[wrong, *scale.measure.cases[1:]]), rulebook.vocabulary).proof()

    assert proof.grade is Grade.F
    assert [(failure.situation, failure.what) for failure in proof.failures] == [
        (first.name, "结论应为 ineligible，实为 eligible")
    ]


@pytest.mark.parametrize(
    ("facts", "as_of", "because"),
    [
        ({"entity_type": "工业法人"}, "2025-06-15", "实为 unknown：缺 main_revenue"),
        ({"entity_type": "工业法人", "main_revenue": "1元"}, "2025-06-15", "实为 ineligible：由 revenue 决定"),
        ({"entity_type": "工业法人", "main_revenue": "3000万元"}, "2011-06-15", "实为 unknown：那一天是否施行不能确定"),
    ],
)
def test_a_case_that_does_not_hold_says_what_made_it_so(
    facts: dict[str, str], as_of: str, because: str, scale: Rule, rulebook: Rulebook
) -> None:
    wrong = scale.measure.cases[0].model_copy(update={"facts": facts, "as_of": as_of})

    failures = Proving(with_cases(scale, cases=[wrong], boundaries={}), rulebook.vocabulary).failures()

    assert [failure.what.startswith(f"结论应为 eligible，{because}") for failure in failures] == [True]


def test_cases_are_suggested_only_once_those_written_hold(tmp_path: Path) -> None:
    place = tmp_path / "rules" / "measures" / "national" / "STANDARD"
    place.mkdir(parents=True)
    (tmp_path / "rules" / "facts.yaml").write_bytes((ROOT / "rules" / "facts.yaml").read_bytes())
    shipped = ROOT / "rules" / "measures" / "national" / "STANDARD" / "above_scale_industry.v1.yaml"
    path = place / shipped.name
    path.write_text(shipped.read_text("utf-8").replace('main_revenue: "2000万元"', 'main_revenue: "1999万元"'), "utf-8")

    assert suggest_cases(path, ROOT / "corpus").startswith("# 有用例或边界不符")


def test_without_boundary_lines_a_moved_threshold_goes_unnoticed(scale: Rule, rulebook: Rulebook) -> None:
    blunt = [case for case in scale.measure.cases if case.expect.verdict == "eligible"][:1]

    proof = Proving(with_cases(scale, cases=blunt, boundaries={}), rulebook.vocabulary).proof()

    assert proof.grade is Grade.C
    assert any("下限" in survivor for survivor in proof.survivors)


def test_a_rule_without_cases_is_not_proved(scale: Rule, rulebook: Rulebook) -> None:
    proof = Proving(with_cases(scale, cases=[], boundaries={}), rulebook.vocabulary).proof()

    assert (proof.grade, proof.cases, proof.failures) == (Grade.C, 0, ())


def test_a_cap_without_a_case_that_reaches_it_goes_unnoticed(loan: Rule, rulebook: Rulebook) -> None:
    uncapped = [
        case for case in loan.measure.cases if case.name != "单个项目封顶" and case.expect.amount != "最多600万元"
    ]

    proof = Proving(with_cases(loan, cases=uncapped), rulebook.vocabulary).proof()

    assert any("上限 600万元" in survivor for survivor in proof.survivors)


def test_suggested_cases_would_notice_every_survivor_and_leave_the_verdict_open(loan: Rule, rulebook: Rulebook) -> None:
    few = with_cases(loan, cases=loan.measure.cases[:1])
    proving = Proving(few, rulebook.vocabulary)
    survivors = proving.proof().survivors

    suggested = suggested_cases(proving)

    assert survivors
    assert sorted(what for case in suggested for what in case.notices) == sorted(survivors)
    assert len(suggested) < len(survivors)


def test_no_amount_is_asked_for_where_nothing_is_paid(rulebook: Rulebook) -> None:
    """The amounts of every third shipped rule are asked for anew, with one case left of each."""
    asked = 0
    for rule in rulebook.rules[::3]:
        if rule.measure.benefit is None or rule.measure.benefit.form is None or rule.measure.status == "draft":
            continue
        proving = Proving(with_cases(rule, cases=rule.measure.cases[:1], boundaries={}), rulebook.vocabulary)
        for case in suggested_cases(proving):
            if case.is_amount:
                base = proving.situations[0]
                cells = changed_cells(base, Change(0, case.facts))
                verdict = Ground([(base.as_of, cells)], rulebook.vocabulary).verdicts(rule)[0]
                assert verdict not in ("ineligible", "not_in_force"), (rule.measure.key, case)
                asked += 1
    assert asked > 30


def test_titles_of_two_levels_are_told_apart_by_a_firm_that_holds_both(rulebook: Rulebook) -> None:
    rule = rule_named(rulebook, "cz_zero_carbon_award.v1")
    one_title = [case for case in rule.measure.cases if len(case.facts.get("honours") or []) < 2]  # type: ignore[arg-type]

    survivors = Proving(with_cases(rule, cases=one_title), rulebook.vocabulary).proof().survivors

    assert "金额：upper_recent：去掉省级零碳工厂" in survivors


@pytest.mark.parametrize(
    ("item", "wanting"),
    [
        ({}, "缺 “科技型中小企业”的取得日（granted_on）、“科技型中小企业”的有效期（valid_through）"),
        ({"granted_on": "2026-05-11"}, "缺 “科技型中小企业”的有效期（valid_through）"),
        ({"name": "高新技术企业"}, "由 hnte、tech_sme 决定"),
    ],
)
def test_a_case_that_lacks_the_term_of_a_title_says_so(item: dict[str, str], wanting: str, rulebook: Rulebook) -> None:
    rule = rule_named(rulebook, "loss_carry_forward_10y.v1")
    facts = {"hnte_valid": False, "honours": [{"name": "科技型中小企业", **item}]}
    wrong = rule.measure.cases[0].model_copy(update={"facts": facts})

    failures = Proving(with_cases(rule, cases=[wrong], boundaries={}), rulebook.vocabulary).failures()

    assert [failure.what.rpartition("：")[2] for failure in failures][:1] == [wanting]


def test_boundary_probes_stand_at_one_step_under_and_without(scale: Rule, rulebook: Rulebook) -> None:
    probes = {s.name: s for s in situations_of(scale, rulebook.vocabulary) if s.name.startswith("边界")}
    values = {name.split()[-1]: s.cells["main_revenue"] for name, s in probes.items() if "main_revenue" in s.cells}

    assert values["at"].value.low == 2000 * 10**6  # 2,000万元 in 分
    assert values["under"].value.low == 2000 * 10**6 - 100
    assert probes[next(name for name in probes if name.endswith("missing"))].expect.verdict == "unknown"


def test_mutants_cover_groups_thresholds_options_and_negations(rulebook: Rulebook) -> None:
    rule = rule_named(rulebook, "rd_super_deduction.v1")

    whats = [mutant.what for mutant in condition_mutants(rule, rulebook.vocabulary)]

    assert any("all 改为 any" in what for what in whats)
    assert any("去掉否定" in what for what in whats)
    assert any(what.startswith("删去 audited") for what in whats)
    assert any("main_share：下限高一档" in what for what in whats)
    assert any("excluded_industry：去掉C16" in what for what in whats)
    assert len(whats) == len(set(whats))


def test_amount_mutants_move_every_rate_cap_and_date(rulebook: Rulebook) -> None:
    rule = rule_named(rulebook, "rd_super_deduction.v1")

    whats = " ".join(mutant.what for mutant in amount_mutants(rule, rulebook.vocabulary))

    for part in ("比例 80%", "倍数 120%", "2023-01-01", "2023-01-02", "2028-01-01", "去掉 overseas", "取整"):
        assert part.replace("2023-01-01", "2022-12-31") in whats


def test_an_amount_nobody_has_seen_is_told_from_nothing(rulebook: Rulebook) -> None:
    rule = rule_named(rulebook, "cz_design_centre_award_2021.v1")
    paid = [case for case in rule.measure.cases if case.expect.amount != "未知"]

    survivors = Proving(with_cases(rule, cases=paid), rulebook.vocabulary).proof().survivors

    assert {"金额：第 2 行 金额未见改为 0元", "金额：第 4 行 金额未见改为 0元"} <= set(survivors)


def amount(low: int, high: int | None, promise: str = "exact") -> Amount:
    return Amount("cash", low, high, "", True, promise, "once")


@pytest.mark.parametrize(
    ("written", "right", "wrong"),
    [
        ("220万元", amount(220_000_000, 220_000_000), amount(220_000_100, 220_000_100)),
        ("最高500万元", amount(0, 500_000_000, "ceiling"), amount(0, 500_000_000)),
        ("最多600万元", amount(0, 600_000_000), amount(0, 600_000_000, "ceiling")),
        ("2万元~4万元", amount(2_000_000, 4_000_000), amount(2_000_000, None)),
        ("600万元~", amount(600_000_000, None), amount(600_000_000, 600_000_000)),
        ("未知", None, amount(0, 0)),
    ],
)
def test_expected_amounts_are_compared_to_the_fen(written: str, right: Amount | None, wrong: Amount) -> None:
    assert amount_agrees(written, right)
    assert not amount_agrees(written, wrong)


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (amount(220_000_000, 220_000_000), "220万元"),
        (amount(50_000_000, 100_000_000), "50万元~100万元"),
        (amount(0, 500_000_000, "ceiling"), "最高500万元"),
        (amount(0, 600_000_000), "最多600万元"),
        (amount(600_000_000, None), "600万元~"),
        (amount(101, 101), "1.01元"),
        (None, "未知"),
    ],
)
def test_an_amount_is_told_in_the_form_in_which_cases_write_it(found: Amount | None, written: str) -> None:
    assert written_amount(found) == written
    assert amount_agrees(written, found)


def test_an_amount_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(FactError, match="下限"):
        expected_amount("~5万元")


def test_a_tree_that_waits_for_what_cannot_matter_is_found(scale: Rule, rulebook: Rulebook) -> None:
    named = next(node for node in _named(scale) if node.name == "revenue")
    either = AnyNode((AllNode((scale.root, named)), AllNode((scale.root, NotNode(named)))))
    waiting = replace(scale, root=AnyNode((named, NotNode(named), either)))

    found = needless_unknowns(waiting, rulebook.vocabulary)

    assert {one.facts for one in found if len(one.facts) == 1} == {("main_revenue",)}
    assert {one.verdict for one in found} == {"eligible"}
    assert needless_unknowns(scale, rulebook.vocabulary) == ()


def _named(rule: Rule) -> list[Named]:
    return [condition.node for condition in rule.conditions.values()]
