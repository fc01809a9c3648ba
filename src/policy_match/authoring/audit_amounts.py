"""Amounts of a benefit, checked at load: nothing that computes may fail, or be read two ways, on a subject.

Every amount and rate can be read, every base is a fact that can be multiplied, tiers
neither overlap nor leave a hole, no row of a choice is out of reach, rounding is said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.reach import unreachable_row
from policy_match.eligibility.conditions import guards_of
from policy_match.eligibility.schema import Benefit, Bound, Choose, ChooseRow, Condition, Formula, Switch, Tiers
from policy_match.eligibility.schema_benefit import has_unseen, parts_of
from policy_match.eligibility.validity import exact_day
from policy_match.errors import FactError, Issue
from policy_match.facts.vocabulary import FactType, Vocabulary, unknown_fact
from policy_match.units import Number, parse_money, parse_ratio

MONEY, COUNTS = frozenset({FactType.MONEY}), frozenset({FactType.COUNT, FactType.AREA})
CASHLIKE = ("cash", "tax", "deduction")
WITHOUT_FIGURE = ("sum_of", "choose", "best_of", "unseen")
TIERED = ("at_most", "less_than")


def audit_benefit(
    benefit: Benefit | None,
    verified: str,
    conditions: Mapping[str, Condition],
    vocabulary: Vocabulary,
    findings: Findings,
) -> None:
    """Every fault of a benefit; `verified`: how its amounts were seen."""
    if benefit is None:
        if verified != "none":
            hint = "写 verified.benefit: none，或补上待遇"
            findings.refuse("BENEFIT", "没有 benefit，verified.benefit 却不是 none", ("verified",), "none", hint)
        return
    _whole(benefit, verified, findings)
    for index, cap in enumerate(benefit.caps):
        _amount(cap.amount, ("benefit", "caps", index, "amount"), findings)
    if benefit.rounding is not None and _amount(benefit.rounding.to, ("benefit", "rounding", "to"), findings) == 0:
        findings.refuse(
            "ROUNDING", "取整单位是 0", ("benefit", "rounding", "to"), "1元、1分、100元", "改为大于 0 的单位"
        )
    audit = _Amounts(conditions, vocabulary, findings)
    audit.formula(benefit, ("benefit",), None)
    if benefit.due is not None:
        audit.formula(benefit.due, ("benefit", "due"), None)
    if benefit.switch is not None:
        audit.switch(benefit.switch, benefit, ("benefit", "switch"))


def _whole(benefit: Benefit, verified: str, findings: Findings) -> None:
    if verified == "none":
        hint = "改正 verified.benefit，或删去 benefit"
        findings.refuse(
            "BENEFIT", "verified.benefit 为 none 却写了 benefit", ("benefit",), "page、copy、recalled、unseen", hint
        )
    if verified == "unseen" and (benefit.form is not None or benefit.due is not None):
        findings.refuse(
            "AMOUNT_UNSEEN", "金额未见，却写了金额", ("benefit",), "kind、says，以及见到的上限 caps", "删去金额和比例"
        )
    if has_unseen(benefit) and not any(part.form not in (None, *WITHOUT_FIGURE) for part in parts_of(benefit)):
        hint = "整项金额未见的，删去计算形式，写 verified.benefit: unseen"
        findings.refuse("AMOUNT_UNSEEN", "没有一处写了见到的金额", ("benefit",), "至少一处 fixed、rate 等", hint)
    if benefit.form is None and not benefit.says:
        findings.refuse("BENEFIT", "待遇没有写内容", ("benefit",), "计算形式，或 says: 待遇的说明", "补上其中一项")
    if benefit.form not in (None, "facility") and benefit.rounding is None:
        findings.refuse("ROUNDING", "没有写取整规则", ("benefit",), '{to: "1元", mode: floor}', "补上 rounding")
    if benefit.form == "facility" and benefit.kind in CASHLIKE:
        hint = "额度不是给企业的钱，kind 写 facility"
        findings.refuse(
            "BENEFIT", f"额度（facility）不能算作 {benefit.kind}", ("benefit",), "facility、service、quota", hint
        )


class _Amounts:
    def __init__(self, conditions: Mapping[str, Condition], vocabulary: Vocabulary, findings: Findings) -> None:
        self.conditions, self.vocabulary, self.findings = conditions, vocabulary, findings

    def fact(self, name: str | None, place: Place, kinds: Collection[FactType], unit: str | None = None) -> None:
        """The fact exists and is of a kind that can be computed with."""
        if name is None:
            return
        if name not in self.vocabulary:
            issue = unknown_fact(name, self.vocabulary)
            self.findings.refuse(issue.code, issue.what, place, issue.allowed, issue.hint)
            return
        spec = self.vocabulary[name]
        if spec.type not in kinds or (unit is not None and spec.unit != unit):
            what = f"“{spec.label}”（{spec.type}{spec.unit and '，' + spec.unit}）不能这样计算"
            allowed = "、".join(sorted(kinds)) + (f"，单位{unit}" if unit else "") + "类型的事实"
            self.findings.refuse("BASE", what, place, allowed, "改用合适的事实，需要换算的先在 facts.yaml 推导")

    def formula(self, formula: Formula, place: Place, base: str | None) -> None:
        """One formula and those in it; `base`: what the formula around it is reckoned on."""
        self.fact(formula.of, (*place, "of"), MONEY)
        if formula.of is not None and not any(part.rate is not None for _, part in _parts(formula, ())):
            what = f"of: {formula.of} 没有被用到"
            self.findings.refuse("BASE", what, (*place, "of"), "与 rate 一起写", "删去 of，或写 rate")
        base = formula.of or base
        if formula.rate is not None and base is None:
            self.findings.refuse("BASE", "有比例而没有基数（of）", (*place, "rate"), "of: 事实名", "写明按什么计算")
        _amount(formula.fixed, (*place, "fixed"), self.findings)
        _rate(formula.rate, (*place, "rate"), self.findings)
        floor = _amount(formula.floor, (*place, "floor"), self.findings)
        cap = _amount(formula.cap, (*place, "cap"), self.findings)
        if floor is not None and cap is not None and floor > cap:
            self.findings.refuse(
                "AMOUNT", "下限（floor）大于上限（cap）", (*place, "floor"), "floor 不大于 cap", "检查两个金额"
            )
        if formula.unseen and not (formula.cap is None and formula.floor is None):
            what = "金额未见，却写了限额"
            self.findings.refuse("AMOUNT_UNSEEN", what, (*place, "unseen"), "只写 unseen: true", "删去 cap、floor")
        if formula.tiers is not None:
            self.tiers(formula.tiers, (*place, "tiers"))
        if formula.choose is not None:
            self.choose(formula.choose, (*place, "choose"), base)
        self.simple(formula, place)
        for step, part in _direct(formula):
            if not isinstance(part, ChooseRow):
                self.formed(part, (*place, *step))
                self.formula(part, (*place, *step), base)

    def formed(self, part: Formula, place: Place) -> None:
        if part.form is None:
            self.findings.refuse(
                "BENEFIT",
                "这一项没有写给多少",
                place,
                "fixed、rate 等计算形式",
                '补上；不给的写 fixed: "0元"，给多少没见过的写 unseen: true',
            )

    def simple(self, formula: Formula, place: Place) -> None:
        """Forms of one line, each with the facts that it reads."""
        if (added := formula.increment) is not None:
            self.fact(added.of, (*place, "increment", "of"), MONEY)
            self.fact(added.over, (*place, "increment", "over"), MONEY)
            _rate(added.rate, (*place, "increment", "rate"), self.findings)
        if (loan := formula.interest) is not None:
            self.fact(loan.principal, (*place, "interest", "principal"), MONEY)
            _rate(loan.rate, (*place, "interest", "rate"), self.findings)
            self.fact(loan.days, (*place, "interest", "days"), frozenset({FactType.COUNT}), "天")
            self.fact(loan.from_, (*place, "interest", "from"), frozenset({FactType.DATE}))
            self.fact(loan.to, (*place, "interest", "to"), frozenset({FactType.DATE}))
        if (each := formula.per_unit) is not None:
            self.fact(each.of, (*place, "per_unit", "of"), COUNTS)
            _amount(each.amount, (*place, "per_unit", "amount"), self.findings)
        if (raised := formula.top_up) is not None:
            _amount(raised.to, (*place, "top_up", "to"), self.findings)
            self.fact(raised.less, (*place, "top_up", "less"), MONEY)
        if (line := formula.facility) is not None:
            _amount(line.limit, (*place, "facility", "limit"), self.findings)
            self.fact(line.of, (*place, "facility", "of"), MONEY)
            _rate(line.share, (*place, "facility", "share"), self.findings)

    def tiers(self, tiers: Tiers, place: Place) -> None:
        """Bounds are upper ends that rise; only the last tier has none, so that there is no hole and no overlap."""
        self.fact(tiers.of, (*place, "of"), MONEY)
        edges: list[int] = []
        for index, tier in enumerate(tiers.rows):
            row: Place = (*place, "rows", index)
            guard, is_last = tier.guard, index == len(tiers.rows) - 1
            if (guard is None) != is_last:
                hint = "前面各档写上限，最后一档不写"
                self.findings.refuse("TIERS", "分档有缺口", row, "、".join(TIERED), hint)
            elif guard is not None and guard[0] not in TIERED:
                self.findings.refuse(
                    "TIERS", f"分档不能用 {guard[0]}", row, "、".join(TIERED), "只写每档的上限，从小到大"
                )
            elif guard is not None and (edge := _amount(str(guard[1]), row, self.findings)) is not None:
                edges.append(edge)
                if len(edges) > 1 and edges[-1] <= edges[-2]:
                    self.findings.refuse("TIERS", "分档重叠，界限没有递增", row, "从小到大", "调整顺序或数值")
            _rate(tier.rate, row, self.findings)
            _amount(tier.fixed, row, self.findings)
            if tiers.method == "marginal" and tier.fixed is not None:
                self.findings.refuse("TIERS", "逐段累进的一档只能写比例", row, "rate", "写 rate，或 method: whole")

    def choose(self, choose: Choose, place: Place, base: str | None) -> None:
        """Every row can be reached and says what is given; only the last may be without a bound."""
        rows, key = (choose.rows, "rows") if choose.by is not None else (choose.when, "when")
        if choose.by is not None:
            self.guards(rows, choose.by, place)
        for index, row in enumerate(rows):
            at: Place = (*place, key, index)
            self.formed(row, at)
            self.formula(row, at, base)
            if key == "rows" and (row.condition is not None or row.otherwise is not None):
                self.findings.refuse(
                    "CHOOSE", "按事实选择的行不写 condition、otherwise", at, "is、at_most 等界限", "改写界限"
                )
            if key == "when":
                self.case(row, at, is_last=index == len(rows) - 1)

    def case(self, row: ChooseRow, place: Place, *, is_last: bool) -> None:
        if row.guard is not None or (row.condition is None) == (row.otherwise is None):
            allowed = "condition: 条件名，或 otherwise: true"
            self.findings.refuse("CHOOSE", "按条件选择的行没有写清条件", place, allowed, "两者写且只写一个，不写界限")
        elif (row.otherwise is not None) != is_last:
            hint = '最后一行写 otherwise: true；不给的写 fixed: "0元"'
            self.findings.refuse("CHOOSE", "otherwise 应是最后一行，且只有最后一行", place, "otherwise 放在最后", hint)
        if row.condition is not None:
            _known_condition(row.condition, (*place, "condition"), self.conditions, self.findings)

    def guards(self, rows: Sequence[Bound], by: str, place: Place) -> None:
        """Bounds of rows by a fact; the last row may carry one: then nothing is given beyond it."""
        self.fact(by, (*place, "by"), frozenset(FactType))
        if by not in self.vocabulary:
            return
        if (spec := self.vocabulary[by]).type is FactType.SET:
            what = f"金额不能按“{spec.label}”分行：一个主体可以同时有几项"
            allowed = "choose: {when: [{condition: 条件名, fixed: …}, {otherwise: true, fixed: …}]}"
            hint = "给每一级在 conditions 写一个 has_any 条件，再用 when 按条件分行，高的在前"
            self.findings.refuse("CHOOSE", what, (*place, "by"), allowed, hint)
            return
        closed = list(rows) if rows[-1].guard is None else [*rows, ChooseRow()]
        guards = self.findings.read((*place, "rows"), lambda: guards_of(closed, by, self.vocabulary))
        if guards is not None and (index := unreachable_row(guards)) is not None:
            what = f"第 {index + 1} 行不会用到：前面的行已包括它"
            self.findings.refuse("ROWS", what, (*place, "rows", index), "各行不重叠，先窄后宽", "调整顺序、界限或选项")

    def switch(self, switch: Switch, benefit: Benefit, place: Place) -> None:
        """A factor of the rates within dates."""
        self.guards(switch.rows, switch.by, place)
        for index, row in enumerate(switch.rows):
            _rate(row.times, (*place, "rows", index, "times"), self.findings)
        first = self.findings.read((*place, "from"), lambda: exact_day(switch.from_))
        last = self.findings.read((*place, "through"), lambda: exact_day(switch.through))
        if first is not None and last is not None and last < first:
            self.findings.refuse(
                "SWITCH", "switch 的截止早于开始", (*place, "through"), "through 不早于 from", "检查两个日期"
            )
        if benefit.form is None:
            self.findings.refuse("SWITCH", "没有比例可以改变", place, "与计算形式一起写", "删去 switch，或写上待遇")


def _known_condition(name: str, place: Place, conditions: Mapping[str, Condition], findings: Findings) -> None:
    if name not in conditions:
        what = f"待遇用到未定义的条件“{name}”"
        findings.refuse("BENEFIT", what, place, "、".join(conditions), "在 conditions 中定义，或改名")


def _figure(written: str | None, parse: Callable[[str], Number], place: Place, findings: Findings) -> Number | None:
    if written is None:
        return None

    def read() -> Number:
        number = parse(written)
        if number < 0:
            raise FactError(Issue("NUM_RANGE", f"“{written}”小于 0", "", "不小于 0", "检查正负号"))
        return number

    return findings.read(place, read)


def _amount(written: str | None, place: Place, findings: Findings) -> int | None:
    number = _figure(written, parse_money, place, findings)
    return None if number is None else int(number)


def _rate(written: str | None, place: Place, findings: Findings) -> None:
    _figure(written, parse_ratio, place, findings)


def _direct(formula: Formula) -> Iterator[tuple[Place, Formula]]:
    """The formulas directly in a formula, with the steps that lead to them."""
    for name, part in (formula.sum_of or {}).items():
        yield ("sum_of", name), part
    for index, part in enumerate(formula.best_of or ()):
        yield ("best_of", index), part
    if formula.choose is not None:
        for key, rows in (("rows", formula.choose.rows), ("when", formula.choose.when)):
            for index, row in enumerate(rows):
                yield ("choose", key, index), row


def _parts(formula: Formula, place: Place) -> Iterator[tuple[Place, Formula]]:
    yield place, formula
    for step, part in _direct(formula):
        yield from _parts(part, (*place, *step))
