"""Ask: for each subject, the facts to find out first and what each would decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson

from policy_match.eligibility.ask import Asking, Question
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.facts.subjects import Subject
from policy_match.units import format_money
from policy_match.workflows.match import Matching
from policy_match.workflows.match_file import check_place, chosen_form
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_match import Plain

FORMS = ("jsonl", "table")
SHOWN_TITLES = 3
MONEY_IN_HAND = frozenset({"cash", "tax"})


def questions(matching: Matching, row: int, limit: int = 5) -> tuple[Question, ...]:
    """What to find out first about one subject, at most `limit` facts; nothing open: none. Measures as in `Matching.lines`."""
    return asking_of(matching).questions(row, matching.decisions(row), limit)


def asking_of(matching: Matching) -> Asking:
    """The question finder over the subjects of one matching, the same for all who ask about them."""

    def worth(rule: Rule, row: int) -> tuple[int, int | None]:
        return _yuan(matching, rule, row)

    if matching.asking is None:
        matching.asking = Asking(matching.searching, worth)
    return matching.asking


def _yuan(matching: Matching, rule: Rule, row: int) -> tuple[int, int | None]:
    """Low and high yuan in 分 of one measure for one subject; high None: no upper end is known.

    Only cash and tax count: a deduction, facility, service or quota is not money in hand. A measure whose
    amount nobody has seen adds nothing, as it has no figure to add.
    """
    benefit = rule.measure.benefit
    if benefit is None or benefit.form is None or benefit.kind not in MONEY_IN_HAND:
        return 0, 0
    amount = matching.computing(rule).amount(row)
    return (0, None) if amount is None else (amount.low_fen, amount.high_fen)


def ask_file(
    path: Path, *, rules: Path, corpus: Path, as_of: date, limit: int, out: Path | None, form: str | None
) -> Loaded:
    """Write the questions of every subject of a file, in its order; returns what was read and refused."""
    form = chosen_form(form, out, FORMS)
    check_place(out, path)
    rulebook = open_rulebook(rules, corpus)
    loaded = read_subjects(path, rulebook.vocabulary)
    matching = Matching(rulebook, loaded.subjects, as_of)
    asking = asking_of(matching)
    asked = (asking.questions(row, matching.decisions(row), limit) for row in range(len(loaded.subjects)))
    pairs = zip(loaded.subjects, asked, strict=True)
    if form == "jsonl":
        write_lines((orjson.dumps(questions_data(subject, found)) + b"\n" for subject, found in pairs), out)
    else:
        texts = (line for subject, found in pairs for line in _table(subject, found, rulebook))
        write_lines((text.encode() + b"\n" for text in texts), out)
    return loaded


def questions_data(subject: Subject, asked: tuple[Question, ...]) -> dict[str, Plain]:
    """The line of one subject: its id and its questions, first things first."""
    return {"id": subject.id, "questions": [question_data(question) for question in asked]}


def question_data(question: Question) -> dict[str, Plain]:
    """One question as plain data; amounts in 分, `high_fen` null without an upper end."""
    return {
        "fact": question.fact,
        "label": question.label,
        "from": list(question.registers),
        "decides": list(question.decides),
        "low_fen": question.low_fen,
        "high_fen": question.high_fen,
    }


def _table(subject: Subject, asked: tuple[Question, ...], rulebook: Rulebook) -> Iterator[str]:
    yield f"{subject.id}  {subject.shown}" + ("" if asked else "  没有需要了解的事实")
    for number, question in enumerate(asked, start=1):
        registers = "、".join(rulebook.vocabulary.registers[code] for code in question.registers)
        titles = [rulebook.versions(measure_id)[-1].measure.title for measure_id in question.decides]
        more = " 等" if len(titles) > SHOWN_TITLES else ""
        shown = "、".join(titles[:SHOWN_TITLES]) + more
        decides = f"可定 {len(titles)} 项：{shown}" if titles else "单独一项不足以定论"
        yield f"  {number}. {question.label}（{registers}）  {decides}{money_text(question)}"


def money_text(question: Question) -> str:
    """What the question is worth, for people; empty where no yuan hang on it."""
    if question.high_fen is None:
        low = f"至少{format_money(question.low_fen)}，" if question.low_fen else ""
        return f"；涉及资金{low}上限不明"
    if not question.high_fen:
        return ""
    return f"；涉及资金{format_money(question.low_fen)}至{format_money(question.high_fen)}"
