"""Search at size and its quality: 10,000 seeded documents, and the frozen questions on the shipped rules.

`make campaign NAME=search` runs it. The documents are made of sentences and titles of the shipped corpus in random order, so that
words are as frequent as they are here; only their number is invented.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import orjson

from benchmarks.report import machine
from policy_match.exchange.lexicon import load_lexicon
from policy_match.text.grading import is_right, ndcg, topic_order
from policy_match.text.index import SearchIndex
from policy_match.text.searchable import Searchable, searchables
from policy_match.workflows.open_index import build_index
from policy_match.workflows.open_rules import open_rulebook

ROOT = Path(__file__).resolve().parents[1]
SEED, DOCUMENTS, SENTENCES = 20261128, 10_000, 4
FROZEN = ROOT / "tests" / "data" / "queries" / "frozen.jsonl"


def main() -> list[str]:
    """Build and ask; the lines of the evidence."""
    lexicon = load_lexicon(ROOT / "corpus" / "lexicon")
    entries = searchables(open_rulebook(ROOT / "rules", ROOT / "corpus"))
    asked = [ask.text for ask in lexicon.graded]
    started = time.perf_counter()
    large = build_index(lexicon, grown(entries, DOCUMENTS))
    built = time.perf_counter() - started
    times = [_timed(large, query) for query in asked]
    small = build_index(lexicon, entries)
    return [
        f"- {machine()}; seed {SEED}",
        f"- index of {DOCUMENTS:,} entries built in {built:.1f} s",
        f"- {len(asked)} questions on it: median {np.median(times) * 1000:.1f} ms, 95 % within {np.percentile(times, 95) * 1000:.1f} ms",
        *quality(small),
    ]


def grown(entries: tuple[Searchable, ...], size: int) -> tuple[Searchable, ...]:
    """The shipped entries and so many made-up documents that there are `size`."""
    dice = random.Random(SEED)  # noqa: S311
    sentences = [sentence for entry in entries for sentence in entry.text.split("。") if sentence]
    made = [
        Searchable(
            id=f"made-{number:05}",
            kind="document",
            title=f"{dice.choice(entries).title}{number}",
            topics=dice.choice(entries).topics,
            region=dice.choice(entries).region,
            numbers=(f"示例发〔{2000 + number % 26}〕{number}号",),
            text="。".join(dice.sample(sentences, SENTENCES)),
        )
        for number in range(size - len(entries))
    ]
    return (*entries, *made)


def quality(index: SearchIndex) -> list[str]:
    """The frozen questions: gain at ten by topics in order, share of sure answers, and how many of these are right."""
    gains, sure, right, quiet = [], [], [], []
    for line in FROZEN.read_bytes().splitlines():
        row = orjson.loads(line)
        answer = index.search(row["query"])
        topics = [hit.topics for hit in answer.hits]
        sure.append(answer.confident)
        if row["relevant"]:
            gains.append(ndcg(topic_order(topics), row["relevant"]))
        else:
            quiet.append(not answer.confident)
        if answer.confident:
            right.append(is_right(topics[0], row["relevant"]))
    return [
        f"- {len(sure)} frozen questions ({len(quiet)} of them answerable by nothing we hold), never learned or tuned on:",
        f"- nDCG@10 over the topics of the results {np.mean(gains):.3f}; sure of {np.mean(sure):.0%}; "
        f"first result right when sure {np.mean(right):.3f}; unanswerable ones left unsure {np.mean(quiet):.0%}",
    ]


def _timed(index: SearchIndex, query: str) -> float:
    started = time.perf_counter()
    index.search(query)
    return time.perf_counter() - started
