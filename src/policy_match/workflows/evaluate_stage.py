"""The stage evaluation of a cohort: the projects signed (or started, or completed) in a period, and how far they came.

Yearly figures are those of the last year that was over on the day. It is computed on any day, and frozen as any other run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.facts.cells import Items
from policy_match.facts.observations import Purpose
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.cohorts import Group, Member, evaluate_cohort
from policy_match.schemes.frozen import content_hash, groups_text, members_text, read_groups, read_members
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.words import Of
from policy_match.store import audit, evaluations
from policy_match.store.evaluation_tables import EvaluationRun
from policy_match.workflows.evaluate_year import ACTION, held_run, scheme_of
from policy_match.workflows.gather_evaluation import Gathering
from policy_match.workflows.list_standings import reporting_unit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_schemes import chosen_scheme
from policy_match.workflows.read_records import Record, View
from policy_match.workflows.write_entry import By, at_library_desk

_PERIOD = re.compile(r"(20\d{2})(?:H([12])|Q([1-4]))?$")
_FORM = "2025、2025H1、2025Q2"
_LENGTHS = {"year": "整年 2025", "half_year": "半年 2025H1", "quarter": "季度 2025Q2"}


@dataclass(frozen=True, slots=True)
class CohortPeriod:
    """A year, half-year or quarter, by its name; both days included."""

    name: str
    kind: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class StageAsked:
    """Which stage evaluation: the period, the scheme, and the point that makes the cohort (None: as the scheme says)."""

    period: str
    scheme: str | None = None
    version: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class StageEvaluated:
    """A stage evaluation with its scheme. `number` None: computed now and not frozen; `by`: the point of the cohort."""

    scheme: Scheme
    members: tuple[Member, ...]
    groups: tuple[Group, ...]
    period: str
    by: str
    as_of: date
    library: str
    number: int | None = None
    made_at: datetime | None = None
    content_hash: str | None = None


def parse_cohort(written: str) -> CohortPeriod:
    """2025, 2025H1, 2025Q2; UsageError PERIOD_FORM."""
    found = _PERIOD.match(written.strip().upper())
    if found is None:
        raise UsageError(Issue("PERIOD_FORM", f"“{written[:20]}”不是评价期间", "--stage", _FORM, "写年份、半年或季度"))
    year, half, quarter = int(found[1]), found[2], found[3]
    months = 6 if half else 3 if quarter else 12
    begin = (int(half or quarter or 1) - 1) * months + 1
    after = date(year + (begin + months > 12), (begin + months - 1) % 12 + 1, 1)
    kind = "half_year" if half else "quarter" if quarter else "year"
    return CohortPeriod(found[0], kind, date(year, begin, 1), after - timedelta(days=1))


def evaluate_stage(
    archive: Archive, library: str, asked: StageAsked, now: datetime, as_of: date | None = None
) -> StageEvaluated:
    """Compute it by what is known now, or was on an earlier day; UsageError for a period that the scheme does not have."""
    scheme, period, by = _chosen(archive, asked)
    with archive.database.reading() as session:
        return _evaluated(session, archive, library, (scheme, period, by), now, as_of or local_day(now))


def freeze_stage(archive: Archive, asked: StageAsked, by: By) -> StageEvaluated:
    """Compute it and keep it. UsageError EVAL_YEAR_OPEN before the period is over, Forbidden CARE_ROLE."""
    scheme, period, point = _chosen(archive, asked)
    if by.today <= period.last:
        what = f"{period.name} 还没有结束，不能封存评价"
        raise UsageError(Issue("EVAL_YEAR_OPEN", what, period.name, f"{period.last} 以后", "不封存的可以先看"))
    if point != scheme.cohort_terms.by:
        hint = "换一批项目的只看不封存，或另写一个方案"
        raise Conflict(Issue("EVAL_COHORT", "封存的按方案写的跟踪点分批", "--by-point", scheme.cohort_terms.by, hint))
    with at_library_desk(archive, ACTION, by, about=f"{scheme.id} {period.name}") as (session, who):
        made = _evaluated(session, archive, by.library, (scheme, period, point), by.now, by.today)
        members, groups = members_text(made.members), groups_text(made.groups)
        digest = content_hash(scheme.text, members, groups)
        run = evaluations.add_run(
            session,
            EvaluationRun(
                library=by.library, scheme=scheme.id, version=scheme.version, period=period.name, as_of=made.as_of,
                made_at=by.now, actor_id=who.id, scheme_text=scheme.text, inputs=members, results=groups,
                content_hash=digest,
            ),
        )  # fmt: skip
        audit.record(
            session, who, "evaluation.freeze", object_kind="evaluation", object_id=str(run.id), at=by.now,
            library=by.library, detail={"scheme": scheme.id, "version": scheme.version, "period": period.name, "hash": digest},
        )  # fmt: skip
        return stage_of_run(archive, run)


def read_stage(archive: Archive, library: str, number: int) -> StageEvaluated:
    """A frozen stage evaluation as it was frozen; NotFound EVAL_RUN."""
    with archive.database.reading() as session:
        run = held_run(session, library, number)
        if scheme_of(archive, run).of is not Of.COHORT:
            raise NotFound(Issue("EVAL_RUN", f"{number} 不是阶段评价", "", "", "看评价列表里的编号"))
        return stage_of_run(archive, run)


def stage_of_run(archive: Archive, run: EvaluationRun) -> StageEvaluated:
    """The evaluation that a stored run holds."""
    scheme = scheme_of(archive, run)
    return StageEvaluated(
        scheme, read_members(run.inputs), read_groups(run.results), run.period, scheme.cohort_terms.by, run.as_of,
        run.library, run.id, run.made_at, run.content_hash,
    )  # fmt: skip


def _chosen(archive: Archive, asked: StageAsked) -> tuple[Scheme, CohortPeriod, str]:
    scheme = chosen_scheme(archive, Of.COHORT, asked.scheme, asked.version)
    period = parse_cohort(asked.period)
    if period.kind not in scheme.cohort_terms.periods and asked.by is None:
        allowed = "、".join(_LENGTHS[kind] for kind in scheme.cohort_terms.periods)
        what = f"方案不按“{period.name}”这样的期间评价"
        raise UsageError(Issue("PERIOD_FORM", what, "--stage", allowed, "改期间，或写明 --by-point 只看不封存"))
    point = scheme.cohort_terms.by if asked.by is None else archive.table.point_of(asked.by.strip())
    if point is None:
        allowed = "、".join(archive.table.name(one.id) for one in archive.table.points)
        raise UsageError(
            Issue("POINT_UNKNOWN", f"没有跟踪点“{(asked.by or '')[:20]}”", "--by-point", allowed, "改用列出的")
        )
    return scheme, period, point


def _evaluated(
    session: Session,
    archive: Archive,
    library: str,
    chosen: tuple[Scheme, CohortPeriod, str],
    now: datetime,
    as_of: date,
) -> StageEvaluated:
    scheme, period, point = chosen
    view = View.of(as_of, None, now, Purpose.EVALUATION)
    gathered = Gathering(session, archive, library, scheme, as_of.year - 1, view)
    members = tuple(_members(gathered, point, period))
    return StageEvaluated(scheme, members, evaluate_cohort(scheme, members), period.name, point, as_of, library)


def _members(gathered: Gathering, point: str, period: CohortPeriod) -> Iterator[Member]:
    """The projects that reached the point in the period by their record; one that was only seen there has no day."""
    for record in gathered.records:
        reached = record.state.on(point)
        if reached is None or not period.first <= reached <= period.last:
            continue
        tracks = record.known("track")
        yield Member(
            code=record.code,
            name=record.name,
            district=reporting_unit(record.choice("district")),
            tracks=tuple(item.name for item in tracks.items) if isinstance(tracks, Items) else (),
            channel=record.choice("lead_channel"),
            points=_points(record, gathered.archive.table),
            inputs=gathered.inputs(record),
        )


def _points(record: Record, table: LifecycleTable) -> dict[str, date]:
    """The day of every point reached and other milestone done: a point is reached by its event alone."""
    points = {point.id for point in table.points}
    steps = ((step.kind, step.actual_on) for step in record.milestones if step.kind not in points)
    done = {kind: on for kind, on in steps if on is not None}
    return done | {reached.point: reached.on for reached in record.state.reached}
