"""The shape of a benefit: forms of amount, caps, rounding, and how it combines with others."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from policy_match.eligibility.schema_tree import Bound
from policy_match.eligibility.schema_words import CapPer, Instrument, Name, Say, Strict, refused


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

    @model_validator(mode="after")
    def _one_result(self) -> Tier:
        if (self.rate is None) == (self.fixed is None):
            raise refused("一档没有写清给多少", "rate: 比例，或 fixed: 金额", "两者写且只写一个")
        return self


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

    @model_validator(mode="after")
    def _one_length(self) -> Interest:
        if [self.days is None, self.from_ is None, self.to is None] not in ([False, True, True], [True, False, False]):
            raise refused("贴息没有写清天数", "days: 天数事实，或 from、to: 两个日期事实", "两种写法选一种")
        return self


class PerUnit(Strict):
    """An amount for each unit of a counted fact; `times`: e.g. months."""

    of: str
    amount: str
    times: int = Field(default=1, ge=1)


class TopUp(Strict):
    """The new level less what was already paid."""

    to: str
    less: str


class Facility(Strict):
    """A loan, guarantee, fund or risk pool: no cash to the firm; `limit` and/or a share of a fact."""

    limit: str | None = None
    of: str | None = None
    share: str | None = None

    @model_validator(mode="after")
    def _says_how_much(self) -> Facility:
        if (self.of is None) != (self.share is None) or (self.limit is None and self.of is None):
            raise refused(
                "额度没有写清", "limit: 金额，或 of 加 share（事实的比例），或两者", "额度未见时整段不写，只留 says"
            )
        return self


FORMS = (
    "fixed", "rate", "tiers", "increment", "interest", "per_unit", "top_up", "sum_of", "choose", "best_of", "facility",
    "unseen",
)  # fmt: skip


class Formula(Strict):
    """Exactly one form of amount. Amounts and rates are texts with units; bases are facts.

    `unseen`: this part is given, how much nobody has seen; it never has an amount.
    """

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
    sum_of: dict[Name, Formula] | None = Field(default=None, min_length=1)
    choose: Choose | None = None
    best_of: list[Formula] | None = Field(default=None, min_length=1)
    facility: Facility | None = None
    unseen: Literal[True] | None = None

    @property
    def form(self) -> str | None:
        """The name of the form that is used; None for a benefit without an amount."""
        return next((name for name in FORMS if getattr(self, name) is not None), None)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        used = [name for name in FORMS if getattr(self, name) is not None]
        if len(used) > 1:
            raise refused(
                f"一处写了几种计算形式（{'、'.join(used)}）", "、".join(FORMS), "只留一种，或用 sum_of、best_of"
            )
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

    @model_validator(mode="after")
    def _one_table(self) -> Choose:
        if [self.by is None, not self.rows, not self.when] not in ([False, False, True], [True, True, False]):
            raise refused("选择表写得不全", "by 加 rows（按事实），或 when（按条件）", "两种写法选一种")
        return self


class SwitchRow(Bound):
    """Multiply the rate where the bound holds."""

    times: str


class Switch(Strict):
    """Changes the rates by a fact, within dates."""

    by: str
    rows: list[SwitchRow] = Field(min_length=1)
    from_: str = Field(alias="from")
    through: str


class Service(Strict):
    """One service of several and the unit that runs it; `unit` null: not written; `reading`: the unit is our reading.

    `instrument`: the kind of finance that it is; `brand`: the brand under which it is offered; `only_sections`: sections
    of GB/T 4754 to which alone it is offered, all without any.
    """

    name: Say
    unit: Say | None
    reading: Literal[True] | None = None
    note: Say | None = None
    instrument: Instrument | None = None
    brand: Say | None = None
    only_sections: list[Annotated[str, Field(pattern="^[A-T]$")]] = []

    @model_validator(mode="after")
    def _lends_to_manufacturers(self) -> Service:
        if self.instrument == "EQUIPMENT_LOAN" and self.only_sections != ["C"]:
            raise refused(f"设备购置更新贷款“{self.name}”没有写只对制造业", "only_sections: [C]", "补上这一项")
        return self

    @model_validator(mode="after")
    def _reads_a_unit(self) -> Service:
        if self.reading and self.unit is None:
            raise refused(f"服务“{self.name}”没有单位，谈不上是我们的理解", "unit: 单位，或删去 reading", "两者去其一")
        return self


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
    place: Say | None = None
    services: list[Service] = []

    @model_validator(mode="after")
    def _lists_services(self) -> Self:
        if self.services and self.kind != "service":
            raise refused("只有服务可以列出 services", "kind: service", "改 kind，或写进 says")
        names = [service.name for service in self.services]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            raise refused(f"服务“{name}”写了 {names.count(name)} 次", "每项服务一次", "删去重复的")
        return self


class Stacking(Strict):
    """How the benefit combines with others. `scope`: what counts as the same matter.

    `unwritten_with`: the measures on file that the text of `unwritten` speaks of. The relation holds both ways,
    whichever of the two writes it.
    """

    exclusive: str | None = None
    choose: Literal["highest"] | None = None
    once: Literal["lifetime", "project", "year"] | None = None
    top_up_of: str | None = None
    level_substitute: list[str] = []
    free: str | None = None
    unwritten: str | None = None
    unwritten_with: list[str] = []
    scope: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Stacking:
        ways = (self.exclusive, self.once, self.top_up_of, self.level_substitute or None, self.free, self.unwritten)
        if not any(way is not None for way in ways):
            allowed = "exclusive、once、top_up_of、level_substitute、free、unwritten"
            raise refused("stacking 没有写与谁、怎样合用", allowed, "至少写一项；文件没写时用 unwritten")
        if self.choose is not None and self.exclusive is None:
            raise refused("choose 没有对象", "exclusive: 组名", "写上就高不重复的组名")
        if self.unwritten_with and self.unwritten is None:
            raise refused("unwritten_with 没有说明", "unwritten: 说明", "写明文件怎么说；文件写明互斥的用 exclusive")
        return self


def parts_of(formula: Formula) -> tuple[Formula, ...]:
    """A formula and every formula inside it, in reading order."""
    inner = [*(formula.sum_of or {}).values(), *(formula.best_of or ())]
    if formula.choose is not None:
        inner += [*formula.choose.rows, *formula.choose.when]
    if isinstance(formula, Benefit) and formula.due is not None:
        inner.append(formula.due)
    return (formula, *(part for direct in inner for part in parts_of(direct)))


def has_unseen(formula: Formula | None) -> bool:
    """Whether the amount of a part of the formula was not seen."""
    return formula is not None and any(part.unseen for part in parts_of(formula))


def bases_of(formula: Formula) -> tuple[str, ...]:
    """Facts that the amounts of a formula are a share of."""
    return tuple(dict.fromkeys(fact for part in parts_of(formula) for fact in _bases(part) if fact is not None))


def facts_of(formula: Formula) -> tuple[str, ...]:
    """Every fact that a formula reads, its bases first."""
    found: list[str | None] = [*bases_of(formula)]
    for part in parts_of(formula):
        found.append(None if part.choose is None else part.choose.by)
        found.append(None if part.increment is None else part.increment.over)
        found.append(None if part.per_unit is None else part.per_unit.of)
        found.append(None if part.top_up is None else part.top_up.less)
        found.append(None if part.facility is None else part.facility.of)
        if part.interest is not None:
            found += [part.interest.days, part.interest.from_, part.interest.to]
    if isinstance(formula, Benefit) and formula.switch is not None:
        found.append(formula.switch.by)
    return tuple(dict.fromkeys(fact for fact in found if fact is not None))


def choosing_conditions(formula: Formula) -> tuple[str, ...]:
    """Named conditions by which a formula or one of its parts chooses."""
    rows = (row for part in parts_of(formula) if part.choose is not None for row in part.choose.when)
    return tuple(dict.fromkeys(row.condition for row in rows if row.condition is not None))


def _bases(part: Formula) -> tuple[str | None, ...]:
    return (
        part.of,
        None if part.tiers is None else part.tiers.of,
        None if part.increment is None else part.increment.of,
        None if part.interest is None else part.interest.principal,
    )
