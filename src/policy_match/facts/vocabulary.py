"""The fact vocabulary: `rules/facts.yaml`, read strictly.

One entry per fact: label, type, unit, subject, registers of authority (best first),
days for which an observation stays fresh, and how it is derived. Every rule, every
import and every page speaks in these names; an unknown name is an error everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from rapidfuzz import process

from policy_match.errors import FactError, Issue
from policy_match.identifiers import IndustryTree
from policy_match.strict_yaml import Data, Document, Step, read_file


class FactType(StrEnum):
    """What a value may look like. money: 分; ratio: 1 = 100 %; area: ㎡; date: day ordinal; month: month index."""

    MONEY = "money"
    COUNT = "count"
    RATIO = "ratio"
    SCORE = "score"
    AREA = "area"
    DATE = "date"
    MONTH = "month"
    FLAG = "flag"
    CHOICE = "choice"
    INDUSTRY = "industry"
    REGION = "region"
    SET = "set"
    SERIES = "series"
    PAIRS = "pairs"
    TEXT = "text"


NUMERIC = frozenset(
    {FactType.MONEY, FactType.COUNT, FactType.RATIO, FactType.SCORE, FactType.AREA, FactType.DATE, FactType.MONTH}
)
VERBS = frozenset(
    {
        "last",
        "sum",
        "mean",
        "ratio",
        "difference",
        "product",
        "least",
        "greatest",
        "years_between",
        "days_between",
        "mean_of_pairs",
    }
)
SUBJECTS = ("enterprise", "project", "person", "both")


@dataclass(frozen=True, slots=True)
class Ref:
    """A fact (or `as_of`) read by a derivation."""

    name: str


@dataclass(frozen=True, slots=True)
class Verb:
    """A closed verb over operands; literals are exact fractions."""

    name: str
    args: tuple[Operand, ...]


Operand: TypeAlias = Ref | Verb | Fraction


@dataclass(frozen=True, slots=True)
class Ladder:
    """Size classes: a class holds when every figure of the row reaches its bound, else the next one below.

    `rows`: option of `by` → {fact: bounds as written, best class first}.
    """

    by: str
    classes: tuple[str, ...]
    rows: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The value of the first row whose options (or industry roots) hold the value of `by`; None: no class."""

    by: str
    rows: tuple[tuple[tuple[str, ...], str], ...]
    otherwise: str | None


Derivation: TypeAlias = Verb | Ladder | Lookup


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of the vocabulary; see the module for the meaning of each field."""

    name: str
    label: str
    type: FactType
    subject: str
    unit: str = ""
    of: FactType | None = None
    options: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    fresh_days: int | None = None
    derive: Derivation | None = None
    alternatives: tuple[Derivation, ...] = ()
    same_length: bool = False
    can_be_given: bool = True
    not_negative: bool = False
    years: int | None = None
    note: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Facts read directly by the derivation, in order, without `as_of`."""
        names: dict[str, None] = {}
        for derivation in (self.derive, *self.alternatives):
            for name in _inputs(derivation):
                names.setdefault(name)
        return tuple(name for name in names if name != "as_of")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every fact by name, the registers by code, and the industry tree."""

    facts: Mapping[str, FactSpec]
    registers: Mapping[str, str]
    industries: IndustryTree
    order: tuple[str, ...] = ()
    by_label: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> FactSpec:
        """The fact of that name; FactError FACT_UNKNOWN with the nearest names otherwise."""
        try:
            return self.facts[name]
        except KeyError:
            raise FactError(unknown_fact(name, self)) from None

    def __contains__(self, name: object) -> bool:
        return name in self.facts

    def base_inputs(self, name: str) -> tuple[str, ...]:
        """Facts that people or registers can give and that `name` is derived from; itself if it can be given."""
        spec = self[name]
        if spec.derive is None or spec.can_be_given:
            return (name,)
        found: dict[str, None] = {}
        for part in spec.inputs:
            for base in self.base_inputs(part):
                found.setdefault(base)
        return tuple(found)


def unknown_fact(name: str, vocabulary: Vocabulary, where: str = "") -> Issue:
    """The error for a fact name that rules/facts.yaml does not hold, with the nearest names."""
    known = [*vocabulary.facts, *vocabulary.by_label]
    near = [match for match, score, _ in process.extract(name[:80], known, limit=3) if score >= 60]
    allowed = "、".join(near) if near else "rules/facts.yaml 中的名称或中文标签"
    return Issue(
        "FACT_UNKNOWN", f"没有名为“{name[:40]}”的事实", where, allowed, "改用已有名称，或先在 rules/facts.yaml 登记"
    )


def _inputs(derivation: Derivation | Operand | None) -> Iterable[str]:
    if isinstance(derivation, Ref):
        yield derivation.name
    elif isinstance(derivation, Verb):
        for arg in derivation.args:
            yield from _inputs(arg)
    elif isinstance(derivation, Ladder):
        yield derivation.by
        for row in derivation.rows.values():
            yield from row
    elif isinstance(derivation, Lookup):
        yield derivation.by


def load_vocabulary(path: Path, industries: IndustryTree) -> Vocabulary:
    """Read the vocabulary; FactError with every fault of the file as `file:line` otherwise."""
    document = read_file(path)
    reader = _VocabularyReader(document)
    vocabulary = reader.read(industries)
    if document.issues:
        raise FactError(*document.issues)
    return vocabulary


_SPEC_KEYS = frozenset(
    [
        "label",
        "type",
        "unit",
        "of",
        "subject",
        "options",
        "from",
        "fresh_days",
        "derive",
        "ladder",
        "lookup",
        "any_of",
        "same_length",
        "can_be_given",
        "not_negative",
        "years",
        "note",
    ]
)


class _VocabularyReader:
    def __init__(self, document: Document) -> None:
        self.document = document

    def refuse(self, path: tuple[Step, ...], what: str, allowed: str = "", hint: str = "") -> None:
        self.document.issues.append(Issue("FACTS_FILE", what, self.document.where(path), allowed, hint))

    def read(self, industries: IndustryTree) -> Vocabulary:
        data = self.document.data
        if not isinstance(data, dict) or data.get("schema") != "facts/1":
            self.refuse((), "不是事实词表", "schema: facts/1", "补上 schema: facts/1")
            return Vocabulary({}, {}, industries)
        for key in data:
            if key not in ("schema", "registers", "facts"):
                self.refuse((key,), f"不认识的键“{key}”", "schema、registers、facts", "删去或改正")
        registers = {str(k): str(v) for k, v in self.table(data.get("registers"), ("registers",)).items()}
        facts: dict[str, FactSpec] = {}
        for name, entry in self.table(data.get("facts"), ("facts",)).items():
            spec = self.spec(name, self.table(entry, ("facts", name)), registers)
            if spec is not None:
                facts[name] = spec
        labels: dict[str, str] = {}
        for spec in facts.values():
            if spec.label in labels:
                self.refuse(("facts", spec.name), f"标签“{spec.label}”与 {labels[spec.label]} 重复", "", "换一个标签")
            labels[spec.label] = spec.name
        return Vocabulary(facts, registers, industries, self.order(facts), labels)

    def table(self, data: Data, path: tuple[Step, ...]) -> dict[str, Data]:
        if isinstance(data, dict):
            return data
        self.refuse(path, "这里应是“键: 值”的对象")
        return {}

    def spec(self, name: str, entry: dict[str, Data], registers: dict[str, str]) -> FactSpec | None:
        path: tuple[Step, ...] = ("facts", name)
        for key in entry:
            if key not in _SPEC_KEYS:
                self.refuse((*path, key), f"不认识的键“{key}”", "、".join(sorted(_SPEC_KEYS)), "删去或改正")
        kind, subject = str(entry.get("type")), str(entry.get("subject"))
        if kind not in set(FactType):
            self.refuse((*path, "type"), f"类型“{kind}”不认识", "、".join(FactType))
            return None
        if subject not in SUBJECTS:
            self.refuse((*path, "subject"), f"主体“{subject}”不认识", "、".join(SUBJECTS))
        sources = self.words(entry.get("from", []), (*path, "from"))
        for code in sources:
            if code not in registers:
                self.refuse((*path, "from"), f"数据来源“{code}”不认识", "、".join(registers))
        derivations = self.derivations(entry, path)
        fresh, years = entry.get("fresh_days"), entry.get("years")
        return FactSpec(
            name=name,
            label=str(entry.get("label") or name),
            type=FactType(kind),
            subject=subject,
            unit=str(entry.get("unit") or ""),
            of=FactType(str(entry["of"])) if entry.get("of") in set(FactType) else None,
            options=self.words(entry.get("options", []), (*path, "options")),
            registers=sources,
            fresh_days=fresh if isinstance(fresh, int) else None,
            derive=derivations[0] if derivations else None,
            alternatives=derivations[1:],
            same_length=entry.get("same_length") is True,
            can_be_given=entry.get("can_be_given") is not False,
            not_negative=entry.get("not_negative") is True,
            years=years if isinstance(years, int) else None,
            note=str(entry.get("note") or ""),
        )

    def words(self, data: Data, path: tuple[Step, ...]) -> tuple[str, ...]:
        if isinstance(data, list) and all(isinstance(word, str) for word in data):
            return tuple(str(word) for word in data)
        self.refuse(path, "这里应是词语列表", "", "写成 [甲, 乙]")
        return ()

    def derivations(self, entry: dict[str, Data], path: tuple[Step, ...]) -> tuple[Derivation, ...]:
        found: list[Derivation] = []
        if "any_of" in entry:
            ways = entry["any_of"]
            for index, way in enumerate(ways if isinstance(ways, list) else []):
                found.extend(self.derivations(self.table(way, (*path, "any_of", index)), (*path, "any_of", index)))
        if "derive" in entry:
            operand = self.operand(entry["derive"], (*path, "derive"))
            if isinstance(operand, Verb):
                found.append(operand)
            else:
                self.refuse((*path, "derive"), "推导式应以动词开头", "、".join(sorted(VERBS)))
        if "ladder" in entry:
            found.append(self.ladder(self.table(entry["ladder"], (*path, "ladder")), (*path, "ladder")))
        if "lookup" in entry:
            found.append(self.lookup(self.table(entry["lookup"], (*path, "lookup")), (*path, "lookup")))
        return tuple(found)

    def operand(self, data: Data, path: tuple[Step, ...]) -> Operand:
        if isinstance(data, dict) and len(data) == 1:
            verb, inner = next(iter(data.items()))
            if verb not in VERBS:
                self.refuse(path, f"动词“{verb}”不认识", "、".join(sorted(VERBS)))
            args = inner if isinstance(inner, list) else [inner]
            return Verb(verb, tuple(self.operand(arg, (*path, verb)) for arg in args))
        text = str(data)
        literal = literal_fraction(text)
        if literal is not None:
            return literal
        if not isinstance(data, str):
            self.refuse(path, "这里应是事实名、数字或一个动词", "、".join(sorted(VERBS)))
        return Ref(text)

    def ladder(self, data: dict[str, Data], path: tuple[Step, ...]) -> Ladder:
        classes = self.words(data.get("classes", []), (*path, "classes"))
        rows: dict[str, dict[str, tuple[str, ...]]] = {}
        for option, figures in self.table(data.get("rows"), (*path, "rows")).items():
            bounds = self.table(figures, (*path, "rows", option))
            rows[option] = {fact: self.words(values, (*path, "rows", option, fact)) for fact, values in bounds.items()}
            for fact, values in rows[option].items():
                if len(values) != len(classes) - 1:
                    self.refuse((*path, "rows", option, fact), "界限个数应比档次少一个", f"{len(classes) - 1} 个")
        return Ladder(str(data.get("by")), classes, rows)

    def lookup(self, data: dict[str, Data], path: tuple[Step, ...]) -> Lookup:
        rows: list[tuple[tuple[str, ...], str]] = []
        otherwise: str | None = None
        entries = data.get("rows")
        for index, row in enumerate(entries if isinstance(entries, list) else []):
            fields = self.table(row, (*path, "rows", index))
            value = (
                str(fields.get("value")).lower() if isinstance(fields.get("value"), bool) else str(fields.get("value"))
            )
            if "one_of" in fields:
                rows.append((self.words(fields["one_of"], (*path, "rows", index, "one_of")), value))
            else:
                otherwise = value
        return Lookup(str(data.get("by")), tuple(rows), otherwise)

    def order(self, facts: dict[str, FactSpec]) -> tuple[str, ...]:
        """Derived facts so that each comes after what it reads; circles and unknown names are refused."""
        done: list[str] = []
        state: dict[str, int] = {}

        def visit(name: str) -> None:
            if state.get(name) == 2:
                return
            if state.get(name) == 1:
                self.refuse(("facts", name), f"推导成环：{name}", "", "去掉互相引用")
                return
            state[name] = 1
            for part in facts[name].inputs:
                if part not in facts:
                    self.refuse(("facts", name), f"推导用到未登记的事实“{part}”", "rules/facts.yaml 中的名称")
                else:
                    visit(part)
            state[name] = 2
            if facts[name].derive is not None:
                done.append(name)

        for name in facts:
            visit(name)
        return tuple(done)


def literal_fraction(text: str) -> Fraction | None:
    """Exact value of "80%", "2/3", "0.5" or "12"; None if `text` is no such literal."""
    try:
        if text.endswith("%"):
            return Fraction(text[:-1]) / 100
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
