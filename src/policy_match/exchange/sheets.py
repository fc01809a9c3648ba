"""Subjects from a grid of cells: what each column means, and each row read by it.

A column is a key, a fact by name or Chinese label (with the unit of its bare numbers),
or a remark that starts with `x_`; anything else refuses the file with the nearest names.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from rapidfuzz import fuzz, process

from policy_match.errors import FactError, Issue, UsageError
from policy_match.exchange.grids import Grid, Row
from policy_match.exchange.jsonl import MAX_ID, MAX_NAME, checked_key, kind_from
from policy_match.exchange.refusals import Loaded, RowError, RowErrors, clean, gathered
from policy_match.facts.cells import Cell
from policy_match.facts.read import header_units, read_origin, read_text_cell
from policy_match.facts.subjects import Subject
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary, unknown_fact

KEYS = ("id", "name", "enterprise", "enterprise_name", "kind", "source", "readings", "observed_on")
KEY_LABELS = {"项目编号": "id", "编号": "id", "项目名称": "name", "名称": "name", "企业": "enterprise",
              "统一社会信用代码": "enterprise", "企业名称": "enterprise_name", "主体类型代码": "kind", "来源": "source",
              "解读": "readings", "观察日期": "observed_on"}  # fmt: skip
MAX_CELL = 100_000
LOSSY = 10**14
_UNIT = re.compile(r"^(?P<name>.+?)\s*\((?P<unit>[^()]+)\)$")
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$|^\d{14,}\.0$")
_TOTALS = frozenset(["合计", "小计", "总计"])
_REMARK = re.compile(r"^(注|备注|说明|填表说明)[:：1-9]")
_CELL_ERRORS = frozenset(["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"])
_CODES = (FactType.INDUSTRY, FactType.REGION)


@dataclass(frozen=True, slots=True)
class Column:
    """What one column means: a key, a fact with the unit of its header, or (neither) a remark."""

    header: str
    key: str | None = None
    spec: FactSpec | None = None
    unit: str | None = None

    @property
    def meaning(self) -> str | None:
        """Key or fact name; None for a remark."""
        return self.spec.name if self.spec else self.key


def read_sheet(grid: Grid, path: Path, vocabulary: Vocabulary) -> Loaded:
    """The subjects of a grid; UsageError for a header that is not understood."""
    columns = columns_of([str(cell or "") for cell in grid.header], path, vocabulary)
    skipped: list[str] = []
    rows = (
        (number, partial(_subject, row, columns, grid, vocabulary)) for number, row in _data(grid, columns, skipped)
    )
    loaded = gathered(rows, grid.notes, {column.key: column.header for column in columns if column.key})
    return Loaded(loaded.subjects, loaded.refusals, (*loaded.notes, *skipped))


def _data(grid: Grid, columns: Sequence[Column], skipped: list[str]) -> Iterator[tuple[int, Row]]:
    """Rows with something in them, without totals and remarks; those are noted in `skipped`."""
    at = [column.key for column in columns].index("id")
    for number, row in grid.rows:
        if isinstance(row, RowError):
            yield number, row
            continue
        filled = [str(cell).strip() for cell in row if cell is not None and str(cell).strip()]
        if not filled:
            continue
        first = str(row[at]).strip() if at < len(row) else ""
        if first in _TOTALS or filled[0] in _TOTALS or (len(filled) == 1 and _REMARK.match(filled[0])):
            skipped.append(f"第{number}行“{filled[0][:20]}”不是主体，未读入")
            continue
        yield number, row


def columns_of(header: Sequence[str], path: Path, vocabulary: Vocabulary) -> list[Column]:
    """The meaning of each column; UsageError with every fault of the header."""
    where = f"{path}:1"
    issues: list[Issue] = []
    columns = [_column(text, where, vocabulary, issues) for text in header]
    meanings = [column.meaning for column in columns]
    filled = [text.strip() for text in header if text.strip()]
    if len(filled) == 1 < len(header) and not any(meanings):
        what = f"第1行只有一格有字，像是标题“{filled[0][:40]}”"
        raise UsageError(Issue("HEADER_TITLE", what, where, "第1行是表头", "删去标题行，使表头成为第1行"))
    for meaning in dict.fromkeys(meaning for meaning in meanings if meaning and meanings.count(meaning) > 1):
        twice = "、".join(column.header for column in columns if column.meaning == meaning)
        issues.append(Issue("COLUMN_TWICE", f"“{meaning}”有两列：{twice}", where, "每个事实一列", "删去一列"))
    if "id" not in meanings:
        issues.append(Issue("COLUMN_MISSING", "没有编号列", where, "id 或 项目编号", "表头放在第一行，并有编号列"))
    if issues:
        raise UsageError(*issues)
    return columns


def _column(written: str, where: str, vocabulary: Vocabulary, issues: list[Issue]) -> Column:
    text = unicodedata.normalize("NFKC", written).strip()
    if text.startswith("x_") or not text:
        return Column(written.strip())
    labels = {unicodedata.normalize("NFKC", label): name for label, name in vocabulary.by_label.items()}
    found = _UNIT.match(text)
    for name, unit in ((text, None), (found["name"], found["unit"].strip()) if found else (text, None)):
        fact = name if name in vocabulary else labels.get(name)
        if fact is not None:
            return _fact_column(written, vocabulary[fact], unit, where, issues)
        if unit is None and (name.lower() in KEYS or name in KEY_LABELS):
            return Column(written.strip(), KEY_LABELS.get(name, name.lower()))
    known = [*vocabulary.facts, *vocabulary.by_label, *KEYS, *KEY_LABELS]
    near = process.extract((found["name"] if found else text)[:40], known, scorer=_alike, limit=3, score_cutoff=50)
    allowed = "、".join(match for match, _, _ in near) or "事实名、中文标签，或以 x_ 开头的备注列"
    hint = "改名，或加前缀 x_ 表示不读入；表头只占第一行"
    issues.append(Issue("COLUMN_UNKNOWN", f"不认识的列“{text[:40]}”", where, allowed, hint))
    return Column(written)


def _alike(one: str, other: str, **_: object) -> float:
    """How alike two names are, 0 to 100: by their letters, or because one stands whole in the other."""
    return max(fuzz.ratio(one, other), 90.0 if fuzz.partial_ratio(one, other) == 100 else 0.0)


def _fact_column(written: str, spec: FactSpec, unit: str | None, where: str, issues: list[Issue]) -> Column:
    units = {unicodedata.normalize("NFKC", known): known for known in header_units(spec)}
    if unit is not None and unit not in units:
        allowed = "、".join(header_units(spec)) or "不带单位"
        what = f"列“{written[:40]}”的单位不对"
        issues.append(Issue("UNIT_UNKNOWN", what, where, allowed, "改正表头中的单位"))
        return Column(written)
    return Column(written.strip(), None, spec, None if unit is None else units[unit])


def _subject(row: Row, columns: Sequence[Column], grid: Grid, vocabulary: Vocabulary) -> Subject:
    if isinstance(row, RowError):
        raise row
    if [str(cell).strip() for cell in row] == [str(cell or "").strip() for cell in grid.header]:
        raise RowError("", row[0], Issue("HEADER_AGAIN", "这一行又是表头", "", "表头只在第一行", "删去这一行"))
    surplus = [cell for cell in row[len(columns) :] if cell not in (None, "")]
    if surplus or (grid.even and len(row) < len(columns)):
        what = f"这一行有 {len(row)} 列，表头有 {len(columns)} 列"
        value = surplus[0] if surplus else row[-1]
        raise RowError(
            "", value, Issue("ROW_LENGTH", what, "", f"{len(columns)} 列", "检查逗号和引号，或这一行是否被截断")
        )
    keys: dict[str, str] = {}
    written: list[tuple[Column, str]] = []
    extra: dict[str, str] = {}
    faults: list[RowError] = []
    for column, cell in zip(columns, row, strict=False):
        try:
            text = cell_text(cell, column, vocabulary, rounded=grid.rounded)
        except RowError as error:
            faults.append(error)
            continue
        if column.spec is not None:
            written.append((column, text))
        elif text and column.key is not None:
            keys[column.key] = text
        elif text:
            if not column.header:
                raise RowError(
                    "", text, Issue("COLUMN_BLANK", "这一列没有表头", "", "每列有表头", "补上表头，不合并单元格")
                )
            extra[column.header] = text
    cells = _cells(written, keys, vocabulary, faults)
    return _keyed(keys, cells, extra, vocabulary)


def _keyed(
    keys: Mapping[str, str], cells: Mapping[str, Cell], extra: Mapping[str, str], vocabulary: Vocabulary
) -> Subject:
    identity = keys.get("id", "")
    if not identity or len(identity) > MAX_ID:
        raise RowError("id", identity, Issue("ID_MISSING", "缺少编号", "", f"1 至 {MAX_ID} 字", "给每行一个编号"))
    for key in ("name", "enterprise", "enterprise_name"):
        if len(keys.get(key, "")) > MAX_NAME:
            raise RowError(key, keys[key], Issue("TOO_LONG", "过长", "", f"不超过 {MAX_NAME} 字", "检查是否粘贴错误"))
    enterprise = keys.get("enterprise")
    return Subject(
        checked_key("id", identity),
        kind_from(keys.get("kind"), cells, vocabulary),
        cells,
        keys.get("name"),
        None if enterprise is None else checked_key("enterprise", enterprise),
        keys.get("enterprise_name"),
        extra,
    )


def cell_text(cell: object, column: Column, vocabulary: Vocabulary, *, rounded: bool) -> str:
    """A cell as the text a person would have written; RowError for what cannot be shown or was lost."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float | Decimal):
        return _number_text(cell, column, vocabulary, rounded=rounded)
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, list):
        return ";".join(cell_text(part, column, vocabulary, rounded=rounded) or "/" for part in cell)
    text = str(cell).strip()
    if len(text) > MAX_CELL:
        issue = Issue("TOO_LONG", f"单元格有 {len(text)} 字，过长", "", f"不超过 {MAX_CELL} 字", "检查是否粘贴错误")
        raise RowError(column.header, text, issue)
    if text in _CELL_ERRORS:
        issue = Issue("CELL_ERROR", f"单元格是公式错误 {text}", "", "数值或文字", "改正公式后重新保存")
        raise RowError(column.header, text, issue)
    if _is_code(column) and _SCIENTIFIC.match(text):
        raise _lost_digits(column, text)
    return clean(column.header, text)


def _is_code(column: Column) -> bool:
    return column.key in ("id", "enterprise") or (column.spec is not None and column.spec.type in _CODES)


def _lost_digits(column: Column, cell: object) -> RowError:
    what = "编码被表格程序当作数字，位数已丢失"
    return RowError(
        column.header, cell, Issue("CODE_AS_NUMBER", what, "", "文本格式的编码", "将这一列设为文本，再重新填写编码")
    )


def _number_text(cell: int | float | Decimal, column: Column, vocabulary: Vocabulary, *, rounded: bool) -> str:
    """A number cell in digits: to fifteen of them where a spreadsheet wrote it, which is what it shows."""
    if not isinstance(cell, int) and not math.isfinite(cell):
        raise RowError(column.header, cell, Issue("NUM_RANGE", "不是有效的数", "", "有限的数", "未知的值请留空"))
    exact = (
        Decimal(f"{cell:.15g}")
        if isinstance(cell, float) and rounded
        else Decimal(repr(cell))
        if isinstance(cell, float)
        else Decimal(cell)
    )
    whole = exact == exact.to_integral_value()
    text = f"{exact.quantize(Decimal(1)) if whole and abs(exact) < LOSSY * 10**10 else exact:f}"
    spec = column.spec
    if _is_code(column) and ((rounded or isinstance(cell, float)) and abs(exact) >= LOSSY):
        raise _lost_digits(column, text)
    if spec is not None and spec.type is FactType.INDUSTRY and f"0{text}" in vocabulary.industries:
        raise _lost_digits(column, text)
    if spec is not None and spec.type is FactType.DATE and not whole:
        issue = Issue(
            "DATE_AMBIGUOUS", "是数字，分不清 1 月和 10 月", "", "2024-10、2024年10月", "将这一列设为文本或日期"
        )
        raise RowError(column.header, text, issue)
    return text


def _cells(
    written: Sequence[tuple[Column, str]], keys: Mapping[str, str], vocabulary: Vocabulary, faults: Sequence[RowError]
) -> dict[str, Cell]:
    """The facts of a row; RowErrors with the faults found before and those of its own."""
    source, observed, readings = origin_of(keys, vocabulary)
    for name in sorted(readings - {column.spec.name for column, _ in written if column.spec}):
        raise RowError("readings", name, unknown_fact(name, vocabulary))
    cells: dict[str, Cell] = {}
    wrong = list(faults)
    for column, text in written:
        if column.spec is None:
            continue
        try:
            value = read_text_cell(column.spec, text, column.unit, vocabulary)
        except FactError as error:
            wrong.append(RowError(column.header, text, error.issues[0]))
            continue
        if value is not None:
            register = "READING" if column.spec.name in readings else source
            cells[column.spec.name] = Cell(value, None, register, observed)
    if wrong:
        raise RowErrors(wrong)
    return cells


def origin_of(keys: Mapping[str, str], vocabulary: Vocabulary) -> tuple[str | None, date | None, frozenset[str]]:
    """Register, day and readings that the keys of a row name; RowError for what is none."""
    try:
        source, observed = read_origin(
            {"source": keys.get("source") or None, "observed_on": keys.get("observed_on") or None}, vocabulary
        )
    except FactError as error:
        key = "source" if error.issues[0].code == "SOURCE_UNKNOWN" else "observed_on"
        raise RowError(key, keys.get(key), error.issues[0]) from None
    readings = (name.strip() for name in keys.get("readings", "").replace("；", ";").split(";"))
    return source, observed, frozenset(name for name in readings if name)
