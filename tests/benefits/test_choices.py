"""From rules, facts and a ledger to the best set: groups, what was paid, limits, top-ups, levels, and whose benefit it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from benefits.invented import WAN, Given, best, book, chosen, firm, fixed, paid, project, whys

from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.vocabulary import Vocabulary

GROUP = "exclusive: same, choose: highest"
SHARED = '{{amount: "140万元", per: enterprise_year, shared_with: [{}]}}'


@pytest.fixture(scope="module")
def s20(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Rulebook:
    """z_a 80万, z_b 120万 in one group, ZC 30万 free; 140万 a firm and year over all three."""
    return book(
        tmp_path_factory.mktemp("s20"),
        vocabulary,
        {
            "z_a": fixed(80, GROUP, caps=SHARED.format("z_b, z_c")),
            "z_b": fixed(120, GROUP, caps=SHARED.format("z_a, z_c")),
            "z_c": fixed(30, caps=SHARED.format("z_a, z_b")),
        },
    )


def test_s20_the_higher_of_a_group_and_what_the_limit_leaves_of_the_free_one(s20: Rulebook) -> None:
    bundle = best(s20, firm())

    assert chosen(bundle) == [("z_b", 120 * WAN), ("z_c", 20 * WAN)]
    assert (bundle.low_fen, bundle.high_fen) == (140 * WAN, 140 * WAN)
    assert whys(bundle) == {"z_a": ("同组取高：已选“示范z_b”", ("z_b",))}
    assert bundle.chosen[1].amount.text == "20万元（封顶或补差以后；单独计30万元）"


def test_s20_variant_after_the_higher_one_was_paid_the_group_gives_nothing_more(s20: Rulebook) -> None:
    bundle = best(s20, firm(), paid=(paid("z_b", 120),))

    assert chosen(bundle) == [("z_c", 20 * WAN)]
    assert whys(bundle)["z_a"] == ("同组取高：“示范z_b”2025-02-01已兑付120万元", ("z_b",))
    assert whys(bundle)["z_b"][0] == "同一事项已兑付：“示范z_b”2025-02-01已兑付120万元"


def test_a_payment_of_another_year_another_firm_or_a_later_day_settles_nothing(s20: Rulebook) -> None:
    for other in (paid("z_b", 120, "2024-12-31"), paid("z_b", 120, to="enterprise:E2"), paid("z_b", 120, "2025-04-01")):
        assert chosen(best(s20, firm(), paid=(other,))) == [("z_b", 120 * WAN), ("z_c", 20 * WAN)]


def test_a_limit_that_is_used_up_leaves_nothing_and_says_so(s20: Rulebook) -> None:
    bundle = best(s20, firm(), paid=(paid("z_b", 140),))

    assert chosen(bundle) == []
    assert whys(bundle)["z_c"][0] == "封顶已满：“示范z_a”单个企业每年上限140万元，已兑付以后还剩0元"


def test_a_payment_counts_under_every_name_of_the_firm(s20: Rulebook) -> None:
    line = firm() | {"enterprise": "91320412MAYYYY0160"}

    assert chosen(best(s20, line, paid=(paid("z_b", 120, to="enterprise:91320412MAYYYY0160"),))) == [("z_c", 20 * WAN)]


def test_two_projects_of_one_firm_do_not_double_an_award_of_the_firm(s20: Rulebook) -> None:
    bundle = best(s20, firm(), project("P1"), project("P2"))

    assert chosen(bundle) == [("z_b", 120 * WAN), ("z_c", 20 * WAN)]
    assert {taken.offer.subject for taken in bundle.chosen} == {"E1"}
    same = [left for left in bundle.not_taken if left.offer.rule.id == "z_b"]
    assert [(left.offer.subject, left.why) for left in same] == [
        ("P1", "同一项待遇只算一次：已计入E1"),
        ("P2", "同一项待遇只算一次：已计入E1"),
    ]


def test_the_parts_of_the_subjects_add_up_to_the_whole(s20: Rulebook) -> None:
    bundle = best(s20, project("P1", registered_region="320412"), project("P2", registered_region="320412"))

    assert bundle.high_fen == 140 * WAN
    assert sum(bundle.of(name).high_fen for name in ("P1", "P2")) == bundle.high_fen


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Rulebook:
    """Measures of projects: two in a group, one with a limit per project, one had once for good, one with a firm-year limit."""
    return book(
        tmp_path_factory.mktemp("projects"),
        vocabulary,
        {
            "p_a": fixed(50, GROUP, "project"),
            "p_b": fixed(40, GROUP, "project"),
            "p_c": fixed(60, "once: lifetime", "project"),
            "p_d": fixed(70, "once: project", "project"),
            "p_e": fixed(30, target="project", caps='{amount: "50万元", per: enterprise_year}'),
        },
    )


def test_a_group_excludes_within_one_project_and_not_across_projects(projects: Rulebook) -> None:
    bundle = best(projects, project("P1"), project("P2"))

    assert [pair for pair in chosen(bundle) if pair[0] in ("p_a", "p_b")] == [("p_a", 50 * WAN), ("p_a", 50 * WAN)]


def test_what_is_had_once_for_good_is_had_for_one_project_and_the_other_is_told(projects: Rulebook) -> None:
    bundle = best(projects, project("P1"), project("P2"))

    assert [pair for pair in chosen(bundle) if pair[0] in ("p_c", "p_d")] == [
        ("p_c", 60 * WAN),
        ("p_d", 70 * WAN),
        ("p_d", 70 * WAN),
    ]
    assert whys(bundle)["p_c"] == ("一次性待遇只能享受一次：已选“示范p_c”", ("p_c",))


def test_a_limit_of_the_firm_cuts_the_second_project(projects: Rulebook) -> None:
    bundle = best(projects, project("P1"), project("P2"))

    assert [pair for pair in chosen(bundle) if pair[0] == "p_e"] == [("p_e", 30 * WAN), ("p_e", 20 * WAN)]


def test_once_for_good_is_settled_by_a_payment_of_any_year(projects: Rulebook) -> None:
    bundle = best(projects, project("P1"), paid=(paid("p_c", 60, "2019-01-01", "P9"),))

    assert whys(bundle)["p_c"][0] == "一次性已享受：“示范p_c”2019-01-01已兑付60万元"


@pytest.mark.parametrize(("of", "taken"), [("P1", False), (None, False), ("P2", True)])
def test_once_a_project_is_settled_by_a_payment_for_it_or_for_none_that_is_named(
    of: str | None, taken: bool, projects: Rulebook
) -> None:
    bundle = best(projects, project("P1"), paid=(paid("p_d", 70, "2019-01-01", of),))

    assert ("p_d" in dict(chosen(bundle))) is taken


def test_a_payment_to_the_project_itself_is_a_payment_to_the_firm(projects: Rulebook) -> None:
    bundle = best(projects, project("P1"), project("P2"), paid=(paid("p_e", 30, to="project:P1"),))

    assert [(t.offer.subject, t.high_fen) for t in bundle.chosen if t.offer.rule.id == "p_e"] == [("P2", 20 * WAN)]


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Rulebook:
    """A top-up on a lower level, a city award that the province's replaces, and two of which nobody wrote whether both go."""
    return book(
        tmp_path_factory.mktemp("levels"),
        vocabulary,
        {
            "lower": fixed(5),
            "upper": fixed(10, "top_up_of: lower"),
            "province": fixed(40, "once: lifetime"),
            "city": fixed(60, "level_substitute: [province]"),
            "one": fixed(7, "unwritten: 与乙能否同享未写, unwritten_with: [two]"),
            "two": fixed(8),
        },
    )


def test_a_top_up_pays_the_difference_to_what_was_paid_whenever_that_was(levels: Rulebook) -> None:
    bundle = best(levels, firm(), paid=(paid("lower", 5, "2021-05-01"),))

    assert dict(chosen(bundle))["upper"] == 5 * WAN
    assert dict(chosen(best(levels, firm())))["upper"] == 10 * WAN


def test_a_top_up_and_what_it_tops_are_one_sum(levels: Rulebook) -> None:
    assert whys(best(levels, firm()))["lower"] == ("补差与被补的一项是同一笔，只计一项：已选“示范upper”", ("upper",))


def test_a_top_up_of_which_everything_was_paid_has_nothing_left(levels: Rulebook) -> None:
    assert whys(best(levels, firm(), paid=(paid("lower", 12, "2021-05-01"),)))["upper"] == ("补差以后没有余额", ())


def test_the_city_gives_nothing_where_the_province_paid_and_only_one_of_both_else(levels: Rulebook) -> None:
    assert whys(best(levels, firm()))["province"] == ("与上级待遇相抵：已选“示范city”", ("city",))
    after = whys(best(levels, firm(), paid=(paid("province", 40, "2020-05-01"),)))
    assert after["city"] == ("上级已补：“示范province”2020-05-01已兑付40万元", ("province",))


def test_what_nobody_wrote_is_not_added_up_whichever_of_the_two_names_the_other(levels: Rulebook) -> None:
    bundle = best(levels, firm())

    assert "two" in dict(chosen(bundle))
    assert whys(bundle)["one"] == ("能否同享未写，不相加：已选“示范two”", ("two",))
    assert whys(best(levels, firm(), paid=(paid("one", 7),)))["two"][0].startswith("能否同享未写，不相加：“示范one”")


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Rulebook:
    """Cash with an open end, cash of which nothing was seen, tax in a group, a service, and a yearly limit of a project."""
    rate = 'kind: {kind}, of: equipment_investment, rate: "10%"' + ', rounding: {to: "1元", mode: floor}'
    return book(
        tmp_path_factory.mktemp("kinds"),
        vocabulary,
        {
            "open": Given(
                'kind: cash, sum_of: {a: {fixed: "3万元"}, b: {of: equipment_investment, rate: "10%"}}'
                ', rounding: {to: "1元", mode: floor}',
                "unwritten: 与现金能否同享未写, unwritten_with: [cash]",
            ),
            "cash": fixed(9),
            "unseen": Given("kind: cash, says: 金额未见"),
            "service": Given("kind: service, says: 专人服务"),
            "tax_a": Given(rate.replace("{kind}", "tax"), "exclusive: rate"),
            "tax_b": Given('kind: tax, fixed: "2万元", rounding: {to: "1元", mode: floor}', "exclusive: rate"),
            "yearly": Given(
                'kind: cash, a: year, fixed: "6万元", rounding: {to: "1元", mode: floor}', "free: 可以同享", "project"
            ),
        },
    )


def test_an_open_end_is_not_compared_and_its_conflict_is_told(kinds: Rulebook) -> None:
    bundle = best(kinds, firm())

    assert whys(bundle)["open"] == ("不少于3万元，没有上限，不能比较；能否同享未写，不相加：已选“示范cash”", ("cash",))
    assert whys(bundle)["unseen"] == ("金额没有见到或算不出，不能比较", ())


def test_other_kinds_are_chosen_among_themselves_and_not_added_to_cash(kinds: Rulebook) -> None:
    bundle = best(kinds, firm(equipment_investment="500万元"))

    assert chosen(bundle) == [("open", 53 * WAN), ("tax_a", 50 * WAN)]
    assert (bundle.low_fen, bundle.high_fen) == (53 * WAN, 53 * WAN)
    assert whys(bundle)["tax_b"] == ("同组取高：已选“示范tax_a”", ("tax_a",))


def test_what_has_no_amount_and_is_no_cash_stands_beside_the_set(kinds: Rulebook) -> None:
    assert [offer.rule.id for offer in best(kinds, firm()).free] == ["service"]


@pytest.mark.parametrize(("on", "taken"), [("2025-01-01", False), ("2024-12-31", True)])
def test_a_yearly_amount_of_a_project_is_settled_for_its_year(on: str, taken: bool, kinds: Rulebook) -> None:
    bundle = best(kinds, project("P1"), paid=(paid("yearly", 6, on, "P1"),))

    assert ("yearly" in dict(chosen(bundle))) is taken


def test_5_8_d_a_rate_under_a_limit_of_its_own_is_one_benefit(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rate = 'kind: cash, increment: {of: equipment_investment, over: equipment_loan, rate: "10%"}, cap: "200万元"'
    rulebook = book(tmp_path, vocabulary, {"rate": Given(rate + ', rounding: {to: "1元", mode: floor}')})

    bundle = best(rulebook, firm(equipment_investment="3000万元", equipment_loan="0元"))

    assert chosen(bundle) == [("rate", 200 * WAN)]


def test_5_8_c_a_top_up_of_a_formula_is_taken_off_once(tmp_path: Path, vocabulary: Vocabulary) -> None:
    top_up = 'kind: cash, top_up: {to: "10万元", less: equipment_loan}, rounding: {to: "1元", mode: floor}'
    rulebook = book(tmp_path, vocabulary, {"lower": fixed(5), "upper": Given(top_up, "top_up_of: lower")})

    bundle = best(rulebook, firm(equipment_loan="5万元"), paid=(paid("lower", 5, "2024-06-30"),))

    assert dict(chosen(bundle))["upper"] == 5 * WAN


def test_a_pool_is_what_everybody_was_paid_this_year(tmp_path: Path, vocabulary: Vocabulary) -> None:
    pool = fixed(30, caps='{amount: "100万元", per: pool_year}')
    rulebook = book(tmp_path, vocabulary, {"pool": pool})
    others = tuple(paid("pool", 45, on, to="enterprise:E9") for on in ("2025-01-02", "2025-01-03", "2024-12-31"))

    bundle = best(rulebook, firm(), paid=others)

    assert chosen(bundle) == [("pool", 10 * WAN)]


def test_measures_that_name_one_pool_draw_on_one_limit(tmp_path: Path, vocabulary: Vocabulary) -> None:
    cap = '{amount: "100万元", per: enterprise_year, shared_with: [设备资金]}'
    rulebook = book(tmp_path, vocabulary, {"aaa": fixed(80, caps=cap), "bbb": fixed(70, caps=cap)})

    assert chosen(best(rulebook, firm())) == [("aaa", 80 * WAN), ("bbb", 20 * WAN)]


def test_the_same_input_gives_the_same_bundle_whatever_the_order_of_lines(s20: Rulebook) -> None:
    lines = [firm(), project("P1"), project("P2")]

    first, second = best(s20, *lines), best(s20, *reversed(lines))

    assert (first.chosen, first.not_taken) == (second.chosen, second.not_taken)


def test_no_payment_of_any_kind_raises_the_sum(levels: Rulebook, s20: Rulebook, projects: Rulebook) -> None:
    for rulebook, lines in ((levels, [firm()]), (s20, [firm()]), (projects, [project("P1"), project("P2")])):
        before = best(rulebook, *lines)
        for measure in rulebook.ids:
            for on in ("2019-01-01", "2025-01-01"):
                for of in (None, "P1"):
                    after = best(rulebook, *lines, paid=(paid(measure, 3, on, of),))
                    assert after.high_fen <= before.high_fen, (measure, on, of)


def test_a_bundle_is_of_the_law_of_its_day(s20: Rulebook) -> None:
    bundle = best(s20, firm(), day=date(2024, 12, 31))

    assert (bundle.chosen, bundle.not_taken) == ((), ())
