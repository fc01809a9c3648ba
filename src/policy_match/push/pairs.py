"""The pairs of one subject that are not refused, in the short form in which they are kept, and how two states differ.

    {"E": {measure: [version, low, high]}, "H": …, "U": …, "X": …}

E eligible, H needs people, U unknown, X refused because of an exclusion. Amounts in 分; without one only the version
stands, an open end is null. A pair that is not there is refused or not in force: why is worked out when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from policy_match.eligibility.decide import Verdict

_LETTERS = {Verdict.ELIGIBLE: "E", Verdict.NEEDS_HUMAN: "H", Verdict.UNKNOWN: "U", Verdict.INELIGIBLE: "X"}
_VERDICTS = {letter: verdict for verdict, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class OpenPair:
    """How a subject and a measure stand. `verdict` INELIGIBLE: only for an exclusion. 分; `low_fen` None: no amount is known."""

    version: int
    verdict: Verdict
    low_fen: int | None = None
    high_fen: int | None = None

    @property
    def is_excluded(self) -> bool:
        """Whether an exclusion refuses it."""
        return self.verdict is Verdict.INELIGIBLE


Pairs: TypeAlias = Mapping[str, OpenPair]
"""By the id of the measure."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of which verdict, amount or version differ. None: refused or not in force."""

    measure: str
    was: OpenPair | None
    now: OpenPair | None

    @property
    def is_news(self) -> bool:
        """Whether verdict or amount differ: another version that says the same is kept and tells nobody anything."""
        return self._said(self.was) != self._said(self.now)

    @staticmethod
    def _said(pair: OpenPair | None) -> tuple[Verdict, int | None, int | None] | None:
        return None if pair is None else (pair.verdict, pair.low_fen, pair.high_fen)


def encoded(pairs: Pairs) -> str:
    """The text of a state; the same pairs always give the same text."""
    found: dict[str, dict[str, list[int | None]]] = {}
    for measure, pair in pairs.items():
        amount = [] if pair.low_fen is None else [pair.low_fen, pair.high_fen]
        found.setdefault(_LETTERS[pair.verdict], {})[measure] = [pair.version, *amount]
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()


def decoded(text: str) -> dict[str, OpenPair]:
    """The pairs of a text that `encoded` wrote."""
    letters: dict[str, dict[str, list[int]]] = orjson.loads(text)
    return {
        measure: OpenPair(said[0], _VERDICTS[letter], *said[1:])
        for letter, measures in letters.items()
        for measure, said in measures.items()
    }


def differences(was: Pairs, now: Pairs) -> Iterator[Difference]:
    """What differs, by the id of the measure."""
    for measure in sorted(was.keys() | now.keys()):
        before, after = was.get(measure), now.get(measure)
        if before != after:
            yield Difference(measure, before, after)
