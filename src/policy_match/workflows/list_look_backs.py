"""The look-backs of a library: when each was drawn, how much of it was looked at and how much differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.store import look_backs
from policy_match.workflows.choose_district import Area
from policy_match.workflows.draw_look_back import look_back_rules
from policy_match.workflows.open_archive import Archive


@dataclass(frozen=True, slots=True)
class LookBackLine:
    """One look-back. `drawn`, `found`, `differing`: conclusions, of the area that was asked for."""

    number: int
    as_of: date
    seed: int
    drawn: int
    found: int
    differing: int


def list_look_backs(archive: Archive, library: str, area: Area | None = None) -> tuple[LookBackLine, ...]:
    """All of them, the newest first."""
    against = {one.id for one in look_back_rules(archive).results if one.differs}
    lines = []
    with archive.database.reading() as session:
        for row in look_backs.every(session, library):
            events = [one["event"] for one in row.sample if area is None or (one["district"] or None) == area.district]
            told = look_backs.findings(session, row.id)
            results = [told[event].result for event in events if event in told]
            differing = sum(result in against for result in results)
            lines.append(LookBackLine(row.id, row.as_of, row.seed, len(events), len(results), differing))
    return tuple(lines)
