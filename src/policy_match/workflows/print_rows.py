"""Print the rows of a list: as lines for people, as JSON, CSV or XLSX for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import orjson

from policy_match.exchange.screen import write_lines
from policy_match.exchange.tables import Grid, write_csv, write_workbook
from policy_match.store.audit import Plain
from policy_match.workflows.match_file import chosen_form

Row: TypeAlias = Mapping[str, Plain]
SCREEN = ("table", "json")
FILES = ("table", "json", "csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Rows:
    """A titled list. `header`: the Chinese name of each key that people see, in order; JSON holds every key of a row.

    `group`: the key whose values get a sheet of their own in XLSX.
    """

    title: str
    header: Mapping[str, str]
    rows: Sequence[Row] = field(default_factory=tuple)
    group: str | None = None


def print_rows(found: Rows, *, form: str | None, out: Path | None = None, forms: Sequence[str] = SCREEN) -> None:
    """Write the list in a form, to a file or the screen; UsageError for a form that this list does not have."""
    form = chosen_form(form or (None if out else "table"), out, forms)
    match form:
        case "json":
            write_lines((orjson.dumps(row) + b"\n" for row in found.rows), out)
        case "csv":
            text = write_csv(out, [*found.header.values()], (_cells(found, row) for row in found.rows))
            if out is None:
                write_lines([text.encode()], None)
        case "xlsx" if out is not None:
            write_workbook(out, _grids(found))
        case _:
            write_lines((f"{line}\n".encode() for line in _lines(found)), out)


def _lines(found: Rows) -> Iterator[str]:
    yield f"{found.title}：{'，'.join(found.header.values())}"
    for row in found.rows:
        yield "  ".join(cell or "—" for cell in _cells(found, row))
    yield f"共 {len(found.rows)} 条"


def _grids(found: Rows) -> Iterator[Grid]:
    header = tuple(found.header.values())
    if found.group is None or not found.rows:
        yield Grid(found.title, header, tuple(_cells(found, row) for row in found.rows))
        return
    for name in dict.fromkeys(_text(row[found.group]) for row in found.rows):
        own = tuple(_cells(found, row) for row in found.rows if _text(row[found.group]) == name)
        yield Grid(name, header, own, found.title)


def _cells(found: Rows, row: Row) -> tuple[str, ...]:
    return tuple(_text(row[key]) for key in found.header)


def _text(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, list):
        return _joined(value)
    return str(value)


def _joined(values: Iterable[Plain]) -> str:
    return "、".join(_text(value) for value in values)
