"""What is held until a person looked: the first matches of a version, a run far above the usual; and confirmed reviews."""

from __future__ import annotations

from datetime import datetime

import pytest
from announcing import SMALL, Telling, begun, sure_project, tell
from pushing import HANDLER
from reviewing import EQ, by, queue
from rows import LIBRARY, audited
from sqlalchemy import select

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.push import value
from policy_match.ranking.decisions import Choice
from policy_match.store.push_tables import Message, PushRun
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.decide_review import NewDecision, decide_review
from policy_match.workflows.decide_together import Chosen, Together, decide_together, preview_together
from policy_match.workflows.list_held import held_rows
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.release_held import (
    Decision,
    Held,
    Outcome,
    decide_held,
    decide_run,
    decide_version,
    list_held,
)

BIG = {"total_investment": "12亿元"}
LOOKED = Decision(Outcome.RELEASE, 1, "抽查无误")
STOP = Decision(Outcome.CANCEL, 1, "条件写错")


def at(hour: str = "11:00") -> datetime:
    return by("importer", hour).now


@pytest.fixture
def archive(reviewing: Archive) -> Archive:
    """An archive with the invented measures."""
    return reviewing


def held(archive: Archive) -> Held:
    with archive.database.reading() as session:
        return list_held(session, LIBRARY)


def with_held(archive: Archive) -> Telling:
    """One match of a version that nobody looked at yet."""
    code, telling = begun(archive)
    tell(archive, code, at(), **BIG)
    telling.match(at())
    return telling


def test_the_list_names_the_version_and_how_many_are_to_be_looked_at(archive: Archive) -> None:
    with_held(archive)
    (version,) = held(archive).versions
    assert (version.measure, version.version, len(version.messages), version.sample) == (EQ, 1, 1, 1)


def test_who_looked_lets_them_go_at_once_and_the_chain_says_so(archive: Archive) -> None:
    telling = with_held(archive)
    assert decide_version(archive, EQ, 1, LOOKED, by("industry", "14:00")).messages == 1
    assert [row.state for row in telling.told()] == ["out"]
    assert [(one.channel, one.state) for one in telling.deliveries()] == [("inbox", "sent")]
    (line,) = audited(archive, "push.release")
    assert (line.actor, line.reason, line.object_id) == ("industry", "抽查无误", f"version/{EQ}.v1")


def test_what_is_stopped_is_never_sent(archive: Archive) -> None:
    telling = with_held(archive)
    decide_version(archive, EQ, 1, STOP, by("industry", "14:00"))
    assert [(row.state, row.withheld) for row in telling.told()] == [("cancelled", "withdrawn")]
    assert telling.send(at("15:00")).messages == 0
    assert len(audited(archive, "push.cancel")) == 1


def test_only_whose_measure_it_is_lets_it_go(archive: Archive) -> None:
    with_held(archive)
    for who in ("science", "district-320412", "auditor"):
        with pytest.raises(Forbidden):
            decide_version(archive, EQ, 1, LOOKED, by(who, "14:00"))
    assert len(held(archive).versions) == 1


def test_what_came_after_the_look_is_not_let_go_unseen(archive: Archive) -> None:
    telling = with_held(archive)
    other = sure_project(archive, "示范第二项目", **SMALL)
    telling.match(at("12:00"))
    tell(archive, other, at("12:30"), **BIG)
    telling.match(at("12:30"))
    with pytest.raises(Conflict, match="现在有 2 条"):
        decide_version(archive, EQ, 1, LOOKED, by("industry", "14:00"))


def test_a_decision_needs_a_reason_and_something_held(archive: Archive) -> None:
    with_held(archive)
    with pytest.raises(UsageError):
        decide_version(archive, EQ, 1, Decision(Outcome.RELEASE, 1, " "), by("industry", "14:00"))
    with pytest.raises(NotFound):
        decide_version(archive, EQ, 2, LOOKED, by("industry", "14:00"))
    with pytest.raises(NotFound):
        decide_run(archive, 99, LOOKED, by("industry", "14:00"))


def test_the_list_names_the_messages_to_look_at_and_why(archive: Archive) -> None:
    telling = with_held(archive)
    (line,) = held_rows(archive, by("industry", "14:00")).rows
    assert (line["target"], line["messages"], line["sample"]) == (f"{EQ}.v1", 1, 1)
    assert line["numbers"] == str(telling.told()[0].id)
    assert "首批" in str(line["why"])
    with pytest.raises(Forbidden):
        held_rows(archive, by("statistics", "14:00"))


@pytest.mark.parametrize("target", [f"{EQ}.v2", "nothing.v1", "7", "随便", ".v1", ""])
def test_a_target_that_is_not_held_is_named_with_where_to_look(archive: Archive, target: str) -> None:
    with_held(archive)
    with pytest.raises(NotFound) as refused:
        decide_held(archive, target, LOOKED, by("industry", "14:00"))
    assert refused.value.issues[0].code == "HELD_UNKNOWN"
    assert "push held list" in refused.value.issues[0].hint


def test_a_version_is_let_go_by_the_name_that_the_list_gives(archive: Archive) -> None:
    telling = with_held(archive)
    assert decide_held(archive, f"{EQ}.v1", LOOKED, by("industry", "14:00")).messages == 1
    assert [row.state for row in telling.told()] == ["out"]


def test_after_few_were_let_go_the_next_ones_are_held_again(archive: Archive) -> None:
    telling = with_held(archive)
    decide_version(archive, EQ, 1, LOOKED, by("industry", "14:00"))
    other = sure_project(archive, "示范第二项目", **SMALL)
    telling.match(at("15:00"))
    tell(archive, other, at("15:30"), **BIG)
    telling.match(at("15:30"))
    assert [row.state for row in telling.told()] == ["out", "held"]


def unusual(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Telling:
    """A run that tells one more than the limit, which is none here."""
    monkeypatch.setattr(value, "FEW", 0)
    code, telling = begun(archive)
    telling.sampled()
    tell(archive, code, at(), **BIG)
    telling.match(at())
    return telling


def test_a_run_far_above_the_usual_is_held_whole(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    telling = unusual(archive, monkeypatch)
    sent = telling.send(at())
    assert (sent.messages, [row.state for row in telling.told()]) == (0, ["held"])
    (run,) = held(archive).runs
    assert sent.run == run.id
    assert run.counts == {"messages": 1, "entries": 1, "people": 1}
    assert held(archive).versions == []


def test_a_held_run_goes_once_somebody_of_the_city_lets_it(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    telling = unusual(archive, monkeypatch)
    number = telling.send(at()).run or 0
    with pytest.raises(Forbidden):
        decide_run(archive, number, LOOKED, by("district-320412", "14:00"))
    assert decide_run(archive, number, LOOKED, by("development", "14:00")).messages == 1
    assert [row.state for row in telling.told()] == ["out"]
    with archive.database.reading() as session:
        run = session.scalars(select(PushRun)).one()
    assert (run.held, run.decided_by, run.decided_at) == (False, "development", by("development", "14:00").now)
    with pytest.raises(NotFound):
        decide_run(archive, number, LOOKED, by("development", "14:05"))


def test_a_held_run_that_is_stopped_tells_nobody_and_is_no_usual_one(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = unusual(archive, monkeypatch)
    number = telling.send(at()).run or 0
    decide_run(archive, number, STOP, by("development", "14:00"))
    assert [row.state for row in telling.told()] == ["cancelled"]
    assert telling.send(at("15:00")).messages == 0
    with archive.database.reading() as session:
        assert [one.held for one in session.scalars(select(PushRun))] == [True]


def test_a_match_that_is_confirmed_is_told_in_the_transaction_of_the_decision(archive: Archive) -> None:
    code, telling = begun(archive)
    tell(archive, code, at(), **BIG)
    Telling(archive, like=0.017).match(at())
    assert telling.told() == []
    (review,) = queue(archive, by("development", "12:00"))
    claim_review(archive, review.id, by("district-320412", "12:00"))
    decide_review(archive, NewDecision(review.id, Choice.CONFIRM.value), by("district-320412", "12:05"))
    (row,) = telling.told()
    assert (row.state, row.content, row.template, row.made_at) == ("waiting", "match", "match", by("x", "12:05").now)
    assert row.why == "您是“示范设备有限公司”的经办人；主管单位已审核确认（2025-03-31）"
    assert row.change_id is not None
    assert telling.send(at("12:06")).messages == 1


def test_matches_that_are_confirmed_together_are_told_too_and_a_preview_tells_nobody(archive: Archive) -> None:
    code, telling = begun(archive)
    tell(archive, code, at(), **BIG)
    (review,) = queue(archive, by("development", "12:00"))
    asked = Together(EQ, (Chosen(review.id),), NewDecision("", Choice.CONFIRM.value))
    preview_together(archive, asked, by("district-320412", "12:05"))
    assert telling.told() == []
    decide_together(archive, asked, by("district-320412", "12:05"))
    assert [(row.state, row.template) for row in telling.told()] == [("waiting", "match")]


def test_a_match_that_is_rejected_is_told_to_nobody(archive: Archive) -> None:
    code, telling = begun(archive)
    tell(archive, code, at(), **BIG)
    (review,) = queue(archive, by("development", "12:00"))
    claim_review(archive, review.id, by("district-320412", "12:00"))
    asked = NewDecision(review.id, Choice.REJECT.value, reason="不相关")
    decide_review(archive, asked, by("district-320412", "12:05"))
    assert telling.told() == []


def test_a_confirmed_match_with_missing_facts_asks_the_firm_for_them(archive: Archive) -> None:
    code, telling = begun(archive, total_investment="", track="低空经济")
    (review,) = queue(archive, by("development", "12:00"))
    claim_review(archive, review.id, by("district-320412", "12:00"))
    decide_review(archive, NewDecision(review.id, Choice.CONFIRM.value), by("district-320412", "12:05"))
    (row,) = telling.told()
    assert row.template == "ask"
    assert "请补充：\n总投资" in row.body
    assert code


def test_once_the_fact_that_was_asked_for_is_there_the_match_is_told_as_one(archive: Archive) -> None:
    code, telling = begun(archive, total_investment="", track="低空经济")
    telling.sampled()
    (review,) = queue(archive, by("development", "12:00"))
    claim_review(archive, review.id, by("district-320412", "12:00"))
    decide_review(archive, NewDecision(review.id, Choice.CONFIRM.value), by("district-320412", "12:05"))
    telling.send(at("12:06"))
    tell(archive, code, at("13:00"), **BIG)
    telling.match(at("13:00"))
    first, match = telling.told()
    assert (match.content, match.template, match.thread_id) == ("match", "match", first.id)


def test_a_near_miss_is_told_once_somebody_confirmed_it_with_what_is_lacking(archive: Archive) -> None:
    _, telling = begun(archive, total_investment="9000万元", track="低空经济")
    assert telling.told() == []
    (review,) = queue(archive, by("development", "12:00"), likeness=0.1)
    claim_review(archive, review.id, by("district-320412", "12:00"))
    decide_review(archive, NewDecision(review.id, Choice.CONFIRM.value), by("district-320412", "12:05"))
    (row,) = telling.told()
    assert row.template == "advice"
    assert "还差1000万元" in row.body
    assert row.value_fen is None


def test_the_recipient_of_all_of_it_is_the_handler(archive: Archive) -> None:
    with_held(archive)
    with archive.database.reading() as session:
        assert set(session.scalars(select(Message.recipient_id))) == {HANDLER}
