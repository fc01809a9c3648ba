"""What a message may be worth to the firm, by which the most valuable comes first, and how much is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from statistics import median
from typing import TypeAlias, TypeVar

from policy_match.benefits.formula import Amount

_MONEY = ("cash", "tax", "deduction")
_One = TypeVar("_One")
Worth: TypeAlias = tuple[int | None, date | None, int]
"""分, the last day to act, and the number of the message."""

SAMPLE, SHARE = 20, 10
"""Of a new version the first 20 matches, or one in ten if that is more, are held until somebody looked at them (§5.6)."""
USUAL_RUNS, TIMES, FEW = 8, 3, 200
"""A run of more than 200 messages, and of more than three times the median of the last eight, waits for a person."""


def value_fen(amount: Amount | None) -> int | None:
    """What it may come to, 分: the upper end, of an open amount the lower. None: no money to the firm, or none is known."""
    if amount is None or amount.kind not in _MONEY:
        return None
    return amount.low_fen if amount.high_fen is None else amount.high_fen


def most_valuable_first(found: Iterable[_One], worth: Callable[[_One], Worth]) -> list[_One]:
    """By value, what is not known last; of equal ones what ends first, then the older."""
    return sorted(found, key=lambda one: _place(worth(one)))


def _place(worth: Worth) -> tuple[bool, int, date, int]:
    fen, last_day, number = worth
    return fen is None, -(fen or 0), last_day or date.max, number


def sample_size(matches: int) -> int:
    """How many matches of a new version are looked at before any more go out."""
    return max(SAMPLE, -(-matches // SHARE))


def is_sampled(passed: int, coming: int) -> bool:
    """Whether a version has been looked at enough: `passed` matches went out, `coming` are waiting."""
    return passed >= sample_size(passed + coming)


def is_unusual(messages: int, earlier: Sequence[int]) -> bool:
    """Whether a run tells far more than usual. `earlier`: messages of the runs before, the newest first."""
    usual = median(earlier[:USUAL_RUNS]) if earlier else 0
    return messages > FEW and messages > TIMES * usual
