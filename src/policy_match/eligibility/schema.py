"""The shape of a rule file (`rules/measures/…`, `rules/definitions/…`): what may stand where.

Only shape is checked here: keys, kinds of value, and what of an entry can be told from
the entry alone. Names, units, dates and clause accounting are checked by `audit.py` and
its neighbours. Amounts, ratios and periods stay the text that the author wrote; they
are parsed once, against the fact they are compared with.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from policy_match.eligibility.schema_benefit import (
    FORMS,
    Benefit,
    Cap,
    Choose,
    ChooseRow,
    Facility,
    Formula,
    Increment,
    Interest,
    PerUnit,
    Rounding,
    Service,
    Stacking,
    Switch,
    SwitchRow,
    Tier,
    Tiers,
    TopUp,
)
from policy_match.eligibility.schema_tree import (
    BOUNDS,
    AllOf,
    AnyOf,
    AssumedCondition,
    AtLeast,
    AtLeastBody,
    Bound,
    Condition,
    Definition,
    FactCondition,
    Granted,
    HumanCondition,
    IfApplicable,
    IfApplicableBody,
    Not,
    Rows,
    RowsBody,
    ThresholdRow,
    Tree,
    TreeRow,
    depth_of,
    names_in,
    parts_of,
)
from policy_match.eligibility.schema_words import (
    CanChange,
    CapPer,
    FactInput,
    Family,
    FinanceGroup,
    Mode,
    Name,
    Operator,
    Plain,
    Route,
    Say,
    Strict,
    Topic,
    Verdict,
    Verification,
    refused,
)

__all__ = [
    "BOUNDS",
    "FORMS",
    "MEASURE_ID",
    "AllOf",
    "AnyOf",
    "AssumedCondition",
    "AtLeast",
    "AtLeastBody",
    "Benefit",
    "Bound",
    "Boundary",
    "CanChange",
    "Cap",
    "CapPer",
    "Case",
    "Change",
    "Choose",
    "ChooseRow",
    "Clause",
    "Condition",
    "Definition",
    "DocumentRef",
    "Effective",
    "Evidence",
    "Expect",
    "Facility",
    "FactCondition",
    "FactInput",
    "FairCompetition",
    "Family",
    "FinanceGroup",
    "Formula",
    "Granted",
    "HowTo",
    "HumanCondition",
    "IfApplicable",
    "IfApplicableBody",
    "Increment",
    "Interest",
    "Measure",
    "Mode",
    "MonthDays",
    "Name",
    "NoApplication",
    "Not",
    "Operator",
    "Paid",
    "PerUnit",
    "Plain",
    "Rounding",
    "Route",
    "Rows",
    "RowsBody",
    "Say",
    "Service",
    "Stacking",
    "Strict",
    "Switch",
    "SwitchRow",
    "ThresholdRow",
    "Tier",
    "Tiers",
    "TopUp",
    "Topic",
    "Tree",
    "TreeRow",
    "Verdict",
    "Verification",
    "Verified",
    "Window",
    "depth_of",
    "names_in",
    "parts_of",
    "refused",
]

MEASURE_ID = r"^[a-z][a-z0-9_-]{2,60}$"


class Window(Strict):
    """Two days as text, both included."""

    from_: str = Field(alias="from")
    through: str


class MonthDays(Strict):
    """A window that comes back every year: month-day texts, both included."""

    yearly: Window


class Effective(Strict):
    """Validity of one version, both days included; each end a day, a month or a year."""

    from_: str = Field(alias="from")
    through: str
    seen_in_force_on: list[str] = []
    note: str | None = None


class DocumentRef(Strict):
    """Where the measure stands: a key of corpus/documents, with annex and article as far as seen."""

    id: str
    annex: str | None = None
    article: str | None = None


class HowTo(Strict):
    """Contact, portal and materials; what nobody has seen stays out and prints 请咨询 with the unit."""

    contact: str | None = None
    portal: str | None = None
    materials: list[str] = []


class Verified(Strict):
    """How the conditions and the benefit were seen; only `page` counts as verified."""

    conditions: Verification
    benefit: Literal["page", "copy", "recalled", "unseen", "none"]
    by: Say | None = None
    on: str | None = None

    @model_validator(mode="after")
    def _signed(self) -> Verified:
        if (self.by is None) != (self.on is None):
            raise refused("核实要写明人和日期", "by: 姓名，on: 日期", "两项都写，或都不写")
        return self


class Clause(Strict):
    """One clause of the source in our own words, and what implements it."""

    article: Say
    says: str | None = None
    quote: str | None = None
    by: list[str] = []
    none: str | None = None

    @model_validator(mode="after")
    def _accounted(self) -> Clause:
        if not self.says and not self.quote:
            raise refused("条款没有写明内容", "says: 用自己的话写，或 quote: 自己的文件原文", "补上 says")
        if bool(self.by) == bool(self.none):
            raise refused(
                f"条款“{self.article}”没有落实",
                "by: [条件、定义、benefit 或 stacking]，或 none: 无需实现的原因",
                "两者写且只写一个",
            )
        return self


class Evidence(Strict):
    """Registers that may prove a fact, and how old the observation may be."""

    from_: list[str] = Field(alias="from", min_length=1)
    max_age_days: int = Field(ge=0)


class NoApplication(Strict):
    """What paying without application asks for.

    `period`: the date fact that says for which event is paid; without it a yearly benefit is paid once a year, any other
    once. `order`: whether the public notice or the consent of the firm comes first.
    """

    evidence: dict[str, Evidence]
    period: str | None = None
    order: Literal["notice_first", "consent_first"] = "notice_first"
    consent: Literal["required", "not_required"]
    notice_working_days: int = Field(ge=0)
    second_signature_above: str | None = None


class Expect(Strict):
    """What whoever read the clause expects of a case."""

    verdict: Verdict
    amount: str | None = None
    missing: list[str] | None = None
    deciding: list[str] | None = None
    route: Route | None = None
    near_miss: bool | None = None


class Case(Strict):
    """A worked case; `like` starts from the facts of an earlier case, `without` takes facts away."""

    name: Say
    like: str | None = None
    as_of: str | None = None
    facts: dict[str, FactInput] = {}
    without: list[str] = []
    expect: Expect


class Boundary(Strict):
    """What is expected with the condition's fact at, under and over its threshold, and removed."""

    row: int | None = None
    with_: dict[str, FactInput] = Field(default={}, alias="with")
    at: Verdict | None = None
    under: Verdict | None = None
    over: Verdict | None = None
    missing: Verdict | None = None


class Paid(Strict):
    """What was really paid, beside the ceiling."""

    year: str = Field(pattern=r"^(19|20)[0-9]{2}(-(19|20)[0-9]{2})?$")
    says: Say
    source: Say


class Change(Strict):
    """One line of the version's history."""

    version: int
    date: str
    why: Say


class FairCompetition(Strict):
    """A flag for terms that fair-competition review may object to."""

    flag: bool
    note: str


class Measure(Strict):
    """One version of one measure; see docs/rule-authoring.zh.md for the meaning of each part."""

    schema_: Literal["measure/1"] = Field(alias="schema")
    id: str = Field(pattern=MEASURE_ID)
    version: int = Field(ge=1)
    status: Literal["draft", "active", "suspended", "repealed"]
    title: Say
    topics: list[Topic] = Field(min_length=1, max_length=3)
    family: Family
    finance_group: FinanceGroup | None = None
    mode: Mode
    target: Literal["enterprise", "project", "person"]
    document: DocumentRef
    owner_unit: str | None
    how_to: HowTo = HowTo()
    verified: Verified
    effective: Effective
    apply_window: Window | MonthDays | Literal["unseen"] = "unseen"
    fair_competition: FairCompetition | None = None
    grants: str | None = None
    reviewed_on: str
    next_review_on: str
    data_ids: list[str] = []
    clauses: list[Clause] = Field(min_length=1)
    use: list[str] = []
    conditions: dict[Name, Condition] = {}
    eligible_when: Tree
    benefit: Benefit | None = None
    stacking: Stacking | None = None
    no_application: NoApplication | None = None
    boundaries: dict[str, Boundary | list[Boundary]] = {}
    cases: list[Case] = []
    paid_history: list[Paid] = []
    changes: list[Change] = Field(min_length=1)

    @property
    def key(self) -> str:
        """`id.v2`: the name of this version."""
        return f"{self.id}.v{self.version}"
