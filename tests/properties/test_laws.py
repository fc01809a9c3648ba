"""Laws that hold for every rule and every subject: what is not known never decides, and order changes nothing."""

from __future__ import annotations

import random
from datetime import date

import orjson
from hypothesis import assume, given
from hypothesis import strategies as st

from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.schema import Measure
from policy_match.facts.cells import Cause, Cell, Possible
from policy_match.facts.derive import derive_all
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.table import FactTable
from policy_match.units import Band
from policy_match.workflows.match import Matching
from policy_match.workflows.show_match import match_data
from properties.random_rules import (
    ANY_DAY,
    SEEDS,
    compiled,
    measures,
    profile,
    profiles,
    rulebook_of,
    shown,
    vocabulary,
)
from properties.vocabulary import FACTS

OPEN = {"unknown", "needs_human"}
DERIVED_TOO = (*FACTS, "total_assets", "enterprise_size", "is_sme", "size_industry")


def reads(fact: str) -> set[str]:
    """Everything that a fact is derived from, itself included."""
    return {fact} | {part for inner in vocabulary()[fact].inputs for part in reads(inner)}


@given(measure=measures(), seed=SEEDS, as_of=ANY_DAY)
def test_taking_a_fact_away_only_moves_towards_unknown(measure: Measure, seed: int, as_of: date) -> None:
    dice, rule = random.Random(seed), compiled(measure)
    given = profile(dice, FACTS, known=0.9)
    full = derive_all(given, vocabulary(), as_of)
    assume(not any(cell.cause is Cause.CONFLICT and cell.last_seen is not None for cell in full.values()))
    gone = [{n: c for n, c in given.items() if fact not in reads(n)} for fact in sorted(given)]
    rows = [full, *(derive_all(cells, vocabulary(), as_of) for cells in gone)]
    deciding = Deciding(FactTable(vocabulary(), rows), as_of)

    first, *others = deciding.decide(rule).verdicts

    for fact, verdict in zip(sorted(given), others, strict=True):
        assert verdict == first or verdict in OPEN, f"{fact}: {shown(full)}"
    for condition in rule.conditions.values():
        truth, *less = deciding.truths(condition.node).tolist()
        assert all(other in (truth, 0) for other in less), shown(full)


@given(measure=measures(depth=1), seed=SEEDS, as_of=ANY_DAY)
def test_knowing_more_never_turns_true_into_false(measure: Measure, seed: int, as_of: date) -> None:
    dice, rule = random.Random(seed), compiled(measure)
    wide = profiles(seed, 16)
    narrow = [{fact: narrowed(cell, dice) for fact, cell in cells.items()} for cells in wide]
    before, after = (Deciding(FactTable(vocabulary(), rows), as_of) for rows in (wide, narrow))

    for condition in rule.conditions.values():
        pairs = zip(before.truths(condition.node).tolist(), after.truths(condition.node).tolist(), strict=True)
        for row, (old, new) in enumerate(pairs):
            assert old in (0, new), f"{shown(wide[row])} → {shown(narrow[row])}"


def narrowed(cell: Cell, dice: random.Random) -> Cell:
    """A part of what was possible: a narrower band, one option, a finer code."""
    value = cell.value
    if isinstance(value, Band) and not value.is_exact:
        low = value.low if value.low is not None else (value.high or 0) - dice.randrange(1, 3_000)
        high = value.high if value.high is not None else low + dice.randrange(1, 3_000)
        middle = low + (high - low) // 2
        return Cell(dice.choice([Band(low, middle), Band(middle, high), Band.exact(middle), Band.exact(low)]))
    if isinstance(value, Possible):
        option = dice.choice(sorted(value.options))
        finer = {
            "C30": "C3011",
            "C": "C3562",
            "C301": "C3012",
            "320400": "320412",
            "320000": "320400",
            "330000": "330106",
        }
        return Cell(Possible.only(dice.choice([option, finer.get(option, option)])))
    return cell


@given(measure=measures(people=False), as_of=ANY_DAY)
def test_an_empty_profile_makes_no_fact_condition_true_or_false(measure: Measure, as_of: date) -> None:
    rule, cells = compiled(measure), derive_all({}, vocabulary(), as_of)

    deciding = Deciding(FactTable(vocabulary(), [cells]), as_of)

    assert [deciding.truths(condition.node)[0] for condition in rule.conditions.values()] == [0] * len(rule.conditions)
    assert deciding.decide(rule).verdicts[0] in OPEN


def lines(rules: list[Measure], subjects: list[Subject], as_of: date, ids: list[str]) -> dict[tuple[str, str], bytes]:
    """The match lines as bytes, by subject and measure."""
    rulebook = rulebook_of([compiled(measure) for measure in rules])
    matches = Matching(rulebook, subjects, as_of).lines(ids)
    return {(m.subject.id, m.rule.id): orjson.dumps(match_data(m, as_of)) for m in matches}


@given(rules=st.lists(measures(effective=True, depth=2), min_size=2, max_size=4), seed=SEEDS, as_of=ANY_DAY)
def test_the_order_of_facts_subjects_and_measures_changes_no_byte(rules: list[Measure], seed: int, as_of: date) -> None:
    dice = random.Random(seed)
    named = [rule.model_copy(update={"id": f"measure_{index}"}) for index, rule in enumerate(rules)]
    ids = [rule.id for rule in named]
    subjects = [Subject(f"S{i}", Kind.ENTERPRISE, cells) for i, cells in enumerate(profiles(seed, 5))]
    shuffled = [Subject(s.id, s.kind, dict(dice.sample(list(s.cells.items()), len(s.cells)))) for s in subjects]
    first = lines(named, subjects, as_of, ids)

    assert lines(named, subjects, as_of, ids) == first
    assert lines(named[::-1], shuffled[::-1], as_of, dice.sample(ids, len(ids))) == first
