"""A folder of Parquet files with the facts of very many subjects, read in parts as codes.

Cells mean what they mean in one file of subjects (sheets.py). A row with a wrong cell is refused whole and told with its file
and row; all others go in. Nothing is joined: a row has all facts of its subject, those of its enterprise too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.errors import FactError, Issue, UsageError
from policy_match.exchange.decode import refuse_kind
from policy_match.exchange.jsonl import MAX_ID, checked_key, kind_from
from policy_match.exchange.refusals import Refusal, RowError, refusal_of
from policy_match.exchange.sheets import Column, cell_text, columns_of, origin_of
from policy_match.facts.cells import MISSING, Cell, Value
from policy_match.facts.coded import CodedFact, grouped
from policy_match.facts.read import read_text_cell
from policy_match.facts.subjects import Kind
from policy_match.facts.table import Ids
from policy_match.facts.vocabulary import FactSpec, Vocabulary, unknown_fact

if TYPE_CHECKING:
    import pyarrow as pa

Read: TypeAlias = "Value | RowError | None"
KINDS = (Kind.ENTERPRISE, Kind.PROJECT, Kind.PERSON)


@dataclass(frozen=True, slots=True)
class FactFile:
    """One file: its rows are those from `first` of the folder."""

    path: Path
    first: int
    size: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class FactFolder:
    """The files of a folder by name, their rows counted through. `mark`: what changes when a file does."""

    files: tuple[FactFile, ...]
    mark: str

    @property
    def size(self) -> int:
        """How many rows there are."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class FactPart:
    """Some rows. `ids`: "" for a row that was not taken; `kinds`: int8 (n_rows,), places in KINDS; `facts`: of every row."""

    ids: tuple[str, ...]
    kinds: NDArray[np.int8]
    facts: Mapping[str, CodedFact]
    refusals: tuple[tuple[str, Refusal], ...]

    @property
    def taken(self) -> NDArray[np.bool_]:
        """The rows that were taken, bool (n_rows,)."""
        return np.array([bool(one) for one in self.ids], dtype=bool)


def open_folder(path: Path, vocabulary: Vocabulary) -> FactFolder:
    """The Parquet files of a folder; UsageError if there is none, or for a file or heading that is not understood."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = sorted(path.glob("*.parquet")) if path.is_dir() else []
    if not found:
        what = "这个文件夹里没有 .parquet 文件" if path.is_dir() else "没有这个文件夹"
        raise UsageError(Issue("FOLDER", what, str(path), "一个或几个 .parquet", "检查路径；格式见 docs/batch.zh.md"))
    files, first, mark = list[FactFile](), 0, hashlib.sha256()
    for one in found:
        try:
            told = pq.read_metadata(one)
        except (pa.ArrowInvalid, OSError):
            with one.open("rb") as start:
                raise refuse_kind(start.read(64), one, ".parquet") from None
        columns = tuple(columns_of(told.schema.to_arrow_schema().names, one, vocabulary))
        files.append(FactFile(one, first, told.num_rows, columns))
        first += told.num_rows
        mark.update(f"{one.name}\0{one.stat().st_size}\0{one.stat().st_mtime_ns}\0".encode())
    if not first:
        raise UsageError(Issue("FILE_EMPTY", "文件里没有数据行", str(path), "", "检查是否导出成功"))
    return FactFolder(tuple(files), mark.hexdigest())


def repeated(folder: FactFolder) -> dict[int, int]:
    """Rows whose id an earlier row has, with that row; ids are compared as they are written, and none is like no other."""
    import pyarrow.parquet as pq

    hashes = np.empty(folder.size, dtype=np.int64)
    is_given = np.zeros(folder.size, dtype=bool)
    for file in folder.files:
        header = next(column.header for column in file.columns if column.key == "id")
        place = file.first
        with pq.ParquetFile(file.path) as opened:
            for batch in opened.iter_batches(columns=[header]):
                ids = ["" if one is None else str(one).strip() for one in batch.column(0).to_pylist()]
                hashes[place : place + len(ids)] = np.fromiter(map(hash, ids), dtype=np.int64, count=len(ids))
                is_given[place : place + len(ids)] = [bool(one) for one in ids]
                place += len(ids)
    order = np.argsort(hashes, kind="stable")
    order = order[is_given[order]]
    same = np.flatnonzero(np.diff(hashes[order]) == 0) + 1
    firsts: dict[int, int] = {}
    for place in same.tolist():
        firsts[int(order[place])] = firsts.get(int(order[place - 1]), int(order[place - 1]))
    return firsts


def read_part(folder: FactFolder, vocabulary: Vocabulary, first: int, last: int, twice: Mapping[int, int]) -> FactPart:
    """The rows of a folder from `first` to before `last`; `twice`: those that `repeated` found."""
    parts = [
        _read(file, vocabulary, max(first, file.first), min(last, file.first + file.size), twice)
        for file in folder.files
        if file.first < last and first < file.first + file.size
    ]
    names = sorted({name for part in parts for name in part.facts})
    return FactPart(
        tuple(one for part in parts for one in part.ids),
        np.concatenate([part.kinds for part in parts]),
        {name: _joined([_of(part, name) for part in parts]) for name in names},
        tuple(one for part in parts for one in part.refusals),
    )


def _of(part: FactPart, name: str) -> CodedFact:
    return part.facts.get(name) or CodedFact(np.zeros(len(part.ids), dtype=np.int32), (MISSING,))


def _joined(parts: Sequence[CodedFact]) -> CodedFact:
    if len(parts) == 1:
        return parts[0]
    places: dict[Cell, int] = {}
    codes = []
    for part in parts:
        own = np.array([places.setdefault(cell, len(places)) for cell in part.cells], dtype=np.int32)
        codes.append(own[part.codes])
    return CodedFact(np.concatenate(codes), tuple(places))


@dataclass(frozen=True, slots=True)
class _Texts:
    """A column as its distinct texts; `texts[codes]` is what each row has."""

    column: Column
    codes: Ids
    texts: tuple[str | RowError, ...]


@dataclass(slots=True)
class _Faults:
    """The first fault of each column of each row, by row."""

    found: dict[int, list[RowError]] = field(default_factory=dict)

    def add(self, codes: Ids, values: Sequence[object]) -> None:
        """Rows whose value is a fault."""
        wrong = np.array([isinstance(value, RowError) for value in values], dtype=bool)
        for row in np.flatnonzero(wrong[codes]).tolist():
            error = values[codes[row]]
            if isinstance(error, RowError):
                self.found.setdefault(row, []).append(error)


def _read(file: FactFile, vocabulary: Vocabulary, first: int, last: int, twice: Mapping[int, int]) -> FactPart:
    table = _rows(file.path, first - file.first, last - file.first)
    columns = [_texts(table.column(at), column, vocabulary) for at, column in enumerate(file.columns) if column.meaning]
    faults, size = _Faults(), last - first
    keys = {str(one.column.key): one for one in columns if one.column.key}
    for one in columns:
        faults.add(one.codes, one.texts)
    names = frozenset(one.column.spec.name for one in columns if one.column.spec)
    origins = _origins(keys, names, vocabulary, faults, size)
    facts = {
        one.column.spec.name: _fact(one, one.column.spec, origins, vocabulary, faults)
        for one in columns
        if one.column.spec is not None
    }
    kinds = _kinds(keys.get("kind"), facts, vocabulary, faults, size)
    ids = _ids(keys["id"], faults, {row - first: before for row, before in twice.items() if first <= row < last}, file)
    refusals = tuple(
        (file.path.name, refusal_of(first - file.first + row + 2, error, error.column))
        for row, errors in sorted(faults.found.items())
        for error in errors
    )
    return FactPart(tuple("" if row in faults.found else one for row, one in enumerate(ids)), kinds, facts, refusals)


def _rows(path: Path, first: int, last: int) -> pa.Table:
    """Rows of a file, of the row groups that hold them."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        ends = np.cumsum([0, *(file.metadata.row_group(group).num_rows for group in range(file.num_row_groups))])
        groups = [group for group in range(file.num_row_groups) if ends[group] < last and first < ends[group + 1]]
        return file.read_row_groups(groups).slice(first - int(ends[groups[0]]), last - first)


def _texts(values: pa.ChunkedArray, column: Column, vocabulary: Vocabulary) -> _Texts:
    """The distinct cells of a column as text; an empty one is ""."""
    import pyarrow as pa

    if pa.types.is_nested(values.type):
        return _of_texts(column, ["" if one is None else _text(one, column, vocabulary) for one in values.to_pylist()])
    encoded = values.combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    written = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(len(written)).to_numpy(zero_copy_only=False).astype(np.int32)
    return _Texts(column, codes, (*(_text(one, column, vocabulary) for one in written), ""))


def _of_texts(column: Column, texts: Sequence[str | RowError]) -> _Texts:
    places: dict[str | RowError, int] = {}
    codes = np.array([places.setdefault(one, len(places)) for one in texts], dtype=np.int32)
    return _Texts(column, codes, tuple(places))


def _text(written: object, column: Column, vocabulary: Vocabulary) -> str | RowError:
    if written is None:
        return ""
    try:
        return cell_text(written, column, vocabulary, rounded=False)
    except RowError as error:
        return error


def _plain(text: str | RowError) -> str:
    """A text; that of a fault counts as empty, its row is refused anyhow."""
    return text if isinstance(text, str) else ""


Origin: TypeAlias = "tuple[str | None, date | None, frozenset[str]]"


def _origins(
    keys: Mapping[str, _Texts], names: frozenset[str], vocabulary: Vocabulary, faults: _Faults, size: int
) -> tuple[tuple[Origin, ...], Ids]:
    """Where and when the facts of a row were seen, and which of them are readings: each combination once."""
    given = [keys[key] for key in ("source", "observed_on", "readings") if key in keys]
    if not given:
        return ((None, None, frozenset()),), np.zeros(size, dtype=np.int32)
    codes, firsts = grouped([one.codes for one in given])
    found: list[Origin | RowError] = []
    for row in firsts.tolist():
        written = {str(one.column.key): _plain(one.texts[one.codes[row]]) for one in given}
        try:
            origin = origin_of(written, vocabulary)
            for name in sorted(origin[2] - names):
                raise RowError("readings", name, unknown_fact(name, vocabulary))
            found.append(origin)
        except RowError as error:
            found.append(error)
    faults.add(codes, found)
    return tuple((None, None, frozenset()) if isinstance(one, RowError) else one for one in found), codes


def _fact(
    texts: _Texts, spec: FactSpec, origins: tuple[tuple[Origin, ...], Ids], vocabulary: Vocabulary, faults: _Faults
) -> CodedFact:
    values: list[Read] = []
    for text in texts.texts:
        try:
            values.append(read_text_cell(spec, _plain(text), texts.column.unit, vocabulary))
        except FactError as error:
            values.append(RowError(texts.column.header, text, error.issues[0]))
    faults.add(texts.codes, values)
    known, origin_codes = origins
    codes, firsts = grouped([texts.codes, origin_codes]) if len(known) > 1 else (texts.codes, None)
    pairs = (
        [(value, known[0]) for value in values]
        if firsts is None
        else [(values[texts.codes[row]], known[origin_codes[row]]) for row in firsts.tolist()]
    )
    return CodedFact(codes, tuple(_cell(spec, value, origin) for value, origin in pairs))


def _cell(spec: FactSpec, value: Read, origin: Origin) -> Cell:
    if value is None or isinstance(value, RowError):
        return MISSING
    source, observed, readings = origin
    return Cell(value, None, "READING" if spec.name in readings else source, observed)


def _kinds(
    written: _Texts | None, facts: Mapping[str, CodedFact], vocabulary: Vocabulary, faults: _Faults, size: int
) -> NDArray[np.int8]:
    """What each row is, as a place in KINDS: as written, else by the facts that are known of it."""
    found = np.zeros(size, dtype=np.int8)
    for kind in (Kind.PROJECT, Kind.PERSON):
        for name, fact in facts.items():
            if vocabulary[name].subject == kind.value:
                is_known = np.array([cell is not MISSING for cell in fact.cells], dtype=bool)
                found[is_known[fact.codes]] = KINDS.index(kind)
    if written is None:
        return found
    read: list[int | RowError] = []
    for text in written.texts:
        try:
            read.append(KINDS.index(kind_from(_plain(text), (), vocabulary)) if text else -1)
        except RowError as error:
            read.append(error)
    faults.add(written.codes, read)
    said = np.array([-1 if isinstance(one, RowError) else one for one in read], dtype=np.int8)[written.codes]
    return np.where(said < 0, found, said)


def _ids(texts: _Texts, faults: _Faults, twice: Mapping[int, int], file: FactFile) -> list[str]:
    ids: list[str | RowError] = []
    for text in texts.texts:
        plain = _plain(text)
        try:
            if not plain or len(plain) > MAX_ID:
                raise RowError("id", plain, Issue("ID_MISSING", "缺少编号", "", f"1 至 {MAX_ID} 字", "给每行一个编号"))
            ids.append(checked_key("id", plain))
        except RowError as error:
            ids.append(error)
    faults.add(texts.codes, ids)
    found = [_plain(ids[code]) for code in texts.codes.tolist()]
    for row, before in twice.items():
        what = f"编号与第{before + 1}个主体重复（全部文件一起数）"
        issue = Issue("ID_TAKEN", what, "", "每行一个编号", "改号，或删去重复行")
        faults.found.setdefault(row, []).append(RowError(texts.column.header, found[row], issue))
    return found


def parts_of(folder: FactFolder, rows: int) -> Iterator[tuple[int, int]]:
    """The parts of a folder, so many rows each, as first row and end."""
    for first in range(0, folder.size, rows):
        yield first, min(first + rows, folder.size)
