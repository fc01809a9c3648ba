"""Files that somebody hands in: limits and kinds (BI-57 to BI-59)."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from policy_match.errors import UsageError
from policy_match.exchange import uploads
from policy_match.exchange.uploads import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, check_upload


def workbook(path: Path, *, last: tuple[int, int] = (0, 0)) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "项目名称")
        sheet.write(*last, "示范")
    return path


def with_part(path: Path, name: str, content: bytes = b"x") -> Path:
    with zipfile.ZipFile(workbook(path), "a") as book:
        book.writestr(name, content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as error:
        check_upload(path)
    (issue,) = error.value.issues
    assert issue.hint
    return issue.code


def test_the_limit_of_bytes_itself_passes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * MAX_BYTES)
    check_upload(path)

    path.write_bytes(b"x" * (MAX_BYTES + 1))

    assert refused(path) == "UPLOAD_TOO_LARGE"


@pytest.mark.parametrize(
    ("last", "is_taken"),
    [((MAX_ROWS, 0), True), ((MAX_ROWS + 1, 0), False), ((1, MAX_COLUMNS - 1), True), ((1, MAX_COLUMNS), False)],
)
def test_rows_and_columns_of_a_workbook_are_counted_before_it_is_read(
    tmp_path: Path, last: tuple[int, int], is_taken: bool
) -> None:
    path = workbook(tmp_path / "a.xlsx", last=last)

    if is_taken:
        check_upload(path)
    else:
        assert refused(path) == "UPLOAD_TOO_LARGE"


def test_rows_without_places_of_their_own_are_counted_too(tmp_path: Path) -> None:
    rows = b"<row><c><v>1</v></c></row>" * (MAX_ROWS + 2)
    path = with_part(tmp_path / "a.xlsx", "xl/worksheets/sheet9.xml", rows)

    assert refused(path) == "UPLOAD_TOO_LARGE"


def test_a_bomb_is_refused_by_what_it_unpacks_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_EXPANDED", 4 * 1024**2)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(workbook(path), "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/a.bin", bytes(8 * 1024**2))

    assert path.stat().st_size < 100_000
    assert refused(path) == "UPLOAD_TOO_LARGE"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/vbaProject.bin", "FILE_KIND"),
        ("xl/externalLinks/externalLink1.xml", "UPLOAD_LINKS"),
        ("../../etc/passwd", "FILE_KIND"),
        ("/etc/passwd", "FILE_KIND"),
    ],
)
def test_macros_links_to_files_and_strange_paths_are_refused(tmp_path: Path, part: str, code: str) -> None:
    assert refused(with_part(tmp_path / "a.xlsx", part)) == code


@pytest.mark.parametrize("name", ["a.xlsm", "a.xls", "a.pdf", "a"])
def test_other_kinds_of_file_are_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")

    assert refused(path) == "FILE_KIND"


@pytest.mark.parametrize("content", [b"%PDF-1.7 ...", b"PK\x03\x04 broken", b"text,text\n"])
def test_other_content_under_the_name_of_a_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)

    assert refused(path) == "FILE_KIND"


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "x")

    assert refused(path) == "FILE_KIND"


def test_rows_of_a_parquet_file_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": ["x"] * (MAX_ROWS + 1)}), path)

    assert refused(path) == "UPLOAD_TOO_LARGE"


def with_formula(path: Path, cell: str, *, before: int = 0) -> Path:
    """A workbook with the XML of one cell more, so many bytes into its sheet."""
    sheet = b'<worksheet><sheetData><row r="1">' + b" " * before + cell.encode() + b"</row></sheetData></worksheet>"
    return with_part(path, "xl/worksheets/sheet9.xml", sheet)


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="AD2"><f>1200+300</f><v></v></c>',
        '<c r="AD2" s="3"><f>1200+300</f><v/></c>',
        '<c r="AD2"><f>1200+300</f></c>',
        '<c r="AD2"><f t="shared" si="0"/></c>',
        f'<c r="AD2"><f>{"1+" * 4000}1</f><v></v></c>',
    ],
)
@pytest.mark.parametrize("before", [0, 1024**2 - 60])
def test_a_formula_that_nobody_worked_out_is_refused_with_its_cell(tmp_path: Path, cell: str, before: int) -> None:
    path = with_formula(tmp_path / "a.xlsx", cell, before=before)

    with pytest.raises(UsageError) as error:
        check_upload(path)

    (issue,) = error.value.issues
    assert issue.code == "UPLOAD_FORMULA" and "AD2" in issue.what and issue.hint


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="AD2"><f>1200+300</f><v>1500</v></c>',
        '<c r="AD2" t="str"><f>IF(A1="","",A1)</f><v></v></c>',
        '<c r="AD2" s="1"/><c r="AE2"><v>1</v></c>',
    ],
)
def test_a_formula_with_its_result_passes_and_one_that_says_nothing_too(tmp_path: Path, cell: str) -> None:
    check_upload(with_formula(tmp_path / "a.xlsx", cell))
