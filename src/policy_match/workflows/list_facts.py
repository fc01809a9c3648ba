"""List what is known of each subject and what is derived from it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TypeAlias

import orjson

from policy_match.dates import format_date, format_month
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.exchange.tables import write_csv, write_xlsx
from policy_match.facts.cells import Cell, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.show import value_text
from policy_match.facts.subjects import Subject, known_facts
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.units import Band, Number, format_money
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_rules import open_vocabulary

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"


def list_facts(path: Path, *, rules: Path, corpus: Path, as_of: date, out: Path | None, form: str | None) -> Loaded:
    """Write `{id, facts, derived}` per subject (JSONL), or one table row per fact."""
    form = chosen_form(form, out, ("jsonl", "csv", "xlsx"))
    vocabulary = open_vocabulary(rules, corpus)
    loaded = read_subjects(path, vocabulary)
    if form == "jsonl":
        lines = b"".join(orjson.dumps(facts_data(s, vocabulary, as_of)) + b"\n" for s in loaded.subjects)
        sys.stdout.buffer.write(lines) if out is None else out.write_bytes(lines)
        return loaded
    header = ("编号", "事实", "名称", "值", "来源", "推导")
    rows = [row for subject in loaded.subjects for row in _rows(subject, vocabulary, as_of)]
    if form == "csv":
        text = write_csv(out, header, rows)
        if out is None:
            sys.stdout.write(text)
    elif out is not None:
        write_xlsx(out, header, rows, title="事实")
    return loaded


def facts_data(subject: Subject, vocabulary: Vocabulary, as_of: date) -> dict[str, Plain]:
    """Given facts as read and every derived fact; null is unknown."""
    known = known_facts(subject, vocabulary, as_of)
    facts = {name: plain_value(vocabulary[name], cell.value) for name, cell in subject.cells.items()}
    derived = {name: plain_value(vocabulary[name], known[name].value) for name in vocabulary.order}
    return {"id": subject.id, "facts": facts, "derived": derived}


def _rows(subject: Subject, vocabulary: Vocabulary, as_of: date) -> list[tuple[str, ...]]:
    known = known_facts(subject, vocabulary, as_of)
    return [_row(subject, vocabulary[name], cell, vocabulary) for name, cell in known.items() if cell.value is not None]


def _row(subject: Subject, spec: FactSpec, cell: Cell, vocabulary: Vocabulary) -> tuple[str, ...]:
    value = "" if cell.value is None else value_text(spec, cell.value, vocabulary)
    source = vocabulary.registers.get(cell.source or "", "文件所载")
    return (subject.id, spec.name, spec.label, value, source, "推导" if cell.derived else "")


def plain_value(spec: FactSpec, value: Value | None) -> Plain:
    """A value as JSON: amounts with unit, exact numbers, bands as {low, high}, options as text; not known is null.

    Several options that are still possible are {"one_of": [...]} for given facts of that kind.
    """
    if value is None:
        return None
    if isinstance(value, Band):
        if value.is_exact and value.low is not None:
            return _plain_number(spec, value.low)
        low = None if value.low is None else _plain_number(spec, value.low)
        high = None if value.high is None else _plain_number(spec, value.high)
        return {"low": low, "high": high}
    if isinstance(value, Possible):
        if value.single is None:
            return None
        return value.single == "true" if spec.type is FactType.FLAG else value.single
    if isinstance(value, Series):
        return [plain_value(spec, entry) for entry in value.entries]
    if isinstance(value, Pairs):
        return [[plain_value(spec, band) for band in pair] for pair in value.pairs]
    if isinstance(value, Items):
        return [item.name for item in value.items]
    return value.text if isinstance(value, Text) else None


def _plain_number(spec: FactSpec, number: Number) -> Plain:
    kind = spec.of or spec.type
    if kind is FactType.MONEY:
        return format_money(number)
    if kind is FactType.DATE:
        return format_date(int(number))
    if kind is FactType.MONTH:
        return format_month(int(number))
    return int(number) if number.denominator == 1 else float(number)
