"""Match a file of subjects and write the lines: JSONL by default, or a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import orjson
from rapidfuzz import process

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.exchange.tables import write_csv, write_parquet, write_xlsx
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_match import TABLE_HEADER, match_data, table_row

FORMS = ("jsonl", "csv", "xlsx", "parquet", "table")


def match_file(
    path: Path,
    *,
    rules: Path,
    corpus: Path,
    as_of: date,
    measures: Sequence[str] | None,
    verdicts: Sequence[str] | None,
    all_reasons: bool,
    out: Path | None,
    form: str | None,
) -> Loaded:
    """Match every subject of the file; returns what was read and refused.

    UsageError for an unknown measure (with the nearest ids), verdict or format. The output file appears
    whole or not at all.
    """
    form = chosen_form(form, out, FORMS)
    wanted = _verdicts(verdicts)
    rulebook = open_rulebook(rules, corpus)
    ids = _measures(measures, rulebook)
    loaded = read_subjects(path, rulebook.vocabulary)
    matching = Matching(rulebook, loaded.subjects, as_of)
    lines = matching.lines(ids, wanted, all_reasons=all_reasons)
    write_matches(lines, as_of, out, form)
    return loaded


def chosen_form(form: str | None, out: Path | None, forms: Sequence[str]) -> str:
    """The output format: as asked, else by the ending of the file, else JSONL."""
    chosen = form or (out.suffix.lower().lstrip(".") if out is not None else "") or "jsonl"
    if chosen not in forms:
        raise UsageError(Issue("FORMAT", f"不认识的格式“{chosen}”", "--format", "、".join(forms)))
    if chosen in ("xlsx", "parquet") and out is None:
        raise UsageError(Issue("FORMAT", f"{chosen} 需要写到文件", "--out", "", "加上 --out 文件名"))
    return chosen


def _verdicts(written: Sequence[str] | None) -> frozenset[Verdict] | None:
    if written is None:
        return None
    for name in written:
        if name not in set(Verdict):
            raise UsageError(Issue("VERDICT", f"不认识的结论“{name}”", "--verdicts", "、".join(Verdict)))
    return frozenset(Verdict(name) for name in written)


def _measures(written: Sequence[str] | None, rulebook: Rulebook) -> tuple[str, ...] | None:
    if written is None:
        return None
    for name in written:
        if name not in rulebook.ids:
            near = "、".join(match for match, _, _ in process.extract(name, rulebook.ids, limit=3))
            raise UsageError(Issue("MEASURE_UNKNOWN", f"没有编号为“{name[:60]}”的措施", "--measures", near, "检查编号"))
    return tuple(written)


def write_matches(matches: Iterable[Match], as_of: date, out: Path | None, form: str) -> None:
    """Write lines in the chosen format to a file, or to the screen without one."""
    if form == "jsonl":
        _write_bytes((orjson.dumps(match_data(match, as_of)) + b"\n" for match in matches), out)
        return
    rows = (table_row(match) for match in matches)
    if form == "table":
        for row in rows:
            print(f"{row[0]}  {row[3]}（{row[2]}）  {row[5]}{'，差一点' if row[6] else ''}  {row[7]}")
    elif form == "csv":
        text = write_csv(out, TABLE_HEADER, rows)
        if out is None:
            sys.stdout.write(text)
    elif out is not None:
        write_xlsx(out, TABLE_HEADER, rows, title="匹配结果") if form == "xlsx" else write_parquet(
            out, TABLE_HEADER, rows
        )


def _write_bytes(lines: Iterator[bytes], out: Path | None) -> None:
    if out is None:
        for line in lines:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return
    partial = out.with_name(out.name + ".part")
    with partial.open("wb") as target:
        target.writelines(lines)
    partial.replace(out)
