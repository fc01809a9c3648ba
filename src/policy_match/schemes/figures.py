"""What is known of one project for a scheme, and the lines that are computed of it. Exact fractions, no float.

An input that is missing stays missing through every formula that reads it: it is never taken as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from policy_match.schemes.scheme import Formula, Index
from policy_match.schemes.words import Verb

CITY = "city"


@dataclass(frozen=True, slots=True)
class Given:
    """One input of one project. `value` None: not known, for the reason `note`, and `who` can give it.

    `shown`: the value in words; `source`: code of its register; `note`: what is to be said with a value, such as who
    put it in place of the collected one.
    """

    value: Fraction | None
    shown: str = ""
    source: str = ""
    seen_on: date | None = None
    note: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """One project as a yearly evaluation reads it. None: not known; `sections`: every section it may be of.

    `is_producing`: whether it produces, by its record or as it was seen; `before`: its inputs of the year before, where a
    benchmark asks for them; `flags`: of the adjustments, by id.
    """

    code: str
    name: str
    district: str | None
    firm: str | None
    kind: str | None
    is_producing: bool | None
    produced_on: date | None
    sections: tuple[str, ...]
    inputs: Mapping[str, Given]
    before: Mapping[str, Given] = field(default_factory=dict)
    flags: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lack:
    """An input without a value: its name, why, and who can give it."""

    input: str
    name: str
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class Line:
    """One index of one project. `value`, `benchmark`: in `unit`; `share`: value by benchmark, capped; None: not known.

    `points`: weight × share × 100. `basis`: where the benchmark comes from.
    """

    index: str
    name: str
    unit: str
    weight: Fraction
    value: Fraction | None
    benchmark: Fraction | None
    basis: str
    share: Fraction | None
    points: Fraction | None
    lacks: tuple[Lack, ...]


def index_value(index: Index, inputs: Mapping[str, Given]) -> Fraction | None:
    """The value of an index of one project in its unit; None where an input is missing or there is nothing to divide by."""
    formula = index.formula
    values = [inputs[name].value for name in formula.of]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    if formula.verb is Verb.VALUE:
        return cut(known[0] * index.unit.scale, formula)
    if known[1] == 0:
        return None
    return cut(known[0] / known[1] * index.unit.scale, formula)


def cut(value: Fraction, formula: Formula) -> Fraction:
    """The value, no more than the formula allows."""
    return value if formula.at_most is None else min(value, formula.at_most)


def capped_share(value: Fraction, benchmark: Fraction, cap: Fraction) -> Fraction:
    """Value by benchmark, no more than `cap`; the cap itself is reached and not passed."""
    return min(value / benchmark, cap)
