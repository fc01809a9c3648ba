"""May this measure be 免申即享 at all? Ten questions about the rule itself, answered when it is written (domain specification §4.2).

A question that fails says what the measure would be instead: applied for (apply), claimed on a prefilled form (jsjx), or
paid by nobody (blocked). What only a year's budget can answer is asked again before each payment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema_benefit import has_unseen
from policy_match.entitlement.evidence import direct_facts
from policy_match.facts.observations import Purpose
from policy_match.facts.vocabulary import Vocabulary

SURE = 80
FALLS_TO = {"apply": "需申报", "jsjx": "即申即享", "blocked": "暂不兑付", "lint": "规则要补"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One question. `holds` None: to be answered before each payment; `falls_to`: what the measure is where it fails."""

    code: str
    question: str
    holds: bool | None
    why: str
    falls_to: str


def checklist(rule: Rule, vocabulary: Vocabulary) -> tuple[Answer, ...]:
    """The ten answers, in the order of the specification."""
    return tuple(_answers(rule, vocabulary))


def _answers(rule: Rule, vocabulary: Vocabulary) -> Iterator[Answer]:
    measure, plan = rule.measure, rule.measure.no_application
    people = [c.label for c in rule.conditions.values() if c.kind == "human"]
    yield _answer("E1", "受益人是名单或可以算出的范围", not people, f"要由人判断：{'、'.join(people)}", "apply")
    seen = measure.verified.conditions == "page"
    yield _answer("E2", "每个条件机器都能判断，条件已经核实", not people and seen, _unsure(people), "apply")
    weak = list(_weak(rule, vocabulary))
    yield _answer(
        "E3", "每个事实都有可信、允许用于兑付的数据来源", not weak, f"没有这样的来源：{'、'.join(weak)}", "jsjx"
    )
    lacking = _amount_lacks(rule)
    yield _answer("E4", "金额能从这些事实算出，金额已经核实", not lacking, lacking, "apply")
    pool = measure.benefit is not None and any(cap.per == "pool_year" for cap in measure.benefit.caps)
    yield _answer("E5", "不是竞争性的，没有名额或先到先得", not pool, "有年度总额，先到先得", "apply")
    asked = plan is not None and plan.consent == "required"
    yield _answer("E6", "收款账户可以取得和核对", asked, "没有写请企业确认，账户无从核对", "jsjx")
    yield _legal(rule)
    promises = [c.label for c in rule.conditions.values() if c.kind == "assumed"]
    yield _answer("E8", "不需要企业对将来作承诺", not promises, f"要企业承诺：{'、'.join(promises)}", "jsjx")
    scope = measure.stacking is not None and measure.stacking.scope is not None
    yield _answer("E9", "写明与谁不重复、什么算同一事项", scope, "stacking 没有写 scope", "lint")
    missing = _desk_lacks(rule)
    yield _answer("E10", "主管单位、联系方式、公示天数都有", not missing, f"缺：{'、'.join(missing)}", "lint")


def _answer(code: str, question: str, holds: bool, why: str, falls_to: str) -> Answer:
    return Answer(code, question, holds, "" if holds else why, falls_to)


def _unsure(people: list[str]) -> str:
    return f"要由人判断：{'、'.join(people)}" if people else "条件待核实"


def _weak(rule: Rule, vocabulary: Vocabulary) -> Iterator[str]:
    """Facts, by label, that nothing accepted proves; a derived fact is proved by a register of its own or by its inputs."""
    plan = rule.measure.no_application
    accepted = {} if plan is None else plan.evidence
    waiting, done = [*direct_facts(rule)], set[str]()
    while waiting:
        fact = waiting.pop(0)
        evidence = accepted.get(fact)
        if fact in done or (evidence is not None and all(_is_sure(vocabulary, fact, one) for one in evidence.from_)):
            continue
        done.add(fact)
        inputs = vocabulary.inputs(fact) if evidence is None else ()
        if not inputs:
            yield vocabulary[fact].label
        waiting += inputs


def _is_sure(vocabulary: Vocabulary, fact: str, source: str) -> bool:
    only_for = vocabulary.sources[source].only_for
    return vocabulary.confidence(fact, source) >= SURE and (not only_for or Purpose.PAYOUT in only_for)


def _amount_lacks(rule: Rule) -> str:
    benefit = rule.measure.benefit
    if benefit is None or benefit.form is None or has_unseen(benefit):
        return "没有见到金额的算法"
    if benefit.kind != "cash":
        return "给的不是资金"
    if benefit.promise == "ceiling":
        return "只写了最高多少，没有写怎样算"
    return "" if rule.measure.verified.benefit == "page" else "金额待核实"


def _legal(rule: Rule) -> Answer:
    question = "有文件依据，经公平竞争审查，当年有预算"
    doubt = rule.measure.fair_competition
    if doubt is not None and doubt.flag:
        return Answer("E7", question, False, f"公平竞争审查存疑：{doubt.note}", "blocked")
    if not rule.document.issuers:
        return Answer("E7", question, False, "依据文件的印发单位未见", "blocked")
    return Answer("E7", question, None, "每次拨付前核对预算和审查记录", "blocked")


def _desk_lacks(rule: Rule) -> list[str]:
    measure = rule.measure
    found = {
        "主管单位": measure.owner_unit,
        "联系方式": measure.how_to.contact,
        "公示和确认的办法（no_application）": measure.no_application,
    }
    return [name for name, value in found.items() if value is None]
