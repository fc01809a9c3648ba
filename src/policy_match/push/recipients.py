"""Who of a firm is told: the handlers of the topic, else those who represent it by law, else nobody (§6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

from policy_match.push.words import ContactRole


class Speaker(Protocol):
    """Somebody who speaks for a firm, from `since` until `until` (not included); `topics`: None, of all topics."""

    @property
    def role(self) -> str:
        """A `ContactRole`."""

    @property
    def topics(self) -> Sequence[str] | None:
        """The topics that a handler has; of no meaning for who represents the firm by law."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date | None:
        """The first day on which it holds no more; None: no end is known."""


Speaks = TypeVar("Speaks", bound=Speaker)


def recipients(contacts: Iterable[Speaks], topic: str, on: date) -> tuple[Speaks, ...]:
    """Those of one firm's contacts who are told of a topic on a day, in the order given.

    Every handler who has the topic; where there is none, everybody who represents the firm by law; empty where there is
    nobody either. A contact holds on its first day and no more on the day of its end.
    """
    present = [one for one in contacts if holds(one, on)]
    handlers = tuple(one for one in present if one.role == ContactRole.HANDLER and _has(one, topic))
    return handlers or tuple(one for one in present if one.role == ContactRole.LEGAL)


def holds(contact: Speaker, on: date) -> bool:
    """Whether a contact speaks for the firm on a day."""
    return contact.since <= on and (contact.until is None or on < contact.until)


def _has(contact: Speaker, topic: str) -> bool:
    return contact.topics is None or topic in contact.topics
