"""A benefit as a table for people: when, how much; then caps, rounding and what else is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policy_match.benefits.limits import PER_NAMES
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Benefit, Cap, ChooseRow, Formula, Measure, Service, Stacking, Tier
from policy_match.facts.cells import Possible
from policy_match.facts.subjects import Subject
from policy_match.lifecycle.watch import is_in_sections
from policy_match.workflows.show_measure import AMOUNT_TO_CHECK, ask_text, bound_text

KIND_NAMES = {
    "cash": "资金",
    "tax": "减税（少缴的税款）",
    "deduction": "税前扣除（不是退税额）",
    "facility": "融资额度（不是补贴）",
    "service": "服务",
    "quota": "指标",
}
_MODES = {"floor": "向下取整", "half_up": "四舍五入", "ceil": "向上取整"}


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """One row of the table; `depth` tells terms of a sum or choice from the whole."""

    when: str
    how: str
    depth: int = 0


UNIT_READING = "单位是我们的理解"


def services_of(measure: Measure) -> tuple[Service, ...]:
    """The services that a benefit lists, in the order of the file; none where it is one service or no service."""
    return () if measure.benefit is None else tuple(measure.benefit.services)


def services_for(measure: Measure, subject: Subject) -> tuple[Service, ...]:
    """Those of them that are for a subject: none that is for other industries than its own; an unknown industry keeps all."""
    cell = subject.cells.get("industry_code")
    value = None if cell is None else cell.value
    options = value.options if isinstance(value, Possible) else ()
    return tuple(
        one for one in services_of(measure)
        if not one.only_sections or is_in_sections(options, frozenset(one.only_sections)) is not False
    )  # fmt: skip


def unit_text(service: Service, measure: Measure) -> str:
    """The unit that runs a service, marked where it is our reading; without one, whom to ask."""
    if service.unit is None:
        return f"承办单位没有写，{ask_text(measure)}"
    return f"{service.unit}（{UNIT_READING}）" if service.reading else service.unit


def benefit_lines(rule: Rule, rulebook: Rulebook) -> tuple[BenefitLine, ...]:
    """The benefit of one version; none where it has no amount."""
    benefit = rule.measure.benefit
    if benefit is None:
        return ()
    writing = _Writing(rule, rulebook)
    return (*writing.lines(benefit, "", None, 0), *writing.extras(benefit))


def benefit_note(rule: Rule, rulebook: Rulebook) -> str:
    """The benefit in a few words for a list: its kind and the first amount; of several cases the first one as an example."""
    benefit = rule.measure.benefit
    if benefit is None:
        return "认定，没有直接待遇"
    kind, lines = KIND_NAMES[benefit.kind], benefit_lines(rule, rulebook)
    if not lines:
        return f"{kind}：金额未见"
    first, depths = lines[0], [line.depth for line in lines]
    text = f"{first.when if first.when.startswith('上限') else ''}{first.how}"
    if depths[1:2] == [1] and depths[2:3] != [2] and lines[1].when:
        when = "" if lines[1].when in lines[1].how else f"{lines[1].when}，"
        text += f"，如{when}{lines[1].how}"
    is_ceiling = benefit.promise == "ceiling" and not first.when and "最高" not in text
    return f"{kind}：{text}" + ("（最高，以批准为准）" if is_ceiling else "")


class _Writing:
    def __init__(self, rule: Rule, rulebook: Rulebook) -> None:
        self.rule, self.rulebook, self.vocabulary = rule, rulebook, rulebook.vocabulary

    def label(self, fact: str | None) -> str:
        return self.vocabulary[fact].label if fact is not None else "基数"

    def lines(self, formula: Formula, when: str, base: str | None, depth: int) -> Iterator[BenefitLine]:
        base = formula.of or base
        parts = self.parts(formula, base)
        if parts is None:
            how = self.simple(formula, base)
            if how:
                yield BenefitLine(when, how + self.limits(formula), depth)
            return
        word, rows = parts
        yield BenefitLine(when, word + self.limits(formula), depth)
        for name, part in rows:
            yield from [part] if isinstance(part, BenefitLine) else self.lines(part, name, base, depth + 1)

    def parts(self, formula: Formula, base: str | None) -> tuple[str, list[tuple[str, Formula | BenefitLine]]] | None:
        """The word over the rows and the rows of a compound form; None for a simple one."""
        if formula.sum_of is not None:
            return "下列各项相加", [(self.term(part), part) for part in formula.sum_of.values()]
        if formula.best_of is not None:
            return "下列各项取高", [("", part) for part in formula.best_of]
        if formula.choose is not None:
            choose = formula.choose
            if choose.by is not None:
                rows = [(self.label(choose.by) + bound_text(r, choose.by, self.vocabulary), r) for r in choose.rows]
            else:
                rows = [(self.condition(r), r) for r in choose.when]
            return "按情形", list(rows)
        if formula.tiers is not None:
            method = "分段累进" if formula.tiers.method == "marginal" else "按所在档全额"
            return f"按{self.label(formula.tiers.of)}分档（{method}）", [
                ("", self.tier(row, formula.tiers.of)) for row in formula.tiers.rows
            ]
        return None

    def tier(self, row: Tier, of: str) -> BenefitLine:
        how = row.fixed if row.fixed is not None else f"{self.label(of)} × {row.rate}"
        return BenefitLine(bound_text(row, of, self.vocabulary), how, 1)

    def term(self, part: Formula) -> str:
        return self.label(part.of) if part.of is not None else ""

    def condition(self, row: ChooseRow) -> str:
        return "其他情形" if row.condition is None else self.rule.conditions[row.condition].label

    def simple(self, formula: Formula, base: str | None) -> str:
        if formula.fixed is not None:
            return formula.fixed
        if formula.unseen:
            return AMOUNT_TO_CHECK
        if formula.rate is not None:
            return f"{self.label(base)} × {formula.rate}"
        if formula.increment is not None:
            part = formula.increment
            return f"（{self.label(part.of)} − {self.label(part.over)}）× {part.rate}，未增加的不计"
        if formula.interest is not None:
            return self.interest(formula)
        if formula.per_unit is not None:
            times = f" × {formula.per_unit.times}" if formula.per_unit.times != 1 else ""
            return f"{self.label(formula.per_unit.of)} × {formula.per_unit.amount}{times}"
        if formula.top_up is not None:
            return f"补足至{formula.top_up.to}，减去{self.label(formula.top_up.less)}"
        if formula.facility is not None:
            part_of = formula.facility
            share = f"{self.label(part_of.of)} × {part_of.share}" if part_of.share is not None else ""
            return (
                "，".join(text for text in (share, f"最高{part_of.limit}" if part_of.limit else "") if text) or "额度"
            )
        return ""

    def interest(self, formula: Formula) -> str:
        part = formula.interest
        if part is None:
            return ""
        days = self.label(part.days) if part.days else f"{self.label(part.from_)}至{self.label(part.to)}的天数"
        return f"{self.label(part.principal)} × {part.rate} × {days} ÷ 365"

    def limits(self, formula: Formula) -> str:
        text = f"，最高{formula.cap}" if formula.cap is not None else ""
        return text + (f"，最低{formula.floor}" if formula.floor is not None else "")

    def extras(self, benefit: Benefit) -> Iterator[BenefitLine]:
        """Promise, caps, switch, rounding and words."""
        if benefit.promise == "ceiling":
            yield BenefitLine("承诺", "文件写的是“最高”“不超过”：可能为零，以批准为准")
        for cap in benefit.caps:
            yield BenefitLine(f"上限（{PER_NAMES[cap.per]}）", self.cap(cap))
        if benefit.switch is not None:
            by = self.label(benefit.switch.by)
            for row in benefit.switch.rows:
                when = by + bound_text(row, benefit.switch.by, self.vocabulary)
                span = f"（{benefit.switch.from_}至{benefit.switch.through}）"
                yield BenefitLine(when, f"以上金额 × {row.times}{span}")
        if benefit.due is not None:
            yield from self.lines(benefit.due, "应纳税额", None, 0)
        if benefit.a == "year":
            yield BenefitLine("计算期", "每年")
        if benefit.rounding is not None:
            yield BenefitLine("取整", f"到{benefit.rounding.to}，{_MODES[benefit.rounding.mode]}")
        if benefit.says:
            yield BenefitLine("说明", benefit.says)

    def cap(self, cap: Cap) -> str:
        shared = f"，与{_titles(cap.shared_with, self.rulebook)}合并计算" if cap.shared_with else ""
        return cap.amount + shared + (f"（{cap.note}）" if cap.note else "")


def stacking_lines(rule: Rule, rulebook: Rulebook) -> tuple[str, ...]:
    """How the benefit combines with others, a sentence each; none for a measure without a benefit."""
    stacking = rule.measure.stacking
    if rule.measure.benefit is None:
        return ()
    if stacking is None:
        return ("文件未写与其他待遇能否叠加",)
    once = {"lifetime": "只享受一次", "project": "每个项目一次", "year": "每年一次"}
    lines = (
        _exclusive(rule, stacking, rulebook),
        once.get(stacking.once or "", ""),
        f"在“{_title(stacking.top_up_of, rulebook)}”之上补差" if stacking.top_up_of else "",
        f"与上级待遇相抵：{_titles(stacking.level_substitute, rulebook)}" if stacking.level_substitute else "",
        stacking.free or "",
        stacking.unwritten or "",
        f"能否叠加未写，不与{_titles(stacking.unwritten_with, rulebook)}相加" if stacking.unwritten_with else "",
        f"同一事项指：{stacking.scope}" if stacking.scope else "",
    )
    return tuple(line for line in lines if line)


def _exclusive(rule: Rule, stacking: Stacking, rulebook: Rulebook) -> str:
    """The other measures of the same group by title, drafts included: the loader sees to it that there are some."""
    if stacking.exclusive is None:
        return ""
    others = {
        other.id: other.measure.title
        for other in rulebook.rules
        if other.id != rule.id and other.measure.stacking and other.measure.stacking.exclusive == stacking.exclusive
    }
    named = "、".join(f"“{title}”" for _, title in sorted(others.items()))
    return f"与{named}不重复享受" + ("，就高" if stacking.choose == "highest" else "")


def _titles(ids: Sequence[str], rulebook: Rulebook) -> str:
    return "、".join(f"“{_title(measure_id, rulebook)}”" for measure_id in ids)


def _title(measure_id: str, rulebook: Rulebook) -> str:
    return rulebook.versions(measure_id)[-1].measure.title if measure_id in rulebook.ids else measure_id
