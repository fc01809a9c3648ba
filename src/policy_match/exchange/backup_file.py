"""The file of a backup: a zip with one JSONL file a table, in the order in which they go back, and a manifest.

    actors.jsonl … audit.jsonl   one row a line, an object by column
    manifest.json                format, program, schema revision, when taken, head of the audit chain; rows and SHA-256 a table

The same rows at the same instant give the same bytes. The file appears whole or not at all and replaces no other; only
its owner may read it. Hashes show damage and tampering with a part; who could rewrite the whole file is caught by the
heads of the audit chain that are kept elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from policy_match.errors import Issue, UsageError
from policy_match.exchange.tables import whole, why_not

Row: TypeAlias = "Mapping[str, str | int | bool | None]"
_MANIFEST = "manifest.json"
# What `zipfile` and `zlib` raise for bytes that are no zip of theirs, depending on where the wrong byte is.
_FAULTS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError,
    OverflowError,
)  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Part(_Strict):
    """One table: its name, how many rows, and the SHA-256 of its lines."""

    name: str
    rows: int
    sha256: str


class ChainHead(_Strict):
    """The newest row of the audit chain."""

    seq: int
    row_hash: str
    at: AwareDatetime


class Manifest(_Strict):
    """What a backup holds. `revision`: of the schema; `audit`: None while nothing was done; `tables`: in the order of the file."""

    format: Literal["policy-match-backup/1"] = "policy-match-backup/1"
    engine: str
    revision: str
    taken_at: AwareDatetime
    audit: ChainHead | None
    tables: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class BackupWriter:
    """A backup in the making."""

    _zip: zipfile.ZipFile

    def add(self, name: str, rows: Iterable[Row]) -> Part:
        """Write a table; what the manifest says of it."""
        digest, written = hashlib.sha256(), 0
        with self._zip.open(_member(name), "w", force_zip64=True) as target:
            for row in rows:
                line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
                digest.update(line)
                target.write(line)
                written += 1
        return Part(name=name, rows=written, sha256=digest.hexdigest())

    def end(self, manifest: Manifest) -> None:
        """Write the manifest, the last thing."""
        with self._zip.open(_MANIFEST, "w") as target:
            target.write(manifest.model_dump_json(indent=1).encode())


@contextmanager
def writing_backup(path: Path) -> Iterator[BackupWriter]:
    """A backup that is there when the block ends well, and not at all otherwise; UsageError if the file exists or cannot be written."""
    if path.exists():
        raise UsageError(Issue("BACKUP_EXISTS", "已有这个文件，备份不覆盖", str(path), "", "换一个文件名，如带上日期"))
    with whole(path) as place:
        place.touch(mode=0o600)
        with place.open("wb") as target:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                yield BackupWriter(archive)
            target.flush()
            os.fsync(target.fileno())


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup whose every byte was checked."""

    manifest: Manifest
    _zip: zipfile.ZipFile = field(repr=False)

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a table, as they were written."""
        for line in _lines(self._zip, name):
            row: Row = orjson.loads(line)
            yield row


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """A backup that is what its manifest says; UsageError BACKUP_FOREIGN or BACKUP_DAMAGED otherwise."""
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise UsageError(
            Issue("FILE_READ", f"读不了文件（{why_not(error)}）", str(path), "", "检查路径和权限")
        ) from None
    except _FAULTS:
        raise _foreign(path, "不是备份，或没有传完") from None
    with archive:
        yield Backup(_checked(archive, path), archive)


def _checked(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """The manifest, to which every part was found to agree."""
    if _MANIFEST not in archive.namelist():
        raise _foreign(path, f"没有 {_MANIFEST}")
    try:
        manifest = Manifest.model_validate_json(archive.read(_MANIFEST))
    except ValidationError:
        raise _foreign(path, f"{_MANIFEST} 不是本程序写的") from None
    except (OSError, *_FAULTS):
        raise _damaged(path, _MANIFEST) from None
    if archive.namelist() != [*(_member(part.name) for part in manifest.tables), _MANIFEST]:
        raise _damaged(path, "其中的文件与清单不同")
    for part in manifest.tables:
        if not _agrees(archive, part):
            raise _damaged(path, _member(part.name))
    return manifest


def _agrees(archive: zipfile.ZipFile, part: Part) -> bool:
    digest, found = hashlib.sha256(), 0
    try:
        for line in _lines(archive, part.name):
            digest.update(line)
            found += 1
    except (OSError, *_FAULTS):
        return False
    return (found, digest.hexdigest()) == (part.rows, part.sha256)


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(_member(name)) as member:
        yield from member


def _member(name: str) -> str:
    return f"{name}.jsonl"


def _foreign(path: Path, why: str) -> UsageError:
    hint = "核对文件名；从别处复制来的，重新复制一次"
    return UsageError(Issue("BACKUP_FOREIGN", f"不是备份文件：{why}", str(path), "backup 写出的文件", hint))


def _damaged(path: Path, what: str) -> UsageError:
    hint = "不要使用这份备份，换一份；从别处复制来的，重新复制一次"
    return UsageError(Issue("BACKUP_DAMAGED", f"备份不完整或被改动：{what}", str(path), "", hint))
