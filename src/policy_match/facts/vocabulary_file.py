"""Read the fact vocabulary from `rules/facts.yaml`, strictly.

Unknown keys, values of another type than the key asks, unknown registers, verbs and
facts, a verb with too many or too few operands, class bounds that do not fall and
derivations in a circle are refused, each with its line; nothing is taken as a default
that was written otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from policy_match.errors import FactError, Issue
from policy_match.facts.bounds import bound_of
from policy_match.facts.observations import Purpose
from policy_match.facts.vocabulary import (
    SUBJECTS,
    VERBS,
    Derivation,
    FactSpec,
    FactType,
    Ladder,
    Lookup,
    Operand,
    Ref,
    Register,
    Tolerance,
    Verb,
    Vocabulary,
)
from policy_match.identifiers import IndustryTree
from policy_match.strict_yaml import Data, Document, Step, read_file
from policy_match.units import Number

Place: TypeAlias = tuple[Step, ...]
_KEYS = (
    "label", "type", "unit", "of", "subject", "options", "from", "fresh_days", "derive", "ladder", "lookup", "any_of",
    "same_length", "can_be_given", "signed", "years", "tolerance", "needs_authorisation", "note",
)  # fmt: skip
_ONE = ("last", "mean_of_pairs")
_TWO = ("ratio", "difference", "years_between", "days_between")


def load_vocabulary(path: Path, industries: IndustryTree) -> Vocabulary:
    """Read the vocabulary; FactError with every fault of the file as `file:line` otherwise."""
    document = read_file(path, shown_as=f"{path.parent.name}/{path.name}")
    vocabulary = _VocabularyReader(document).read(industries)
    if document.issues:
        raise FactError(*document.issues)
    return vocabulary


class _VocabularyReader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.specs: dict[str, FactSpec] = {}
        self.nothing = Vocabulary({}, {}, IndustryTree({}, {}))

    def refuse(self, path: Place, what: str, allowed: str = "", hint: str = "") -> None:
        self.document.issues.append(Issue("FACTS_FILE", what, self.document.where(path), allowed, hint))

    def read(self, industries: IndustryTree) -> Vocabulary:
        data = self.document.data
        if not isinstance(data, dict) or data.get("schema") != "facts/1":
            self.refuse((), "不是事实词表", "schema: facts/1", "补上 schema: facts/1")
            return self.nothing
        self.keys(data, ("schema", "registers", "facts"), ())
        registers = {
            str(code): self.register(code, entry)
            for code, entry in self.table(data.get("registers"), ("registers",)).items()
        }
        entries = {
            name: self.table(e, ("facts", name)) for name, e in self.table(data.get("facts"), ("facts",)).items()
        }
        for name, entry in entries.items():
            spec = self.spec(name, entry, registers)
            if spec is not None:
                self.specs[name] = spec
        facts = {name: self.derived(spec, entries[name]) for name, spec in self.specs.items()}
        labels: dict[str, str] = {}
        for spec in facts.values():
            if spec.label in labels:
                self.refuse(("facts", spec.name), f"标签“{spec.label}”与 {labels[spec.label]} 重复", "", "换一个标签")
            labels[spec.label] = spec.name
        return Vocabulary(facts, registers, industries, self.order(facts), labels)

    # plain values

    def keys(self, data: Mapping[str, Data], allowed: tuple[str, ...], path: Place) -> None:
        for key in data:
            if key not in allowed:
                self.refuse((*path, key), f"不认识的键“{key}”", "、".join(allowed), "删去或改正")

    def table(self, data: Data, path: Place) -> dict[str, Data]:
        if isinstance(data, dict):
            return data
        self.refuse(path, "这里应是“键: 值”的对象")
        return {}

    def words(self, data: Data, path: Place) -> tuple[str, ...]:
        if isinstance(data, list) and all(isinstance(word, str) for word in data):
            return tuple(str(word) for word in data)
        self.refuse(path, "这里应是词语列表", "", "写成 [甲, 乙]")
        return ()

    def flag(self, entry: Mapping[str, Data], key: str, path: Place, *, default: bool = False) -> bool:
        value = entry.get(key, default)
        if isinstance(value, bool):
            return value
        self.refuse((*path, key), f"{key} 应是 true 或 false")
        return default

    def number(self, entry: Mapping[str, Data], key: str, path: Place) -> int | None:
        value = entry.get(key)
        if value is None and key not in entry:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.refuse((*path, key), f"{key} 应是正整数")
        return None

    def text(self, entry: Mapping[str, Data], key: str, path: Place) -> str:
        value = entry.get(key, "")
        if isinstance(value, str):
            return value
        self.refuse((*path, key), f"{key} 应是文字", "", "加引号")
        return ""

    # facts

    def register(self, code: str, entry: Data) -> Register:
        """A name alone, or {name, only_for, confidence}."""
        if isinstance(entry, str):
            return Register(entry)
        path: Place = ("registers", code)
        data = self.table(entry, path)
        self.keys(data, ("name", "only_for", "confidence"), path)
        purposes = self.words(data.get("only_for", []), (*path, "only_for"))
        for purpose in purposes:
            if purpose not in set(Purpose):
                self.refuse((*path, "only_for"), f"用途“{purpose}”不认识", "、".join(Purpose))
        confidence = self.number(data, "confidence", path) or 90
        if confidence > 100:
            self.refuse((*path, "confidence"), "可信度是百分数", "1 至 100")
        return Register(self.text(data, "name", path) or code, purposes, confidence)

    def tolerance(self, entry: Mapping[str, Data], path: Place) -> Tolerance | None:
        """A share ("5%") or an amount in the fact's own unit, without one (3 people, 7 days: "3", "7")."""
        if "tolerance" not in entry:
            return None
        text = self.text(entry, "tolerance", path)
        amount = _literal(text)
        if amount is None or amount < 0:
            self.refuse((*path, "tolerance"), "容差写法不对", '"5%" 或 "3"')
            return None
        return Tolerance(amount, text.endswith("%"))

    def spec(self, name: str, entry: dict[str, Data], registers: Mapping[str, Register]) -> FactSpec | None:
        """The fact without its derivation: derivations need the types of the other facts."""
        path: Place = ("facts", name)
        self.keys(entry, _KEYS, path)
        kind, subject, of = str(entry.get("type")), str(entry.get("subject")), entry.get("of")
        if kind not in set(FactType):
            self.refuse((*path, "type"), f"类型“{kind}”不认识", "、".join(FactType))
            return None
        if subject not in SUBJECTS:
            self.refuse((*path, "subject"), f"主体“{subject}”不认识", "、".join(SUBJECTS))
        if of is not None and of not in set(FactType):
            self.refuse((*path, "of"), f"类型“{of}”不认识", "、".join(FactType))
            of = None
        sources = self.words(entry.get("from", []), (*path, "from"))
        for code in sources:
            if code not in registers:
                self.refuse((*path, "from"), f"数据来源“{code}”不认识", "、".join(registers))
        return FactSpec(
            name=name,
            label=self.text(entry, "label", path) or name,
            type=FactType(kind),
            subject=subject,
            unit=self.text(entry, "unit", path),
            of=None if of is None else FactType(str(of)),
            options=self.words(entry.get("options", []), (*path, "options")),
            registers=sources,
            fresh_days=self.number(entry, "fresh_days", path),
            same_length=self.flag(entry, "same_length", path),
            can_be_given=self.flag(entry, "can_be_given", path, default=True),
            signed=self.flag(entry, "signed", path),
            years=self.number(entry, "years", path),
            tolerance=self.tolerance(entry, path),
            needs_authorisation=self.flag(entry, "needs_authorisation", path),
            note=self.text(entry, "note", path),
        )

    def derived(self, spec: FactSpec, entry: dict[str, Data]) -> FactSpec:
        found = self.derivations(entry, ("facts", spec.name))
        return replace(spec, derive=found[0], alternatives=found[1:]) if found else spec

    def derivations(self, entry: dict[str, Data], path: Place) -> tuple[Derivation, ...]:
        found: list[Derivation] = []
        ways = entry.get("any_of", [])
        if not isinstance(ways, list):
            self.refuse((*path, "any_of"), "这里应是列表")
            ways = []
        for index, way in enumerate(ways):
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

    def operand(self, data: Data, path: Place) -> Operand:
        if isinstance(data, dict) and len(data) == 1:
            verb, inner = next(iter(data.items()))
            args = inner if isinstance(inner, list) else [inner]
            if verb not in VERBS:
                self.refuse(path, f"动词“{verb}”不认识", "、".join(sorted(VERBS)))
            elif (verb in _ONE and len(args) != 1) or (verb in _TWO and len(args) != 2) or not args:
                self.refuse(
                    path, f"{verb} 的参数个数不对", "1 个" if verb in _ONE else "2 个" if verb in _TWO else "至少 1 个"
                )
            return Verb(verb, tuple(self.operand(arg, (*path, verb)) for arg in args))
        text = str(data)
        literal = _literal(text)
        if literal is not None:
            return literal
        if not isinstance(data, str):
            self.refuse(path, "这里应是事实名、数字或一个动词", "、".join(sorted(VERBS)))
        return Ref(text)

    def ladder(self, data: dict[str, Data], path: Place) -> Ladder:
        self.keys(data, ("by", "classes", "rows"), path)
        classes = self.words(data.get("classes", []), (*path, "classes"))
        rows: dict[str, dict[str, tuple[Number, ...]]] = {}
        for option, figures in self.table(data.get("rows"), (*path, "rows")).items():
            bounds = self.table(figures, (*path, "rows", option))
            rows[option] = {}
            for fact, written in bounds.items():
                place = (*path, "rows", option, fact)
                limits = self.limits(fact, self.words(written, place), place)
                if len(limits) != len(classes) - 1:
                    self.refuse(place, "界限个数应比档次少一个", f"{len(classes) - 1} 个")
                if any(low >= high for high, low in pairwise(limits)):
                    self.refuse(place, "界限应从高到低", "", "按档次由高到低排列")
                rows[option][fact] = limits
        return Ladder(str(data.get("by")), classes, rows)

    def limits(self, fact: str, written: tuple[str, ...], path: Place) -> tuple[Number, ...]:
        if fact not in self.specs:
            self.refuse(path, f"推导用到未登记的事实“{fact}”", "rules/facts.yaml 中的名称")
            return ()
        try:
            return tuple(bound_of(self.specs[fact], bound, self.nothing) for bound in written)
        except FactError as error:
            self.refuse(path, error.issues[0].what, error.issues[0].allowed, error.issues[0].hint)
            return ()

    def lookup(self, data: dict[str, Data], path: Place) -> Lookup:
        self.keys(data, ("by", "rows"), path)
        rows: list[tuple[tuple[str, ...], str]] = []
        otherwise: str | None = None
        entries = data.get("rows")
        for index, row in enumerate(entries if isinstance(entries, list) else []):
            place = (*path, "rows", index)
            fields = self.table(row, place)
            self.keys(fields, ("one_of", "value"), place)
            written = fields.get("value")
            value = str(written).lower() if isinstance(written, bool) else str(written)
            if "one_of" in fields:
                rows.append((self.words(fields["one_of"], (*place, "one_of")), value))
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


def _literal(text: str) -> Fraction | None:
    """Exact value of "80%", "2/3", "0.5" or "12"; None if `text` is no such literal."""
    try:
        if text.endswith("%"):
            return Fraction(text[:-1]) / 100
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
