"""The jobs that 重大项目 bring: planned and actual, jobs per 亿元, what of the form is due. Domain specification §7.8.

Direct jobs alone are counted; an indirect estimate stands in a column of its own, marked 估算, and is added to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.facts.observations import Purpose
from policy_match.facts.show import value_text
from policy_match.lifecycle.words import LIVING
from policy_match.schemes.figures import Given
from policy_match.schemes.jobs import DueStep, due_steps, job_figures
from policy_match.schemes.scheme import Index, Scheme
from policy_match.schemes.wording import rounded
from policy_match.schemes.words import Of
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.gather_evaluation import of_fact
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_standings import list_records, reporting_unit
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_schemes import chosen_scheme
from policy_match.workflows.read_records import Record, View

LEVEL_UNKNOWN = "级别未知"
ESTIMATED = "估算"


@dataclass(frozen=True, slots=True)
class JobRow:
    """One project. `level` None: not known, and listed because somebody reported its jobs; `form`: label and words of the
    other fields, with whether it is an estimate."""

    code: str
    name: str
    district: str | None
    level: str | None
    inputs: dict[str, Given]
    figures: tuple[tuple[Index, Fraction | None], ...]
    due: tuple[DueStep, ...]
    form: tuple[tuple[str, str | None, bool], ...]


def report_jobs(
    archive: Archive, library: str, view: View, *, area: Area | None, form: str | None, out: Path | None
) -> None:
    """Write the assessment; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(jobs_report(archive, library, view, area), form, out)


def jobs_report(archive: Archive, library: str, view: View, area: Area | None) -> Report:
    """The assessment on a day, by the newest scheme."""
    scheme = chosen_scheme(archive, Of.JOBS)
    rows = [row for row in job_rows(archive, library, view, scheme) if area is None or row.district == area.district]
    labels = {fact: archive.vocabulary[fact].label for due in scheme.job_terms.due for fact in due.facts}
    figures = tuple(f"{index.name}（{index.unit.name}）" for index in scheme.indices)
    fields = tuple(_titled(archive.vocabulary[line.fact].label, line.is_estimate) for line in scheme.job_terms.form)
    named = tuple(one.name for one in scheme.inputs.values())
    header = ("编号", "项目", "辖市区", "重大级别", *named, *figures, "该填未填")
    return Report(
        id="jobs",
        title=scheme.name,
        as_of=view.as_of,
        grids=(
            Grid("带动就业", header, tuple(_cells(row, labels, view.as_of) for row in rows)),
            Grid("评估表其他各栏", ("编号", "项目", *fields), tuple(_form_cells(row) for row in rows)),
        ),
        content={
            "library": library,
            "district": None if area is None else area.district,
            "scheme": {"id": scheme.id, "version": scheme.version},
            "rows": [_plain(row, view.as_of) for row in rows],
        },
        notes=(
            ("项目库", shown_library(library)),
            ("范围", f"{scope_name(area)}，重大项目；级别未知但报过用工的也列"),
            ("方案", f"{scheme.name}第{scheme.version}版"),
            ("说明", "只算直接用工；间接带动是估算，另列，不相加"),
        ),
    )


def job_rows(archive: Archive, library: str, view: View, scheme: Scheme) -> list[JobRow]:
    """The projects that are assessed, by code."""
    view = View(view.as_of, view.known_at, Purpose.EVALUATION)
    with archive.database.reading() as session:
        records = list_records(session, archive, library, view)
    rows = (_row(record, archive, scheme) for record in records if record.state.side in LIVING)
    return [row for row in rows if _is_assessed(row, scheme)]


def _is_assessed(row: JobRow, scheme: Scheme) -> bool:
    """Of its level; of no known level where anything that the scheme asks for by a day was told."""
    if row.level is not None:
        return row.level in scheme.job_terms.levels
    asked = {fact for due in scheme.job_terms.due for fact in due.facts}
    told = {scheme.inputs[name].code for name, given in row.inputs.items() if given.value is not None}
    return not asked.isdisjoint(told)


def _row(record: Record, archive: Archive, scheme: Scheme) -> JobRow:
    words = archive.vocabulary
    inputs = {one.id: of_fact(record.fact(one.code), words[one.code], words) for one in scheme.inputs.values()}
    asked = {fact for due in scheme.job_terms.due for fact in due.facts}
    known = {fact for fact in asked if record.known(fact) is not None}
    points = {reached.point: reached.on for reached in record.state.reached}
    return JobRow(
        record.code,
        record.name,
        reporting_unit(record.choice("district")),
        record.choice("major_level"),
        inputs,
        job_figures(scheme, inputs),
        due_steps(scheme, points, known),
        tuple(_form(record, archive, scheme)),
    )


def _form(record: Record, archive: Archive, scheme: Scheme) -> Iterator[tuple[str, str | None, bool]]:
    for line in scheme.job_terms.form:
        spec, value = archive.vocabulary[line.fact], record.known(line.fact)
        yield line.fact, None if value is None else value_text(spec, value, archive.vocabulary), line.is_estimate


def _titled(label: str, is_estimate: bool) -> str:
    return f"{label}（{ESTIMATED}）" if is_estimate and ESTIMATED not in label else label


def _cells(row: JobRow, labels: dict[str, str], as_of: date) -> tuple[str, ...]:
    inputs = (given.shown if given.value is not None else "未知" for given in row.inputs.values())
    figures = (_figure(index, value) for index, value in row.figures)
    late = [f"{step.name}（{'、'.join(labels[f] for f in step.missing)}，{step.due_on} 应填）" for step in row.due if step.is_late(as_of)]  # fmt: skip
    level = row.level or LEVEL_UNKNOWN
    return (row.code, row.name, district_name(row.district), level, *inputs, *figures, "；".join(late) or NONE)


def _figure(index: Index, value: Fraction | None) -> str:
    return "未知" if value is None else rounded(value, index.unit.places)


def _form_cells(row: JobRow) -> tuple[str, ...]:
    return (row.code, row.name, *(text or "未知" for _, text, _ in row.form))


def _plain(row: JobRow, as_of: date) -> Plain:
    return {
        "code": row.code, "name": row.name, "district": row.district, "major_level": row.level,
        "inputs": {name: None if given.value is None else float(given.value) for name, given in row.inputs.items()},
        "figures": {index.id: None if value is None else round(float(value), 6) for index, value in row.figures},
        "shown": {index.id: _figure(index, value) for index, value in row.figures},
        "due": [
            {"name": step.name, "due_on": step.due_on, "missing": [*step.missing], "late": int(step.is_late(as_of))}
            for step in row.due
        ],
        "form": {fact: text for fact, text, is_estimate in row.form if not is_estimate},
        "estimates": {fact: text for fact, text, is_estimate in row.form if is_estimate},
    }  # fmt: skip
