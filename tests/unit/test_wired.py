"""The compiled way decides and lists every pair as the plain one: shipped rules, random ones, any number of subjects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.random_rules import ANY_DAY, SEEDS, compiled, measures, profiles, vocabulary

from policy_match.eligibility import wired
from policy_match.eligibility.decide import Batch, Verdict, Verdicts
from policy_match.eligibility.kernel import AT_ONCE, list_bits
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Measure
from policy_match.eligibility.wired import Listing, WiredBatch
from policy_match.facts.planes import WORD, pack, unpack
from policy_match.facts.table import FactTable

AS_OF = date(2026, 3, 31)
BLOCK = AT_ONCE * WORD


def same(found: Verdicts, expected: Verdicts) -> None:
    """Both say the same of every pair."""
    assert found.size == expected.size
    assert np.array_equal(found.codes(), expected.codes())


@given(
    written=st.lists(measures(effective=True), min_size=1, max_size=4),
    seed=SEEDS,
    size=st.sampled_from([1, 63, 64, 65]),
    as_of=ANY_DAY,
)
def test_every_pair_is_decided_as_by_numpy(written: list[Measure], seed: int, size: int, as_of: date) -> None:
    rules = [compiled(measure) for measure in written]
    table = FactTable(vocabulary(), profiles(seed, size))
    batch = Batch(rules, as_of)

    same(WiredBatch(batch, table).decide(table), batch.decide(table))


@pytest.fixture(scope="module")
def shipped(rulebook: Rulebook) -> Sequence[Rule]:
    return [rulebook.at(measure_id, AS_OF) for measure_id in rulebook.ids]


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 65])
def test_any_number_of_subjects_is_decided_against_the_shipped_rules(size: int, shipped: Sequence[Rule]) -> None:
    some = profiles(7, 97)
    table = FactTable(vocabulary(), [some[row % 97] for row in range(size)])
    batch = Batch(shipped, AS_OF)
    expected = batch.decide(table)

    same(WiredBatch(batch, table).decide(table), expected)
    assert size < BLOCK or len({*expected.codes().ravel().tolist()}) == len(Verdict)


def test_a_batch_made_for_one_table_decides_its_parts_one_after_the_other(
    shipped: Sequence[Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wired, "CHUNK", BLOCK)
    some = profiles(11, 89)
    table = FactTable(vocabulary(), [some[row % 89] for row in range(2 * BLOCK + 70)])
    batch = Batch(shipped, AS_OF)
    made = WiredBatch(batch, table)

    whole = made.decide(table)

    same(whole, batch.decide(table))
    for first, last in ((0, BLOCK), (BLOCK, 2 * BLOCK), (2 * BLOCK, table.size)):
        part = made.decide(table.block(first, last))
        assert np.array_equal(part.codes(), whole.codes()[:, first:last])


@given(st.lists(st.booleans(), max_size=200))
def test_a_list_has_every_set_place_once_and_none_beyond_the_subjects(flags: list[bool]) -> None:
    plane = pack(np.array(flags, dtype=bool))
    if len(flags) % WORD:
        plane[-1] |= ~((np.uint64(1) << np.uint64(len(flags) % WORD)) - np.uint64(1))  # bits that mean nobody

    assert Listing(len(flags)).of(plane).tolist() == [place for place, flag in enumerate(flags) if flag]


def test_lists_are_those_of_the_verdicts(shipped: Sequence[Rule]) -> None:
    table = FactTable(vocabulary(), profiles(3, 130))
    verdicts, listing = Batch(shipped, AS_OF).decide(table), Listing(130)

    for verdict in Verdict:
        for place, (_, rows) in enumerate(verdicts.listed(verdict)):
            assert listing.of(verdicts.plane(place, verdict)).tolist() == rows.tolist()


def test_a_full_word_is_listed_whole() -> None:
    places = np.empty(64 + 8, dtype=np.int32)

    assert list_bits(np.array([~np.uint64(0)]), 64, places) == 64
    assert unpack(np.array([~np.uint64(0)]), 64).all()
    assert places[:64].tolist() == list(range(64))
