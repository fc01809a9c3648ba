"""Questions that had no sure answer, kept so that the lexicon learns them; only where the office has asked for it.

What could name a person or a firm is taken out before anything is written: long numbers, addresses of mail, names of firms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from policy_match.text.answer import Answer

_PERSONAL = (
    (re.compile(r"[\w.+-]+@[\w.-]+"), "〔邮箱〕"),
    (re.compile(r"[0-9A-Za-z]{7,}"), "〔号码〕"),
    (re.compile(r"[一-鿿（）()]{2,}(?:有限公司|股份公司|集团|公司)"), "〔企业〕"),
)
FILE_NAME = "search-misses.jsonl"


@dataclass(frozen=True, slots=True)
class Miss:
    """A question, how often it was asked and on which day last."""

    query: str
    times: int
    last: str


def note_miss(answer: Answer, folder: Path, today: date) -> None:
    """Append a question without a sure answer; one with it is not kept."""
    if answer.confident:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE_NAME).open("ab") as lines:
        lines.write(orjson.dumps({"on": today.isoformat(), "query": without_names(answer.query)}) + b"\n")


def without_names(query: str) -> str:
    """A question without numbers, addresses and firms."""
    for pattern, instead in _PERSONAL:
        query = pattern.sub(instead, query)
    return query


def misses(folder: Path, limit: int) -> Sequence[Miss]:
    """The questions missed, most often asked first, then by wording."""
    path = folder / FILE_NAME
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.is_file() else []
    times = Counter(str(line["query"]) for line in lines)
    last = {str(line["query"]): str(line["on"]) for line in lines}
    ordered = sorted(times, key=lambda query: (-times[query], query))
    return [Miss(query, times[query], last[query]) for query in ordered[:limit]]
