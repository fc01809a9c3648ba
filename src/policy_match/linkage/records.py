"""What is compared and what comes out: records as written, and an answer for each with the sum behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from policy_match.linkage.weights import PARTICULARS, Bar, Weight


class Decision(StrEnum):
    """Link without a person, show to a person, or no partner in the library."""

    LINK = "link"
    REVIEW = "review"
    APART = "apart"


class Standing(IntEnum):
    """What a pair of names is good for: nothing, a likeness that sister projects have too, or one project."""

    NONE = 0
    LIKE = 1
    SAME = 2


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """One row as written; everything but the id may be empty, which is unknown.

    `unit` is the unit of a bare `investment`; `source` is the department that keeps the record.
    """

    id: str
    name: str = ""
    firm: str = ""
    uscc: str = ""
    project_code: str = ""
    region: str = ""
    place: str = ""
    investment: str = ""
    unit: str = ""
    started: str = ""
    industry: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One finding about a pair, in words, and what it is worth."""

    text: str
    weight: Weight

    def __str__(self) -> str:
        """The words and the signed points: 总投资相同 +13."""
        points = self.weight.points
        return f"{self.text} {'−' if points < 0 else '+'}{abs(points)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything found about one pair; `by_code`: the project codes are the same, `names`: what the names are good for."""

    library_id: str
    parts: tuple[Part, ...]
    by_code: bool
    names: Standing

    @property
    def score(self) -> int:
        """The sum of the points."""
        return sum(part.weight.points for part in self.parts)

    @property
    def is_borne_out(self) -> bool:
        """Whether the names stand for one project, by themselves or with a particular that sister projects do not share."""
        has_particular = any(part.weight in PARTICULARS for part in self.parts)
        return self.names is Standing.SAME or (self.names is Standing.LIKE and has_particular)

    @property
    def bar(self) -> Bar:
        """The highest bar of the parts."""
        return max((part.weight.bar for part in self.parts), default=Bar.NONE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one record: the decision, the library row (None: apart), and why.

    `score` is the sum of the parts of the best pair, of the nearest row where the record stays apart.
    """

    other_id: str
    library_id: str | None
    decision: Decision
    score: int
    why: str
