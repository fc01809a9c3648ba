"""What changed of pairs: kept as rows, explained as they are now, with what happens to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeAlias

from sqlalchemy.orm import Session

from policy_match.eligibility.decide import Decision
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.subjects import Subject
from policy_match.push.pairs import Difference, OpenPair
from policy_match.push.words import Trigger
from policy_match.ranking.push import Fate, Why
from policy_match.store import open_pairs
from policy_match.store.push_tables import PairChange
from policy_match.workflows.find_reviews import Queue, open_triage
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library

News: TypeAlias = "tuple[int, int, Difference, Trigger]"
"""Row id of a subject, its place in the matching, what differs, and why it was looked at."""


@dataclass(frozen=True)
class Changed:
    """A pair with another verdict or amount. `rule`: the version that decided, None where the rules have the measure no more.

    `fate`, `whys`: what happens with it (ranking/triage.py). `explained`: gives the pair in full, which is worked out for
    those alone of whom somebody is told: a new measure changes thousands.
    """

    row: PairChange
    subject: Subject
    rule: Rule | None
    fate: Fate
    whys: tuple[Why, ...]
    explained: Callable[[], Match] | None = field(default=None, repr=False)


def changed_pairs(
    session: Session,
    archive: Archive,
    matching: Matching,
    library: str,
    release: str,
    news: Sequence[News],
    now: datetime,
) -> tuple[Changed, ...]:
    """Keep what changed, and give it back in the order of subjects and measures."""
    if not news:
        return ()
    queue = None
    if matching.ordering is not None:
        opened, ids = Library(library, matching, archive.table, release), sorted({one[0] for one in news})
        queue = open_triage(session, opened, matching.ordering.ranking, ids, now)
    found = []
    for subject_id, row, difference, trigger in news:
        has_rule = difference.measure in matching.rulebook.ids
        decision = matching.decision(difference.measure) if has_rule else None
        fate, whys = _triaged(queue, decision, row)
        change = _row(difference, decision, row, trigger)
        change.library, change.subject_id, change.release = library, subject_id, release
        change.matched_on, change.at = matching.as_of, now
        rule = None if decision is None else decision.rule
        explained = None if decision is None else partial(matching.match, decision, row)
        found.append(Changed(change, matching.subjects[row], rule, fate, whys, explained))
    open_pairs.add_changes(session, [one.row for one in found])
    return tuple(found)


def _triaged(queue: Queue | None, decision: Decision | None, row: int) -> tuple[Fate, tuple[Why, ...]]:
    """Without an ordering nothing goes out by itself."""
    if decision is None:
        return Fate.DROPPED, ()
    if queue is None:
        return Fate.LISTED, ()
    found = queue.triaged(decision, row).triage
    return found.fate, found.whys


def _row(found: Difference, decision: Decision | None, row: int, trigger: Trigger) -> PairChange:
    was, now = found.was, found.now
    return PairChange(
        measure=found.measure,
        was_version=None if was is None else was.version,
        now_version=None if decision is None else decision.rule.measure.version,
        was=None if was is None else was.verdict.value,
        now=None if decision is None else decision.verdicts[row].value,
        **_amounts("was", was),
        **_amounts("now", now),
        excluded=now is not None and now.is_excluded,
        trigger=trigger.value,
    )


def _amounts(when: str, pair: OpenPair | None) -> dict[str, int | None]:
    return {
        f"{when}_low_fen": None if pair is None else pair.low_fen,
        f"{when}_high_fen": None if pair is None else pair.high_fen,
    }
