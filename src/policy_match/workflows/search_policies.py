"""Search: measures and documents for a question in anybody's words.

Whether something is in force is said of the day asked for and filters nothing. Where we are not sure, the topics are to choose from.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

from policy_match.dates import parse_date
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.identifiers import region_name
from policy_match.text.answer import Answer, Hit, Ranking
from policy_match.text.hints import Hints
from policy_match.text.index import SearchIndex
from policy_match.text.searchable import Searchable
from policy_match.units import format_money
from policy_match.workflows.show_match import Plain

LONGEST_QUERY, MOST_RESULTS = 200, 100


def search_policies(index: SearchIndex, query: str, limit: int, rulebook: Rulebook, as_of: date) -> Answer:
    """The answer to a query; what has surely ended by the day comes after its like.

    UsageError for a query that is empty or too long, or a limit out of bounds.
    """
    asked = checked_query(query, "查询")
    if not 1 <= limit <= MOST_RESULTS:
        raise UsageError(Issue("LIMIT", f"条数 {limit} 不行", "--limit", f"1 至 {MOST_RESULTS}", "改正条数"))
    return index.search(asked, limit, _ended(index, rulebook, as_of))


def rank_policies(
    index: SearchIndex, query: str, rulebook: Rulebook, as_of: date, ignoring: Collection[str] = ()
) -> Ranking:
    """Everything that can be found, the best first, so that it can be narrowed and paged; `ignoring`: fields of the hints."""
    return index.rank(checked_query(query, "q"), _ended(index, rulebook, as_of), ignoring)


def checked_query(query: str, where: str) -> str:
    """The query without blanks around it; UsageError, naming `where`, if nothing is left or too much."""
    asked = query.strip()
    if not asked:
        raise UsageError(
            Issue("QUERY_EMPTY", "没有写要查什么", where, "一句话、一个文号或一个政策名称", "例如：买设备能补多少钱")
        )
    if len(asked) > LONGEST_QUERY:
        what = f"查询有{len(asked)}个字"
        raise UsageError(Issue("QUERY_LONG", what, where, f"不超过{LONGEST_QUERY}个字", "只留最想问的一句"))
    return asked


def _ended(index: SearchIndex, rulebook: Rulebook, as_of: date) -> set[str]:
    return {entry.id for entry in index.entries if is_in_force(entry, rulebook, as_of) is False}


def answer_data(answer: Answer, rulebook: Rulebook, as_of: date) -> dict[str, Plain]:
    """An answer as it is written to JSON; `understood` holds what the query says of place, money, step and degree."""
    return {
        "query": answer.query,
        "confident": answer.confident,
        "confidence": round(answer.confidence, 4),
        "topics": list(answer.topics),
        "understood": hints_data(answer.hints),
        "results": [hit_data(hit, rulebook, as_of) for hit in answer.hits],
    }


def hit_data(hit: Hit, rulebook: Rulebook, as_of: date) -> dict[str, Plain]:
    """One result; `in_force`: null where nobody can say."""
    entry = hit.entry
    return {
        "id": entry.id,
        "kind": entry.kind,
        "title": entry.title,
        "topics": list(hit.topics),
        "score": hit.score,
        "parts": dict(hit.parts),
        "in_force": is_in_force(entry, rulebook, as_of),
        "number": next(iter(entry.numbers), None),
        "region": region_name(entry.region),
    }


def hints_data(hints: Hints) -> dict[str, Plain]:
    """What was understood beside the topics, in Chinese words; only what was said."""
    return dict(hint_words(hints).values())


def hint_words(hints: Hints) -> dict[str, tuple[str, str]]:
    """What was understood: (name, value) in Chinese words by the field it stands in."""
    said = {
        "region": ("地区", None if hints.region is None else region_name(hints.region)),
        "amount_fen": ("金额", None if hints.amount_fen is None else format_money(hints.amount_fen)),
        "step": ("项目节点", hints.step),
        "degree": ("学历", hints.degree),
    }
    return {field: (name, value) for field, (name, value) in said.items() if value is not None}


def is_in_force(entry: Searchable, rulebook: Rulebook, as_of: date) -> bool | None:
    """Whether a measure, in the version that decides on the day, or a document is in force on it."""
    if entry.kind == "measure":
        return rulebook.at(entry.id, as_of).in_force(as_of)
    return document_in_force(rulebook.documents[entry.id], as_of)


# The same few days of documents, read for every answer.
_parsed = lru_cache(maxsize=4096)(parse_date)


def document_in_force(document: PolicyDocument, as_of: date) -> bool | None:
    """True or False where the dates seen say so, else None; both ends included."""
    day, span = as_of.toordinal(), document.effective
    begin = None if span.from_ is None else _parsed(span.from_)
    end = None if span.through in ("open", "unknown") else _parsed(span.through)
    if begin is not None and begin.low is not None and day < begin.low:
        return False
    if end is not None and end.high is not None and day > end.high:
        return False
    begun = begin is not None and begin.high is not None and day >= begin.high
    lasts = span.through == "open" or (end is not None and end.low is not None and day <= end.low)
    return True if begun and lasts else None
