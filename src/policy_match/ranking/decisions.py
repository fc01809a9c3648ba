"""What caseworkers decide about matches, which decision counts, and when a match is a new one.

A decision is about a signature: verdict, amount and the results of the conditions of one version. It stands until the
signature changes; then the match is to be looked at again, with the earlier decision shown beside it. Nothing here
changes a verdict: an override only changes what is suggested.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

import orjson

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule

Pair: TypeAlias = tuple[str, str]
"""Code of a subject and id of a measure."""
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RFC = "abcdefghijklmnopqrstuvwxyz234567"
_SUBJECT, _MEASURE = 6, 4
_WRITTEN = re.compile(rf"[{_ALPHABET}]{{{_SUBJECT}}}-[{_ALPHABET}]{{{_MEASURE}}}")
_MISREAD = str.maketrans("oil", "011")


class Choice(StrEnum):
    """What somebody did about a match. A claim decides nothing: it keeps others away for a while."""

    CLAIM = "claim"
    CONFIRM = "confirm"
    REJECT = "reject"
    CORRECT_FACT = "correct_fact"
    DEFER = "defer"
    ESCALATE = "escalate"
    OVERRIDE_ELIGIBLE = "override_eligible"
    OVERRIDE_INELIGIBLE = "override_ineligible"


CHOICE_NAMES = {
    Choice.CLAIM: "认领",
    Choice.CONFIRM: "确认",
    Choice.REJECT: "驳回",
    Choice.CORRECT_FACT: "数据有误",
    Choice.DEFER: "暂缓",
    Choice.ESCALATE: "上报",
    Choice.OVERRIDE_ELIGIBLE: "改判为符合",
    Choice.OVERRIDE_INELIGIBLE: "改判为不符合",
}
OVERRIDES = frozenset({Choice.OVERRIDE_ELIGIBLE, Choice.OVERRIDE_INELIGIBLE})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done about a pair. `number`: from 1, without gaps; the number of the last one is the row version.

    `until`: of a deferral, the day on which it is looked at again; `held_until`: of a claim; `doubt`: the question that
    a CORRECT_FACT opened; `signs`: the number of the override that a second person signed by this step.
    """

    number: int
    choice: Choice
    version: int
    signature: str
    by: str
    at: datetime
    reason: str | None = None
    note: str = ""
    until: date | None = None
    held_until: datetime | None = None
    doubt: int | None = None
    signs: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything done about one pair, in order."""

    steps: tuple[Step, ...] = ()

    @property
    def row_version(self) -> int:
        """The number of the last step, 0 before the first."""
        return self.steps[-1].number if self.steps else 0

    def holder(self, now: datetime) -> Step | None:
        """The claim that keeps others away: the last step, while its time runs. A decision ends it."""
        last = self.steps[-1] if self.steps else None
        is_held = last is not None and last.held_until is not None and now < last.held_until
        return last if is_held else None

    def standing(self, signature: str) -> Step | None:
        """The decision that counts for a signature: the last one, an override only once a second person signed it."""
        counting = [step for step in self._decisions() if step.signature == signature]
        return counting[-1] if counting else None

    def earlier(self, signature: str) -> Step | None:
        """The last decision that counted for another signature of the pair."""
        other = [step for step in self._decisions() if step.signature != signature]
        return other[-1] if other else None

    def unsigned(self, signature: str) -> Step | None:
        """The override that waits for its second person: nothing but claims came after it."""
        last = next((step for step in reversed(self.steps) if step.choice is not Choice.CLAIM), None)
        if last is None or last.choice not in OVERRIDES or last.signs is not None or last.signature != signature:
            return None
        return last

    def proposal(self, step: Step) -> Step:
        """What a signature signs: the override as its first person wrote it; the step itself where it signs nothing."""
        return step if step.signs is None else self.steps[step.signs - 1]

    def is_open(self, signature: str, today: date, unanswered: frozenset[int]) -> bool:
        """Whether people still have to look. `unanswered`: numbers of the questions that nobody has answered.

        A deferral is over on its day; a fact that is being corrected waits for the answer; what was escalated is open.
        """
        step = self.standing(signature)
        if step is None or step.choice is Choice.ESCALATE:
            return True
        if step.choice is Choice.DEFER:
            return step.until is None or step.until <= today
        return step.choice is Choice.CORRECT_FACT and step.doubt not in unanswered

    def _decisions(self) -> Iterable[Step]:
        """In the order in which they came to count: an override where it was signed."""
        return (step for step in self.steps if step.choice is not Choice.CLAIM and self._counts(step))

    def _counts(self, step: Step) -> bool:
        return step.choice not in OVERRIDES or step.signs is not None


def signature_of(rule: Rule, verdict: Verdict, *, near: bool, amount: Amount | None, truths: Mapping[str, int]) -> str:
    """SHA-256 of what a decision is about. `truths`: 1, 0 (unknown) or -1 by the name of every condition.

    A run that gives the same verdict, amount and results gives the same signature, whatever the day.
    """
    sum_ = None if amount is None else [amount.kind, amount.low_fen, amount.high_fen, amount.verified, amount.per]
    said = [rule.measure.key, verdict.value, near, sum_, sorted(truths.items())]
    return sha256(orjson.dumps(said)).hexdigest()


def review_id(pair: Pair) -> str:
    """The id of a pair that people type: `k7qm2r-3xpa`, the same on every machine and in every version."""
    return f"{_short(pair[0], _SUBJECT)}-{_short(pair[1], _MEASURE)}"


def find_pairs(written: str, subjects: Iterable[str], measures: Sequence[str]) -> list[Pair]:
    """The pairs that somebody may mean: by id, small or capital letters, or as `项目/措施` in full; none, or several.

    The letters O, I and L are read as the figures that they look like.
    """
    text = written.strip()
    subject, mark, measure = text.partition("/")
    if mark:
        return [(code, measure) for code in subjects if code == subject and measure in measures]
    text = text.lower().translate(_MISREAD)
    if _WRITTEN.fullmatch(text) is None:
        return []
    first, _, last = text.partition("-")
    fitting = [one for one in measures if _short(one, _MEASURE) == last]
    return [(code, one) for code in subjects if fitting and _short(code, _SUBJECT) == first for one in fitting]


@lru_cache(maxsize=4_096)
def _short(text: str, length: int) -> str:
    written = base64.b32encode(sha256(text.encode()).digest()).decode().lower()[:length]
    return written.translate(str.maketrans(_RFC, _ALPHABET))
