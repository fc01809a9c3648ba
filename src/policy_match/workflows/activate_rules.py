"""Put a release in force: proposed by one person with all that it changes, agreed to by two others, undone the same way.

A folder is checked whole before anything is recorded; with a single fault nothing is, and what is in force stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import orjson
from sqlalchemy.orm import Session

from policy_match import __version__
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import Conflict, Forbidden, Issue, NotFound, UsageError
from policy_match.exchange.calendars import load_calendars
from policy_match.exchange.entitlement_file import load_terms
from policy_match.exchange.release_folder import read_release
from policy_match.release import SHORT, Activation, Release
from policy_match.store import audit, releases
from policy_match.store.actors import actor
from policy_match.store.tables import ActivationRow, Actor
from policy_match.workflows.check_rules import check_rules
from policy_match.workflows.diff_rules import Difference, difference, difference_data
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.list_stops import rulebook_on
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import FIRST_DAY, Archive
from policy_match.workflows.open_libraries import subjects_for
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.read_records import View
from policy_match.workflows.read_release import compiled
from policy_match.workflows.write_entry import By, at_library_desk, said

ACTION = "rule_release"
# What a release holds beside the rulebook, each with the loader that refuses its faults.
_OTHER_FILES: Mapping[str, Callable[[Path], object]] = {
    "lifecycle.yaml": load_lifecycle,
    "entitlement.yaml": load_terms,
    "calendar": load_calendars,
}
_HASH = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class NewRelease:
    """What is asked. `source`: a rule folder, or the beginning of the hash of a kept release; `since` None: today."""

    source: str
    reason: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a release changes against the one in force, over the subjects of a library, and the versions it touches.

    `after`: the matching under the release, for who shows the difference.
    """

    found: Difference
    touched: tuple[Rule, ...]
    after: Matching


@dataclass(frozen=True, slots=True)
class Step:
    """An activation after a step was recorded, and what it changes."""

    activation: Activation
    change: Change


def record_first(archive: Archive, now: datetime) -> Activation | None:
    """Keep the folder of the program as the release that the archive begins with; None where there is one already.

    RuleError if the folder does not load.
    """
    with archive.database.reading() as session:
        if releases.activations(session, REAL):
            return None
    first = archive.shelf.release
    archive.shelf.opened[first.hash] = archive.shelf.folder
    with archive.database.writing() as session:
        if releases.activations(session, REAL):
            return None
        who = actor(session, "importer", local_day(now))
        releases.keep(session, first, now)
        row = releases.propose(
            session,
            ActivationRow(
                library=REAL, release_hash=first.hash, effective_from=FIRST_DAY, drafter=who.id, proposed_at=now,
                difference="{}", reason="建库时程序自带的规则", is_first=True,
            ),
        )  # fmt: skip
        _audit(session, who, "release.first", row, now)
        return _activation(session, row.id)


def propose_release(archive: Archive, corpus: Path, asked: NewRelease, by: By) -> Step:
    """Check a release, work out what it changes and record the proposal.

    RuleError with every fault of a folder; NotFound or UsageError for a hash; Conflict RELEASE_SAME if it is in force on
    that day; Forbidden CARE_ROLE.
    """
    said(asked.reason, "原因", "--reason")
    record_first(archive, by.now)
    return propose_checked(archive, _release_of(archive, corpus, asked.source), asked, by)


def propose_checked(archive: Archive, release: Release, asked: NewRelease, by: By) -> Step:
    """The same for a release that was checked already, in an archive that has its first one."""
    reason = said(asked.reason, "原因", "--reason")
    since = asked.since or by.today
    change = _change(archive, release.hash, compiled(release), release.texts, since, by)
    with at_library_desk(archive, ACTION, by, about=release.hash) as (session, who):
        releases.keep(session, release, by.now)
        row = releases.propose(
            session,
            ActivationRow(
                library=by.library, release_hash=release.hash, effective_from=since, drafter=who.id,
                proposed_at=by.now, difference=orjson.dumps(difference_data(change.found)).decode(), reason=reason,
            ),
        )  # fmt: skip
        _audit(session, who, "release.propose", row, by.now)
        return Step(_activation(session, row.id), change)


def approve_release(archive: Archive, number: int, by: By) -> Step:
    """Agree to a proposal; with the second person it counts. What it changes is worked out anew, by today's subjects.

    NotFound for the number; Conflict RELEASE_APPROVED or RELEASE_SAME; Forbidden for the drafter, for who agreed
    already, and for who has no measure in it.
    """
    asked, by, change = _weighed(archive, number, by)
    with at_library_desk(archive, ACTION, by, about=asked.release) as (session, who):
        _require_other(_activation(session, number), who)
        _require_own(archive, change.touched, who)
        releases.sign(session, number, who, by.now)
        row = session.get_one(ActivationRow, number)
        _audit(session, who, "release.approve", row, by.now)
        return Step(_activation(session, number), change)


def weigh_release(archive: Archive, number: int, by: By) -> Step:
    """What a proposal would change by today's subjects, for who is to agree; nothing is recorded. NotFound, Conflict RELEASE_SAME."""
    asked, _, change = _weighed(archive, number, by)
    return Step(asked, change)


def _weighed(archive: Archive, number: int, by: By) -> tuple[Activation, By, Change]:
    with archive.database.reading() as session:
        asked = _activation(session, number)
        by = replace(by, library=DEMO if asked.is_demo else REAL)
        rulebook = archive.shelf.rulebook(session, asked.release)
        texts = releases.texts(session, asked.release)
    return asked, by, _change(archive, asked.release, rulebook, texts, asked.since, by)


def _release_of(archive: Archive, corpus: Path, source: str) -> Release:
    folder = Path(source)
    if folder.is_dir():
        check_rules(folder, corpus)
        for name, load in _OTHER_FILES.items():
            if (folder / name).exists():
                load(folder / name)
        return read_release(folder, corpus, __version__)
    with archive.database.reading() as session:
        known = releases.hashes(session)
        found = [one for one in known if _HASH.fullmatch(source) and one.startswith(source)]
        if len(found) == 1:
            return releases.release(session, found[0])
    allowed = "规则目录，或：" + "、".join(one[:SHORT] for one in (found or known))
    if found:
        raise UsageError(
            Issue("RELEASE_UNCLEAR", f"有 {len(found)} 个规则版本以“{source}”开头", "版本", allowed, "多写几位")
        )
    raise NotFound(
        Issue("RELEASE_UNKNOWN", f"没有目录或规则版本“{source[:64]}”", "版本", allowed, "先看 rules releases")
    )


def _change(
    archive: Archive, release_hash: str, rulebook: Rulebook, texts: dict[str, str], since: date, by: By
) -> Change:
    """Against what is in force on the first day, or today if that is later; Conflict if it is the same release."""
    view = View.of(max(since, by.today), None, by.now)
    with archive.database.reading() as session:
        now = deciding_rulebook(session, archive.shelf, by.library, view)
        if now.release == release_hash:
            what = f"{view.as_of} 施行的就是规则版本 {release_hash[:SHORT]}"
            raise Conflict(Issue("RELEASE_SAME", what, "版本", "另一套规则", "不用再启用；先看 rules releases"))
        after = rulebook_on(session, rulebook, by.library, view)
        old, new = (
            Matching(book, subjects_for(session, archive, book, by.library, view), view.as_of)
            for book in (now.rulebook, after)
        )
        before = releases.texts(session, now.release)
    touched = _touched(before, texts, (*now.rulebook.rules, *rulebook.rules))
    return Change(difference(old, new), tuple(touched), new)


def _touched(before: dict[str, str], after: dict[str, str], rules: Iterable[Rule]) -> Iterator[Rule]:
    """The versions whose file came, went or changed, each once."""
    places = {f"rules/measures/{rule.level}/{rule.package}/{rule.measure.key}.yaml": rule for rule in rules}
    return (rule for place, rule in sorted(places.items()) if before.get(place) != after.get(place))


def _require_other(asked: Activation, who: Actor) -> None:
    if asked.is_first or asked.approved_at is not None:
        what = f"第 {asked.id} 号已经批准"
        raise Conflict(Issue("RELEASE_APPROVED", what, str(asked.id), "待批准的提案", "先看 rules releases"))
    for one, why in ((asked.drafter, "提出人不能批准自己的提案"), *((s, "同一人不能批准两次") for s in asked.signed)):
        if one.actor == who.id:
            raise Forbidden(Issue("RELEASE_PEOPLE", why, who.id, "提出人以外的两个人", "请由另一人批准"))


def _require_own(archive: Archive, touched: tuple[Rule, ...], who: Actor) -> None:
    """Who agrees has a measure among those changed; where none is, any of the city's roles on the list may."""
    if any(_is_own(archive, rule, who) for rule in touched):
        return
    if not touched and not archive.table.roles[who.role].own_area:
        return
    owners = "、".join(dict.fromkeys(rule.measure.owner_unit or "名单上的市级单位" for rule in touched))
    what = f"“{who.name}”不主管其中改动的任何一项措施"
    raise Forbidden(Issue("CARE_ROLE", what, "--by", owners or "市级单位", "请由改动措施的主管单位批准"))


def _is_own(archive: Archive, rule: Rule, who: Actor) -> bool:
    try:
        require_own(archive, rule, who, ACTION, "批准")
    except Forbidden:
        return False
    return True


def _activation(session: Session, number: int) -> Activation:
    every = [one for name in (REAL, DEMO) for one in releases.activations(session, name)]
    found = next((one for one in every if one.id == number), None)
    if found is None:
        waiting = dict.fromkeys(str(one.id) for one in every if one.approved_at is None and not one.is_first)
        what = f"没有第 {number} 号规则提案"
        raise NotFound(
            Issue("RELEASE_UNKNOWN", what, "号", "、".join(waiting) or "现在没有待批准的", "先看 rules releases")
        )
    return found


def _audit(session: Session, who: Actor, action: str, row: ActivationRow, at: datetime) -> None:
    audit.record(
        session, who, action, object_kind="release", object_id=row.release_hash, at=at, reason=row.reason,
        library=row.library, detail={"id": row.id, "library": row.library, "since": row.effective_from.isoformat()},
    )  # fmt: skip
