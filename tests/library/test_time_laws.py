"""Laws of the two axes of time, on random acts of many sorts: now equals the current tables, and what was known stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from rows import CODE, E1, E2, LATER_CODE, NOW, advance, codes, firm_row, point, row, taken

from policy_match.dates import local_day
from policy_match.errors import PolicyMatchError
from policy_match.facts.subjects import Subject
from policy_match.lifecycle.standing import Standing
from policy_match.store import doubts, subjects
from policy_match.workflows.excuse_light import NewExcuse, excuse_light
from policy_match.workflows.join_projects import make_phase, merge_projects, unmerge_project
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.name_agent import Agent, name_agent
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, read_records
from policy_match.workflows.read_subjects import read_subjects
from policy_match.workflows.set_milestone import Step, set_milestone
from policy_match.workflows.settle_doubt import settle_doubt
from policy_match.workflows.write_entry import By

_LIBRARIES = count()
_DAY = timedelta(days=1)


def library() -> str:
    """The name of a library that no other example used."""
    return f"time{next(_LIBRARIES)}"


# acts: each on one of two projects, at an instant


def _rename_firm(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    told = firm_row(archive, E1, f"示范{at}号电池有限公司", now, registered_on="2020-01-01")
    taken(archive, told, source="ENT", when=now, library=name)


def _other_firm(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    told = row(archive, uscc=E2 if at % 2 else E1, firm=f"示范{at % 2}有限公司", code=None, facts={}, when=now)
    taken(archive, replace(told, code=code), when=now, library=name)
    _accept(archive, name, now + timedelta(minutes=at))


def _accept(archive: Archive, name: str, now: datetime) -> None:
    """Yes to every question that may be answered so."""
    with archive.database.reading() as session:
        asked = [one.id for one in doubts.still_open(session, name) if one.code != "DUP_SUSPECT"]
    for number in asked:
        settle_doubt(archive, name, number, "accepted", by="development", now=now)


def _tell(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    told = row(archive, uscc=None, firm=None, code=None, facts={"agreed_investment": f"{at + 1}亿元"}, when=now)
    taken(archive, replace(told, code=code), when=now, library=name)


def _new_code(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    told = row(archive, uscc=None, firm=None, code=LATER_CODE, facts={}, when=now)
    taken(archive, replace(told, code=code), when=now, library=name)
    _accept(archive, name, now + timedelta(minutes=at))


def _agent(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    since = local_day(now) - at * 5 * _DAY
    name_agent(archive, Agent(code, f"示范{at}", "示范中心", since), By(name, "development", now))


def _step(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    step = Step(code, "环评批复", planned_on=local_day(now) + at * _DAY, actual_on=local_day(now) - at * _DAY)
    set_milestone(archive, step, By(name, "ecology", now))


def _excuse(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    asked = NewExcuse(code, "签约至立项", local_day(now) + at * _DAY, "规划调整")
    excuse_light(archive, asked, By(name, "commerce", now))


def _advance(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    which = ("SIGNED", "APPROVED", "STARTED")[at % 3]
    by = "commerce" if which == "SIGNED" else "development"
    advance(archive, code, which, str(local_day(now) - (20 - at) * _DAY), by, now=now, library=name)


def _phase(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    (other,) = [one for one in codes(archive, library=name) if one != code][:1]
    make_phase(archive, name, code, other, included=at % 2 == 0, by="data", now=now)


def _merge(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    (other,) = [one for one in codes(archive, library=name) if one != code][:1]
    merge_projects(archive, name, code, other, reason="同一项目", by="data", now=now)


def _unmerge(archive: Archive, name: str, code: str, now: datetime, at: int) -> None:
    unmerge_project(archive, name, code, reason="认错了", by="data", now=now)


Act = Callable[[Archive, str, str, datetime, int], None]
ACTS: tuple[Act, ...] = (
    _rename_firm, _other_firm, _tell, _new_code, _agent, _step, _excuse, _advance, _phase, _merge, _unmerge,
)  # fmt: skip


def play(archive: Archive, name: str, acts: list[tuple[Act, int, int, int]], start: datetime) -> datetime:
    """Do the acts one after the other; the instant after the last. One that is refused is part of the play."""
    now = start
    for act, which, hours, at in acts:
        now += timedelta(hours=hours)
        with suppress(PolicyMatchError):
            act(archive, name, codes(archive, library=name)[which], now, at)
        now += timedelta(hours=1)
    return now


acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.sampled_from([0, 1, 30]), st.integers(0, 9)),
    min_size=1,
    max_size=6,
)


def began(archive: Archive) -> str:
    """A library with two projects of two firms, one of them signed so long ago that its light is red."""
    name = library()
    taken(archive, row(archive, code=CODE, points=[point("SIGNED", "2024-06-01", name)]), library=name)
    taken(archive, row(archive, "示范储能项目", code=None, uscc=E2, firm="示范氢能有限公司"), library=name)
    return name


def all_read(archive: Archive, name: str, view: View) -> tuple[list[Record], list[Standing], tuple[Subject, ...]]:
    """Everything that a view shows, without the count of writes, which is of today alone."""
    with archive.database.reading() as session:
        rows = [one for one in subjects.every(session, name, "project") if one.created_at <= view.instant]
        records = [replace(one, row_version=0, held_by=None) for one in read_records(session, archive, rows, view)]
        return records, list_standings(session, archive, name, view), read_subjects(session, archive, name, view)


def told(archive: Archive, name: str, view: View) -> list[object]:
    """The same as plain data, the fields that do not count in a comparison too."""
    records, standings, found = all_read(archive, name, view)
    return [[asdict(one) for one in records], [asdict(one) for one in standings], found]


@settings(max_examples=25)
@given(played=acts)
def test_now_by_what_is_known_now_equals_the_current_tables(
    one_archive: Archive, played: list[tuple[Act, int, int, int]]
) -> None:
    name = began(one_archive)
    now = play(one_archive, name, played, NOW)

    current, asked = (all_read(one_archive, name, View(local_day(now), known_at)) for known_at in (None, now))

    for one, two in zip(*(records for records, _, _ in (current, asked)), strict=True):
        assert {fact: found.cell for fact, found in one.facts.items()} == {
            f: found.cell for f, found in two.facts.items()
        }
        assert replace(one, facts={}) == replace(two, facts={})
    assert current[1:] == asked[1:]


@settings(max_examples=25)
@given(first=acts, later=acts, back=st.integers(0, 40))
def test_what_was_known_at_an_instant_is_not_changed_by_anything_recorded_later(
    one_archive: Archive, first: list[tuple[Act, int, int, int]], later: list[tuple[Act, int, int, int]], back: int
) -> None:
    name = began(one_archive)
    then = play(one_archive, name, first, NOW)
    days: list[date] = [local_day(then), local_day(then) - back * _DAY]
    before = [told(one_archive, name, View(on, then)) for on in days]

    play(one_archive, name, later, then + timedelta(seconds=1))

    assert [told(one_archive, name, View(on, then)) for on in days] == before
