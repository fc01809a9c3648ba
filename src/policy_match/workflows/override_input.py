"""Put a figure in by hand in place of what is collected for an evaluation: with a reason, and by two persons.

One person proposes it, another one of those who may evaluate confirms it; until then it counts for nothing. The collected
figure stays where it is, and every run shows both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from policy_match.errors import Conflict, Forbidden, Issue, NotFound
from policy_match.schemes.scheme import Input
from policy_match.schemes.words import Kind, Of
from policy_match.store import audit, evaluations
from policy_match.store.evaluation_tables import EvaluationOverride
from policy_match.units import parse_area, parse_count, parse_money, parse_ratio
from policy_match.workflows.gather_evaluation import shown
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_schemes import chosen_scheme
from policy_match.workflows.read_records import find_project
from policy_match.workflows.step_evaluation import EVALUATE
from policy_match.workflows.write_entry import By, at_library_desk, said

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class NewFigure:
    """What is asked: a project by 库内编号 or 项目代码, an input of a scheme by id or name, the year, the figure with its unit."""

    project: str
    input: str
    year: int
    figure: str
    reason: str
    scheme: str | None = None


def propose_figure(archive: Archive, asked: NewFigure, by: By) -> int:
    """Propose it; its number. UsageError without a reason or for a figure that cannot be read, NotFound for project or input."""
    reason = said(asked.reason, "人工改数的原因", "--reason", longest=_LONGEST)
    scheme = chosen_scheme(archive, Of.PROJECT, asked.scheme)
    one = _input(scheme.inputs.values(), asked.input)
    value = read_figure(one.kind, asked.figure)
    with at_library_desk(archive, EVALUATE, by, about=asked.project) as (session, who):
        project = find_project(session, by.library, asked.project)
        row = evaluations.add_override(
            session,
            EvaluationOverride(
                library=by.library, subject_id=project.id, scheme=scheme.id, input=one.id, year=asked.year,
                value=str(value), shown=shown(value, one.kind), reason=reason, proposed_by=who.id, proposed_at=by.now,
            ),
        )  # fmt: skip
        audit.record(
            session, who, "evaluation.figure", object_kind="project", object_id=project.code, at=by.now, reason=reason,
            library=by.library, detail={"figure": row.id, "input": one.id, "year": asked.year, "value": row.shown},
        )  # fmt: skip
        return row.id


def confirm_figure(archive: Archive, number: int, by: By) -> None:
    """Confirm it; Forbidden EVAL_SAME_PERSON for who proposed it, Conflict EVAL_FIGURE_DONE, NotFound EVAL_FIGURE."""
    with at_library_desk(archive, EVALUATE, by, about=f"figure {number}") as (session, who):
        row = evaluations.override_of(session, number)
        if row is None or row.library != by.library:
            raise NotFound(Issue("EVAL_FIGURE", f"没有编号 {number} 的人工改数", "", "", "看人工改数的列表"))
        if row.confirmed_by is not None:
            raise Conflict(Issue("EVAL_FIGURE_DONE", f"{number} 已经确认过", str(number), "", "要再改的另提一条"))
        if row.proposed_by == who.id:
            raise Forbidden(Issue("EVAL_SAME_PERSON", "提出改数的人不能自己确认", str(number), "", "由另一个人确认"))
        row.confirmed_by, row.confirmed_at = who.id, by.now
        audit.record(
            session, who, "evaluation.figure_confirmed", object_kind="figure", object_id=str(number), at=by.now,
            library=by.library, detail={"input": row.input, "year": row.year, "value": row.shown},
        )  # fmt: skip


def list_figures(archive: Archive, library: str) -> Sequence[EvaluationOverride]:
    """Every figure put in by hand in a library, the newest first."""
    with archive.database.reading() as session:
        return evaluations.overrides(session, library)


def read_figure(kind: Kind, written: str) -> Fraction:
    """An exact figure in the smallest unit of its kind: 8000万元, 60亩, 85%, 255人; FactError."""
    match kind:
        case Kind.MONEY:
            return Fraction(parse_money(written))
        case Kind.AREA:
            return Fraction(parse_area(written))
        case Kind.RATIO:
            return Fraction(parse_ratio(written))
        case _:
            return Fraction(parse_count(written, "person"))


def _input(every: Iterable[Input], written: str) -> Input:
    inputs = tuple(every)
    found = next((one for one in inputs if written.strip() in (one.id, one.name)), None)
    if found is None:
        allowed = "、".join(one.name for one in inputs)
        raise NotFound(Issue("EVAL_INPUT", f"方案没有“{written[:30]}”这一项取数", "--input", allowed, "改用列出的名称"))
    return found
