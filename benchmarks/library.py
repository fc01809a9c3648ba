"""The library at size, on SQLite and PostgreSQL: import of many projects, and reading them back as a fact table.

`make campaign NAME=library` runs it in full: 10,000 projects with 60 facts each, every twentieth fact said by a
second register too. The peer inserts the very same rows with a plain SQLAlchemy `executemany` into the same
table, without looking for what is there already and without today's view; the peer of reading fetches those
rows and makes nothing of them. The figures are elapsed seconds, because a server works for them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from policy_match.facts.cells import Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.observations import Observation
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.units import Band

SEED = 20261126
SUBJECTS, FACTS = 10_000, 60
TWICE = 0.05
AS_OF = date(2026, 1, 1)
RECEIVED = datetime(2025, 12, 31, 4, tzinfo=UTC)


def observed(vocabulary: Vocabulary, subjects: int) -> dict[int, list[Observation]]:
    """What is said of subjects 1 to `subjects`, 60 facts each; the same arguments give the same."""
    dice = random.Random(SEED)  # noqa: S311  # nothing secret
    specs = [vocabulary[name] for name in chosen_facts(vocabulary)]
    return {number: _said_of(number, specs, vocabulary, dice) for number in range(1, subjects + 1)}


def chosen_facts(vocabulary: Vocabulary) -> list[str]:
    """Facts that others are derived from, then those of projects, until there are 60."""
    inputs = [name for derived in vocabulary.order for name in vocabulary.base_inputs(derived)]
    own = [name for name, spec in vocabulary.facts.items() if spec.subject in ("project", "both")]
    return [name for name in dict.fromkeys([*own, *inputs]) if name not in vocabulary.order][:FACTS]


def _said_of(number: int, specs: Sequence[FactSpec], vocabulary: Vocabulary, dice: random.Random) -> list[Observation]:
    """One record of each register, which says what the register is the authority for; sometimes another one of the firm."""
    days = {source: AS_OF - timedelta(days=dice.randint(0, 40)) for source in vocabulary.sources}
    found = []
    for spec in specs:
        source = (spec.registers or ("DEPT",))[0]
        value = _value(spec, vocabulary, dice)
        found.append(Observation(spec.name, value, source, days[source], RECEIVED, record=f"{source}{number}"))
        if dice.random() < TWICE and source != "SELF":
            other = _value(spec, vocabulary, dice) if dice.random() < 0.3 else value
            found.append(Observation(spec.name, other, "SELF", days["SELF"], RECEIVED))
    return found


def _value(spec: FactSpec, vocabulary: Vocabulary, dice: random.Random) -> Value:
    kind = spec.type
    if kind is FactType.FLAG:
        return Possible.only(dice.choice(("true", "false")))
    if kind is FactType.CHOICE:
        return Possible.only(dice.choice(spec.options))
    if kind is FactType.INDUSTRY:
        return Possible.only(dice.choice(sorted(vocabulary.industries.names)))
    if kind is FactType.REGION:
        return Possible.only(dice.choice(("320402", "320411", "320412", "320413", "320481")))
    if kind is FactType.SET:
        return Items(tuple(Item(f"称号{dice.randint(1, 40)}") for _ in range(dice.randint(0, 3))))
    if kind is FactType.TEXT:
        return Text(f"建设内容{dice.randint(1, 10**6)}")
    if kind is FactType.SERIES:
        return Series(tuple(_figure(dice) for _ in range(3)))
    if kind is FactType.PAIRS:
        return Pairs(tuple((_figure(dice), _figure(dice)) for _ in range(4)))
    if kind is FactType.RATIO:
        number = Fraction(dice.randint(0, 1000), 1000)
        return Band.exact(number.numerator if number.denominator == 1 else number)
    if kind is FactType.DATE:
        return Band.exact(AS_OF.toordinal() - dice.randint(0, 1500))
    return _figure(dice)


def _figure(dice: random.Random) -> Band:
    low = dice.randint(1, 10**9) * 100
    return Band.exact(low) if dice.random() < 0.97 else Band(low, low * 2)
