"""The words of names and texts, by which subjects are found without reading them.

Which words a text has is the caller's to say; here they are kept and looked for, with FTS5 on SQLite and a GIN index
over `to_tsvector('simple', …)` on PostgreSQL (migration 0006). Both follow the table by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select, column, delete, exists, func, literal_column, or_, select, table
from sqlalchemy.orm import Session

from policy_match.store.bulk import insert_rows
from policy_match.store.tables import Subject, SubjectWords

Words: TypeAlias = Mapping[str, Sequence[str]]
"""The words of each field of one subject."""
_CHUNK = 500
_WORDS = SubjectWords.metadata.tables[SubjectWords.__tablename__]
_FTS = table("subject_words_fts")
_ROWID: ColumnElement[int] = column("rowid")
_SIMPLE: ColumnElement[str] = literal_column("'simple'")
# Within a number these marks would part it into two words, and not in the same places on both databases.
_ONE_WORD = str.maketrans({".": "点", "%": "比"})


def keep(session: Session, said: Mapping[int, Words], *, cut_by: str) -> None:
    """Put these words in place of all that the subjects (by row id) had; `cut_by`: what cut them, in at most 20 letters."""
    ids = sorted(said)
    for start in range(0, len(ids), _CHUNK):
        session.execute(delete(SubjectWords).where(SubjectWords.subject_id.in_(ids[start : start + _CHUNK])))
    rows = [
        {"subject_id": one, "field": field, "tokens": " ".join(map(_stored, dict.fromkeys(words))), "cut_by": cut_by}
        for one in ids
        for field, words in said[one].items()
    ]
    insert_rows(session, _WORDS, rows)


def subjects_with(session: Session, library: str, words: Sequence[str]) -> list[int]:
    """Row ids, ascending, of the subjects that have every word: in any of their fields, or of their firm's.

    A word is a word whatever signs it holds, never a part of a query. ValueError without words: that would be all subjects.
    """
    if not words:
        raise ValueError("no words")
    asked = select(Subject.id).where(Subject.library == library).order_by(Subject.id)
    for word in dict.fromkeys(words):
        having = _having(session, _stored(word))
        asked = asked.where(or_(Subject.id.in_(having), Subject.enterprise_id.in_(having)))
    return list(session.scalars(asked))


def are_stale(session: Session, cut_by: str) -> bool:
    """Whether words are lacking altogether, or something else cut some of them."""
    others = exists().where(or_(SubjectWords.cut_by < cut_by, SubjectWords.cut_by > cut_by))
    lacking = ~exists().where(SubjectWords.id.is_not(None)) & exists().where(Subject.name.is_not(None))
    return bool(session.scalar(select(or_(others, lacking))))


def _stored(word: str) -> str:
    return word.translate(_ONE_WORD)


def _having(session: Session, word: str) -> Select[int]:
    asked = select(SubjectWords.subject_id)
    if session.connection().dialect.name == "postgresql":
        vector = func.to_tsvector(_SIMPLE, SubjectWords.tokens)
        return asked.where(vector.op("@@")(func.plainto_tsquery(_SIMPLE, word)))
    phrase = '"' + word.replace('"', '""') + '"'
    matches: ColumnElement[bool] = literal_column(_FTS.name).op("MATCH")(phrase)
    return asked.where(SubjectWords.id.in_(select(_ROWID).select_from(_FTS).where(matches)))
