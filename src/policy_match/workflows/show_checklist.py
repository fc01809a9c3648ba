"""The ten questions on whether a measure may be 免申即享, answered from its rule alone (`msjx checklist`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import orjson

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.entitlement.checklist import FALLS_TO, Answer, checklist
from policy_match.exchange.screen import write_lines
from policy_match.workflows.match_file import chosen_form, unknown_measure
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_match import Plain

MARKS = {True: "✔", False: "✘", None: "？"}


def print_checklist(rules: Path, corpus: Path, measure: str, *, as_of: date, form: str) -> None:
    """The answers for the version of a day; UsageError for an unknown measure or format, RuleError for faulty rules."""
    form = chosen_form(form, None, ("table", "json"))
    book = open_rulebook(rules, corpus)
    if measure not in book.ids:
        raise unknown_measure(measure, book.ids, "措施")
    rule = book.at(measure, as_of)
    answers = checklist(rule, book.vocabulary)
    if form == "json":
        write_lines([orjson.dumps(checklist_data(rule, answers)) + b"\n"], None)
    else:
        write_lines((f"{line}\n".encode() for line in _lines(rule, answers)), None)


def checklist_data(rule: Rule, answers: Sequence[Answer]) -> dict[str, Plain]:
    """The answers as JSON data; `holds` null: to be answered before each payment."""
    told: list[Plain] = [
        {"code": a.code, "question": a.question, "holds": a.holds, "why": a.why, "falls_to": a.falls_to}
        for a in answers
    ]
    return {"measure": rule.id, "version": rule.measure.version, "answers": told}


def answer_text(answer: Answer) -> str:
    """Why an answer is as it is, and what the measure is where it fails; empty for a plain yes."""
    falls = f"（{FALLS_TO[answer.falls_to]}）" if answer.holds is False else ""
    return f"{answer.why}{falls}"


def conclusion(rule: Rule, answers: Sequence[Answer]) -> str:
    """What follows from the ten answers, in one sentence."""
    failed = [one.code for one in answers if one.holds is False]
    if failed:
        return f"不能免申即享：{'、'.join(failed)}"
    if rule.measure.mode != "msjx":
        return "各问都过，但文件没有写免申即享"
    return "可以免申即享；预算和公平竞争审查每次拨付前再核"


def barred_lines(rulebook: Rulebook) -> Iterator[str]:
    """A line for each version of a 免申即享 measure that may not be paid so, with every answer that is no."""
    for rule in rulebook.rules:
        if rule.measure.mode != "msjx":
            continue
        failed = [a for a in checklist(rule, rulebook.vocabulary) if a.holds is False]
        if failed:
            why = "；".join(f"{a.code} {answer_text(a)}" for a in failed)
            yield f"{rule.id} 第 {rule.measure.version} 版不能免申即享：{why}"


def _lines(rule: Rule, answers: Sequence[Answer]) -> Iterator[str]:
    yield f"{rule.id} 第 {rule.measure.version} 版 {rule.measure.title}"
    for one in answers:
        why = f"：{answer_text(one)}" if answer_text(one) else ""
        yield f"{MARKS[one.holds]} {one.code} {one.question}{why}"
    yield conclusion(rule, answers)
