"""What is paid without application must be checkable by a stranger: only words that the stand-alone verifier reads.

Dates and growth are said with derived facts instead (`days_between`, `difference`, `ratio` in rules/facts.yaml).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_match.authoring.findings import Findings, Place
from policy_match.eligibility.leaves import AgeAtLeast, GrowthAtLeast, Spacing
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Benefit
from policy_match.eligibility.schema_benefit import facts_of, parts_of
from policy_match.facts.vocabulary import Derivation, Operand, Verb, Vocabulary
from policy_match.verify_proof import FORMS, OPERATORS, VERBS

_UNREAD = {AgeAtLeast: "age_at_least", Spacing: "within", GrowthAtLeast: "growth_at_least"}
_HINT = "改用推导事实表达，或 mode 改为 jsjx、apply"


def audit_verifiable(rule: Rule, vocabulary: Vocabulary, findings: Findings) -> None:
    """Refuse operators, derivations and forms of amount of a rule with no_application that the verifier does not read."""
    for name, condition in rule.conditions.items():
        place: Place = ("conditions", name, "op") if condition.definition is None else ("use",)
        for op in {_UNREAD[type(leaf)] for leaf in leaves_of(condition.node) if type(leaf) in _UNREAD}:
            findings.refuse("MSJX", _unread(f"运算词“{op}”"), place, "、".join(OPERATORS), _HINT)
    benefit = rule.measure.benefit
    for form in [] if benefit is None else _unread_forms(benefit):
        findings.refuse("MSJX", _unread(f"金额形式“{form}”"), ("benefit",), "、".join(FORMS), _HINT)
    for fact in sorted(_read(rule, vocabulary)):
        spec = vocabulary[fact]
        for verb in sorted({verb for way in (spec.derive, *spec.alternatives) for verb in _verbs(way)} - VERBS.keys()):
            what = _unread(f"“{spec.label}”的推导“{verb}”")
            findings.refuse("MSJX", what, ("no_application",), "、".join(VERBS), "换一个事实，或 mode 改为 jsjx、apply")


def _unread(what: str) -> str:
    return f"独立核验程序不认识{what}，兑付证明无法核验"


def _unread_forms(benefit: Benefit) -> Iterator[str]:
    """Forms that are not read; what nobody has seen is not verified, and so never paid anyway."""
    parts = (part for part in parts_of(benefit) if part is not benefit.due and part.form not in (None, "unseen"))
    yield from dict.fromkeys(str(part.form) for part in parts if part.form not in FORMS)
    if benefit.switch is not None:
        yield "switch"


def _read(rule: Rule, vocabulary: Vocabulary) -> set[str]:
    """Every fact that the rule reads or that such a fact is derived from."""
    benefit = rule.measure.benefit
    waiting = [] if benefit is None else [*facts_of(benefit)]
    for node in (rule.root, *(condition.node for condition in rule.conditions.values())):
        waiting += [fact for leaf in leaves_of(node) for fact in leaf.facts]
    found: set[str] = set()
    while waiting:
        fact = waiting.pop()
        waiting += [] if fact in found else vocabulary.inputs(fact)
        found.add(fact)
    return found


def _verbs(way: Derivation | Operand | None) -> Iterable[str]:
    if isinstance(way, Verb):
        yield way.name
        for arg in way.args:
            yield from _verbs(arg)
