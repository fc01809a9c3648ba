"""What a person lets in becomes known when it is let in: an earlier state of knowledge stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rows import CODE, LATER_CODE, LIBRARY, NOW, codes, doubt_number, read, row, taken

from policy_match.store import subjects
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.link_waiting import link_waiting
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.settle_doubt import settle_doubt
from policy_match.workflows.show_record import show_record

BY = "development"
ASKED, BETWEEN, SETTLED = NOW + timedelta(hours=1), NOW + timedelta(days=1), NOW + timedelta(days=5)


def tell(archive: Archive, code: str, investment: str) -> None:
    tell_facts(archive, LIBRARY, code, Told({"total_investment": investment}), BY, ASKED)


def test_a_figure_that_a_person_accepts_later_was_not_known_before(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    tell(archive, code, "12万元")
    settle_doubt(archive, LIBRARY, doubt_number(archive, "UNIT_SUSPECT"), "accepted", by=BY, now=SETTLED)

    before, after = (read(archive, code, known_at=instant) for instant in (BETWEEN, SETTLED))
    assert before.whole("total_investment") == 12 * 10**10
    assert after.whole("total_investment") == 12 * 10**6
    assert str(after.fact("total_investment").cell.observed_on) == "2025-03-31"


def test_what_a_record_says_is_known_of_the_project_once_it_is_linked(archive: Archive) -> None:
    taken(archive, row(archive, facts={"district": "320412"}))
    (code,) = codes(archive)
    waiting = row(
        archive, "示范别名", code=None, uscc=None, firm=None, source="GG", facts={"total_investment": "13亿元"}, record="GG-1"
    )  # fmt: skip
    taken(archive, waiting, source="GG")
    link_waiting(archive, LIBRARY, "GG", "GG-1", code, by=BY, now=SETTLED)

    before, after = (read(archive, code, known_at=instant) for instant in (BETWEEN, SETTLED))
    assert (before.whole("total_investment"), after.whole("total_investment")) == (None, 13 * 10**10)
    assert [key.kind for key in before.keys] == ["XMDM"]
    assert [key.kind for key in after.keys] == ["REC_GG", "XMDM"]


def test_a_project_has_the_code_that_it_had_on_the_day(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    taken(archive, replace(row(archive, code=LATER_CODE, facts={}), code=code), when=ASKED)
    settle_doubt(archive, LIBRARY, doubt_number(archive, "CODE_CHANGED"), "accepted", by=BY, now=SETTLED)

    changed_on = "2025-04-05"
    days = (("2025-04-04", SETTLED), (changed_on, BETWEEN), (changed_on, SETTLED))
    held = [read(archive, code, on, known_at=known_at).key(subjects.PROJECT_CODE) for on, known_at in days]
    assert held == [CODE, CODE, LATER_CODE]


def test_the_questions_shown_are_those_that_were_open_then(archive: Archive) -> None:
    taken(archive, row(archive))
    (code,) = codes(archive)
    tell(archive, code, "12万元")
    settle_doubt(archive, LIBRARY, doubt_number(archive, "UNIT_SUSPECT"), "refused", by=BY, now=SETTLED)

    instants = (NOW, ASKED, BETWEEN, SETTLED, None)
    shown = [len(show_record(archive, LIBRARY, code, View(SETTLED.date(), instant)).asked) for instant in instants]
    assert shown == [0, 1, 1, 0, 0]
