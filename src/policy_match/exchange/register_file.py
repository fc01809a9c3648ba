"""Read `rules/registers/<source>.yaml`: what the columns of a source's file are called and what each of them says.

Strict like every rule file: unknown facts, points, steps, marks, kinds of evidence and units, names used twice and
columns that say two things are refused with file and line. A column renamed by its source is one more name under
`also`; no program changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.shape import read_shape
from policy_match.errors import RuleError
from policy_match.exchange.register_shape import WrittenColumn, WrittenRegister, WrittenStep
from policy_match.facts.read import header_units
from policy_match.facts.subjects import Kind
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary, unknown_fact
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import MilestoneStatus
from policy_match.strict_yaml import read_file
from policy_match.units import parse_money

MANUAL = "按 docs/registers.zh.md 改写这一处"


class Part(StrEnum):
    """What a column holds. Those up to LEFT_OUT are written after `is`, the others have a key of their own."""

    CODE = "code"
    NAME = "name"
    USCC = "uscc"
    FIRM = "firm_name"
    MONTH = "month"
    OBSERVED = "observed_on"
    RECORD = "record"
    AUTHORISED = "authorised_by"
    STEP = "step"
    APPLIED = "applied_on"
    SUPPLEMENT = "supplement_on"
    DONE = "done_on"
    RESULT = "result"
    REVOKED = "revoked_on"
    NUMBER = "number"
    EXTRA = "extra"
    LEFT_OUT = "left_out"
    KEY = "key"
    FACT = "fact"
    POINT = "point"
    EVIDENCE = "evidence"
    PLANNED = "planned"
    MILESTONE = "milestone"
    MARK = "mark"


ONCE = frozenset(list(Part)[: list(Part).index(Part.EXTRA)])
DATED = frozenset({Part.MONTH, Part.OBSERVED, Part.APPLIED, Part.SUPPLEMENT, Part.DONE, Part.REVOKED, Part.POINT,
                   Part.PLANNED, Part.MILESTONE})  # fmt: skip
_OWN = ("key", "fact", "point", "planned", "milestone", "mark")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `target`: id of the fact, point, step or mark, or kind of the number, by its part.

    `unit`: of bare numbers where the header names none; `likely`: 分 between which an amount is believed, both
    included; `holds`: the period a figure is of; `evidence`: a kind of evidence that its numbers are, for the point
    of the column `of`; `told`: the text is kept with its mark; `spec`: the fact, of a point the fact that keeps its day.
    """

    name: str
    part: Part
    names: tuple[str, ...]
    target: str = ""
    spec: FactSpec | None = None
    unit: str | None = None
    likely: tuple[int, int] | None = None
    holds: Literal["month", "year"] | None = None
    evidence: str | None = None
    of: str | None = None
    key: str | None = None
    required: bool = False
    locked: bool = False
    told: bool = False
    note: str = ""

    @property
    def header(self) -> str:
        """As a template writes it: with the unit of its numbers."""
        return f"{self.name}（{self.unit}）" if self.unit else self.name


@dataclass(frozen=True, slots=True)
class Step:
    """What a row of a 事项 says once it is done. `ask`: what a person is to look at, said in full."""

    name: str
    milestone: str | None
    point: str | None
    evidence: str | None
    key: str | None
    mark: str | None
    ask: str | None


@dataclass(frozen=True)
class Register:
    """How the files of one source are read. `any_fact`: any fact that this source may give is a column too; `is_whole`:
    each file is the source's whole list, so that a much shorter one is not complete."""

    source: str
    name: str
    kind: Kind
    any_fact: bool
    is_whole: bool
    columns: Mapping[str, Column]
    steps: Mapping[str, Step] = field(default_factory=dict)
    results: Mapping[str, MilestoneStatus] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by every name, in the form of `plain_name`."""
        return {plain_name(name): column for column in self.columns.values() for name in column.names}

    def of_part(self, part: Part) -> Column | None:
        """The one column that holds a part; None if the source has none."""
        return next((column for column in self.columns.values() if column.part is part), None)


def plain_name(written: str) -> str:
    """A name as it is compared: NFKC, without spaces and line breaks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", written))


def load_register(path: Path, vocabulary: Vocabulary, table: LifecycleTable) -> Register:
    """Read one file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"rules/{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(WrittenRegister, findings)
    register = None if written is None else _Loader(written, findings, vocabulary, table).register(path.stem)
    issues = (*findings.document.issues, *findings.issues)
    if register is None or issues:
        raise RuleError(*issues)
    return register


class _Loader:
    """One file whose shape is right."""

    def __init__(
        self, written: WrittenRegister, findings: Findings, vocabulary: Vocabulary, table: LifecycleTable
    ) -> None:
        self.written, self.findings, self.vocabulary, self.table = written, findings, vocabulary, table
        self.points = {point.id: point for point in table.points}
        self.steps = {step.id for step in table.milestones} | set(self.points)
        self.marks = set(table.labels) - self.steps
        self.evidence = evidence_kinds(table)

    def register(self, stem: str) -> Register:
        written = self.written
        if stem != written.source:
            self.refuse("FILE_NAME", f"文件名与来源 {written.source} 不符", ("source",), f"{written.source}.yaml")
        self.known(written.source, self.vocabulary.sources, ("source",), "来源")
        columns = {name: self.column(name, column) for name, column in written.columns.items()}
        self.names(columns.values())
        self.once(columns.values())
        steps: dict[str, Step] = {}
        for name, step in written.steps.items():
            for spelt in (name, *step.also):
                steps[plain_name(spelt)] = self.step(name, step)
        results = {plain_name(word): MilestoneStatus(status) for word, status in written.results.items()}
        return Register(
            written.source, written.name, Kind(written.kind), written.any_fact, written.whole, columns, steps, results
        )  # fmt: skip

    def refuse(self, code: str, what: str, at: Place, allowed: str = "") -> None:
        self.findings.refuse(code, what, at, allowed, MANUAL)

    def known(self, name: str, names: Iterable[str], at: Place, what: str) -> bool:
        every = tuple(names)
        if name not in every:
            self.refuse("REGISTER_NAME", f"不认识的{what}“{name}”", at, "、".join(sorted(every)))
        return name in every

    def column(self, name: str, written: WrittenColumn) -> Column:
        at: Place = ("columns", name)
        part, target = self.part(name, written)
        spec = self.spec(part, target, at)
        if spec is not None and part is Part.FACT:
            self.unit(spec, written, at)
        if written.evidence is not None:
            self.known(written.evidence, self.evidence, (*at, "evidence"), "佐证")
            if written.of not in self.written.columns or self.written.columns[written.of].point is None:
                self.refuse("REGISTER_OF", f"列“{name}”没有写是哪一列日期的佐证", at, "of: 跟踪点日期的列名")
        return Column(
            name=name,
            part=part,
            names=(name, *written.also),
            target=target,
            spec=spec,
            unit=written.unit,
            likely=self.likely(written, at),
            holds=written.holds,
            evidence=written.evidence,
            of=written.of,
            key=written.key,
            required=written.required,
            locked=written.locked,
            told=written.told,
            note=written.note or "",
        )

    def part(self, name: str, written: WrittenColumn) -> tuple[Part, str]:
        """What the column is; evidence may be a number that others know the project by as well."""
        said = [word for word in _OWN if getattr(written, word) is not None]
        if written.evidence is not None and said in ([], ["key"]) and written.is_ is None:
            return Part.EVIDENCE, written.evidence
        if len(said) + (written.is_ is not None) + (written.evidence is not None) != 1:
            words = "、".join(("is", *_OWN, "evidence"))
            self.refuse("REGISTER_PART", f"列“{name}”应写明一项、且只有一项含义", ("columns", name), words)
            return Part.LEFT_OUT, ""
        if written.is_ is not None:
            return Part(written.is_), ""
        return Part(said[0]), str(getattr(written, said[0]))

    def spec(self, part: Part, target: str, at: Place) -> FactSpec | None:
        """The fact of a column, of a point the one that keeps its day; a name that is not known is told."""
        if part is Part.FACT:
            if target not in self.vocabulary:
                issue = unknown_fact(target, self.vocabulary)
                self.findings.refuse(issue.code, issue.what, (*at, "fact"), issue.allowed, issue.hint)
                return None
            return self.vocabulary[target]
        if part is Part.POINT and self.known(target, self.points, (*at, "point"), "跟踪点"):
            fact = self.points[target].fact
            return None if fact is None else self.vocabulary[fact]
        if part in (Part.PLANNED, Part.MILESTONE):
            self.known(target, self.steps, (*at, str(part)), "里程碑")
        if part is Part.MARK:
            self.known(target, self.marks, (*at, "mark"), "日期标记")
        return None

    def unit(self, spec: FactSpec, written: WrittenColumn, at: Place) -> None:
        units = header_units(spec)
        needs = (spec.of or spec.type) in (FactType.MONEY, FactType.AREA)
        if (written.unit is None and needs) or (written.unit is not None and written.unit not in units):
            self.refuse("UNIT_MISSING", f"“{spec.label}”的单位没有写或不对", at, "、".join(units) or "不写 unit")

    def likely(self, written: WrittenColumn, at: Place) -> tuple[int, int] | None:
        if written.likely is None:
            return None
        ends = [self.findings.read((*at, "likely"), partial(parse_money, text)) for text in written.likely]
        low, high = ends
        return None if low is None or high is None else (low, high)

    def names(self, columns: Iterable[Column]) -> None:
        seen: dict[str, str] = {}
        for column in columns:
            for name in map(plain_name, column.names):
                if name in seen:
                    self.refuse(
                        "REGISTER_TWICE", f"列名“{name}”写了两次，也见于“{seen[name]}”", ("columns", column.name)
                    )
                seen[name] = column.name

    def once(self, columns: Iterable[Column]) -> None:
        seen: set[Part] = set()
        for column in columns:
            if column.part in ONCE and column.part in seen:
                self.refuse("REGISTER_TWICE", f"有两列都是 {column.part}", ("columns", column.name))
            seen.add(column.part)
        if any(column.holds for column in columns) and Part.MONTH not in seen:
            self.refuse("REGISTER_MONTH", "有按月、按年的数，却没有月份列", ("columns",), "is: month")
        if bool(self.written.steps) != (Part.STEP in seen):
            self.refuse("REGISTER_STEPS", "事项列和事项表应同时有", ("columns",), "is: step 和 steps")

    def step(self, name: str, written: WrittenStep) -> Step:
        at: Place = ("steps", name)
        if written.milestone is not None:
            self.known(written.milestone, self.steps, (*at, "milestone"), "里程碑")
        if written.point is not None:
            self.known(written.point, self.points, (*at, "point"), "跟踪点")
        if written.evidence is not None:
            self.known(written.evidence, self.evidence, (*at, "evidence"), "佐证")
        if written.mark is not None:
            self.known(written.mark, self.marks, (*at, "mark"), "日期标记")
        return Step(name, written.milestone, written.point, written.evidence, written.key, written.mark, written.ask)


def evidence_kinds(table: LifecycleTable) -> frozenset[str]:
    """Every kind of evidence that a way to a point asks for."""
    groups = (group for move in table.transitions for group in move.evidence)
    return frozenset(kind for group in groups for kinds in group.any_of for kind in kinds)
