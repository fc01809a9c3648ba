"""The shape of a rule file (`rules/measures/…`, `rules/definitions/…`): what may stand where.

Only shape is checked here; names, units, dates and clause accounting are checked by
`load.py`. Amounts, ratios and periods stay the text that the author wrote; they are
parsed once, against the fact they are compared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from typing_extensions import TypeAliasType

Verification = Literal["page", "copy", "recalled"]
CanChange = Literal["enterprise", "time", "authority", "never"]
Family = Literal[
    "奖补", "税收", "金融", "人才", "用工", "用地", "用电", "环境", "审批", "创新", "产业", "市场", "上市", "认定"
]
Mode = Literal["msjx", "jsjx", "apply", "service"]
Topic = Literal[
    "rd_subsidy", "equipment_subsidy", "smart_digital", "green", "tax_deduction", "hightech_recognition",
    "specialised_sme", "single_champion", "loan_discount", "guarantee", "risk_compensation", "equity_fund",
    "listing_reward", "talent_award", "talent_housing", "talent_services", "training", "job_subsidy", "recruitment",
    "land", "energy_power", "fast_permit", "joint_acceptance", "scale_up", "first_unit", "new_energy", "low_altitude",
    "synthetic_bio", "semiconductor", "hydrogen", "ai", "foreign_investment", "ip", "platform_incubator",
]  # fmt: skip
Operator = Literal[
    "at_least", "at_most", "more_than", "less_than", "between", "is", "one_of", "has_any", "within_tree", "within_region",
    "stage_at_least", "before", "on_or_after", "age_at_least", "within", "growth_at_least", "on_list",
]  # fmt: skip
Verdict = Literal["eligible", "ineligible", "unknown", "not_in_force", "needs_human"]
Route = Literal["no_application", "prefilled", "application", "ask", "human", "none"]
CapPer = Literal["project", "project_year", "enterprise_year", "person", "pool_year", "lifetime", "enterprise"]
Plain: TypeAlias = str | int | bool | Decimal
FactInput = TypeAliasType("FactInput", "Plain | list[FactInput] | dict[str, FactInput] | None")


class Strict(BaseModel):
    """No unknown keys, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


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
    by: str | None = None
    on: str | None = None


class Clause(Strict):
    """One clause of the source in our own words, and what implements it."""

    article: str
    says: str | None = None
    quote: str | None = None
    by: list[str] = []
    none: str | None = None

    @model_validator(mode="after")
    def _accounted(self) -> Clause:
        if not self.says and not self.quote:
            raise ValueError("条款要写明内容（says）")
        if bool(self.by) == bool(self.none):
            raise ValueError("条款要么写 by（由哪些条件、待遇实现），要么写 none（为何无需实现）")
        return self


class Bound(Strict):
    """The guard of a table row; a row without any bound is the last one."""

    at_most: Plain | None = None
    less_than: Plain | None = None
    at_least: Plain | None = None
    more_than: Plain | None = None
    is_: Plain | None = Field(default=None, alias="is")
    one_of: list[str] | None = None
    within_tree: list[str] | None = None

    @property
    def guard(self) -> tuple[Operator, Plain | list[str]] | None:
        """Operator and value of the bound; None for the last row."""
        for name in ("at_most", "less_than", "at_least", "more_than", "one_of", "within_tree"):
            value = getattr(self, name)
            if value is not None:
                return name, value
        return None if self.is_ is None else ("is", self.is_)


class ThresholdRow(Bound):
    """One row of a threshold table."""

    value: Plain


class Granted(Strict):
    """Window in which an honour was granted; either end may be open."""

    from_: str | None = Field(default=None, alias="from")
    through: str | None = None


class FactCondition(Strict):
    """One fact, one operator, one value (or a table of values by another fact)."""

    fact: str
    op: Operator
    value: Plain | list[Plain] | None = None
    except_: list[str] = Field(default=[], alias="except")
    by: str | None = None
    rows: list[ThresholdRow] = []
    at: str | None = None
    of: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    base: str | None = None
    granted: Granted | None = None
    validity: Literal["needed", "not_needed"] = "needed"
    level: str | None = None
    can_change: CanChange = "never"
    label: str | None = None


class HumanCondition(Strict):
    """What only people can judge: unknown until they do."""

    human: str


class AssumedCondition(Strict):
    """A precondition that no fact expresses: taken as given and printed with the answer."""

    assumed: str


def _condition_kind(data: object) -> str:
    if isinstance(data, dict):
        return next((kind for kind in ("human", "assumed") if kind in data), "fact")
    return "human" if isinstance(data, HumanCondition) else "assumed" if isinstance(data, AssumedCondition) else "fact"


Condition = Annotated[
    Annotated[FactCondition, Tag("fact")]
    | Annotated[HumanCondition, Tag("human")]
    | Annotated[AssumedCondition, Tag("assumed")],
    Discriminator(_condition_kind),
]


class AllOf(Strict):
    """Every part holds."""

    all: list[Tree] = Field(min_length=1)


class AnyOf(Strict):
    """At least one part holds."""

    any: list[Tree] = Field(min_length=1)


class Not(Strict):
    """The part does not hold."""

    not_: Tree = Field(alias="not")


class AtLeastBody(Strict):
    """`n` of the parts."""

    n: int = Field(ge=1)
    of: list[Tree] = Field(min_length=1)


class AtLeast(Strict):
    """At least n of the parts hold."""

    at_least: AtLeastBody


class TreeRow(Bound):
    """One row of a group table."""

    then: Tree


class RowsBody(Strict):
    """Groups by a fact: the first row that holds counts."""

    by: str
    rows: list[TreeRow] = Field(min_length=1)


class Rows(Strict):
    """A group table in a tree."""

    rows: RowsBody


class IfApplicableBody(Strict):
    """`then` is asked only where `when` holds."""

    when: Tree
    then: Tree


class IfApplicable(Strict):
    """Not `when`, or `then`; shown as not applicable where `when` is false."""

    if_applicable: IfApplicableBody


_TREE_KEYS = {
    "all": "all",
    "any": "any",
    "not": "not",
    "at_least": "at_least",
    "rows": "rows",
    "if_applicable": "if_applicable",
}


def _tree_kind(data: object) -> str:
    if isinstance(data, str):
        return "name"
    if isinstance(data, dict) and len(data) == 1:
        return _TREE_KEYS.get(str(next(iter(data))), "unknown")
    return "unknown"


Tree = Annotated[
    Annotated[str, Tag("name")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[AtLeast, Tag("at_least")]
    | Annotated[Rows, Tag("rows")]
    | Annotated[IfApplicable, Tag("if_applicable")],
    Discriminator(_tree_kind),
]


class Definition(Strict):
    """A shared group of conditions (exclusion lists, 五大产业…) that measures take up by `use`."""

    schema_: Literal["definition/1"] = Field(alias="schema")
    id: str
    title: str
    kind: Literal["condition", "exclusion"] = "condition"
    source: str
    use: list[str] = []
    conditions: dict[str, Condition] = {}
    holds_when: Tree


class Cap(Strict):
    """An upper limit; `shared_with`: measure ids or pools that draw on the same limit."""

    amount: str
    per: CapPer
    shared_with: list[str] = []
    note: str | None = None


class Rounding(Strict):
    """Unit and mode, applied once, at the end."""

    to: str
    mode: Literal["floor", "half_up", "ceil"]


class Tier(Bound):
    """One tier: a rate of the base (or of its slice), or a fixed amount."""

    rate: str | None = None
    fixed: str | None = None


class Tiers(Strict):
    """Rates by the size of the base; marginal: each slice at its own rate."""

    of: str
    method: Literal["marginal", "whole"]
    rows: list[Tier] = Field(min_length=1)


class Increment(Strict):
    """A rate of what was added against the earlier figure; nothing where nothing was added."""

    of: str
    over: str
    rate: str


class Interest(Strict):
    """Principal × rate × days / 365; days a fact, or from one date to another."""

    principal: str
    rate: str
    days: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None


class PerUnit(Strict):
    """An amount for each unit of a counted fact; `times`: e.g. months."""

    of: str
    amount: str
    times: int = 1


class TopUp(Strict):
    """The new level less what was already paid."""

    to: str
    less: str


class Facility(Strict):
    """A loan, guarantee, fund or risk pool: no cash to the firm; `limit` and/or a share of a fact."""

    limit: str | None = None
    of: str | None = None
    share: str | None = None


class Formula(Strict):
    """Exactly one form of amount. Amounts and rates are texts with units; bases are facts."""

    fixed: str | None = None
    rate: str | None = None
    of: str | None = None
    cap: str | None = None
    floor: str | None = None
    tiers: Tiers | None = None
    increment: Increment | None = None
    interest: Interest | None = None
    per_unit: PerUnit | None = None
    top_up: TopUp | None = None
    sum_of: dict[str, Formula] | None = None
    choose: Choose | None = None
    best_of: list[Formula] | None = None
    facility: Facility | None = None

    @property
    def form(self) -> str | None:
        """The name of the form that is used; None for a benefit without an amount."""
        forms = (
            "fixed",
            "rate",
            "tiers",
            "increment",
            "interest",
            "per_unit",
            "top_up",
            "sum_of",
            "choose",
            "best_of",
            "facility",
        )
        used = [name for name in forms if getattr(self, name) is not None]
        return used[0] if used else None

    @model_validator(mode="after")
    def _one_form(self) -> Formula:
        forms = (
            "fixed",
            "rate",
            "tiers",
            "increment",
            "interest",
            "per_unit",
            "top_up",
            "sum_of",
            "choose",
            "best_of",
            "facility",
        )
        if sum(getattr(self, name) is not None for name in forms) > 1:
            raise ValueError("一处只能用一种计算形式")
        return self


class ChooseRow(Formula, Bound):
    """One row of a choice: a bound (or condition, or otherwise) and its formula."""

    condition: str | None = None
    otherwise: Literal[True] | None = None


class Choose(Strict):
    """The formula of the first row that holds, by a fact or by named conditions."""

    by: str | None = None
    rows: list[ChooseRow] = []
    when: list[ChooseRow] = []


class SwitchRow(Bound):
    """Multiply the rate where the bound holds."""

    times: str


class Switch(Strict):
    """Changes the rates by a fact, within dates."""

    by: str
    rows: list[SwitchRow] = Field(min_length=1)
    from_: str = Field(alias="from")
    through: str


class Benefit(Formula):
    """What the firm or person gets."""

    kind: Literal["cash", "tax", "deduction", "facility", "service", "quota"]
    promise: Literal["exact", "ceiling"] = "exact"
    a: Literal["once", "year"] = "once"
    caps: list[Cap] = []
    rounding: Rounding | None = None
    switch: Switch | None = None
    due: Formula | None = None
    says: str | None = None
    needs: list[str] = []


class Stacking(Strict):
    """How the benefit combines with others. `scope`: what counts as the same matter."""

    exclusive: str | None = None
    choose: Literal["highest"] | None = None
    once: Literal["lifetime", "project", "year"] | None = None
    top_up_of: str | None = None
    level_substitute: list[str] = []
    free: str | None = None
    unwritten: str | None = None
    scope: str | None = None


class Evidence(Strict):
    """Registers that may prove a fact, and how old the observation may be."""

    from_: list[str] = Field(alias="from", min_length=1)
    max_age_days: int = Field(ge=0)


class NoApplication(Strict):
    """What paying without application asks for."""

    evidence: dict[str, Evidence]
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

    name: str
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

    year: str
    says: str
    source: str


class Change(Strict):
    """One line of the version's history."""

    version: int
    date: str
    why: str


class FairCompetition(Strict):
    """A flag for terms that fair-competition review may object to."""

    flag: bool
    note: str


class Measure(Strict):
    """One version of one measure; see docs/rules-guide.zh.md for the meaning of each part."""

    schema_: Literal["measure/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z][a-z0-9_-]{2,60}$")
    version: int = Field(ge=1)
    status: Literal["draft", "active", "suspended", "repealed"]
    title: str
    topics: list[Topic] = Field(min_length=1, max_length=3)
    family: Family
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
    conditions: dict[str, Condition] = {}
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


def parts_of(tree: Tree) -> tuple[Tree, ...]:
    """Direct parts of a tree node; none for a name."""
    if isinstance(tree, AllOf):
        return tuple(tree.all)
    if isinstance(tree, AnyOf):
        return tuple(tree.any)
    if isinstance(tree, Not):
        return (tree.not_,)
    if isinstance(tree, AtLeast):
        return tuple(tree.at_least.of)
    if isinstance(tree, Rows):
        return tuple(row.then for row in tree.rows.rows)
    if isinstance(tree, IfApplicable):
        return (tree.if_applicable.when, tree.if_applicable.then)
    return ()


def names_in(tree: Tree) -> Iterator[str]:
    """Condition and definition names used in a tree, in reading order."""
    if isinstance(tree, str):
        yield tree
    for part in parts_of(tree):
        yield from names_in(part)


def depth_of(tree: Tree) -> int:
    """Nesting depth; a name is 1."""
    return 1 + max((depth_of(part) for part in parts_of(tree)), default=0)
