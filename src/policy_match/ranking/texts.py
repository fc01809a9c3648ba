"""What the text of a subject says for relevance: enough of it, and how like it is to every measure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policy_match.facts.cells import Text
from policy_match.facts.subjects import Subject
from policy_match.text.normalise import normalise
from policy_match.text.tokens import STOP_WORDS

TEXTS = ("content", "products")
# Words of project descriptions that tell no project from another, beside those of every question.
_PLAIN = STOP_WORDS | {
    "年产",
    "新建",
    "总投资",
    "投资",
    "投产",
    "达产",
    "用地",
    "厂房",
    "有限",
    "责任",
    "股份",
    "集团",
    "常州",
    "江苏",
}
_TELLS_NOTHING = re.compile("|".join(sorted(_PLAIN, key=lambda word: (-len(word), word))))
_INFORMATIVE = re.compile(r"[㐀-鿿a-z]")


@dataclass(frozen=True, slots=True)
class Reading:
    """The likeness of a subject's text to every measure, by id; None where the text says too little.

    `likeness`: that of any text, such as `SearchIndex.likeness`; `fewest`: informative characters that a text needs.
    """

    likeness: Callable[[str], Mapping[str, float]]
    fewest: int

    def __call__(self, subject: Subject) -> Mapping[str, float] | None:
        text = text_of(subject, self.fewest)
        return None if text is None else self.likeness(text)


def text_of(subject: Subject, fewest: int) -> str | None:
    """Name, content and products of a subject in one; None with fewer than `fewest` informative characters."""
    cells = (subject.cells.get(name) for name in TEXTS)
    said = [cell.value.text for cell in cells if cell is not None and isinstance(cell.value, Text)]
    text = "。".join([*([subject.name] if subject.name else []), *said])
    telling = len(_INFORMATIVE.findall(_TELLS_NOTHING.sub("", normalise(text))))
    return text if telling >= fewest else None
