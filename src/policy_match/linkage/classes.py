"""What a project of the library and its record in the 固投库 say together: the classes of the monthly comparison.

Follows section 7.3 of the domain specification. The two are brought together before, by project code or by a link that
a person confirmed, never by name alone; here one pair, or what one side has alone, gets its class.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from policy_match.dates import Period, add_period

TOLERANCE = Fraction(1, 20)  # of the library's amount; more than this differs
EXPECTED_FEN = 10**10  # 1亿元: from here on a project belongs in the library
POINTS = ("签约", "立项", "开工", "竣工", "投产")


class Kind(StrEnum):
    """The class of a pair or of a record alone."""

    MATCHED = "MATCHED"
    AMOUNT_DIFF = "AMOUNT_DIFF"
    STATE_DIFF = "STATE_DIFF"
    LIB_STARTED_NOT_FAI = "LIB_STARTED_NOT_FAI"
    LIB_NOT_STARTED_IN_FAI = "LIB_NOT_STARTED_IN_FAI"
    FAI_ONLY = "FAI_ONLY"
    CODE_MISSING = "CODE_MISSING"
    DUP_CODE = "DUP_CODE"


class Light(StrEnum):
    """How long a started project has been missing from the 固投库."""

    GRACE = "grace"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Clock:
    """The times after the start, calendar months, from whose last day on the light is yellow and red."""

    yellow: Period
    red: Period


@dataclass(frozen=True, slots=True)
class LibraryProject:
    """What the library knows: canonical code, point reached (one of POINTS), start, investment in 分; None is unknown."""

    project_code: str | None
    point: str | None
    started_on: date | None
    investment_fen: int | None


@dataclass(frozen=True, slots=True)
class FaiRecord:
    """What the 固投库 says: canonical code, investment in 分, whether it is completed; None is unknown."""

    project_code: str | None
    investment_fen: int | None
    is_completed: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A class with its particulars: the light and the day it came on, the share by which amounts differ."""

    kind: Kind
    light: Light | None = None
    since: date | None = None
    difference: Fraction | None = None


def classify(
    project: LibraryProject | None, record: FaiRecord | None, *, as_of: date, clock: Clock, is_shared: bool = False
) -> Finding | None:
    """The class of a pair, or of one side alone; None where nothing is to be said (not started and not listed).

    `is_shared`: another row of either side has the same code. An unknown amount or state is never a difference, and a
    project whose start is unknown is neither started nor not started. A start after `as_of` has not happened.
    """
    if is_shared:
        return Finding(Kind.DUP_CODE)
    if project is None:
        return None if record is None else _alone(record)
    if record is None:
        return _unlisted(project, as_of, clock)
    if _is_started(project, as_of) is False:
        return Finding(Kind.LIB_NOT_STARTED_IN_FAI)
    is_completed = None if project.point is None else POINTS.index(project.point) >= POINTS.index("竣工")
    if None not in (is_completed, record.is_completed) and is_completed != record.is_completed:
        return Finding(Kind.STATE_DIFF)
    return _amounts(project, record)


def _alone(record: FaiRecord) -> Finding | None:
    """A record whose project the library lacks; without a code nobody can say that it lacks it."""
    if not record.project_code:
        return Finding(Kind.CODE_MISSING)
    is_expected = record.investment_fen is not None and record.investment_fen >= EXPECTED_FEN
    return Finding(Kind.FAI_ONLY) if is_expected else None


def _unlisted(project: LibraryProject, as_of: date, clock: Clock) -> Finding | None:
    """A project that is not listed: nothing before the start; then by code and by time since."""
    if not _is_started(project, as_of):
        return None
    if not project.project_code:
        return Finding(Kind.CODE_MISSING)
    if project.started_on is None:
        return Finding(Kind.LIB_STARTED_NOT_FAI)
    for light, period in ((Light.RED, clock.red), (Light.YELLOW, clock.yellow)):
        if as_of >= (since := add_period(project.started_on, period)):
            return Finding(Kind.LIB_STARTED_NOT_FAI, light, since)
    return Finding(Kind.LIB_STARTED_NOT_FAI, Light.GRACE, project.started_on)


def _is_started(project: LibraryProject, as_of: date) -> bool | None:
    if project.started_on is not None:
        return project.started_on <= as_of
    return None if project.point is None else POINTS.index(project.point) >= POINTS.index("开工")


def _amounts(project: LibraryProject, record: FaiRecord) -> Finding:
    if not project.investment_fen or record.investment_fen is None:
        return Finding(Kind.MATCHED)
    difference = Fraction(abs(record.investment_fen - project.investment_fen), project.investment_fen)
    return Finding(Kind.AMOUNT_DIFF if difference > TOLERANCE else Kind.MATCHED, difference=difference)
