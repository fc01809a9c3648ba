"""What a draft that is being written would do to the subjects of a library: 测算, nothing is stored."""

from __future__ import annotations

from policy_match.workflows.group_subjects import groupings_of
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.read_draft import Checked
from policy_match.workflows.simulate_draft import Drafts, Simulation, simulate
from policy_match.workflows.weigh_rules import Weighing


def weigh_draft(checked: Checked, library: Library) -> Simulation | None:
    """Who gains and loses against what decides now; None for a draft that is no rule yet."""
    if checked.rule is None:
        return None
    weighing = Weighing(library.matching, library.matching)
    drafts = Drafts(checked.now, ((checked.replaced, checked.rule),))
    return simulate(drafts, weighing, groupings_of(library.matching.table, library.table))
