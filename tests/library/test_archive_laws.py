"""Laws of the archive, on random lives of invented projects: the order of recording, the leads, today, repetition, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count, pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from rows import NOW, advance, codes, point, row, seen, taken
from sqlalchemy import func, select

from policy_match.dates import local_day
from policy_match.errors import PolicyMatchError
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.identifiers import Given
from policy_match.lifecycle.events import Event, stays
from policy_match.lifecycle.words import EventKind
from policy_match.store import facts as stored_facts
from policy_match.store import log, subjects
from policy_match.store.tables import Doubt, Fact, Key, Log, Shown, Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, read_record

POINTS = ("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING")
_LIBRARIES = count()
_FIRST = date(2023, 1, 1)

days = st.lists(st.integers(0, 800), min_size=1, max_size=5, unique=True).map(sorted)


def library() -> str:
    """The name of a library that no other example used."""
    return f"law{next(_LIBRARIES)}"


def record(archive: Archive, name: str, code: str, as_of: date = date(2025, 3, 31)) -> Record:
    with archive.database.reading() as session:
        return read_record(session, archive, name, code, View.of(as_of, None, NOW))


def size(archive: Archive, name: str) -> dict[str, int]:
    """How many rows of each sort a library has."""
    with archive.database.reading() as session:
        own = select(Subject.id).where(Subject.library == name)
        found = {
            table.__tablename__: session.scalar(select(func.count()).where(table.library == name)) or 0
            for table in (Subject, Key, Log, Doubt, Shown)
        }
        found["facts"] = session.scalar(select(func.count()).where(Fact.subject_id.in_(own))) or 0
        return found


def lives(places: list[int]) -> list[tuple[EventKind, str | None, date]]:
    """An entry, then points in their order, with a pause and its end where there is room."""
    on = [_FIRST + timedelta(days=place) for place in places]
    told: list[tuple[EventKind, str | None, date]] = [(EventKind.ENTER, None, _FIRST - timedelta(days=1))]
    told += [(EventKind.POINT, name, day) for name, day in zip(POINTS, on, strict=False)]
    if len(on) > 1:
        told += [
            (EventKind.PAUSE, None, on[0] + timedelta(days=900)),
            (EventKind.RESUME, None, on[0] + timedelta(days=950)),
        ]
    return told


@given(places=days, order=st.randoms(use_true_random=False))
def test_events_recorded_in_any_order_of_their_days_give_the_same_state(
    one_archive: Archive, places: list[int], order: Random
) -> None:
    told = lives(places)
    mixed = [*told]
    order.shuffle(mixed)
    name = library()
    with one_archive.database.writing() as session:
        found = [subjects.add(session, name, "project", code=code, name=code, at=NOW) for code in ("A", "B")]
        for subject, events in zip(found, (told, mixed), strict=True):
            for kind, which, on in events:
                event = Event("", subject.code, kind, on, NOW, "development", "DEPT", which)
                log.add(session, subject, event, on=on, by=log.By("development", NOW, "DEPT"))

    for as_of in sorted({on for _, _, on in told}):
        one, two = (record(one_archive, name, code, as_of).state for code in ("A", "B"))
        assert [(r.point, r.on) for r in one.reached] == [(r.point, r.on) for r in two.reached]
        assert (one.side, one.lead, one.stage, one.entered_on) == (two.side, two.lead, two.stage, two.entered_on)
        assert [(p.side, p.since, p.until) for p in one.sides] == [(p.side, p.since, p.until) for p in two.sides]


@given(places=days, kind=st.sampled_from(["新招引", "技改"]))
def test_a_project_has_exactly_one_lead_at_every_instant_since_its_first_event(
    one_archive: Archive, places: list[int], kind: str
) -> None:
    names = POINTS if kind == "新招引" else POINTS[1:]
    name = library()
    points = [point(which, str(_FIRST + timedelta(days=place))) for which, place in zip(names, places, strict=False)]
    taken(one_archive, row(one_archive, points=points, facts={"project_kind": kind}), library=name)
    (code,) = codes(one_archive, library=name)
    state = record(one_archive, name, code).state

    spent = stays(state, one_archive.table)

    assert spent[0].since == state.history[0].effective_on
    assert spent[-1].until is None
    assert all(one.until == two.since and one.since < two.since for one, two in pairwise(spent))
    for stay in spent:
        assert record(one_archive, name, code, stay.since).state.lead == stay.lead


observations = st.lists(
    st.tuples(
        st.sampled_from(["total_investment", "agreed_investment"]),
        st.sampled_from(["1亿元", "1.2亿元", "8000万元"]),
        st.sampled_from(["DISTRICT", "DEPT", "TZXM", "SELF"]),
        st.integers(0, 40),
    ),
    max_size=8,
)


@given(said=observations)
def test_today_as_the_log_tells_it_equals_the_current_tables(
    one_archive: Archive, said: list[tuple[str, str, str, int]]
) -> None:
    name = library()
    taken(one_archive, row(one_archive, facts={}), library=name)
    (code,) = codes(one_archive, library=name)
    with one_archive.database.writing() as session:
        subject = subjects.by_code(session, name, code)
        assert subject is not None
        for fact, text, source, age in said:
            told = seen(one_archive, fact, text, source, NOW - timedelta(days=age))
            stored_facts.keep(session, {subject.id: [told]}, one_archive.vocabulary, actor_id="importer")

    with one_archive.database.reading() as session:
        today, logged = (
            read_record(session, one_archive, name, code, View(date(2025, 3, 31), known_at)) for known_at in (None, NOW)
        )
    cells = [{fact: found.cell for fact, found in one.facts.items()} for one in (today, logged)]
    assert cells[0] == cells[1]
    assert replace(today, facts={}, lights=(), marks=()) == replace(logged, facts={}, lights=(), marks=())
    assert today.lights == logged.lights


def file_of(archive: Archive, written: list[tuple[str, int, bool, bool]]) -> list[IntakeRow]:
    rows = []
    for number, (letter, reached, has_firm, has_code) in enumerate(written, start=2):
        at = f"{ord(letter):04d}"
        points = [point(which, f"2024-0{place}-10", letter) for place, which in enumerate(POINTS[:reached], start=1)]
        code = f"2409-320412-89-01-10{at}" if has_code else None
        firm = f"示范{letter}公司" if has_firm else None
        rows.append(row(archive, f"示范{letter}项目", number=number, uscc=None, firm=firm, code=code, points=points))
    return rows


files = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 5), st.booleans(), st.booleans()), min_size=1, max_size=5
)


@given(written=files)
def test_the_same_rows_taken_twice_change_nothing(
    one_archive: Archive, written: list[tuple[str, int, bool, bool]]
) -> None:
    name, rows = library(), file_of(one_archive, written)
    taken(one_archive, *rows, library=name)
    before = size(one_archive, name)

    again = taken(one_archive, *rows, library=name)

    assert size(one_archive, name) == before
    assert (again.new, again.changed) == (0, 0)


@given(written=files, place=st.integers(0, 4), fault=st.sampled_from(["skip", "order", "future", "long"]))
def test_a_refused_row_leaves_nothing_of_itself(
    one_archive: Archive, written: list[tuple[str, int, bool, bool]], place: int, fault: str
) -> None:
    good = file_of(one_archive, written)
    points = {
        "skip": [point("STARTED", "2024-01-10", "坏")],
        "order": [point("SIGNED", "2024-02-10", "坏"), point("APPROVED", "2024-01-10", "坏")],
        "future": [point("SIGNED", "2025-04-01", "坏")],
        "long": [],
    }[fault]
    bad = row(one_archive, "示范坏项目", number=99, points=points, facts={"total_investment": "1亿元"})
    if fault == "long":
        bad = replace(bad, keys=(Given("SGXK", "长" * 121),))
    with_it, without = library(), library()

    done = taken(one_archive, *good[:place], bad, *good[place:], library=with_it)
    taken(one_archive, *good, library=without)

    assert 99 in [one.row for one in done.refusals]
    assert size(one_archive, with_it) == size(one_archive, without)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(POINTS), st.integers(0, 800), st.sampled_from(["commerce", "development", "industry"])
        ),
        max_size=6,
    )
)
def test_what_is_refused_changes_nothing_and_what_is_recorded_holds(
    one_archive: Archive, steps: list[tuple[str, int, str]]
) -> None:
    name = library()
    taken(one_archive, row(one_archive), library=name)
    (code,) = codes(one_archive, library=name)

    for which, place, by in steps:
        before = record(one_archive, name, code)
        on = _FIRST + timedelta(days=place)
        try:
            advance(one_archive, code, which, str(on), by, library=name)
        except PolicyMatchError:
            after = record(one_archive, name, code)
            assert (after.state, after.row_version) == (before.state, before.row_version)
        else:
            after = record(one_archive, name, code)
            assert (after.state.point, after.state.on(which)) == (which, on)
            assert after.row_version == before.row_version + 1
    reached = record(one_archive, name, code).state.reached
    assert [r.on for r in reached] == sorted(r.on for r in reached)
    assert all(r.on <= local_day(NOW) for r in reached)
