"""Match a file of subjects and write the lines: JSONL by default, or a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import orjson
from rapidfuzz import process

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.exchange.tables import write_csv, write_parquet, write_xlsx
from policy_match.ranking.order import in_columns
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.progress import tracked
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
    check_place(out, path)
    wanted = known_verdicts(verdicts)
    rulebook = open_rulebook(rules, corpus)
    ids = known_measures(measures, rulebook)
    loaded = read_subjects(path, rulebook.vocabulary)
    matching = Matching(rulebook, loaded.subjects, as_of, open_ordering(rules))
    rows = tracked(range(len(loaded.subjects)), len(loaded.subjects), "匹配")
    found = (matching.of(row, ids, wanted, all_reasons=all_reasons) for row in rows)
    if form == "table":
        write_lines((line for matches in found for line in screen_lines(matching.in_order(matches))), out)
    else:
        write_matches((match for matches in found for match in matches), as_of, out, form)
    return loaded


def check_place(out: Path | None, path: Path) -> None:
    """UsageError before any work if the output would be in no folder, or would replace the input."""
    if out is None:
        return
    if not out.parent.is_dir():
        raise UsageError(Issue("FILE_WRITE", "没有这个文件夹", str(out.parent), "", "先建好文件夹"))
    if out.exists() and path.exists() and out.samefile(path):
        raise UsageError(Issue("FILE_WRITE", "输出文件就是输入文件", str(out), "", "换一个文件名"))


def chosen_form(form: str | None, out: Path | None, forms: Sequence[str]) -> str:
    """The output format: as asked, else by the ending of the file, else JSONL; UsageError where the two disagree."""
    ending = out.suffix.lower().lstrip(".") if out is not None else ""
    chosen = form or ending or ("jsonl" if "jsonl" in forms else "")
    if not chosen:
        what = "看不出要什么格式：文件名没有扩展名"
        raise UsageError(Issue("FORMAT", what, "--out", "、".join(forms), "写上扩展名，或加 --format"))
    if chosen not in forms:
        option, hint = ("--format", "改用其中一种") if form else ("--out", "改扩展名，或加 --format")
        raise UsageError(Issue("FORMAT", f"不认识的格式“{chosen}”", option, "、".join(forms), hint))
    if ending in forms and ending != chosen:
        raise UsageError(
            Issue("FORMAT", f"文件扩展名是 .{ending}，格式却是 {chosen}", "--format", ending, "改其中一个")
        )
    if chosen in ("xlsx", "parquet") and out is None:
        raise UsageError(Issue("FORMAT", f"{chosen} 需要写到文件", "--out", "", "加上 --out 文件名"))
    return chosen


def known_verdicts(written: Sequence[str] | None) -> frozenset[Verdict] | None:
    """The verdicts asked for; UsageError VERDICT for a name that is none."""
    if written is None:
        return None
    for name in written:
        if name not in set(Verdict):
            raise UsageError(
                Issue("VERDICT", f"不认识的结论“{name}”", "--verdicts", "、".join(Verdict), "改用其中的词")
            )
    return frozenset(Verdict(name) for name in written)


def known_measures(written: Sequence[str] | None, rulebook: Rulebook) -> tuple[str, ...] | None:
    """The measure ids asked for; UsageError MEASURE_UNKNOWN with the nearest ids for one that is none."""
    if written is None:
        return None
    for name in written:
        if name not in rulebook.ids:
            raise unknown_measure(name, rulebook.ids, "--measures")
    return tuple(written)


def unknown_measure(name: str, ids: Sequence[str], where: str) -> UsageError:
    """The error MEASURE_UNKNOWN for an id that is none of `ids`, with the nearest of them."""
    near = "、".join(match for match, _, _ in process.extract(name[:80], ids, limit=3))
    return UsageError(Issue("MEASURE_UNKNOWN", f"没有编号为“{name[:60]}”的措施", where, near, "检查编号"))


def write_matches(
    matches: Iterable[Match], as_of: date, out: Path | None, form: str, release: str | None = None
) -> None:
    """Write lines in the chosen format (not table) to a file, or to the screen without one; those of a store name its release."""
    if form == "jsonl":
        write_lines((orjson.dumps(match_data(match, as_of, release)) + b"\n" for match in matches), out)
        return
    named = ((), ()) if release is None else (("规则版本",), (release,))
    header, rows = TABLE_HEADER + named[0], (table_row(match) + named[1] for match in matches)
    if form == "csv":
        text = write_csv(out, header, rows)
        if out is None:
            write_lines([text.encode()], None)
    elif out is not None:
        write_xlsx(out, header, rows, title="匹配结果") if form == "xlsx" else write_parquet(out, header, rows)


def screen_lines(matches: Sequence[Match]) -> Iterator[bytes]:
    """The matches of one subject as people read them: money, finance, services and people apart, the best first in each."""
    if not matches:
        return
    yield f"{matches[0].subject.id}  {matches[0].subject.shown}\n".encode()
    for column, held in in_columns(matches, lambda match: match.rule.measure).items():
        yield f"  {column}  {len(held)} 项\n".encode()
        for match in held:
            row = table_row(match)
            near = "，差一点" if row[6] else ""
            yield f"    {row[3]}（{row[2]}）  {row[5]}{near}  {row[7]}\n".encode()
