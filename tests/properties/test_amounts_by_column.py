"""The amounts of many subjects at once are those of `Computing`, whatever the form, the facts and their size."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.benefits.columns import amounts
from policy_match.benefits.formula import Computing
from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Benefit
from policy_match.facts.cells import Cause, Cell, Possible
from policy_match.facts.table import FactTable
from policy_match.units import Band
from properties.random_rules import Written, compiled, measure_of, vocabulary
from properties.vocabulary import AS_OF

MONEY = ("equipment_investment", "equipment_loan", "revenue_last")
AMOUNT = st.sampled_from(["0元", "1分", "1万元", "123.45元", "500万元", "2亿元", "900亿元"])
RATE = st.sampled_from(["0%", "2%", "3.3%", "12.5%", "100%", "0.07%"])
BASE = st.sampled_from(MONEY)
NUMBERS = [0, 1, 3, 33, 999_999, 10**6 - 1, 10**6, 10**9 + 7, 10**13, 10**18, 2**62 - 1, 2**70, -5, -(10**12), Fraction(1, 3), Fraction(10**10, 7)]  # fmt: skip


def bands(figures: list) -> st.SearchStrategy[Band]:
    one = st.sampled_from(figures)
    two = st.tuples(one, one).map(sorted)
    return st.one_of(
        one.map(Band.exact), one.map(Band.exact), two.map(lambda ends: Band(*ends)),
        one.map(lambda low: Band(low, None)), one.map(lambda high: Band(None, high)),
    )  # fmt: skip


DAYS = [date(2025, 1, 1).toordinal() + step for step in (0, 1, 180, 365, 900)]
CELLS: dict[str, st.SearchStrategy[Cell]] = {
    **{fact: bands(NUMBERS).map(Cell) for fact in MONEY},
    "staff_total": bands([0, 1, 20, 299, 300, 10**5, Fraction(1, 3)]).map(Cell),
    "registered_days": bands([0, 1, 180, 365, 10**4, Fraction(7, 2)]).map(Cell),
    **{fact: bands(DAYS).map(Cell) for fact in ("signed_on", "completed_on")},
    "hnte_valid": st.sampled_from([Cell(Possible.only("true")), Cell(Possible.only("false"))]),
    "stage": st.sampled_from([Cell(Possible.only("签约")), Cell(Possible(frozenset({"签约", "开工"}))), Cell(Possible.only("投产"))]),
}  # fmt: skip
PROFILE = st.fixed_dictionaries(
    {}, optional={fact: cell | st.just(Cell(None, Cause.STALE)) for fact, cell in CELLS.items()}
)


@st.composite
def ladder(draw: st.DrawFn) -> list[Written]:
    edges = draw(st.lists(st.sampled_from([100, 10**6, 10**8, 10**10]), min_size=1, max_size=3, unique=True))
    bound = draw(st.sampled_from(["at_most", "less_than"]))
    return [*({bound: f"{edge}分"} for edge in sorted(edges)), {}]


@st.composite
def tiers(draw: st.DrawFn) -> Written:
    rows, method = draw(ladder()), draw(st.sampled_from(["marginal", "whole"]))
    kinds = {"rate": RATE} if method == "marginal" else {"rate": RATE, "fixed": AMOUNT}
    filled = [row | {(kind := draw(st.sampled_from(sorted(kinds)))): draw(kinds[kind])} for row in rows]
    return {"tiers": {"of": draw(BASE), "method": method, "rows": filled}}


@st.composite
def choices(draw: st.DrawFn, part: st.SearchStrategy[Written]) -> Written:
    way = draw(st.sampled_from(["number", "number", "options", "flag", "when"]))
    if way == "number":
        return {"choose": {"by": "revenue_last", "rows": [row | draw(part) for row in draw(ladder())]}}
    if way == "options":
        rows = [{"is": "签约"} | draw(part), {"one_of": ["立项", "开工"]} | draw(part)]
        return {"choose": {"by": "stage", "rows": rows}}
    if way == "flag":
        return {"choose": {"by": "hnte_valid", "rows": [{"is": True} | draw(part), {"is": False} | draw(part)]}}
    last = draw(st.sampled_from([[], [{"otherwise": True}]]))
    return {"choose": {"when": [{"condition": "is_large"} | draw(part), *(row | draw(part) for row in last)]}}


def formulas(depth: int = 2) -> st.SearchStrategy[Written]:
    fact = st.sampled_from(["staff_total", "registered_days", *MONEY])
    forms: list[st.SearchStrategy[Written]] = [
        AMOUNT.map(lambda amount: {"fixed": amount}),
        st.builds(lambda of, rate: {"of": of, "rate": rate}, BASE, RATE),
        RATE.map(lambda rate: {"rate": rate}),
        tiers(),
        st.builds(lambda of, over, rate: {"increment": {"of": of, "over": over, "rate": rate}}, BASE, BASE, RATE),
        st.builds(lambda to, less: {"top_up": {"to": to, "less": less}}, AMOUNT, fact),
        st.builds(lambda of, each, times: {"per_unit": {"of": of, "amount": each, "times": times}}, fact, AMOUNT, st.sampled_from([1, 12])),
        st.builds(lambda of, rate: {"interest": {"principal": of, "rate": rate, "days": "registered_days"}}, BASE, RATE),
        st.builds(lambda of, rate: {"interest": {"principal": of, "rate": rate, "from": "signed_on", "to": "completed_on"}}, BASE, RATE),
        st.sampled_from([{"facility": {"limit": "500万元"}}, {"facility": {"of": "equipment_loan", "share": "80%"}},
                         {"facility": {"of": "equipment_loan", "share": "33%", "limit": "1亿元"}}]),
        st.just({"unseen": True}),
    ]  # fmt: skip
    if depth:
        part = formulas(depth - 1)
        parts = st.lists(part, min_size=1, max_size=3)
        forms += [
            choices(part), choices(part),
            parts.map(lambda found: {"sum_of": {f"t{place}": one for place, one in enumerate(found)}}),
            parts.map(lambda found: {"best_of": found}),
        ]  # fmt: skip
    limits = st.fixed_dictionaries({}, optional={"cap": AMOUNT, "floor": AMOUNT, "of": BASE})
    return st.builds(lambda limit, form: limit | form, limits, st.one_of(forms))


BENEFIT = st.builds(
    lambda form, more: {"kind": "cash"} | more | form,
    formulas(),
    st.fixed_dictionaries(
        {},
        optional={
            "promise": st.just("ceiling"),
            "caps": st.just([{"amount": "300万元", "per": "project"}]),
            "rounding": st.builds(
                lambda to, mode: {"to": to, "mode": mode},
                st.sampled_from(["1分", "1元", "100元", "1万元"]),
                st.sampled_from(["floor", "half_up", "ceil"]),
            ),
            "switch": st.sampled_from(
                [
                    {"by": "hnte_valid", "rows": [{"is": True, "times": "120%"}], "from": "2023", "through": "2027"},
                    {"by": "stage", "rows": [{"is": "签约", "times": "33%"}], "from": "2023-01-01", "through": "2025-12-31"},
                ]
            ),
        },
    ),
)  # fmt: skip


def rule_with(benefit: Written) -> Rule:
    measure = measure_of({"is_large": {"fact": "revenue_last", "op": "at_least", "value": "2000万元"}}, "is_large")
    return compiled(measure.model_copy(update={"benefit": Benefit.model_validate(benefit)}))


def computing(benefit: Written, profiles: list[dict[str, Cell]]) -> Computing:
    return Computing(Deciding(FactTable(vocabulary(), profiles), AS_OF), rule_with(benefit))


def same_as_singly(one: Computing) -> int:
    """AssertionError where a column differs from the amount of its row; how many were left to be computed singly."""
    rows = np.arange(one.table.size, dtype=np.int64)[::-1]
    found = amounts(one, rows)
    for place, row in enumerate(rows.tolist()):
        single = one.amount(row)
        ends = None if single is None else (single.low_fen, single.high_fen)
        high = None if found.unbounded[place] else int(found.high[place])
        assert ((int(found.low[place]), high) if found.known[place] else None) == ends
    return found.singly


@given(BENEFIT, st.lists(PROFILE, min_size=1, max_size=8))
def test_amounts_by_column_are_those_of_each_subject(benefit: Written, profiles: list[dict[str, Cell]]) -> None:
    same_as_singly(computing(benefit, profiles))


@pytest.mark.parametrize(
    ("benefit", "fen"),
    [
        ({"kind": "cash", "of": "equipment_loan", "rate": "12.5%"}, 2**62),
        ({"kind": "cash", "of": "equipment_loan", "rate": "100%"}, 10**30),
        ({"kind": "cash", "of": "equipment_loan", "rate": "33%"}, Fraction(100, 3)),
        ({"kind": "cash", "sum_of": {"a": {"of": "equipment_loan", "rate": "100%"}, "b": {"of": "equipment_loan", "rate": "200%"}}}, 2**60 + 2**59),
        ({"kind": "cash", "of": "equipment_loan", "rate": "33.3333333333333333333333%"}, 10**12 + 1),
        ({"kind": "cash", "per_unit": {"of": "equipment_loan", "amount": "900亿元", "times": 12}}, 10**9),
    ],
)  # fmt: skip
def test_what_does_not_fit_64_bits_is_computed_singly_and_exactly(benefit: Written, fen: int) -> None:
    profiles = [{"equipment_loan": Cell(Band.exact(fen))}, {"equipment_loan": Cell(Band.exact(100))}]

    assert same_as_singly(computing(benefit, profiles)) > 0


def test_what_fits_is_computed_together() -> None:
    benefit: Written = {
        "kind": "cash",
        "interest": {"principal": "equipment_loan", "rate": "3.3%", "days": "registered_days"},
    }
    profile = {"equipment_loan": Cell(Band.exact(10**11)), "registered_days": Cell(Band.exact(180))}

    assert same_as_singly(computing(benefit, [profile, {}])) == 0


@pytest.mark.parametrize(("mode", "expected"), [("floor", 0), ("half_up", 1), ("ceil", 1)])
def test_half_a_step_is_rounded_as_the_benefit_says(mode: str, expected: int) -> None:
    rounding = {"to": "1分", "mode": mode}
    one = computing({"kind": "cash", "of": "equipment_loan", "rate": "12.5%", "rounding": rounding}, [{"equipment_loan": Cell(Band.exact(4))}])  # fmt: skip

    assert amounts(one, np.array([0])).low.tolist() == [expected]
    assert same_as_singly(one) == 0
