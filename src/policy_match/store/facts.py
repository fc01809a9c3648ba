"""Keep observations and give them back: the log of all that was ever said, and what of it may still count.

The log (`facts`) is only added to. `current_facts` holds per subject the observations that a reader
of today may need (store/current.py): of each source its newest day, and those that hold for certain days
only. Whoever asks for another day or an earlier state of knowledge reads the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import TypeAlias, TypeVar

import orjson
from sqlalchemy import Row, delete, exists, select
from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.facts.assemble import cells_of
from policy_match.facts.cells import Cell
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.stored import from_text, to_plain, to_text
from policy_match.facts.vocabulary import Vocabulary
from policy_match.store.bulk import insert_rows, making_many
from policy_match.store.current import CellReader, Known, decoded, encoded, next_day
from policy_match.store.open_pairs import FACT, touch
from policy_match.store.tables import CurrentFacts, Fact, Subject

_Topic: TypeAlias = "tuple[int, str, str, str | None, date, date | None, date | None]"
_Id = TypeVar("_Id", int, str)
_CHUNK = 500
_FACTS, _CURRENT = (Fact.metadata.tables[table.__tablename__] for table in (Fact, CurrentFacts))


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
    told: Callable[[int], None] | None = None,
) -> Kept:
    """Add the observations of subjects (by row id) to the log; one that is there already is not added again, unless its
    source said something else since and comes back to it.

    `told` hears, again and again, how many more subjects are done; all of them stand or fall with the session.
    """
    new = said = 0
    for ids in _chunks(sorted(observed)):
        there = set(session.scalars(select(Fact.row_hash).where(Fact.subject_id.in_(ids))))
        fresh = _fresh(session, {subject_id: observed[subject_id] for subject_id in ids}, there, vocabulary)
        by = {"actor_id": actor_id, "batch_id": batch_id}
        rows = [_row(subject_id, o, row_hash) | by for subject_id in fresh for row_hash, o in fresh[subject_id].items()]
        insert_rows(session, _FACTS, rows)
        _refresh(session, {subject_id: [*own.values()] for subject_id, own in fresh.items()}, vocabulary)
        if rows:
            last = max(o.received_at for own in fresh.values() for o in own.values())
            touch(session, fresh, FACT, last)
        new += len(rows)
        said += sum(len(observed[subject_id]) for subject_id in ids)
        if told is not None:
            told(len(ids))
    return Kept(new, said - new)


def _fresh(
    session: Session, observed: Mapping[int, Sequence[Observation]], there: set[bytes], vocabulary: Vocabulary
) -> dict[int, dict[bytes, Observation]]:
    """What is to be added, by subject and hash; `there`, the hashes that the log holds, grows by them."""
    found: dict[int, dict[bytes, Observation]] = {}
    again: dict[_Topic, Observation] = {}
    for subject_id, observation in ((s, o) for s, own in observed.items() for o in own):
        row_hash = _hash(subject_id, observation)
        if row_hash in there:
            again[_topic(subject_id, observation)] = observation
            continue
        there.add(row_hash)
        found.setdefault(subject_id, {})[row_hash] = observation
        if again:
            again.pop(_topic(subject_id, observation), None)
    for subject_id, observation in _taken_back(session, again, found, vocabulary):
        row_hash = next(h for n in count(1) if (h := _hash(subject_id, observation, n)) not in there)
        there.add(row_hash)
        found.setdefault(subject_id, {})[row_hash] = observation
    return found


def _taken_back(
    session: Session,
    again: Mapping[_Topic, Observation],
    fresh: Mapping[int, Mapping[bytes, Observation]],
    vocabulary: Vocabulary,
) -> list[tuple[int, Observation]]:
    """Of the observations that are in the log, those after which their source said something else of the same day."""
    texts = _texts(session, sorted({topic[0] for topic in again}))
    current = {subject_id: decoded(text, vocabulary) for subject_id, text in texts}
    found: list[tuple[int, Observation]] = []
    for topic, observation in again.items():
        subject_id = topic[0]
        every = (*current.get(subject_id, {}).get(observation.fact, ()), *fresh.get(subject_id, {}).values())
        own = [one for one in every if _topic(subject_id, one) == topic]
        if own and own[-1].value != observation.value:
            found.append((subject_id, observation))
    return found


def known(
    session: Session, subject_ids: Sequence[int], vocabulary: Vocabulary, *, known_at: datetime | None = None
) -> dict[int, Known]:
    """What was known of each subject: today's view, or everything that had been received by an instant.

    Today's view is good for the day of the newest observation and later; ask with `known_at` for an earlier day.
    Facts that the vocabulary no longer has are left out.
    """
    found: dict[int, Known] = {subject_id: {} for subject_id in subject_ids}
    with making_many():
        if known_at is None:
            found |= {subject_id: decoded(text, vocabulary) for subject_id, text in _texts(session, subject_ids)}
        else:
            for subject_id, observation in _log(session, subject_ids, vocabulary, known_at):
                found[subject_id].setdefault(observation.fact, []).append(observation)
    return found


def known_cells(
    session: Session,
    subject_ids: Sequence[int],
    vocabulary: Vocabulary,
    *,
    as_of: date,
    purpose: Purpose,
    known_at: datetime | None = None,
) -> dict[int, dict[str, Cell]]:
    """What may be used of each subject on a day: `cells_of` of all that is `known`, nothing derived.

    Of today's view no observation is made, which takes a sixth of the time; as with `known`, ask for an earlier day
    with `known_at`.
    """
    if known_at is not None:
        told = known(session, subject_ids, vocabulary, known_at=known_at)
        return {subject_id: cells_of(own, vocabulary, as_of, purpose) for subject_id, own in told.items()}
    reader = CellReader(vocabulary, as_of, purpose)
    found: dict[int, dict[str, Cell]] = {subject_id: {} for subject_id in subject_ids}
    with making_many():
        found |= {subject_id: reader.cells(text) for subject_id, text in _texts(session, subject_ids)}
    return found


def next_days(session: Session, subject_ids: Sequence[int], vocabulary: Vocabulary, as_of: date) -> dict[int, date]:
    """The first day after `as_of` on which other observations of a subject may count; one without such a day is left out."""
    days = ((subject_id, next_day(text, vocabulary, as_of)) for subject_id, text in _texts(session, subject_ids))
    return {subject_id: day for subject_id, day in days if day is not None}


def rebuild(session: Session, vocabulary: Vocabulary) -> None:
    """Make `current_facts` anew from the log."""
    ids = session.scalars(select(Fact.subject_id).distinct().order_by(Fact.subject_id)).all()
    session.execute(delete(CurrentFacts))
    for chunk in _chunks(ids):
        logged: dict[int, list[Observation]] = {}
        for subject_id, observation in _log(session, chunk, vocabulary, None):
            logged.setdefault(subject_id, []).append(observation)
        _refresh(session, logged, vocabulary)


def _texts(session: Session, subject_ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    for ids in _chunks(subject_ids):
        asked = select(CurrentFacts.subject_id, CurrentFacts.observations).where(CurrentFacts.subject_id.in_(ids))
        yield from ((row.subject_id, row.observations) for row in session.execute(asked))


def _log(
    session: Session, subject_ids: Sequence[int], vocabulary: Vocabulary, known_at: datetime | None
) -> Iterator[tuple[int, Observation]]:
    """What was received by an instant, by subject and in the order of receipt."""
    for ids in _chunks(subject_ids):
        asked = select(*_FACTS.c).where(Fact.subject_id.in_(ids)).order_by(Fact.subject_id, Fact.id)
        if known_at is not None:
            asked = asked.where(Fact.received_at <= known_at)
        for row in session.execute(asked):
            if row.fact in vocabulary:
                yield row.subject_id, _observation(row, vocabulary)


def _refresh(session: Session, added: Mapping[int, Sequence[Observation]], vocabulary: Vocabulary) -> None:
    """Write today's view of these subjects anew, with what was added to the log."""
    asked = select(CurrentFacts.subject_id, CurrentFacts.observations, CurrentFacts.changed_at)
    there = {row.subject_id: row for row in session.execute(asked.where(CurrentFacts.subject_id.in_(added)))}
    rows: list[dict[str, object]] = []
    for subject_id, observations in added.items():
        row = there.get(subject_id)
        current = {} if row is None else decoded(row.observations, vocabulary)
        for observation in observations:
            current.setdefault(observation.fact, []).append(observation)
        last = max(observation.received_at for observation in observations)
        changed_at = last if row is None else max(row.changed_at, last)
        rows.append({"subject_id": subject_id, "observations": encoded(current), "changed_at": changed_at})
    if there:
        session.execute(delete(CurrentFacts).where(CurrentFacts.subject_id.in_(there)))
    insert_rows(session, _CURRENT, rows)


def _chunks(ids: Sequence[_Id]) -> Iterator[Sequence[_Id]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _topic(subject_id: int, o: Observation) -> _Topic:
    """What an observation is about, and by which record of whom: the last word about it counts."""
    day = o.observed_on or local_day(o.received_at)
    return subject_id, o.fact, o.source, o.record, day, o.valid_from, o.valid_through


def _hash(subject_id: int, o: Observation, times: int = 0) -> bytes:
    """The same word of the same source on the same day is one observation; the day of receipt stands for an unsaid day.

    `times`: how often the source came back to it after saying something else.
    """
    said = [subject_id, o.fact, to_plain(o.value), o.source, o.record, o.observed_on or local_day(o.received_at),
            o.valid_from, o.valid_through, o.confidence, o.authorised_by, *([times] if times else [])]  # fmt: skip
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _row(subject_id: int, o: Observation, row_hash: bytes) -> dict[str, object]:
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
        "row_hash": row_hash,
    }


def _observation(row: Row[tuple[object, ...]], vocabulary: Vocabulary) -> Observation:
    return Observation(
        fact=row.fact,
        value=from_text(vocabulary[row.fact], row.value),
        source=row.source,
        observed_on=row.observed_on,
        received_at=row.received_at,
        valid_from=row.valid_from,
        valid_through=row.valid_through,
        confidence=row.confidence,
        authorised_by=row.authorised_by,
        record=row.record,
    )


def heard_of(session: Session, library: str, codes: Sequence[str], source: str) -> set[str]:
    """The subjects, by code, of which a source ever said anything."""
    found: set[str] = set()
    for chunk in _chunks(codes):
        said = exists().where(Fact.subject_id == Subject.id, Fact.source == source)
        found |= {
            *session.scalars(select(Subject.code).where(Subject.library == library, Subject.code.in_(chunk), said))
        }
    return found
