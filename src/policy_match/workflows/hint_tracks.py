"""Which tracks of the notice a project may belong to, from its industry code and its own words.

A hint for people who have to state the track: it is our reading of the corpus list, is shown
as such, becomes no fact and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.facts.cells import Possible, Text
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.taxonomies import TRACK
from policy_match.facts.vocabulary import Vocabulary

_INDUSTRY, _TEXTS = "industry_code", ("content", "products")


@dataclass(frozen=True, slots=True)
class TrackHint:
    """One track and what speaks for it, in words."""

    track: str
    why: tuple[str, ...]


def track_hints(subject: Subject, vocabulary: Vocabulary) -> tuple[TrackHint, ...]:
    """Tracks that a project may belong to, most grounds first; none where its track is known, or for firms and persons."""
    known = subject.cells.get(TRACK)
    if subject.kind is not Kind.PROJECT or (known is not None and known.value is not None):
        return ()
    texts = [subject.name or "", *(said_text(subject, name) for name in _TEXTS)]
    cell = subject.cells.get(_INDUSTRY)
    code = cell.value.single if cell is not None and isinstance(cell.value, Possible) else None
    hints = [TrackHint(t.name, t.why(code, " ".join(texts))) for t in vocabulary.taxonomies.tracks.values()]
    return tuple(sorted((hint for hint in hints if hint.why), key=lambda hint: -len(hint.why)))


def said_text(subject: Subject, name: str) -> str:
    """A text fact of a subject; empty where nothing is said."""
    cell = subject.cells.get(name)
    return cell.value.text if cell is not None and isinstance(cell.value, Text) else ""
