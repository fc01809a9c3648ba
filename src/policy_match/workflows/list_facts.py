"""List what is known of each subject and what is derived from it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TypeAlias

import orjson

from policy_match.dates import format_date, format_month
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.exchange.tables import write_csv, write_xlsx
from policy_match.facts.cells import Cause, Cell, Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.show import value_text
from policy_match.facts.subjects import Subject, known_facts
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.units import Band, Number, format_area, format_money
from policy_match.workflows.match_file import check_place, chosen_form
from policy_match.workflows.open_rules import open_vocabulary
from policy_match.workflows.progress import tracked

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"


SET_ASIDE = {
    Cause.STALE: "未采用：已过期",
    Cause.CONFLICT: "未采用：与推导结果矛盾",
    Cause.PURPOSE: "未采用：统计资料不得用于此",
    Cause.WEAK_SOURCE: "未采用：文本抽取",
    Cause.MISSING: "未采用：观察日期在后",
}
HEADER = ("编号", "事实", "名称", "值", "来源", "观察日期", "说明")


def list_facts(path: Path, *, rules: Path, corpus: Path, as_of: date, out: Path | None, form: str | None) -> Loaded:
    """Write `{id, facts, derived}` per subject (JSONL), or one table row per fact."""
    form = chosen_form(form, out, ("jsonl", "csv", "xlsx"))
    check_place(out, path)
    vocabulary = open_vocabulary(rules, corpus)
    loaded = read_subjects(path, vocabulary)
    subjects = tracked(loaded.subjects, len(loaded.subjects), "列出事实")
    if form == "jsonl":
        write_lines((orjson.dumps(facts_data(s, vocabulary, as_of)) + b"\n" for s in subjects), out)
        return loaded
    rows = [row for subject in subjects for row in _rows(subject, vocabulary, as_of)]
    if form == "csv":
        text = write_csv(out, HEADER, rows)
        if out is None:
            write_lines([text.encode()], None)
    elif out is not None:
        write_xlsx(out, HEADER, rows, title="事实")
    return loaded


def facts_data(subject: Subject, vocabulary: Vocabulary, as_of: date) -> dict[str, Plain]:
    """Given facts as read and every derived fact; null is unknown."""
    known = known_facts(subject, vocabulary, as_of)
    facts = {name: plain_value(vocabulary[name], cell.value) for name, cell in subject.cells.items()}
    derived = {name: plain_value(vocabulary[name], known[name].value) for name in vocabulary.order}
    return {"id": subject.id, "facts": facts, "derived": derived}


def _rows(subject: Subject, vocabulary: Vocabulary, as_of: date) -> list[tuple[str, ...]]:
    known = known_facts(subject, vocabulary, as_of)
    return [_row(subject, vocabulary[n], c, vocabulary) for n, c in known.items() if c.value is not None or c.last_seen]


def _row(subject: Subject, spec: FactSpec, cell: Cell, vocabulary: Vocabulary) -> tuple[str, ...]:
    shown = cell.value if cell.value is not None else cell.last_seen
    remark = (
        "推导"
        if cell.derived
        else ""
        if cell.value is not None
        else SET_ASIDE.get(cell.cause or Cause.MISSING, "未采用")
    )
    return (
        subject.id,
        spec.name,
        spec.label,
        "" if shown is None else value_text(spec, shown, vocabulary),
        "" if cell.derived else vocabulary.registers.get(cell.source or "", "文件所载"),
        "" if cell.observed_on is None else cell.observed_on.isoformat(),
        remark,
    )


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
        return [_plain_item(item) for item in value.items]
    return value.text if isinstance(value, Text) else None


def _plain_item(item: Item) -> Plain:
    """The name, or an object where more than the name is known; a date known to the month or year as an interval of days."""
    data: dict[str, Plain] = {"name": item.name}
    for key, band in (("granted_on", item.granted), ("valid_through", item.through)):
        if band is not None and band.low is not None and band.high is not None:
            first, last = format_date(int(band.low)), format_date(int(band.high))
            data[key] = first if first == last else f"{first}~{last}"
    if item.level is not None:
        data["level"] = item.level
    if item.year is not None:
        data["year"] = item.year
    return data if len(data) > 1 else item.name


def _plain_number(spec: FactSpec, number: Number) -> Plain:
    kind = spec.of or spec.type
    if kind is FactType.MONEY:
        return format_money(number)
    if kind is FactType.AREA:
        return format_area(number)
    if kind is FactType.DATE:
        return format_date(int(number))
    if kind is FactType.MONTH:
        return format_month(int(number))
    return int(number) if number.denominator == 1 else float(number)
