"""What if: match subjects that come with a question; nothing is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.eligibility.decide import Batch
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.jsonl import subject_from_json
from policy_match.exchange.refusals import Loaded, gathered
from policy_match.facts.read import Json
from policy_match.facts.subjects import joined
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.match import Matching

MOST_SUBJECTS = 1000


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The subjects that could be read, decided on one day, and those that could not."""

    matching: Matching
    loaded: Loaded


def what_if(
    lines: Sequence[Json],
    rulebook: Rulebook,
    as_of: date,
    ordering: Ordering | None = None,
    *,
    batch: Batch | None = None,
) -> WhatIf:
    """Read subject lines (the lines of a .jsonl file, counted from 1) and decide them; projects read their enterprise.

    `batch`: the rules of the day, where they were compiled before.
    """
    vocabulary = rulebook.vocabulary
    rows = ((number, lambda line=line: subject_from_json(line, vocabulary)) for number, line in enumerate(lines, 1))
    loaded = gathered(rows)
    matching = Matching(rulebook, joined(loaded.subjects, vocabulary), as_of, ordering)
    if batch is not None:
        matching.decide(batch)
    return WhatIf(matching, loaded)
