"""Over years of the shipped libraries: deciding everything anew finds nothing that the rounds had missed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from policy_match.eligibility.decide import Verdict
from policy_match.push.pairs import OpenPair, decoded, differences, encoded
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.open_archive import open_archive
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.rematch import Rematched, Rematching

DAYS = 700
STOPS = 6

amounts = st.none() | st.tuples(st.integers(0, 10**13), st.none() | st.integers(0, 10**13))
verdicts = st.sampled_from([Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN, Verdict.UNKNOWN, Verdict.INELIGIBLE])
pairs = st.builds(
    lambda version, verdict, amount: OpenPair(version, verdict, *(amount or ())), st.integers(1, 40), verdicts, amounts
)
states = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), pairs)


@given(state=states)
def test_a_state_is_read_as_it_was_written(state: dict[str, OpenPair]) -> None:
    assert decoded(encoded(state)) == state


@given(was=states, now=states)
def test_the_differences_lead_from_one_state_to_the_other(was: dict[str, OpenPair], now: dict[str, OpenPair]) -> None:
    found = dict(was)
    for one in differences(was, now):
        assert one.was != one.now
        found.pop(one.measure, None)
        if one.now is not None:
            found[one.measure] = one.now
    assert found == now


def test_another_version_that_says_the_same_is_no_news() -> None:
    (same,) = differences({"a": OpenPair(1, Verdict.ELIGIBLE, 5, 5)}, {"a": OpenPair(2, Verdict.ELIGIBLE, 5, 5)})
    (more,) = differences({"a": OpenPair(1, Verdict.ELIGIBLE, 5, 5)}, {"a": OpenPair(1, Verdict.ELIGIBLE, 5, 6)})
    assert not same.is_news
    assert more.is_news


def test_nothing_is_missed_from_day_to_day(shipped_in: Callable[[Path], Settings], tmp_path: Path) -> None:
    """Also where facts are told in between: of the projects that are told of, and of nobody else, pairs are decided anew."""
    settings, dice = shipped_in(tmp_path), random.Random(20261129)  # nothing secret
    archive = open_archive(settings.database_url, settings.rules_dir, settings.corpus_dir, secret=open_secret(settings))
    rematching = Rematching(archive, lambda *_: None, open_ordering(archive.rules), holds=True)
    now = settings.instant()
    for library in (REAL, DEMO):
        while rematching.rematch(library, now).more:
            pass
    changed = 0
    for days in sorted(dice.sample(range(1, DAYS), STOPS)):
        then = now + timedelta(days=days)
        tell_facts(archive, DEMO, "D101", Told(facts={"总投资": f"{days}亿元"}), "development", then)
        for library in (REAL, DEMO):
            rounds: list[Rematched] = []
            while not rounds or rounds[-1].more:
                rounds.append(rematching.rematch(library, then))
            changed += sum(one.changed for one in rounds)
            whole = rematching.rematch_all(library, then)
            assert whole.looked_at > 0
            assert (whole.missed, whole.written) == (0, 0)
    assert changed > 0
    archive.database.close()
