"""From the files of a rule folder to compiled rules: definitions first, then each version of each measure.

Whatever a condition or a tree names is looked up here, with the line of the word that
names it. A measure is compiled only if nothing in its own file, or in what it stands
on, is at fault.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from policy_match.authoring.audit import (
    Surroundings,
    audit_definition,
    audit_measure,
    audit_rule,
    audit_versions,
)
from policy_match.authoring.audit_cases import thresholds_of
from policy_match.authoring.audit_documents import audit_within
from policy_match.authoring.audit_names import audit_honours, audit_names
from policy_match.authoring.audit_stacking import audit_groups, audit_kinds
from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.lint import lint_bases, lint_rows, lint_rule
from policy_match.eligibility.conditions import guards_of
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.nodes import Node
from policy_match.eligibility.rulebook import Rule, RuleCompiler
from policy_match.eligibility.schema import (
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Definition,
    FactCondition,
    IfApplicable,
    Measure,
    Not,
    Rows,
    Tree,
    depth_of,
)
from policy_match.eligibility.validity import validity_of
from policy_match.errors import FactError
from policy_match.facts.vocabulary import FactType, Vocabulary, unknown_fact

MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Filed:
    """One measure file that has its shape."""

    measure: Measure
    findings: Findings
    level: str
    package: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was read of a folder. `…_ids`: what is on file, readable or not, so that one fault is not reported twice."""

    documents: Mapping[str, PolicyDocument]
    definitions: Mapping[str, tuple[Definition, Findings]]
    measures: tuple[Filed, ...]
    document_ids: Collection[str]
    definition_ids: Collection[str]
    versions: Collection[tuple[str, int]]


def assemble(shelf: Shelf, vocabulary: Vocabulary, *, audited: bool) -> tuple[Rule, ...]:
    """Compile every measure, by id and version; faults go to the findings of their files."""
    return _Assembly(shelf, vocabulary, audited=audited).rules()


class _Assembly:
    def __init__(self, shelf: Shelf, vocabulary: Vocabulary, *, audited: bool) -> None:
        self.shelf, self.vocabulary, self.audited = shelf, vocabulary, audited
        self.definitions = {name: definition for name, (definition, _) in shelf.definitions.items()}
        self.nodes: dict[Node, Node] = {}
        measures = {name for name, _ in shelf.versions}
        self.around = Surroundings(vocabulary, self.definitions, measures)
        self.sound = self._sound_definitions()
        self.families: dict[str, list[Filed]] = {}
        for filed in sorted(shelf.measures, key=lambda filed: (filed.measure.id, filed.measure.version)):
            self.families.setdefault(filed.measure.id, []).append(filed)

    def rules(self) -> tuple[Rule, ...]:
        compiled: list[tuple[Rule, Findings]] = []
        for family in self.families.values():
            found = [(rule, filed.findings) for filed in family if (rule := self._rule(filed)) is not None]
            audit_versions(found)
            compiled += found
        if self.audited:
            lint_bases(compiled)
            if len(self.shelf.measures) == len(self.shelf.versions):
                every = [(filed.measure, filed.findings) for filed in self.shelf.measures]
                audit_groups(every)
                audit_kinds(every)
            self._proved_definitions()
        return tuple(rule for rule, _ in compiled)

    # definitions

    def _sound_definitions(self) -> frozenset[str]:
        """Definitions without a fault that stand on none with one."""
        for name, (definition, findings) in sorted(self.shelf.definitions.items()):
            compiler = RuleCompiler(self.vocabulary, self.definitions, self.nodes)
            self._uses(definition.use, findings)
            self._circle(name, findings)
            self._conditions(compiler, definition.conditions, {}, findings)
            names = {*definition.conditions, *definition.use}
            check_tree(definition.holds_when, ("holds_when",), names, self.vocabulary, findings)
            if self.audited:
                audit_definition(definition, findings)
                audit_honours(definition.conditions, self.vocabulary.taxonomies, findings)
        faulty = {name for name, (_, findings) in self.shelf.definitions.items() if findings.issues}
        faulty |= set(self.shelf.definition_ids) - self.definitions.keys()
        return frozenset(name for name in self.definitions if not self._reached(name) & faulty)

    def _proved_definitions(self) -> None:
        """A threshold of a definition wants its boundary line in one of the measures that stand on it."""
        proved = {name for filed in self.shelf.measures for name in filed.measure.boundaries}
        used = {name for filed in self.shelf.measures for top in filed.measure.use for name in self._reached(top)}
        for name in self.sound & used:
            definition, findings = self.shelf.definitions[name]
            for condition, written in definition.conditions.items():
                if thresholds_of(written) and f"{name}.{condition}" not in proved:
                    what = f"界限“{name}.{condition}”没有边界用例"
                    hint = f"在一项使用它的措施的 boundaries 中写 {name}.{condition}"
                    findings.refuse("BOUNDARY", what, ("conditions", condition), "至少一项措施写它", hint)

    def _reached(self, name: str) -> set[str]:
        reached, waiting = set[str](), [name]
        while waiting:
            if (used := waiting.pop()) not in reached:
                reached.add(used)
                waiting += self.definitions[used].use if used in self.definitions else ()
        return reached

    def _circle(self, name: str, findings: Findings) -> None:
        """A circle is told once, in the file of its first name."""
        for index, used in enumerate(self.definitions[name].use):
            if name in self._reached(used) and name == min(n for n in self._reached(used) if name in self._reached(n)):
                what = f"共用定义循环引用：{name} → {used} → … → {name}"
                findings.refuse("DEFINITION", what, ("use", index), "不成环的定义", "去掉其中一处 use")

    def _uses(self, use: list[str], findings: Findings) -> None:
        for index, name in enumerate(use):
            if name not in self.shelf.definition_ids:
                allowed = "、".join(sorted(self.shelf.definition_ids)) or "rules/definitions 中的定义"
                findings.refuse("DEFINITION", f"没有共用定义“{name}”", ("use", index), allowed, "改名，或先写这个定义")

    # measures

    def _rule(self, filed: Filed) -> Rule | None:
        measure, findings = filed.measure, filed.findings
        if self.audited:
            audit_measure(measure, self.around, findings)
            audit_names(measure, self.vocabulary.taxonomies, findings)
        if measure.document.id not in self.shelf.document_ids:
            what = f"没有登记的文件“{measure.document.id}”"
            hint = "先在 corpus/documents 登记该文件"
            findings.refuse("DOCUMENT", what, ("document",), "corpus/documents 中的编号", hint)
        compiler = RuleCompiler(self.vocabulary, self.definitions, self.nodes)
        articles = articles_of(measure)
        self._uses(measure.use, findings)
        for name in measure.use:
            if name in self.sound:
                compiler.add_definition(name, articles)
        self._conditions(compiler, measure.conditions, articles, findings)
        names = {*measure.conditions, *measure.use}
        check_tree(measure.eligible_when, ("eligible_when",), names, self.vocabulary, findings)
        document = self.shelf.documents.get(measure.document.id)
        validity = None
        if not self._waits_for_another_file(measure, document):
            following = self._following(measure, document)
            validity = findings.read(("effective",), lambda: validity_of(measure.effective, following))
        if self.audited and document is not None and validity is not None:
            audit_within(validity, document, findings)
        if findings.issues or document is None or validity is None or not self.sound.issuperset(measure.use):
            return None
        rule = Rule(
            measure=measure,
            level=filed.level,
            package=filed.package,
            document=document,
            validity=validity,
            conditions=dict(compiler.conditions),
            root=compiler.keep(compiler.tree(measure.eligible_when)),
            exclusions=tuple(compiler.exclusions),
            gates=tuple(compiler.gates),
        )
        if self.audited:
            audit_rule(rule, findings, self.vocabulary)
            lint_rule(rule, findings)
            lint_rows(rule, findings)
        return rule

    def _waits_for_another_file(self, measure: Measure, document: PolicyDocument | None) -> bool:
        """Whether what supersedes the version is on file but cannot be read: its own faults are told there."""
        if measure.effective.through != "superseded":
            return False
        later = [version for name, version in self.shelf.versions if name == measure.id and version > measure.version]
        if later:
            return all(other.version != min(later) for other in self._later(measure))
        replacement = None if document is None else document.replaced_by
        return document is None or (replacement in self.shelf.document_ids and replacement not in self.shelf.documents)

    def _following(self, measure: Measure, document: PolicyDocument | None) -> str | None:
        """The first day of whatever supersedes the version: the next version, or the document that replaces its own."""
        for other in self._later(measure):
            return other.effective.from_
        replacement = self.shelf.documents.get(document.replaced_by or "") if document is not None else None
        return None if replacement is None else replacement.effective.from_ or replacement.issued_on

    def _later(self, measure: Measure) -> list[Measure]:
        """Readable later versions of a measure, the next one first."""
        family = (filed.measure for filed in self.families[measure.id])
        return [other for other in family if other.version > measure.version]

    def _conditions(
        self,
        compiler: RuleCompiler,
        conditions: Mapping[str, Condition],
        articles: Mapping[str, str],
        findings: Findings,
    ) -> None:
        for name, written in conditions.items():
            place: Place = ("conditions", name)
            unknown = list(self._unknown_facts(written))
            for key, fact in unknown:
                issue = unknown_fact(fact, self.vocabulary)
                findings.refuse(issue.code, issue.what, (*place, key), issue.allowed, issue.hint)
            if unknown or self._mistyped(written, place, findings):
                continue
            try:
                compiler.add_condition(name, written, articles.get(name), None)
            except FactError as error:
                key = "rows" if isinstance(written, FactCondition) and written.rows else "value"
                misread = all(issue.code != "CONDITION" for issue in error.issues)
                findings.take((*place, key) if misread else place, error, f"条件“{name}”：")

    def _unknown_facts(self, written: Condition) -> Iterator[tuple[str, str]]:
        if isinstance(written, FactCondition):
            for key in ("fact", "by", "of", "base"):
                fact = getattr(written, key)
                if fact is not None and fact not in self.vocabulary:
                    yield key, fact

    def _mistyped(self, written: Condition, place: Place, findings: Findings) -> bool:
        """Whether a fact that the condition compares with is of a type it cannot be compared with."""
        if not isinstance(written, FactCondition):
            return False
        own = self.vocabulary[written.fact].type
        before = len(findings.issues)
        for key, kind in (("of", FactType.DATE), ("at", FactType.DATE), ("base", own)):
            fact = getattr(written, key)
            if fact in self.vocabulary and (found := self.vocabulary[fact]).type is not kind:
                what = f"不能与“{found.label}”（{found.type}）比较"
                findings.refuse("CONDITION", what, (*place, key), f"{kind} 类型的事实", "改用合适的事实")
        return len(findings.issues) > before


def check_tree(tree: Tree, place: Place, names: Collection[str], vocabulary: Vocabulary, findings: Findings) -> None:
    """Names that nothing defines, more parts asked for than listed, tables that cannot be read, too many levels."""
    if depth_of(tree) > MAX_DEPTH:
        findings.refuse("TREE_DEPTH", "嵌套过深", place, f"不超过 {MAX_DEPTH} 层", "把一部分写成共用定义")
    for at, part in _walk(tree, place):
        if isinstance(part, str) and part not in names:
            hint = "在 conditions 中定义，或用 use 引用"
            findings.refuse("TREE", f"“{part}”没有定义", at, "、".join(sorted(names)) or "conditions 中的名称", hint)
        elif isinstance(part, AtLeast) and part.at_least.n > (listed := len(part.at_least.of)):
            what = f"at_least 要求 {part.at_least.n} 项，只列了 {listed} 项"
            findings.refuse("TREE", what, (*at, "at_least", "n"), f"1 至 {listed}", "减少 n，或补上条件")
        elif isinstance(part, Rows) and part.rows.by not in vocabulary:
            issue = unknown_fact(part.rows.by, vocabulary)
            findings.refuse(issue.code, issue.what, (*at, "rows", "by"), issue.allowed, issue.hint)
        elif isinstance(part, Rows):
            body = part.rows
            findings.read((*at, "rows", "rows"), lambda body=body: guards_of(body.rows, body.by, vocabulary))  # type: ignore[misc]


def _walk(tree: Tree, place: Place) -> Iterator[tuple[Place, Tree]]:
    """Every part of a tree with its place in the file."""
    yield place, tree
    if isinstance(tree, AllOf):
        yield from _walk_list(tree.all, (*place, "all"))
    elif isinstance(tree, AnyOf):
        yield from _walk_list(tree.any, (*place, "any"))
    elif isinstance(tree, AtLeast):
        yield from _walk_list(tree.at_least.of, (*place, "at_least", "of"))
    elif isinstance(tree, Not):
        yield from _walk(tree.not_, (*place, "not"))
    elif isinstance(tree, IfApplicable):
        yield from _walk(tree.if_applicable.when, (*place, "if_applicable", "when"))
        yield from _walk(tree.if_applicable.then, (*place, "if_applicable", "then"))
    elif isinstance(tree, Rows):
        for index, row in enumerate(tree.rows.rows):
            yield from _walk(row.then, (*place, "rows", "rows", index, "then"))


def _walk_list(parts: list[Tree], place: Place) -> Iterator[tuple[Place, Tree]]:
    for index, part in enumerate(parts):
        yield from _walk(part, (*place, index))


def articles_of(measure: Measure) -> dict[str, str]:
    """The article that each condition, definition, benefit or stacking entry implements; several are joined."""
    found: dict[str, list[str]] = {}
    for clause in measure.clauses:
        for name in clause.by:
            found.setdefault(name, []).append(clause.article)
    return {name: "、".join(dict.fromkeys(articles)) for name, articles in found.items()}
