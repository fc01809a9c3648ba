"""Files that somebody hands in: of bearable size and of the kind that their name says, before anything reads them.

Nothing of an upload is ever unpacked to disk, no link or macro in it is followed. What is measured is what the parts
of a workbook really unpack to, not what they say of themselves.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO

from policy_match.errors import Issue, UsageError
from policy_match.exchange.decode import refuse_kind

MAX_BYTES = 20 * 1024**2  # domain specification BI-58
MAX_ROWS = 50_000
MAX_COLUMNS = 300
MAX_EXPANDED = 200 * 1024**2
KINDS = (".csv", ".xlsx", ".parquet")
_CHUNK, _KEPT = 1024**2, 64
_FORMULA = 8192 * 6 + 512
"""More bytes than a cell with the longest formula takes."""
_ROW = re.compile(rb"<row[\s/>]")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
# Nobody worked it out: it would be read as an empty cell. A formula that says "" is told apart by its type.
_NO_RESULT = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"(?![^<>]* t="str")[^<>]*>\s*<f[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)


def check_upload(path: Path) -> None:
    """UsageError UPLOAD_TOO_LARGE (bytes, rows, columns, unpacked size), FILE_KIND (another content, macros, a strange
    part), UPLOAD_LINKS (a workbook that draws on other files) or UPLOAD_FORMULA (a formula without its result); a file
    that is missing is told by who reads it."""
    if not path.is_file():
        return
    if path.suffix.lower() not in KINDS:
        what = f"不收 {path.suffix or '没有扩展名的'} 文件"
        raise UsageError(Issue("FILE_KIND", what, str(path), "、".join(KINDS), "另存为 .xlsx（不含宏）或 .csv"))
    if path.stat().st_size > MAX_BYTES:
        raise too_large(path, f"文件超过 {MAX_BYTES // 1024**2} MB")
    if path.suffix.lower() == ".xlsx" and path.stat().st_size:
        _check_workbook(path)
    if path.suffix.lower() == ".parquet":
        _check_parquet(path)


def too_large(path: Path, what: str) -> UsageError:
    """The error for a file beyond a limit."""
    allowed = f"{MAX_BYTES // 1024**2} MB、{MAX_ROWS} 行、{MAX_COLUMNS} 列以内"
    hint = "删去数据下方和右方的空行空列，或拆成几份"
    return UsageError(Issue("UPLOAD_TOO_LARGE", what, str(path), allowed, hint))


def _check_workbook(path: Path) -> None:
    with path.open("rb") as start:
        raw = start.read(64)
    try:
        with zipfile.ZipFile(path) as book:
            _check_names(book.namelist(), path)
            expanded = 0
            for name in book.namelist():
                with book.open(name) as part:
                    expanded = _check_part(part, path, expanded, is_sheet=name.startswith("xl/worksheets/"))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise refuse_kind(raw, path, ".xlsx") from None


def _check_names(names: list[str], path: Path) -> None:
    strange = [name for name in names if name.startswith(("/", "\\")) or ".." in re.split(r"[\\/]", name)]
    if strange or "[Content_Types].xml" not in names:
        what = f"压缩包里有可疑的路径“{strange[0][:40]}”" if strange else "是压缩包，不是工作簿"
        raise UsageError(Issue("FILE_KIND", what, str(path), ".xlsx", "从 Excel 或 WPS 重新另存为 .xlsx"))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UsageError(Issue("FILE_KIND", "含有宏", str(path), "不含宏的 .xlsx", "另存为“Excel 工作簿（.xlsx）”"))
    if any(name.startswith("xl/externalLinks/") for name in names):
        hint = "“数据—编辑链接—断开链接”后保存，或粘贴为数值"
        raise UsageError(Issue("UPLOAD_LINKS", "引用了别的文件，数值可能不是最新的", str(path), "不引用别的文件", hint))


def _check_part(part: IO[bytes], path: Path, expanded: int, *, is_sheet: bool) -> int:
    """Size unpacked so far with this part read to its end; UsageError as soon as a limit is passed."""
    rows, tail, held = 0, b"", b""
    while chunk := part.read(_CHUNK):
        expanded += len(chunk)
        if expanded > MAX_EXPANDED:
            raise too_large(path, f"解压后超过 {MAX_EXPANDED // 1024**2} MB")
        if not is_sheet:
            continue
        seen = tail + chunk
        rows += len(_ROW.findall(seen)) - len(_ROW.findall(tail))
        tail = seen[-_KEPT:]
        cells = _CELL.findall(seen)
        if rows > MAX_ROWS + 1 or any(int(row) > MAX_ROWS + 1 for _, row in cells):
            raise too_large(path, f"超过 {MAX_ROWS} 行")
        if any(_column(letters) > MAX_COLUMNS for letters, _ in cells):
            raise too_large(path, f"超过 {MAX_COLUMNS} 列")
        if (empty := _NO_RESULT.search(held + chunk)) is not None:
            raise _no_result(path, empty[1].decode())
        held = (held + chunk)[-_FORMULA:]
    return expanded


def _no_result(path: Path, cell: str) -> UsageError:
    what = f"单元格 {cell} 是公式，文件里没有它算出的结果"
    hint = "用 Excel 或 WPS 打开、保存后再交，或把公式改成数值"
    return UsageError(Issue("UPLOAD_FORMULA", what, str(path), "数值，或带结果的公式", hint))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError):
        return  # told by who reads it, with what the file is
    if about.num_rows > MAX_ROWS or about.num_columns > MAX_COLUMNS:
        raise too_large(path, f"有 {about.num_rows} 行、{about.num_columns} 列")
