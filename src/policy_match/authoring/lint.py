"""Faults of meaning that no single line shows.

A measure nobody can satisfy, a condition that another one beside it already implies,
two cash benefits on one base of which neither says how it combines. Only what holds
for every subject is reported: the checks are sound, not complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.reach import exclude, implies, unreachable_row
from policy_match.eligibility.leaves import InRange, Leaf
from policy_match.eligibility.nodes import AllNode, AnyNode, AtLeastNode, Named, Node, NotNode, SelectNode, Test
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema_benefit import bases_of


def lint_rule(rule: Rule, findings: Findings) -> None:
    """Faults of meaning in one version."""
    if _is_impossible(rule.root):
        pair = next(_conflicts(rule.root), None)
        what = "没有人能满足全部条件" + ("" if pair is None else f"：{pair[0]} 与 {pair[1]} 互相排斥")
        hint = "检查数值、运算词，或把 all 改为 any"
        findings.refuse("IMPOSSIBLE", what, ("eligible_when",), "可以同时成立的条件", hint)
        return
    for narrow, wide in _implied(rule.root):
        place: Place = ("conditions", wide) if wide in rule.measure.conditions else ("eligible_when",)
        what = f"条件“{wide}”已由“{narrow}”包括"
        findings.refuse("IMPLIED", what, place, "同一组里互不包含的条件", "删去较宽的一个，或检查数值")


def lint_rows(rule: Rule, findings: Findings) -> None:
    """Rows of threshold tables and of groups that an earlier row already covers."""
    for name, condition in rule.conditions.items():
        node = condition.node.node
        if name in rule.measure.conditions and isinstance(node, SelectNode):
            _reach(node, ("conditions", name), findings)
    for node in _inner(rule.root):
        if isinstance(node, SelectNode):
            _reach(node, ("eligible_when",), findings)


def lint_bases(rules: Sequence[tuple[Rule, Findings]]) -> None:
    """Active measures that pay cash on one base, perhaps on one day, while neither says how it combines."""
    paying = [
        (rule, findings, set(bases_of(benefit)))
        for rule, findings in rules
        if (benefit := rule.measure.benefit) is not None
        and benefit.kind == "cash"
        and rule.measure.status == "active"
        and rule.measure.stacking is None
    ]
    for (older, _, bases), (newer, findings, others) in combinations(paying, 2):
        if older.id != newer.id and bases & others and _may_meet(older, newer):
            what = (
                f"与“{older.measure.title}”（{older.id}）都按 {'、'.join(sorted(bases & others))} 给钱，没有写怎样合用"
            )
            allowed = "stacking: exclusive、level_substitute、free、unwritten 等"
            findings.refuse("STACKING_MISSING", what, ("benefit",), allowed, "补上 stacking；文件没写时用 unwritten")


def _may_meet(one: Rule, other: Rule) -> bool:
    ends = [end for end in (one.validity.last, other.validity.last) if end is not None]
    begins = max(one.validity.first, other.validity.first)
    return begins <= min(ends, default=begins)


def _reach(node: SelectNode, place: Place, findings: Findings) -> None:
    index = unreachable_row([guard for guard, _ in node.rows])
    if index is not None:
        what = f"分档表第 {index + 1} 行不会用到：前面的行已包括它"
        findings.refuse("ROWS", what, place, "各行先窄后宽", "调整顺序或界限")


def _inner(node: Node) -> Iterator[Node]:
    """Nodes of the tree itself, not those inside its conditions."""
    yield node
    if isinstance(node, AllNode | AnyNode | AtLeastNode):
        for part in node.parts:
            yield from _inner(part)
    elif isinstance(node, NotNode):
        yield from _inner(node.part)
    elif isinstance(node, SelectNode):
        for _, then in node.rows:
            yield from _inner(then)


def _joined(node: Node) -> Iterator[Node]:
    """The parts that must all hold for a node to hold, nested groups laid flat."""
    if isinstance(node, AllNode):
        for part in node.parts:
            yield from _joined(part)
    else:
        yield node


def _named_tests(node: Node) -> list[tuple[str, Leaf]]:
    return [
        (part.name, part.node.leaf) for part in _joined(node) if isinstance(part, Named) and isinstance(part.node, Test)
    ]


def _is_impossible(node: Node) -> bool:
    if isinstance(node, AllNode):
        return next(_conflicts(node), None) is not None or any(map(_is_impossible, _joined(node)))
    if isinstance(node, AnyNode):
        return all(map(_is_impossible, node.parts))
    if isinstance(node, AtLeastNode):
        return sum(not _is_impossible(part) for part in node.parts) < node.count
    if isinstance(node, SelectNode):
        return all(_is_impossible(then) for _, then in node.rows)
    if isinstance(node, Named):
        return isinstance(node.node, Test) and _is_empty(node.node.leaf)
    return False


def _is_empty(leaf: Leaf) -> bool:
    return isinstance(leaf, InRange) and leaf.low is not None and leaf.high is not None and leaf.low > leaf.high


def _conflicts(node: Node) -> Iterator[tuple[str, str]]:
    """Pairs of conditions, all of which must hold, that no value meets together; or one holds and is denied."""
    tests = _named_tests(node)
    for (one, first), (other, second) in combinations(tests, 2):
        if exclude(first, second):
            yield one, other
    for part in _joined(node):
        if isinstance(part, NotNode) and isinstance(part.part, Named) and isinstance(part.part.node, Test):
            for name, leaf in tests:
                if implies(leaf, part.part.node.leaf):
                    yield name, f"not {part.part.name}"


def _implied(root: Node) -> Iterator[tuple[str, str]]:
    """(narrow, wide): conditions that stand side by side under one `all`, the first of which implies the second."""
    seen: set[tuple[str, str]] = set()
    for node in _groups(root):
        for (one, first), (other, second) in combinations(_named_tests(node), 2):
            pair = (one, other) if implies(first, second) else (other, one)
            if pair not in seen and (implies(first, second) or implies(second, first)):
                seen.add(pair)
                yield pair


def _groups(node: Node) -> Iterator[Node]:
    """Every `all` that does not itself stand directly in an `all`."""
    if isinstance(node, AllNode):
        yield node
        for part in _joined(node):
            yield from _groups(part)
    elif isinstance(node, AnyNode | AtLeastNode):
        for part in node.parts:
            yield from _groups(part)
    elif isinstance(node, NotNode):
        yield from _groups(node.part)
    elif isinstance(node, SelectNode):
        for _, then in node.rows:
            yield from _groups(then)
