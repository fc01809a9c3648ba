"""Prove the rules of a folder (`rules test`) and propose facts for the cases that are still wanting."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from policy_match.authoring.load import load_rulebook
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Issue, UsageError
from policy_match.facts.cells import Value
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.first_facts import first_facts
from policy_match.proving.prove import Grade, Proof, Proving
from policy_match.proving.suggest import SuggestedCase, suggested_cases
from policy_match.workflows.list_facts import plain_value
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.open_rules import open_rulebook, open_vocabulary

PROVED = frozenset({Grade.A, Grade.B, None})
SHOWN = 20


def prove_rules(rules: Path, corpus: Path, *, ids: Sequence[str] | None, mutants: bool, form: str) -> bool:
    """Print the proof of every version, as a line for people or as JSON; whether all are proved.

    Proved: every case and boundary holds, 95 % of the mutants and all of those of amounts are noticed.
    """
    if form not in ("table", "json"):
        raise UsageError(Issue("FORMAT", f"不认识的格式“{form}”", "--format", "table、json"))
    rulebook = open_rulebook(rules, corpus)
    written = tuple(dict.fromkeys(rule.id for rule in rulebook.rules))  # drafts too: their authors prove them
    for measure_id in ids or ():
        if measure_id not in written:
            raise unknown_measure(measure_id, written, "--measures")
    proofs: list[Proof] = []
    for rule in rulebook.rules:
        if ids is None or rule.id in ids:
            proof = Proving(rule, rulebook.vocabulary).proof(mutants=mutants)
            proofs.append(proof)
            print(_line(proof) if form == "table" else orjson.dumps(proof_data(proof)).decode(), flush=True)
    if form == "table":
        print(_summary(proofs), file=sys.stderr)
    return all(proof.grade in PROVED for proof in proofs)


def proof_data(proof: Proof) -> dict[str, str | int | list[str] | None]:
    """The JSON line of one version; failures and survivors say what to look at."""
    return {
        "id": proof.rule.id,
        "version": proof.rule.measure.version,
        "cases": proof.cases,
        "failed": len(proof.failures),
        "mutants": proof.mutants,
        "killed": proof.killed,
        "grade": proof.grade,
        "failures": [f"{failure.situation}：{failure.what}" for failure in proof.failures],
        "survivors": list(proof.survivors),
    }


def _line(proof: Proof) -> str:
    mutants = f"，变异 {proof.killed}/{proof.mutants}" if proof.mutants else ""
    lines = [
        f"{proof.grade or '—'} {proof.rule.measure.key}：用例 {proof.cases - len(proof.failures)}/{proof.cases}{mutants}"
    ]
    lines += [f"    不符 {failure.situation}：{failure.what}" for failure in proof.failures[:SHOWN]]
    lines += [f"    未发现 {survivor}" for survivor in proof.survivors[:SHOWN]]
    return "\n".join(lines)


def _summary(proofs: Sequence[Proof]) -> str:
    cases, failed = sum(proof.cases for proof in proofs), sum(len(proof.failures) for proof in proofs)
    mutants, killed = sum(proof.mutants for proof in proofs), sum(proof.killed for proof in proofs)
    share = f"，变异发现率 {100 * killed / mutants:.1f}%" if mutants else ""
    return f"共 {len(proofs)} 个版本，用例 {cases}，不符 {failed}{share}"


def suggest_cases(path: Path, corpus: Path) -> str:
    """The `cases` lines, as YAML, that one rule file still needs; their expected values are left open.

    UsageError if the file does not lie at measures/<level>/<package>/ of a rule folder.
    """
    if len(path.resolve().parents) < 4 or path.resolve().parents[2].name != "measures" or not path.is_file():
        allowed = "…/measures/<层级>/<包>/<编号>.v<版本>.yaml"
        raise UsageError(Issue("FILE_PLACE", "不是规则目录中的措施文件", str(path), allowed, "先放进规则目录"))
    rules = path.resolve().parents[3]
    vocabulary = open_vocabulary(rules, corpus)
    rulebook = load_rulebook(rules, corpus / "documents", vocabulary, audited=False)
    rule = next(rule for rule in rulebook.rules if f"{rule.measure.key}.yaml" == path.name)
    if not rule.measure.cases:
        return _first_case(rule, vocabulary)
    proving = Proving(rule, vocabulary)
    if proving.failures():
        return "# 有用例或边界不符，先用 rules test 看清并改正，再问还缺哪些用例\n"
    cases = suggested_cases(proving)
    if not cases:
        return "# 现有用例已能发现每一处变异\n"
    return "".join(_yaml(number, case, vocabulary) for number, case in enumerate(cases, start=1))


def _first_case(rule: Rule, vocabulary: Vocabulary) -> str:
    """The line of a first case, from which all others start."""
    as_of, values = first_facts(rule, vocabulary)
    if not values:
        return "# 条件和待遇都没有读事实，只有要人判断的部分：先把能写成事实的改写成条件，再问缺哪些用例\n"
    is_amount = rule.measure.benefit is not None and rule.measure.benefit.form is not None
    return (
        "  # 还没有用例：先写这一条，每个条件都刚够；填上结论、写好 boundaries，再问还缺哪些\n"
        f'  - {{name: 待命名1, as_of: "{as_of}", facts: {_facts(values, vocabulary)}, expect: {_expect(is_amount)}}}\n'
    )


def _yaml(number: int, case: SuggestedCase, vocabulary: Vocabulary) -> str:
    written, expect = _facts(case.facts, vocabulary), _expect(case.is_amount)
    notices = "；".join(case.notices[:5]) + (f" 等 {len(case.notices)} 处" if len(case.notices) > 5 else "")
    return (
        f"  # 能发现：{notices}\n  - {{name: 待命名{number}, like: {case.like}, facts: {written}, expect: {expect}}}\n"
    )


def _facts(values: Mapping[str, Value], vocabulary: Vocabulary) -> str:
    facts = {name: plain_value(vocabulary[name], value) for name, value in values.items()}
    return orjson.dumps(facts).decode().replace('":', '": ').replace(',"', ', "')


def _expect(is_amount: bool) -> str:
    return "{verdict: , amount: }" if is_amount else "{verdict: }"
