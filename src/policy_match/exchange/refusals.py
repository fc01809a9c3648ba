"""Rows that are not taken: each comes back with row, column, value, code, allowed values and a hint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from policy_match.errors import Issue
from policy_match.exchange.tables import write_csv
from policy_match.facts.subjects import Subject

REFUSAL_HEADER = ("行号", "列", "值", "代码", "问题", "允许的值", "怎么办")
SHOWN = 60
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_GARBLED = re.compile(r"\ufffd|锟斤拷|烫烫烫|é”|\?{4,}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One fault of a row that was not taken. `row` is counted as the user sees it: lines from 1, table rows with the header as 1."""

    row: int
    column: str
    value: str
    code: str
    what: str
    allowed: str
    hint: str

    def __str__(self) -> str:
        """One line: 第3行 总投资“3000”[UNIT_MISSING] 没有单位；允许：…；怎么办：…"""
        place = f"第{self.row}行" + (f" {self.column}" if self.column else "")
        value = self.value.replace("\n", " ")
        text = f"{place}“{value}”[{self.code}] {self.what}"
        text += f"；允许：{self.allowed}" if self.allowed else ""
        return text + (f"；怎么办：{self.hint}" if self.hint else "")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The subjects of a file in its order, the rows refused, and what was noticed while reading."""

    subjects: tuple[Subject, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...] = ()


class RowError(Exception):
    """One row cannot be taken; carries the column, the value and the fault."""

    def __init__(self, column: str, value: object, issue: Issue) -> None:
        super().__init__(issue.what)
        self.column, self.value, self.issue = column, value, issue


class RowErrors(Exception):
    """Several cells of one row cannot be taken: all of them are told at once."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__("；".join(str(error) for error in errors))
        self.errors = tuple(errors)


def gathered(
    rows: Iterable[tuple[int, Callable[[], Subject]]],
    notes: Iterable[str] = (),
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Loaded:
    """Read numbered rows, each whole or not at all; an id that was seen before refuses the later row.

    A row with several wrong cells has a refusal for each of them.

    `headers`: what the file calls a key, so that a refusal names the column its author sees.
    """
    subjects: list[Subject] = []
    refusals: list[Refusal] = []
    seen: dict[str, int] = {}
    for number, read in rows:
        try:
            subject = read()
            if subject.id in seen:
                what = f"编号与第{seen[subject.id]}行重复"
                raise RowError("id", subject.id, Issue("ID_TAKEN", what, "", "每行一个编号", "改号，或删去重复行"))
        except (RowError, RowErrors) as found:
            errors = found.errors if isinstance(found, RowErrors) else (found,)
            refusals += [refusal_of(number, error, headers.get(error.column, error.column)) for error in errors]
            continue
        seen[subject.id] = number
        subjects.append(subject)
    return Loaded(tuple(subjects), tuple(refusals), tuple(notes))


def clean(column: str, text: str) -> str:
    """The text; RowError for control characters (nothing prints them) and for text that an earlier program garbled."""
    if _CONTROL.search(text):
        what = "含有不可见的控制字符"
        raise RowError(column, text, Issue("CONTROL_CHARACTER", what, "", "可见的文字", "删去后重新填写"))
    if _GARBLED.search(text):
        what = "是乱码：原文在别处已经丢失"
        raise RowError(column, text, Issue("MOJIBAKE", what, "", "UTF-8 或 GBK 文字", "从原始文件重新导出"))
    return text


def refusal_of(number: int, error: RowError, column: str) -> Refusal:
    """The refusal of a row: its number as the user counts, the column as its author calls it, the value cut short."""
    value = _CONTROL.sub("?", str(error.value)[: SHOWN + 1])
    shown = value if len(value) <= SHOWN else value[: SHOWN - 3] + "…"
    issue = error.issue
    return Refusal(number, column, shown, issue.code, issue.what, issue.allowed, issue.hint)


def write_refusals(path: Path, refusals: Iterable[Refusal]) -> None:
    """Write refused rows as a CSV that Excel opens and takes no cell of for a formula; UsageError if it cannot be written."""
    rows = ([str(r.row), r.column, r.value, r.code, r.what, r.allowed, r.hint] for r in refusals)
    write_csv(path, REFUSAL_HEADER, rows)
