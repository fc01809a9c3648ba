"""The fact vocabulary: every name that rules, imports and pages may speak of.

One entry per fact: label, type, unit, subject, registers of authority (best first),
days for which an observation stays fresh, and how it is derived. An unknown name is
an error everywhere. `vocabulary_file.py` reads it from `rules/facts.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from rapidfuzz import process

from policy_match.errors import FactError, Issue
from policy_match.facts.taxonomies import HONOURS, Taxonomies
from policy_match.identifiers import IndustryTree
from policy_match.units import Number


class FactType(StrEnum):
    """What a value may look like. money: 分; ratio: 1 = 100 %; area: ㎡; date: day ordinal; month: month index."""

    MONEY = "money"
    COUNT = "count"
    RATIO = "ratio"
    SCORE = "score"
    AREA = "area"
    DATE = "date"
    MONTH = "month"
    FLAG = "flag"
    CHOICE = "choice"
    INDUSTRY = "industry"
    REGION = "region"
    SET = "set"
    SERIES = "series"
    PAIRS = "pairs"
    TEXT = "text"


NUMERIC = frozenset(
    {FactType.MONEY, FactType.COUNT, FactType.RATIO, FactType.SCORE, FactType.AREA, FactType.DATE, FactType.MONTH}
)
AMOUNTS = frozenset({FactType.MONEY, FactType.COUNT, FactType.RATIO, FactType.SCORE, FactType.AREA})
VERBS = frozenset(
    {
        "last",
        "sum",
        "mean",
        "ratio",
        "difference",
        "product",
        "least",
        "greatest",
        "years_between",
        "days_between",
        "mean_of_pairs",
    }
)
SUBJECTS = ("enterprise", "project", "person", "both")


@dataclass(frozen=True, slots=True)
class Ref:
    """A fact (or `as_of`) read by a derivation."""

    name: str


@dataclass(frozen=True, slots=True)
class Verb:
    """A closed verb over operands; literals are exact fractions."""

    name: str
    args: tuple[Operand, ...]


Operand: TypeAlias = Ref | Verb | Fraction


@dataclass(frozen=True, slots=True)
class Ladder:
    """Size classes: a class holds when every figure of the row reaches its bound, else the next one below.

    `rows`: option of `by` → {fact: bounds in the fact's own unit, best class first}.
    """

    by: str
    classes: tuple[str, ...]
    rows: Mapping[str, Mapping[str, tuple[Number, ...]]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The value of the first row whose options (or industry roots) hold the value of `by`; None: no class."""

    by: str
    rows: tuple[tuple[tuple[str, ...], str], ...]
    otherwise: str | None


Derivation: TypeAlias = Verb | Ladder | Lookup


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two sources may differ before they contradict each other: in the fact's own unit, or relative (1 = 100 %)."""

    amount: Number
    is_relative: bool


@dataclass(frozen=True, slots=True)
class Register:
    """A source of facts. `only_for`: the purposes it may be used for, empty: any. `confidence`: percent.

    `confidence` is what its entries are worth where it is not the first register of a fact, which is worth 100.
    """

    name: str
    only_for: tuple[str, ...] = ()
    confidence: int = 90


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of the vocabulary. `signed`: figures below zero exist (a loss, a decline); elsewhere they are refused.

    `years`: entries that make a list complete; `same_length`: the lists read must cover the same years.
    `tolerance`: None: sources must agree exactly. `needs_authorisation`: usable only with the subject's recorded consent
    or a sharing agreement.
    """

    name: str
    label: str
    type: FactType
    subject: str
    unit: str = ""
    of: FactType | None = None
    options: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    fresh_days: int | None = None
    derive: Derivation | None = None
    alternatives: tuple[Derivation, ...] = ()
    same_length: bool = False
    can_be_given: bool = True
    signed: bool = False
    years: int | None = None
    tolerance: Tolerance | None = None
    needs_authorisation: bool = False
    note: str = ""

    @property
    def not_negative(self) -> bool:
        """Whether no figure of the fact can lie below zero."""
        return not self.signed and (self.of or self.type) in AMOUNTS

    @property
    def inputs(self) -> tuple[str, ...]:
        """Facts read directly by the derivation, in order, without `as_of`."""
        names: dict[str, None] = {}
        for derivation in (self.derive, *self.alternatives):
            for name in read_by(derivation):
                names.setdefault(name)
        return tuple(name for name in names if name != "as_of")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every fact by name, the registers by code, the industry tree and the lists of names."""

    facts: Mapping[str, FactSpec]
    sources: Mapping[str, Register]
    industries: IndustryTree
    order: tuple[str, ...] = ()
    by_label: Mapping[str, str] = field(default_factory=dict)
    taxonomies: Taxonomies = field(default_factory=Taxonomies)
    _inputs: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> FactSpec:
        """The fact of that name; FactError FACT_UNKNOWN with the nearest names otherwise."""
        try:
            return self.facts[name]
        except KeyError:
            raise FactError(unknown_fact(name, self)) from None

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    @property
    def registers(self) -> Mapping[str, str]:
        """The name of each register by its code."""
        return {code: register.name for code, register in self.sources.items()}

    def inputs(self, name: str) -> tuple[str, ...]:
        """Facts that the derivation of `name` reads directly; found once, because every subject asks for them."""
        if name not in self._inputs:
            self._inputs[name] = self[name].inputs
        return self._inputs[name]

    def confidence(self, name: str, source: str) -> int:
        """What the word of a source on a fact is worth, percent: 100 of its first register."""
        return 100 if self[name].registers[:1] == (source,) else self.sources[source].confidence

    def named(self, written: str) -> FactSpec:
        """The fact of a name or a Chinese label; FactError FACT_UNKNOWN with the nearest names otherwise."""
        return self[self.by_label.get(written, written)]

    def item_name(self, fact: str, written: str) -> str:
        """The one name of an item of a set: an honour known by another name gets its own; any other text stays."""
        return self.taxonomies.honour_names.get(written, written) if fact == HONOURS else written

    def base_inputs(self, name: str) -> tuple[str, ...]:
        """Facts that people or registers can give and that `name` is derived from; itself if it can be given."""
        spec = self[name]
        if spec.derive is None or spec.can_be_given:
            return (name,)
        found: dict[str, None] = {}
        for part in spec.inputs:
            for base in self.base_inputs(part):
                found.setdefault(base)
        return tuple(found)


def unknown_fact(name: str, vocabulary: Vocabulary, where: str = "") -> Issue:
    """The error for a fact name that rules/facts.yaml does not hold, with the nearest names."""
    known = [*vocabulary.facts, *vocabulary.by_label]
    near = [match for match, score, _ in process.extract(name[:80], known, limit=3) if score >= 60]
    allowed = "、".join(near) if near else "rules/facts.yaml 中的名称或中文标签"
    hint = "意思相同才改用上面的名称；没有的先在 rules/facts.yaml 登记，写法见 docs/rule-authoring.zh.md"
    return Issue("FACT_UNKNOWN", f"没有名为“{name[:40]}”的事实", where, allowed, hint)


def read_by(derivation: Derivation | Operand | None) -> Iterator[str]:
    """Every fact that a derivation reads, `as_of` among them, repeats included."""
    if isinstance(derivation, Ref):
        yield derivation.name
    elif isinstance(derivation, Verb):
        for arg in derivation.args:
            yield from read_by(arg)
    elif isinstance(derivation, Ladder):
        yield derivation.by
        for row in derivation.rows.values():
            yield from row
    elif isinstance(derivation, Lookup):
        yield derivation.by
