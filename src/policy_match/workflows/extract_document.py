"""Read an official page: what it is, its clauses, what they may ask and give, as document.yaml and draft measures (`extract`).

Nothing of it decides: a person checks the drafts and makes rules of them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.errors import Issue, UsageError
from policy_match.exchange.official_page import read_page
from policy_match.exchange.tables import why_not
from policy_match.text.extract.extraction import Extraction, extract
from policy_match.workflows.extract_files import Written, is_foreign, write_texts
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.similar_measures import Similar, similar_measures

_KINDS = {
    "amount": "金额", "ratio": "比例", "cap": "上限", "count": "数量和期限", "tier": "分档", "industry": "行业", "region": "地区", "honour": "荣誉",
    "window": "申报时间", "date": "日期", "exclusion": "排除", "stacking": "叠加", "owner": "单位",
}  # fmt: skip
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read and written. `out`: None where nothing was to be written."""

    extraction: Extraction
    written: Written
    similar: tuple[Similar, ...]
    out: Path | None


def extract_document(document: Path, out: Path | None, *, rules: Path, corpus: Path, today: date) -> Extracted:
    """Read a page and write `out`, a new folder, whole or not at all.

    UsageError for a page that cannot be read (official_page) or a folder that is there already.
    """
    if out is not None and (out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise UsageError(
            Issue("OUT_EXISTS", "已有这个文件夹，没有改写", str(out), "新的文件夹", "换一个名称，或先移走它")
        )
    page = read_page(document)
    rulebook = open_rulebook(rules, corpus)
    extraction = extract(page, rulebook.vocabulary.taxonomies, rulebook.vocabulary.industries)
    written = write_texts(extraction, document.name, rulebook, today)
    titles = [] if extraction.head.title is None else [extraction.head.title]
    if out is not None:
        _write(written, out)
    return Extracted(extraction, written, similar_measures(rulebook, extraction.head.number, titles), out)


def _write(written: Written, out: Path) -> None:
    """All files into a folder beside `out` that is then named `out`."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        hint = "检查权限和磁盘空间，或换一个位置"
        raise UsageError(Issue("FILE_WRITE", f"写不了文件夹（{why_not(error)}）", str(out), "", hint)) from None
    try:
        for name, text in written.files.items():
            place = partial / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        partial.chmod(0o755)
        partial.replace(out)
    except OSError as error:
        raise UsageError(
            Issue("FILE_WRITE", f"写不了文件（{why_not(error)}）", str(out), "", "检查权限和磁盘空间")
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def summary(done: Extracted) -> Iterator[str]:
    """What was read, for the clerk: head, counts, warnings, what a person has to read, similar measures, files."""
    head, extraction = done.extraction.head, done.extraction
    yield f"文号：{head.number or '未见'}"
    yield f"发文单位：{'、'.join(head.issuers) or '未见'}"
    yield f"标题：{head.title or '未见'}"
    yield f"印发：{head.issued_on or '未见'}；施行：{head.term.begins or '未见'}；有效至：{extraction.through or '未见'}"
    yield f"条款：{len(extraction.clauses)} 条；不带编号的：{len(extraction.loose)} 行"
    counts = Counter(one.kind for found in extraction.found.values() for one in found)
    told = "，".join(f"{name} {counts[kind]}" for kind, name in _KINDS.items() if counts[kind])  # type: ignore[index]
    yield f"候选：{told or '没有'}"
    for warning in extraction.warnings:
        yield f"提醒 {warning.code}：{warning.message}"
    yield from _similar(done.similar)
    yield from _files(done)


def _similar(found: tuple[Similar, ...]) -> Iterator[str]:
    for one in found[:_SHOWN]:
        yield f"相近的措施（可能是{one.how}）：{one.measure}，{one.title}，{one.document}"
    if len(found) > _SHOWN:
        yield f"相近的措施还有 {len(found) - _SHOWN} 项"


def _files(done: Extracted) -> Iterator[str]:
    drafts = [name for name in done.written.files if name.startswith("measures/")]
    if is_foreign(done.extraction):
        yield "措施草稿：没有写。先核对来源；确是本地或上级文件的，把单位和文号前缀写进 corpus/taxonomies/issuers.yaml 再运行"
    else:
        yield f"措施草稿：{len(drafts)} 份；要人对照原文的条款：{'、'.join(done.written.to_read) or '没有'}"
    if done.written.is_registered:
        yield f"文件登记：已有 {done.written.document_id}"
    if done.out is None:
        yield "没有写文件；加 --out 文件夹 写出"
    else:
        yield f"已写入 {done.out}"
