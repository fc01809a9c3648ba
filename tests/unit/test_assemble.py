"""Authority, then freshness; a conflict is unknown, a dispute is told, and nothing is averaged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.assemble import Assembled, assemble, differ
from policy_match.facts.cells import Cause, Item, Items, Possible
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.vocabulary import FactSpec, FactType, Register, Tolerance, Vocabulary
from policy_match.identifiers import IndustryTree
from policy_match.units import Band

DAY = date(2025, 6, 30)
NOW = datetime(2025, 6, 30, 4, tzinfo=UTC)
SPEC = FactSpec(
    "total_investment", "总投资", FactType.MONEY, "project",
    registers=("TZXM", "DEPT", "SELF"), fresh_days=30, tolerance=Tolerance(Fraction(5, 100), is_relative=True),
)  # fmt: skip
VOCABULARY = Vocabulary(
    {SPEC.name: SPEC},
    {
        "TZXM": Register("平台"),
        "DEPT": Register("部门"),
        "SELF": Register("企业"),
        "TEXT": Register("文本"),
        "FAI": Register("固投库", only_for=("statistics",)),
    },
    IndustryTree({}, {}),
)


def seen(amount: int, source: str = "TZXM", days_ago: int = 0, **more: object) -> Observation:
    at = DAY - timedelta(days=days_ago)
    own = Observation(SPEC.name, Band.exact(amount), source, at, NOW - timedelta(days=days_ago))
    return replace(own, **more)  # type: ignore[arg-type]


def found(*observations: Observation, spec: FactSpec = SPEC, purpose: Purpose = Purpose.SERVICE) -> Assembled:
    return assemble(spec, observations, VOCABULARY, DAY, purpose)


def test_the_better_source_gives_the_value_however_old_as_long_as_it_is_fresh() -> None:
    result = found(seen(99, "SELF"), seen(100, "TZXM", days_ago=30), seen(99, "DEPT", days_ago=1))

    assert (result.cell.value, result.cell.source) == (Band.exact(100), "TZXM")
    assert not result.is_disputed


def test_a_stale_better_source_leaves_the_word_to_a_fresh_one() -> None:
    result = found(seen(100, "TZXM", days_ago=31), seen(90, "SELF"))

    assert (result.cell.value, result.cell.source) == (Band.exact(90), "SELF")


def test_only_stale_observations_are_unknown_and_the_best_is_shown() -> None:
    result = found(seen(100, "TZXM", days_ago=31), seen(90, "SELF", days_ago=40))

    assert (result.cell.value, result.cell.cause) == (None, Cause.STALE)
    assert result.cell.last_seen == Band.exact(100)


def test_the_newest_day_of_a_source_counts_whatever_came_in_last() -> None:
    late = seen(80, days_ago=10, received_at=NOW)

    assert found(seen(100, days_ago=5, received_at=NOW - timedelta(days=1)), late).cell.value == Band.exact(100)


def test_a_later_record_of_the_same_day_and_number_corrects_the_earlier_one() -> None:
    first, second = seen(100, record="A1"), seen(300, record="A1", received_at=NOW + timedelta(hours=1))

    assert found(second, first).cell.value == Band.exact(300)


def test_two_records_of_one_source_that_differ_are_a_conflict_and_nothing_is_picked() -> None:
    result = found(seen(3260, record="A"), seen(2600, record="B"), seen(3260, "DEPT"))

    assert (result.cell.value, result.cell.cause) == (None, Cause.CONFLICT)
    assert result.against[0].value in (Band.exact(3260), Band.exact(2600))


@pytest.mark.parametrize(("other", "disputed"), [(95, False), (105, False), (94, True), (106, True)])
def test_a_lesser_source_disputes_beyond_the_tolerance_measured_by_the_better(other: int, disputed: bool) -> None:
    result = found(seen(100), seen(other, "SELF"))

    assert result.cell.value == Band.exact(100)
    assert result.is_disputed is disputed


def test_statistics_give_no_fact_but_for_statistics() -> None:
    fai = seen(100, "FAI")

    assert found(fai).cell.cause is Cause.PURPOSE
    assert found(fai, purpose=Purpose.PAYOUT).cell.last_seen == Band.exact(100)
    assert found(fai, purpose=Purpose.STATISTICS).cell.value == Band.exact(100)
    assert found(fai, seen(90, "SELF")).cell.value == Band.exact(90)


def test_a_fact_that_needs_authorisation_is_unknown_without_one() -> None:
    tax = replace(SPEC, needs_authorisation=True)

    assert found(seen(100), spec=tax).cell.cause is Cause.NO_AUTHORISATION
    assert found(seen(100, authorised_by="协议2025-1"), spec=tax).cell.value == Band.exact(100)
    assert found(seen(100), seen(90, "SELF", authorised_by="授权7"), spec=tax).cell.value == Band.exact(90)


@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [(DAY, DAY, True), (DAY + timedelta(days=1), None, False), (None, DAY - timedelta(days=1), False)],
)
def test_an_observation_counts_on_the_days_for_which_it_holds(
    starts: date | None, ends: date | None, counts: bool
) -> None:
    result = found(seen(100, valid_from=starts, valid_through=ends))

    assert (result.cell.value is not None) is counts


def test_nothing_said_and_nothing_said_yet_are_missing() -> None:
    assert found().cell.cause is found(seen(100, days_ago=-1)).cell.cause is Cause.MISSING


SOURCES = st.sampled_from(["TZXM", "DEPT", "SELF", "TEXT", "FAI"])
OBSERVATIONS = st.builds(
    seen, st.integers(0, 5), SOURCES, st.integers(-5, 60), record=st.sampled_from([None, "A", "B"])
)


@given(st.lists(OBSERVATIONS, max_size=6), st.randoms())
def test_the_order_in_which_observations_come_changes_nothing(observations: list[Observation], random: object) -> None:
    distinct = list({(o.source, o.record, o.observed_on): o for o in observations}.values())
    shuffled = list(distinct)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = found(*distinct), found(*shuffled)

    assert (one.cell.value, one.cell.cause) == (other.cell.value, other.cell.cause)


@given(st.lists(OBSERVATIONS, max_size=6))
def test_a_value_is_always_one_that_somebody_gave(observations: list[Observation]) -> None:
    value = found(*observations).cell.value

    assert value is None or value in [observation.value for observation in observations]


def test_bands_that_overlap_and_options_in_common_agree_and_open_lists_never_contradict() -> None:
    assert not differ(Band(1, 5), Band(5, 9), None)
    assert differ(Band(1, 5), Band(6, 9), None)
    assert not differ(Possible(frozenset("ab")), Possible(frozenset("bc")), None)
    assert differ(Possible.only("a"), Possible.only("b"), None)
    one, other = Items((Item("甲"),)), Items((Item("甲"), Item("乙")))
    assert differ(one, other, None)
    assert not differ(Items((Item("甲"),), is_complete=False), other, None)
