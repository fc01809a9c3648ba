"""Open the search index: built once from rules, corpus and lexicon, then kept."""

from __future__ import annotations

from pathlib import Path

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, RuleError
from policy_match.exchange.lexicon import load_lexicon
from policy_match.text.index import SearchIndex
from policy_match.text.lexicon import Lexicon
from policy_match.text.searchable import Searchable, searchables
from policy_match.text.tokens import Segmenter
from policy_match.workflows.cut_words import domain_words, is_ours
from policy_match.workflows.kept_model import kept, kept_path


def open_index(rulebook: Rulebook, corpus: Path, cache: Path) -> SearchIndex:
    """The index of these rules and this corpus; RuleError for a fault of the lexicon. A folder that cannot be written is no error."""
    lexicon = load_lexicon(corpus / "lexicon")
    entries = searchables(rulebook)
    _check_targets(lexicon, entries)
    return kept(
        kept_path("search", (lexicon, entries), cache), SearchIndex, lambda: build_index(lexicon, entries, cache)
    )


def cached_index(rulebook: Rulebook, corpus: Path, cache: Path) -> SearchIndex | None:
    """The index of these rules and this corpus where it was kept; None where it was not, or the lexicon has a fault."""
    if next(cache.glob("search-*.pickle"), None) is None:
        return None
    try:
        lexicon = load_lexicon(corpus / "lexicon")
    except RuleError:
        return None
    path = kept_path("search", (lexicon, searchables(rulebook)), cache)
    return open_index(rulebook, corpus, cache) if path.is_file() else None


def build_index(lexicon: Lexicon, entries: tuple[Searchable, ...], cache: Path | None = None) -> SearchIndex:
    """A new index; the words of the lexicon are the segmenter's domain words."""
    folder = cache if cache is not None and is_ours(cache) else None
    return SearchIndex(entries, lexicon, Segmenter(domain_words(lexicon), folder))


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
