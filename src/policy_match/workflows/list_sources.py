"""The board of the sources (`report sources`): of each the last file, how old it is, what was refused, what waits.

For the data bureau, which owns the sources: a source that nobody delivered from is there as well, and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.store import batches, doubts, waiting
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive

TITLE = "数据来源"
_HEADER = ("来源", "代码", "谁来报", "最近一份文件", "收到", "距今天数", "行数", "没收的行", "新增", "变更", "待关联")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One register. `file` None: nothing ever came; `age`: days since; `rows`, `refused`, `new`, `changed`: of that file;
    `waiting`: records not linked to a project yet."""

    id: str
    name: str
    brought_by: tuple[str, ...]
    waiting: int
    file: str | None = None
    received_at: datetime | None = None
    age: int | None = None
    rows: int = 0
    refused: int = 0
    new: int = 0
    changed: int = 0


def report_sources(archive: Archive, library: str, now: datetime, *, form: str | None, out: Path | None) -> None:
    """Write the board; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(sources_report(archive, library, now), form, out)


def sources_report(archive: Archive, library: str, now: datetime) -> Report:
    """The board of a library at an instant, and how many questions about its data are open, by kind."""
    with archive.database.reading() as session:
        lines = [*_lines(session, archive, library, local_day(now))]
        still_open = doubts.still_open(session, library)
        questions = Counter(one.code for one in still_open)
        examples = {one.code: one.what for one in reversed(still_open)}
    return Report(
        id="sources",
        title=TITLE,
        as_of=local_day(now),
        grids=(
            Grid(TITLE, _HEADER, tuple(map(_cells, lines))),
            Grid(
                "待核实",
                ("种类", "件数", "最早的一件"),
                tuple((one, str(questions[one]), examples[one]) for one in sorted(questions)),
            ),
        ),
        content={
            "library": library,
            "rows": [_plain(one) for one in lines],
            "open_questions": {code: questions[code] for code in sorted(questions)},
        },
        notes=(("项目库", shown_library(library)), ("说明", "手工登记的不是文件，不在这里")),
    )


def _lines(session: Session, archive: Archive, library: str, today: date) -> Iterator[SourceLine]:
    table, names = archive.table, archive.vocabulary.registers
    unlinked = Counter(one.source for one in waiting.waiting(session, library))
    for source, who in table.imports.items():
        brought = tuple(table.roles[one.role].name for one in who)
        last = batches.last_of(session, library, source)
        if last is None:
            yield SourceLine(source, names.get(source, source), brought, unlinked[source])
            continue
        yield SourceLine(
            source, names.get(source, source), brought, unlinked[source], last.file_name, last.received_at,
            (today - local_day(last.received_at)).days, last.rows, last.refused, last.counts.get("new", 0),
            last.counts.get("changed", 0),
        )  # fmt: skip


def _cells(one: SourceLine) -> tuple[str, ...]:
    told = (str(one.age), str(one.rows), str(one.refused), str(one.new), str(one.changed))
    came = NONE if one.received_at is None else local_minute(one.received_at)
    file = one.file or "还没有报过"
    numbers = (NONE,) * len(told) if one.file is None else told
    return (one.name, one.id, "、".join(one.brought_by), file, came, *numbers, str(one.waiting))


def _plain(one: SourceLine) -> Plain:
    has_come = one.file is not None
    return {
        "source": one.id, "name": one.name, "brought_by": [*one.brought_by], "file": one.file,
        "received_at": None if one.received_at is None else one.received_at.isoformat(), "age_days": one.age,
        "rows": one.rows if has_come else None, "refused": one.refused if has_come else None,
        "new": one.new if has_come else None, "changed": one.changed if has_come else None, "waiting": one.waiting,
    }  # fmt: skip
