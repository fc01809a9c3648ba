"""How a measure says that it combines with others, as far as the rule folder can tell.

A group of which only one measure is a member would exclude nothing while its readers
are told that it does: it is refused, with the groups that exist.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from policy_match.authoring.findings import Findings, Place
from policy_match.eligibility.schema import Measure


def audit_stacking(measure: Measure, measures: Collection[str], findings: Findings) -> None:
    """The measures that a `stacking` names exist and are others; `measures`: the ids on file."""
    stacking = measure.stacking
    if stacking is None:
        return
    named: list[tuple[Place, str]] = [(("stacking", "level_substitute"), name) for name in stacking.level_substitute]
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
