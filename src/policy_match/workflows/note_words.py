"""Note the words by which subjects are found: names, what they were called before, 建设内容 and 主要产品, as of today.

Whoever records a name or one of these texts notes the words in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from policy_match.facts.cells import Text
from policy_match.facts.observations import Observation
from policy_match.facts.vocabulary import Vocabulary
from policy_match.store import facts as stored_facts
from policy_match.store import subjects, words
from policy_match.store.current import Known
from policy_match.workflows.cut_words import Cutter
from policy_match.workflows.place_rows import NAME_KEY

TEXTS = ("content", "products")
_CHUNK = 500


def tells_words(observations: Iterable[Observation]) -> bool:
    """Whether one of the texts is among them."""
    return any(one.fact in TEXTS for one in observations)


def note_words(session: Session, vocabulary: Vocabulary, cutter: Cutter, subject_ids: Sequence[int]) -> None:
    """Cut what these subjects are called and what is said of them today, in place of the words that they had."""
    ids = sorted(set(subject_ids))
    texts = replace(vocabulary, facts={name: vocabulary[name] for name in TEXTS if name in vocabulary})
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        names, keys = subjects.by_ids(session, chunk), subjects.keys_of(session, chunk)
        known = stored_facts.known(session, chunk, texts)
        said: dict[int, words.Words] = {}
        for one in chunk:
            former = [key.value for key in keys[one] if key.kind == NAME_KEY]
            written = {"name": [names[one].name or ""], "former_name": former} | _said(known[one])
            said[one] = {field: cutter.words(" ".join(parts)) for field, parts in written.items() if parts}
        words.keep(session, said, cut_by=cutter.version)


def note_all(session: Session, vocabulary: Vocabulary, cutter: Cutter) -> None:
    """The words of every subject of both libraries, where they are lacking or something else cut them."""
    if words.are_stale(session, cutter.version):
        note_words(session, vocabulary, cutter, subjects.every_id(session))


def _said(known: Known) -> dict[str, list[str]]:
    """The last word of every record of every source on each text."""
    found: dict[str, list[str]] = {}
    for fact, observations in known.items():
        last = {(one.source, one.record): one.value for one in observations}
        found[fact] = [value.text for value in last.values() if isinstance(value, Text)]
    return found
