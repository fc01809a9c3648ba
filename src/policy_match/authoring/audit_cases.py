"""Worked cases and boundary lines of a measure, checked as text: whether they hold is for `rules test`.

Facts of a case are read exactly as a user's are, so that a slip is found at its line
before any rule is proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from policy_match.authoring.expected import expected_amount
from policy_match.authoring.findings import Findings, Place
from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.eligibility.schema import Boundary, Case, Condition, Expect, FactCondition, FactInput, Measure
from policy_match.errors import FactError, Issue
from policy_match.facts.read import read_cell
from policy_match.facts.vocabulary import Vocabulary, unknown_fact

ONE_THRESHOLD = frozenset(
    {"at_least", "at_most", "more_than", "less_than", "before", "on_or_after", "age_at_least", "growth_at_least"}
)
WITHOUT_AMOUNT = frozenset({"ineligible", "not_in_force"})
LINE = "{at: 结论, under 或 over: 结论, missing: 结论}"


def audit_cases(
    measure: Measure, conditions: Mapping[str, Condition], vocabulary: Vocabulary, findings: Findings
) -> None:
    """Cases with one name, without a day, like nothing, with facts or expectations that cannot be read."""
    names: list[str] = []
    for index, case in enumerate(measure.cases):
        place: Place = ("cases", index)
        if case.name in names:
            findings.refuse("CASE", f"用例“{case.name}”重名", (*place, "name"), "每个用例一个名称", "改名")
        if case.like is not None and case.like not in names:
            what = f"like 引用的“{case.like}”不在前面的用例中"
            findings.refuse(
                "CASE", what, (*place, "like"), "、".join(names) or "前面的用例", "改名，或先写被引用的用例"
            )
        names.append(case.name)
        _day(case, place, findings)
        _facts(case.facts, (*place, "facts"), vocabulary, findings)
        for fact in case.without:
            _known(fact, (*place, "without"), vocabulary, findings)
        _expect(case.expect, measure, (*place, "expect"), conditions, vocabulary, findings)


def _day(case: Case, place: Place, findings: Findings) -> None:
    if case.as_of is None:
        if case.like is None:
            findings.refuse("CASE", f"用例“{case.name}”没有写 as_of", place, 'as_of: "2026-05-01"', "补上判定日")
        return
    try:
        date.fromisoformat(case.as_of)
    except ValueError:
        findings.refuse("CASE", f"as_of“{case.as_of}”不是日期", (*place, "as_of"), "2026-05-01", "写成年-月-日")


def _facts(facts: Mapping[str, FactInput], place: Place, vocabulary: Vocabulary, findings: Findings) -> None:
    for name, written in facts.items():
        if _known(name, (*place, name), vocabulary, findings):
            try:
                read_cell(vocabulary[name], written, vocabulary)  # type: ignore[arg-type]
            except FactError as error:
                findings.take((*place, name), error)


def _known(fact: str, place: Place, vocabulary: Vocabulary, findings: Findings) -> bool:
    if fact in vocabulary:
        return True
    issue = unknown_fact(fact, vocabulary)
    findings.refuse(issue.code, issue.what, place, issue.allowed, issue.hint)
    return False


def _expect(
    expect: Expect,
    measure: Measure,
    place: Place,
    conditions: Mapping[str, Condition],
    vocabulary: Vocabulary,
    findings: Findings,
) -> None:
    for fact in expect.missing or ():
        _known(fact, (*place, "missing"), vocabulary, findings)
    for name in expect.deciding or ():
        if name not in conditions:
            what = f"deciding 所列的条件“{name}”不存在"
            findings.refuse("CASE", what, (*place, "deciding"), "、".join(conditions), "改为已有的条件名")
    if expect.amount is None:
        return
    if expect.verdict in WITHOUT_AMOUNT:
        what = f"结论是{VERDICT_NAMES[Verdict(expect.verdict)]}的用例没有待遇，却写了金额"
        hint = "删去 amount；要证明金额的，另写一条符合的用例"
        findings.refuse("CASE", what, (*place, "amount"), "只在符合、待补数据、待人工判断的用例写", hint)
    try:
        amount = expected_amount(expect.amount)
        if amount is not None and (measure.benefit is None or measure.benefit.form is None):
            raise FactError(Issue("CASE", "这项措施不算金额，用例却写了金额", "", "不写 amount，或未知", "删去 amount"))
    except FactError as error:
        findings.take((*place, "amount"), error)


def audit_boundaries(
    measure: Measure, conditions: Mapping[str, Condition], vocabulary: Vocabulary, findings: Findings
) -> None:
    """A threshold without a line for each of its numbers, a line for something that is no threshold.

    Thresholds of shared definitions may have lines here: which measure proves them is seen over the whole folder.
    """
    wanted = {name: count for name, written in conditions.items() if (count := thresholds_of(written))}
    for name, count in wanted.items():
        written = measure.boundaries.get(name, [])
        lines = written if isinstance(written, list) else [written]
        place: Place = ("boundaries", name) if name in measure.boundaries else ("conditions", name)
        if len(lines) != count and (name in measure.boundaries or name in measure.conditions):
            what = f"界限“{name}”有 {count} 个数，边界用例有 {len(lines)} 行"
            findings.refuse("BOUNDARY", what, place, f"{count} 行 {LINE}", "在 boundaries 中每个数写一行")
        for index, line in enumerate(lines):
            at: Place = (*place, index) if isinstance(written, list) else place
            _line(name, line, at, findings)
            _facts(line.with_, (*at, "with"), vocabulary, findings)
            if line.row is not None and not 1 <= line.row <= count:
                findings.refuse("BOUNDARY", f"界限“{name}”没有第 {line.row} 行", at, f"1 至 {count}", "改正 row")
    for name in measure.boundaries:
        if name not in wanted:
            what = f"“{name}”不是带界限的条件"
            findings.refuse("BOUNDARY", what, ("boundaries", name), "、".join(wanted) or "没有", "删去或改名")
    if measure.boundaries and not measure.cases:
        findings.refuse("BOUNDARY", "有边界用例却没有基准用例", ("boundaries",), "cases 的第一条作为基准", "补上用例")


def _line(name: str, line: Boundary, place: Place, findings: Findings) -> None:
    if line.at is None or (line.under is None and line.over is None):
        findings.refuse("BOUNDARY", f"界限“{name}”的边界用例不全", place, LINE, "补上缺的结论")


def thresholds_of(condition: Condition) -> int:
    """How many numbers of a condition want a boundary line: one a row of a table, two of a two-ended one, none of a code."""
    if not isinstance(condition, FactCondition):
        return 0
    if condition.op == "between":
        return len(condition.rows) or 2
    if condition.op == "within":
        return (condition.from_ is not None) + (condition.to is not None)
    return (len(condition.rows) or 1) if condition.op in ONE_THRESHOLD else 0
