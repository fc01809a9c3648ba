"""A choice among benefits, free of rules and dates: options, which of them cannot stand together, and shared limits.

Options are named by their place. Their order is that of ids, which breaks ties.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why two benefits cannot stand together, in the order in which it is told."""

    SAME = "同一项待遇只算一次"
    ONCE = "一次性待遇只能享受一次"
    EXCLUSIVE = "同组取高"
    LEVEL = "与上级待遇相抵"
    TOP_UP = "补差与被补的一项是同一笔，只计一项"
    UNWRITTEN = "能否同享未写，不相加"


@dataclass(frozen=True, slots=True)
class Option:
    """One benefit that could be taken, 分, both ends known. `project` None: not of one project."""

    measure: str
    beneficiary: str
    project: str | None
    kind: str
    low_fen: int
    high_fen: int


@dataclass(frozen=True, slots=True)
class Limit:
    """What is left of an upper limit that options draw on, 分. `text` is what people read."""

    text: str
    members: frozenset[int]
    left_fen: int


@dataclass(frozen=True, slots=True)
class Instance:
    """Options in the order of ids; `conflicts`: pairs of places, the smaller one first."""

    options: tuple[Option, ...]
    conflicts: Mapping[tuple[int, int], Why]
    limits: tuple[Limit, ...]

    def conflict(self, one: int, other: int) -> Why | None:
        """Why two options cannot stand together; None if they can."""
        return self.conflicts.get((min(one, other), max(one, other)))


@dataclass(frozen=True, slots=True)
class Best:
    """The best legal set: the places taken, with what the limits leave of the low and high end of each, 分.

    `proved` False: the search was too large; the set is legal and its sums are exact, but a better one may exist.
    """

    low_fen: Mapping[int, int]
    high_fen: Mapping[int, int]
    proved: bool

    @property
    def chosen(self) -> tuple[int, ...]:
        """The places taken, in order."""
        return tuple(sorted(self.high_fen))


def places_in(mask: int) -> Iterator[int]:
    """The places of a bit mask, smallest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def mask_of(places: Iterable[int]) -> int:
    """The bit mask of places."""
    return sum(1 << place for place in places)


def parted(places: Iterable[int], links: Sequence[int]) -> list[int]:
    """The connected parts of some places, as masks, smallest first; `links`: the neighbours of each place, as a mask."""
    rest, parts = mask_of(places), []
    while rest:
        part = waiting = rest & -rest
        while waiting:
            place = waiting.bit_length() - 1
            waiting &= ~(1 << place)
            new = links[place] & rest & ~part
            part |= new
            waiting |= new
        parts.append(part)
        rest &= ~part
    return parts
