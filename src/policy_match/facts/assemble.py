"""One cell out of what several sources said: authority, then freshness; conflicts and disputes are told, never picked.

Of each source the newest observation that holds on the day counts. The best source that
is fresh, of use for the purpose and authorised gives the value. Two records of that source
that differ on the same day are a conflict: the fact is unknown until somebody settles it.
A source of less authority that differs beyond the tolerance of the fact leaves the value
and is listed as a dispute. Domain specification §2.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from policy_match.dates import local_day
from policy_match.facts.cells import MISSING, Cause, Cell, Items, Possible, Value, known_cell
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.read import usable
from policy_match.facts.vocabulary import FactSpec, Tolerance, Vocabulary
from policy_match.units import Band, Number


@dataclass(frozen=True, slots=True)
class Assembled:
    """The cell, the observation that gave it (or what was set aside), and the others that contradict it."""

    cell: Cell
    chosen: Observation | None
    against: tuple[Observation, ...]

    @property
    def is_disputed(self) -> bool:
        """Whether another source says something else, beyond the tolerance of the fact."""
        return bool(self.against) and self.cell.value is not None


AloneRank: TypeAlias = tuple[bool, bool, int, str]
NOTHING = Assembled(MISSING, None, ())


def assemble(
    spec: FactSpec, observations: Iterable[Observation], vocabulary: Vocabulary, as_of: date, purpose: Purpose
) -> Assembled:
    """What may be used of one fact on a day, for a purpose.

    Observations made or valid only later, or no longer valid, do not count. If no observation may be used, the cell is
    unknown with the cause of the best one, which is kept in `last_seen`.
    """
    newest = _newest([o for o in observations if _holds(o, as_of)])
    ranked = sorted(newest, key=lambda own: _rank(spec, own[0].source))
    unusable = NOTHING
    for place, own in enumerate(ranked):
        found = _usable(spec, own[0], as_of, vocabulary, purpose)
        if found.value is None:
            unusable = Assembled(found, own[0], ()) if unusable.chosen is None else unusable
            continue
        if any(differ(own[0].value, other.value, spec.tolerance) for other in own[1:]):
            return Assembled(replace(found, value=None, cause=Cause.CONFLICT, last_seen=found.value), own[0], own[1:])
        others = [other for later in ranked[place + 1 :] for other in later]
        against = tuple(other for other in others if differ(own[0].value, other.value, spec.tolerance))
        return Assembled(found, own[0], against)
    return unusable


def assembled(
    known: Mapping[str, Sequence[Observation]], vocabulary: Vocabulary, as_of: date, purpose: Purpose
) -> dict[str, Assembled]:
    """What may be used of one subject, fact by fact, with what gave it and what contradicts it; nothing derived."""
    return {fact: assemble(vocabulary[fact], own, vocabulary, as_of, purpose) for fact, own in known.items()}


def cells_of(
    known: Mapping[str, Sequence[Observation]], vocabulary: Vocabulary, as_of: date, purpose: Purpose
) -> dict[str, Cell]:
    """The cells of `assembled`, as a fact table takes them once `derive_all` has added to them."""
    return {fact: found.cell for fact, found in assembled(known, vocabulary, as_of, purpose).items()}


def said_alone(like: Cell, value: Value) -> Cell:
    """The cell of a fact's only observation, from that of another (`like`) which differs in nothing but its value.

    What becomes of an only observation hangs on its fact, source, days and authorisation. `like` must hold `Items(())`,
    whatever the type of the fact: a complete list shows whether the source leaves lists complete (`usable`).
    """
    if like is MISSING:
        return like
    shown = like.last_seen if like.value is None else like.value
    if isinstance(shown, Items) and isinstance(value, Items) and not shown.is_complete:
        value = replace(value, is_complete=False)
    if like.value is None:
        return Cell(None, like.cause, like.source, like.observed_on, value)
    return known_cell(value, like.source, like.observed_on)


def rank_alone(spec: FactSpec, like: Cell) -> AloneRank:
    """Where different sources made one observation each, the one of the least rank gives the cell that `assemble` finds.

    None of them is in conflict with itself, and a dispute changes no value. `like`: as for `said_alone`.
    """
    return like is MISSING, like.value is None, *_rank(spec, like.source or "")


def _holds(observation: Observation, as_of: date) -> bool:
    starts, ends, seen = observation.valid_from, observation.valid_through, observation.observed_on
    return not (
        (starts is not None and starts > as_of)
        or (ends is not None and ends < as_of)
        or (seen is not None and seen > as_of)
    )


def _newest(observations: Sequence[Observation]) -> list[tuple[Observation, ...]]:
    """Of each source the observations of its newest day, the latest received of each record first."""
    groups: dict[str, list[Observation]] = {}
    for observation in observations:
        groups.setdefault(observation.source, []).append(observation)
    return [_of_one_source(group) for group in groups.values()]


def _of_one_source(group: Sequence[Observation]) -> tuple[Observation, ...]:
    def day(observation: Observation) -> date:
        return observation.observed_on or local_day(observation.received_at)

    last = max(map(day, group))
    latest: dict[str | None, Observation] = {}
    for observation in sorted(group, key=lambda o: o.received_at):
        if day(observation) == last:
            latest[observation.record] = observation
    return tuple(reversed(latest.values()))


def _rank(spec: FactSpec, source: str) -> tuple[int, str]:
    """Authority: the registers of the fact in their order, then every other source."""
    return (spec.registers.index(source) if source in spec.registers else len(spec.registers), source)


def _usable(spec: FactSpec, observation: Observation, as_of: date, vocabulary: Vocabulary, purpose: Purpose) -> Cell:
    cell = Cell(observation.value, None, observation.source, observation.observed_on)
    if spec.needs_authorisation and observation.authorised_by is None and purpose is not Purpose.STATISTICS:
        return replace(cell, value=None, cause=Cause.NO_AUTHORISATION, last_seen=observation.value)
    return usable(spec, cell, as_of, vocabulary, purpose)


def differ(one: Value, other: Value, tolerance: Tolerance | None) -> bool:
    """Whether two values cannot both be right: bands apart by more than the tolerance, or no option in common.

    A relative tolerance is measured by the first value, the one of the better source. Lists that are not complete
    never contradict; texts are not compared.
    """
    if isinstance(one, Band) and isinstance(other, Band):
        return _apart(one, other, tolerance)
    if isinstance(one, Possible) and isinstance(other, Possible):
        return not one.options & other.options
    if isinstance(one, Items) and isinstance(other, Items):
        names = {item.name for item in one.items}, {item.name for item in other.items}
        return (one.is_complete and not names[1] <= names[0]) or (other.is_complete and not names[0] <= names[1])
    if type(one) is type(other):
        return False
    raise TypeError(f"{type(one).__name__} and {type(other).__name__} are not of one fact")


def _apart(one: Band, other: Band, tolerance: Tolerance | None) -> bool:
    first_is_low = one.high is not None and other.low is not None and one.high < other.low
    low, high = (one, other) if first_is_low else (other, one)
    if low.high is None or high.low is None or low.high >= high.low:
        return False
    if tolerance is None:
        return True
    if not tolerance.is_relative:
        return high.low - low.high > tolerance.amount
    base: Number = low.high if first_is_low else high.low
    return high.low - low.high > tolerance.amount * max(base, -base)
