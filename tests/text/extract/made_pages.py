"""The pages of tests/data/pages as files: those that are binary are made here from the text beside them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import yaml
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph

PAGES = Path(__file__).resolve().parents[2] / "data" / "pages"
MARKS = sorted(PAGES.glob("*.marks.yaml"))
_WIDTH, _ROWS = 30, 18
_COLUMN = 16
_CHANGE = re.compile(r"\{([+-])(.*?)[+-]\}")
_LEVELS = """<w:abstractNum {ns} w:abstractNumId="90">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
</w:abstractNum>"""


def marks_of(path: Path) -> dict[str, object]:
    """The hand-made marks of one page."""
    return dict(yaml.safe_load(path.read_text("utf-8")))


def page_file(name: str, folder: Path) -> Path:
    """The page itself; a .docx or .pdf is written to `folder` from its text."""
    if (PAGES / name).is_file():
        return PAGES / name
    lines = [line for line in (PAGES / f"{name}.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    place = folder / name
    place.write_bytes(docx_of(lines) if name.endswith(".docx") else pdf_of(lines))
    return place


def docx_of(lines: list[str]) -> bytes:
    """A Word document: automatic numbers (一：, 二：, 三：), a table (|), tracked changes ({+put in+}, {-taken out-})."""
    document = Document()
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(_LEVELS.format(ns=nsdecls("w"))))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    rows: list[list[str]] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            rows.append(line[1:].split("|"))
            continue
        if rows:
            table = document.add_table(len(rows), len(rows[0]))
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    table.cell(at, column).text = cell
            rows = []
        gone = line.startswith("{-") and line.endswith("-}") and line.count("{") == 1
        line = line[2:-2] if gone else line
        level = {"一：": 0, "二：": 1, "三：": 2}.get(line[:2])
        paragraph = document.add_paragraph()
        _write(paragraph, line if level is None else line[2:], gone)
        if level is not None:
            _number(paragraph, level)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def _write(paragraph: Paragraph, text: str, gone: bool) -> None:
    """The text with its tracked changes; of a paragraph that is `gone` its mark is taken out too."""
    who = f'{nsdecls("w")} w:id="1" w:author="示例" w:date="2031-01-01T00:00:00Z"'
    if gone:
        paragraph._p.get_or_add_pPr().append(parse_xml(f"<w:rPr {nsdecls('w')}><w:del {who}/></w:rPr>"))
    pieces = ["", "-", text] if gone else _CHANGE.split(text)
    for kept, sign, changed in zip(pieces[::3], [*pieces[1::3], ""], [*pieces[2::3], ""], strict=False):
        paragraph.add_run(kept)
        tag, inner = ("ins", "t") if sign == "+" else ("del", "delText")
        if sign:
            paragraph._p.append(parse_xml(f"<w:{tag} {who}><w:r><w:{inner}>{changed}</w:{inner}></w:r></w:{tag}>"))


def _number(paragraph: Paragraph, level: int) -> None:
    numbered = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="91"/></w:numPr>')
    paragraph._p.get_or_add_pPr().append(numbered)


def pdf_of(lines: list[str]) -> bytes:
    """A PDF with text and a number on every page; the font is one that readers know by name.

    Lines break every thirty characters; a first line "% words" heads every page, which then has two columns of sixteen,
    with an upright rule between them for "%| words".
    """
    head = lines[0].partition(" ")[2] if lines and lines[0].startswith(("% ", "%| ")) else ""
    width, deep = (_COLUMN, 2 * _ROWS) if head else (_WIDTH, _ROWS)
    rows = [line[at : at + width] for line in lines[bool(head) :] for at in range(0, max(len(line), 1), width)]
    sheets = [rows[at : at + deep] for at in range(0, len(rows), deep)]
    font = "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>"
    inner = (
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/FontDescriptor 5 0 R"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>"
    )
    about = "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/Ascent 880/Descent -120/CapHeight 880/StemV 90/ItalicAngle 0/FontBBox[0 -120 1000 880]>>"
    kids = " ".join(f"{6 + 2 * at} 0 R" for at in range(len(sheets)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(sheets)}>>", font, inner, about]
    for at, sheet in enumerate(sheets):
        text = _shown([*sheet, f"— {at + 1} —"], 60, 780)
        if head:
            text = "\n".join(
                [_shown([head], 200, 810), _shown(sheet[:_ROWS], 60, 780), _shown(sheet[_ROWS:], 320, 780)]
                + [_shown([f"— {at + 1} —"], 280, 220), "300 200 m 300 800 l S" if lines[0].startswith("%|") else ""]
            )
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {7 + 2 * at} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(text)}>>stream\n{text}\nendstream")
    return _file_of(objects)


def _shown(rows: list[str], left: int, top: int) -> str:
    return (
        f"BT /F1 12 Tf {left} {top} Td 30 TL\n"
        + "".join(f"<{row.encode('utf-16-be').hex()}> Tj T*\n" for row in rows)
        + "ET"
    )


def _file_of(objects: list[str]) -> bytes:
    held, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(held))
        held += f"{number} 0 obj\n{written}\nendobj\n".encode()
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(
        f"{place:010d} 00000 n \n" for place in places
    )
    return held + f"{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(held)}\n%%EOF".encode()
