"""Which decision about a match counts, when the match is a new one, and the ids that people type."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.ranking.decisions import Choice, History, Step, find_pairs, review_id, signature_of

AT = datetime(2025, 3, 31, 2, tzinfo=UTC)
TODAY = date(2025, 3, 31)
NONE: frozenset[int] = frozenset()


def history(*told: tuple[Choice, dict[str, object]]) -> History:
    """Steps one after the other about the signature `s`, each by A, unless they say otherwise."""
    base = Step(0, Choice.CLAIM, 1, "s", "A", AT)
    return History(
        tuple(
            replace(base, number=number, choice=choice, **more)  # type: ignore[arg-type]
            for number, (choice, more) in enumerate(told, start=1)
        )
    )


def test_the_last_decision_counts_and_a_claim_is_none() -> None:
    done = history((Choice.CONFIRM, {}), (Choice.REJECT, {}), (Choice.CLAIM, {}))

    assert done.standing("s") is done.steps[1]
    assert done.standing("t") is None
    assert history().standing("s") is None


def test_an_override_counts_from_its_second_signature_on() -> None:
    first = history((Choice.CONFIRM, {}), (Choice.OVERRIDE_INELIGIBLE, {}))
    signed = history((Choice.CONFIRM, {}), (Choice.OVERRIDE_INELIGIBLE, {}), (Choice.OVERRIDE_INELIGIBLE, {"signs": 2}))

    assert first.standing("s") is first.steps[0] and first.unsigned("s") is first.steps[1]
    assert first.unsigned("t") is None
    assert signed.standing("s") is signed.steps[2] and signed.unsigned("s") is None
    assert signed.proposal(signed.steps[2]) is signed.steps[1]


def test_another_decision_after_an_unsigned_override_takes_its_place_and_a_claim_does_not() -> None:
    over = history((Choice.OVERRIDE_ELIGIBLE, {}), (Choice.ESCALATE, {}))
    held = history((Choice.OVERRIDE_ELIGIBLE, {}), (Choice.CLAIM, {}))

    assert over.unsigned("s") is None
    assert held.unsigned("s") is held.steps[0]


def test_what_was_decided_before_the_match_changed_is_the_earlier_decision() -> None:
    done = history((Choice.REJECT, {"signature": "old"}), (Choice.CONFIRM, {}))

    assert done.earlier("s") is done.steps[0]
    assert done.earlier("new") is done.steps[1]


@pytest.mark.parametrize(
    ("choice", "more", "is_open"),
    [
        (Choice.CONFIRM, {}, False),
        (Choice.REJECT, {}, False),
        (Choice.ESCALATE, {}, True),
        (Choice.DEFER, {"until": TODAY}, True),
        (Choice.DEFER, {"until": TODAY + timedelta(days=1)}, False),
        (Choice.CORRECT_FACT, {"doubt": 7}, False),
        (Choice.CORRECT_FACT, {"doubt": 8}, True),
        (Choice.OVERRIDE_ELIGIBLE, {}, True),
        (Choice.OVERRIDE_ELIGIBLE, {"signs": 1}, False),
        (Choice.CLAIM, {}, True),
    ],
)
def test_what_people_still_have_to_look_at(choice: Choice, more: dict[str, object], is_open: bool) -> None:
    done = history((choice, more))

    assert done.is_open("s", TODAY, frozenset({7})) is is_open
    assert done.is_open("t", TODAY, NONE)


def test_a_claim_holds_until_its_minute_and_no_longer_than_the_next_step() -> None:
    until = AT + timedelta(minutes=30)
    held = history((Choice.CLAIM, {"held_until": until}))
    over = history((Choice.CLAIM, {"held_until": until}), (Choice.ESCALATE, {}))

    assert held.holder(until - timedelta(seconds=1)) is held.steps[0]
    assert held.holder(until) is None
    assert over.holder(AT) is None
    assert (history().row_version, over.row_version) == (0, 2)


def test_the_signature_is_of_version_verdict_amount_and_results_and_of_nothing_else(rulebook: Rulebook) -> None:
    rule = rulebook.rules[0]
    sum_ = Amount("cash", 1, 2, "两种写法", True, "exact", "once")
    truths = {"a": 1, "b": 0}

    def of(
        verdict: Verdict = Verdict.ELIGIBLE, *, near: bool = False, amount: Amount | None = sum_, **more: int
    ) -> str:
        return signature_of(rule, verdict, near=near, amount=amount, truths=truths | more)

    other_version = replace(rule, measure=rule.measure.model_copy(update={"version": rule.measure.version + 1}))
    changed = [
        of(Verdict.UNKNOWN), of(near=True), of(amount=None), of(amount=replace(sum_, high_fen=3)), of(b=-1), of(c=1),
        signature_of(other_version, Verdict.ELIGIBLE, near=False, amount=sum_, truths=truths),
    ]  # fmt: skip

    assert len({of(), *changed}) == len(changed) + 1
    assert of() == of(amount=replace(sum_, text="别的写法"))
    assert of() == signature_of(rule, Verdict.ELIGIBLE, near=False, amount=sum_, truths={"b": 0, "a": 1})


def test_an_id_leads_back_to_its_pair_however_it_is_typed() -> None:
    subjects, measures = [f"CZ-2025-{number:05d}" for number in range(500)], [f"m{number}" for number in range(50)]
    pair = ("CZ-2025-00123", "m17")
    written = review_id(pair)

    assert written == review_id(pair) and len(written) == 11
    misread = written.upper().replace("0", "O").replace("1", "I")
    for text in (written, f" {written} ", misread, misread.replace("I", "L"), "CZ-2025-00123/m17"):
        assert find_pairs(text, subjects, measures) == [pair]
    for text in ("", "-", written[:-1], written + "0", "CZ-2025-00123/m99", "CZ-1/m17", "u" * 6 + "-uuuu"):
        assert find_pairs(text, subjects, measures) == []


def test_an_id_that_two_subjects_share_gives_both() -> None:
    pair = ("甲", "m")

    assert find_pairs(review_id(pair), ["甲", "乙", "甲"], ["m"]) == [pair, pair]
