"""Put subjects into groups: by district, tier of the investment, division of the industry and size of the firm.

A fact that is not known, or may put the subject into either of two groups, puts it into 未知.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from policy_match.benefits.columns import Rows
from policy_match.facts.cells import Possible
from policy_match.facts.show import SIZE_NAMES
from policy_match.facts.table import FactTable, key_of, known_rows
from policy_match.facts.vocabulary import FactType
from policy_match.identifiers import DISTRICTS, IndustryTree, region_name, region_path
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tiers import band_names
from policy_match.workflows.list_standings import reporting_unit

NOT_KNOWN = "未知"
ELSEWHERE = "市外"
CITY = "320400"
WAYS = {"district": "地区", "tier": "投资体量", "industry": "行业", "size": "企业规模"}


@dataclass(frozen=True, slots=True)
class Grouping:
    """Named groups in their order. `places`: int64 (n_subjects,), the group of each subject; `of_firms`: of its firm."""

    names: tuple[str, ...]
    places: Rows
    of_firms: Rows


def groupings_of(table: FactTable, lifecycle: LifecycleTable) -> dict[str, Grouping]:
    """The four ways to group the subjects of a table, by name (WAYS)."""
    tree = table.vocabulary.industries
    places = [*map(region_name, DISTRICTS), region_name(CITY), ELSEWHERE]
    sites = _first_known(table, ("district", "registered_region"), _district, places)
    seats = _first_known(table, ("registered_region", "district"), _district, places)
    return {
        "district": replace(sites, of_firms=seats.places),
        "tier": _tiers(table, lifecycle),
        "industry": _first_known(table, ("industry_code",), lambda code: _division(code, tree), ()),
        "size": _first_known(table, ("enterprise_size",), SIZE_NAMES.get, [*SIZE_NAMES.values()]),
    }


def _first_known(
    table: FactTable, facts: Sequence[str], name_of: Callable[[str], str | None], order: Sequence[str]
) -> Grouping:
    """Groups by the first of some coded facts that is known; names that `order` does not hold come after it, sorted."""
    columns = [table.codes(fact) for fact in facts]
    named = [[_name(value, name_of) for value in column.domain.values] for column in columns]
    found = {name for names in named for name in names}
    names = (*order, *sorted(found - {*order, NOT_KNOWN}), NOT_KNOWN)
    number = {name: place for place, name in enumerate(names)}
    places = np.full(table.size, number[NOT_KNOWN], dtype=np.int64)
    for column, own in reversed(list(zip(columns, named, strict=True))):
        numbers = np.array([number[name] for name in own], dtype=np.int64)
        places = np.where(known_rows(column), numbers[column.ids], places)
    return Grouping(names, places, places)


def _name(value: Possible | None, name_of: Callable[[str], str | None]) -> str:
    """The one group of all that a value may be."""
    names = {name_of(option) for option in value.options} if value is not None else {None}
    name = names.pop()
    return NOT_KNOWN if names or name is None else name


def _district(region: str) -> str | None:
    unit = reporting_unit(region)
    if unit is not None:
        return region_name(unit)
    is_within = CITY in region_path(region) or region in region_path(CITY)
    return None if is_within else ELSEWHERE


def _division(code: str, tree: IndustryTree) -> str | None:
    """The division with its name; the section where no more is known."""
    shown = code[:3]
    return f"{shown} {tree.name(shown)}"


def _tiers(table: FactTable, lifecycle: LifecycleTable) -> Grouping:
    """By the investment as filed, else as agreed; a band lies in a tier if both its ends do."""
    names = (*band_names(lifecycle).values(), NOT_KNOWN)
    floors = np.array([key_of(tier.floor_fen, FactType.MONEY) for tier in lifecycle.tiers])
    places = np.full(table.size, len(names) - 1, dtype=np.int64)
    for fact in ("agreed_investment", "total_investment"):
        column = table.numbers(fact)
        low, high = (np.searchsorted(floors, keys, side="right") - 1 for keys in (column.low, column.high))
        places = np.where(column.known, np.where(low == high, low, len(names) - 1), places)
    return Grouping(names, places, places)
