"""Read the roll of the last large run: the measures of one subject, or the subjects of one measure, as far as the reader sees.

What it says is a lead of the day of the run, by the facts of that day: nothing is decided anew here, and why a pair stands so
is asked of `match`. The order of subjects tells who is larger; how large is not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach
from policy_match.access.scope import FIRM
from policy_match.access.viewer import Viewer
from policy_match.errors import FactError, Forbidden, Issue, NotFound, UsageError
from policy_match.identifiers import DISTRICTS, canonical_region, region_name
from policy_match.store import rolls
from policy_match.store.roll_tables import RollPair, RollRun
from policy_match.store.rolls import Place
from policy_match.workflows.keep_roll import district_of
from policy_match.workflows.open_archive import Archive

ELIGIBLE, OPEN = "E", "O"
VERDICT_NAMES = {ELIGIBLE: "符合", OPEN: "待定"}
VERDICT_IDS = {"eligible": ELIGIBLE, "open": OPEN}
USUAL, MOST = 50, 200


@dataclass(frozen=True, slots=True)
class Sight:
    """How far somebody sees the roll: everything, a district, a development zone in it, or the one firm."""

    district: str | None = None
    region: str | None = None
    firm: str | None = None

    def holds(self, row: RollPair) -> bool:
        """Whether a pair is within it."""
        seen = ((self.firm, row.subject), (self.district, row.district), (self.region, row.region))
        return all(mine is None or mine == its for mine, its in seen)


EVERYTHING = Sight()


def sight_of(viewer: Viewer, reach: Reach) -> Sight:
    """How far a viewer sees by the reach of reading matches; Forbidden ROLL_CLOSED where that is nothing."""
    if reach is Reach.ALL:
        return EVERYTHING
    if reach is Reach.OWN and (viewer.firm or (viewer.region and viewer.role != FIRM)):
        if viewer.firm:
            return Sight(firm=viewer.firm)
        region = viewer.region or ""
        district = district_of(region)
        return Sight(district, None if district == region else region)
    raise Forbidden(Issue("ROLL_CLOSED", "大批名单不公开", "", "登录的经办人和企业", "请先登录"))


@dataclass(frozen=True, slots=True)
class RunShown:
    """What a run that was kept went by, and what it changed."""

    number: int
    as_of: date
    release: str
    subjects: int
    pairs: int
    top: int
    new: int
    changed: int
    gone: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MeasureCounts:
    """A measure of a run: how many subjects surely may have it, lack facts, or wait for people; all of them, not the lists."""

    id: str
    title: str
    version: int
    eligible: int
    unknown: int
    needs_human: int


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A measure in the lists of a subject."""

    measure: MeasureCounts
    verdict: str
    version: int


@dataclass(frozen=True, slots=True)
class SubjectRoll:
    """One subject in the roll."""

    run: RunShown
    subject: str
    lines: tuple[SubjectLine, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list of a measure. `district`: by code or name, also a county of another city; None: all that the reader sees; `cursor`: of the page before."""

    measure: str
    verdict: str = ELIGIBLE
    district: str | None = None
    cursor: str | None = None
    most: int = USUAL


@dataclass(frozen=True, slots=True)
class ListedSubject:
    """A subject in the list of a measure, and where it is; None: not known."""

    id: str
    region: str | None


@dataclass(frozen=True, slots=True)
class MeasureRoll:
    """A page of the subjects of one measure, the largest first. `cursor`: of the next page, None on the last one."""

    run: RunShown
    measure: MeasureCounts
    verdict: str
    district: str | None
    subjects: tuple[ListedSubject, ...]
    cursor: str | None


def list_runs(archive: Archive, most: int = 20) -> tuple[RunShown, ...]:
    """The runs that were kept, the newest first."""
    with archive.database.reading() as session:
        return tuple(_shown(row) for row in rolls.runs(session, most))


def list_measures(archive: Archive) -> tuple[MeasureCounts, ...]:
    """The measures of the last run, those that most may have first; NotFound ROLL_EMPTY where none was kept."""
    with archive.database.reading() as session:
        found = _counts(_last(session)).values()
    return tuple(sorted(found, key=lambda one: (-one.eligible, -one.unknown - one.needs_human, one.id)))


def roll_of_subject(archive: Archive, subject: str, sight: Sight = EVERYTHING) -> SubjectRoll:
    """The measures of a subject, those that it surely may have first; NotFound ROLL_EMPTY, ROLL_SUBJECT."""
    with archive.database.reading() as session:
        run = _last(session)
        found = [row for row in rolls.of_subject(session, subject) if sight.holds(row)]
    if not found:
        hint = "核对编号；没有一项符合或待定的主体不在名单里"
        raise NotFound(Issue("ROLL_SUBJECT", f"名单里没有“{subject[:60]}”", "", "统一社会信用代码或项目编号", hint))
    counts = _counts(run)
    lines = tuple(SubjectLine(counts[row.measure], row.verdict, row.version) for row in found)
    return SubjectRoll(_shown(run), subject, lines)


def roll_of_measure(archive: Archive, wanted: Wanted, sight: Sight = EVERYTHING) -> MeasureRoll:
    """A page of the subjects of a measure; NotFound ROLL_EMPTY, MEASURE_UNKNOWN, UsageError DISTRICT, CURSOR_INVALID."""
    with archive.database.reading() as session:
        run = _last(session)
        counts = _counts(run).get(wanted.measure)
        if counts is None:
            hint = "从大批名单的措施里选"
            raise NotFound(Issue("MEASURE_UNKNOWN", f"这次判定没有措施“{wanted.measure[:60]}”", "", "", hint))
        area = _area(wanted.district, sight)
        after = None if wanted.cursor is None else _place(session, wanted.cursor, (run.id, wanted.measure), sight)
        found = _page(session, wanted, area, after)
    lines = tuple(ListedSubject(row.subject, row.region) for row in found[: wanted.most])
    cursor = f"{run.id}.{lines[-1].id}" if len(found) > wanted.most else None
    return MeasureRoll(_shown(run), counts, wanted.verdict, area.district, lines, cursor)


def _page(session: Session, wanted: Wanted, area: Sight, after: Place | None) -> Sequence[RollPair]:
    """The lines of a page and one more, if there are more."""
    if area.firm is not None:
        found = [row for row in rolls.of_subject(session, area.firm) if area.holds(row)]
        return [row for row in found if (row.measure, row.verdict) == (wanted.measure, wanted.verdict)]
    return rolls.of_measure(
        session, wanted.measure, wanted.verdict, district=area.district, region=area.region, after=after,
        most=wanted.most + 1,
    )  # fmt: skip


def _area(district: str | None, sight: Sight) -> Sight:
    """What is asked for of what is seen; another district than one's own is none of the allowed ones."""
    if district is None:
        return sight
    try:
        code = district_of(canonical_region(district))
    except FactError:
        code = ""
    if not code or (sight != EVERYTHING and code != sight.district):
        known = DISTRICTS if sight == EVERYTHING else tuple(filter(None, (sight.district,)))
        allowed = "、".join(f"{one} {region_name(one)}" for one in known)
        raise UsageError(Issue("DISTRICT", f"“{district[:20]}”不是可查的地区", "district", allowed, "写代码或名称"))
    return Sight(code) if sight == EVERYTHING else sight


def _place(session: Session, cursor: str, of: tuple[int, str], sight: Sight) -> Place:
    """Where the page before ended: the cursor names the run and the subject, and tells nobody how large that is, nor of a
    subject that is not seen."""
    number, _, subject = cursor.partition(".")
    rows = rolls.of_subject(session, subject) if number == str(of[0]) else []
    last = next((row for row in rows if row.measure == of[1] and sight.holds(row)), None)
    if last is None:
        hint = "去掉 cursor 从第一页重新取；登记了新的判定，翻到一半的名单要重头看"
        raise UsageError(Issue("CURSOR_INVALID", "这个 cursor 不属于这次查询", "cursor", "上一页的 next_cursor", hint))
    return Place(last.step, last.rank, subject)


def _last(session: Session) -> RollRun:
    run = rolls.last_run(session)
    if run is None:
        hint = "由市数据局或市发改委做 batch，再登记"
        raise NotFound(Issue("ROLL_EMPTY", "还没有登记过大批匹配的名单", "", "", hint))
    return run


def _counts(run: RollRun) -> dict[str, MeasureCounts]:
    return {
        name: MeasureCounts(
            name, str(one["title"]), int(one["version"]), int(one["eligible"]), int(one["unknown"]), int(one["needs_human"])
        )
        for name, one in run.measures.items()
    }  # fmt: skip


def _shown(run: RollRun) -> RunShown:
    return RunShown(
        run.id, run.as_of, run.release, run.subjects, run.pairs, run.top, run.new, run.changed, run.gone, run.at
    )
