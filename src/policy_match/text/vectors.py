"""Texts as vectors: TF-IDF of words, of two or three characters, and of two or three syllables, side by side.

The three views fail differently: words miss what the dictionary cuts wrongly, characters miss what is spelt wrongly, and syllables
only know the sound. Fitted once on the corpus, never on a query.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from scipy.sparse import csr_matrix, hstack

from policy_match.text.tokens import Segmenter, characters, syllables

WEIGHTS = {"words": 1.0, "characters": 1.0, "syllables": 0.5}


class Vectors:
    """The views fitted to `texts`; `fitted` holds the rows of these, (texts, terms). A new corpus is a new object."""

    def __init__(self, texts: Sequence[str], segmenter: Segmenter) -> None:
        # Late here and in what learns from vectors: the import takes seconds, and most commands and services learn nothing.
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import FeatureUnion

        views = {
            "words": TfidfVectorizer(analyzer=WordTerms(segmenter), sublinear_tf=True),
            "characters": TfidfVectorizer(
                preprocessor=characters, analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True
            ),
            "syllables": TfidfVectorizer(analyzer=syllable_terms, sublinear_tf=True),
        }
        self._union = FeatureUnion(list(views.items()), transformer_weights=WEIGHTS)
        self.fitted = csr_matrix(self._union.fit_transform(texts))
        self._names = [str(name) for name in views["words"].get_feature_names_out()]

    def row(self, text: str) -> csr_matrix:
        """One text as a row, (1, terms), float64; without a known term it is empty."""
        # What the union does, without its machinery for many jobs, which costs more than the work itself.
        parts = [view.transform([text]) * WEIGHTS[name] for name, view in self._union.transformer_list]
        return csr_matrix(hstack(parts, format="csr"))

    def word(self, term: int) -> str | None:
        """The word that a term stands for; None for pairs of words, characters and syllables."""
        name = self._names[term] if term < len(self._names) else " "
        return None if " " in name or len(name) < 2 else name


def unit(rows: csr_matrix) -> csr_matrix:
    """The rows at length one, (rows, terms); an empty row stays empty."""
    from sklearn.preprocessing import normalize

    return csr_matrix(normalize(rows))


class WordTerms:
    """Words and pairs of neighbouring words of a text."""

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def __call__(self, text: str) -> list[str]:
        words = self._segmenter.words(text)
        return [*words, *(f"{one} {two}" for one, two in pairwise(words))]


def syllable_terms(text: str) -> list[str]:
    """Pairs and triples of neighbouring syllables."""
    sounds = syllables(text)
    pairs = [f"{one} {two}" for one, two in pairwise(sounds)]
    return [*pairs, *(" ".join(sounds[at : at + 3]) for at in range(len(sounds) - 2))]
