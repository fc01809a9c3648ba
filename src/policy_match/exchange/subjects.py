"""Read subjects from JSONL, CSV, XLSX and Parquet files (formats: docs/formats.zh.md).

A row with a wrong cell is refused whole and comes back with row, column, value,
code, allowed values and a hint; all other rows go in. A fault of the whole file
(unknown column, nothing to read) refuses the file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from policy_match.errors import Issue, UsageError
from policy_match.exchange.grids import opened, read_csv, read_parquet, read_xlsx
from policy_match.exchange.jsonl import parse_json, read_jsonl, subject_from_json
from policy_match.exchange.refusals import Loaded, Refusal, RowError, gathered, write_refusals
from policy_match.exchange.sheets import read_sheet
from policy_match.facts.subjects import Kind, Subject, joined
from policy_match.facts.vocabulary import Vocabulary

__all__ = [
    "Loaded", "Refusal", "RowError", "gathered", "parse_json", "read_subjects", "subject_from_json", "write_refusals",
]  # fmt: skip

Reader = Callable[[Path, Vocabulary], Loaded]
_READERS: dict[str, Reader] = {
    ".jsonl": read_jsonl,
    ".csv": lambda path, vocabulary: read_sheet(read_csv(path), path, vocabulary),
    ".xlsx": lambda path, vocabulary: read_sheet(read_xlsx(path), path, vocabulary),
    ".parquet": lambda path, vocabulary: read_sheet(read_parquet(path), path, vocabulary),
}


def read_subjects(path: Path, vocabulary: Vocabulary) -> Loaded:
    """Read a file by its ending; projects have the facts of their enterprise joined in.

    UsageError if the file is missing, empty, of another kind, or has an unknown column.
    """
    loaded = opened(path, {ending: _with(vocabulary, reader) for ending, reader in _READERS.items()})
    if not loaded.subjects and not loaded.refusals:
        raise UsageError(Issue("FILE_EMPTY", "文件中没有数据行", str(path), "", "检查是否导出成功"))
    subjects = joined(loaded.subjects, vocabulary)
    return Loaded(subjects, loaded.refusals, (*loaded.notes, *_unjoined(subjects)))


def _with(vocabulary: Vocabulary, reader: Reader) -> Callable[[Path], Loaded]:
    return lambda path: reader(path, vocabulary)


def _unjoined(subjects: tuple[Subject, ...]) -> tuple[str, ...]:
    """A note on projects and persons whose enterprise has no line in the file: they are matched by their own facts."""
    firms = {key for subject in subjects if subject.kind is Kind.ENTERPRISE for key in (subject.id, subject.enterprise)}
    alone = [s for s in subjects if s.kind is not Kind.ENTERPRISE and s.enterprise and s.enterprise not in firms]
    if not alone:
        return ()
    shown = "、".join(subject.id for subject in alone[:5]) + ("等" if len(alone) > 5 else "")
    return (f"{len(alone)} 个主体（{shown}）的企业不在文件中，只用它们自己的事实",)
