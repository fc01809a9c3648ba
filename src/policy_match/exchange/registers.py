"""Read the file of a source row by row as its register says: numbers, facts, points with evidence, steps, marks.

A row is taken whole or not at all, and every fault of it is told. What may be right but is not believed (an amount
ten thousand times too large, a foreign currency without rate) is set apart for a person and the rest of the row is
taken. A file whose columns are not those of the register is refused as a whole. Nothing is looked up in the library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from policy_match.errors import Issue, UsageError
from policy_match.exchange.grids import Grid, opened, read_csv, read_parquet, read_xlsx
from policy_match.exchange.intake_rows import Intake, IntakeRow
from policy_match.exchange.refusals import Refusal, RowError, RowErrors, refusal_of
from policy_match.exchange.register_file import Register, load_register
from policy_match.exchange.register_header import Header, is_header, read_header, row_length
from policy_match.exchange.register_rows import RowReader, Untracked
from policy_match.exchange.uploads import MAX_ROWS, check_upload, too_large
from policy_match.facts.vocabulary import Vocabulary

__all__ = ["Register", "load_register", "read_register"]

_TOTALS = frozenset({"合计", "小计", "总计", "累计", "合 计", "小 计"})
_REMARKS = ("注：", "注:", "说明：", "说明:", "填表说明", "备注：", "备注:", "填报单位", "制表人")


def read_register(path: Path, register: Register, vocabulary: Vocabulary, *, at: datetime) -> Intake:
    """Read a CSV, XLSX or Parquet file received at an instant (with zone); its day in Asia/Shanghai is today.

    UsageError for a file that is too large, of another kind, or whose columns are not those of the register.
    """
    check_upload(path)
    sheet = register.name
    readers = {".csv": read_csv, ".xlsx": lambda file: read_xlsx(file, sheet), ".parquet": read_parquet}
    grid = opened(path, readers)
    header = read_header(grid, register, vocabulary, f"{path}:1")
    reader = RowReader(register, vocabulary, header.headings, at)
    rows: list[IntakeRow] = []
    refusals: list[Refusal] = []
    notes = [*grid.notes, *_header_notes(header)]
    untracked: Counter[str] = Counter()
    for number, row in _data(grid, register, path, notes):
        try:
            rows.append(_read(reader, number, row, grid))
        except Untracked as step:
            untracked[step.name] += 1
        except (RowError, RowErrors) as found:
            errors = found.errors if isinstance(found, RowErrors) else (found,)
            refusals += [refusal_of(number, error, error.column) for error in errors]
    notes += [f"不跟踪的事项，未读入：{name}（{count} 行）" for name, count in untracked.items()]
    if not (rows or refusals or untracked):
        raise UsageError(Issue("FILE_EMPTY", "文件中没有数据行", str(path), "", "检查是否导出成功"))
    columns = tuple(heading.written for heading in header.headings)
    digest = sha256(path.read_bytes()).hexdigest()
    return Intake(tuple(rows), tuple(refusals), tuple(notes), digest, grid.encoding, columns)


def _header_notes(header: Header) -> Iterator[str]:
    if header.unknown:
        yield f"登记文件中没有的列，未读入：{'、'.join(header.unknown)}"
    if header.left_out:
        yield f"不收集的列，未读入：{'、'.join(header.left_out)}"


def _data(
    grid: Grid, register: Register, path: Path, notes: list[str]
) -> Iterator[tuple[int, Sequence[object] | RowError]]:
    """Rows with something in them; totals and remarks are told and left out, a second header refuses the file."""
    for count, (number, row) in enumerate(grid.rows, start=1):
        if count > MAX_ROWS:
            raise too_large(path, f"超过 {MAX_ROWS} 行")
        if isinstance(row, RowError):
            yield number, row
            continue
        filled = [str(cell).strip() for cell in row if cell is not None and str(cell).strip()]
        if not filled:
            continue
        if filled[0] in _TOTALS or any(str(cell).strip() in _TOTALS for cell in row[:3]):
            notes.append(f"第{number}行“{filled[0][:20]}”不是一条记录，未读入")
        elif len(filled) == 1 and filled[0].startswith(_REMARKS):
            notes.append(f"第{number}行“{filled[0][:20]}”是说明，未读入")
        elif is_header(row, register):
            what, hint = f"第{number}行又是表头", "表头只在第一行，删去第二行表头"
            raise UsageError(Issue("HEADER_AGAIN", what, f"{path}:{number}", "第一行是表头", hint))
        else:
            yield number, row


def _read(reader: RowReader, number: int, row: Sequence[object] | RowError, grid: Grid) -> IntakeRow:
    if isinstance(row, RowError):
        raise row
    fault = row_length(row, grid)
    if fault is not None:
        raise fault
    if any(top <= number <= bottom for top, bottom, _, _ in grid.merged):
        issue = Issue("ROW_MERGED", "这一行有合并单元格，分不清值属于哪一格", "", "不合并单元格", "取消合并后逐格填写")
        raise RowError("", next(str(cell) for cell in row if cell not in (None, "")), issue)
    return reader.read(number, row, rounded=grid.rounded)
