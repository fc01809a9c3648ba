"""Keep observations and give them back: the log of all that was ever said, and what of it may still count.

The log (`facts`) is only added to. `current_facts` holds per subject the observations that a reader
of today may need: of each source its newest day, and those that hold for certain days only. Whoever
asks for another day or an earlier state of knowledge reads the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from policy_match.facts.observations import Observation
from policy_match.facts.stored import Plain, from_plain, from_text, to_plain, to_text
from policy_match.facts.vocabulary import Vocabulary
from policy_match.store.tables import CurrentFacts, Fact

Known: TypeAlias = dict[str, list[Observation]]
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of observations: `new` were added to the log, `same` were there already."""

    new: int
    same: int


def keep(
    session: Session,
    observed: Mapping[int, Sequence[Observation]],
    vocabulary: Vocabulary,
    *,
    actor_id: str,
    batch_id: int | None = None,
) -> Kept:
    """Add the observations of subjects (by row id) to the log; one that is there already is not added again."""
    new = same = 0
    for ids in _chunks(sorted(observed)):
        hashes = {(s, o): _hash(s, o) for s in ids for o in observed[s]}
        there = set(session.scalars(select(Fact.row_hash).where(Fact.subject_id.in_(ids))))
        fresh = {row_hash: pair for pair, row_hash in hashes.items() if row_hash not in there}
        same += sum(len(observed[s]) for s in ids) - len(fresh)
        new += len(fresh)
        if fresh:
            rows = [_row(s, o, row_hash, actor_id, batch_id) for row_hash, (s, o) in fresh.items()]
            session.execute(insert(Fact), rows)
            _refresh(session, fresh.values(), vocabulary)
    return Kept(new, same)


def known(
    session: Session, subject_ids: Sequence[int], vocabulary: Vocabulary, *, known_at: datetime | None = None
) -> dict[int, Known]:
    """What was known of each subject: today's view, or everything that had been received by an instant.

    Today's view is good for the day of the newest observation and later; ask with `known_at` for an earlier day.
    Facts that the vocabulary no longer has are left out.
    """
    found: dict[int, Known] = {subject_id: {} for subject_id in subject_ids}
    for ids in _chunks(subject_ids):
        if known_at is None:
            for row in session.execute(
                select(CurrentFacts.subject_id, CurrentFacts.observations).where(CurrentFacts.subject_id.in_(ids))
            ):
                found[row.subject_id] = _decoded(row.observations, vocabulary)
        else:
            for fact in _log(session, ids, known_at):
                if fact.fact in vocabulary:
                    found[fact.subject_id].setdefault(fact.fact, []).append(_observation(fact, vocabulary))
    return found


def rebuild(session: Session, vocabulary: Vocabulary) -> None:
    """Make `current_facts` anew from the log."""
    session.execute(delete(CurrentFacts))
    ids = session.scalars(select(Fact.subject_id).distinct().order_by(Fact.subject_id)).all()
    for chunk in _chunks(ids):
        pairs = [(fact.subject_id, _observation(fact, vocabulary)) for fact in _log(session, chunk, None)]
        _refresh(session, pairs, vocabulary)


def _log(session: Session, ids: Sequence[int], known_at: datetime | None) -> Iterator[Fact]:
    asked = select(Fact).where(Fact.subject_id.in_(ids)).order_by(Fact.subject_id, Fact.id)
    if known_at is not None:
        asked = asked.where(Fact.received_at <= known_at)
    yield from session.scalars(asked)


def _refresh(session: Session, pairs: Iterable[tuple[int, Observation]], vocabulary: Vocabulary) -> None:
    added: dict[int, list[Observation]] = {}
    for subject_id, observation in pairs:
        added.setdefault(subject_id, []).append(observation)
    rows = {
        row.subject_id: row for row in session.scalars(select(CurrentFacts).where(CurrentFacts.subject_id.in_(added)))
    }
    for subject_id, observations in added.items():
        row = rows.get(subject_id)
        current = {} if row is None else _decoded(row.observations, vocabulary)
        for observation in observations:
            current.setdefault(observation.fact, []).append(observation)
        text, last = _encoded(current), max(o.received_at for o in observations)
        if row is None:
            session.add(CurrentFacts(subject_id=subject_id, observations=text, changed_at=last))
        else:
            row.observations, row.changed_at = text, max(row.changed_at, last)
    session.flush()


def may_count(observations: Sequence[Observation]) -> list[Observation]:
    """Those that a reader of today may need: of each source its newest day, and what holds for certain days only."""
    newest: dict[str, date] = {}
    for observation in observations:
        if not _has_period(observation):
            day = _day(observation)
            newest[observation.source] = max(day, newest.get(observation.source, day))
    kept = [o for o in observations if _has_period(o) or _day(o) == newest[o.source]]
    return sorted(kept, key=lambda o: (o.source, _day(o), o.received_at, o.record or "", to_text(o.value)))


def _day(observation: Observation) -> date:
    return observation.observed_on or observation.received_at.date()


def _has_period(observation: Observation) -> bool:
    return observation.valid_from is not None or observation.valid_through is not None


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _hash(subject_id: int, o: Observation) -> bytes:
    """The same word of the same source on the same day is one observation; the day of receipt stands for an unsaid day."""
    said = [subject_id, o.fact, to_plain(o.value), o.source, o.record, _iso(o.observed_on or o.received_at.date()),
            _iso(o.valid_from), _iso(o.valid_through), o.confidence, o.authorised_by]  # fmt: skip
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _row(subject_id: int, o: Observation, row_hash: bytes, actor_id: str, batch_id: int | None) -> dict[str, object]:
    return {
        "subject_id": subject_id,
        "fact": o.fact,
        "value": to_text(o.value),
        "source": o.source,
        "record": o.record,
        "observed_on": o.observed_on,
        "valid_from": o.valid_from,
        "valid_through": o.valid_through,
        "received_at": o.received_at,
        "confidence": o.confidence,
        "authorised_by": o.authorised_by,
        "batch_id": batch_id,
        "actor_id": actor_id,
        "row_hash": row_hash,
    }


def _observation(fact: Fact, vocabulary: Vocabulary) -> Observation:
    return Observation(
        fact=fact.fact,
        value=from_text(vocabulary[fact.fact], fact.value),
        source=fact.source,
        observed_on=fact.observed_on,
        received_at=fact.received_at,
        valid_from=fact.valid_from,
        valid_through=fact.valid_through,
        confidence=fact.confidence,
        authorised_by=fact.authorised_by,
        record=fact.record,
    )


def _encoded(current: Known) -> str:
    rows: dict[str, Plain] = {fact: [_packed(o) for o in may_count(own)] for fact, own in sorted(current.items())}
    return orjson.dumps(rows, option=orjson.OPT_SORT_KEYS).decode()


def _packed(o: Observation) -> list[Plain]:
    return [
        to_plain(o.value), o.source, _iso(o.observed_on), o.received_at.astimezone(UTC).isoformat(),
        _iso(o.valid_from), _iso(o.valid_through), o.confidence, o.authorised_by, o.record,
    ]  # fmt: skip


def _decoded(text: str, vocabulary: Vocabulary) -> Known:
    rows: dict[str, list[list[Plain]]] = orjson.loads(text)
    return {
        fact: [_unpacked(fact, packed, vocabulary) for packed in own]
        for fact, own in rows.items()
        if fact in vocabulary
    }


def _unpacked(fact: str, packed: list[Plain], vocabulary: Vocabulary) -> Observation:
    value, source, observed_on, received_at, starts, ends, confidence, authorised_by, record = packed
    return Observation(
        fact=fact,
        value=from_plain(vocabulary[fact], value),
        source=str(source),
        observed_on=_to_day(observed_on),
        received_at=datetime.fromisoformat(str(received_at)),
        valid_from=_to_day(starts),
        valid_through=_to_day(ends),
        confidence=int(str(confidence)),
        authorised_by=None if authorised_by is None else str(authorised_by),
        record=None if record is None else str(record),
    )


def _to_day(plain: Plain) -> date | None:
    return None if plain is None else date.fromisoformat(str(plain))
