"""The parts of relevance at the limits of their tables, and what is not known or not limited left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from policy_match.eligibility.leaves import HasAny, InOptions, InRegion, InTree
from policy_match.eligibility.nodes import Human, NotNode
from policy_match.eligibility.nodes import Test as Asked
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.cells import Cell, Item, Items, Possible, Text
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.table import FactTable
from policy_match.ranking.limits import Atoms
from policy_match.ranking.relevance import Relating, known_of
from policy_match.ranking.texts import Reading, text_of
from policy_match.ranking.weights import Ranking

MakeRule = Callable[..., Rule]
Values = Callable[..., dict[str, float]]


@pytest.fixture
def values(rulebook: Rulebook, ranking: Ranking, atoms: Atoms) -> Values:
    """The parts that can be said of a rule and a subject with these facts."""

    def make(
        rule: Rule, likeness: Mapping[str, float] | None = None, **facts: str | tuple[str, ...]
    ) -> dict[str, float]:
        cells = {name: cell(name, value) for name, value in facts.items()}
        known = known_of(FactTable(rulebook.vocabulary, [cells]), 0, atoms, likeness)
        return Relating(ranking, atoms).values(known, atoms.limits(rule), rule.id)

    return make


def cell(name: str, value: str | tuple[str, ...]) -> Cell:
    if name == "track":
        return Cell(Items(tuple(Item(one) for one in value)))
    return Cell(Possible(frozenset(value if isinstance(value, tuple) else (value,))))


@pytest.mark.parametrize(
    ("code", "own", "worth"),
    [
        ("C3841", ("C3841",), 1.0),
        ("C3841", ("C38",), 1.0),
        ("C3841", ("C",), 1.0),
        ("C3842", ("C3841",), 0.8),
        ("C3852", ("C3841",), 0.6),
        ("C3562", ("C3841",), 0.3),
        ("I651", ("C3841",), 0.0),
        ("C384", ("C3841",), 0.8),
        ("C38", ("C3841",), 0.6),
        ("C", ("C3841",), 0.3),
        ("C3852", ("C3842", "C385"), 1.0),
        (("C3841", "C3562"), ("C3841",), 0.3),
    ],
)
def test_industry_is_compared_at_the_depth_of_the_measures_own_code(
    code: str | tuple[str, ...], own: tuple[str, ...], worth: float, values: Values, rule_of: MakeRule
) -> None:
    assert values(rule_of(InTree("industry_code", own)), industry_code=code) == {"industry": worth}


def test_an_industry_taken_out_of_the_measure_is_no_relative_of_it(values: Values, rule_of: MakeRule) -> None:
    rule = rule_of(InTree("industry_code", ("C38",), ("C3841",)))

    assert values(rule, industry_code="C3841") == {"industry": 0.0}
    assert values(rule, industry_code="C3842") == {"industry": 1.0}


def test_a_list_of_excluded_industries_says_nothing_of_the_others(values: Values, rule_of: MakeRule) -> None:
    rule = rule_of(NotNode(Asked(InTree("industry_code", ("K70",)))))

    assert values(rule, industry_code="K7010") == {"industry": 0.0}
    assert values(rule, industry_code="C3841") == {}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"track": ("氢能", "人工智能")}, {"industry": 0.9}),
        ({"track": ("人工智能",)}, {"industry": 0.0}),
        ({"industry_code": "C3849"}, {"industry": 0.9}),
        ({"industry_code": "C3841"}, {"industry": 0.8}),
        ({"track": ("人工智能",), "industry_code": "C3849"}, {"industry": 0.0}),
        ({}, {}),
    ],
)
def test_an_equal_track_counts_and_the_reading_of_an_industry_at_most_as_much(
    facts: dict[str, str], found: dict[str, float], values: Values, rule_of: MakeRule
) -> None:
    assert values(rule_of(HasAny("track", frozenset({"氢能"}), validity=False)), **facts) == found


@pytest.mark.parametrize(
    ("stage", "worth"), [("签约", 0.0), ("立项", 0.7), ("开工", 1.0), ("竣工", 0.3), ("投产", 0.0)]
)
def test_a_stage_is_exact_or_the_next_or_the_previous_one(
    stage: str, worth: float, values: Values, rule_of: MakeRule
) -> None:
    assert values(rule_of(InOptions("stage", frozenset({"开工"}))), stage=stage) == {"stage": worth}


def test_a_stage_that_may_be_two_counts_only_where_both_say_the_same(values: Values, rule_of: MakeRule) -> None:
    rule = rule_of(InOptions("stage", frozenset({"竣工", "投产"})))

    assert values(rule, stage=("竣工", "投产")) == {"stage": 1.0}
    assert values(rule, stage=("开工", "竣工")) == {}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"enterprise_size": "small"}, {"size": 1.0}),
        ({"enterprise_size": "large"}, {"size": 0.0}),
        ({"is_sme": "true"}, {"size": 1.0}),
        ({"is_sme": "false"}, {"size": 0.0}),
        ({}, {}),
    ],
)
def test_a_size_is_inside_or_outside(
    facts: dict[str, str], found: dict[str, float], values: Values, rule_of: MakeRule
) -> None:
    assert values(rule_of(InOptions("is_sme", frozenset({"true"}))), **facts) == found


@pytest.mark.parametrize(("code", "found"), [("WJ-GX", {"region": 1.0}), ("320411", {"region": 0.0}), ("320400", {})])
def test_a_region_is_inside_or_outside_or_too_coarse(
    code: str, found: dict[str, float], values: Values, rule_of: MakeRule
) -> None:
    assert values(rule_of(InRegion("district", ("320412",))), district=code) == found


def test_what_a_measure_does_not_limit_is_left_out(values: Values, rule_of: MakeRule) -> None:
    facts = {"industry_code": "C3841", "stage": "开工", "enterprise_size": "small", "district": "320412"}

    assert values(rule_of(InRegion("district", ("320412",))), **facts) == {"region": 1.0}


def test_relevance_is_unknown_without_text_and_industry(ranking: Ranking, atoms: Atoms) -> None:
    relating = Relating(ranking, atoms)

    assert relating.relevance({"stage": 1.0, "size": 1.0, "region": 1.0}) is None
    assert relating.relevance({}) is None


def test_relevance_is_the_mean_of_the_known_parts(ranking: Ranking, atoms: Atoms) -> None:
    found = Relating(ranking, atoms).relevance({"industry": 1.0, "region": 0.0})

    assert found is not None
    assert found.total == round(0.30 / 0.35, 4)
    assert found.parts == {"industry": found.total, "region": 0.0}


def test_all_five_parts_weigh_as_the_table_says(ranking: Ranking, atoms: Atoms) -> None:
    parts = {"text": 0.62, "industry": 1.0, "stage": 1.0, "size": 1.0, "region": 1.0}
    found = Relating(ranking, atoms).relevance(parts)

    assert found is not None
    assert found.total == 0.867


@pytest.mark.parametrize(
    ("likeness", "worth"), [(0.0, 0.0), (0.017, 0.2), (0.045, 0.6), (0.10, 1.0), (0.9, 1.0), (0.031, 0.4)]
)
def test_likeness_is_read_on_the_line_between_the_steps(likeness: float, worth: float, ranking: Ranking) -> None:
    assert ranking.text.value(likeness) == pytest.approx(worth)


def test_text_counts_by_the_likeness_to_the_measure(values: Values, rule_of: MakeRule) -> None:
    rule = rule_of(Human("由人判断"))

    assert values(rule, {rule.id: 0.2}) == {"text": 1.0}
    assert values(rule, {}) == {}
    assert values(rule, None) == {}


def project(content: str, **over: object) -> Subject:
    return replace(Subject("P", Kind.PROJECT, {"content": Cell(Text(content))}), **over)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "is_enough"),
    [
        ("锂电池隔膜涂覆", False),
        ("锂电池隔膜涂覆线", True),
        ("锂电池隔膜涂覆123456", False),
        ("新建年产项目总投资公司建设厂房用地", False),
        ("", False),
    ],
)
def test_a_text_needs_eight_informative_characters(content: str, is_enough: bool, ranking: Ranking) -> None:
    assert (text_of(project(content), ranking.text.fewest) is not None) is is_enough


def test_the_name_counts_as_text_and_a_missing_text_is_none() -> None:
    assert text_of(Subject("P", Kind.PROJECT, {}), 1) is None
    assert text_of(project("锂电池", name="隔膜涂覆线"), 8) == "隔膜涂覆线。锂电池"


def test_a_text_that_says_too_little_is_not_looked_up() -> None:
    def refuse(text: str) -> Mapping[str, float]:
        raise AssertionError(text)

    assert Reading(refuse, 8)(project("短")) is None
    assert Reading(lambda text: {"m": float(len(text))}, 3)(project("锂电池")) == {"m": 3.0}
