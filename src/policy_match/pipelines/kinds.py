"""What a pipeline is: its steps, what is said and shown on the way, who sees it, what is counted. All of it is data.

`rules/pipelines/*.yaml` say what there is (authoring/pipeline_file.py); nothing here knows one of them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policy_match.errors import Issue, RuleError

SUBJECT, OPENED_WEEK, OPENED_ON = "subject", "opened_week", "opened_on"
SAME_WORDS = {SUBJECT: "企业或项目", OPENED_WEEK: "登记的 ISO 周", OPENED_ON: "登记的那天"}
"""What `same` may name beside fields."""
BETWEEN = "、"
"""Stands between several units."""


class Of(StrEnum):
    """What an item is of."""

    ENTERPRISE = "enterprise"
    PROJECT = "project"
    NONE = "none"


class Type(StrEnum):
    """What a field holds. Kept as text: MONEY in 分, COUNT a whole number, DAY YYYY-MM-DD, MONTH YYYY-MM, ENTERPRISE and
    PROJECT a code of the library, ITEM the number of an item of another pipeline, UNITS names with 、 between them."""

    TEXT = "text"
    CHOICE = "choice"
    MONEY = "money"
    COUNT = "count"
    DAY = "day"
    MONTH = "month"
    ENTERPRISE = "enterprise"
    PROJECT = "project"
    ITEM = "item"
    UNITS = "units"


class Sort(StrEnum):
    """A step of the way; PAUSE: reached from any of the way that is not its last, and left for the step before it; END:
    reached in the same way or out of a pause, and left by listed moves alone."""

    WAY = "way"
    PAUSE = "pause"
    END = "end"


@dataclass(frozen=True, slots=True)
class Step:
    """`evidence`: kinds of documents, each of which must be shown on arrival; `reasons`: the only ones allowed, () for
    free text; `limit`: days after which it is overdue, None: none; `most`: arrivals beyond which each is a breach."""

    id: str
    name: str
    sort: Sort = Sort.WAY
    evidence: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    limit: int | None = None
    most: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """`needed_at`: the step by which it must be said, None: never; `when`: only where another field has one of these
    values; `owners`: the unit in charge of an option; `pipeline`: of an ITEM; `is_sensitive`: shown on the item alone."""

    id: str
    name: str
    type: Type
    needed_at: str | None = None
    options: tuple[str, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unit: str = ""
    pipeline: str = ""
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Banned:
    """Words that must not stand in some fields, the phrases in which they may, and the error that tells so."""

    fields: tuple[str, ...]
    words: tuple[str, ...]
    allowed: tuple[str, ...]
    code: str
    hint: str


@dataclass(frozen=True, slots=True)
class Clock:
    """Days from the arrival at a step to the day of a field."""

    name: str
    step: str
    until: str


@dataclass(frozen=True, slots=True)
class Late:
    """Said where the day of one field lies after that of another."""

    field: str
    after: str
    says: str


@dataclass(frozen=True, slots=True)
class Credits:
    """The field that names a project of the library, and those that say where it came from."""

    project: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """Roles that see the items, see their counts alone, and change them. How far each reaches stands in permissions.yaml."""

    reads: frozenset[str]
    counts: frozenset[str]
    writes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One kind of thing. `prefix`: of its numbers; `moves`: legal ones beside those that follow from the steps;
    `same`: what makes two the same, () for everything said on opening; `expires`: the field of its last day;
    `every_quarter`: the step that something must come to in each quarter; `count_by`, `sums`: fields of the report.
    """

    id: str
    name: str
    group: str
    of: Of
    prefix: str
    reading: str
    steps: tuple[Step, ...]
    moves: frozenset[tuple[str, str]]
    opens_at: tuple[str, ...]
    fields: tuple[Field, ...]
    rights: Rights
    same: tuple[str, ...] = ()
    expires: str | None = None
    banned: tuple[Banned, ...] = ()
    clocks: tuple[Clock, ...] = ()
    late: tuple[Late, ...] = ()
    every_quarter: str | None = None
    credits: Credits | None = None
    count_by: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()

    @property
    def way(self) -> tuple[Step, ...]:
        """The steps of the way in their order."""
        return tuple(step for step in self.steps if step.sort is Sort.WAY)

    def step(self, step_id: str) -> Step:
        """A step by its id; RuleError PIPELINE_GONE for none of this pipeline."""
        found = next((step for step in self.steps if step.id == step_id), None)
        if found is None:
            raise self._gone(f"步骤“{step_id}”")
        return found

    def field(self, field_id: str) -> Field:
        """A field by its id; RuleError PIPELINE_GONE for none of this pipeline."""
        found = next((one for one in self.fields if one.id == field_id), None)
        if found is None:
            raise self._gone(f"字段“{field_id}”")
        return found

    def _gone(self, what: str) -> RuleError:
        """What an author took out of a file although the log of some item names it."""
        where = f"rules/pipelines/{self.id}.yaml"
        hint = "把它补回文件；不再用的，改名称说明"
        return RuleError(Issue("PIPELINE_GONE", f"文件里没有{what}，已有的登记却用到它", where, "", hint))

    def is_over(self, step_id: str) -> bool:
        """Whether nothing is waited for any more: the last step of the way, or an end beside it."""
        return step_id == self.way[-1].id or self.step(step_id).sort is Sort.END
