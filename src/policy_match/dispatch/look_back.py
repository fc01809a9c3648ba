"""The look-back (回头看): which earlier conclusions are looked at again. 方案 三(四), domain specification §7.9.

A conclusion is one recorded point of one project. The sample is drawn apart in each district, by the order of the hashes
of seed, project and point: nobody can choose it, everybody can draw it again, and the order of the rows does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from math import ceil


class Proposal(StrEnum):
    """What a finding asks to be done to the record."""

    CORRECT = "correct"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Result:
    """What may be found. `differs`: against the record; `proposes` None: no correction is asked for."""

    id: str
    name: str
    differs: bool = False
    proposes: Proposal | None = None


@dataclass(frozen=True, slots=True)
class LookBackRules:
    """`share`: 0–1, of the conclusions of a district; `at_least`: conclusions of a district, as far as it has so many;
    `sources`: the letter of each number; `cause`: of the tickets, a word of the lifecycle table."""

    share: Fraction
    at_least: int
    results: tuple[Result, ...]
    cause: str
    sources: tuple[tuple[str, str], ...] = ()

    def result(self, written: str) -> Result | None:
        """A result by id or name; None if there is none."""
        return next((one for one in self.results if written.strip() in (one.id, one.name)), None)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One recorded point. `district`: code of the reporting unit, None if it is not known; `point`: id of the table."""

    district: str | None
    project: str
    point: str


def draw(conclusions: Iterable[Conclusion], seed: int, rules: LookBackRules) -> tuple[Conclusion, ...]:
    """The sample, by district (unknown last), in each in the order of the draw; the same for any order of the input.

    Of a district with n conclusions it holds the share, rounded up, or the least number, whichever is more, and at most n.
    """
    strata: dict[str | None, set[Conclusion]] = {}
    for one in conclusions:
        strata.setdefault(one.district, set()).add(one)
    found: list[Conclusion] = []
    for _, own in sorted(strata.items(), key=lambda pair: (pair[0] is None, pair[0] or "")):
        wanted = max(ceil(rules.share * len(own)), min(rules.at_least, len(own)))
        found += sorted(own, key=lambda one: _lot(one, seed))[:wanted]
    return tuple(found)


def _lot(one: Conclusion, seed: int) -> tuple[str, str, str]:
    lot = sha256(f"{seed} {one.project} {one.point}".encode()).hexdigest()
    return lot, one.project, one.point
