"""Who is who behind the roles: groups of 1+3+X, levels, the unit that answers for each role and area.

The notice names 1+3+X and does not define it: the groups are our reading, said so in `reading`, and data that
anybody may edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A part of 1+3+X with the names of its units; `meaning` in words."""

    id: str
    meaning: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """The unit that answers for a region, and its level (a key of the levels)."""

    region: str
    unit: str
    level: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """All of it. `duties`: the unit of each role that works for the whole city; roles of an area are found in `areas`."""

    reading: str
    levels: Mapping[str, str]
    groups: tuple[Group, ...]
    duties: Mapping[str, str]
    areas: tuple[Area, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit that has a part, once, in the order of the file: groups, duties, areas."""
        named = [unit for group in self.groups for unit in group.units]
        return tuple(dict.fromkeys((*named, *self.duties.values(), *(area.unit for area in self.areas))))

    def unit_of(self, role: str, region: str | None) -> str | None:
        """The unit that answers for a role, of an area where the role is one; None where the area is not known."""
        if role in self.duties:
            return self.duties[role]
        return next((area.unit for area in self.areas if area.region == region), None)
