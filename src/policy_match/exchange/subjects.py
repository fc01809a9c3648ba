"""Read subjects from JSONL, CSV, XLSX and Parquet files (formats: docs/formats.zh.md).

A row with a wrong cell is refused whole and comes back with row, column, value,
code, allowed values and a hint; all other rows go in. A fault of the whole file
(unknown column, nothing to read) refuses the file.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook
from rapidfuzz import process

from policy_match.errors import FactError, Issue, UsageError
from policy_match.facts.cells import Cell
from policy_match.facts.read import Json, read_cell, read_origin, read_text_cell
from policy_match.facts.subjects import Kind, Subject, default_kind, joined
from policy_match.facts.vocabulary import FactSpec, Vocabulary, unknown_fact

KEYS = ("id", "name", "enterprise", "enterprise_name", "kind", "source", "readings", "observed_on")
KEY_LABELS = {"项目编号": "id", "编号": "id", "项目名称": "name", "名称": "name", "企业": "enterprise", "企业名称": "enterprise_name",
              "来源": "source", "解读": "readings", "观察日期": "observed_on"}  # fmt: skip
MAX_CELL = 100_000
_HEADER = re.compile(r"^(?P<name>[^（(]+?)\s*(?:[（(](?P<unit>[^（）()]+)[）)])?$")
_UNITS = frozenset(["元", "万元", "亿元", "分", "亩", "公顷", "平方米", "㎡", "人", "%", "年", "个月", "天", "项"])
_LONG_NUMBER = re.compile(r"^\d{14,}\.0$|^\d(\.\d+)?[eE]\+?\d+$")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that was not taken. `row` is counted as the user sees it: lines from 1, table rows with the header as 1."""

    row: int
    column: str
    value: str
    code: str
    what: str
    allowed: str
    hint: str


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


def read_subjects(path: Path, vocabulary: Vocabulary) -> Loaded:
    """Read a file by its ending; projects have the facts of their enterprise joined in.

    UsageError if the file is missing, empty, of another kind, or has an unknown column.
    """
    if not path.is_file():
        raise UsageError(
            Issue("FILE_MISSING", "没有这个文件" if not path.exists() else "不是文件", str(path), "", "检查路径")
        )
    readers: dict[str, Callable[[Path, Vocabulary], Loaded]] = {
        ".jsonl": _read_jsonl,
        ".csv": _read_csv,
        ".xlsx": _read_xlsx,
        ".parquet": _read_parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(
            Issue("FILE_KIND", f"不认识的文件类型“{path.suffix}”", str(path), "、".join(readers), "另存为其中一种")
        )
    if path.stat().st_size == 0:
        raise UsageError(Issue("FILE_EMPTY", "文件是空的", str(path), "", "检查是否导出成功"))
    loaded = reader(path, vocabulary)
    if not loaded.subjects and not loaded.refusals:
        raise UsageError(Issue("FILE_EMPTY", "文件中没有数据行", str(path), "", "检查是否导出成功"))
    return Loaded(joined(loaded.subjects, vocabulary), loaded.refusals, loaded.notes)


def write_refusals(path: Path, refusals: Iterable[Refusal]) -> None:
    """Write refused rows as a CSV that Excel opens (UTF-8 with BOM)."""
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["行号", "列", "值", "代码", "问题", "允许的值", "怎么办"])
        writer.writerows([r.row, r.column, r.value, r.code, r.what, r.allowed, r.hint] for r in refusals)


def _gathered(rows: Iterable[tuple[int, Callable[[], Subject]]], notes: Iterable[str] = ()) -> Loaded:
    subjects: list[Subject] = []
    refusals: list[Refusal] = []
    seen: dict[str, int] = {}
    for number, read in rows:
        try:
            subject = read()
            if subject.id in seen:
                raise RowError(
                    "id",
                    subject.id,
                    Issue("ID_TAKEN", f"编号与第{seen[subject.id]}行重复", "", "每行一个编号", "改号，或删去重复行"),
                )
        except RowError as error:
            refusals.append(_refusal(number, error))
            continue
        seen[subject.id] = number
        subjects.append(subject)
    return Loaded(tuple(subjects), tuple(refusals), tuple(notes))


def _refusal(number: int, error: RowError) -> Refusal:
    value = str(error.value)
    shown = value if len(value) <= 60 else value[:57] + "…"
    issue = error.issue
    return Refusal(number, error.column, shown, issue.code, issue.what, issue.allowed, issue.hint)


# JSONL


def _read_jsonl(path: Path, vocabulary: Vocabulary) -> Loaded:
    text = _decoded(path.read_bytes(), path)[0]
    lines = ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())
    return _gathered((number, lambda line=line: subject_from_json(_json(line), vocabulary)) for number, line in lines)  # type: ignore[misc]


def _json(line: str) -> Json:
    def refuse_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key, value in pairs:
            if key in found:
                raise RowError(key, value, Issue("DUPLICATE_KEY", f"键“{key}”重复", "", "每个键一次", "删去一个"))
            found[key] = value
        return found

    def refuse_constant(text: str) -> Json:
        raise RowError("", text, Issue("NUM_RANGE", f"“{text}”不是有效的数", "", "有限的数", "未知的值请不写"))

    try:
        data: Json = json.loads(
            line, parse_float=Decimal, parse_constant=refuse_constant, object_pairs_hook=refuse_duplicates
        )
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        raise RowError(
            "",
            line,
            Issue(
                "JSON",
                f"不是完整的 JSON（{type(error).__name__}）",
                "",
                '{"id": "…", "facts": {…}}',
                "检查这一行是否被截断",
            ),
        ) from None
    return data


def subject_from_json(data: Json, vocabulary: Vocabulary) -> Subject:
    """One subject of a JSONL line or of an API request; RowError for what is wrong with it."""
    if not isinstance(data, dict):
        raise RowError("", data, Issue("JSON", "每行应是一个对象", "", '{"id": "…", "facts": {…}}'))
    unknown = set(data) - {"id", "facts", "kind", "enterprise", "name", "enterprise_name"}
    if unknown:
        raise RowError(
            min(unknown),
            data[min(unknown)],
            Issue(
                "KEY_UNKNOWN", f"不认识的键“{min(unknown)}”", "", "id、facts、kind、enterprise、name、enterprise_name"
            ),
        )
    identity, facts = data.get("id"), data.get("facts", {})
    if not isinstance(identity, str) or not identity.strip() or len(identity) > 200:
        raise RowError("id", identity, Issue("ID_MISSING", "缺少编号 id", "", "不超过200字的文字", "给每行一个编号"))
    if not isinstance(facts, dict):
        raise RowError("facts", facts, Issue("FACTS_FORMAT", "facts 应是对象", "", "{事实名: 值}"))
    cells: dict[str, Cell] = {}
    for name, written in facts.items():
        spec = _spec(name, written, vocabulary)
        if spec.name in cells:
            raise RowError(
                name, written, Issue("DUPLICATE_KEY", f"“{spec.label}”写了两次", "", "每个事实一次", "删去一个")
            )
        cells[spec.name] = _cell(spec, name, written, vocabulary)
    return Subject(
        id=identity.strip(),
        kind=_kind(data.get("kind"), cells, vocabulary),
        cells=cells,
        name=_optional_text(data, "name"),
        enterprise=_optional_text(data, "enterprise"),
        enterprise_name=_optional_text(data, "enterprise_name"),
    )


def _optional_text(data: dict[str, Json], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise RowError(key, value, Issue("TEXT_FORMAT", f"{key} 应是文字", "", "带引号的文字"))
    return value


def _spec(name: str, written: object, vocabulary: Vocabulary) -> FactSpec:
    known = name if name in vocabulary else vocabulary.by_label.get(name)
    if known is None:
        raise RowError(name[:60], written, unknown_fact(name, vocabulary))
    return vocabulary[known]


def _cell(spec: FactSpec, column: str, written: Json, vocabulary: Vocabulary) -> Cell:
    try:
        return read_cell(spec, written, vocabulary)
    except FactError as error:
        raise RowError(column, written, error.issues[0]) from None


def _kind(written: Json, facts: Iterable[str], vocabulary: Vocabulary) -> Kind:
    if written is None:
        return default_kind(facts, vocabulary)
    if not isinstance(written, str) or written not in set(Kind):
        raise RowError("kind", written, Issue("KIND", f"不认识的主体类型“{written}”", "", "、".join(Kind)))
    return Kind(written)


# tables


def _read_csv(path: Path, vocabulary: Vocabulary) -> Loaded:
    text, encoding = _decoded(path.read_bytes(), path)
    csv.field_size_limit(2**31 - 1)
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=False)]
    notes = () if encoding == "utf-8" else (f"按 {encoding} 编码读取",)
    return _read_table(rows, path, vocabulary, notes)


def _decoded(raw: bytes, path: Path) -> tuple[str, str]:
    if b"\x00" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(Issue("FILE_BINARY", "不是文本文件", str(path), "UTF-8 或 GBK 文本", "另存为 CSV 或 JSONL"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError:
            continue
    raise UsageError(Issue("FILE_ENCODING", "编码无法识别", str(path), "UTF-8、GBK", "另存为 UTF-8"))


def _read_xlsx(path: Path, vocabulary: Vocabulary) -> Loaded:
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except (CalamineError, OSError) as error:
        raise UsageError(
            Issue("FILE_KIND", f"不是有效的 Excel 文件（{type(error).__name__}）", str(path), ".xlsx", "重新导出")
        ) from None
    rows = [[_excel_text(cell) for cell in row] for row in sheet.to_python()]
    return _read_table(rows, path, vocabulary, ())


def _excel_text(cell: object) -> str:
    """A cell as text: whole numbers without .0, dates as ISO; digits that Excel lost cannot be brought back."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**14 else repr(cell)
    return "" if cell is None else str(cell).strip()


def _read_parquet(path: Path, vocabulary: Vocabulary) -> Loaded:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(
            Issue("FILE_KIND", f"不是有效的 Parquet 文件（{type(error).__name__}）", str(path), ".parquet", "重新导出")
        ) from None
    columns = [[_excel_text(cell) for cell in column.to_pylist()] for column in table.columns]
    return _read_table(
        [list(table.column_names), *(list(row) for row in zip(*columns, strict=True))], path, vocabulary, ()
    )


def _read_table(rows: list[list[str]], path: Path, vocabulary: Vocabulary, notes: Iterable[str]) -> Loaded:
    if not rows:
        raise UsageError(Issue("FILE_EMPTY", "文件是空的", str(path), "", "检查是否导出成功"))
    columns = _columns(rows[0], path, vocabulary)
    numbered = ((number, row) for number, row in enumerate(rows[1:], start=2) if any(row))
    return _gathered(((number, lambda row=row: _row(row, columns, vocabulary)) for number, row in numbered), notes)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    key: str | None
    spec: FactSpec | None
    unit: str | None


def _columns(header: list[str], path: Path, vocabulary: Vocabulary) -> list[_Column]:
    columns: list[_Column] = []
    issues: list[Issue] = []
    for text in header:
        found = _HEADER.match(text.strip())
        name, unit = (found["name"].strip(), found["unit"]) if found else (text.strip(), None)
        whole = text.strip()
        fact = next(
            (
                n
                for n in (whole, vocabulary.by_label.get(whole), name, vocabulary.by_label.get(name))
                if n and n in vocabulary
            ),
            None,
        )
        if name.startswith("x_") or not name:
            columns.append(_Column(text, None, None, None))
        elif name in KEYS or name in KEY_LABELS:
            columns.append(_Column(text, KEY_LABELS.get(name, name), None, None))
        elif fact is not None:
            if unit is not None and unit not in _UNITS and fact not in (whole, vocabulary.by_label.get(whole)):
                issues.append(
                    Issue(
                        "UNIT_UNKNOWN",
                        f"列“{text[:40]}”的单位不认识",
                        f"{path}:1",
                        "、".join(sorted(_UNITS)),
                        "改正表头中的单位",
                    )
                )
            columns.append(_Column(text, None, vocabulary[fact], unit))
        else:
            near = [
                match
                for match, score, _ in process.extract(
                    name[:40], [*vocabulary.facts, *vocabulary.by_label, *KEYS], limit=3
                )
                if score > 50
            ]
            allowed = "、".join(near) or "事实名、中文标签，或以 x_ 开头的备注列"
            issues.append(
                Issue(
                    "COLUMN_UNKNOWN", f"不认识的列“{text[:40]}”", f"{path}:1", allowed, "改名，或加前缀 x_ 表示不读入"
                )
            )
    keys = [column.key or (column.spec.name if column.spec else None) for column in columns]
    for key in {key for key in keys if key is not None and keys.count(key) > 1}:
        issues.append(Issue("COLUMN_TWICE", f"列“{key}”出现两次", f"{path}:1", "", "删去一列"))
    if "id" not in keys:
        issues.append(Issue("COLUMN_MISSING", "没有编号列", f"{path}:1", "id 或 项目编号", "补上编号列"))
    if issues:
        raise UsageError(*issues)
    return columns


def _row(row: list[str], columns: list[_Column], vocabulary: Vocabulary) -> Subject:
    keys: dict[str, str] = {}
    written: list[tuple[_Column, str]] = []
    extra: dict[str, str] = {}
    for column, text in zip(columns, row, strict=False):
        if len(text) > MAX_CELL:
            raise RowError(
                column.header,
                text,
                Issue("TOO_LONG", f"单元格有 {len(text)} 字，过长", "", f"不超过 {MAX_CELL} 字", "检查是否粘贴错误"),
            )
        if column.key is not None and text:
            keys[column.key] = text
        elif column.spec is not None:
            written.append((column, text))
        elif text:
            extra[column.header] = text
    if len(row) > len(columns) and any(row[len(columns) :]):
        raise RowError(
            "",
            row[len(columns)],
            Issue("ROW_LENGTH", "这一行的列数多于表头", "", f"{len(columns)} 列", "检查多余的逗号或引号"),
        )
    if not keys.get("id"):
        raise RowError("id", "", Issue("ID_MISSING", "缺少编号", "", "不为空", "给每行一个编号"))
    cells = dict(_table_cells(written, keys, vocabulary))
    return Subject(
        keys["id"],
        _kind(keys.get("kind"), cells, vocabulary),
        cells,
        keys.get("name"),
        keys.get("enterprise"),
        keys.get("enterprise_name"),
        extra,
    )


def _table_cells(
    written: list[tuple[_Column, str]], keys: dict[str, str], vocabulary: Vocabulary
) -> Iterator[tuple[str, Cell]]:
    try:
        source, observed = read_origin(
            {"source": keys.get("source"), "observed_on": keys.get("observed_on")}, vocabulary
        )
    except FactError as error:
        raise RowError("source", keys.get("source"), error.issues[0]) from None
    readings = {name.strip() for name in keys.get("readings", "").replace("；", ";").split(";") if name.strip()}
    for name in readings - {column.spec.name for column, _ in written if column.spec}:
        raise RowError("readings", name, unknown_fact(name, vocabulary))
    for column, text in written:
        if column.spec is None:
            continue
        if column.spec.type in ("industry", "region") and _LONG_NUMBER.match(text):
            raise RowError(
                column.header,
                text,
                Issue(
                    "CODE_AS_NUMBER",
                    "编码被 Excel 当作数字，位数已丢失",
                    "",
                    "文本格式的编码",
                    "请将列设为文本后重新填写",
                ),
            )
        try:
            value = read_text_cell(column.spec, text, column.unit, vocabulary)
        except FactError as error:
            raise RowError(column.header, text, error.issues[0]) from None
        if value is not None:
            yield column.spec.name, Cell(value, None, "READING" if column.spec.name in readings else source, observed)
