"""Let the texts of subjects count in the order, by the search index.

Apart from the weights, because reading texts takes seconds to get ready: files are matched without it.
"""

from __future__ import annotations

from dataclasses import replace

from policy_match.ranking.scoring import Ordering
from policy_match.ranking.texts import Reading
from policy_match.text.index import SearchIndex


def order_by_text(ordering: Ordering | None, index: SearchIndex | None) -> Ordering | None:
    """The same ordering with texts; as it is where there is no index or no ordering."""
    if ordering is None or index is None:
        return ordering
    return replace(ordering, likeness=Reading(index.likeness, ordering.ranking.text.fewest))
