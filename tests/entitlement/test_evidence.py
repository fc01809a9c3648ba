"""What proves a decision to pay, what does not, and what needs no proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from entitlement.proofs import held_of, payable, with_source

from policy_match.benefits.formula import Computing
from policy_match.eligibility.decide import Deciding, Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.entitlement.evidence import Gap, Held, decided_with, gaps, given_facts, proved_facts, read_facts
from policy_match.entitlement.route import is_proved
from policy_match.facts.assemble import Assembled
from policy_match.facts.cells import Cause, Cell
from policy_match.facts.observations import Observation
from policy_match.facts.read import read_cell
from policy_match.proving.situations import situations_of
from policy_match.release import Release

DAY = date(2025, 12, 15)
FACTS: dict[str, object] = {
    "registered_region": "320412",
    "unemployment_ins_months": 24,
    "insured_staff": 120,
    "layoff_rate": "2%",
    "industry_code": "C3562",
    "entity_type": "企业法人",
    "staff_total": 250,
    "revenue_last": "5000万元",
    "unemployment_ins_paid_last_year": "10万元",
    "blacklisted": False,
}


@pytest.fixture(scope="module")
def refund(rulebook: Rulebook, release: Release) -> Rule:
    """稳岗返还 as if verified on the page, ENT accepted for every fact."""
    return payable(rulebook.at("job_stabilisation_refund", DAY), rulebook, release)[0]


def cells_of(rulebook: Rulebook, **facts: object) -> dict[str, Cell]:
    known = {fact: value for fact, value in (FACTS | facts).items() if value is not None}
    read = {
        fact: read_cell(rulebook.vocabulary[fact], value, rulebook.vocabulary)  # type: ignore[arg-type]
        for fact, value in known.items()
    }
    return with_source(read, DAY)


def found(rule: Rule, rulebook: Rulebook, cells: dict[str, Cell]) -> list[tuple[str | None, Cause]]:
    return [(gap.fact, gap.cause) for gap in gaps_of(rule, held_of(cells, rulebook, DAY))]


def gaps_of(rule: Rule, held: Held) -> tuple[Gap, ...]:
    return gaps(rule, held.table, held.row, held.as_of, seen=held.seen)


def test_a_derived_fact_is_proved_by_its_inputs(refund: Rule, rulebook: Rulebook) -> None:
    held = held_of(cells_of(rulebook), rulebook, DAY)

    assert held.table.cell(0, "enterprise_size").derived
    assert gaps_of(refund, held) == ()
    assert is_proved(refund, held.table, 0, DAY)


def test_a_derived_fact_is_proved_by_a_register_of_its_own(refund: Rule, rulebook: Rulebook) -> None:
    cells = cells_of(rulebook, staff_total=None, revenue_last=None, enterprise_size="small")

    assert found(refund, rulebook, cells) == []


def test_a_register_that_contradicts_the_inputs_proves_nothing(refund: Rule, rulebook: Rulebook) -> None:
    cells = cells_of(rulebook, enterprise_size="large")

    assert (None, Cause.BAND) in found(refund, rulebook, cells)
    assert ("enterprise_size", Cause.CONFLICT) in found(refund, rulebook, cells)


def test_the_facts_that_may_prove_are_given_ones_in_reading_order(refund: Rule, rulebook: Rulebook) -> None:
    vocabulary = rulebook.vocabulary
    bare = replace(refund, measure=refund.measure.model_copy(update={"no_application": None}))

    assert set(read_facts(bare, vocabulary)) - set(given_facts(bare, vocabulary)) == {
        "enterprise_size",
        "size_industry",
    }
    assert given_facts(bare, vocabulary)[:3] == ("blacklisted", "registered_region", "unemployment_ins_months")
    assert "enterprise_size" in given_facts(refund, vocabulary)


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"source": "SELF"}, Cause.WEAK_SOURCE),
        ({"source": None}, Cause.WEAK_SOURCE),
        ({"observed_on": None}, Cause.STALE),
        ({"observed_on": DAY - timedelta(days=30)}, None),
        ({"observed_on": DAY - timedelta(days=31)}, Cause.STALE),
        ({"observed_on": DAY + timedelta(days=1)}, Cause.STALE),
        ({"observed_on": DAY}, None),
    ],
)
def test_source_and_day_of_a_needed_fact(
    refund: Rule, rulebook: Rulebook, changed: dict[str, object], cause: Cause | None
) -> None:
    cells = cells_of(rulebook)
    cells["layoff_rate"] = replace(cells["layoff_rate"], **changed)  # type: ignore[arg-type]

    assert found(refund, rulebook, cells) == ([] if cause is None else [("layoff_rate", cause)])


def test_every_gap_says_what_is_needed_from_whom(refund: Rule, rulebook: Rulebook) -> None:
    cells = cells_of(rulebook)
    cells["layoff_rate"] = replace(cells["layoff_rate"], source="SELF")
    (gap,) = gaps_of(refund, held_of(cells, rulebook, DAY))

    assert gap.text == "“上年度裁员率”不是来自可采信的来源；要企业数字档案库在判定日前 30 天以内的数据"


def test_a_band_and_a_coarse_code_prove_nothing(refund: Rule, rulebook: Rulebook) -> None:
    wide = cells_of(rulebook, layoff_rate={"low": "1%", "high": "2%"})
    coarse = cells_of(rulebook, industry_code="C35")

    assert found(refund, rulebook, wide) == [(None, Cause.MISSING), ("layoff_rate", Cause.BAND)]
    assert found(refund, rulebook, coarse)[:2] == [(None, Cause.BAND), ("industry_code", Cause.COARSE_CODE)]


def test_a_fact_that_cannot_change_the_answer_needs_no_proof(refund: Rule, rulebook: Rulebook) -> None:
    """A rate of 2 % passes for every number of staff; a household gets 60 % in whatever industry."""
    unproved = {"insured_staff": "SELF", "staff_total": "SELF", "industry_code": "SELF"}
    cells = cells_of(rulebook, entity_type="个体工商户")
    for fact, source in unproved.items():
        cells[fact] = replace(cells[fact], source=source)
    assert found(refund, rulebook, cells) == []

    cells = cells_of(rulebook, layoff_rate="10%", insured_staff=30)
    cells["insured_staff"] = replace(cells["insured_staff"], source="SELF")
    assert found(refund, rulebook, cells) == [("insured_staff", Cause.WEAK_SOURCE)]


def test_only_a_smallest_set_is_asked_for(refund: Rule, rulebook: Rulebook) -> None:
    """The class itself from a register would do; where the rule accepts none for it, its figures are asked for."""
    cells = cells_of(rulebook, enterprise_size="small")
    for fact in ("staff_total", "revenue_last", "enterprise_size"):
        cells[fact] = replace(cells[fact], source="SELF")
    assert found(refund, rulebook, cells) == [("enterprise_size", Cause.WEAK_SOURCE)]

    plan = refund.measure.no_application
    assert plan is not None
    fewer = {fact: entry for fact, entry in plan.evidence.items() if fact != "enterprise_size"}
    measure = refund.measure.model_copy(update={"no_application": plan.model_copy(update={"evidence": fewer})})
    asked = found(replace(refund, measure=measure), rulebook, cells)
    assert asked == [("revenue_last", Cause.WEAK_SOURCE), ("staff_total", Cause.WEAK_SOURCE)]


def test_what_is_not_surely_a_yes_says_so_first(refund: Rule, rulebook: Rulebook) -> None:
    assert found(refund, rulebook, cells_of(rulebook, layoff_rate=None))[0] == (None, Cause.MISSING)
    assert ("layoff_rate", Cause.MISSING) in found(refund, rulebook, cells_of(rulebook, layoff_rate=None))
    assert found(refund, rulebook, cells_of(rulebook, layoff_rate="50%")) == [(None, Cause.MISSING)]
    assert found(refund, rulebook, cells_of(rulebook, staff_total=None))[0] == (None, Cause.BAND)


def test_a_ceiling_is_no_amount_to_pay(rulebook: Rulebook, release: Release) -> None:
    day = date(2024, 6, 19)
    rule = payable(rulebook.at("cz_unicorn_award", day), rulebook, release)[0]
    measure = rule.measure.model_copy(
        update={"benefit": rule.measure.benefit and rule.measure.benefit.model_copy(update={"promise": "ceiling"})}
    )
    facts = {"registered_region": "320412", "unicorn_event": "首次认定独角兽", "recognised_on": "2023-11-01"}
    read = {name: read_cell(rulebook.vocabulary[name], value, rulebook.vocabulary) for name, value in facts.items()}
    held = held_of(with_source(read, day), rulebook, day)
    (gap,) = gaps(replace(rule, measure=measure), held.table, 0, day)

    assert gap.fact is None
    assert "最高额" in gap.text


def test_a_register_for_statistics_and_one_without_authorisation_prove_nothing(
    refund: Rule, rulebook: Rulebook
) -> None:
    vocabulary = rulebook.vocabulary
    only = replace(vocabulary.sources["ENT"], only_for=("statistics",))
    statistics = replace(vocabulary, sources={**vocabulary.sources, "ENT": only})
    held = held_of(cells_of(rulebook), replace(rulebook, vocabulary=statistics), DAY)
    assert {gap.cause for gap in gaps_of(refund, held)} == {Cause.PURPOSE}

    spec = replace(vocabulary["layoff_rate"], needs_authorisation=True)
    guarded = replace(vocabulary, facts={**vocabulary.facts, "layoff_rate": spec})
    held = held_of(cells_of(rulebook), replace(rulebook, vocabulary=guarded), DAY)
    assert [gap.cause for gap in gaps_of(refund, held)] == [Cause.NO_AUTHORISATION]
    assert gaps_of(refund, replace(held, seen=seen(held, authorised_by="示范授权1号"))) == ()


def test_a_fact_that_another_source_disputes_proves_nothing(refund: Rule, rulebook: Rulebook) -> None:
    held = held_of(cells_of(rulebook), rulebook, DAY)

    assert gaps_of(refund, replace(held, seen=seen(held))) == ()
    disputed = gaps_of(refund, replace(held, seen=seen(held, disputed=True)))
    assert [(gap.fact, gap.cause) for gap in disputed] == [(None, Cause.MISSING), ("layoff_rate", Cause.CONFLICT)]


def seen(held: Held, *, authorised_by: str | None = None, disputed: bool = False) -> dict[str, Assembled]:
    """What the store would have assembled of one fact."""
    cell = held.table.cell(0, "layoff_rate")
    assert cell.value is not None
    at = datetime(2025, 12, 14, tzinfo=UTC)
    said = Observation("layoff_rate", cell.value, "ENT", cell.observed_on, at, authorised_by=authorised_by)
    return {"layoff_rate": Assembled(cell, said, (replace(said, source="DEPT"),) if disputed else ())}


def test_what_follows_from_proved_facts_alone_is_what_the_library_says_of_all(
    rulebook: Rulebook, release: Release
) -> None:
    """On every shipped case: fewer facts may leave a question open, and never answer it differently."""
    counted = 0
    for written in rulebook.rules:
        rule = payable(written, rulebook, release)[0]
        for situation in situations_of(written, rulebook.vocabulary):
            held = held_of(with_source(situation.cells, situation.as_of), rulebook, situation.as_of)
            cells = held.table.cells[0]
            disputed = frozenset(fact for fact, cell in cells.items() if cell.cause is Cause.CONFLICT)
            alone = decided_with(rule, held, proved_facts(rule, held), disputed)
            deciding = Deciding(held.table, situation.as_of)
            verdict, amount = deciding.decide(rule).verdicts[0], Computing(deciding, rule).amount(0)
            where = f"{written.measure.key} {situation.name}"
            assert alone.verdict in (verdict, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN), where
            if alone.fen is not None:
                counted += 1
                assert amount is not None, where
                assert alone.fen == amount.high_fen, where
    assert counted > 500
