"""A workbook filled in as a person does: single cells set, everything else as it came."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of the first sheet, text by column."""
    header, *rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]


def filled(content: bytes, changes: Mapping[str, Mapping[str, str]], by: str = "库内编号") -> bytes:
    """The workbook with other text in single cells, by the 库内编号 of the row and the beginning of the column's name.

    A text that begins with = is a formula that nobody has worked out.
    """
    rows = rows_of(content)
    columns = [*rows[0]]
    wanted = {}
    for code, cells in changes.items():
        number = next(place for place, row in enumerate(rows, start=2) if row[by] == code)
        for name, text in cells.items():
            column = next(place for place, header in enumerate(columns) if header.startswith(name))
            wanted[number, column] = text
    return _with_cells(content, wanted)


def _with_cells(content: bytes, wanted: Mapping[tuple[int, int], str]) -> bytes:
    ElementTree.register_namespace("", MAIN)
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for about in old.infolist():
            part = old.read(about)
            if about.filename == SHEET:
                sheet = ElementTree.fromstring(part)
                for (row, column), text in wanted.items():
                    _set(sheet, row, column, text)
                part = ElementTree.tostring(sheet, "utf-8", xml_declaration=True)
            new.writestr(about, part)
    return made.getvalue()


def _set(sheet: ElementTree.Element, row: int, column: int, text: str) -> None:
    line = next(one for one in sheet.iter(f"{{{MAIN}}}row") if one.get("r") == str(row))
    cells = {_place(one): one for one in line}
    cell = ElementTree.Element(f"{{{MAIN}}}c", {"r": f"{_letters(column)}{row}"})
    if text.startswith("="):
        ElementTree.SubElement(cell, f"{{{MAIN}}}f").text = text[1:]
        ElementTree.SubElement(cell, f"{{{MAIN}}}v")
    else:
        cell.set("t", "inlineStr")
        ElementTree.SubElement(ElementTree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t").text = text
    cells[column] = cell
    line[:] = [cells[place] for place in sorted(cells)]


def _place(cell: ElementTree.Element) -> int:
    """The column of a cell, from 0."""
    found = re.match("[A-Z]+", cell.get("r", ""))
    number = 0
    for letter in found[0] if found else "":
        number = number * 26 + ord(letter) - 64
    return number - 1


def _letters(column: int) -> str:
    """0 is A, 26 is AA."""
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)
