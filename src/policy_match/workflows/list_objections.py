"""List the objections of a library: to cases in their notice, and of firms that say they were left out."""

from __future__ import annotations

from policy_match.dates import local_day
from policy_match.store import cases, objections, subjects
from policy_match.workflows.object_case import OUTCOMES
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows, print_rows
from policy_match.workflows.show_case import people_of

_HEADER = {
    "id": "异议", "about": "办件或主体", "measure": "措施", "name": "提出人", "contact": "联系方式", "says": "内容",
    "received_on": "收到", "due_on": "答复期限", "outcome_name": "处理", "answer": "答复",
}  # fmt: skip


def print_objections(archive: Archive, library: str, *, waiting: bool, form: str) -> None:
    """A line each, in the order of recording; `waiting`: only those without an answer. UsageError for an unknown format."""
    print_rows(Rows("免申即享异议", _HEADER, _rows(archive, library, waiting=waiting)), form=form)


def _rows(archive: Archive, library: str, *, waiting: bool) -> tuple[Row, ...]:
    with archive.database.reading() as session:
        found = objections.every(session, library, waiting=waiting)
        numbers = cases.numbers(session, [one.case_id for one in found if one.case_id is not None])
        people = {one.id: people_of(session, archive.sealer, one) for one in found}
        rows = subjects.by_ids(session, [one.subject_id for one in found if one.subject_id is not None])
    return tuple(
        {
            "id": one.id,
            "about": numbers[one.case_id] if one.case_id is not None else rows[one.subject_id or 0].code,
            "measure": one.measure,
            **people[one.id],
            "says": one.says,
            "received_on": local_day(one.received_at).isoformat(),
            "due_on": one.due_on.isoformat(),
            "outcome": one.outcome,
            "outcome_name": "待答复" if one.outcome is None else OUTCOMES[one.outcome],
            "answer": one.answer,
        }
        for one in found
    )
