"""A version of a measure that somebody stopped, and put back or not: from which day, by whom and why.

A stop counts from its first day up to, not including, the day of its lift. One that is lifted on or
before its first day never counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Lift:
    """A stopped version put back. `on`: the first day on which it counts again; `by`: name; `recorded_at`: UTC."""

    on: date
    by: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop. `since`: the first day on which it counts; `source`: a document or an official address, None: not given.

    `lift` None: the version was not put back, as far as is known. `is_demo`: it counts in the demonstration library alone.
    """

    id: int
    measure: str
    version: int
    since: date
    by: str
    reason: str
    source: str | None
    recorded_at: datetime
    lift: Lift | None = None
    is_demo: bool = False

    @property
    def rule(self) -> tuple[str, int]:
        """Id and version of what is stopped."""
        return self.measure, self.version

    def holds(self, as_of: date) -> bool:
        """Whether the version is stopped on a day."""
        return self.since <= as_of and (self.lift is None or as_of < self.lift.on)

    @property
    def text(self) -> str:
        """Who, when and why, as people read it."""
        source = f"（依据：{self.source}）" if self.source else ""
        return f"已停用：自{self.since}起，{self.by}停用，原因：{self.reason}{source}"
