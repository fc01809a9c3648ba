"""Load a rule folder strictly: every fault of every file as `file:line: what, allowed, what to do`.

Layout: `definitions/<id>.yaml`, `measures/<level>/<package>/<id>.v<N>.yaml`. Shape is
checked by `schema.py`, names and values by compiling, and what the law asks of an
author (each clause accounted for, each threshold with its boundary line, no
condition without a clause) by `audit.py`. A folder with a single fault is refused
whole, so that the last good release stays in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from policy_match.eligibility.audit import audit_family, audit_measure
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.nodes import Node
from policy_match.eligibility.rulebook import Rule, Rulebook, RuleCompiler
from policy_match.eligibility.schema import Definition, Measure
from policy_match.eligibility.validity import validity_of
from policy_match.errors import FactError, Issue, RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.strict_yaml import Document, Step, read_file

LEVELS = ("national", "province", "city", "district", "zone")
_FILE = re.compile(r"(?P<id>[a-z][a-z0-9_-]+)\.v(?P<version>[0-9]+)\.yaml$")
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(slots=True)
class Loading:
    """A folder being read: what was understood and what was refused."""

    issues: list[Issue] = field(default_factory=list)
    documents: dict[str, PolicyDocument] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    measures: list[tuple[Measure, Document, str, str]] = field(default_factory=list)


def load_rulebook(rules: Path, documents: Path, vocabulary: Vocabulary, *, audited: bool = True) -> Rulebook:
    """Read, check and compile a rule folder and the document register it cites.

    `audited` False leaves out the author's duties (clauses, boundaries), for drafts in work.
    RuleError with every Issue found, in file order; the rulebook only if there is none.
    """
    loading = Loading()
    for path in sorted(documents.rglob("*.yaml")):
        document = _read(path, documents.parent, PolicyDocument, loading)
        if document is not None:
            _register(loading.documents, document[0].id, document[0], document[1], loading)
    for path in sorted((rules / "definitions").glob("*.yaml")):
        definition = _read(path, rules.parent, Definition, loading)
        if definition is not None:
            _register(loading.definitions, definition[0].id, definition[0], definition[1], loading)
    for path in sorted((rules / "measures").rglob("*.yaml")):
        _read_measure(path, rules, loading)
    _check_replacements(loading)
    compiled = _compile(loading, vocabulary, audited=audited)
    if loading.issues:
        raise RuleError(*sorted(loading.issues, key=lambda issue: issue.where))
    return Rulebook(vocabulary, tuple(compiled), loading.documents, loading.definitions)


def _register(into: dict[str, _Model], key: str, model: _Model, document: Document, loading: Loading) -> None:
    if key in into:
        loading.issues.append(
            Issue("DUPLICATE_ID", f"编号“{key}”重复", document.where(("id",)), "每个编号一个文件", "改号或合并")
        )
    into[key] = model


def _read(path: Path, root: Path, model: type[_Model], loading: Loading) -> tuple[_Model, Document] | None:
    document = read_file(path, shown_as=str(path.relative_to(root)))
    if document.issues:
        loading.issues.extend(document.issues)
        return None
    try:
        return model.model_validate(document.data), document
    except ValidationError as error:
        loading.issues.extend(shape_issues(error, document))
        return None


def _read_measure(path: Path, rules: Path, loading: Loading) -> None:
    found = _read(path, rules.parent, Measure, loading)
    if found is None:
        return
    measure, document = found
    parts = path.relative_to(rules / "measures").parts
    name = _FILE.match(parts[-1])
    if len(parts) != 3 or parts[0] not in LEVELS or name is None:
        allowed = f"measures/<{'|'.join(LEVELS)}>/<包>/<编号>.v<版本>.yaml"
        loading.issues.append(Issue("FILE_NAME", "文件位置或名称不对", document.where(()), allowed, "移动或改名"))
        return
    if (name["id"], int(name["version"])) != (measure.id, measure.version):
        loading.issues.append(
            Issue(
                "FILE_NAME",
                f"文件名与编号、版本不符（{measure.id}.v{measure.version}）",
                document.where(("id",)),
                "",
                "改文件名或改编号",
            )
        )
        return
    loading.measures.append((measure, document, parts[0], parts[1]))


def _check_replacements(loading: Loading) -> None:
    for document in loading.documents.values():
        for other in (*document.replaces, *([document.replaced_by] if document.replaced_by else [])):
            if other not in loading.documents:
                what = f"文件“{document.id}”引用了未登记的文件“{other}”"
                loading.issues.append(
                    Issue("DOCUMENT", what, f"corpus/documents/{document.id}.yaml:1", "", "先登记该文件")
                )


def _compile(loading: Loading, vocabulary: Vocabulary, *, audited: bool) -> list[Rule]:
    nodes: dict[Node, Node] = {}
    families: dict[str, list[tuple[Measure, Document, str, str]]] = {}
    for entry in sorted(loading.measures, key=lambda entry: (entry[0].id, entry[0].version)):
        families.setdefault(entry[0].id, []).append(entry)
    rules: list[Rule] = []
    for family in families.values():
        compiled: list[tuple[Rule, Document]] = []
        for index, entry in enumerate(family):
            following = family[index + 1][0].effective.from_ if index + 1 < len(family) else None
            rule = _Compilation(loading, vocabulary, nodes, entry).rule(following)
            if rule is not None:
                compiled.append((rule, entry[1]))
                if audited:
                    loading.issues.extend(audit_measure(rule, entry[1], vocabulary))
        loading.issues.extend(audit_family(compiled))
        rules.extend(rule for rule, _ in compiled)
    return rules


class _Compilation:
    def __init__(
        self,
        loading: Loading,
        vocabulary: Vocabulary,
        nodes: dict[Node, Node],
        entry: tuple[Measure, Document, str, str],
    ) -> None:
        self.loading, self.vocabulary = loading, vocabulary
        self.measure, self.document, self.level, self.package = entry
        self.compiler = RuleCompiler(vocabulary, loading.definitions, nodes)
        self.failed = False

    def refuse(self, path: tuple[Step, ...], *issues: Issue) -> None:
        self.failed = True
        for issue in issues:
            where = self.document.where(path)
            self.loading.issues.append(Issue(issue.code, issue.what, where, issue.allowed, issue.hint))

    def rule(self, following: str | None) -> Rule | None:
        articles = articles_of(self.measure)
        self._definitions(articles)
        for name, written in self.measure.conditions.items():
            try:
                self.compiler.add_condition(name, written, articles.get(name), None)
            except FactError as error:
                self.refuse(("conditions", name), *error.issues)
        root: Node | None = None
        try:
            root = self.compiler.tree(self.measure.eligible_when)
        except FactError as error:
            if not self.failed:
                self.refuse(("eligible_when",), *error.issues)
        registered = self.loading.documents.get(self.measure.document.id)
        if registered is None:
            what = f"文件“{self.measure.document.id}”没有登记"
            self.refuse(("document",), Issue("DOCUMENT", what, "", "corpus/documents 中的编号", "先登记文件"))
        validity = None
        try:
            validity = validity_of(self.measure.effective, following or self._replacement(registered))
        except FactError as error:
            self.refuse(("effective",), *error.issues)
        if self.failed or root is None or registered is None or validity is None:
            return None
        return Rule(
            measure=self.measure,
            level=self.level,
            package=self.package,
            document=registered,
            validity=validity,
            conditions=dict(self.compiler.conditions),
            root=self.compiler.keep(root),
            exclusions=tuple(self.compiler.exclusions),
            gates=tuple(self.compiler.gates),
        )

    def _definitions(self, articles: Mapping[str, str]) -> None:
        for index, name in enumerate(self.measure.use):
            path: tuple[Step, ...] = ("use", index)
            circle = definition_circle(name, self.loading.definitions)
            if circle is not None:
                self.refuse(
                    path,
                    Issue(
                        "DEFINITION",
                        f"共用定义循环或缺失：{circle}",
                        "",
                        "、".join(self.loading.definitions),
                        "改正 use",
                    ),
                )
                continue
            try:
                self.compiler.add_definition(name, articles)
            except FactError as error:
                self.refuse(path, *error.issues)

    def _replacement(self, document: PolicyDocument | None) -> str | None:
        if document is None or document.replaced_by is None:
            return None
        following = self.loading.documents.get(document.replaced_by)
        return None if following is None else following.effective.from_ or following.issued_on


def articles_of(measure: Measure) -> dict[str, str]:
    """The article that each condition, definition, benefit or stacking entry implements; several are joined."""
    found: dict[str, list[str]] = {}
    for clause in measure.clauses:
        for name in clause.by:
            found.setdefault(name, []).append(clause.article)
    return {name: "、".join(dict.fromkeys(articles)) for name, articles in found.items()}


def definition_circle(name: str, definitions: Mapping[str, Definition], path: Sequence[str] = ()) -> str | None:
    """The circle or the missing name that `use` runs into, in words; None if there is none."""
    if name in path:
        return " → ".join((*path, name))
    if name not in definitions:
        return f"没有定义“{name}”"
    for used in definitions[name].use:
        circle = definition_circle(used, definitions, (*path, name))
        if circle is not None:
            return circle
    return None


_WORDS = {
    "missing": ("缺少必填的键", "补上这一项"),
    "extra_forbidden": ("不认识的键", "删去，或改成允许的键"),
    "literal_error": ("值不在允许的范围内", "改用允许的值"),
    "union_tag_invalid": ("写法不认识", "改用允许的写法"),
    "union_tag_not_found": ("写法不认识", "改用允许的写法"),
    "string_type": ("应是文字", "给值加上引号"),
    "int_type": ("应是整数", "写成不带引号的整数"),
    "bool_type": ("应是 true 或 false", "改成 true 或 false"),
    "list_type": ("应是列表", "写成 [甲, 乙]"),
    "dict_type": ("应是“键: 值”的对象", "写成 {键: 值}"),
    "model_type": ("应是“键: 值”的对象", "写成 {键: 值}"),
    "too_short": ("不能为空", "至少写一项"),
    "too_long": ("项数过多", "减少项数"),
    "string_pattern_mismatch": ("格式不对", "按允许的格式改写"),
    "greater_than_equal": ("数值过小", "改大"),
}


def shape_issues(error: ValidationError, document: Document) -> Iterable[Issue]:
    """Shape errors of one file in Chinese, each at the line of the entry it speaks of."""
    for fault in error.errors(include_url=False):
        path = _path_in(fault["loc"], document)
        what, hint = _WORDS.get(fault["type"], (fault["msg"].removeprefix("Value error, "), "按规则手册改写"))
        context = fault.get("ctx", {})
        allowed = str(context.get("expected") or context.get("expected_tags") or context.get("pattern") or "")
        named = "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in fault["loc"]).lstrip(".")
        yield Issue("SHAPE", f"{named}：{what}", document.where(path), allowed.replace("'", ""), hint)


def _path_in(loc: tuple[int | str, ...], document: Document) -> tuple[Step, ...]:
    """The path of a pydantic location in the file: the tags that unions add are left out."""
    path: tuple[Step, ...] = ()
    for step in loc:
        if (*path, step) in document.lines:
            path = (*path, step)
    return path
