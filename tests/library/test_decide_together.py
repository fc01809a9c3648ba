"""Several matches decided in the same way, each as if alone; and a queue handed over while somebody is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msjx import GX
from reviewing import EQ, ON, by, queue, with_project
from rows import E2, E3, LIBRARY, audited, day

from policy_match.errors import Conflict, UsageError
from policy_match.ranking.decisions import Choice
from policy_match.store import delegations, reviews
from policy_match.store.account_tables import Delegation
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.decide_review import NewDecision, decide_review
from policy_match.workflows.decide_together import (
    MOST_TOGETHER,
    Chosen,
    Outcome,
    Together,
    decide_together,
    preview_together,
)
from policy_match.workflows.find_reviews import Wanted
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.review_rights import Reader, givers_of, reader_of

A, B = "district-320412", "district-320412-2"


@pytest.fixture
def archive(reviewing: Archive) -> Archive:
    """An empty archive with the invented measures."""
    return reviewing


def three(archive: Archive) -> tuple[str, ...]:
    """Three projects of 武进, each with a match that waits; the ids of the matches."""
    with_project(archive)
    with_project(archive, name="示范乙项目", uscc=E2, firm="示范乙公司")
    with_project(archive, name="示范丙项目", uscc=E3, firm="示范丙公司")
    return tuple(sorted(one.id for one in queue(archive)))


def together(
    ids: tuple[str, ...] | tuple[Chosen, ...], choice: str = "reject", *, reason: str | None = "不相关", **more: object
) -> Together:
    chosen = tuple(Chosen(one) if isinstance(one, str) else one for one in ids)
    return Together(EQ, chosen, NewDecision("", choice, reason, **more))  # type: ignore[arg-type]


def refusals(found: tuple[Outcome, ...]) -> dict[str, str]:
    return {one.chosen.review: one.refused.code for one in found if one.refused is not None}


def seen_of(found: tuple[Outcome, ...]) -> tuple[Chosen, ...]:
    return tuple(one.chosen for one in found)


def test_a_preview_keeps_nothing_and_gives_what_each_one_is_decided_by(archive: Archive) -> None:
    ids = three(archive)

    found = preview_together(archive, together(ids), by(A))

    assert refusals(found) == {}
    assert [one.chosen.seen for one in found] == [0, 0, 0] and all(one.chosen.signature for one in found)
    assert len(queue(archive)) == 3 and audited(archive, "review.reject") == []


def test_all_are_decided_with_one_audit_row_each_and_no_claim(archive: Archive) -> None:
    ids = three(archive)
    shown = seen_of(preview_together(archive, together(ids), by(A)))

    done = decide_together(archive, together(shown, note="三家都不做设备"), by(A, "10:05"))

    assert refusals(done) == {} and queue(archive) == []
    rows = audited(archive, "review.reject")
    assert sorted(row.object_id for row in rows) == list(ids)
    assert {(row.actor, row.reason) for row in rows} == {(A, "不相关：三家都不做设备")}
    assert audited(archive, "review.claim") == []


def test_what_somebody_else_holds_or_touched_since_the_preview_is_refused_alone(archive: Archive) -> None:
    held, touched, free = three(archive)
    shown = seen_of(preview_together(archive, together((held, touched, free)), by(A)))
    claim_review(archive, held, by(B))
    claim_review(archive, touched, by(B))
    decide_review(archive, NewDecision(touched, "escalate"), by(B, "10:01"))

    done = decide_together(archive, together(shown), by(A, "10:05"))

    assert refusals(done) == {held: "REVIEW_SEEN", touched: "REVIEW_SEEN"}
    assert [row.object_id for row in audited(archive, "review.reject")] == [free]
    again = preview_together(archive, together((held, touched, free)), by(A, "10:06"))
    assert refusals(again) == {held: "REVIEW_CLAIMED"}


def test_a_match_that_changed_since_the_preview_is_refused_alone(archive: Archive) -> None:
    ids = three(archive)
    first, *rest = seen_of(preview_together(archive, together(ids), by(A)))
    changed = Chosen(first.review, first.seen, "0" * 64)

    done = decide_together(archive, together((changed, *rest)), by(A))

    assert refusals(done) == {first.review: "REVIEW_CHANGED"}
    assert len(audited(archive, "review.reject")) == 2


def test_a_match_of_another_measure_and_one_outside_the_area_are_refused_alone(archive: Archive) -> None:
    here, there = with_project(archive), with_project(
        archive, name="示范外区项目", uscc=E2, firm="示范外区公司", district="320411"
    )  # fmt: skip

    done = decide_together(archive, together((f"{here}/{GX}", f"{there}/{EQ}", f"{here}/{EQ}", "aaaaaa-aaaa")), by(A))

    assert refusals(done) == {
        f"{here}/{GX}": "REVIEW_TOGETHER", f"{there}/{EQ}": "CARE_ROLE", "aaaaaa-aaaa": "REVIEW_UNKNOWN",
    }  # fmt: skip
    assert [row.reason for row in audited(archive, "review.reject")] == ["不相关"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (together(()), "REVIEW_TOGETHER"),
        (together(("aaaaaa-aaaa",) * (MOST_TOGETHER + 1)), "REVIEW_TOGETHER"),
        (together(("aaaaaa-aaaa",), "override_eligible", reason=None, note="改"), "REVIEW_TOGETHER"),
        (together(("aaaaaa-aaaa",), "correct_fact", reason=None, note="改", fact="stage"), "REVIEW_TOGETHER"),
        (together(("aaaaaa-aaaa",), reason=None), "REVIEW_REASON"),
        (together(("aaaaaa-aaaa",), "defer", reason=None), "REVIEW_UNTIL"),
        (together(("aaaaaa-aaaa",), "nothing", reason=None), "REVIEW_CHOICE"),
    ],
)
def test_what_is_wrong_with_the_whole_is_told_before_any_is_tried(archive: Archive, asked: Together, code: str) -> None:
    for ask in (preview_together, decide_together):
        with pytest.raises(UsageError) as raised:
            ask(archive, asked, by(A))
        assert raised.value.issues[0].code == code


def test_as_many_as_the_most_are_tried(archive: Archive) -> None:
    found = preview_together(archive, together(("aaaaaa-aaaa",) * MOST_TOGETHER), by(A))

    assert [one.refused.code for one in found if one.refused] == ["REVIEW_UNKNOWN"] * MOST_TOGETHER


def hand_over(archive: Archive, giver: str, taker: str, *, days: int = 0) -> None:
    """From today through so many days on."""
    with archive.database.writing() as session:
        session.add(
            Delegation(
                from_actor=giver, to_actor=taker, since=day(ON), through=day(ON) + timedelta(days), reason="休假",
                made_at=by(giver).now, made_by=giver,
            )
        )  # fmt: skip


def reader(archive: Archive, who: str, on: str = ON) -> Reader:
    with archive.database.reading() as session:
        found = actor(session, who, day(on))
        return reader_of(archive, found, givers_of(session, found, day(on)))


def test_who_stands_in_sees_what_the_other_holds_and_goes_on_with_it(archive: Archive) -> None:
    first, second, _ = three(archive)
    claim_review(archive, first, by(A))
    claim_review(archive, second, by(B))
    with pytest.raises(Conflict):
        claim_review(archive, first, by(B))
    hand_over(archive, A, B)

    mine = queue(archive, by(B), wanted=Wanted(mine=True), reader=reader(archive, B))
    assert sorted(one.id for one in mine) == [first, second]
    assert [one.id for one in queue(archive, by(A), wanted=Wanted(mine=True), reader=reader(archive, A))] == [first]
    done = decide_review(archive, NewDecision(first, "confirm"), by(B, "10:05"))
    assert (done.step.by, done.step.choice) == (B, Choice.CONFIRM)


def test_a_queue_is_handed_over_from_the_first_through_the_last_day(archive: Archive) -> None:
    hand_over(archive, A, B, days=1)

    assert [[one.id for one in reader(archive, B, on).people] for on in (ON, "2025-04-01", "2025-04-02")] == [
        [B, A], [B, A], [B],
    ]  # fmt: skip
    assert [one.id for one in reader(archive, A).people] == [A]


def test_the_measures_of_who_is_away_are_seen_and_decided_and_the_audit_says_by_whose_right(archive: Archive) -> None:
    """Two of one role may be of two units, and a measure belongs to its unit."""
    code = with_project(archive)
    with archive.database.writing() as session:
        # The server keeps who may act from test to test: nobody who is there already is changed.
        session.merge(Actor(id="unit", name="示范借调", role="science", unit="市工信局", valid_from=day("2024-01-01")))
    assert [one.subject.id for one in queue(archive, reader=reader(archive, "unit"))] == [code]
    assert queue(archive, reader=reader(archive, "science-2")) == []
    hand_over(archive, "unit", "science-2")

    assert [one.subject.id for one in queue(archive, reader=reader(archive, "science-2"))] == [code]
    claim_review(archive, f"{code}/{EQ}", by("science-2"))
    decide_review(archive, NewDecision(f"{code}/{EQ}", "confirm"), by("science-2", "10:05"))
    (row,) = audited(archive, "review.confirm")
    assert row.actor == "science-2" and '"right_of":"unit"' in row.detail
    with archive.database.reading() as session:
        assert reviews.history(session, LIBRARY, (code, EQ)).steps[-1].by == "science-2"
        assert len(delegations.every(session)) == 1
