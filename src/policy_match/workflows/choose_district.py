"""The part of the city that a report is asked for: one district, the city's own projects, or those of no known district."""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.errors import FactError, Issue, UsageError
from policy_match.identifiers import DISTRICTS, canonical_region, region_name
from policy_match.workflows.list_standings import CITY

UNKNOWN = "unknown"
_CITY_NAMES = ("市本级", "常州市本级")


@dataclass(frozen=True, slots=True)
class Area:
    """`district`: code of a reporting unit; None stands for the projects whose district is not known."""

    district: str | None

    @property
    def name(self) -> str:
        """Its name."""
        return district_name(self.district)


def chosen_district(written: str | None) -> Area | None:
    """The district of `--district`, by code or name; None: the whole city. UsageError DISTRICT for anything else."""
    if written is None:
        return None
    if written.strip() == UNKNOWN:
        return Area(None)
    try:
        code = CITY if written.strip() in _CITY_NAMES else canonical_region(written)
    except FactError:
        code = ""
    if code not in (*DISTRICTS, CITY):
        allowed = "、".join(f"{one} {district_name(one)}" for one in (*DISTRICTS, CITY))
        what = f"“{written[:20]}”不是辖市区"
        raise UsageError(Issue("DISTRICT", what, "--district", f"{allowed}、{UNKNOWN} 辖市区未知", "写代码或名称"))
    return Area(code)


def district_name(district: str | None) -> str:
    """The name of a reporting unit; 辖市区未知 for None."""
    if district is None:
        return "辖市区未知"
    return "市本级" if district == CITY else region_name(district)


def scope_name(area: Area | None) -> str:
    """What the report is about, for its head."""
    return "全市" if area is None else area.name
