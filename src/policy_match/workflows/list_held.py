"""List what waits for a person before it goes out: new versions with the messages to look at, and runs far above the usual."""

from __future__ import annotations

from collections.abc import Iterator

from policy_match.dates import local_day
from policy_match.store.actors import actor
from policy_match.store.push_tables import PushRun
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.release_held import Held, HeldVersion, list_held
from policy_match.workflows.review_rights import reader_of
from policy_match.workflows.write_entry import By

HEADER = {
    "target": "目标",
    "since": "日期",
    "messages": "消息数",
    "sample": "至少看几个主体",
    "numbers": "先看这些消息",
    "why": "为什么留下",
}
NEW, FAR_MORE = "新版本的首批匹配，看过再发", "这一批比平常多得多"


def held_rows(archive: Archive, by: By) -> Rows:
    """Versions by id, then runs, the oldest first; Forbidden REVIEW_ROLE for whoever reads no reviews."""
    with archive.database.reading() as session:
        reader_of(archive, actor(session, by.actor, by.today))
        return Rows("等人放行的消息", HEADER, [*_rows(list_held(session, by.library))])


def _rows(held: Held) -> Iterator[Row]:
    for version in held.versions:
        yield _version(version)
    for run in held.runs:
        yield _run(run)


def _version(one: HeldVersion) -> Row:
    first = min(row.made_at for row in one.messages)
    numbers: list[str] = []
    subjects: set[int | None] = set()
    for row in one.messages:
        if row.subject_id not in subjects and len(subjects) < one.sample:
            subjects.add(row.subject_id)
            numbers.append(str(row.id))
    return {
        "target": f"{one.measure}.v{one.version}", "since": local_day(first).isoformat(), "messages": len(one.messages),
        "sample": one.sample, "numbers": "、".join(numbers), "why": NEW,
    }  # fmt: skip


def _run(run: PushRun) -> Row:
    return {
        "target": str(run.id), "since": local_day(run.at).isoformat(), "messages": run.counts["entries"], "sample": None,
        "numbers": "", "why": f"{FAR_MORE}：{run.counts['messages']} 条，发给 {run.counts['people']} 人",
    }  # fmt: skip
