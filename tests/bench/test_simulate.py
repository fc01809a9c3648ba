"""The campaign `simulate` at one per cent: totals are the sum of single explanations, and every draft was timed."""

from __future__ import annotations

from benchmarks.simulate import checked_sample, made, run

from policy_match.eligibility.rulebook import Rulebook

SUBJECTS = 1_000


def test_totals_of_made_subjects_are_the_sum_of_single_explanations(rulebook: Rulebook) -> None:
    assert checked_sample(rulebook, 60) > 1_000


def test_every_draft_is_timed_and_costs_something(rulebook: Rulebook) -> None:
    measured = run(rulebook, SUBJECTS)
    total = measured.found.weighed.total

    assert len(measured.each) == len(measured.found.drafts.pairs) > 30
    assert total.eligible > 50 and total.cost.low_fen > 0 and total.cost != total.before
    # Every shipped rule fits 64 bits; what would not is computed one by one, which is slow.
    assert measured.singly == 0
    assert sum(measured.each.values()) > 0


def test_the_same_seed_makes_the_same_subjects(rulebook: Rulebook) -> None:
    assert made(rulebook, 20) == made(rulebook, 20)
