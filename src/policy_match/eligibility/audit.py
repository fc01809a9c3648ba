"""What the author of a rule owes its readers, checked at load.

Each clause of the source is accounted for, each condition and the benefit name
their clause, each threshold has its boundary line, nothing is used that is not
defined, nothing holds for an empty profile, and versions of one measure agree in
what must not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from policy_match.dates import parse_date
from policy_match.eligibility.nodes import Evaluation, plane_bit
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Benefit, FactCondition, Formula, Window, depth_of, names_in
from policy_match.errors import FactError, Issue
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary
from policy_match.strict_yaml import Document, Step
from policy_match.units import parse_money, parse_ratio

MAX_DEPTH = 12
ANY_DAY = date(2026, 1, 1)
THRESHOLDS = frozenset(
    {
        "at_least",
        "at_most",
        "more_than",
        "less_than",
        "between",
        "before",
        "on_or_after",
        "age_at_least",
        "growth_at_least",
        "within",
    }
)


def audit_measure(rule: Rule, document: Document, vocabulary: Vocabulary) -> list[Issue]:
    """Every duty that one version does not meet, each at its line."""
    audit = _Audit(rule, document, vocabulary)
    return list(audit.issues())


def audit_family(versions: Sequence[tuple[Rule, Document]]) -> list[Issue]:
    """Faults between versions of one measure: periods that surely overlap; topics, family or target that change."""
    issues: list[Issue] = []
    for (older, _), (newer, document) in pairwise(versions):
        for name in ("topics", "family", "target"):
            if getattr(older.measure, name) != getattr(newer.measure, name):
                issues.append(
                    Issue(
                        "VERSIONS",
                        f"{name} 与上一版本不同",
                        document.where((name,)),
                        str(getattr(older.measure, name)),
                        "各版本保持一致",
                    )
                )
        through = older.validity.sure_through
        if (
            through is None or through >= newer.validity.sure_from
        ) and older.validity.sure_from <= newer.validity.sure_from:
            what = f"与第 {older.measure.version} 版的施行期重叠"
            issues.append(
                Issue(
                    "VERSIONS", what, document.where(("effective",)), "", "上一版写 through: superseded 或更早的截止日"
                )
            )
    return issues


class _Audit:
    def __init__(self, rule: Rule, document: Document, vocabulary: Vocabulary) -> None:
        self.rule, self.measure, self.document, self.vocabulary = rule, rule.measure, document, vocabulary

    def issue(self, code: str, what: str, path: tuple[Step, ...], allowed: str = "", hint: str = "") -> Issue:
        return Issue(code, what, self.document.where(path), allowed, hint)

    def issues(self) -> Iterator[Issue]:
        yield from self.clauses()
        yield from self.names()
        yield from self.tree()
        yield from self.boundaries()
        yield from self.benefit()
        yield from self.dates()
        yield from self.cases()
        yield from self.entitlement()

    # clauses

    def implementers(self) -> set[str]:
        parts = {*self.measure.conditions, *self.measure.use}
        parts |= {"benefit"} if self.measure.benefit is not None else set()
        parts |= {"stacking"} if self.measure.stacking is not None else set()
        return parts | {"effective", "apply_window", "no_application", "grants"}

    def clauses(self) -> Iterator[Issue]:
        known, named = self.implementers(), set[str]()
        for index, clause in enumerate(self.measure.clauses):
            for name in clause.by:
                named.add(name)
                if name not in known:
                    what = f"条款“{clause.article}”所列“{name}”不存在"
                    yield self.issue(
                        "CLAUSE",
                        what,
                        ("clauses", index),
                        "、".join(sorted(known)),
                        "改为已有的条件、定义、benefit 或 stacking",
                    )
        owed = {*self.measure.conditions, *self.measure.use}
        owed |= {"benefit"} if self.measure.benefit is not None and self.measure.benefit.form is not None else set()
        owed |= {"stacking"} if self.measure.stacking is not None else set()
        for name in sorted(owed - named):
            path: tuple[Step, ...] = ("conditions", name) if name in self.measure.conditions else (name,)
            yield self.issue("CLAUSE", f"“{name}”没有条款依据", path, "", "在某一条款的 by 中写上它")

    # names

    def names(self) -> Iterator[Issue]:
        used = set(names_in(self.measure.eligible_when))
        benefit_names = set(_benefit_conditions(self.measure.benefit))
        for name in sorted(benefit_names - set(self.measure.conditions) - set(self.measure.use)):
            yield self.issue(
                "BENEFIT", f"待遇用到未定义的条件“{name}”", ("benefit",), "、".join(self.measure.conditions), "先定义"
            )
        for name in self.measure.conditions:
            if name not in used and name not in benefit_names:
                yield self.issue(
                    "UNUSED", f"条件“{name}”没有被使用", ("conditions", name), "", "放进 eligible_when 或删去"
                )
        for index, name in enumerate(self.measure.use):
            if name not in used and name not in benefit_names:
                yield self.issue("UNUSED", f"定义“{name}”没有被使用", ("use", index), "", "放进 eligible_when 或删去")

    # the tree

    def tree(self) -> Iterator[Issue]:
        path: tuple[Step, ...] = ("eligible_when",)
        if depth_of(self.measure.eligible_when) > MAX_DEPTH:
            yield self.issue("TREE", "嵌套过深", path, f"不超过 {MAX_DEPTH} 层", "把一部分写成共用定义")
        nothing_known = FactTable(self.vocabulary, [{}])
        if plane_bit(Evaluation(nothing_known, ANY_DAY).planes(self.rule.root).true, 0):
            yield self.issue("TREE", "没有任何事实时也成立", path, "至少一个事实条件或人工条件", "补上条件")

    # boundaries

    def boundaries(self) -> Iterator[Issue]:
        thresholds = {
            name: written
            for name, written in self.measure.conditions.items()
            if isinstance(written, FactCondition) and written.op in THRESHOLDS
        }
        for name, condition in thresholds.items():
            lines = self.measure.boundaries.get(name)
            given = lines if isinstance(lines, list) else [] if lines is None else [lines]
            rows = len(condition.rows) or (2 if condition.op in ("between", "within") and len(given) == 2 else 1)
            path: tuple[Step, ...] = ("boundaries", name) if lines is not None else ("conditions", name)
            if len(given) < rows:
                what = f"界限“{name}”有 {rows} 行，边界用例只有 {len(given)} 行"
                yield self.issue("BOUNDARY", what, path, "每行一条 at、under（over）、missing", "在 boundaries 中补上")
            for line in given:
                if line.at is None or (line.under is None and line.over is None):
                    yield self.issue("BOUNDARY", f"界限“{name}”的边界用例不全", path, "at 以及 under 或 over", "补上")
        for name in self.measure.boundaries:
            if name not in thresholds:
                yield self.issue(
                    "BOUNDARY", f"“{name}”不是带界限的条件", ("boundaries", name), "、".join(thresholds), "删去或改名"
                )
        if self.measure.boundaries and not self.measure.cases:
            yield self.issue("BOUNDARY", "有边界用例却没有基准用例", ("boundaries",), "", "cases 的第一条作为基准")

    # benefit

    def benefit(self) -> Iterator[Issue]:
        benefit, verified = self.measure.benefit, self.measure.verified.benefit
        if benefit is None:
            if verified != "none":
                yield self.issue(
                    "BENEFIT",
                    "没有 benefit，verified.benefit 却不是 none",
                    ("verified",),
                    "none",
                    "写 benefit: none 或补上待遇",
                )
            return
        if verified == "none":
            yield self.issue("BENEFIT", "verified.benefit 为 none 却写了 benefit", ("benefit",), "", "改正 verified")
        if verified == "unseen" and benefit.form is not None:
            yield self.issue("AMOUNT_UNSEEN", "金额未见，却写了金额", ("benefit",), "", "删去金额，只留 kind 和 says")
        if benefit.form not in (None, "facility") and benefit.rounding is None:
            yield self.issue(
                "BENEFIT", "没有写取整规则", ("benefit",), 'rounding: {to: "1元", mode: floor}', "补上 rounding"
            )
        for path, formula in _formulas(benefit, ("benefit",)):
            yield from self.formula(formula, path)

    def formula(self, formula: Formula, path: tuple[Step, ...]) -> Iterator[Issue]:
        if formula.rate is not None and formula.of is None and not _has_base(self.measure.benefit, formula):
            yield self.issue("BENEFIT", "有比例而没有基数（of）", path, "of: 事实名", "写明按什么计算")
        for text, parse in (
            (formula.fixed, parse_money),
            (formula.cap, parse_money),
            (formula.floor, parse_money),
            (formula.rate, parse_ratio),
        ):
            if text is not None:
                try:
                    parse(text)
                except FactError as error:
                    for issue in error.issues:
                        yield self.issue(issue.code, issue.what, path, issue.allowed, issue.hint)
        if formula.tiers is not None:
            guards = [row.guard for row in formula.tiers.rows]
            if any(guard is None for guard in guards[:-1]) or guards[-1] is not None:
                yield self.issue(
                    "TIERS", "分档有缺口或重叠", (*path, "tiers"), "前面各档写界限，最后一档不写", "改正分档"
                )
            bounds = [
                parse_money(str(guard[1]))
                for guard in guards
                if guard is not None and guard[0] in ("at_most", "less_than")
            ]
            if any(low >= high for low, high in pairwise(bounds)):
                yield self.issue("TIERS", "分档界限没有递增", (*path, "tiers"), "从小到大", "调整顺序或数值")

    # dates

    def dates(self) -> Iterator[Issue]:
        for name in ("reviewed_on", "next_review_on"):
            try:
                if not parse_date(getattr(self.measure, name)).is_exact:
                    yield self.issue("DATE_FORMAT", f"{name} 应写到日", (name,), "YYYY-MM-DD")
            except FactError as error:
                for issue in error.issues:
                    yield self.issue(issue.code, issue.what, (name,), issue.allowed, issue.hint)
        window = self.measure.apply_window
        if isinstance(window, Window):
            first, last = parse_date(window.from_).low, parse_date(window.through).high
            if first is not None and last is not None and first > last:
                yield self.issue("WINDOW", "申报期截止早于开始", ("apply_window",), "", "检查起止日期")

    # cases

    def cases(self) -> Iterator[Issue]:
        names: list[str] = []
        for index, case in enumerate(self.measure.cases):
            if case.name in names:
                yield self.issue("CASE", f"用例“{case.name}”重名", ("cases", index), "", "改名")
            if case.like is not None and case.like not in names:
                yield self.issue(
                    "CASE",
                    f"like 引用的“{case.like}”不在前面的用例中",
                    ("cases", index, "like"),
                    "、".join(names),
                    "先写被引用的用例",
                )
            names.append(case.name)

    # 免申即享

    def entitlement(self) -> Iterator[Issue]:
        plan = self.measure.no_application
        if plan is None:
            return
        if self.measure.mode != "msjx":
            yield self.issue(
                "NO_APPLICATION",
                "只有 mode: msjx 可以写 no_application",
                ("no_application",),
                "mode: msjx",
                "改 mode 或删去",
            )
        for name, condition in self.rule.conditions.items():
            if condition.kind != "fact":
                yield self.issue(
                    "NO_APPLICATION",
                    f"免申即享不能含人工或前提条件“{name}”",
                    ("conditions", name),
                    "",
                    "改 mode，或改成可核验的事实",
                )
            elif condition.fact is not None and condition.fact not in plan.evidence:
                yield self.issue(
                    "NO_APPLICATION",
                    f"事实“{condition.fact}”没有写可采信的来源",
                    ("no_application",),
                    "evidence: {事实: {from: […], max_age_days: …}}",
                    "补上",
                )


def _formulas(formula: Formula, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Formula]]:
    yield path, formula
    for name, part in (formula.sum_of or {}).items():
        yield from _formulas(part, (*path, "sum_of", name))
    for index, part in enumerate(formula.best_of or []):
        yield from _formulas(part, (*path, "best_of", index))
    if formula.choose is not None:
        for key, rows in (("rows", formula.choose.rows), ("when", formula.choose.when)):
            for index, row in enumerate(rows):
                yield from _formulas(row, (*path, "choose", key, index))
    if isinstance(formula, Benefit) and formula.due is not None:
        yield from _formulas(formula.due, (*path, "due"))


def _has_base(benefit: Benefit | None, formula: Formula) -> bool:
    """Rows of a choice may take their base from the formula around them."""
    if benefit is None:
        return False
    return any(
        outer.of is not None and any(inner is formula for _, inner in _formulas(outer, ()))
        for _, outer in _formulas(benefit, ())
    )


def _benefit_conditions(benefit: Benefit | None) -> Iterator[str]:
    if benefit is None:
        return
    for _, formula in _formulas(benefit, ()):
        if formula.choose is not None:
            yield from (row.condition for row in formula.choose.when if row.condition is not None)
    yield from benefit.needs
