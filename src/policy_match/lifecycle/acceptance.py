"""What is ready for the joint acceptance (联合验收) of a project under construction, and what is still lacking. 方案 二(二)5.

The parts are those that the table takes together in place of the joint opinion at the point that ends the construction.
A part is ready once a piece of evidence under its name stands at a step; nothing here refuses or advances anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policy_match.lifecycle.events import State
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import LIVING


@dataclass(frozen=True, slots=True)
class Readiness:
    """The parts that are ready and those that lack, each in the order of the table."""

    ready: tuple[str, ...]
    lacking: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether joint acceptance can be offered."""
        return not self.lacking


def acceptance_parts(point: str | None, variant: str | None, table: LifecycleTable) -> tuple[str, ...]:
    """The kinds of evidence that together stand for one at the next point; none where no group is taken together, or where
    the kind of project is known to need none."""
    groups = (
        group for move in table.transitions if move.start == point and point is not None for group in move.evidence
    )
    asked = [group for group in groups if variant is None or not group.variants or variant in group.variants]
    kinds = {kind for group in asked for together in group.any_of if len(together) > 1 for kind in together}
    order = [part for step in table.milestones for part in step.parts]
    return tuple(sorted(kinds, key=lambda kind: (_place(kind, order), kind)))


def _place(kind: str, order: list[str]) -> int:
    return next((place for place, part in enumerate(order) if kind.startswith(part)), len(order))


def readiness(state: State, steps: Iterable[Milestone], variant: str | None, table: LifecycleTable) -> Readiness | None:
    """What stands at the steps of a living project; None where no joint acceptance lies ahead of it."""
    parts = acceptance_parts(state.point, variant, table) if state.side in LIVING else ()
    if not parts:
        return None
    shown = [piece for step in steps for piece in step.evidence]
    ready = tuple(part for part in parts if any(piece.startswith(part) for piece in shown))
    return Readiness(ready, tuple(part for part in parts if part not in ready))
