"""The part of a rule's sheet that proves it: boundaries and cases with what their author expects, and the grade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Boundary, Expect
from policy_match.exchange.tables import Grid
from policy_match.facts.show import value_text
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.prove import Grade, Proof, Proving
from policy_match.proving.situations import PROBES, Situation
from policy_match.workflows.show_match import ROUTE_NAMES
from policy_match.workflows.show_measure import case_facts

HOLDS = "相符"
_PROBE_NAMES = {"at": "正好在界限上", "under": "少一步", "over": "多一步", "missing": "未知"}
_GRADE_TEXTS = {
    Grade.A: "A：用例和边界全部相符，变异全部被发现",
    Grade.B: "B：用例和边界全部相符，变异发现 95% 以上，金额的全部被发现",
    Grade.C: "C：没有用例，或变异发现不足，不能发布",
    Grade.F: "F：有用例或边界不符，不能发布",
}


def proof_grids(rule: Rule, vocabulary: Vocabulary) -> tuple[Grid, Grid, Grid]:
    """Boundaries, cases and the proof of a rule, decided now; RuleError where a case cannot be built."""
    proving = Proving(rule, vocabulary)
    proof = proving.proof()
    wrong: dict[str, list[str]] = {}
    for failure in proof.failures:
        wrong.setdefault(failure.situation, []).append(failure.what)
    cases = len(rule.measure.cases)
    return (
        Grid("边界", ("条件", "设为", "预期", "结果"), tuple(_boundaries(proving, proving.situations[cases:], wrong))),
        Grid(
            "用例", ("用例", "日期", "事实", "预期", "结果"), tuple(_cases(proving, proving.situations[:cases], wrong))
        ),
        Grid("证明", ("项目", "内容"), tuple(_proof(proof))),
    )


def _result(situation: Situation, wrong: dict[str, list[str]]) -> str:
    return "不符：" + "；".join(wrong[situation.name]) if situation.name in wrong else HOLDS


def _boundaries(
    proving: Proving, situations: Sequence[Situation], wrong: dict[str, list[str]]
) -> Iterator[tuple[str, ...]]:
    rule, vocabulary = proving.rule, proving.vocabulary
    asked = [
        (name, line, place if line.row is None else line.row - 1, probe)
        for name, lines in rule.measure.boundaries.items()
        for place, line in enumerate(lines if isinstance(lines, list) else [lines])
        for probe in PROBES
        if getattr(line, probe) is not None
    ]
    for (name, line, row, probe), situation in zip(asked, situations, strict=True):
        condition = rule.conditions[name]
        need = condition.needs[min(row, len(condition.needs) - 1)][1].text
        shown = f"{_PROBE_NAMES[probe]}{_value(condition.fact, situation, vocabulary)}{_with(line, vocabulary)}"
        expected = _expected(situation.expect, rule, vocabulary)
        yield f"{condition.label} {need}", shown, expected, _result(situation, wrong)


def _value(fact: str | None, situation: Situation, vocabulary: Vocabulary) -> str:
    value = situation.cells[fact].value if fact is not None and fact in situation.cells else None
    return f"：{value_text(vocabulary[fact], value, vocabulary)}" if fact is not None and value is not None else ""


def _with(line: Boundary, vocabulary: Vocabulary) -> str:
    given = "，".join(f"{vocabulary[fact].label} {value}" for fact, value in line.with_.items())
    return f"\n（{given}）" if given else ""


def _cases(proving: Proving, situations: Sequence[Situation], wrong: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    rule, vocabulary = proving.rule, proving.vocabulary
    for case, situation in zip(rule.measure.cases, situations, strict=True):
        like = f"同“{case.like}”" if case.like else ""
        facts = "；".join(part for part in (like, case_facts(case, vocabulary)) if part)
        expected = _expected(case.expect, rule, vocabulary)
        yield case.name, str(situation.as_of), facts, expected, _result(situation, wrong)


def _expected(expect: Expect, rule: Rule, vocabulary: Vocabulary) -> str:
    parts = [VERDICT_NAMES[Verdict(expect.verdict)]]
    if expect.amount is not None:
        parts.append(f"金额：{expect.amount}")
    if expect.deciding is not None:
        parts.append("决定：" + ("、".join(rule.conditions[name].label for name in expect.deciding) or "无"))
    if expect.missing is not None:
        parts.append("缺：" + ("、".join(vocabulary[name].label for name in expect.missing) or "无"))
    if expect.route is not None:
        parts.append(f"途径：{ROUTE_NAMES[expect.route]}")
    if expect.near_miss is not None:
        parts.append("差一点" if expect.near_miss else "不算差一点")
    return "\n".join(parts)


def _proof(proof: Proof) -> Iterator[tuple[str, str]]:
    yield "等级", _GRADE_TEXTS[proof.grade] if proof.grade is not None else "未做变异"
    yield "用例和边界", f"{proof.cases} 条，不符 {len({failure.situation for failure in proof.failures})} 条"
    if proof.failures:
        yield "变异", "用例和边界相符以后才做"
        return
    yield "变异", f"{proof.mutants} 处，发现 {proof.killed} 处"
    yield from (("没有被发现", survivor) for survivor in proof.survivors)
