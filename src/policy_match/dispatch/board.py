"""The board of the leads (市区联动): one line for the city, for each district, for each park, down to the projects.

Each level adds up to the one above: a project without a park, or without a known district, has a line of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.tickets import TicketState
from policy_match.lifecycle.words import Colour

_OVER = (TicketState.CLOSED, TicketState.REJECTED)


class Level(StrEnum):
    """What the lines are."""

    CITY = "city"
    DISTRICT = "district"
    PARK = "park"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line. `key`: code of the district, name of the park or code of the project; None for what is not known or in none;
    `fen`: the sum of the known investments, 分, None where there are projects and none is known; `lacking`: projects of which it is not known; `red`: projects with a red
    light that nobody excused; `tickets`: open ones."""

    key: str | None
    projects: int
    fen: int | None
    lacking: int
    red: int
    tickets: int


_KEYS: dict[Level, Callable[[Standing], str | None]] = {
    Level.CITY: lambda row: None,
    Level.DISTRICT: lambda row: row.district,
    Level.PARK: lambda row: row.place,
    Level.PROJECT: lambda row: row.code,
}


def board(rows: Iterable[Standing], level: Level) -> tuple[BoardLine, ...]:
    """The lines of one level of the projects that count, by key, what has none last. The city has a line without projects too."""
    groups: dict[str | None, list[Standing]] = {None: []} if level is Level.CITY else {}
    for row in rows:
        if row.is_active:
            groups.setdefault(_KEYS[level](row), []).append(row)
    return tuple(
        _line(key, own) for key, own in sorted(groups.items(), key=lambda pair: (pair[0] is None, pair[0] or ""))
    )


def _line(key: str | None, rows: Sequence[Standing]) -> BoardLine:
    known = [row.investment_fen for row in rows if row.investment_fen is not None]
    return BoardLine(
        key=key,
        projects=len(rows),
        fen=sum(known) if known or not rows else None,
        lacking=len(rows) - len(known),
        red=sum(any(light.colour is Colour.RED and light.excuse is None for light in row.lights) for row in rows),
        tickets=sum(ticket.state not in _OVER for row in rows for ticket in row.tickets),
    )
