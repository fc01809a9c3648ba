"""Tell somebody what changed since their last visit: one line a project or firm, never one an entry.

The last visit ended with the last thing that they left in the audit chain before this session began: what they may have
read after it is told again, and nothing is left out. Who was never there is told of the last seven days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from policy_match.access.viewer import Viewer
from policy_match.eligibility.decide import Verdict
from policy_match.ranking.decisions import CHOICE_NAMES
from policy_match.store import changes, open_pairs
from policy_match.store.actors import actor
from policy_match.store.push_tables import PairChange
from policy_match.workflows.list_audit import GROUPS
from policy_match.workflows.list_changes import KINDS, Change, changes_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.review_rights import Reader, givers_of, reader_of
from policy_match.workflows.see_changes import sees_change

LOOKED_AT = 2_000
FIRST_VISIT = timedelta(days=7)
# Nothing has changed by them.
_SILENT = frozenset({"review.claim", "review.note", "seed"})
_WORDS = {
    "msjx.find": "免申即享新候选", "msjx.object": "提出异议", "msjx.approve": "免申即享批准", "msjx.pay": "已拨付",
    "msjx.publish": "开始公示", "event.point": "推进", "event.pause": "暂停", "event.resume": "恢复", "event.correct": "更正",
    "project.add": "新入库", "project.tell": "补充数据", "project.join": "并库",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What happened to one subject, the newest instant of it; `code` None: to the library. `words`: each with how often."""

    code: str | None
    name: str
    at: datetime
    words: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class News:
    """What changed, the newest first. `since`: the end of the last visit, or a week ago where `is_first`.

    `more`: that there was more than was looked at.
    """

    since: datetime
    is_first: bool
    told: tuple[Told, ...]
    more: bool


def tell_changes(archive: Archive, library: Library, viewer: Viewer, began: datetime) -> News:
    """What others changed of what the viewer sees. `library`: as they see it; `began`: when this session did."""
    with archive.database.reading() as session:
        last = changes.last_act(session, viewer.actor, began)
        since, seq = (began - FIRST_VISIT, 0) if last is None else (last.at, last.seq)
        rows = changes.newest(
            session, library.name, [*KINDS], seq=seq, since=since, but=viewer.actor, limit=LOOKED_AT
        )  # fmt: skip
        told = changes_of(session, library.name, [row for row in rows if row.action not in _SILENT])
        pairs = open_pairs.changed_since(session, library.name, since, LOOKED_AT)
        seen = _seen_pairs(session, archive, library, viewer, pairs)
    events = [(one.subject, one.at, _word(one)) for one in told if sees_change(one, library, viewer, archive)]
    events += [(code, row.at, _verdict(row)) for code, row in seen]
    is_cut = LOOKED_AT in (len(rows), len(pairs))
    return News(since, last is None, tuple(_lines(library, events)), is_cut)


def _seen_pairs(
    session: Session, archive: Archive, library: Library, viewer: Viewer, rows: Sequence[tuple[str, PairChange]]
) -> list[tuple[str, PairChange]]:
    """Of the subjects and measures that whoever reviews sees."""
    today = library.matching.as_of
    who = actor(session, viewer.actor, today)
    reader = reader_of(archive, who, givers_of(session, who, today))
    return [(code, row) for code, row in rows if code in library.rows and _is_seen(reader, library, row.measure)]


def _is_seen(reader: Reader, library: Library, measure: str) -> bool:
    rulebook = library.matching.rulebook
    return measure in rulebook.ids and reader.sees_measure(rulebook.at(measure, library.matching.as_of))


def _lines(library: Library, events: Iterable[tuple[str | None, datetime, str]]) -> Iterable[Told]:
    held: dict[str | None, list[tuple[datetime, str]]] = {}
    for code, at, word in sorted(events, key=lambda event: event[1], reverse=True):
        held.setdefault(code, []).append((at, word))
    for code, found in held.items():
        name = library.title if code is None else library.matching.subjects[library.rows[code]].shown
        yield Told(code, name, found[0][0], tuple(Counter(word for _, word in found).items()))


def _word(change: Change) -> str:
    group, _, what = change.action.partition(".")
    if group == "review":
        return "审核：" + next((name for choice, name in CHOICE_NAMES.items() if choice.value == what), "匹配")
    return _WORDS.get(change.action) or GROUPS.get(group) or KINDS[change.kind]


def _verdict(row: PairChange) -> str:
    if row.now == Verdict.ELIGIBLE and row.was != Verdict.ELIGIBLE:
        return "新符合"
    return "不再符合" if row.was == Verdict.ELIGIBLE and row.now != Verdict.ELIGIBLE else "结论或金额有变"
