"""What a row says of facts beside what is known: taken, set apart for a person, or told as a jump.

An observation older than the newest of its source is kept and changes nothing. A figure ten thousand times as
large or small as another one is set apart until somebody confirms it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from policy_match.dates import local_day
from policy_match.exchange.intake_text import observation_to_text
from policy_match.facts.observations import Observation
from policy_match.facts.stored import to_text
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.store import doubts
from policy_match.store.current import Known
from policy_match.store.doubts import Question
from policy_match.store.tables import Subject
from policy_match.units import Band

UNIT_SUSPECT = "UNIT_SUSPECT"
_TEN_THOUSAND, _NEAR, _JUMP = 10_000, 20, Fraction(20, 100)


@dataclass
class Weighed:
    """What becomes of the observations of one row about one subject."""

    observations: list[Observation] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    changed: bool = False


def weigh(
    vocabulary: Vocabulary,
    subject: Subject,
    observations: Iterable[Observation],
    *,
    known: Known,
    answers: Mapping[str, str],
) -> Weighed:
    """Put each observation beside the earlier ones of the same fact; `answers`: those to UNIT_SUSPECT, by key."""
    found = Weighed()
    for observation in observations:
        earlier = known.get(observation.fact, [])
        what = _unlikely(observation, earlier, vocabulary)
        if what is not None and not _is_confirmed(subject, observation, what, found, answers):
            continue
        found.observations.append(observation)
        own = [o for o in earlier if o.source == observation.source and o.valid_from == observation.valid_from]
        if own and _day(own[-1]) > _day(observation):
            continue
        found.warnings += _jump(subject, observation, own[-1:])
        found.changed |= not any(o.value == observation.value for o in own[-1:])
    found.questions += _without_rate(subject, found.observations, known)
    return found


def _without_rate(subject: Subject, observations: Sequence[Observation], known: Known) -> Iterable[Question]:
    """A question where an amount in another currency comes without the rate and its day: the tier stays unknown."""
    said = {one.fact for one in observations}
    if "foreign_investment" in said and not {"exchange_rate", "exchange_rate_on"} <= said | known.keys():
        what = f"{subject.code} 外币投资没有折算汇率或汇率日期，分档未知"
        yield Question(subject, "FX_RATE_MISSING", subject.code, what, "")


def _unlikely(observation: Observation, earlier: Sequence[Observation], vocabulary: Vocabulary) -> str | None:
    """Why a figure is not believed; None if it is."""
    spec = vocabulary[observation.fact]
    new = _exact(observation)
    if spec.type not in (FactType.MONEY, FactType.COUNT) or not new:
        return None
    for other in earlier:
        old = _exact(other)
        if old and _is_ten_thousandfold(max(new, old), min(new, old)):
            return f"{spec.label}与{other.source}所报相差一万倍，可能是万元、亿元或万千瓦时混用"
    return None


def _is_ten_thousandfold(large: int, small: int) -> bool:
    """Whether one is ten thousand times the other, a twentieth more or less. Whole numbers: every figure of a file asks."""
    return abs(large - _TEN_THOUSAND * small) * _NEAR <= _TEN_THOUSAND * small


def _is_confirmed(
    subject: Subject, observation: Observation, what: str, found: Weighed, answers: Mapping[str, str]
) -> bool:
    """Whether somebody confirmed this very figure; if nobody answered yet, the question is asked."""
    key = f"{subject.code}|{observation.fact}|{to_text(observation.value)}|{observation.source}"
    answer = answers.get(doubts.key_of(key))
    if answer is None:
        found.questions.append(Question(subject, UNIT_SUSPECT, key, what, observation_to_text(observation)))
    return answer == "accepted"


def _jump(subject: Subject, observation: Observation, before: Sequence[Observation]) -> Iterable[str]:
    old, new = (next(map(_exact, said), None) for said in (before, [observation]))
    if observation.fact == "total_investment" and old and new and abs(new - old) > _JUMP * old:
        change = float(Fraction(new - old, old) * 100)
        yield f"{subject.code} 总投资变化 {change:+.1f}%，应有原因和新的备案"


def _day(observation: Observation) -> date:
    return observation.observed_on or local_day(observation.received_at)


def _exact(observation: Observation) -> int | None:
    value = observation.value
    return int(value.low) if isinstance(value, Band) and value.is_exact and value.low is not None else None
