"""What may come before people is weighed once for everybody, and kept as long as nothing that it hangs on changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.subjects import Subject
from policy_match.ranking.push import Fate, Why
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.match import Matching
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.weigh_matches import Weighed, Weighing, weigh_subject

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 10)


@pytest.fixture(scope="module")
def subjects(rulebook: Rulebook) -> tuple[Subject, ...]:
    """The six of the small demonstration library."""
    return read_subjects(ROOT / "tests" / "data" / "demo_library.jsonl", rulebook.vocabulary).subjects


@pytest.fixture(scope="module")
def ordering() -> Ordering:
    found = open_ordering(ROOT / "rules")
    assert found is not None
    return found


def matching(rulebook: Rulebook, subjects: Sequence[Subject], ordering: Ordering, day: date = DAY) -> Matching:
    return Matching(rulebook, subjects, day, ordering)


def all_of(weighing: Weighing, subjects: Sequence[Subject]) -> dict[str, tuple[Weighed, ...]]:
    return {one.id: weighing.of(one.id) for one in subjects}


def test_a_subject_weighs_the_same_alone_and_among_others(
    rulebook: Rulebook, subjects: tuple[Subject, ...], ordering: Ordering
) -> None:
    """So that who sees a part of the library is shown what was weighed for the whole."""
    whole = matching(rulebook, subjects, ordering)
    weighing = Weighing(whole)

    for one in whole.subjects:
        alone = Matching(rulebook, [one], DAY, ordering)
        assert weighing.of(one.id) == tuple(weigh_subject(alone, 0)), one.id
    assert sum(len(found) for found in all_of(weighing, subjects).values()) > 20


def test_what_is_weighed_is_taken_over_but_for_the_subject_that_changed(
    rulebook: Rulebook, subjects: tuple[Subject, ...], ordering: Ordering
) -> None:
    before = Weighing(matching(rulebook, subjects, ordering))
    old = all_of(before, subjects)
    changed = (replace(subjects[0], cells={}), *subjects[1:])
    later = Weighing(matching(rulebook, changed, ordering))

    later.take_over(before)

    new = all_of(later, changed)
    untouched = [one.id for one in changed if one in subjects]
    assert len(untouched) > 2 and all(new[name] is old[name] for name in untouched)
    assert new[subjects[0].id] != old[subjects[0].id]
    fresh = Weighing(matching(rulebook, changed, ordering))
    assert new == all_of(fresh, changed)


def test_nothing_is_taken_over_to_another_day_or_other_weights(
    rulebook: Rulebook, subjects: tuple[Subject, ...], ordering: Ordering
) -> None:
    before = Weighing(matching(rulebook, subjects, ordering))
    old = all_of(before, subjects)

    for other in (
        matching(rulebook, subjects, ordering, DAY + timedelta(1)),
        matching(rulebook, subjects, replace(ordering)),
    ):
        later = Weighing(other)
        later.take_over(before)
        assert not any(later.of(one.id) is old[one.id] for one in subjects if old[one.id])


def test_a_contested_fact_and_a_new_name_bring_before_people_what_would_go_by_itself(
    rulebook: Rulebook, subjects: tuple[Subject, ...], ordering: Ordering
) -> None:
    weighing = Weighing(matching(rulebook, subjects, ordering))
    every = [one for found in all_of(weighing, subjects).values() for one in found]
    held = [one for one in every if one.triage.fate is Fate.REVIEWED and one.match.verdict.value == "eligible"]
    assert held

    for one in held:
        plain = one.triage_where(ordering.ranking, disputed=False, changed=False)
        both = one.triage_where(ordering.ranking, disputed=True, changed=True)
        assert plain is one.triage
        assert set(both.whys) == {*plain.whys, Why.DISPUTED, Why.CHANGED}
