"""What the author of a measure owes its readers, checked at load.

Each clause of the source is accounted for, each condition and the benefit name their
clause, nothing is used that is not defined and nothing defined that is not used, dates
are days in their order, and what is paid without application is proved by registers.
Amounts, cases and boundaries are in `audit_amounts.py` and `audit_cases.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args

from policy_match.authoring.audit_amounts import audit_benefit
from policy_match.authoring.audit_cases import audit_boundaries, audit_cases
from policy_match.authoring.audit_stacking import audit_stacking
from policy_match.authoring.audit_verifiable import audit_verifiable
from policy_match.authoring.findings import Findings, Place
from policy_match.dates import parse_date
from policy_match.eligibility.nodes import Assumed, Node, evaluate_named, leaves_of, questions_in
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import (
    Condition,
    Definition,
    FactCondition,
    FinanceGroup,
    Measure,
    MonthDays,
    NoApplication,
    Rows,
    Tree,
    Window,
    names_in,
    parts_of,
)
from policy_match.eligibility.schema_benefit import choosing_conditions, facts_of
from policy_match.eligibility.truth import Planes
from policy_match.eligibility.validity import exact_day
from policy_match.facts.vocabulary import FactType, Vocabulary, unknown_fact
from policy_match.strict_yaml import Data
from policy_match.units import parse_money

# Whether only people are still asked is tried with each of their answers: twice the work for every question more.
MAX_QUESTIONS = 6
RESERVED = frozenset({"benefit", "stacking", "effective", "apply_window", "no_application", "grants"})
GROUPS = get_args(FinanceGroup)
TO_WRITE = "待填"
NO_EVIDENCE = {"TEXT": "文本抽取", "FAI": "统计资料"}
_MONTH_DAY = re.compile(r"\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a measure may name: facts, shared definitions, and the ids of the measures on file."""

    vocabulary: Vocabulary
    definitions: Mapping[str, Definition]
    measures: Collection[str]


def audit_measure(measure: Measure, around: Surroundings, findings: Findings) -> None:
    """Every duty that one version does not meet, as far as the text alone shows."""
    conditions = conditions_of(measure, around.definitions)
    _head(measure, findings)
    audit_stacking(measure, around.measures, findings)
    _dates(measure, findings)
    _clauses(measure, findings)
    if measure.status != "draft":
        _placeholders(findings)
    paying = {name.partition(".")[0] for name in _choosing(measure)}
    _names(measure, paying, findings)
    _entitlement(measure, conditions, around, findings)
    audit_benefit(measure.benefit, measure.verified.benefit, conditions, around.vocabulary, findings)
    # A draft read from a page has thresholds before anybody typed what is expected at them.
    if measure.status != "draft" or measure.boundaries:
        audit_boundaries(measure, conditions, around.vocabulary, findings)
    audit_cases(measure, conditions, around.vocabulary, findings)


def audit_definition(definition: Definition, findings: Findings) -> None:
    """The duty of a shared definition: all that it names is used."""
    _names(definition, (), findings)


def audit_rule(rule: Rule, findings: Findings, vocabulary: Vocabulary) -> None:
    """What only the compiled rule shows: a tree that holds for an empty profile, facts without a register."""

    def nothing_known(part: Node) -> Planes[int]:
        return Planes(int(isinstance(part, Assumed)), 0)

    if evaluate_named(rule.root, {}, nothing_known).true:
        hint = "补上条件；只有前提（assumed）不能作出结论"
        findings.refuse("TREE_EMPTY", "没有任何事实时也成立", ("eligible_when",), "至少一个事实条件或人工条件", hint)
    if len(questions_in(rule.root)) > MAX_QUESTIONS:
        what = f"要人判断的条件超过 {MAX_QUESTIONS} 个"
        findings.refuse("TREE_PEOPLE", what, ("eligible_when",), f"至多 {MAX_QUESTIONS} 个", "把同一次评审的合成一个")
    plan = rule.measure.no_application
    if plan is not None:
        nodes = [*(condition.node for condition in rule.conditions.values()), rule.root]
        read = {name for node in nodes for leaf in leaves_of(node) for name in leaf.facts} | _paying(rule.measure)
        for fact in sorted(_without_register(read, plan.evidence, vocabulary)):
            allowed = "evidence: {事实: {from: [来源], max_age_days: 天数}}"
            place = ("no_application", "evidence")
            findings.refuse("EVIDENCE", f"事实“{fact}”没有写可采信的来源", place, allowed, "在 evidence 中补上")
        audit_verifiable(rule, vocabulary, findings)


def _without_register(read: Iterable[str], accepted: Collection[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Facts that nothing proves: a derived fact is proved by a register of its own or by all that it is derived from."""
    waiting, seen = [*read], set[str]()
    while waiting:
        fact = waiting.pop()
        if fact in seen or fact in accepted:
            continue
        seen.add(fact)
        inputs = vocabulary.inputs(fact)
        if not inputs:
            yield fact
        waiting += inputs


def audit_versions(versions: list[tuple[Rule, Findings]]) -> None:
    """Faults between versions of one measure: periods that surely overlap; topics, family and the like that change."""
    for index, (newer, findings) in enumerate(versions):
        for older, _ in versions[:index]:
            before = f"第 {older.measure.version} 版"
            if older.validity.surely_overlaps(newer.validity):
                hint = f"{before}写 through: superseded 或更早的截止日"
                findings.refuse("VERSIONS", f"与{before}的施行期重叠", ("effective",), "各版施行期不重叠", hint)
        if index:
            first = versions[0][0].measure
            for name in ("topics", "family", "finance_group", "target"):
                if getattr(first, name) != (own := getattr(newer.measure, name)):
                    told = getattr(first, name)
                    allowed = "、".join(told) if isinstance(told, list) else str(told or f"不写 {name}")
                    findings.refuse(
                        "VERSIONS", f"{name} 与第 {first.version} 版不同（{own}）", (name,), allowed, "各版保持一致"
                    )


def conditions_of(measure: Measure, definitions: Mapping[str, Definition]) -> dict[str, Condition]:
    """Every condition of a measure by the name that the compiled rule gives it: own ones, and `definition.condition`."""
    found: dict[str, Condition] = dict(measure.conditions)
    waiting, taken = list(measure.use), set[str]()
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in taken:
            taken.add(name)
            found |= {f"{name}.{condition}": written for condition, written in definitions[name].conditions.items()}
            waiting += definitions[name].use
    return found


def _placeholders(findings: Findings) -> None:
    """What `rules new` left for the author to write, anywhere in the file."""
    waiting: list[tuple[Place, Data]] = [((), findings.document.data)]
    while waiting:
        place, data = waiting.pop()
        if isinstance(data, str) and data.startswith(TO_WRITE):
            findings.refuse(
                "PLACEHOLDER", f"“{data[:20]}”还没有填", place, "写好的内容", "填上；没写完的留作 status: draft"
            )
        elif isinstance(data, dict):
            waiting += [((*place, key), value) for key, value in data.items()]
        elif isinstance(data, list):
            waiting += [((*place, index), value) for index, value in enumerate(data)]


def _head(measure: Measure, findings: Findings) -> None:
    for place, names in ((("topics",), measure.topics), (("use",), measure.use), (("data_ids",), measure.data_ids)):
        for name, times in Counter(names).items():
            if times > 1:
                findings.refuse("DUPLICATE", f"“{name}”写了 {times} 次", place, "每项一次", "删去重复的")
    for name in sorted(RESERVED & {*measure.conditions, *measure.use}):
        at: Place = ("conditions", name) if name in measure.conditions else ("use",)
        findings.refuse("CONDITION", f"“{name}”已用作文件的一部分，不能作条件名", at, "别的名称", "改名")
    if (measure.family == "金融") != (measure.finance_group is not None):
        if measure.finance_group is None:
            what, hint = "金融类措施没有写融资组别", "按企业得到什么选一组，见 docs/rule-authoring.zh.md"
            findings.refuse("FINANCE_GROUP", what, ("family",), f"finance_group: {'、'.join(GROUPS)}", hint)
        else:
            what = f"{measure.family}类措施不分融资组别"
            findings.refuse("FINANCE_GROUP", what, ("finance_group",), "只用于 family: 金融", "删去这一行")
    if not any(change.version == measure.version for change in measure.changes):
        what = f"changes 没有写第 {measure.version} 版"
        findings.refuse("CHANGES", what, ("changes",), "每个版本一行", "补上本版的日期和原因")


def _dates(measure: Measure, findings: Findings) -> None:
    days = {
        name: findings.read((name,), lambda written=written: exact_day(written), f"{name}：")  # type: ignore[misc]
        for name, written in (("reviewed_on", measure.reviewed_on), ("next_review_on", measure.next_review_on))
    }
    reviewed, following = days["reviewed_on"], days["next_review_on"]
    if reviewed is not None and following is not None and following <= reviewed:
        findings.refuse(
            "REVIEW", "下次复核不晚于上次复核", ("next_review_on",), f"晚于 {measure.reviewed_on}", "检查两个日期"
        )
    if measure.verified.on is not None:
        findings.read(("verified", "on"), lambda: exact_day(str(measure.verified.on)))
    for index, change in enumerate(measure.changes):
        findings.read(("changes", index, "date"), lambda change=change: exact_day(change.date))  # type: ignore[misc]
    effective = measure.effective
    if measure.status == "active" and effective.through == "unknown" and not effective.seen_in_force_on:
        allowed = "seen_in_force_on: [见到它施行的日期]，或 status: draft"
        what = "没有任何一天能确认施行，永远不会有人符合"
        findings.refuse("NEVER_IN_FORCE", what, ("effective", "through"), allowed, "写上见到施行的日期，或先作草稿")
    window = measure.apply_window
    if isinstance(window, Window):
        first = findings.read(("apply_window", "from"), lambda: parse_date(window.from_).low)
        last = findings.read(("apply_window", "through"), lambda: parse_date(window.through).high)
        if first is not None and last is not None and first > last:
            findings.refuse("WINDOW", "申报期截止早于开始", ("apply_window",), "through 不早于 from", "检查两个日期")
    elif isinstance(window, MonthDays):
        # Over the turn of the year (11-01 to 01-31) is a window too; a day of leap years only is none.
        for key, written in (("from", window.yearly.from_), ("through", window.yearly.through)):
            if not _is_day_of_every_year(written):
                place = ("apply_window", "yearly", key)
                findings.refuse(
                    "WINDOW", f"“{written}”不是每年都有的日子", place, "月-日，如 09-01", "写成两位月和两位日"
                )


def _is_day_of_every_year(written: str) -> bool:
    if not _MONTH_DAY.match(written):
        return False
    try:
        date.fromisoformat(f"2025-{written}")
    except ValueError:
        return False
    return True


def _clauses(measure: Measure, findings: Findings) -> None:
    parts = {*measure.conditions, *measure.use}
    parts |= {name for name in ("benefit", "stacking") if getattr(measure, name) is not None}
    # The words of a benefit that nobody has seen cannot be a clause yet.
    owed = parts - {"benefit"} if measure.verified.benefit == "unseen" else set(parts)
    for name in ("effective", "apply_window", "no_application", "grants"):
        if name == "effective" or getattr(measure, name) not in (None, "unseen"):
            parts.add(name)
    named = set[str]()
    for index, clause in enumerate(measure.clauses):
        named.update(clause.by)
        for name in clause.by:
            if name not in parts:
                what = f"条款“{clause.article}”所列“{name}”不存在"
                hint = "改为已有的条件、定义、benefit 或 stacking"
                findings.refuse("CLAUSE", what, ("clauses", index), "、".join(sorted(parts)), hint)
    for name in sorted(owed - named):
        place: Place = ("conditions", name) if name in measure.conditions else (name,)
        place = ("use", measure.use.index(name)) if name in measure.use else place
        findings.refuse(
            "CLAUSE_MISSING", f"“{name}”没有条款依据", place, "clauses 中某一条的 by", "在某一条款的 by 中写上它"
        )


def _names(part: Measure | Definition, elsewhere: Collection[str], findings: Findings) -> None:
    key, tree = ("eligible_when", part.eligible_when) if isinstance(part, Measure) else ("holds_when", part.holds_when)
    used = {*names_in(tree), *elsewhere}
    for name in part.conditions:
        if name not in used:
            place: Place = ("conditions", name)
            hint = f"在 {key} 中也写上 {name}（conditions 只是说明它是什么），或删去"
            findings.refuse("UNUSED", f"条件“{name}”没有被使用", place, f"{key} 或待遇中的名称", hint)
        if name in part.use:
            findings.refuse(
                "CONDITION", f"“{name}”既是条件又是共用定义", ("conditions", name), "不同的名称", "改条件名"
            )
    for index, name in enumerate(part.use):
        if name not in used:
            findings.refuse(
                "UNUSED",
                f"定义“{name}”没有被使用",
                ("use", index),
                "判定树中的名称",
                f"在 {key} 中也写上 {name}，或从 use 删去",
            )


def _entitlement(
    measure: Measure, conditions: Mapping[str, Condition], around: Surroundings, findings: Findings
) -> None:
    if measure.mode == "msjx":
        if measure.fair_competition is not None and measure.fair_competition.flag:
            what = "须作公平竞争审查的待遇不能免申即享"
            findings.refuse("MSJX", what, ("mode",), "jsjx、apply、service", "改 mode，或审查后去掉标记")
        for name, condition in conditions.items():
            if not isinstance(condition, FactCondition):
                place: Place = ("conditions", name) if name in measure.conditions else ("use",)
                what = f"免申即享不能含人工判断或前提“{name}”"
                findings.refuse("MSJX", what, place, "可核验的事实", "mode 改为 jsjx 或 apply，或改成可核验的事实")
    plan = measure.no_application
    if plan is None:
        return
    if measure.mode != "msjx":
        what = "只有免申即享可以写 no_application"
        findings.refuse("NO_APPLICATION", what, ("no_application",), "mode: msjx", "改 mode，或删去这一部分")
    if plan.second_signature_above is not None:
        place = ("no_application", "second_signature_above")
        findings.read(place, lambda: parse_money(str(plan.second_signature_above)))
    read = _proving(set(_facts_of(conditions.values())) | _paying(measure) | set(_guards(measure, around)), around)
    _audit_period(plan, around, findings)
    for fact, evidence in plan.evidence.items():
        place = ("no_application", "evidence", fact)
        if fact not in around.vocabulary:
            issue = unknown_fact(fact, around.vocabulary)
            findings.refuse(issue.code, issue.what, place, issue.allowed, issue.hint)
        elif fact not in read and all(name in around.vocabulary for name in read):
            findings.refuse("UNUSED", f"没有条件或待遇用到事实“{fact}”", place, "、".join(sorted(read)), "删去，或改名")
        for code in evidence.from_:
            if code not in around.vocabulary.registers or code in NO_EVIDENCE:
                why = f"{NO_EVIDENCE[code]}不能作为依据" if code in NO_EVIDENCE else "没有登记"
                allowed = "、".join(c for c in around.vocabulary.registers if c not in NO_EVIDENCE)
                findings.refuse("REGISTER", f"数据来源“{code}”{why}", place, allowed, "改用可采信的来源代码")


def _proving(read: set[str], around: Surroundings) -> set[str]:
    """Facts that may prove something: those that are read, and what they are derived from."""
    waiting, found = [*read], set(read)
    while waiting:
        fact = waiting.pop()
        new = [] if fact not in around.vocabulary else [f for f in around.vocabulary.inputs(fact) if f not in found]
        found.update(new)
        waiting += new
    return found


def _audit_period(plan: NoApplication, around: Surroundings, findings: Findings) -> None:
    fact = plan.period
    if fact is not None and (fact not in around.vocabulary or around.vocabulary[fact].type is not FactType.DATE):
        dates = "、".join(name for name in plan.evidence if name in around.vocabulary and _is_date(name, around))
        hint = "写哪一天的事只给一次；按年或只给一次的不写"
        findings.refuse("PERIOD", f"“{fact}”不是日期事实", ("no_application", "period"), dates or "日期事实", hint)


def _is_date(fact: str, around: Surroundings) -> bool:
    return around.vocabulary[fact].type is FactType.DATE


def _choosing(measure: Measure) -> tuple[str, ...]:
    return () if measure.benefit is None else choosing_conditions(measure.benefit)


def _paying(measure: Measure) -> set[str]:
    return set() if measure.benefit is None else set(facts_of(measure.benefit))


def _facts_of(conditions: Collection[Condition]) -> Iterator[str]:
    for condition in conditions:
        if isinstance(condition, FactCondition):
            named = (condition.fact, condition.by, condition.of, condition.base, condition.at)
            yield from (name for name in named if name is not None)


def _guards(measure: Measure, around: Surroundings) -> Iterator[str]:
    waiting: list[Tree] = [measure.eligible_when, *(d.holds_when for d in around.definitions.values())]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, Rows):
            yield tree.rows.by
        waiting += parts_of(tree)
