"""The compiled rulebook: every version of every measure, ready to decide.

A verdict, its explanation and a batch over many subjects all come from these
objects; there is no second form of a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from policy_match.eligibility.conditions import ConditionParts, Need, compile_condition, guards_of
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.nodes import AllNode, AnyNode, AtLeastNode, Named, Node, NotNode, SelectNode
from policy_match.eligibility.schema import (
    AllOf,
    AnyOf,
    AssumedCondition,
    AtLeast,
    CanChange,
    Definition,
    FactCondition,
    HumanCondition,
    IfApplicable,
    Measure,
    Not,
    Rows,
    Tree,
)
from policy_match.eligibility.stops import Stop
from policy_match.eligibility.validity import Validity
from policy_match.errors import FactError, Issue, NotFound
from policy_match.facts.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """One named condition of one measure. `kind`: fact, human or assumed; `definition`: the shared group it comes from."""

    name: str
    kind: str
    fact: str | None
    node: Named
    needs: tuple[tuple[Node | None, Need], ...]
    can_change: CanChange
    article: str | None
    definition: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one measure, compiled. `gates`: (when, names): conditions asked only where `when` holds.

    `stop`: how its status came to be suspended, if that is a record and not the file. `guards`: those of the tables of its
    benefit that were read so far, each with its table (benefits/formula.py), because every computation asks for them.
    """

    measure: Measure
    level: str
    package: str
    document: PolicyDocument
    validity: Validity
    conditions: Mapping[str, RuleCondition]
    root: Node
    exclusions: tuple[Node, ...]
    gates: tuple[tuple[Node, tuple[str, ...]], ...]
    stop: Stop | None = None
    guards: dict[int, tuple[object, list[Node | None]]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id of the measure, shared by its versions."""
        return self.measure.id

    def in_force(self, as_of: date) -> bool | None:
        """True or False where it is sure, None between; a suspended version is never surely in force."""
        holds = self.validity.holds(as_of)
        return None if holds and self.measure.status == "suspended" else holds


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules sorted by id and version, with what they stand on. Drafts can be proved but decide nothing."""

    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    documents: Mapping[str, PolicyDocument]
    definitions: Mapping[str, Definition]
    _by_id: Mapping[str, tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note the versions of each measure: they are looked up for every line of every answer."""
        by_id: dict[str, list[Rule]] = {}
        for rule in self.rules:
            if rule.measure.status != "draft":
                by_id.setdefault(rule.id, []).append(rule)
        object.__setattr__(self, "_by_id", {measure_id: tuple(rules) for measure_id, rules in by_id.items()})

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the measures that decide, sorted, each once."""
        return tuple(self._by_id)

    def versions(self, measure_id: str) -> tuple[Rule, ...]:
        """Every version of a measure that decides, oldest first; NotFound if there is none."""
        found = self._by_id.get(measure_id)
        if found is None:
            raise NotFound(f"没有编号为“{measure_id}”的措施")
        return found

    def at(self, measure_id: str, as_of: date) -> Rule:
        """The version that decides on a day: surely in force, else perhaps in force, else the last begun, else the first."""
        versions = self.versions(measure_id)
        for answer in (True, None):
            fitting = [rule for rule in versions if rule.in_force(as_of) is answer]
            if fitting:
                return fitting[-1]
        begun = [rule for rule in versions if rule.validity.first <= as_of.toordinal()]
        return begun[-1] if begun else versions[0]

    def suspending(self, stops: Iterable[Stop]) -> Rulebook:
        """The same rulebook with the versions that are stopped suspended; of two stops of a version the later one tells why.

        A stop of a version that the rulebook does not hold changes nothing.
        """
        held = {stop.rule: stop for stop in stops}
        if not held:
            return self
        return replace(self, rules=tuple(_suspended(rule, held) for rule in self.rules))


def _suspended(rule: Rule, stops: Mapping[tuple[str, int], Stop]) -> Rule:
    stop = stops.get((rule.id, rule.measure.version))
    if stop is None or rule.measure.status == "draft":
        return rule
    return replace(rule, measure=rule.measure.model_copy(update={"status": "suspended"}), stop=stop)


class RuleCompiler:
    """Compile one measure; faults are reported through `refuse(path, issue)` and the measure is given up."""

    def __init__(self, vocabulary: Vocabulary, definitions: Mapping[str, Definition], nodes: dict[Node, Node]) -> None:
        self.vocabulary, self.definitions, self.nodes = vocabulary, definitions, nodes
        self.conditions: dict[str, RuleCondition] = {}
        self.groups: dict[str, Node] = {}
        self.exclusions: list[Node] = []
        self.gates: list[tuple[Node, tuple[str, ...]]] = []

    def keep(self, node: Node) -> Node:
        """Share equal nodes between measures."""
        return self.nodes.setdefault(node, node)

    def add_condition(
        self,
        name: str,
        written: FactCondition | HumanCondition | AssumedCondition,
        article: str | None,
        definition: str | None,
    ) -> None:
        """Compile a condition under its name; FactError for what is wrong with it."""
        parts: ConditionParts = compile_condition(written, self.vocabulary)
        is_fact = isinstance(written, FactCondition)
        label = parts.needs[0][1].text
        if isinstance(written, FactCondition):
            label = written.label or self.vocabulary[written.fact].label
        self.conditions[name] = RuleCondition(
            name=name,
            kind="fact" if is_fact else "human" if isinstance(written, HumanCondition) else "assumed",
            fact=written.fact if isinstance(written, FactCondition) else None,
            node=Named(name, self.keep(parts.node)),
            needs=parts.needs,
            can_change=written.can_change if isinstance(written, FactCondition) else "never",
            article=article,
            definition=definition,
            label=label,
        )

    def add_definition(self, name: str, articles: Mapping[str, str], within: str | None = None) -> None:
        """Take up a shared definition: its conditions as `definition.condition`, its tree under its own name.

        `within`: the article by which another definition takes it up, where no clause names it itself.
        """
        if name in self.groups:
            return
        definition = self.definitions[name]
        article = articles.get(name, within)
        for used in definition.use:
            self.add_definition(used, articles, article)
        for condition, written in definition.conditions.items():
            self.add_condition(f"{name}.{condition}", written, article, name)
        node = self.tree(definition.holds_when, prefix=f"{name}.")
        self.groups[name] = node
        if definition.kind == "exclusion":
            self.exclusions.append(node)

    def tree(self, tree: Tree, prefix: str = "") -> Node:
        """Compile a tree of names; FactError for a name that nothing defines."""
        if isinstance(tree, str):
            return self.named(tree, prefix)
        if isinstance(tree, AllOf):
            return AllNode(tuple(self.tree(part, prefix) for part in tree.all))
        if isinstance(tree, AnyOf):
            return AnyNode(tuple(self.tree(part, prefix) for part in tree.any))
        if isinstance(tree, Not):
            return NotNode(self.tree(tree.not_, prefix))
        if isinstance(tree, AtLeast):
            return self.at_least(tree, prefix)
        if isinstance(tree, Rows):
            guards = guards_of(tree.rows.rows, tree.rows.by, self.vocabulary)
            rows = zip(guards, (self.tree(row.then, prefix) for row in tree.rows.rows), strict=True)
            return SelectNode(tuple(rows))
        if isinstance(tree, IfApplicable):
            when, then = self.tree(tree.if_applicable.when, prefix), self.tree(tree.if_applicable.then, prefix)
            self.gates.append((when, tuple(_names(then))))
            return AnyNode((NotNode(when), then))
        raise TypeError(type(tree).__name__)

    def at_least(self, tree: AtLeast, prefix: str) -> Node:
        body = tree.at_least
        if body.n > len(body.of):
            raise FactError(
                Issue("TREE", f"at_least 要求 {body.n} 项，只列了 {len(body.of)} 项", "", f"1 至 {len(body.of)}")
            )
        return AtLeastNode(body.n, tuple(self.tree(part, prefix) for part in body.of))

    def named(self, name: str, prefix: str) -> Node:
        if prefix + name in self.conditions:
            return self.conditions[prefix + name].node
        if name in self.groups:
            return self.groups[name]
        known = [n.removeprefix(prefix) for n in self.conditions] + list(self.groups)
        raise FactError(
            Issue("TREE", f"“{name}”没有定义", "", "、".join(known[:20]), "在 conditions 中定义，或用 use 引用")
        )


def _names(node: Node) -> list[str]:
    if isinstance(node, Named):
        return [node.name]
    if isinstance(node, AllNode | AnyNode | AtLeastNode):
        return [name for part in node.parts for name in _names(part)]
    if isinstance(node, NotNode):
        return _names(node.part)
    if isinstance(node, SelectNode):
        return [name for _, then in node.rows for name in _names(then)]
    return []
