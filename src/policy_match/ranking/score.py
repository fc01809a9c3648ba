"""Priority P of a match: value, urgency, relevance and certainty, shown as a sum of named parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import log10

from policy_match.benefits.formula import Amount
from policy_match.facts.table import FactTable
from policy_match.ranking.relevance import Relevance
from policy_match.ranking.weights import DIGITS, Ranking, UrgencyScale, ValueScale, shares

_MONEY = ("cash", "tax", "deduction")
_FEN_A_WAN = 10**6


@dataclass(frozen=True, slots=True)
class Score:
    """P and what each part adds to it; R stands in it with its own parts (text, industry, …).

    `values`: the same parts from 0 to 1, not weighed. `relevance` None: not known, and no part of P.
    """

    total: float
    parts: Mapping[str, float]
    relevance: Relevance | None = None
    values: Mapping[str, float] = field(default_factory=dict)


UNRANKED = Score(0.0, {})


def value_of(amount: Amount | None, scale: ValueScale) -> float:
    """log(1 + 万元), 1 from `full_fen` on; of an interval its upper end, of an open one its lower.

    Only money to the subject counts: a loan or a guarantee is none.
    """
    if amount is None or amount.kind not in _MONEY:
        return scale.none
    fen = amount.low_fen if amount.high_fen is None else amount.high_fen
    return min(1.0, log10(1 + fen / _FEN_A_WAN) / log10(1 + scale.full_fen / _FEN_A_WAN))


def urgency_of(window: tuple[date, date] | None, as_of: date, scale: UrgencyScale) -> float | None:
    """By the days to the last day of the window; None where no window was seen."""
    return None if window is None else scale.value((window[1] - as_of).days)


class Certainties:
    """What the facts of the subjects of one table are worth, 0 to 1, each worked out once."""

    def __init__(self, table: FactTable) -> None:
        self._table = table
        self._known: dict[tuple[int, str], float | None] = {}

    def lowest(self, row: int, facts: Iterable[str]) -> float | None:
        """The lowest of several facts; None where no source of any is known (文件所载)."""
        return min((worth for fact in facts if (worth := self._of(row, fact)) is not None), default=None)

    def _of(self, row: int, fact: str) -> float | None:
        key = row, fact
        if key not in self._known:
            self._known[key] = self._worth(row, fact)
        return self._known[key]

    def _worth(self, row: int, fact: str) -> float | None:
        """A derived fact is worth what the least of its inputs is."""
        cell, vocabulary = self._table.cell(row, fact), self._table.vocabulary
        if cell.derived:
            return self.lowest(row, vocabulary.inputs(fact))
        if cell.value is None or cell.source is None:
            return None
        return vocabulary.confidence(fact, cell.source) / 100


def score_of(
    ranking: Ranking, *, value: float, urgency: float | None, certainty: float | None,
    related: Mapping[str, float], relevance: Relevance | None,
) -> Score:  # fmt: skip
    """P of its parts; `related`: the values that the relevance was made of."""
    given = {
        "value": value,
        "urgency": urgency,
        "relevance": None if relevance is None else 1.0,
        "certainty": certainty,
    }
    known = {name: part for name, part in given.items() if part is not None}
    added = shares(ranking.priority, known)
    parts = {name: round(part, DIGITS) for name, part in added.items() if name != "relevance"}
    values = {name: part for name, part in known.items() if name != "relevance"}
    if relevance is not None:
        within = added.get("relevance", 0.0)
        parts |= {name: round(within * part, DIGITS) for name, part in shares(ranking.relevance, related).items()}
        values |= related
    return Score(round(sum(parts.values()), DIGITS), parts, relevance, {n: round(v, DIGITS) for n, v in values.items()})
