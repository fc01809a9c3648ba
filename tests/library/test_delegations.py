"""Acting for somebody else: from a day through a day, between equals, shown while it is used."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from signing import NOW, admin, at, enter, noted, person, ready

from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError
from policy_match.workflows.act_for import act_for
from policy_match.workflows.delegate import NewDelegation, delegate
from policy_match.workflows.end_delegation import end_delegation
from policy_match.workflows.list_access import delegation_rows
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.who_asks import session_of
from policy_match.workflows.write_entry import By

TODAY = date(2026, 3, 2)


def given(giver: str, taker: str, since: date = TODAY, through: date = TODAY) -> NewDelegation:
    return NewDelegation(giver, taker, since, through, "休假")


def refused(archive: Archive, asked: NewDelegation, by: By | None = None) -> str:
    with pytest.raises(PolicyMatchError) as raised:
        delegate(archive, asked, by or admin())
    return raised.value.issues[0].code


def test_who_takes_acts_for_who_gives_and_the_session_shows_it(archive: Archive) -> None:
    giver, taker = ready(archive), ready(archive)
    delegate(archive, given(giver, taker), By("real", giver, NOW))
    token = enter(archive, taker).token

    act_for(archive, token, giver, NOW)

    found = session_of(archive, token, NOW)
    assert found is not None and found.acts_for is not None
    assert (found.actor.id, found.acts_for.id) == (taker, giver)
    act_for(archive, token, None, NOW)
    back = session_of(archive, token, NOW)
    assert back is not None and back.acts_for is None
    assert [row.action for row in noted(archive)] == ["delegation.make", "sign_in", "delegation.use", "delegation.use"]


@pytest.mark.parametrize(("days", "holds"), [(0, False), (1, True), (3, True), (4, False)])
def test_first_and_last_day_count_and_no_other(archive: Archive, days: int, holds: bool) -> None:
    giver, taker = ready(archive), ready(archive)
    delegate(archive, given(giver, taker, TODAY + timedelta(1), TODAY + timedelta(3)), admin())
    token = enter(archive, taker, days * 1440).token

    if holds:
        act_for(archive, token, giver, at(days * 1440))
        return
    with pytest.raises(Forbidden, match="没有生效的代理"):
        act_for(archive, token, giver, at(days * 1440))


def test_a_session_that_reaches_past_the_last_day_is_ones_own_again(archive: Archive) -> None:
    giver, taker = ready(archive), ready(archive)
    delegate(archive, given(giver, taker), admin())
    # 23:50 and 00:05 in Changzhou.
    late, early = at(14 * 60 + 50), at(15 * 60 + 5)
    token = enter(archive, taker, 14 * 60 + 50).token
    act_for(archive, token, giver, late)

    found = session_of(archive, token, early)

    assert found is not None and found.acts_for is None


def test_an_ended_delegation_holds_no_more_not_even_in_a_session(archive: Archive) -> None:
    giver, taker = ready(archive), ready(archive)
    number = delegate(archive, given(giver, taker), admin())
    token = enter(archive, taker).token
    act_for(archive, token, giver, NOW)

    end_delegation(archive, number, By("real", taker, NOW))

    found = session_of(archive, token, NOW)
    assert found is not None and found.acts_for is None
    with pytest.raises(Conflict, match="已结束"):
        end_delegation(archive, number, admin())
    with pytest.raises(NotFound):
        end_delegation(archive, number + 1, admin())
    assert [row["state"] for row in delegation_rows(archive, admin()).rows] == ["已结束"]


def test_only_equals_act_for_each_other_and_administrators_never(archive: Archive) -> None:
    lead, trade = ready(archive), ready(archive, person("commerce"))
    wujin, liyang = (ready(archive, person("district", region=code)) for code in ("320412", "320481"))
    firm, other = (ready(archive, person("enterprise", region="320412", firm=code)) for code in ("A", "B"))
    chief, deputy = ready(archive, person("admin")), ready(archive, person("admin"))

    for giver, taker in ((lead, trade), (wujin, liyang), (firm, other), (chief, deputy), (chief, lead), (lead, lead)):
        assert refused(archive, given(giver, taker)) == "DELEGATION_ROLE"


@pytest.mark.parametrize(
    ("since", "through"), [(TODAY - timedelta(1), TODAY), (TODAY + timedelta(1), TODAY), (TODAY - timedelta(2), TODAY - timedelta(1))]
)  # fmt: skip
def test_it_begins_today_or_later_and_ends_after_that(archive: Archive, since: date, through: date) -> None:
    assert refused(archive, given("development", "development-2", since, through)) == "DELEGATION_TERM"


def test_who_is_no_party_gives_nothing_away_and_that_is_noted(archive: Archive) -> None:
    giver, taker = ready(archive), ready(archive)

    for who in (taker, "development-3", "data", "auditor"):
        assert refused(archive, given(giver, taker), By("real", who, NOW)) == "DELEGATION_BY"
    number = delegate(archive, given(giver, taker), admin())
    with pytest.raises(Forbidden):
        end_delegation(archive, number, By("real", "development-3", NOW))
    assert [row.action for row in noted(archive)].count("access.refused") == 5


def test_the_same_two_have_one_at_a_time(archive: Archive) -> None:
    giver, taker = ready(archive), ready(archive)
    asked = given(giver, taker, TODAY + timedelta(3), TODAY + timedelta(5))
    delegate(archive, asked, admin())

    for first, last in ((1, 3), (5, 9), (4, 4), (1, 9)):
        day = replace(asked, since=TODAY + timedelta(first), through=TODAY + timedelta(last))
        assert refused(archive, day) == "DELEGATION_THERE"
    for first, last in ((1, 2), (6, 9)):
        delegate(archive, replace(asked, since=TODAY + timedelta(first), through=TODAY + timedelta(last)), admin())
    delegate(archive, replace(asked, giver=taker, taker=giver), admin())
