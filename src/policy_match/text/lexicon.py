"""The words people use for each topic, the questions they ask, and names that stand for one document or measure.

Data of the corpus (corpus/lexicon/), kept by an owner; the format is checked where it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ask:
    """A question and how well each topic answers it: 2 what is asked for, 1 related; no topic: nothing we hold answers it."""

    text: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ShortName:
    """An abbreviation: the name of one document or measure, `target` its id; or of some words, `means`. One of both is set."""

    name: str
    target: str | None = None
    means: str | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`words`: by topic. `asks`: questions made up for the topics, and for none. `graded`: real wordings graded by people who saw no topic's words."""

    words: Mapping[str, tuple[str, ...]]
    asks: tuple[Ask, ...]
    graded: tuple[Ask, ...]
    names: tuple[ShortName, ...]
