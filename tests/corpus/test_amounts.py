"""No amount in a rule that the entries it names do not hold; what a rule derives is listed here with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from amounts import Quantity, Stated, entries_held, holds, stated, whole, within

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Measure
from policy_match.strict_yaml import Data, read_file

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = ROOT / "corpus" / "entries"
ADDRESS = re.compile(r"((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)

# What every measure of a document may also take an amount from: the threshold of the library that the notice is about.
OF_DOCUMENT = {"czbf-2024-37": "CZ-SEED-01"}

# Two figures that the entries hold, and how the rule's own figure follows from them.
DERIVED: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("cz_young_talent_living", "28800元"): ("800元", "×", "36个月"),
    ("cz_young_talent_living", "18000元"): ("500元", "×", "36个月"),
    ("cz_young_talent_living", "10800元"): ("300元", "×", "36个月"),
    ("cz_young_talent_rent", "28800元"): ("800元", "×", "36个月"),
    ("cz_young_talent_rent", "21600元"): ("600元", "×", "36个月"),
    ("cz_young_talent_rent", "18000元"): ("500元", "×", "36个月"),
    ("js_first_loan_discount", "20万元"): ("2000万元", "×", "1%"),
    ("js_mfg_loan_discount", "2%"): ("1%", "+", "1%"),
    ("little_giant_central_award", "30%"): ("600万元", "÷", "2000万元"),
    ("sme_loan_discount", "75万元"): ("5000万元", "×", "1.5%"),
}

# Figures that no entry states as a figure, and why the rule has them all the same.
NOT_STATED: Mapping[tuple[str, str], str] = {
    ("cz_standard_award_2020", "1位"): "条目写的是“第一位”",
    ("cz_standard_award_2020", "2位"): "条目写的是“第一、二位”",
    ("hightech_enterprise", "365天"): "注册一年以上，一年按365个日历天",
    ("hnte_income_tax_15", "25%"): "企业所得税的一般税率，见企业所得税法",
    ("hnte_income_tax_15", "10%"): "一般税率25%减去优惠税率15%",
    ("rd_super_deduction", "80%"): "委托研发按80%计入，见财税〔2015〕119号和财税〔2018〕64号",
    ("rd_super_deduction", "10%"): "其他相关费用的限额，见财税〔2015〕119号",
    ("six_taxes_two_fees_half", "50%"): "条目写的是“减半”",
    ("small_low_profit", "15%"): "说明与高新技术企业税率二选一，税率见高新技术企业的条目",
    ("vat_carryover_refund", "100%"): "四个行业按月退还期末留抵，是全额",
}


@pytest.fixture(scope="module")
def held() -> dict[str, frozenset[Quantity]]:
    """What the shipped entries hold."""
    return entries_held(ENTRIES)


def source(rule: Rule, held: Mapping[str, frozenset[Quantity]]) -> frozenset[Quantity]:
    """What the entries that a version names hold together."""
    names = [*rule.measure.data_ids, *([OF_DOCUMENT[rule.document.id]] if rule.document.id in OF_DOCUMENT else [])]
    return frozenset().union(*(held[name] for name in names))


def excuses(rule: Rule, held: frozenset[Quantity]) -> Iterator[tuple[tuple[str, str], Quantity]]:
    """The exceptions of a measure; a derived one counts only while the entries hold both of its parts."""
    for key, (left, sign, right) in DERIVED.items():
        parts = [quantity(left), quantity(right)]
        if key[0] == rule.id and all(holds(held, part) for part in parts) and follows(parts, sign) == quantity(key[1]):
            yield key, quantity(key[1])
    yield from ((key, quantity(key[1])) for key in NOT_STATED if key[0] == rule.id)


def quantity(written: str) -> Quantity:
    found = whole(written)
    assert found is not None
    return found


def follows(parts: list[Quantity], sign: str) -> Quantity:
    left, right = parts
    ways: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
        "×": lambda a, b: a * b,
        "÷": lambda a, b: a / b,
        "+": lambda a, b: a + b,
    }
    return Quantity("ratio" if sign == "÷" else left.kind, ways[sign](left.value, right.value))


def unfounded(rule: Rule, rulebook: Rulebook, held: Mapping[str, frozenset[Quantity]]) -> list[Stated]:
    """The figures of a version that neither its entries nor an exception hold; nought asks only whether there is any."""
    own = source(rule, held)
    excused = {found for _, found in excuses(rule, own)}
    return [
        each
        for each in stated(rule, rulebook)
        if each.quantity.value != 0 and not holds(own, each.quantity) and each.quantity not in excused
    ]


def tampered(rule: Rule, old: str, new: str) -> Rule:
    """The version with one text of its file changed."""
    text = rule.measure.model_dump_json(by_alias=True, exclude_unset=True, warnings="none")
    assert old in text
    return replace(rule, measure=Measure.model_validate_json(text.replace(old, new, 1)))


def version(rulebook: Rulebook, key: str) -> Rule:
    return next(rule for rule in rulebook.rules if rule.measure.key == key)


def test_no_rule_states_an_amount_that_its_entries_do_not_hold(
    rulebook: Rulebook, held: dict[str, frozenset[Quantity]]
) -> None:
    found = {rule.measure.key: unfounded(rule, rulebook, held) for rule in rulebook.rules}

    assert sum(len(list(stated(rule, rulebook))) for rule in rulebook.rules) > 500
    assert {key: figures for key, figures in found.items() if figures} == {}


def test_every_exception_is_needed(rulebook: Rulebook, held: dict[str, frozenset[Quantity]]) -> None:
    used: set[tuple[str, str]] = set()
    for rule in rulebook.rules:
        own = source(rule, held)
        bare = {each.quantity for each in stated(rule, rulebook) if not holds(own, each.quantity)}
        used |= {key for key, found in excuses(rule, own) if found in bare}

    assert {*DERIVED, *NOT_STATED} - used == set()


@pytest.mark.parametrize(
    ("key", "old", "new", "where"),
    [
        ("cz_green_power_award.v1", '"amount":"10万元"', '"amount":"11万元"', "benefit.caps"),
        ("cz_hnte_award.v1", '"fixed":"20万元"', '"fixed":"21万元"', "benefit.fixed"),
        ("cz_hnte_award.v1", '"amount":"200万元"', '"amount":"2000万元"', "benefit.caps"),
        ("cz_equipment_award_2021.v1", '"rate":"12%"', '"rate":"13%"', "benefit.rate"),
        ("cz_storage_award.v1", '"amount":"0.3元"', '"amount":"0.4元"', "benefit.per_unit"),
        ("vat_carryover_refund.v1", '"rate":"30%"', '"rate":"31%"', "benefit.tiers"),
        ("vat_carryover_refund.v1", '"at_most":"1亿元"', '"at_most":"2亿元"', "benefit.tiers"),
        ("js_mfg_loan_discount.v4", '"amount":"600万元"', '"amount":"601万元"', "benefit.caps"),
        ("cz_young_talent_rent.v1", '"cap":"21600元"', '"cap":"21601元"', "benefit.cap"),
        ("rd_super_deduction.v1", '"times":"120%"', '"times":"130%"', "benefit.switch"),
        ("little_giant.v2", '"value":"1200万元"', '"value":"1201万元"', "conditions.rd_sum"),
        ("little_giant.v2", '"value":"4项"', '"value":"6项"', "conditions.ip"),
        ("hightech_enterprise.v1", '"value":"4%"', '"value":"4.5%"', "conditions.rd_intensity"),
        ("hightech_enterprise.v1", '"at_most":"2亿元"', '"at_most":"3亿元"', "conditions.rd_intensity"),
        ("cz_seed_unicorn.v1", '"value":"1亿元"', '"value":"3亿元"', "conditions.worth_100m"),
        ("cz_seed_unicorn.v1", "2000万元", "2001万元", "clauses"),
    ],
)
def test_an_amount_that_is_changed_is_found(
    rulebook: Rulebook, held: dict[str, frozenset[Quantity]], key: str, old: str, new: str, where: str
) -> None:
    changed = tampered(version(rulebook, key), old, new)

    assert {each.where for each in unfounded(changed, rulebook, held)} == {where}


def test_an_amount_that_is_one_hundredth_off_is_never_held(
    rulebook: Rulebook, held: dict[str, frozenset[Quantity]]
) -> None:
    for rule in rulebook.rules:
        for each in stated(rule, rulebook):
            off = Quantity(each.quantity.kind, each.quantity.value * 101 / 100)
            assert each.quantity.value == 0 or not holds(source(rule, held), off), (rule.measure.key, each)


def test_a_version_that_names_another_entry_is_found(rulebook: Rulebook, held: dict[str, frozenset[Quantity]]) -> None:
    changed = tampered(version(rulebook, "wujin_hnte_award.v1"), "WJ-INNB-02", "WJ-INNB-04")

    assert "benefit.fixed" in {each.where for each in unfounded(changed, rulebook, held)}


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("分别100/50/20万元", ["100万元", "50万元", "20万元"]),
        ("单户50—500万元，贴息1.5个百分点", ["50万元", "500万元", "1.5%"]),
        ("总规模100→200亿元，利率≤LPR+50BP", ["100亿元", "200亿元", "0.5%"]),
        ("连续三年合计600万元", ["3年", "600万元"]),
        ("放电量最高0.3元/千瓦时", ["0.3元"]),
    ],
)
def test_figures_are_read_from_a_sentence(text: str, figures: list[str]) -> None:
    assert list(within(text)) == [quantity(figure) for figure in figures]


def test_numbers_of_documents_and_days_are_no_figures() -> None:
    assert list(within("财金〔2026〕2号，2026-01-19起")) == []


def test_what_was_paid_is_held_by_one_entry(rulebook: Rulebook) -> None:
    whole_entries = entries_held(ENTRIES, derived=True)
    lines = [(rule.measure.key, paid) for rule in rulebook.rules for paid in rule.measure.paid_history]

    assert len(lines) > 12
    for key, paid in lines:
        figures = [figure for figure in within(paid.says) if figure.kind in ("money", "ratio", "件", "人")]
        assert figures, (key, paid.says)
        assert any(all(holds(own, each) for each in figures) for own in whole_entries.values()), (key, paid.says)


def test_where_to_apply_and_what_was_paid_name_official_addresses_only(rulebook: Rulebook) -> None:
    texts = [
        text
        for rule in rulebook.rules
        for how in (rule.measure.how_to,)
        for text in (how.contact, how.portal, *how.materials, *(paid.source for paid in rule.measure.paid_history))
        if text
    ]

    hosts = [host for text in texts for host in ADDRESS.findall(text)]
    assert len(texts) > 60 and hosts
    assert [host for host in hosts if not host.endswith(".gov.cn")] == []


def test_the_ceiling_of_equipment_awards_has_what_was_paid_beside_it(rulebook: Rulebook) -> None:
    paid = version(rulebook, "cz_equipment_award.v1").measure.paid_history

    assert any(all(part in line.says for part in ("2.67亿元", "93.66亿元", "2.85%")) for line in paid)


def test_the_table_of_sizes_is_that_of_the_entry() -> None:
    facts = read_file(ROOT / "rules" / "facts.yaml").data
    entries = listed(read_file(ENTRIES / "measures_standards.yaml").data)
    entry = next(each for each in entries if at(each, "id") == "DEF-ENTERPRISE-SIZE")

    told = {str(at(sector, "sector")): limits(sector) for sector in listed(at(entry, "sectors"))}

    assert len(told) == 16
    assert at(facts, "facts", "enterprise_size", "ladder", "rows") == told


def limits(sector: Data) -> dict[str, list[str]]:
    """The lower limits of large, medium and small by fact, as facts.yaml writes them."""
    columns = (("staff_total", "employees", "人"), ("revenue_last", "revenue_wan", "万元"), ("total_assets", "assets_wan", "万元"))  # fmt: skip
    bounds = [at(sector, name) for name in ("sme_if_any_below", "medium_all", "small_all")]
    return {
        fact: [f"{at(bound, column)}{unit}" for bound in bounds]
        for fact, column, unit in columns
        if isinstance(bounds[0], dict) and column in bounds[0]
    }


def at(data: Data, *path: str) -> Data:
    for step in path:
        assert isinstance(data, dict)
        data = data[step]
    return data


def listed(data: Data) -> list[Data]:
    assert isinstance(data, list)
    return data
