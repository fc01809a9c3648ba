"""From when to when a version of a measure is in force, as far as anyone has seen.

Both ends are included. An end known to the month or year is a band: inside it
the answer is unknown. After the last day on which a measure is known to have
been in force the answer is unknown, never yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.dates import parse_date
from policy_match.eligibility.schema import Effective
from policy_match.errors import FactError, Issue
from policy_match.units import Band

THROUGH = "日、月或年，open（长期有效），superseded（到新版本或替代文件施行前一天），unknown（截止日未见）"


@dataclass(frozen=True, slots=True)
class Validity:
    """Day ordinals. In force surely from `sure_from` to `sure_through`, surely not before `first` nor after `last`.

    `last` None: no end is known; `sure_through` None: a standing rule without an end.
    """

    first: int
    sure_from: int
    sure_through: int | None
    last: int | None

    def holds(self, as_of: date) -> bool | None:
        """True or False where it is sure, None between."""
        day = as_of.toordinal()
        if day < self.first or (self.last is not None and day > self.last):
            return False
        if day >= self.sure_from and (self.sure_through is None or day <= self.sure_through):
            return True
        return None

    def surely_overlaps(self, other: Validity) -> bool:
        """Whether there is a day on which both are surely in force."""
        ends = [end for end in (self.sure_through, other.sure_through) if end is not None]
        begins = max(self.sure_from, other.sure_from)
        own = all(v.sure_through is None or v.sure_through >= v.sure_from for v in (self, other))
        return own and begins <= min(ends, default=begins)


def validity_of(effective: Effective, next_from: str | None) -> Validity:
    """Read `effective`; `next_from` is the first day of whatever supersedes it, None if nothing does.

    A day on which the measure was seen in force moves its sure beginning before it. FactError where a date cannot be
    read, the end lies before the beginning, or `superseded` names nothing that supersedes.
    """
    start = _days(effective.from_)
    seen = [exact_day(day) for day in effective.seen_in_force_on]
    sure_from = min([start[1], *seen])
    validity = Validity(start[0], sure_from, *_end(effective, next_from, max(seen, default=sure_from - 1)))
    if validity.last is not None and validity.last < validity.first:
        raise FactError(Issue("EFFECTIVE", "施行期截止早于开始", "", "through 不早于 from", "检查两个日期"))
    if any(day < validity.first or (validity.last is not None and day > validity.last) for day in seen):
        raise FactError(
            Issue("EFFECTIVE", "seen_in_force_on 不在施行期内", "", "from 至 through 之间的日子", "改正其中一个日期")
        )
    return validity


def _end(effective: Effective, next_from: str | None, last_seen: int) -> tuple[int | None, int | None]:
    """Last day that is sure, and last day that is possible."""
    if effective.through == "open":
        return None, None
    if effective.through == "unknown":
        return last_seen, None
    if effective.through != "superseded":
        try:
            return _days(effective.through)
        except FactError as error:
            raise FactError(*(Issue(i.code, i.what, "", THROUGH, "改用允许的写法") for i in error.issues)) from None
    if next_from is None:
        hint = "登记后续版本，或在文件登记中写 replaced_by，或改为 unknown"
        raise FactError(Issue("SUPERSEDED", "没有后续版本或替代文件", "", THROUGH, hint))
    following = _days(next_from)
    return following[0] - 1, following[1] - 1


def _days(written: str) -> tuple[int, int]:
    band: Band = parse_date(written)
    return int(band.low or 0), int(band.high or 0)


def exact_day(written: str) -> int:
    """The ordinal of a date that is written to the day; FactError DATE_FORMAT or DATE_INVALID otherwise."""
    first, last = _days(written)
    if first != last:
        raise FactError(Issue("DATE_FORMAT", f"“{written}”没有写到日", "", "YYYY-MM-DD", "写成年月日"))
    return first
