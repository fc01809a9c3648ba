"""Who of a firm is told: handlers of the topic, else the legal representative, else nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from policy_match.push.recipients import holds, recipients

ON = date(2025, 3, 31)


@dataclass(frozen=True)
class Spoken:
    name: str
    role: str = "handler"
    topics: tuple[str, ...] | None = None
    since: date = date(2025, 1, 1)
    until: date | None = None


def names(*contacts: Spoken, topic: str = "奖补", on: date = ON) -> list[str]:
    return [one.name for one in recipients(contacts, topic, on)]


def test_every_handler_who_has_the_topic_is_told_and_the_legal_representative_is_not() -> None:
    found = names(Spoken("甲", topics=("奖补",)), Spoken("乙"), Spoken("丙", topics=("税收",)), Spoken("丁", "legal"))

    assert found == ["甲", "乙"]


def test_without_a_handler_of_the_topic_whoever_represents_the_firm_by_law_is_told_of_any_topic() -> None:
    assert names(Spoken("丙", topics=("税收",)), Spoken("丁", "legal", topics=("用地",))) == ["丁"]


def test_without_either_nobody_is_told() -> None:
    assert names(Spoken("丙", topics=("税收",))) == []
    assert names() == []


def test_a_handler_of_no_topic_at_all_has_none() -> None:
    assert names(Spoken("甲", topics=())) == []


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [
        (ON, None, True),
        (date(2025, 4, 1), None, False),
        (date(2025, 1, 1), date(2025, 4, 1), True),
        (date(2025, 1, 1), ON, False),
    ],
)
def test_a_contact_holds_on_its_first_day_and_no_more_on_the_day_of_its_end(
    since: date, until: date | None, held: bool
) -> None:
    contact = Spoken("甲", since=since, until=until)

    assert holds(contact, ON) is held
    assert names(contact) == (["甲"] if held else [])


def test_a_handler_who_has_left_leaves_the_legal_representative() -> None:
    assert names(Spoken("甲", until=ON), Spoken("丁", "legal")) == ["丁"]
