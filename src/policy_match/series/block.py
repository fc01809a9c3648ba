"""Figures of many projects over many months at once, each with a mark whether it is known.

A missing month stays missing: what is worked out from it is unknown too, never smaller. Row order is the order of the
projects, column order that of the months.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.series.months import YEAR
from policy_match.series.words import Basis

Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Known:
    """`values`: int64 in smallest units; `known`: bool of the same shape, (n,) or (n, months). What is not known has value 0."""

    values: Whole
    known: Flags

    @classmethod
    def of(cls, values: Whole, known: Flags) -> Known:
        """The same with 0 wherever nothing is known."""
        return cls(np.where(known, values, 0), known)

    @classmethod
    def nothing(cls, *shape: int) -> Known:
        """Nothing is known."""
        return cls(np.zeros(shape, np.int64), np.zeros(shape, np.bool_))

    def or_else(self, other: Known) -> Known:
        """These figures, and the other ones where these are not known."""
        return Known(np.where(self.known, self.values, other.values), self.known | other.known)

    def earlier(self, months: int) -> Known:
        """In each column what stood so many months before; unknown in the first ones."""
        shape = self.values.shape
        moved = Known.nothing(*shape)
        if months < shape[1]:
            moved.values[:, months:] = self.values[:, : shape[1] - months]
            moved.known[:, months:] = self.known[:, : shape[1] - months]
        return moved


def to_monthly(to_date: Known, first: int) -> Known:
    """Figures of single months from those of the year so far; `first`: number of the first column's month.

    A month is known where it and the one before it are, January alone.

    >>> to_monthly(Known(np.array([[10, 25, 0, 60]]), np.array([[True, True, False, True]])), 2025 * 12).known
    array([[ True,  True, False, False]])
    """
    january = _januaries(first, to_date.values.shape[1])
    before = to_date.earlier(1)
    values = to_date.values - np.where(january, 0, before.values)
    return Known.of(values, to_date.known & (january | before.known))


def to_yearly(monthly: Known, first: int) -> Known:
    """Figures of the year so far from those of single months: known where every month since January is.

    >>> to_yearly(Known(np.array([[5, 7, 0, 3]]), np.array([[True, True, False, True]])), 2025 * 12).known
    array([[ True,  True, False, False]])
    """
    size, months = monthly.values.shape
    result = Known.nothing(size, months)
    total, known = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    for place, is_january in enumerate(_januaries(first, months)):
        total = monthly.values[:, place] + (0 if is_january else total)
        known = monthly.known[:, place] & (True if is_january else known)
        result.values[:, place], result.known[:, place] = np.where(known, total, 0), known
    return result


def _januaries(first: int, months: int) -> Flags:
    found: Flags = (first + np.arange(months)) % YEAR == 0
    return found


@dataclass(frozen=True, slots=True)
class Block:
    """What was told. `first`: number of the first month; `told`: figures of each code in its own basis, shape (n, months)."""

    first: int
    size: int
    months: int
    told: Mapping[str, Known]

    def of(self, code: str) -> Known:
        """The figures of a code; nothing known of one that nobody told."""
        found = self.told.get(code)
        return Known.nothing(self.size, self.months) if found is None else found

    def monthly(self, code: str, basis: Basis) -> Known:
        """Its figures month by month."""
        return self.of(code) if basis is Basis.MONTH else to_monthly(self.of(code), self.first)

    def yearly(self, code: str, basis: Basis) -> Known:
        """Its figures of the year so far."""
        return self.of(code) if basis is Basis.YEAR else to_yearly(self.of(code), self.first)
