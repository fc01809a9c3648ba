"""The review of matches by caseworkers: what waits, who may decide, claims, two persons, and decisions that stand (S-24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msjx import GX, with_firm
from msjx import found as msjx_found
from reviewing import EQ, by, ordering_of, queue, with_project
from rows import E1, E2, E3, LIBRARY, asked, audited

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.identifiers import Given
from policy_match.ranking.decisions import Choice, review_id
from policy_match.ranking.push import Fate, Why
from policy_match.store import cases, reviews, subjects
from policy_match.store.actors import actor
from policy_match.workflows.claim_review import Claimed, claim_review
from policy_match.workflows.decide_review import NewDecision, Reviewed, decide_review
from policy_match.workflows.find_reviews import Review, Wanted
from policy_match.workflows.note_reviews import note_reviews
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.review_rights import Reader, reader_of
from policy_match.workflows.settle_doubt import settle_doubt

A, B = "district-320412", "district-320412-2"
OTHER = "district-320411"


@pytest.fixture
def archive(reviewing: Archive) -> Archive:
    """An empty archive with the invented measures."""
    return reviewing


def only(found: list[Review]) -> Review:
    (one,) = found
    return one


def codes(error: pytest.ExceptionInfo[Conflict]) -> list[str]:
    return [issue.code for issue in error.value.issues]


def claimed(archive: Archive, review: str, who: str = A, hour: str = "10:00") -> Claimed:
    return claim_review(archive, review, by(who, hour))


def decided(
    archive: Archive, review: str, choice: Choice, who: str = A, hour: str = "10:05", **more: object
) -> Reviewed:
    asked_for = replace(NewDecision(review, choice.value), **more)  # type: ignore[arg-type]
    return decide_review(archive, asked_for, by(who, hour))


def settled(archive: Archive, review: str, choice: Choice, **more: object) -> Reviewed:
    """Claimed and decided by A."""
    claimed(archive, review)
    return decided(archive, review, choice, A, "10:05", **more)


def reader(archive: Archive, who: str) -> Reader:
    with archive.database.reading() as session:
        return reader_of(archive, actor(session, who, by(who).today))


def test_s24_review_is_queued_claimed_refused_when_stale_and_overridden_by_two_persons_only(archive: Archive) -> None:
    code = with_project(archive)

    one = only(queue(archive))
    assert one.subject.id == code and one.match.verdict.value == "eligible"
    assert one.score.relevance is not None and one.score.relevance.total == 0.51
    assert one.score.relevance.parts["text"] == 0.07 and one.score.relevance.parts["industry"] == 0.09
    assert one.triage.fate is Fate.REVIEWED and Why.RELEVANCE_MIDDLE in one.triage.whys

    held = claimed(archive, one.id, A)
    with pytest.raises(Conflict) as busy:
        claimed(archive, one.id, B, "10:10")
    assert codes(busy) == ["REVIEW_CLAIMED"]
    assert "武进区（辖市区）经办1" in str(busy.value) and "10:00" in str(busy.value) and "10:30" in str(busy.value)

    with pytest.raises(Conflict) as stale:
        decided(archive, one.id, Choice.CONFIRM, seen=one.history.row_version)
    assert codes(stale) == ["REVIEW_SEEN"]
    assert decided(archive, one.id, Choice.CONFIRM, seen=held.row_version).counts
    assert queue(archive) == []

    with_firm(archive, on="2025-03-31", hnte_event="再次认定高企")
    refused = f"{E2}/{GX}"
    claim_review(archive, refused, by("science"))
    alone = decide_review(archive, NewDecision(refused, "override_eligible", note="材料已核"), by("science"))
    assert not alone.counts
    with archive.database.reading() as session:
        assert reviews.standing(session, LIBRARY, (E2, GX), alone.step.signature) is None
    with pytest.raises(Conflict) as same:
        decide_review(archive, NewDecision(refused, "override_eligible", note="再来"), by("science"))
    assert codes(same) == ["REVIEW_SAME_PERSON"]

    signed = decide_review(archive, NewDecision(refused, "override_eligible", note="同意"), by("science-2"))
    assert signed.counts
    with archive.database.reading() as session:
        counted = reviews.standing(session, LIBRARY, (E2, GX), signed.step.signature)
        assert counted is not None and counted.choice is Choice.OVERRIDE_ELIGIBLE and counted.by == "science-2"
    assert msjx_found(archive, "2025-03-31").opened == ()
    with archive.database.reading() as session:
        assert cases.every(session, LIBRARY) == []


def test_an_override_with_the_second_person_at_once_counts_and_the_second_needs_the_right_too(archive: Archive) -> None:
    review = f"{with_project(archive, enterprise_size='large')}/{EQ}"
    claimed(archive, review)

    with pytest.raises(Forbidden):
        decided(archive, review, Choice.OVERRIDE_ELIGIBLE, note="已核", second=OTHER)
    with pytest.raises(Conflict) as same:
        decided(archive, review, Choice.OVERRIDE_ELIGIBLE, note="已核", second=A)
    with pytest.raises(Conflict) as park:
        decided(archive, review, Choice.OVERRIDE_ELIGIBLE, note="已核", second="park-320412")
    done = decided(archive, review, Choice.OVERRIDE_ELIGIBLE, note="已核", second=B)

    assert (codes(same), codes(park)) == (["REVIEW_SAME_PERSON"], ["REVIEW_SECOND"])
    assert done.counts and done.row_version == 3
    assert [line.actor for line in audited(archive, "review.override_eligible")] == [A, B]


def test_a_claim_ends_after_its_minutes_and_with_the_decision(archive: Archive) -> None:
    review = review_id((with_project(archive), EQ))
    claimed(archive, review, A, "10:00")

    with pytest.raises(Conflict):
        claimed(archive, review, B, "10:29")
    assert claimed(archive, review, B, "10:30").row_version == 2
    with pytest.raises(Conflict) as lost:
        decided(archive, review, Choice.CONFIRM, A, "10:31")
    assert codes(lost) == ["REVIEW_CLAIMED"]
    decided(archive, review, Choice.ESCALATE, B, "10:32")
    assert claimed(archive, review, A, "10:33").row_version == 4


def test_what_is_not_claimed_or_no_longer_what_was_claimed_is_not_decided(archive: Archive) -> None:
    code = with_project(archive)
    review = review_id((code, EQ))

    with pytest.raises(Conflict) as unclaimed:
        decided(archive, review, Choice.CONFIRM)
    claimed(archive, review)
    with_project(archive, when=by("importer", "10:02").now, stage="竣工")
    with pytest.raises(Conflict) as changed:
        decided(archive, review, Choice.REJECT, reason="不相关")

    assert codes(unclaimed) == ["REVIEW_UNCLAIMED"]
    assert codes(changed) == ["REVIEW_CHANGED"]


def test_a_decision_stands_until_the_match_changes_and_is_then_shown_beside_the_new_one(archive: Archive) -> None:
    code = with_project(archive)
    settled(archive, review_id((code, EQ)), Choice.REJECT, reason="企业无此业务")
    assert queue(archive) == []

    # Another investment that meets the same conditions is the same match; a condition that turns is not.
    with_project(archive, when=by("importer", "11:00").now, total_investment="13亿元")
    assert queue(archive) == []
    with_project(archive, when=by("importer", "12:00").now, track="合成生物")

    one = only(queue(archive, by("development", "13:00")))
    assert one.earlier is not None and (one.earlier.choice, one.earlier.reason) == (Choice.REJECT, "企业无此业务")
    assert one.standing is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"choice": "同意"}, "REVIEW_CHOICE"),
        ({"choice": "claim"}, "REVIEW_CHOICE"),
        ({"choice": "reject"}, "REVIEW_REASON"),
        ({"choice": "reject", "reason": "看不顺眼"}, "REVIEW_REASON"),
        ({"choice": "reject", "reason": "其他"}, "TEXT_MISSING"),
        ({"choice": "confirm", "reason": "不相关"}, "REVIEW_WORDS"),
        ({"choice": "confirm", "second": B}, "REVIEW_WORDS"),
        ({"choice": "defer"}, "REVIEW_UNTIL"),
        ({"choice": "defer", "until": date(2025, 3, 31)}, "REVIEW_UNTIL"),
        ({"choice": "override_ineligible"}, "TEXT_MISSING"),
        ({"choice": "correct_fact", "note": "不对"}, "REVIEW_FACT"),
        ({"choice": "correct_fact", "note": "不对", "fact": "用电量"}, "REVIEW_FACT"),
    ],
)
def test_words_that_do_not_belong_to_a_decision_are_refused(
    change: dict[str, object], code: str, archive: Archive
) -> None:
    review = review_id((with_project(archive), EQ))
    claimed(archive, review)

    with pytest.raises(UsageError) as wrong:
        decide_review(archive, replace(NewDecision(review, ""), **change), by(A))  # type: ignore[arg-type]

    assert [issue.code for issue in wrong.value.issues] == [code]
    assert only(queue(archive)).history.row_version == 1


def test_what_suggests_nothing_cannot_be_confirmed_and_a_verdict_not_be_overridden_by_itself(archive: Archive) -> None:
    large = f"{with_project(archive, enterprise_size='large')}/{EQ}"
    claimed(archive, large)

    for choice in (Choice.CONFIRM, Choice.OVERRIDE_INELIGIBLE):
        with pytest.raises(Conflict) as refused:
            decided(archive, large, choice, note="已核")
        assert codes(refused) == ["REVIEW_NOTHING"]

    with_firm(archive, on="2025-03-31")
    claim_review(archive, f"{E2}/{GX}", by("science"))
    with pytest.raises(Conflict) as by_itself:
        decide_review(archive, NewDecision(f"{E2}/{GX}", "确认"), by("science"))
    assert "msjx run" in str(by_itself.value)


def test_a_deferred_match_comes_back_on_its_day(archive: Archive) -> None:
    settled(archive, review_id((with_project(archive), EQ)), Choice.DEFER, until=date(2025, 4, 2))

    assert queue(archive, by("development", on="2025-04-01")) == []
    back = only(queue(archive, by("development", on="2025-04-02")))
    assert back.standing is not None and back.standing.until == date(2025, 4, 2)


def test_a_fact_in_question_waits_for_its_answer_and_is_not_edited(archive: Archive) -> None:
    review = review_id((with_project(archive), EQ))
    done = settled(archive, review, Choice.CORRECT_FACT, fact="total_investment", note="备案证上是1.2亿元")
    assert asked(archive) == ["FACT_DISPUTED"] and queue(archive) == []
    assert done.doubt is not None

    settle_doubt(archive, LIBRARY, done.doubt, "refused", by=A, now=by(A, "11:00").now, note="核对过，没有错")
    again = only(queue(archive))
    assert again.standing is not None and again.standing.doubt == done.doubt
    claimed(archive, review, A, "11:10")
    with pytest.raises(Conflict) as answered:
        decided(archive, review, Choice.CORRECT_FACT, A, "11:11", fact="total_investment", note="还是不对")
    assert codes(answered) == ["REVIEW_ANSWERED"] and "核对过" in str(answered.value)


def test_a_fact_in_question_brings_what_it_decides_before_people(archive: Archive) -> None:
    code = with_project(archive)
    settled(archive, f"{code}/{EQ}", Choice.CORRECT_FACT, fact="总投资", note="备案证上是1.2亿元")
    with_project(archive, when=by("importer", "12:00").now, track="合成生物")

    assert Why.DISPUTED in only(queue(archive, by("development", "13:00"))).triage.whys


def test_a_firm_that_is_called_otherwise_is_looked_at_for_ninety_days(archive: Archive) -> None:
    with_project(archive)
    first_day = by("importer").now
    assert Why.CHANGED not in only(queue(archive)).triage.whys

    with archive.database.writing() as session:
        firm = subjects.by_code(session, LIBRARY, E1)
        assert firm is not None
        subjects.change(session, firm, subjects.NAME, "示范新名公司", at=first_day)

    assert Why.CHANGED in only(queue(archive)).triage.whys
    with archive.database.reading() as session:
        assert reviews.changed_since(session, LIBRARY, first_day.date()) == {E1}
        assert reviews.changed_since(session, LIBRARY, first_day.date() + timedelta(days=1)) == frozenset()


def test_a_name_told_for_the_first_time_is_no_change_and_another_credit_code_is_one(archive: Archive) -> None:
    code, now = with_project(archive), by("importer").now
    with archive.database.writing() as session:
        project, firm = (subjects.by_code(session, LIBRARY, one) for one in (code, E1))
        assert project is not None and firm is not None
        firm.name = None
        subjects.change(session, firm, subjects.NAME, "示范名称", at=now)
        before = reviews.changed_since(session, LIBRARY, now.date())
        subjects.end_key(session, firm, Given(subjects.CREDIT_CODE, E1), at=now)
        after = reviews.changed_since(session, LIBRARY, now.date())

    assert (before, after) == (frozenset(), frozenset({E1}))


def test_who_sees_and_who_decides(archive: Archive) -> None:
    here, there = (
        with_project(archive),
        with_project(archive, name="示范外区项目", uscc=E2, firm="示范外区公司", district="320411"),
    )

    def sees(who: str) -> set[str]:
        return {one.subject.id for one in queue(archive, reader=reader(archive, who))}

    assert sees("development") == sees("auditor") == sees("industry") == {here, there}
    assert sees(A) == {here} and sees(OTHER) == {there} and sees("science") == set()
    with pytest.raises(Forbidden):
        reader(archive, "park-320412")
    for who, code in ((OTHER, here), ("science", here), ("auditor", here), ("park-320412", here)):
        with pytest.raises(Forbidden):
            claim_review(archive, f"{code}/{EQ}", by(who))
    assert len(audited(archive, "care.refused")) == 4
    assert claim_review(archive, f"{here}/{EQ}", by("industry")).row_version == 1


def test_what_is_asked_for_narrows_the_queue(archive: Archive) -> None:
    here, there = (
        with_project(archive),
        with_project(archive, name="示范外区项目", uscc=E2, firm="示范外区公司", district="320411"),
    )
    claimed(archive, f"{here}/{EQ}")
    mine = queue(archive, wanted=Wanted(mine=True), reader=reader(archive, A))

    assert [one.subject.id for one in queue(archive, wanted=Wanted(district="320411"))] == [there]
    assert queue(archive, wanted=Wanted(measures=frozenset({GX}))) == []
    assert [one.subject.id for one in mine] == [here]
    assert queue(archive, wanted=Wanted(mine=True), reader=reader(archive, B)) == []


def test_the_age_counts_from_the_day_on_which_the_match_was_recorded(archive: Archive) -> None:
    with_project(archive)
    assert only(queue(archive)).since is None

    first = note_reviews(archive, by("development", "11:00"), ordering_of(archive))
    again = note_reviews(archive, by("development", "12:00"), ordering_of(archive))

    assert (first.waiting, first.new, again.new) == (1, 1, 0)
    assert only(queue(archive)).since == by("development", "11:00").now


def test_the_higher_priority_stands_first_and_of_equals_the_longer_waiting(archive: Archive) -> None:
    with_project(archive, name="示范甲项目")
    waiting = with_project(archive, name="示范乙项目", uscc=E2, firm="示范乙公司")
    before = queue(archive)
    known = next(one for one in before if one.subject.id == waiting)
    key = (*known.match.pair, known.match.signature)
    with archive.database.writing() as session:
        reviews.note_sightings(session, LIBRARY, [(key, 1)], by("development", "11:00").now)

    after = queue(archive)
    assert before[1].subject.id == after[0].subject.id == waiting
    assert before[0].score.total == before[1].score.total

    nearer = with_project(archive, name="示范丙项目", uscc=E3, firm="示范丙公司", industry_code="2710")
    assert [one.subject.id for one in queue(archive, likeness=0.0)][:2] == [nearer, waiting]


def test_ids_that_nobody_has_are_refused_with_what_to_do(archive: Archive) -> None:
    code = with_project(archive)
    for written in ("", "zzzzzz-zzzz", f"{code}/nothing", "CZ-0000/eq_device"):
        with pytest.raises(NotFound) as unknown:
            claim_review(archive, written, by(A))
        assert "review list" in str(unknown.value)


def test_everything_is_chained(archive: Archive) -> None:
    settled(archive, review_id((with_project(archive), EQ)), Choice.CONFIRM)

    (claim,), (decision,) = audited(archive, "review.claim"), audited(archive, "review.confirm")
    assert claim.object_id == decision.object_id and decision.library == LIBRARY
