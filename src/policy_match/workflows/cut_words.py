"""Cut text into words for the library: the segmenter of the search, which knows the words of the lexicon.

It is made when a text is first cut, once for all archives of a process: it takes a second, which no reading of the
library should wait for.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from policy_match.errors import RuleError
from policy_match.exchange.lexicon import load_lexicon
from policy_match.text.lexicon import Lexicon

if TYPE_CHECKING:
    from policy_match.text.tokens import Segmenter

_LONGEST_WORD = 8
# Of a text longer than any description of a project the rest is not cut: PostgreSQL takes 1 MB of words.
_LONGEST_TEXT = 20_000
_TEXT = Path(__file__).parents[1] / "text"


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts text. `version`: the same for the same words from the same text; `folder`: where jieba keeps its dictionary
    if the folder is there; else it is the system's temporary one."""

    lexicon: Path
    version: str
    folder: Path | None = None

    @classmethod
    def of(cls, corpus: Path, cache_dir: Path | None = None) -> Cutter:
        """The cutter of a corpus."""
        lexicon = corpus / "lexicon"
        return cls(lexicon, _version(lexicon), cache_dir)

    def words(self, text: str) -> list[str]:
        """The words of a text without those that tell nothing, each once."""
        return [*dict.fromkeys(_segmenter(self).words(text[:_LONGEST_TEXT]))]


def domain_words(lexicon: Lexicon) -> set[str]:
    """The words of the lexicon that are kept whole."""
    words = {word for words in lexicon.words.values() for word in words if 1 < len(word) <= _LONGEST_WORD}
    return words | {name.name for name in lexicon.names}


def is_ours(folder: Path) -> bool:
    """Whether a folder is there, or can be made, and can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


@cache
def _segmenter(cutter: Cutter) -> Segmenter:
    """A lexicon with a fault, which `search` tells of, stops nobody from keeping projects: it has no words until it is mended."""
    from policy_match.text.tokens import Segmenter  # its import takes half a second, which a reader need not wait for

    there = cutter.folder is not None and cutter.folder.is_dir() and is_ours(cutter.folder)
    return Segmenter(_words_of(cutter.lexicon), cutter.folder if there else None)


def _words_of(folder: Path) -> Iterable[str]:
    try:
        return domain_words(load_lexicon(folder))
    except RuleError:
        return ()


def _version(lexicon: Path) -> str:
    found = hashlib.sha256(version("jieba").encode())
    for path in (*sorted(lexicon.glob("**/*.yaml")), _TEXT / "tokens.py", _TEXT / "normalise.py", Path(__file__)):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]
