"""How a measure says that it combines with others, as far as the rule folder can tell.

A group of which only one measure is a member would exclude nothing while its readers
are told that it does: it is refused, with the groups that exist. Benefits of different
kinds (cash, tax, …) have no common measure by which one of them could be chosen: they
cannot stand in one group, nor draw on one limit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from policy_match.authoring.findings import Findings, Place
from policy_match.eligibility.schema import Measure


def audit_stacking(measure: Measure, measures: Collection[str], findings: Findings) -> None:
    """The measures that a `stacking` names exist and are others; `measures`: the ids on file."""
    stacking = measure.stacking
    if stacking is None:
        return
    named: list[tuple[Place, str]] = [(("stacking", "level_substitute"), name) for name in stacking.level_substitute]
    named += [(("stacking", "unwritten_with"), name) for name in stacking.unwritten_with]
    named += [] if stacking.top_up_of is None else [(("stacking", "top_up_of"), stacking.top_up_of)]
    for at, name in named:
        if name not in measures or name == measure.id:
            what = f"stacking 所列的措施“{name}”{'是它自己' if name == measure.id else '不存在'}"
            findings.refuse("STACKING", what, at, "其他措施的编号", "改正编号，或先录入该措施")


def audit_groups(filed: Sequence[tuple[Measure, Findings]]) -> None:
    """Exclusive groups with a single member; every measure of the folder must be among `filed`."""
    members: dict[str, set[str]] = {}
    for measure, _ in filed:
        if measure.stacking is not None and measure.stacking.exclusive is not None:
            members.setdefault(measure.stacking.exclusive, set()).add(measure.id)
    shared = [f"{name}（{'、'.join(sorted(ids))}）" for name, ids in sorted(members.items()) if len(ids) > 1]
    for measure, findings in filed:
        group = None if measure.stacking is None else measure.stacking.exclusive
        if group is not None and len(members[group]) == 1:
            what = f"互斥组“{group}”里只有这一项措施，什么也不排斥"
            hint = "对方措施的 stacking 也写 exclusive 同一个组名；对方还没有录入的，这里改用 unwritten 写明"
            findings.refuse(
                "STACKING_ALONE", what, ("stacking", "exclusive"), "；".join(shared) or "至少两项措施", hint
            )


def audit_kinds(filed: Sequence[tuple[Measure, Findings]]) -> None:
    """Measures that are weighed against each other are of one kind; every measure of the folder must be among `filed`."""
    kinds: dict[str, set[str]] = {}
    groups: dict[str, set[str]] = {}
    for measure, _ in filed:
        if measure.benefit is not None:
            kinds.setdefault(measure.id, set()).add(measure.benefit.kind)
            if measure.stacking is not None and measure.stacking.exclusive is not None:
                groups.setdefault(measure.stacking.exclusive, set()).add(measure.benefit.kind)
    for measure, findings in filed:
        for place, name, others in _weighed_against(measure, kinds, groups):
            mixed = kinds.get(measure.id, set()) | others
            if len(mixed) > 1:
                what = f"“{name}”里有几种性质的待遇（{'、'.join(sorted(mixed))}），金额无法比较"
                findings.refuse("STACKING_KINDS", what, place, "同一性质（kind）的待遇", "分开写，或改正 kind")


def _weighed_against(
    measure: Measure, kinds: Mapping[str, set[str]], groups: Mapping[str, set[str]]
) -> Iterator[tuple[Place, str, set[str]]]:
    """Where a measure is weighed against others: the entry, what it names, and the kinds of those named."""
    stacking = measure.stacking
    if stacking is not None and stacking.exclusive is not None:
        yield ("stacking", "exclusive"), stacking.exclusive, groups.get(stacking.exclusive, set())
    named = [] if stacking is None else [("unwritten_with", name) for name in stacking.unwritten_with]
    named += [] if stacking is None else [("level_substitute", name) for name in stacking.level_substitute]
    named += [] if stacking is None or stacking.top_up_of is None else [("top_up_of", stacking.top_up_of)]
    for key, name in named:
        yield ("stacking", key), name, kinds.get(name, set())
    for place, cap in enumerate(measure.benefit.caps if measure.benefit is not None else ()):
        for name in cap.shared_with:
            yield ("benefit", "caps", place, "shared_with"), name, kinds.get(name, set())
