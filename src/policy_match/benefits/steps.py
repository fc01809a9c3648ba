"""How an amount comes about, one line a step, each with its figures: what a proof and an officer read.

The figures are those that `formula.py` computes; nothing is computed here a second time.
An input that is not known gives a range in words, as it gives an interval there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_match.benefits.formula import Computing, is_ceiling, money_of
from policy_match.eligibility.schema import Benefit, Choose, ChooseRow, Formula, Interest, Tiers
from policy_match.facts.cells import Value
from policy_match.facts.show import value_text
from policy_match.units import Band, Number, format_band, format_money

MODES = {"floor": "向下取整", "half_up": "四舍五入", "ceil": "向上取整"}
PER = {
    "project": "单个项目", "project_year": "单个项目每年", "enterprise_year": "单个企业每年", "enterprise": "单个企业",
    "person": "每人", "pool_year": "全年资金总额", "lifetime": "累计",
}  # fmt: skip


def steps(computing: Computing, row: int) -> tuple[str, ...]:
    """The steps of `computing.amount(row)`, the amount itself last; nothing where there is none."""
    benefit, amount = computing.rule.measure.benefit, computing.amount(row)
    if benefit is None or amount is None:
        return ()
    high = "不封顶" if amount.high_fen is None else f"{amount.high_fen}分"
    span = f"{amount.low_fen}分" if amount.low_fen == amount.high_fen else f"{amount.low_fen}分至{high}"
    return (*_Saying(computing, row).benefit(benefit), f"金额：{amount.text}（{span}）")


class _Saying:
    def __init__(self, computing: Computing, row: int) -> None:
        self.computing, self.row = computing, row
        self.vocabulary = computing.table.vocabulary

    def benefit(self, benefit: Benefit) -> Iterator[str]:
        """Form, switch, caps, rounding, in the order in which they apply."""
        yield from self.formula(benefit, None)
        band = self.computing.total(benefit, self.row)
        if benefit.switch is not None:
            factor = self.computing.switch(benefit.switch, self.row)
            yield f"{self.fact(benefit.switch.by)}，乘以 {format_band(factor, _share_text)} = {_money(band)}"
        for number, cap in enumerate(benefit.caps, start=1):
            band = self.computing.capped(benefit.model_copy(update={"caps": benefit.caps[:number]}), band)
            yield f"{PER[cap.per]}上限 {format_money(money_of(cap.amount))} → {_money(band)}"
        if benefit.rounding is not None:
            yield f"{MODES[benefit.rounding.mode]}到 {benefit.rounding.to}"
        if is_ceiling(benefit):
            yield "只写了最高额：至少为 0元"

    def formula(self, formula: Formula, base: str | None) -> Iterator[str]:
        """The steps of one formula; the last one but for its floor and cap ends with what it comes to."""
        base = formula.of or base
        bare = self.computing.form(formula, self.row, base)
        yield from self.form(formula, base, _money(bare))
        if formula.floor is not None:
            raised = formula.model_copy(update={"cap": None})
            result = self.computing.formula(raised, self.row, base)
            yield f"不低于 {format_money(money_of(formula.floor))} → {_money(result)}"
        if formula.cap is not None:
            result = self.computing.formula(formula, self.row, base)
            yield f"不超过 {format_money(money_of(formula.cap))} → {_money(result)}"

    def form(self, formula: Formula, base: str | None, result: str) -> Iterator[str]:
        if formula.fixed is not None:
            yield f"定额 {result}"
        elif formula.rate is not None:
            yield f"{self.fact(base)} × {formula.rate} = {result}"
        elif formula.tiers is not None:
            yield f"{self.fact(formula.tiers.of)}，{_tiers_text(formula.tiers)} = {result}"
        elif formula.sum_of is not None:
            yield from self.parts(formula.sum_of.values(), base)
            yield f"各项相加 = {result}"
        elif formula.best_of is not None:
            yield from self.parts(formula.best_of, base)
            yield f"各项取高 = {result}"
        elif formula.choose is not None:
            yield from self.choose(formula.choose, base, result)
        else:
            yield self.simple(formula, result)

    def parts(self, parts: Iterable[Formula], base: str | None) -> Iterator[str]:
        for number, part in enumerate(parts, start=1):
            yield from (f"（{number}）{step}" for step in self.formula(part, base))

    def choose(self, choose: Choose, base: str | None, result: str) -> Iterator[str]:
        """The row that holds, or every row that still may, with what they leave open."""
        key = "按情形" if choose.by is None else self.fact(choose.by)
        reached = self.computing.chosen(choose, self.row)
        if len(reached) == 1:
            yield f"{key}，取{self.row_text(reached[0])}"
            yield from self.formula(reached[0], base)
            return
        for then in reached:
            yield from (f"{key}，可能取{self.row_text(then)}：{step}" for step in self.formula(then, base))
        yield f"还不能确定取哪一档 = {result}"

    def row_text(self, then: Formula) -> str:
        """The row as its file names it: 劳务派遣单位一档, large 一档, 其余一档."""
        condition = then.condition if isinstance(then, ChooseRow) else None
        if condition is not None:
            return f"“{self.computing.rule.conditions[condition].label}”一档"
        guard = then.guard if isinstance(then, ChooseRow) else None
        if guard is None:
            return "其余一档"
        words = {"at_most": "不超过", "less_than": "低于", "at_least": "不低于", "more_than": "超过"}
        written = "、".join(guard[1]) if isinstance(guard[1], list) else str(guard[1])
        return f"“{words.get(guard[0], '')}{written}”一档"

    def simple(self, formula: Formula, result: str) -> str:
        if (increment := formula.increment) is not None:
            return f"（{self.fact(increment.of)} − {self.fact(increment.over)}）× {increment.rate} = {result}"
        if (top_up := formula.top_up) is not None:
            return f"补足到 {top_up.to} − {self.fact(top_up.less)} = {result}"
        if (per_unit := formula.per_unit) is not None:
            times = f" × {per_unit.times}" if per_unit.times != 1 else ""
            return f"{self.fact(per_unit.of)} × {per_unit.amount}{times} = {result}"
        if formula.interest is not None:
            return f"{self.interest(formula.interest)} = {result}"
        if (facility := formula.facility) is not None:
            share = "" if facility.of is None else f"{self.fact(facility.of)} × {facility.share}"
            limit = "" if facility.limit is None else f"额度 {facility.limit}"
            return f"{'，'.join(part for part in (share, limit) if part)} = {result}"
        return "金额没有见到"

    def interest(self, interest: Interest) -> str:
        days = (
            self.fact(interest.days)
            if interest.days is not None
            else f"{self.fact(interest.from_)}至{self.fact(interest.to)}的天数"
        )
        return f"{self.fact(interest.principal)} × {interest.rate} × {days} ÷ 365"

    def fact(self, name: str | None) -> str:
        """A fact and its value: “上年度实缴失业保险费” 10万元."""
        if name is None:
            return "基数"
        spec, value = self.vocabulary[name], self.computing.table.cell(self.row, name).value
        return f"“{spec.label}”{self.text(name, value)}"

    def text(self, name: str, value: Value | None) -> str:
        if value is None:
            return "未知"
        text = value_text(self.vocabulary[name], value, self.vocabulary)
        return f" {text}" if isinstance(value, Band) else f"为{text}"


def _tiers_text(tiers: Tiers) -> str:
    """分段累进（500万元以内 0%、2000万元以内 8%、其余 10%）, or 按所在档全额（…）."""
    rows: list[str] = []
    for tier in tiers.rows:
        guard = tier.guard
        within = "其余" if guard is None else f"{guard[1]}{'以内' if guard[0] == 'at_most' else '以下（不含）'}"
        rows.append(f"{within} {tier.rate or tier.fixed}")
    return f"{'分段累进' if tiers.method == 'marginal' else '按所在档全额'}（{'、'.join(rows)}）"


def _share_text(share: Number) -> str:
    return f"{share * 100}%"


def _money(band: Band | None) -> str:
    """An amount in words; parts of a 分 as a fraction, exactly, because rounding comes last."""
    if band is None:
        return "算不出"
    return format_band(Band(band.low or 0, band.high), _exact)


def _exact(fen: Number) -> str:
    return format_money(fen) if fen.denominator == 1 else f"{fen.numerator}/{fen.denominator}分"
