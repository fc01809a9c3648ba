"""Open the search index: built once from rules, corpus and lexicon, then read from a file named by the hash of all three.

The file is a pickle of our own: the folder must be one that only the service's account can write to.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from importlib.metadata import version
from pathlib import Path

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, RuleError
from policy_match.exchange.lexicon import load_lexicon
from policy_match.text.index import SearchIndex
from policy_match.text.lexicon import Lexicon
from policy_match.text.searchable import Searchable, searchables
from policy_match.text.tokens import Segmenter

_LONGEST_WORD = 8
_BUILT_WITH = ("policy-match", "scikit-learn", "numpy", "jieba", "pypinyin")


def open_index(rulebook: Rulebook, corpus: Path, cache: Path) -> SearchIndex:
    """The index of these rules and this corpus; RuleError for a fault of the lexicon. A folder that cannot be written is no error."""
    lexicon = load_lexicon(corpus / "lexicon")
    entries = searchables(rulebook)
    _check_targets(lexicon, entries)
    path = cache / f"search-{_hash(lexicon, entries)}.pickle"
    if path.is_file():
        found = pickle.loads(path.read_bytes())  # noqa: S301 # our own file, see above
        if isinstance(found, SearchIndex):
            return found
    index = build_index(lexicon, entries, cache)
    _keep(index, path)
    return index


def cached_index(rulebook: Rulebook, corpus: Path, cache: Path) -> SearchIndex | None:
    """The index of these rules and this corpus where it was kept; None where it was not, or the lexicon has a fault."""
    if next(cache.glob("search-*.pickle"), None) is None:
        return None
    try:
        lexicon = load_lexicon(corpus / "lexicon")
    except RuleError:
        return None
    path = cache / f"search-{_hash(lexicon, searchables(rulebook))}.pickle"
    return open_index(rulebook, corpus, cache) if path.is_file() else None


def build_index(lexicon: Lexicon, entries: tuple[Searchable, ...], cache: Path | None = None) -> SearchIndex:
    """A new index; the words of the lexicon are the segmenter's domain words."""
    words = {word for words in lexicon.words.values() for word in words if 1 < len(word) <= _LONGEST_WORD}
    names = {name.name for name in lexicon.names}
    folder = cache if cache is not None and _is_ours(cache) else None
    return SearchIndex(entries, lexicon, Segmenter(words | names, folder))


def _check_targets(lexicon: Lexicon, entries: tuple[Searchable, ...]) -> None:
    known = {entry.id for entry in entries}
    wrong = [name for name in lexicon.names if name.target is not None and name.target not in known]
    if wrong:
        what = "、".join(f"{name.name}→{name.target}" for name in wrong)
        raise RuleError(
            Issue(
                "LEXICON_TARGET",
                f"简称指向没有的编号：{what}",
                "lexicon/names.yaml",
                "现有措施或文件的编号",
                "改正 target",
            )
        )


def _hash(lexicon: Lexicon, entries: tuple[Searchable, ...]) -> str:
    made_with = [f"{name}={version(name)}" for name in _BUILT_WITH]
    code = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "text").glob("*.py"))]
    content = hashlib.sha256(repr((made_with, lexicon, entries)).encode())
    for part in code:
        content.update(part)
    return content.hexdigest()[:20]


def _is_ours(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _keep(index: SearchIndex, path: Path) -> None:
    """Write whole or not at all; older indexes go."""
    if not _is_ours(path.parent):
        return
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(pickle.dumps(index, protocol=pickle.HIGHEST_PROTOCOL))
    for old in path.parent.glob("search-*.pickle"):
        old.unlink(missing_ok=True)
    part.replace(path)
