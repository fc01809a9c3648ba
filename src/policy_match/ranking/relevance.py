"""Relevance R of a measure to a subject, 0 to 1: text, industry, stage, size and region.

A part is left out where the fact is not known, lies on both sides of the limit, or the measure
does not limit it. Without text and without industry nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policy_match.facts.cells import Items, Possible
from policy_match.facts.table import FactTable
from policy_match.facts.taxonomies import TRACK
from policy_match.ranking.limits import INDUSTRIES, IS_SME, REGION_FACTS, SIZE, STAGE, Atoms, Limit, Limits
from policy_match.ranking.weights import DIGITS, Ranking, shares


@dataclass(frozen=True, slots=True)
class Relevance:
    """R and what each part adds to it; the parts add up to the total."""

    total: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one subject, as far as relevance asks. `likeness`: by measure id, None without a usable text."""

    masks: Mapping[str, int]
    codes: Mapping[str, tuple[str, ...]]
    tracks: frozenset[str] | None
    likeness: Mapping[str, float] | None


def known_of(table: FactTable, row: int, atoms: Atoms, likeness: Mapping[str, float] | None) -> Known:
    """What one row of a table knows; facts that the vocabulary does not have are not known."""
    masks: dict[str, int] = {}
    codes: dict[str, tuple[str, ...]] = {}
    for fact in (*INDUSTRIES, *REGION_FACTS, STAGE, SIZE, IS_SME):
        value = table.cell(row, fact).value if fact in table.vocabulary else None
        if isinstance(value, Possible):
            masks[fact] = atoms.possible(fact, value)
            codes[fact] = tuple(sorted(value.options))
    value = table.cell(row, TRACK).value if TRACK in table.vocabulary else None
    tracks = frozenset(item.name for item in value.items) if isinstance(value, Items) and value.is_complete else None
    return Known(masks, codes, tracks, likeness)


class Relating:
    """Works out relevance by the weights and tables of one ranking."""

    def __init__(self, ranking: Ranking, atoms: Atoms) -> None:
        self._ranking, self._tracks = ranking, atoms.tracks

    def values(self, known: Known, limits: Limits, measure: str) -> dict[str, float]:
        """The parts that can be said, 0 to 1 each, before they are weighed."""
        found = {
            "text": self._text(known, measure),
            "industry": self._industry(known, limits),
            "stage": self._stage(known, limits.stage),
            "size": self._size(known, limits.size),
            "region": _lowest(_within(known.masks.get(limit.fact), limit.open) for limit in limits.region),
        }
        return {name: value for name, value in found.items() if value is not None}

    def relevance(self, values: Mapping[str, float]) -> Relevance | None:
        """R of the parts that can be said; None where neither text nor industry is known."""
        if "text" not in values and "industry" not in values:
            return None
        parts = {name: round(part, DIGITS) for name, part in shares(self._ranking.relevance, values).items()}
        return Relevance(round(sum(parts.values()), DIGITS), parts)

    def _text(self, known: Known, measure: str) -> float | None:
        likeness = None if known.likeness is None else known.likeness.get(measure)
        return None if likeness is None else self._ranking.text.value(likeness)

    def _industry(self, known: Known, limits: Limits) -> float | None:
        by_code = _lowest(self._near(known, limit) for limit in limits.industry)
        by_track = self._by_track(known, limits.tracks)
        return max((value for value in (by_code, by_track) if value is not None), default=None)

    def _near(self, known: Known, limit: Limit) -> float | None:
        """How near the industry is to the nearest code of the measure; what it may be counts by its farthest."""
        codes = known.codes.get(limit.fact)
        if codes is None:
            return None
        if not known.masks[limit.fact] & limit.open and (not limit.codes or self._under(codes, limit.codes)):
            return 0.0
        if not limit.codes:
            return None
        return min(max(self.nearness(code, own) for own in limit.codes) for code in codes)

    def _under(self, codes: tuple[str, ...], own: tuple[str, ...]) -> bool:
        return any(code.startswith(root) for code in codes for root in own)

    def nearness(self, code: str, own: str) -> float:
        """1 under the measure's own code, else by the level at which the two codes meet."""
        scale = self._ranking.industry
        if code.startswith(own):
            return scale.under
        for length, value in ((4, scale.group), (3, scale.division), (1, scale.section)):
            if len(own) >= length and code[:length] == own[:length] and len(code) >= length:
                return value
        return 0.0

    def _by_track(self, known: Known, wanted: frozenset[str]) -> float | None:
        """An equal track, else how near the industry is to those that we read the track as, at most as much."""
        if not wanted:
            return None
        most = self._ranking.industry.track
        if known.tracks is not None:
            return most if known.tracks & wanted else 0.0
        codes = known.codes.get(INDUSTRIES[0])
        own = [code for name in wanted if name in self._tracks for code in self._tracks[name].industries]
        if codes is None or not own:
            return None
        return min(most, min(max(self.nearness(code, one) for one in own) for code in codes))

    def _stage(self, known: Known, limit: Limit | None) -> float | None:
        mask = known.masks.get(STAGE)
        if limit is None or mask is None:
            return None
        scale = self._ranking.stage
        for targets, value in (
            (limit.open, scale.exact),
            (limit.open >> 1, scale.next),
            (limit.open << 1, scale.previous),
        ):
            if mask & ~targets == 0:
                return value
            if mask & targets:
                return None
        return 0.0

    def _size(self, known: Known, limit: Limit | None) -> float | None:
        mask = known.masks.get(SIZE, known.masks.get(IS_SME))
        return None if limit is None else _within(mask, limit.open)


def _within(mask: int | None, open_: int) -> float | None:
    """1 where all that a fact may be lies inside, 0 where nothing does, else not known."""
    if not mask:
        return None
    return 1.0 if mask & ~open_ == 0 else None if mask & open_ else 0.0


def _lowest(values: Iterable[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)
