"""Which results of an evaluation a viewer sees: all, those of the own district, or of the own firm's projects once they were sent.

A firm sees no draft, and nobody's result but its own. Figures that were read lie under the same veil as everywhere: who
sees no tax and output figures sees the range they lie in, or nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from policy_match.access.permissions import Permissions, Reach, Right
from policy_match.access.viewer import Viewer
from policy_match.errors import Issue, NotFound
from policy_match.facts.veil import OFF, Veil
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.schemes.cohorts import Group
from policy_match.schemes.figures import Given
from policy_match.schemes.scheme import Input
from policy_match.schemes.words import From, Of
from policy_match.schemes.yearly import Row
from policy_match.units import Band
from policy_match.workflows.evaluate_stage import StageEvaluated
from policy_match.workflows.evaluate_year import Evaluated
from policy_match.workflows.evaluation_progress import Stage
from policy_match.workflows.replay_evaluation import RunLine
from policy_match.workflows.report_evaluation import UNKNOWN, SeenRun

EVALUATION = "evaluation"
_SHOWN = (Reach.ALL, Reach.OWN, Reach.PUBLIC)


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a viewer sees: everything, a district, or (`codes`) the projects of the own firm. `facts`: reach of figures."""

    everything: bool
    district: str | None
    codes: frozenset[str] | None
    facts: Reach | None

    def sees(self, row: Row) -> bool:
        """Whether a result is seen."""
        if self.codes is not None:
            return row.code in self.codes
        return self.everything or (self.district is not None and row.district == self.district)

    def lists(self, run: RunLine) -> bool:
        """Whether a run is seen at all: a firm sees its own results once they were sent."""
        return self.codes is None or (run.of is Of.PROJECT and run.progress.stage is not Stage.DRAFT)


def evaluation_sight(viewer: Viewer, permissions: Permissions, own: Collection[str]) -> Sight:
    """The sight of a viewer; `own`: codes of its firm's projects. Forbidden PERMISSION for who sees no evaluation."""
    reach = permissions.require(viewer, EVALUATION, Right.READ)
    facts = permissions.reach(viewer, "facts", Right.READ)
    is_firm = viewer.role == "enterprise" or viewer.firm is not None
    return Sight(reach is Reach.ALL and not is_firm, viewer.region, frozenset(own) if is_firm else None, facts)


def see_run(found: Evaluated, sight: Sight, permissions: Permissions, vocabulary: Vocabulary) -> SeenRun:
    """A yearly run as far as it is seen."""
    rows = tuple(row for row in found.results.rows if sight.sees(row))
    veil = OFF if sight.facts in _SHOWN else Veil(_covered(found, permissions), as_range=sight.facts is Reach.BAND)
    return SeenRun(found, rows, lambda asked, given: _text(asked, given, veil, vocabulary))


def see_groups(found: StageEvaluated, sight: Sight) -> tuple[Group, ...]:
    """The groups of a stage evaluation that are seen: of a district its own alone, of a firm none."""
    if sight.everything:
        return found.groups
    if sight.codes is not None:
        return ()
    return tuple(one for one in found.groups if one.axis == "district" and one.name == sight.district)


def no_run(number: int) -> NotFound:
    """The refusal of a run that is not there, or not for the viewer."""
    return NotFound(Issue("EVAL_RUN", f"没有编号 {number} 的评价", "", "", "看评价列表里的编号"))


def _covered(found: Evaluated, permissions: Permissions) -> frozenset[str]:
    """The monthly figures, which tell of tax and output, and the facts that are sensitive everywhere."""
    months = {one.code for one in found.scheme.inputs.values() if one.read_from is not From.FACT}
    return permissions.sensitive | months


def _text(asked: Input, given: Given, veil: Veil, vocabulary: Vocabulary) -> str:
    if given.value is None:
        return UNKNOWN
    if not veil.covers(asked.code):
        return given.shown
    is_fact = asked.read_from is From.FACT
    spec = (
        vocabulary[asked.code] if is_fact else FactSpec(asked.code, asked.name, FactType(asked.kind.value), "project")
    )
    value = given.value if given.value.denominator != 1 else given.value.numerator
    return veil.text(spec, Band.exact(value), vocabulary)
