"""The fast way to cells gives what the slow way gives, whatever was said: the slow way is `assemble` over the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.assemble import cells_of
from policy_match.facts.cells import Cause, Cell, Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.vocabulary import FactSpec, FactType, Register, Tolerance, Vocabulary
from policy_match.identifiers import IndustryTree
from policy_match.store.current import CellReader, Known, decoded, encoded, may_count
from policy_match.units import Band

DAY = date(2025, 6, 30)
NOW = datetime(2025, 6, 30, 4, tzinfo=UTC)
BANDS = st.sampled_from(
    [Band.exact(0), Band.exact(7), Band(1, 9), Band(None, 5), Band(5, None), Band.exact(Fraction(1, 3))]
)
VALUES: dict[FactType, st.SearchStrategy[Value]] = {
    FactType.MONEY: BANDS,
    FactType.DATE: BANDS,
    FactType.RATIO: BANDS,
    FactType.FLAG: st.sampled_from([Possible.only("true"), Possible.only("false")]),
    FactType.CHOICE: st.sampled_from([Possible.only("甲"), Possible.only("乙"), Possible(frozenset(("甲", "乙")))]),
    FactType.SET: st.builds(
        Items,
        st.lists(st.sampled_from([Item("甲"), Item("乙"), Item("丙", Band.exact(9), year=2024)]), max_size=2).map(
            tuple
        ),
        st.booleans(),
    ),
    FactType.SERIES: st.lists(BANDS, min_size=1, max_size=2).map(lambda years: Series(tuple(years))),
    FactType.PAIRS: st.lists(st.tuples(BANDS, BANDS), max_size=2).map(lambda pairs: Pairs(tuple(pairs))),
    FactType.TEXT: st.sampled_from([Text("甲"), Text("乙")]),
}
SPECS = {
    f"{kind}_{number}": FactSpec(f"{kind}_{number}", "示例", kind, "project", **more)  # type: ignore[arg-type]
    for kind in VALUES
    for number, more in enumerate(
        [
            {"registers": ("TZXM", "PUBLIC", "SELF"), "fresh_days": 20},
            {"registers": ("FAI", "SELF"), "needs_authorisation": True, "tolerance": Tolerance(2, is_relative=False)},
        ]
    )
}
SOURCES = {name: Register(name) for name in ("TZXM", "SELF", "TEXT", "PUBLIC", "READING")}
VOCABULARY = Vocabulary(SPECS, SOURCES | {"FAI": Register("固投库", only_for=("statistics",))}, IndustryTree({}, {}))
DAYS = st.sampled_from([0, 0, 19, 21]).map(lambda ago: DAY - timedelta(days=ago))
ENDS = st.sampled_from([None, None, DAY - timedelta(days=40), DAY - timedelta(days=1), DAY, DAY + timedelta(days=3)])


def observations(fact: str) -> st.SearchStrategy[Observation]:
    return st.builds(
        Observation,
        st.just(fact),
        VALUES[SPECS[fact].type],
        st.sampled_from(sorted(VOCABULARY.sources)),
        st.none() | DAYS,
        st.integers(0, 30).map(lambda ago: NOW - timedelta(days=ago)),
        valid_from=ENDS,
        valid_through=ENDS,
        confidence=st.sampled_from([60, 100]),
        authorised_by=st.sampled_from([None, "协议1"]),
        record=st.sampled_from([None, "A", "B"]),
    )


def said(fact: str) -> st.SearchStrategy[list[Observation]]:
    """One observation as a rule, sometimes several."""
    return observations(fact).map(lambda one: [one]) | st.lists(observations(fact), min_size=1, max_size=4)


KNOWN: st.SearchStrategy[Known] = st.fixed_dictionaries({}, optional={fact: said(fact) for fact in SPECS})


@given(st.lists(KNOWN, max_size=6), st.sampled_from(Purpose), st.integers(0, 25))
def test_cells_read_from_todays_view_are_those_of_the_whole_log(
    subjects: Sequence[Known], purpose: Purpose, later: int
) -> None:
    as_of = DAY + timedelta(days=later)
    reader = CellReader(VOCABULARY, as_of, purpose)

    read = [reader.cells(encoded(known)) for known in subjects]

    assert read == [cells_of(known, VOCABULARY, as_of, purpose) for known in subjects]


@given(KNOWN)
def test_a_text_gives_back_what_may_count_and_writing_it_again_changes_nothing(known: Known) -> None:
    text = encoded(known)

    found = decoded(text, VOCABULARY)

    assert found == {fact: may_count(own) for fact, own in known.items()}
    assert encoded(found) == text


def cell(*said: Observation) -> Cell:
    known: Known = {}
    for observation in said:
        known.setdefault(observation.fact, []).append(observation)
    return CellReader(VOCABULARY, DAY, Purpose.SERVICE).cells(encoded(known))[said[0].fact]


def one(fact: str, value: Value, source: str, ago: int = 0) -> Observation:
    return Observation(fact, value, source, DAY - timedelta(days=ago), NOW)


@pytest.mark.parametrize(("ago", "cause"), [(20, None), (21, Cause.STALE)])
def test_the_last_fresh_day_counts_for_an_only_observation(ago: int, cause: Cause | None) -> None:
    found = cell(one("money_0", Band.exact(7), "TZXM", ago))

    assert (found.cause, found.value or found.last_seen) == (cause, Band.exact(7))


@pytest.mark.parametrize(
    ("ago", "source", "complete"), [(0, "TZXM", True), (0, "PUBLIC", False), (30, "PUBLIC", False)]
)
def test_a_list_of_a_public_page_stays_open_also_where_it_is_set_aside(ago: int, source: str, complete: bool) -> None:
    found = cell(one("set_0", Items((Item("甲"),)), source, ago))

    assert (found.value or found.last_seen) == Items((Item("甲"),), is_complete=complete)


@pytest.mark.parametrize("kind", VALUES)
def test_two_subjects_of_one_record_day_keep_their_own_values(kind: FactType) -> None:
    @given(VALUES[kind], VALUES[kind])
    def holds(first: Value, second: Value) -> None:
        reader = CellReader(VOCABULARY, DAY, Purpose.SERVICE)
        known = [{f"{kind}_0": [one(f"{kind}_0", value, "TZXM")]} for value in (first, second)]

        read = [reader.cells(encoded(own))[f"{kind}_0"].value for own in known]

        assert read == [first, second]

    holds()


def test_of_several_sources_the_best_that_may_be_used_gives_the_value() -> None:
    stale, fresh = one("money_0", Band.exact(1), "TZXM", 25), one("money_0", Band.exact(2), "SELF")

    assert cell(fresh, stale) == Cell(Band.exact(2), None, "SELF", DAY)
    assert cell(stale, one("money_0", Band.exact(3), "TEXT")).cause is Cause.STALE


def test_a_fact_that_the_vocabulary_no_longer_has_is_left_out() -> None:
    known = {
        "money_0": [one("money_0", Band.exact(7), "TZXM")],
        "flag_0": [one("flag_0", Possible.only("true"), "SELF")],
    }
    fewer = Vocabulary({"flag_0": SPECS["flag_0"]}, VOCABULARY.sources, IndustryTree({}, {}))
    text = encoded(known | {"money_1": [one("money_1", Band.exact(n), "SELF", n) for n in (1, 1)]})

    assert set(CellReader(fewer, DAY, Purpose.SERVICE).cells(text)) == set(decoded(text, fewer)) == {"flag_0"}
