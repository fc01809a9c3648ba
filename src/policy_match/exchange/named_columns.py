"""Small files whose columns are found by name: exclusion lists, ledgers of other systems, receipts of the treasury.

A row with a wrong cell is refused whole, with every fault of it; a header that is not understood refuses the file.
Columns may stand in any order; one that nobody reads bears the prefix x_.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from policy_match.dates import parse_date
from policy_match.errors import FactError, Issue, UsageError
from policy_match.exchange.grids import Grid, Row, opened, read_csv, read_xlsx
from policy_match.exchange.project_rows import row_texts
from policy_match.exchange.refusals import Refusal, RowError, RowErrors, clean, refusal_of
from policy_match.units import parse_money

_UNIT = re.compile(r"^(?P<name>.+?)\s*\((?P<unit>[^()]+)\)$")
_UNITS = ("元", "万元", "亿元", "分")
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file may hold: every name of each field, the first as it is shown, and the fields that must be there.

    `money`: the field of an amount, whose unit may stand in its header; `units`: of other fields the units that may.
    """

    names: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    money: str = ""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def units_of(self, name: str | None) -> tuple[str, ...] | None:
        """The units that may stand in the header of a field; None for a field that has none."""
        if name is None:
            return None
        return _UNITS if name == self.money else self.units.get(name)


@dataclass(frozen=True, slots=True)
class ReadRows(Generic[_Read]):
    """The rows of a file in its order with their numbers, those refused, and what was noticed. `sha256`: of the file."""

    rows: tuple[tuple[int, _Read], ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class _Header:
    """Which place of a row holds which field, what its author calls it, and the units in the headers, by field."""

    places: Mapping[str, int]
    texts: Sequence[str]
    units: Mapping[str, str]


@dataclass
class Cells:
    """The cells of one row; faults are gathered, so that a row tells all of them at once."""

    columns: Columns
    header: _Header
    texts: Mapping[str, str]
    faults: list[RowError] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str], _Read]) -> _Read | None:
        """What `parse` makes of a cell that must be filled; None, and the fault kept, where it cannot be read."""
        if not self.texts.get(name):
            self.refuse(name, Issue("CELL_EMPTY", "没有填写", "", self.columns.names[name][0], "补上，或删去这一行"))
            return None
        return self.read_if_said(name, parse)

    def read_if_said(self, name: str, parse: Callable[[str], _Read]) -> _Read | None:
        """The same for a cell that may be empty: then None without a fault."""
        text = self.texts.get(name, "")
        if not text:
            return None
        try:
            return parse(clean(self._called(name), text))
        except FactError as error:
            self.refuse(name, error.issues[0])
        except RowError as error:
            self.refuse(name, error.issue)
        return None

    def money(self) -> int | None:
        """The amount in 分, by the unit of its cell or of the header."""
        return self.read(self.columns.money, lambda text: parse_money(text, default_unit=self.unit(self.columns.money)))

    def unit(self, name: str) -> str | None:
        """The unit in the header of a field."""
        return self.header.units.get(name)

    def refuse(self, name: str, issue: Issue) -> None:
        """Keep a fault of a cell."""
        self.faults.append(RowError(self._called(name), self.texts.get(name, ""), issue))

    def _called(self, name: str) -> str:
        place = self.header.places.get(name)
        return self.columns.names[name][0] if place is None else self.header.texts[place]


def read_named(path: Path, columns: Columns, make: Callable[[Cells], _Read | None]) -> ReadRows[_Read]:
    """Read CSV or XLSX; `make` gives None for a row whose faults it left in the cells.

    UsageError for a file or header that cannot be understood.
    """
    grid = opened(path, {".csv": read_csv, ".xlsx": read_xlsx})
    header = _header([str(cell or "") for cell in grid.header], columns, f"{path}:1")
    rows: list[tuple[int, _Read]] = []
    refusals: list[Refusal] = []
    for number, row in grid.rows:
        try:
            made = _made(row, grid, columns, header, make)
        except (RowError, RowErrors) as found:
            errors = found.errors if isinstance(found, RowErrors) else (found,)
            refusals += [refusal_of(number, error, error.column) for error in errors]
            continue
        if made is not None:
            rows.append((number, made))
    notes = tuple(f"{path.name}：{note}" for note in grid.notes)
    return ReadRows(tuple(rows), tuple(refusals), notes, hashlib.sha256(path.read_bytes()).hexdigest())


def read_day(text: str) -> date:
    """A day; FactError for a month or a year."""
    band = parse_date(text)
    if not band.is_exact or band.low is None:
        raise FactError(Issue("DATE_FORMAT", f"“{text[:20]}”应写到日", "", "YYYY-MM-DD", "写成确切的一天"))
    return date.fromordinal(int(band.low))


def day_until(today: date) -> Callable[[str], date]:
    """A reader of days that are not still to come; FactError LC_FUTURE for one that is."""

    def read(text: str) -> date:
        day = read_day(text)
        if day > today:
            raise FactError(Issue("LC_FUTURE", f"{day} 晚于今天", "", f"{today} 以前", "核对日期"))
        return day

    return read


def text_up_to(longest: int) -> Callable[[str], str]:
    """A reader of texts that a column of the store can hold; FactError TEXT_TOO_LONG for a longer one."""

    def read(text: str) -> str:
        if len(text) > longest:
            what = f"有 {len(text)} 个字，过长"
            raise FactError(Issue("TEXT_TOO_LONG", what, "", f"不超过 {longest} 个字", "检查是否粘贴错误"))
        return text

    return read


def one_of(words: Mapping[str, str], what: str, code: str) -> Callable[[str], str]:
    """A reader of closed words, by id or by name: gives the id; FactError with that code for another word."""
    ids = {name: key for key, name in words.items()} | {key: key for key in words}

    def read(text: str) -> str:
        if text not in ids:
            allowed = "、".join(f"{key} {name}" for key, name in words.items())
            raise FactError(Issue(code, f"“{text[:30]}”不是{what}", "", allowed, "改用列出的一种"))
        return ids[text]

    return read


def _header(texts: Sequence[str], columns: Columns, where: str) -> _Header:
    fields = {name: key for key, names in columns.names.items() for name in names}
    plain = [unicodedata.normalize("NFKC", text).strip() for text in texts]
    places: dict[str, int] = {}
    issues: list[Issue] = []
    units: dict[str, str] = {}
    for place, text in enumerate(plain):
        split = _UNIT.match(text)
        name = fields.get(text) or (fields.get(split["name"]) if split else None)
        if name is None:
            issues += _strange(text, columns, where)
        elif name in places:
            issues.append(Issue("COLUMN_TWICE", f"“{text}”有两列", where, "每项一列", "删去一列"))
        else:
            places[name] = place
        allowed = columns.units_of(name)
        if split is not None and name is not None and allowed is not None:
            units[name] = split["unit"].strip()
            issues += _strange_unit(text, units[name], where, allowed)
    lacking = [columns.names[name][0] for name in columns.needed if name not in places]
    if lacking:
        issues.append(Issue("COLUMN_MISSING", f"没有列：{'、'.join(lacking)}", where, "第一行是表头", "补上这些列"))
    if issues:
        raise UsageError(*issues)
    return _Header(places, plain, units)


def _strange(text: str, columns: Columns, where: str) -> list[Issue]:
    if not text or text.startswith("x_"):
        return []
    allowed = "、".join(names[0] for names in columns.names.values())
    return [Issue("COLUMN_UNKNOWN", f"不认识的列“{text[:40]}”", where, allowed, "改名，或加前缀 x_ 表示不读入")]


def _strange_unit(text: str, unit: str, where: str, allowed: Sequence[str]) -> list[Issue]:
    if unit in allowed:
        return []
    return [Issue("UNIT_UNKNOWN", f"列“{text[:40]}”的单位不对", where, "、".join(allowed), "改正表头中的单位")]


def _made(
    row: Row, grid: Grid, columns: Columns, header: _Header, make: Callable[[Cells], _Read | None]
) -> _Read | None:
    """What a row says; None for an empty one; RowErrors with every fault."""
    if isinstance(row, RowError):
        raise row
    texts = row_texts(row, grid)
    if not any(texts):
        return None
    cells = Cells(columns, header, {name: texts[place] for name, place in header.places.items()})
    made = make(cells)
    if cells.faults:
        raise RowErrors(cells.faults)
    return made
