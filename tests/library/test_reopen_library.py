"""A library brought up to date is the library read anew, whatever was recorded: the same subjects, the same verdicts, in the same order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from rows import E1, E2, LATER_CODE, LIBRARY, NOW, advance, day, firm_row, pause, point, row, taken

from policy_match.workflows import list_projects, open_libraries
from policy_match.workflows.enter_by_hand import Told, add_project, tell_facts
from policy_match.workflows.join_projects import make_phase, merge_projects, unmerge_project
from policy_match.workflows.list_projects import Line, lines_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library, open_library, reopen_library
from policy_match.workflows.read_records import View
from policy_match.workflows.see_library import public_subjects
from policy_match.workflows.stop_rule import NewStop, stop_rule
from policy_match.workflows.write_entry import By

TODAY = View(day("2025-03-31"))
P, Q = "CZ-2025-00001", "CZ-2025-00002"


def opened(archive: Archive, before: Library | None = None, view: View = TODAY) -> Library:
    with archive.database.reading() as session:
        if before is None:
            return open_library(session, archive, LIBRARY, view)
        return reopen_library(session, archive, before, view)


def verdicts(library: Library) -> dict[str, list[str]]:
    matching = library.matching
    return {one: [verdict.value for verdict in matching.decision(one).verdicts] for one in matching.rulebook.ids}


def filled(archive: Archive) -> None:
    taken(archive, row(archive, points=[point("SIGNED", "2024-08-20")]))
    taken(archive, row(archive, "示范电池项目二期", code=None, points=[point("SIGNED", "2024-08-21", "乙")]))
    taken(archive, firm_row(archive, E1, "示范一"), firm_row(archive, E2, "示范二"))


def tell(archive: Archive, code: str, **facts: str) -> None:
    tell_facts(archive, LIBRARY, code, Told(facts=facts), "development", NOW)


STEPS: dict[str, Callable[[Archive], object]] = {
    "a fact": lambda archive: tell(archive, P, total_investment="9亿元"),
    "a fact of the other": lambda archive: tell(archive, Q, industry_code="C3562", district="320412"),
    "a fact of a firm": lambda archive: taken(archive, firm_row(archive, E1, "示范一", revenue_last="3亿元")),
    "a firm renamed": lambda archive: taken(archive, firm_row(archive, E1, "示范一改名")),
    "a point": lambda archive: advance(archive, P, "APPROVED", "2024-09-20", "development"),
    "a pause": lambda archive: pause(archive, Q, "commerce"),
    "a project more": lambda archive: add_project(
        archive, LIBRARY, Told({"district": "320481"}, name="示范新项目"), "development", NOW
    ),
    "a firm more": lambda archive: taken(archive, firm_row(archive, "91320412MA1WUJIN4K", "示范三")),
    "a phase": lambda archive: make_phase(archive, LIBRARY, Q, P, included=True, by="data", now=NOW),
    "a merger": lambda archive: merge_projects(archive, LIBRARY, Q, P, reason="同一项目", by="data", now=NOW),
    "a merger taken back": lambda archive: unmerge_project(archive, LIBRARY, Q, reason="不是", by="data", now=NOW),
    "a project with its number": lambda archive: taken(archive, row(archive, "示范又一项目", code=LATER_CODE)),
    "nothing": lambda archive: None,
}


def lines_made_anew(library: Library, monkeypatch: pytest.MonkeyPatch) -> tuple[Line, ...]:
    with monkeypatch.context() as given:
        given.setattr(list_projects, "_LAST", {})
        return lines_of(library)


def test_after_every_step_it_is_what_is_read_anew(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(archive)
    held = opened(archive)
    for name, step in STEPS.items():
        step(archive)

        held, whole = opened(archive, held), opened(archive)

        assert held.matching.subjects == whole.matching.subjects, name
        assert verdicts(held) == verdicts(whole), name
        assert (held.release, held.paid, held.mark) == (whole.release, whole.paid, whole.mark), name
        assert lines_of(held) == lines_made_anew(whole, monkeypatch), name


def reading(archive: Archive, before: Library, monkeypatch: pytest.MonkeyPatch, view: View = TODAY) -> bool:
    """Whether bringing it up to date reads everything anew."""
    calls = list[str]()
    real = open_libraries.open_library
    monkeypatch.setattr(open_libraries, "open_library", lambda *given, **more: calls.append("") or real(*given, **more))
    opened(archive, before, view)
    monkeypatch.undo()
    return bool(calls)


def test_everything_is_read_anew_only_where_it_must_be(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(archive)
    held = opened(archive)
    tell(archive, P, total_investment="9亿元")
    assert not reading(archive, held, monkeypatch)
    assert reading(archive, held, monkeypatch, View(date(2025, 4, 1)))

    monkeypatch.setattr(open_libraries, "MOST_TOUCHED", 0)
    assert reading(archive, held, monkeypatch)

    rulebook = held.matching.rulebook
    rule = next(
        rule for one in rulebook.ids if (rule := rulebook.at(one, TODAY.as_of)).measure.owner_unit == "市工信局"
    )
    stop_rule(archive, rulebook, NewStop(rule.id, rule.measure.version, "试验"), By(LIBRARY, "industry", NOW))
    assert reading(archive, held, monkeypatch)
    assert opened(archive, held).matching.rulebook is not rulebook


def test_of_an_unchanged_library_nothing_is_decided_again(archive: Archive) -> None:
    filled(archive)
    held = opened(archive)

    assert opened(archive, held).matching is held.matching


def test_who_is_public_is_kept_with_it(archive: Archive) -> None:
    def public(library: Library, before: frozenset[str] | None = None) -> frozenset[str]:
        with archive.database.reading() as session:
            return public_subjects(session, library, archive.permissions, before)

    taken(archive, row(archive, facts={"total_investment": "3亿元"}, points=()), source="PUBLIC")
    held = opened(archive)
    seen = public(held)
    for name, step in STEPS.items():
        if name in ("a fact", "a project more", "a firm more"):
            step(archive)
            held = opened(archive, held)
            assert held.renewed
            seen = public(held, seen)
            assert seen == public(opened(archive)), name
    assert opened(archive, held).renewed == frozenset()
