"""Rows of projects as departments keep them, to be compared: a first column of ids, known columns by any of their names.

Nothing is judged here: a wrong credit code or an amount without a unit stays as written. A column that is not known
is left out and named; one that looks like a known column written wrongly refuses the file, because a key would be lost.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from rapidfuzz import fuzz, process

from policy_match.errors import Issue, UsageError
from policy_match.exchange.grids import Grid, opened, read_csv, read_parquet, read_xlsx
from policy_match.exchange.jsonl import MAX_ID
from policy_match.exchange.refusals import Refusal, RowError, clean, refusal_of
from policy_match.linkage.records import ProjectRecord

NAMES = {
    "name": ("项目名称", "name", "project_name", "名称"),
    "firm": ("建设单位", "企业名称", "单位名称", "项目单位", "申报单位", "法人单位", "enterprise_name", "company"),
    "uscc": ("统一社会信用代码", "信用代码", "社会信用代码", "uscc"),
    "project_code": ("项目代码", "投资项目代码", "项目统一代码", "project_code"),
    "region": ("所在地区", "所在辖市区", "辖市区", "所属地区", "地区", "region", "district"),
    "place": ("建设地点", "建设地址", "项目地址", "镇街或园区", "x_镇街或园区", "town", "place"),
    "investment": ("总投资", "总投资额", "计划总投资", "项目总投资", "投资总额", "investment"),
    "unit": ("金额单位", "投资单位", "unit"),
    "started": ("开工时间", "开工日期", "实际开工时间", "开工年月", "started_on"),
    "industry": ("行业", "所属行业", "行业名称", "x_行业原文", "industry_text"),
    "source": ("来源", "来源部门", "数据来源", "source", "source_dept"),
}
_FIELDS = {unicodedata.normalize("NFKC", name): field for field, names in NAMES.items() for name in names}
_NOT_COMPARED = frozenset({"项目类型", "项目阶段"})
_UNIT = re.compile(r"^(?P<name>.+?)\s*\((?P<unit>[^()]*元)\)$")
_TYPO, _MAX_TEXT = 70, 1000
_TOTALS = frozenset({"合计", "小计", "总计"})
_EMPTY = frozenset({"/", "-", "—", "无"})


@dataclass(frozen=True, slots=True)
class ProjectRows:
    """The records of a file in its order, the rows refused, and what was noticed while reading."""

    records: tuple[ProjectRecord, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which place of a row holds which field (0 is the id), and the unit in the header of the investment."""

    places: tuple[tuple[int, str], ...]
    unit: str
    notes: tuple[str, ...]


def read_project_rows(path: Path) -> ProjectRows:
    """Read a CSV, XLSX or Parquet file; UsageError for a file, header or kind that cannot be compared at all."""
    grid = opened(path, {".csv": read_csv, ".xlsx": read_xlsx, ".parquet": read_parquet})
    columns = _columns([str(cell or "") for cell in grid.header], f"{path}:1")
    records: dict[str, ProjectRecord] = {}
    refusals: list[Refusal] = []
    notes: list[str] = []
    first_seen: dict[str, int] = {}
    for number, row in grid.rows:
        try:
            if isinstance(row, RowError):
                raise row
            texts = row_texts(row, grid)
            if not any(texts):
                continue
            if texts[0] in _TOTALS:
                notes.append(f"{path.name} 第{number}行“{texts[0]}”不是项目，未读入")
                continue
            record = _record(texts, columns, first_seen)
        except RowError as error:
            refusals.append(refusal_of(number, error, error.column))
            continue
        records[record.id], first_seen[record.id] = record, number
    if not records and not refusals:
        raise UsageError(Issue("FILE_EMPTY", "文件中没有数据行", str(path), "", "检查是否导出成功"))
    told = (f"{path.name}：{note}" for note in (*grid.notes, *columns.notes))
    return ProjectRows(tuple(records.values()), tuple(refusals), (*told, *notes))


def _columns(header: Sequence[str], where: str) -> _Columns:
    """What each column holds; UsageError for no id column, nothing to compare by, or a name that looks mistyped."""
    plain = [unicodedata.normalize("NFKC", text).strip() for text in header]
    found = [_field(text) for text in plain]
    if not plain or (found[0][0] and found[0][0] != "source"):
        what = f"第一列应是编号，实为“{plain[0] if plain else ''}”"
        raise UsageError(Issue("COLUMN_MISSING", what, where, "第一列是编号", "把编号列移到最前"))
    places: dict[str, int] = {}
    issues: list[Issue] = []
    for place, (field, _) in enumerate(found[1:], start=1):
        if field in places:
            what = f"“{plain[places[field]]}”和“{plain[place]}”是同一项"
            issues.append(Issue("COLUMN_TWICE", what, where, "每项一列", "删去一列"))
        elif field:
            places[field] = place
    unknown = [text for text, (field, _) in zip(plain[1:], found[1:], strict=True) if text and not field]
    issues += [issue for text in unknown if (issue := _mistyped(text, places, where))]
    if not issues and not {"name", "project_code"} & places.keys():
        issues.append(Issue("COLUMN_MISSING", "没有可比对的列", where, "项目名称、项目代码等", "检查表头是否在第一行"))
    if issues:
        raise UsageError(*issues)
    left = [text for text in unknown if text not in _NOT_COMPARED and not text.startswith("x_")]
    notes = (f"未读入的列：{'、'.join(left)}",) if left else ()
    unit = found[places["investment"]][1] if "investment" in places else ""
    return _Columns(tuple((place, field) for field, place in places.items()), unit, notes)


def _field(text: str) -> tuple[str, str]:
    """The field a header names and the unit in it; empty where it names none."""
    if text in _FIELDS:
        return _FIELDS[text], ""
    with_unit = _UNIT.match(text)
    if with_unit and _FIELDS.get(with_unit["name"]) == "investment":
        return "investment", with_unit["unit"]
    return "", ""


def _mistyped(text: str, places: dict[str, int], where: str) -> Issue | None:
    """The fault of a header that is nearly the name of a column the file lacks."""
    if text in _NOT_COMPARED or text.startswith("x_"):
        return None
    missing = [name for name, field in _FIELDS.items() if field not in places]
    near = process.extract(text, missing, scorer=fuzz.ratio, limit=3, score_cutoff=_TYPO)
    if not near:
        return None
    allowed = "、".join(name for name, _, _ in near)
    return Issue("COLUMN_UNKNOWN", f"不认识的列“{text[:40]}”", where, allowed, "改正列名；确实不用的列加前缀 x_")


def row_texts(row: Sequence[object], grid: Grid) -> list[str]:
    """The cells of a row as text; RowError for a row of another length than the header."""
    texts = [_text(cell) for cell in row]
    length = len(grid.header)
    if any(texts[length:]) or (grid.even and any(texts) and len(texts) < length):
        what = f"这一行有 {len(texts)} 列，表头有 {length} 列"
        raise RowError("", texts[0], Issue("ROW_LENGTH", what, "", f"{length} 列", "检查逗号和引号"))
    return texts[:length] + [""] * (length - len(texts))


def _text(cell: object) -> str:
    """A cell as a person would have written it; a number that lost digits keeps the form that shows it (1.2E+19)."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    text = str(cell).strip()
    return "" if text in _EMPTY else text


def _record(texts: Sequence[str], columns: _Columns, first_seen: dict[str, int]) -> ProjectRecord:
    identity = clean("编号", texts[0])
    if not identity or len(identity) > MAX_ID:
        raise RowError("编号", identity, Issue("ID_MISSING", "缺少编号", "", f"1 至 {MAX_ID} 字", "给每行一个编号"))
    if identity in first_seen:
        what = f"编号与第{first_seen[identity]}行重复"
        raise RowError("编号", identity, Issue("ID_TAKEN", what, "", "每行一个编号", "改号，或删去重复行"))
    values = {field: _checked(field, texts[place]) for place, field in columns.places}
    return ProjectRecord(identity, **{"unit": columns.unit, **{field: text for field, text in values.items() if text}})


def _checked(field: str, text: str) -> str:
    column = NAMES[field][0]
    if len(text) > _MAX_TEXT:
        issue = Issue("TOO_LONG", f"单元格有 {len(text)} 字，过长", "", f"不超过 {_MAX_TEXT} 字", "检查是否粘贴错误")
        raise RowError(column, text, issue)
    return clean(column, text)
