"""Read corpus/entries: `measures_*.yaml`, what is known of real measures, `corpus_only.yaml`, what is no measure, and
`packages.yaml`, the folders that rules stand in.

Of an entry only its id, its name and what it fills are read: the rest is for people who
write measures from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from policy_match.authoring.coverage import Corpus, CorpusOnly, Entry, Kind, Package, Parts
from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Say, Strict, refused
from policy_match.errors import Issue, RuleError, UsageError
from policy_match.strict_yaml import read_file

_LISTS = ("corpus_only.yaml", "packages.yaml")


class _WrittenEntry(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    id: Say
    name: Say
    fills: Say | None = None


class _WrittenEntries(RootModel[list[_WrittenEntry]]):
    pass


class _WrittenReason(Strict):
    id: Say
    kind: Kind
    why: Say
    of: Say | None = None

    @field_validator("kind", mode="before")
    @classmethod
    def _known(cls, written: object) -> Kind:
        if written not in list(Kind):
            raise refused(f"不认识的原因“{written}”", "、".join(Kind), "改用允许的值")
        return Kind(str(written))

    @model_validator(mode="after")
    def _points(self) -> _WrittenReason:
        if (self.of is None) == (self.kind in (Kind.SUPERSEDED, Kind.DUPLICATE)):
            raise refused("superseded 和 duplicate 要写 of，其他不写", "of: 条目编号", "补上或删去 of")
        return self


class _WrittenReasons(Strict):
    schema_: Literal["corpus-only/1"] = Field(alias="schema")
    entries: list[_WrittenReason]


class _WrittenParts(Strict):
    count: int = Field(ge=1)
    unit: Say
    entries: list[Say]

    @model_validator(mode="after")
    def _counted(self) -> _WrittenParts:
        if self.entries and len(self.entries) != self.count:
            raise refused("条目数与 count 不同", "每一部分一个条目，或 entries: []", "补上或删去条目")
        return self


class _WrittenPackage(Strict):
    id: Say
    title: Say
    parts: _WrittenParts | None = None


class _WrittenPackages(Strict):
    schema_: Literal["packages/1"] = Field(alias="schema")
    packages: list[_WrittenPackage]


def load_entries(folder: Path) -> Corpus:
    """Entries, reasons and packages in the order of their files; RuleError with every fault by file and line.

    UsageError if the folder has no entries, no list of what stays corpus only or no packages.
    """
    sources, reasons, packages = sorted(folder.glob("measures_*.yaml")), *(folder / name for name in _LISTS)
    if not sources or not reasons.is_file() or not packages.is_file():
        allowed = "measures_*.yaml、corpus_only.yaml 和 packages.yaml"
        raise UsageError(Issue("FOLDER", "没有条目文件", str(folder), allowed, "检查目录是否写对"))
    opened: list[Findings] = []
    found = Corpus(
        tuple(entry for path in sources for entry in _entries(_open(path, folder, opened))),
        _reasons(_open(reasons, folder, opened)),
        _packages(_open(packages, folder, opened)),
    )
    issues = [issue for findings in opened for issue in (*findings.document.issues, *findings.issues)]
    for listed in (found.entries, found.kept, found.packages):
        issues += _twice([(one.id, one.where) for one in listed])
    if issues:
        raise RuleError(*issues)
    return found


def _open(path: Path, folder: Path, opened: list[Findings]) -> Findings:
    findings = Findings(read_file(path, shown_as=f"{folder.name}/{path.name}"))
    opened.append(findings)
    return findings


def _entries(findings: Findings) -> tuple[Entry, ...]:
    document = findings.document
    read = None if document.issues else read_shape(_WrittenEntries, findings)
    written = [] if read is None else read.root
    return tuple(Entry(e.id, e.name, e.fills, document.where((place, "id"))) for place, e in enumerate(written))


def _reasons(findings: Findings) -> tuple[CorpusOnly, ...]:
    document = findings.document
    read = None if document.issues else read_shape(_WrittenReasons, findings)
    return tuple(
        CorpusOnly(r.id, r.kind, r.why, r.of, document.where(("entries", place)))
        for place, r in enumerate([] if read is None else read.entries)
    )


def _packages(findings: Findings) -> tuple[Package, ...]:
    document = findings.document
    read = None if document.issues else read_shape(_WrittenPackages, findings)
    return tuple(
        Package(
            p.id,
            p.title,
            None if p.parts is None else Parts(p.parts.count, p.parts.unit, tuple(p.parts.entries)),
            document.where(("packages", place)),
        )
        for place, p in enumerate([] if read is None else read.packages)
    )


def _twice(named: Sequence[tuple[str, str]]) -> list[Issue]:
    first: dict[str, str] = {}
    return [
        Issue("DUPLICATE_ID", f"编号“{name}”重复，已见于 {first[name]}", where, "每个编号一次", "删去或改号")
        for name, where in named
        if first.setdefault(name, where) != where
    ]
