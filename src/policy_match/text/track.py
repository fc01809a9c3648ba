"""Tracks of the notice proposed from the words of a project and its industry: our reading, never a fact.

How often such a ground is right was counted on real projects whose tracks somebody read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from policy_match.facts.taxonomies import Track

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

SHOWN_FROM = 0.3
MOST = 3
_FEWEST = 20


@dataclass(frozen=True, slots=True)
class ReadTracks:
    """A real project's text, its class if known, and its tracks as somebody read them."""

    text: str
    code: str | None
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrackCandidate:
    """One track. `confidence`: how often such grounds are right. `words`: of the text."""

    track: str
    confidence: float
    words: tuple[str, ...]


class TrackModel:
    """Grounds are the words of a track that the text holds and whether the industry lies under it."""

    def __init__(self, tracks: Sequence[Track], read: Sequence[ReadTracks]) -> None:
        from sklearn.linear_model import LogisticRegression  # late, as in vectors.py

        self._tracks = tuple(tracks)
        pairs = [(one, track) for one in read for track in tracks]
        right = [track.name in one.tracks for one, track in pairs]
        self._curve: LogisticRegression | None = None
        if sum(right) >= _FEWEST:
            grounds = np.array([_grounds(track, one.code, one.text) for one, track in pairs])
            self._curve = LogisticRegression(C=10.0).fit(grounds, right)

    def propose(self, text: str, code: str | None) -> tuple[TrackCandidate, ...]:
        """At most three tracks with a ground, the likeliest first; none if nothing could be calibrated."""
        if self._curve is None:
            return ()
        found = []
        for track in self._tracks:
            grounds = _grounds(track, code, text)
            if any(grounds):
                sure = float(self._curve.predict_proba(np.array([grounds]))[0, 1])
                found.append(TrackCandidate(track.name, round(sure, 4), _words(track, text)))
        shown = [one for one in found if one.confidence >= SHOWN_FROM]
        return tuple(sorted(shown, key=lambda one: (-one.confidence, one.track))[:MOST])


def _grounds(track: Track, code: str | None, text: str) -> tuple[float, float, float]:
    words = len(_words(track, text))
    return float(words > 0), float(words > 1), float(bool(track.why(code, "")))


def _words(track: Track, text: str) -> tuple[str, ...]:
    lower = text.lower()
    return tuple(word for word in track.words if word.lower() in lower)
