"""Compare the records of another department with the library and write an answer for each: link, review or apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from policy_match.exchange.link_decisions import read_decisions
from policy_match.exchange.project_rows import ProjectRows, read_project_rows
from policy_match.exchange.screen import write_lines
from policy_match.exchange.tables import write_csv
from policy_match.linkage.link import Remembered, link
from policy_match.linkage.records import Answer, Decision
from policy_match.workflows.match_file import check_place
from policy_match.workflows.progress import tracked

HEADER = ("other_id", "library_id", "decision", "score", "why")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was read from both files, and what is to be told."""

    library: ProjectRows
    others: ProjectRows
    notes: tuple[str, ...]


def reconcile(library: Path, others: Path, *, decisions: Path | None, out: Path | None) -> Reconciled:
    """Write one line per record of `others`, in its order, to a CSV or to the screen without one.

    UsageError if a file, its header or the place of the output is wrong; then nothing is written.
    """
    for path in (library, others, *([decisions] if decisions else [])):
        check_place(out, path)
    ours, theirs = read_project_rows(library), read_project_rows(others)
    remembered = read_decisions(decisions) if decisions else Remembered()
    answers = link(ours.records, tracked(theirs.records, len(theirs.records), "比对"), remembered)
    text = write_csv(out, HEADER, (_row(answer) for answer in answers))
    if out is None:
        write_lines([text.encode()], None)
    notes = (*ours.notes, *theirs.notes, *_unused(remembered, ours, theirs), _summary(answers))
    return Reconciled(ours, theirs, notes)


def _row(answer: Answer) -> tuple[str, ...]:
    return answer.other_id, answer.library_id or "", answer.decision, str(answer.score), answer.why


def _unused(remembered: Remembered, ours: ProjectRows, theirs: ProjectRows) -> tuple[str, ...]:
    """A note on remembered answers about rows that neither file holds."""
    rows, records = {row.id for row in ours.records}, {record.id for record in theirs.records}
    pairs = {*remembered.confirmed.items(), *remembered.refused, *((other, "") for other in remembered.alone)}
    unused = sorted(other for other, row in pairs if other not in records or (row and row not in rows))
    return (f"{len(unused)} 条人工答复没有用上（{'、'.join(unused[:5])}）：编号不在两份文件中",) if unused else ()


def _summary(answers: list[Answer]) -> str:
    counts = Counter(answer.decision for answer in answers)
    return f"{len(answers)} 条：" + "，".join(f"{decision} {counts[decision]}" for decision in Decision)
