"""Keep evaluation runs, their steps and figures put in by hand. Runs and steps are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from policy_match.store.evaluation_tables import EvaluationOverride, EvaluationRun, EvaluationStep

_CHUNK = 500


def add_run(session: Session, run: EvaluationRun) -> EvaluationRun:
    """Keep a run; it gets its number."""
    session.add(run)
    session.flush()
    return run


def run_of(session: Session, number: int) -> EvaluationRun | None:
    """The run of a number; None if there is none."""
    return session.get(EvaluationRun, number)


def runs(session: Session, library: str) -> Sequence[EvaluationRun]:
    """The runs of a library, the newest first, without what they read and what came of it, which is long."""
    asked = select(EvaluationRun).where(EvaluationRun.library == library).order_by(EvaluationRun.id.desc())
    long = (defer(column, raiseload=True) for column in (EvaluationRun.inputs, EvaluationRun.results))
    return session.scalars(asked.options(*long)).all()


def add_step(session: Session, step: EvaluationStep) -> EvaluationStep:
    """Keep a step; it gets its number."""
    session.add(step)
    session.flush()
    return step


def steps(session: Session, run: int) -> Sequence[EvaluationStep]:
    """What was done with a run, in time."""
    return session.scalars(select(EvaluationStep).where(EvaluationStep.run_id == run).order_by(EvaluationStep.id)).all()


def add_override(session: Session, override: EvaluationOverride) -> EvaluationOverride:
    """Keep a figure that somebody wants to put in; it counts once it is confirmed."""
    session.add(override)
    session.flush()
    return override


def override_of(session: Session, number: int) -> EvaluationOverride | None:
    """The figure of a number; None if there is none."""
    return session.get(EvaluationOverride, number)


def overrides(session: Session, library: str) -> Sequence[EvaluationOverride]:
    """Every figure put in by hand in a library, the newest first."""
    asked = select(EvaluationOverride).where(EvaluationOverride.library == library)
    return session.scalars(asked.order_by(EvaluationOverride.id.desc())).all()


def confirmed(
    session: Session, subject_ids: Sequence[int], scheme: str, year: int, until: datetime
) -> dict[tuple[int, str], EvaluationOverride]:
    """The figures that count for a year by an instant, by subject and input: of several the one confirmed last."""
    found: dict[tuple[int, str], EvaluationOverride] = {}
    for start in range(0, len(subject_ids), _CHUNK):
        asked = select(EvaluationOverride).where(
            EvaluationOverride.subject_id.in_(subject_ids[start : start + _CHUNK]),
            EvaluationOverride.scheme == scheme,
            EvaluationOverride.year == year,
            EvaluationOverride.confirmed_at.is_not(None),
            EvaluationOverride.confirmed_at <= until,
        )
        ordered = asked.order_by(EvaluationOverride.confirmed_at, EvaluationOverride.id)
        found |= {(row.subject_id, row.input): row for row in session.scalars(ordered)}
    return found
