"""Open what the review of matches needs: the order with texts, and what somebody asks for in words."""

from __future__ import annotations

from collections.abc import Sequence

from policy_match.errors import FactError, Issue, UsageError
from policy_match.identifiers import DISTRICTS, canonical_region, region_name
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.find_reviews import Wanted
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_index import open_index
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.order_by_text import order_by_text
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By


def review_ordering(archive: Archive, by: By) -> Ordering | None:
    """The weights with the texts of the rules in force; None without `ranking.yaml`. The index is built once and kept."""
    ordering, cache = open_ordering(archive.rules), archive.shelf.cache
    if ordering is None or cache is None:
        return ordering
    rulebook = rulebook_in_force(archive, by.library, View(by.today))
    return order_by_text(ordering, open_index(rulebook, archive.shelf.corpus, cache))


def wanted_reviews(
    archive: Archive, by: By, measures: Sequence[str] | None, district: str | None, *, mine: bool
) -> Wanted:
    """What is asked for; UsageError MEASURE_UNKNOWN or DISTRICT for what is not known."""
    ids = rulebook_in_force(archive, by.library, View(by.today)).ids if measures else ()
    for name in measures or ():
        if name not in ids:
            raise unknown_measure(name, ids, "--measure")
    return Wanted(
        None if measures is None else frozenset(measures), None if district is None else _code(district), mine
    )


def _code(written: str) -> str:
    try:
        code = canonical_region(written)
    except FactError:
        code = ""
    if code not in DISTRICTS:
        names = "、".join(f"{one} {region_name(one)}" for one in DISTRICTS)
        raise UsageError(Issue("DISTRICT", f"“{written[:20]}”不是辖市区", "--district", names, "写代码或名称"))
    return code
