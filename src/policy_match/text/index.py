"""The search index: everything that can be found as vectors, what questions mean, and how sure an answer is.

Built from rules, corpus and lexicon alone, never from a query: the same content gives the same index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from policy_match.identifiers import region_path
from policy_match.text.answer import Answer, Hit, Ranking
from policy_match.text.confidence import Confidence, Signs
from policy_match.text.grading import is_right
from policy_match.text.hints import hints_of
from policy_match.text.lexicon import Ask, Lexicon
from policy_match.text.lookup import Lookup
from policy_match.text.normalise import normalise
from policy_match.text.ridge import Scores
from policy_match.text.searchable import Searchable
from policy_match.text.tokens import Segmenter
from policy_match.text.topics import learn
from policy_match.text.vectors import Vectors, unit

_WORDS_A_BUNDLE = 8
# How much a source of learning counts against one made-up question.
_TITLE_WEIGHT, _GRADED_WEIGHT = 0.5, 2.0
# A result with several of the topics meant counts them all, and pays for having others beside them.
_TOPICS_EXPONENT = 0.4
_TEXT_WEIGHT, _BODY_SHARE = 0.4, 0.8
# A measure of another place than the one named, and one of that very place.
_ELSEWHERE, _HERE = -0.5, 0.1
_ENDED = -0.2
# Above every other sum, so that the order of the scores is the order of the hits.
_NAMED = 3.0
_SHOWN_TOPICS, _TOPIC_FROM = 5, 0.15
# Below this likeness a sentence and a clause share little more than a common word.
_NEAR = 0.08


class SearchIndex:
    """Search over `entries`; `segmenter` is to know the words of the lexicon. The same index answers from several threads."""

    def __init__(self, entries: Sequence[Searchable], lexicon: Lexicon, segmenter: Segmenter) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.id))
        self._place = {entry.id: place for place, entry in enumerate(self.entries)}
        self._regions = sorted({entry.region for entry in self.entries})
        self._region_of = np.array([self._regions.index(entry.region) for entry in self.entries])
        self._lookup = Lookup(self.entries, lexicon.names)
        self._meanings = [(normalise(name.name), name.means) for name in lexicon.names if name.means is not None]
        lessons, weights = _lessons(self.entries, lexicon)
        asked = [ask.text for ask in lessons]
        texts = [*(entry.title for entry in self.entries), *(entry.text for entry in self.entries)]
        self._vectors = Vectors([*texts, *asked], segmenter)
        # Terms by rows, so that a query reads only those it holds.
        self._texts = unit(self._vectors.fitted[: len(texts)]).T.tocsr()
        rows = self._vectors.fitted[len(texts) :]
        self._model, unlearned = learn(rows, [ask.relevant for ask in lessons], weights, len(lexicon.graded))
        self._shares = _shares(self.entries, self._model.topics)
        self._confidence = self._calibrated(lexicon.graded, unlearned)

    def search(self, query: str, limit: int = 10, ended: Collection[str] = ()) -> Answer:
        """The best `limit` entries of the ranking."""
        ranking = self.rank(query, ended)
        return ranking.answer(ranking.entries[:limit])

    def rank(self, query: str, ended: Collection[str] = (), ignoring: Collection[str] = ()) -> Ranking:
        """All entries, those asked for by name first; ties by id. A query of unknown words finds none.

        `ended`: ids of entries that are no longer in force; they are found as well, after others as near to the question.
        `ignoring`: fields of the hints which the query is to count as not having said.
        """
        row, in_full = self._rows(query)
        meant = self._model.scores(row)
        hints = replace(hints_of(query), **dict.fromkeys(ignoring))
        parts = self._parts(in_full, meant, hints.region)
        if ended:
            parts["ended"] = np.zeros(len(self.entries))
            parts["ended"][[self._place[id] for id in ended]] = _ENDED
        named = self._named(query)
        order = self._order(parts).tolist()
        found = [*named, *(place for place in order if place not in named)] if named or row.nnz else []
        sure = 1.0 if named else self._confidence.of(_signs(meant, parts, order[0])) if found else 0.0
        score = dict(zip(self._model.topics, meant, strict=True))

        def hit(entry: Searchable) -> Hit:
            place = self._place[entry.id]
            of_it = {"name": _NAMED} if place in named else {name: float(part[place]) for name, part in parts.items()}
            topics = sorted(entry.topics, key=lambda topic: -score.get(topic, 0.0))
            return Hit(entry, tuple(topics), {name: round(part, 4) for name, part in of_it.items()})

        return Ranking(query, hints, self._topics(meant), tuple(self.entries[place] for place in found), sure, hit)

    def likeness(self, text: str) -> dict[str, float]:
        """How like a text is to every measure, 0 to 1, by id; 0 where they share no term."""
        near = self._likeness(self._vectors.row(text))
        return {entry.id: float(near[place]) for place, entry in enumerate(self.entries) if entry.kind == "measure"}

    def nearest(self, text: str, sentences: Sequence[str], most: int = 2) -> tuple[str, ...]:
        """Of some sentences those most like a text, the nearest first; none that hardly shares a term with it."""
        row = unit(self._vectors.row(text))
        near = [float((row @ unit(self._vectors.row(sentence)).T).sum()) for sentence in sentences]
        order = sorted(range(len(sentences)), key=lambda place: (-near[place], place))
        return tuple(sentences[place] for place in order[:most] if near[place] >= _NEAR)

    def _likeness(self, row: csr_matrix) -> Scores:
        """Cosine of a text with every entry, (entries,): the nearer of title and body."""
        titles, bodies = np.split((unit(row) @ self._texts).toarray()[0], 2)
        nearer: Scores = np.maximum(titles, _BODY_SHARE * bodies)
        return nearer

    def _rows(self, query: str) -> tuple[csr_matrix, csr_matrix]:
        """A query as a row, and with what its abbreviations mean beside them."""
        plain = normalise(query)
        means = [means for name, means in self._meanings if name in plain]
        row = self._vectors.row(plain)
        return row, self._vectors.row(" ".join([plain, *means])) if means else row

    def _named(self, query: str) -> list[int]:
        return [self._place[id] for id in self._lookup.find(query) if id in self._place]

    def _parts(self, in_full: csr_matrix, meant: Scores, region: str | None) -> dict[str, Scores]:
        """What each entry scores, by part: (entries,) each."""
        text = self._likeness(in_full)
        parts = {"topic": self._shares @ np.clip(meant, 0.0, 1.0), "text": _TEXT_WEIGHT * text}
        if region is not None:
            parts["place"] = np.array([_nearness(held, region) for held in self._regions])[self._region_of]
        return parts

    def _order(self, parts: Mapping[str, Scores]) -> NDArray[np.intp]:
        """Places of the entries, the best first; equal ones by id, as the entries stand."""
        return np.argsort(-np.round(np.sum(list(parts.values()), axis=0), 9), kind="stable")

    def _topics(self, meant: Scores) -> tuple[str, ...]:
        best = np.argsort(-meant, kind="stable")[:_SHOWN_TOPICS]
        return tuple(self._model.topics[place] for place in best if meant[place] >= _TOPIC_FROM)

    def _calibrated(self, graded: Sequence[Ask], unlearned: Scores) -> Confidence:
        """Confidence on the graded questions, each answered as if it had not been learned."""
        signs, right = [], []
        for ask, meant in zip(graded, unlearned, strict=True):
            parts = self._parts(self._rows(ask.text)[1], meant, hints_of(ask.text).region)
            first = int(self._order(parts)[0])
            signs.append(_signs(meant, parts, first))
            right.append(is_right(self.entries[first].topics, ask.relevant))
        return Confidence(signs, right)


def _signs(meant: Scores, parts: Mapping[str, Scores], first: int) -> Signs:
    second, best = np.sort(meant)[-2:]
    return Signs(float(best), float(best - second), float(parts["text"][first]), float(parts["topic"][first]))


def _lessons(entries: Sequence[Searchable], lexicon: Lexicon) -> tuple[list[Ask], Scores]:
    """What topics are learned from, the graded questions last, and the weight of each."""
    bundles = [
        Ask(" ".join(words[at : at + _WORDS_A_BUNDLE]), {topic: 2})
        for topic, words in sorted(lexicon.words.items())
        for at in range(0, len(words), _WORDS_A_BUNDLE)
    ]
    titles = [Ask(entry.title, dict.fromkeys(entry.topics, 2)) for entry in entries if entry.kind == "measure"]
    made_up = [*lexicon.asks, *bundles]
    counts = (len(made_up), len(titles), len(lexicon.graded))
    return [*made_up, *titles, *lexicon.graded], np.repeat([1.0, _TITLE_WEIGHT, _GRADED_WEIGHT], counts)


def _shares(entries: Sequence[Searchable], topics: Sequence[str]) -> csr_matrix:
    """How much of each topic an entry carries, (entries, topics): 1 for an entry's only topic, less for each of several."""
    place = {topic: at for at, topic in enumerate(topics)}
    known = [[place[topic] for topic in entry.topics if topic in place] for entry in entries]
    values = [len(ats) ** -_TOPICS_EXPONENT for ats in known for _ in ats]
    rows = [row for row, ats in enumerate(known) for _ in ats]
    columns = [at for ats in known for at in ats]
    return csr_matrix((values, (rows, columns)), shape=(len(entries), len(topics)))


def _nearness(holds_in: str, asked: str) -> float:
    """A measure of the place asked for, of a broader one, or of a place apart."""
    if holds_in == asked:
        return _HERE
    return 0.0 if holds_in in region_path(asked) or asked in region_path(holds_in) else _ELSEWHERE
