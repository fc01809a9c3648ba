"""Which rows of the library are worth comparing with a record: those that share rare tokens with it.

Tokens are the codes, the firm, pairs of letters of name, firm and industry, and the amount. A token counts by how few
rows have it, so the common words of the trade cost nothing and hide nobody. A row with the same project code is
always kept.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from policy_match.linkage.normalise import Profile

KEPT = 12


class Index:
    """The rows of a library, ordered by id, under their tokens."""

    def __init__(self, rows: Sequence[Profile]) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: row.id))
        self.by_id = {row.id: row for row in self.rows}
        under: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self.rows):
            for token in tokens(row):
                under[token].append(place)
        total = len(self.rows) + 1
        self._places = {token: np.array(places, dtype=np.int64) for token, places in under.items()}
        self._worth = {token: math.log(total / len(places)) for token, places in under.items()}

    def near(self, record: Profile) -> list[Profile]:
        """At most KEPT rows that share the rarest tokens, and every row with the same project code; in order of id."""
        score: npt.NDArray[np.float64] = np.zeros(len(self.rows))
        for token in tokens(record):
            if token in self._places:
                score[self._places[token]] += self._worth[token]
        best = np.argsort(-score, kind="stable")[:KEPT]
        kept = {int(place) for place in best if score[place] > 0}
        kept.update(int(place) for place in self._places.get(f"c{record.project_code}", ()))
        return [self.rows[place] for place in sorted(kept)]


def tokens(row: Profile) -> list[str]:
    """What a record is found by, each once, in order."""
    found = {f"f{firm}" for firm in row.firms}
    for text in (row.name.core if row.name else "", *row.firms, row.industry):
        found.update(text[place : place + 2] for place in range(len(text) - 1))
    if row.uscc:
        found.add(f"u{row.uscc}")
    if row.project_code:
        found.add(f"c{row.project_code}")
    if row.amount is not None:
        found.update(f"m{fen}" for fen in row.amount.fen)
    return sorted(found)
