"""What a firm answers to a message, and what comes of it: tickets, questions, reviews. No fact, verdict or case changes."""

from __future__ import annotations

import pytest
from pushing import HANDLER, LEGAL, by, delivery, message, person
from reviewing import EQ, queue, with_project
from reviewing import by as reviewing_by
from rows import E1, E2, LIBRARY, asked, audited, told

from policy_match.errors import Conflict, NotFound, UsageError
from policy_match.lifecycle.tickets import TicketEvent
from policy_match.push.words import Asked, Channel, DeliveryState, Reply
from policy_match.store import doubts, inbox, log, subjects
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.tables import Doubt
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.decide_review import NewDecision, decide_review
from policy_match.workflows.dismiss_message import dismiss_message
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_messages import read_message, read_messages
from policy_match.workflows.reply_message import Answer, reply_message


@pytest.fixture
def firm(reviewing: Archive) -> tuple[Archive, str]:
    """An archive with a project of a firm, and two people of the firm; the code of the project."""
    code = with_project(reviewing)
    person(reviewing)
    person(reviewing, LEGAL)
    return reviewing, code


def numbers(archive: Archive, who: str = HANDLER, **more: object) -> list[int]:
    return [one.message.id for one in read_messages(archive, by(who), **more).messages]  # type: ignore[arg-type]


def the(archive: Archive, number: int) -> Message:
    with archive.database.reading() as session:
        return session.get_one(Message, number)


def inbox_state(archive: Archive, number: int) -> str:
    with archive.database.reading() as session:
        return inbox.deliveries(session, [number])[number][0].state


def question(archive: Archive, code: str) -> Doubt:
    with archive.database.reading() as session:
        (found,) = [one for one in doubts.still_open(session, LIBRARY) if one.code == code]
        return found


def tickets_of(archive: Archive, code: str) -> list[TicketEvent]:
    with archive.database.reading() as session:
        row = subjects.by_code(session, LIBRARY, code)
        assert row is not None
        return log.entries(session, TicketEvent, [row])[row.id]


def test_ones_own_messages_come_newest_first_by_pages_and_nobody_elses(firm: tuple[Archive, str]) -> None:
    archive, _ = firm
    made = [message(archive) for _ in range(3)]
    message(archive, LEGAL)

    first = read_messages(archive, by(HANDLER), limit=2)

    assert [one.message.id for one in first.messages] == made[:0:-1]
    assert numbers(archive, before=first.next_before, limit=2) == made[:1]
    assert read_messages(archive, by(HANDLER), before=first.next_before, limit=2).next_before is None


@pytest.mark.parametrize(
    "more",
    [
        {"state": "held", "inbox": None},
        {"state": "waiting", "inbox": None},
        {"state": "suppressed", "inbox": None},
        {"inbox": DeliveryState.PENDING},
        {"inbox": DeliveryState.SUPPRESSED},
    ],
)
def test_what_has_not_gone_out_is_not_there_for_its_recipient(
    firm: tuple[Archive, str], more: dict[str, object]
) -> None:
    archive, _ = firm
    number = message(archive, **more)  # type: ignore[arg-type]

    assert numbers(archive) == []
    with pytest.raises(NotFound) as refused:
        read_message(archive, number, by(HANDLER))
    assert told(refused.value) == {"MESSAGE_UNKNOWN"}


def test_somebody_elses_message_is_as_unknown_as_one_that_never_was(firm: tuple[Archive, str]) -> None:
    archive, _ = firm
    number = message(archive, LEGAL)

    for unknown in (number, 999):
        with pytest.raises(NotFound) as refused:
            read_message(archive, unknown, by(HANDLER))
        assert told(refused.value) == {"MESSAGE_UNKNOWN"}
    with pytest.raises(NotFound):
        reply_message(archive, number, Answer("seen"), by(HANDLER))
    with pytest.raises(NotFound):
        dismiss_message(archive, number, by(HANDLER), reason="不相关")


def test_opening_a_message_notes_once_that_it_was_read_on_the_inbox_alone(firm: tuple[Archive, str]) -> None:
    archive, _ = firm
    number = message(archive)
    with archive.database.writing() as session:
        session.add(delivery(number, Channel.SMS, DeliveryState.SENT, by(HANDLER).now))
    assert numbers(archive, unread=True) == [number]

    read_message(archive, number, by(HANDLER, hour="11:00"))
    read_message(archive, number, by(HANDLER, hour="12:00"))

    assert the(archive, number).read_at == by(HANDLER, hour="11:00").now
    with archive.database.reading() as session:
        states = {one.channel: one.state for one in inbox.deliveries(session, [number])[number]}
    assert states == {"inbox": "read", "sms": "sent"}
    assert numbers(archive, unread=True) == []


def test_a_digest_shows_its_entries_the_most_valuable_first_and_they_are_read_with_it(
    firm: tuple[Archive, str],
) -> None:
    archive, _ = firm
    digest = message(archive, content="digest", topic="汇总")
    small = message(archive, digest_id=digest, value_fen=100, inbox=None)
    big = message(archive, digest_id=digest, value_fen=900, inbox=None)
    none = message(archive, digest_id=digest, inbox=None)

    assert numbers(archive) == [digest]
    shown = read_message(archive, digest, by(HANDLER))

    assert [one.message.id for one in shown.entries] == [big, small, none]
    assert the(archive, small).read_at is not None


@pytest.mark.parametrize("reply", ["seen", "有意申请"])
def test_a_plain_answer_is_kept_and_acknowledges_the_inbox(firm: tuple[Archive, str], reply: str) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)

    made = reply_message(archive, number, Answer(reply), by(HANDLER))

    assert (made.ticket, made.doubt) == (None, None)
    assert the(archive, number).reply == made.reply.value
    assert inbox_state(archive, number) == "acked"
    assert asked(archive) == []


def test_the_last_answer_stands_and_the_same_again_adds_nothing(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)
    for reply in ("seen", "interested", "interested"):
        reply_message(archive, number, Answer(reply), by(HANDLER))

    assert the(archive, number).reply == "interested"
    assert len(audited(archive, "message.interested")) == 1
    assert inbox_state(archive, number) == "acked"
    read_message(archive, number, by(HANDLER))
    assert inbox_state(archive, number) == "acked"


def test_a_call_for_help_becomes_a_ticket_of_the_project_once(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)

    made = reply_message(archive, number, Answer("help", "材料不会填"), by(HANDLER))
    reply_message(archive, number, Answer("help", "材料不会填"), by(HANDLER))

    (opened,) = tickets_of(archive, code)
    assert made.ticket == opened.ticket
    assert opened.about is not None
    assert "材料不会填" in opened.about.text
    assert opened.actor == HANDLER


def test_a_call_for_help_about_the_firm_itself_becomes_a_question_so_that_nothing_is_lost(
    firm: tuple[Archive, str],
) -> None:
    archive, _ = firm
    number = message(archive, subject=E1, measure=EQ, version=1)

    made = reply_message(archive, number, Answer("help", "材料不会填"), by(HANDLER))

    assert made.ticket is None
    assert question(archive, Asked.HELP_ASKED).id == made.doubt
    assert "材料不会填" in question(archive, Asked.HELP_ASKED).what


def test_what_does_not_apply_reaches_whoever_reviews_the_match(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)

    made = reply_message(archive, number, Answer("不适用", reason="企业无此业务"), by(HANDLER))

    found = question(archive, Asked.NOT_FOR_US)
    assert (found.id, found.value) == (made.doubt, EQ)
    assert "企业无此业务" in found.what


def test_a_wrong_fact_becomes_the_question_that_a_reviewer_would_ask_and_the_fact_stays(
    firm: tuple[Archive, str],
) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)
    with archive.database.reading() as session:
        before = session.query(Doubt).count()

    made = reply_message(archive, number, Answer("wrong_facts", "已是15亿元", fact="总投资"), by(HANDLER))

    found = question(archive, "FACT_DISPUTED")
    assert before == 0
    assert (found.id, found.value) == (made.doubt, "total_investment")
    assert "已是15亿元" in found.what


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer("好的"), "REPLY"),
        (Answer("help"), "TEXT_MISSING"),
        (Answer("not_for_us"), "REVIEW_REASON"),
        (Answer("not_for_us", reason="太远"), "REVIEW_REASON"),
        (Answer("not_for_us", reason="其他"), "TEXT_MISSING"),
        (Answer("wrong_facts", "错了"), "REVIEW_FACT"),
        (Answer("wrong_facts", "错了", fact="用电量"), "REVIEW_FACT"),
        (Answer("wrong_facts", fact="总投资"), "TEXT_MISSING"),
    ],
)
def test_an_answer_that_lacks_something_is_refused_and_nothing_is_noted(
    firm: tuple[Archive, str], answer: Answer, code: str
) -> None:
    archive, project = firm
    number = message(archive, subject=project, measure=EQ, version=1)

    with pytest.raises(UsageError) as refused:
        reply_message(archive, number, answer, by(HANDLER))

    assert told(refused.value) == {code}
    assert the(archive, number).reply is None
    assert asked(archive) == []


@pytest.mark.parametrize("reply", [Reply.NOT_FOR_US, Reply.WRONG_FACTS])
def test_a_message_of_no_measure_takes_no_answer_about_one(firm: tuple[Archive, str], reply: Reply) -> None:
    archive, _ = firm
    number = message(archive, content="notice", topic="部门通知")

    with pytest.raises(UsageError) as refused:
        reply_message(archive, number, Answer(reply, "说明", reason="不相关", fact="总投资"), by(HANDLER))
    assert told(refused.value) == {"REPLY_NO_MEASURE"}


def test_a_dismissed_entry_leaves_the_list_and_feeds_the_review(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    digest = message(archive, content="digest", topic="汇总")
    entry = message(archive, digest_id=digest, subject=code, measure=EQ, version=1, inbox=None)

    made = dismiss_message(archive, entry, by(HANDLER), reason="已享受")

    assert (the(archive, entry).withheld, the(archive, entry).reply) == ("dismissed", "not_for_us")
    assert question(archive, Asked.NOT_FOR_US).id == made.doubt
    assert numbers(archive) == [digest]
    with pytest.raises(Conflict) as twice:
        dismiss_message(archive, entry, by(HANDLER), reason="已享受")
    assert told(twice.value) == {"MESSAGE_DISMISSED"}


def test_what_has_to_be_told_cannot_be_dismissed(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, mandatory=True, content="case", topic="免申即享")

    with pytest.raises(Conflict) as refused:
        dismiss_message(archive, number, by(HANDLER), reason="不相关")
    assert told(refused.value) == {"MESSAGE_MANDATORY"}
    assert numbers(archive) == [number]


def test_a_dismissed_message_by_itself_leaves_the_list(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)

    dismiss_message(archive, number, by(HANDLER), reason="不相关")

    assert numbers(archive) == []


def test_the_inbox_never_moves_back(firm: tuple[Archive, str]) -> None:
    archive, _ = firm
    number = message(archive, inbox=DeliveryState.ACKED)

    read_message(archive, number, by(HANDLER))

    with archive.database.reading() as session:
        assert session.query(Delivery).one().state == "acked"


def test_people_of_another_firm_see_nothing(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    message(archive, subject=code)
    person(archive, "handler-e2", E2)

    assert numbers(archive, "handler-e2") == []


def waiting(archive: Archive, on: str = "2025-03-31") -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (*one.match.pair, tuple(why.value for why in one.triage.whys))
        for one in queue(archive, reviewing_by("development", on=on))
    ]


@pytest.mark.parametrize(("decision", "outcome"), [("confirm", "refused"), ("reject", "accepted")])
def test_a_match_of_which_the_firm_says_no_comes_before_people_until_they_decide(
    firm: tuple[Archive, str], decision: str, outcome: str
) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)
    before = waiting(archive)
    made = reply_message(archive, number, Answer("不适用", reason="企业无此业务"), by(HANDLER))

    assert "disputed" not in [why for _, _, whys in before for why in whys]
    assert [(one, measure) for one, measure, whys in waiting(archive) if "disputed" in whys] == [(code, EQ)]
    claim_review(archive, f"{code}/{EQ}", by("industry"))
    reason = "企业无此业务" if decision == "reject" else None
    decide_review(archive, NewDecision(f"{code}/{EQ}", decision, reason=reason), by("industry"))

    assert [one for one in waiting(archive) if one[:2] == (code, EQ)] == []
    with archive.database.reading() as session:
        doubt = doubts.by_number(session, LIBRARY, made.doubt or 0)
        assert doubt is not None
        assert (doubt.outcome, doubt.settled_by) == (outcome, "industry")


def test_a_match_that_was_confirmed_before_comes_back_when_the_firm_says_no(firm: tuple[Archive, str]) -> None:
    archive, code = firm
    number = message(archive, subject=code, measure=EQ, version=1)
    claim_review(archive, f"{code}/{EQ}", by("industry"))
    decide_review(archive, NewDecision(f"{code}/{EQ}", "confirm"), by("industry"))
    assert waiting(archive) == []

    reply_message(archive, number, Answer("不适用", reason="已享受"), by(HANDLER))

    assert [one[:2] for one in waiting(archive)] == [(code, EQ)]
