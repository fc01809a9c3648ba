"""The other orders of a 免申即享 case: the firm's consent before the notice, no notice at all, a second signature."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msjx import (
    APPROVER,
    FIRST,
    by,
    confirmed,
    found,
    noticed,
    rule_folders,
    state,
    verified,
    with_firm,
    with_lists,
    with_money,
)

from policy_match.errors import Conflict, Forbidden
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store.tables import Actor
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.open_archive import FIRST_DAY, Archive, open_archive
from policy_match.workflows.publish_notice import ask_firm

PLAN = "  notice_working_days: 5\n"
Opening = Callable[[str], Archive]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opening]:
    """An archive whose measure has another plan."""
    made: list[Archive] = []

    def make(plan: str) -> Archive:
        archive = open_archive(
            f"sqlite:///{tmp_path / 'o.db'}", *rule_folders(tmp_path, [(PLAN, plan)]), secret=open_secret(Settings())
        )
        made.append(archive)
        with_firm(archive)
        with_money(archive)
        return archive

    yield make
    for archive in made:
        archive.database.close()


def test_where_the_consent_comes_first_the_notice_follows_and_the_approval_waits_for_its_end(opened: Opening) -> None:
    archive = opened(f"{PLAN}  order: consent_first\n")
    number = found(archive).opened[0]
    verified(archive, number)
    ask_firm(archive, number, by(FIRST, "2025-06-03"))
    assert confirmed(archive, number, "2025-06-05").state == "M4"
    with_lists(archive, "2025-06-05")
    with pytest.raises(Conflict) as early:
        approve_case(archive, number, by(APPROVER, "2025-06-05"))
    assert early.value.issues[0].code == "MSJX_STATE"
    noticed(archive, number, "2025-06-05")
    move_cases(archive, by(FIRST, "2025-06-13"))
    assert state(archive, number) == "M4"
    with_lists(archive, "2025-06-13")
    assert approve_case(archive, number, by(APPROVER, "2025-06-13")).state == "M5"


def test_without_a_notice_the_firm_is_asked_at_once_and_a_notice_is_refused(opened: Opening) -> None:
    archive = opened("  notice_working_days: 0\n")
    number = found(archive).opened[0]
    verified(archive, number)
    with pytest.raises(Conflict) as none:
        noticed(archive, number)
    assert none.value.issues[0].code == "MSJX_NO_NOTICE"
    ask_firm(archive, number, by(FIRST, "2025-06-03"))
    assert confirmed(archive, number, "2025-06-05").state == "M4"


def test_the_firm_is_not_asked_before_the_notice_where_that_comes_first(opened: Opening) -> None:
    archive = opened(PLAN)
    number = found(archive).opened[0]
    verified(archive, number)
    with pytest.raises(Conflict) as first:
        ask_firm(archive, number, by(FIRST, "2025-06-03"))
    assert first.value.issues[0].code == "MSJX_STATE"


def test_above_its_sum_a_measure_wants_a_second_signature_of_another_officer_of_the_unit(opened: Opening) -> None:
    archive = opened(f'{PLAN}  second_signature_above: "19万元"\n')
    number = found(archive).opened[0]
    verified(archive, number)
    noticed(archive, number)
    move_cases(archive, by(FIRST, "2025-06-11"))
    confirmed(archive, number)
    with_lists(archive, "2025-06-13")
    asked = by(APPROVER, "2025-06-13")
    with pytest.raises(Conflict) as alone:
        approve_case(archive, number, asked)
    assert alone.value.issues[0].code == "SECOND_SIGNATURE"
    with pytest.raises(Forbidden):
        approve_case(archive, number, asked, second="labour")
    for same in (APPROVER, FIRST):
        with pytest.raises(Conflict) as twice:
            approve_case(archive, number, asked, second=same)
        assert twice.value.issues[0].code == "MSJX_SAME_PERSON"
    assert state(archive, number) == "M4"
    with archive.database.writing() as session:
        session.add(Actor(id="science-4", name="示范经办4", role="science", valid_from=FIRST_DAY))
    assert approve_case(archive, number, asked, second="science-4").state == "M5"
