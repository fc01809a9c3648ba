"""The change feed tells of messages, each with its subject and measure, to whoever may see them."""

from __future__ import annotations

from pushing import HANDLER, by, message, person
from reviewing import EQ, with_project
from rows import LIBRARY, NOW
from sqlalchemy import select

from policy_match.store import audit
from policy_match.store.tables import Actor
from policy_match.workflows.list_changes import list_changes
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.reply_message import Answer, reply_message


def test_an_answer_to_a_message_is_a_change_of_its_subject_and_measure(reviewing: Archive) -> None:
    code = with_project(reviewing)
    person(reviewing)
    number = message(reviewing, subject=code, measure=EQ, version=1)
    reply_message(reviewing, number, Answer("seen"), by(HANDLER))

    found = list_changes(reviewing, LIBRARY, None, lambda change: change.kind == "message").changes

    assert [(one.id, one.action, one.subject, one.measure) for one in found] == [
        (str(number), "message.seen", code, EQ)
    ]


def test_what_was_done_to_many_messages_at_once_is_of_no_subject(reviewing: Archive) -> None:
    with reviewing.database.writing() as session:
        who = session.scalars(select(Actor).where(Actor.id == "industry")).one()
        audit.record(
            session,
            who,
            "push.release",
            object_kind="message",
            object_id="version/eq_device.v1",
            at=NOW,
            library=LIBRARY,
        )

    (found,) = list_changes(reviewing, LIBRARY, None, lambda change: change.kind == "message").changes
    assert (found.id, found.subject, found.measure) == ("version/eq_device.v1", None, None)
