"""List the frozen evaluations, and compute one again from its own texts: it must give the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from policy_match.schemes.cohorts import evaluate_cohort
from policy_match.schemes.frozen import (
    content_hash,
    groups_text,
    read_inputs,
    read_members,
    results_text,
)
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.words import Of
from policy_match.schemes.yearly import evaluate
from policy_match.store import evaluations
from policy_match.store.evaluation_tables import EvaluationRun
from policy_match.workflows.evaluate_year import held_run, scheme_of
from policy_match.workflows.evaluation_progress import Progress, progress_of
from policy_match.workflows.open_archive import Archive


@dataclass(frozen=True, slots=True)
class RunLine:
    """One frozen run in the list. `period`: a year, or a period of a cohort."""

    number: int
    name: str
    scheme: str
    version: int
    of: Of
    period: str
    made_at: datetime
    content_hash: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Replayed:
    """A frozen run computed again: whether its results came out byte by byte, and whether its hash still holds."""

    number: int
    same_results: bool
    same_hash: bool

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return self.same_results and self.same_hash


def list_runs(archive: Archive, library: str) -> tuple[RunLine, ...]:
    """The frozen runs of a library, the newest first."""
    with archive.database.reading() as session:
        found = [(run, evaluations.steps(session, run.id)) for run in evaluations.runs(session, library)]
        return tuple(_line(run, scheme_of(archive, run), progress_of(steps)) for run, steps in found)


def kind_of(archive: Archive, library: str, number: int) -> Of:
    """What the scheme of a frozen run is of; NotFound EVAL_RUN."""
    with archive.database.reading() as session:
        return scheme_of(archive, held_run(session, library, number)).of


def replay_run(archive: Archive, library: str, number: int) -> Replayed:
    """Compute a frozen run again from its own texts, and compare; NotFound EVAL_RUN."""
    with archive.database.reading() as session:
        run = held_run(session, library, number)
    again = _again(scheme_of(archive, run), run.inputs)
    digest = content_hash(run.scheme_text, run.inputs, run.results)
    return Replayed(number, again == run.results, digest == run.content_hash)


def _again(scheme: Scheme, text: str) -> str:
    if scheme.of is Of.COHORT:
        return groups_text(evaluate_cohort(scheme, read_members(text)))
    inputs = read_inputs(text)
    return results_text(evaluate(scheme, inputs.projects, inputs.last_day))


def _line(run: EvaluationRun, scheme: Scheme, progress: Progress) -> RunLine:
    return RunLine(
        run.id, scheme.name, run.scheme, run.version, scheme.of, run.period, run.made_at, run.content_hash, progress
    )
