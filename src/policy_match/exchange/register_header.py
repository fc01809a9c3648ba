"""The header of a source's file against its register: a column missing or renamed refuses the file, a new one is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from policy_match.errors import Issue, UsageError
from policy_match.exchange.grids import Grid
from policy_match.exchange.refusals import RowError
from policy_match.exchange.register_file import Column, Part, Register, plain_name
from policy_match.facts.read import header_units
from policy_match.facts.vocabulary import FactSpec, Vocabulary
from policy_match.units import normal_text

_UNIT = re.compile(r"^(?P<name>.+?)\((?P<unit>[^()]+)\)$")
_RENAMED = 70
_SECOND_HEADER = 2
Issues = list[Issue]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a file: its place, its name there, what it holds, and the unit of its bare numbers."""

    place: int
    written: str
    column: Column
    unit: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file that are read, and the names of those that are not."""

    headings: tuple[Heading, ...]
    unknown: tuple[str, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns known to the register and not kept."""
        return tuple(heading.written for heading in self.headings if heading.column.part is Part.LEFT_OUT)


def read_header(grid: Grid, register: Register, vocabulary: Vocabulary, where: str) -> Header:
    """What every column holds; UsageError with every fault: layout, missing, renamed or repeated columns, units."""
    texts = [str(cell or "").strip() for cell in grid.header]
    _check_layout(grid, texts, register, where)
    names = dict(register.by_name) | _facts(register, vocabulary)
    headings: list[Heading] = []
    unknown: list[str] = []
    issues: Issues = []
    for place, text in enumerate(texts):
        found = _heading(place, text, names, where, issues)
        if found is not None:
            headings.append(found)
        elif text:
            unknown.append(text)
    issues += _twice(headings, where)
    issues += _missing(headings, unknown, register, where)
    if issues:
        raise UsageError(*issues)
    return Header(tuple(headings), tuple(unknown))


def is_header(row: Sequence[object], register: Register) -> bool:
    """Whether a row under the header is a header again: two of its cells are names of columns."""
    texts = [plain_name(str(cell)) for cell in row if isinstance(cell, str)]
    bare = [found["name"] if (found := _UNIT.match(text)) else text for text in texts]
    return sum(name in register.by_name for name in bare) >= _SECOND_HEADER


def _check_layout(grid: Grid, texts: Sequence[str], register: Register, where: str) -> None:
    filled = [text for text in texts if text]
    if any(top == 1 for top, _, _, _ in grid.merged):
        what, hint = "表头有合并单元格", "取消合并，使表头只占第一行、每列一个名称；或重新下载模板填写"
        raise UsageError(Issue("HEADER_MERGED", what, where, "第一行是表头，不合并", hint))
    if len(filled) == 1 < len(texts) and plain_name(filled[0]) not in register.by_name:
        what = f"第1行只有一格有字，像是标题“{filled[0][:40]}”"
        raise UsageError(Issue("HEADER_TITLE", what, where, "第1行是表头", "删去标题行，使表头成为第1行"))


def _facts(register: Register, vocabulary: Vocabulary) -> dict[str, Column]:
    """Columns for every fact that a register of facts may give, by name and by label."""
    if not register.any_fact:
        return {}
    found: dict[str, Column] = {}
    for spec in vocabulary.facts.values():
        if spec.subject in (register.kind.value, "both") and register.source in spec.registers:
            column = Column(spec.label, Part.FACT, (spec.label, spec.name), spec.name, spec)
            found |= {plain_name(name): column for name in column.names}
    return found


def _heading(place: int, text: str, names: Mapping[str, Column], where: str, issues: Issues) -> Heading | None:
    plain = plain_name(text)
    if plain in names:
        column = names[plain]
        if column.unit is None and column.spec is not None and column.part is Part.FACT and _needs_unit(column.spec):
            allowed = "、".join(header_units(column.spec))
            issues.append(Issue("UNIT_MISSING", f"列“{text[:40]}”没有写单位", where, allowed, "在表头写明单位"))
        return Heading(place, text, column, column.unit)
    found = _UNIT.match(plain)
    if found is None or found["name"] not in names:
        return None
    column = names[found["name"]]
    units = () if column.spec is None or column.part is not Part.FACT else header_units(column.spec)
    known = {normal_text(unit): unit for unit in units}
    if units and found["unit"] not in known:
        what = f"列“{text[:40]}”的单位不对"
        issues.append(Issue("SOURCE_SCHEMA", what, where, "、".join(units), "改正表头中的单位"))
    return Heading(place, text, column, known.get(found["unit"], column.unit))


def _needs_unit(spec: FactSpec) -> bool:
    return (spec.of or spec.type) in ("money", "area")


def _twice(headings: Sequence[Heading], where: str) -> Iterable[Issue]:
    seen: dict[str, Heading] = {}
    for heading in headings:
        before = seen.setdefault(heading.column.name, heading)
        if before is not heading:
            what = f"“{before.written}”和“{heading.written}”是同一项"
            yield Issue("SOURCE_SCHEMA", what, where, "每项一列", "删去一列")


def _missing(headings: Sequence[Heading], unknown: Sequence[str], register: Register, where: str) -> Iterable[Issue]:
    """Columns that must be there and are not, and strange ones that look like one that is not there."""
    there = {heading.column.name for heading in headings}
    absent = {name: column for column in register.columns.values() if column.name not in there for name in column.names}
    asked = [text for text in unknown if not text.startswith("x_")]
    told: set[str] = set()
    for text in asked:
        base = found["name"] if (found := _UNIT.match(plain_name(text))) else plain_name(text)
        near = process.extract(base[:60], list(absent), scorer=fuzz.ratio, limit=3, score_cutoff=_RENAMED)
        if near:
            told.add(absent[near[0][0]].name)
            allowed = "、".join(name for name, _, _ in near)
            yield Issue("SOURCE_SCHEMA", f"不认识的列“{text[:40]}”，像是“{near[0][0]}”改了名", where, allowed, _RENAME)
    for column in register.columns.values():
        if column.required and column.name not in there | told:
            near = process.extract(column.name, asked, scorer=fuzz.ratio, limit=3, score_cutoff=40)
            hint = f"是否就是“{near[0][0]}”？{_RENAME}" if near else "补上这一列，或重新导出"
            yield Issue("SOURCE_SCHEMA", f"缺少列“{column.name}”", where, "、".join(column.names), hint)


_RENAME = "改回原来的列名；来源确已改名的，在该来源的登记文件中把新名写进 also；无关的列加前缀 x_"


def row_length(row: Sequence[object], grid: Grid) -> RowError | None:
    """The fault of a row that is longer or shorter than the header."""
    surplus = [cell for cell in row[len(grid.header) :] if cell not in (None, "")]
    if not surplus and not (grid.even and len(row) < len(grid.header)):
        return None
    what = f"这一行有 {len(row)} 列，表头有 {len(grid.header)} 列"
    value = surplus[0] if surplus else row[-1]
    return RowError("", value, Issue("ROW_LENGTH", what, "", f"{len(grid.header)} 列", "检查逗号和引号"))
