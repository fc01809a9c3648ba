"""Active projects by track and place: the figures of the 产业赛道招商地图.

A project in two tracks counts in both and once in every total; one of which no fact tells a track, a place or an
investment counts as unknown, never as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policy_match.dispatch.figures import codes
from policy_match.dispatch.tables import UNITS, Group
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable


@dataclass(frozen=True, slots=True)
class TrackAsked:
    """`name`: one track; None stands for the projects whose track is not known."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Some projects: number and investments, and codes by the last point reached, in the order of the points (None: no
    point is known)."""

    group: Group
    by_point: Mapping[str | None, tuple[str, ...]]

    @property
    def projects(self) -> int:
        """How many."""
        return len(self.group.projects)

    @property
    def fen(self) -> int | None:
        """Sum of the known investments, 分; None if there are projects and none is known."""
        return self.group.fen

    @property
    def lacking(self) -> int:
        """How many have no known investment."""
        return len(self.group.lacking)


@dataclass(frozen=True, slots=True)
class TrackMap:
    """`rows`: the projects, by code; `tracks`: the tracks asked for, in their order, None last; `districts`: every
    reporting unit, None last. `by_both` holds only what has projects."""

    rows: tuple[Standing, ...]
    tracks: tuple[str | None, ...]
    districts: tuple[str | None, ...]
    total: Tally
    by_district: Mapping[str | None, Tally]
    by_track: Mapping[str | None, Tally]
    by_both: Mapping[tuple[str | None, str | None], Tally]


def track_map(
    standings: Iterable[Standing], tracks: Sequence[str], asked: TrackAsked | None, table: LifecycleTable
) -> TrackMap:
    """Count the active ones of `standings`. `tracks`: every track there is; `asked`: only the projects of one, which are
    then not counted under their other tracks."""
    listed: tuple[str | None, ...] = (*tracks, None) if asked is None else (asked.name,)
    rows = tuple(row for row in standings if row.is_active and any(is_of(row, track) for track in listed))
    districts = (*UNITS, None)
    both = {(unit, track): _of(rows, unit, track) for unit in districts for track in listed}
    return TrackMap(
        rows=rows,
        tracks=listed,
        districts=districts,
        total=_tally(rows, table),
        by_district={unit: _tally([row for row in rows if _unit(row) == unit], table) for unit in districts},
        by_track={track: _tally([row for row in rows if is_of(row, track)], table) for track in listed},
        by_both={key: _tally(found, table) for key, found in both.items() if found},
    )


def is_of(row: Standing, track: str | None) -> bool:
    """Whether a project belongs to a track; None: whether no track of it is known."""
    return not row.tracks if track is None else track in row.tracks


def _of(rows: Iterable[Standing], unit: str | None, track: str | None) -> list[Standing]:
    return [row for row in rows if _unit(row) == unit and is_of(row, track)]


def _unit(row: Standing) -> str | None:
    return row.district if row.district in UNITS else None


def _tally(rows: Sequence[Standing], table: LifecycleTable) -> Tally:
    points: tuple[str | None, ...] = (*(point.id for point in table.points), None)
    return Tally(
        group=Group.of("", "", rows),
        by_point={point: codes(row for row in rows if row.point == point) for point in points},
    )
