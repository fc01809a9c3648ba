"""Evaluate the projects of a library for a year by a scheme: compute it, and freeze it.

A frozen run holds the scheme, what was read and what came of it as text; nothing that is recorded or changed later
changes it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.authoring.scheme_file import read_scheme
from policy_match.dates import local_day
from policy_match.errors import Issue, NotFound, UsageError
from policy_match.facts.observations import Purpose
from policy_match.schemes.figures import Project
from policy_match.schemes.frozen import Inputs, content_hash, inputs_text, read_inputs, read_results, results_text
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.words import Of
from policy_match.schemes.yearly import Results, Standing, evaluate
from policy_match.store import audit, evaluations
from policy_match.store.evaluation_tables import EvaluationRun
from policy_match.workflows.gather_evaluation import Gathering
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_schemes import chosen_scheme
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_library_desk

ACTION = "evaluate"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which evaluation: the year, and the scheme by id and version; None: the first one, its newest version."""

    year: int
    scheme: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation with its scheme. `number` None: computed now and not frozen; `made_at`, `content_hash` with it."""

    scheme: Scheme
    inputs: Inputs
    results: Results
    year: int
    as_of: date
    library: str
    number: int | None = None
    made_at: datetime | None = None
    content_hash: str | None = None

    def project(self, code: str) -> Project:
        """What was read of a project; KeyError for one that is not in it."""
        place = bisect_left(self.inputs.projects, code, key=lambda one: one.code)
        if place == len(self.inputs.projects) or self.inputs.projects[place].code != code:
            raise KeyError(code)
        return self.inputs.projects[place]


def evaluate_year(archive: Archive, library: str, asked: Asked, now: datetime, as_of: date | None = None) -> Evaluated:
    """Compute it by what is known now, or was on an earlier day; nothing is stored. NotFound SCHEME_UNKNOWN."""
    scheme = chosen_scheme(archive, Of.PROJECT, asked.scheme, asked.version)
    with archive.database.reading() as session:
        return _evaluated(session, archive, library, scheme, asked.year, now, as_of or local_day(now))


def freeze_year(archive: Archive, asked: Asked, by: By) -> Evaluated:
    """Compute it and keep it. UsageError EVAL_YEAR_OPEN before the year is over, Forbidden CARE_ROLE, NotFound SCHEME_UNKNOWN."""
    last = date(asked.year, 12, 31)
    if by.today <= last:
        what = f"{asked.year} 年还没有结束，不能封存评价"
        raise UsageError(Issue("EVAL_YEAR_OPEN", what, str(asked.year), f"{last} 以后", "不封存的可以先看"))
    scheme = chosen_scheme(archive, Of.PROJECT, asked.scheme, asked.version)
    with at_library_desk(archive, ACTION, by, about=f"{scheme.id} {asked.year}") as (session, who):
        made = _evaluated(session, archive, by.library, scheme, asked.year, by.now, by.today)
        inputs, results = inputs_text(made.inputs), results_text(made.results)
        digest = content_hash(scheme.text, inputs, results)
        run = evaluations.add_run(
            session,
            EvaluationRun(
                library=by.library, scheme=scheme.id, version=scheme.version, period=str(asked.year), as_of=made.as_of,
                made_at=by.now, actor_id=who.id, scheme_text=scheme.text, inputs=inputs, results=results,
                content_hash=digest,
            ),
        )  # fmt: skip
        graded = len(made.results.of(Standing.GRADED))
        audit.record(
            session, who, "evaluation.freeze", object_kind="evaluation", object_id=str(run.id), at=by.now,
            library=by.library,
            detail={"scheme": scheme.id, "version": scheme.version, "year": asked.year, "hash": digest, "graded": graded},
        )  # fmt: skip
        return _of_run(archive, run)


def _evaluated(
    session: Session, archive: Archive, library: str, scheme: Scheme, year: int, now: datetime, as_of: date
) -> Evaluated:
    view = View.of(as_of, None, now, Purpose.EVALUATION)
    gathered = Gathering(session, archive, library, scheme, year, view)
    projects = sorted(gathered.projects(), key=lambda one: one.code)
    inputs = Inputs(date(year, 12, 31), tuple(projects))
    return Evaluated(scheme, inputs, evaluate(scheme, inputs.projects, inputs.last_day), year, as_of, library)


def read_run(archive: Archive, library: str, number: int) -> Evaluated:
    """A frozen yearly run as it was frozen; NotFound EVAL_RUN."""
    with archive.database.reading() as session:
        return read_held(archive, held_run(session, library, number))


def read_held(archive: Archive, run: EvaluationRun) -> Evaluated:
    """The same of a stored run; NotFound EVAL_RUN for one of a cohort."""
    if scheme_of(archive, run).of is not Of.PROJECT:
        raise _no_run(run.id)
    return _of_run(archive, run)


def held_run(session: Session, library: str, number: int) -> EvaluationRun:
    """The stored run of a library; NotFound EVAL_RUN."""
    found = evaluations.run_of(session, number)
    if found is None or found.library != library:
        raise _no_run(number)
    return found


def _no_run(number: int) -> NotFound:
    return NotFound(Issue("EVAL_RUN", f"没有编号 {number} 的评价", "", "", "看评价列表里的编号"))


def scheme_of(archive: Archive, run: EvaluationRun) -> Scheme:
    """The scheme as it was when the run was frozen, whatever the folder says now."""
    return read_scheme(run.scheme_text, f"评价 {run.id} 的方案", archive.vocabulary, archive.table)


def _of_run(archive: Archive, run: EvaluationRun) -> Evaluated:
    return Evaluated(
        scheme_of(archive, run),
        read_inputs(run.inputs),
        read_results(run.results),
        int(run.period),
        run.as_of,
        run.library,
        run.id,
        run.made_at,
        run.content_hash,
    )
