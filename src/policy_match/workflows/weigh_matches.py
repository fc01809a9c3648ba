"""Weigh the matches that may come before people, by facts and rules alone.

What people did about them is no part of it, so that it is worked out once for every viewer and kept: of the shipped
projects it takes three seconds, which nobody waits for at every look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_match.eligibility.decide import Decision, Verdict
from policy_match.facts.subjects import Subject
from policy_match.ranking.decisions import review_id
from policy_match.ranking.score import Score
from policy_match.ranking.triage import Result, Triage, is_worth_a_look, triage
from policy_match.ranking.weights import Ranking
from policy_match.workflows.assess_match import Assessed, assess
from policy_match.workflows.match import Matching


@dataclass(frozen=True, slots=True)
class Weighed:
    """One pair. `missing`: the smallest sets of facts to ask for; `triage`: where nothing about it is in question."""

    id: str
    match: Assessed
    score: Score
    missing: tuple[tuple[str, ...], ...]
    triage: Triage

    def triage_where(self, ranking: Ranking, *, disputed: bool, changed: bool) -> Triage:
        """What happens with it where a fact is contested, or the subject had another name lately."""
        if not (disputed or changed):
            return self.triage
        return _triage(self.match, self.score, self.missing, ranking, disputed=disputed, changed=changed)


class Weighing:
    """Every pair of one matching that may come before people, by subject; worked out when it is first asked for.

    Safe to use from several threads: at worst two of them work out the same.
    """

    def __init__(self, matching: Matching) -> None:
        self._matching = matching
        self._rows = {subject.id: row for row, subject in enumerate(matching.subjects)}
        self._found: dict[str, tuple[Weighed, ...]] = {}

    def of(self, subject: str) -> tuple[Weighed, ...]:
        """The pairs of one subject, in the order of measures; none where nothing was scored."""
        found = self._found.get(subject)
        if found is None:
            found = self._found[subject] = tuple(weigh_subject(self._matching, self._rows[subject]))
        return found

    def take_over(self, before: Weighing) -> None:
        """Keep what was worked out on the same day, by the same rules and weights, of subjects of which nothing changed."""
        old, new = before._matching, self._matching
        if old.as_of != new.as_of or old.rulebook is not new.rulebook or old.ordering is not new.ordering:
            return
        for subject, found in [*before._found.items()]:
            if subject in self._rows and _of(old, before, subject) == _of(new, self, subject):
                self._found.setdefault(subject, found)


def weigh_subject(matching: Matching, row: int) -> Iterator[Weighed]:
    """The cheap half first: most pairs are refused, and most of the rest are far from the subject."""
    scoring = matching.scoring
    if scoring is None:
        return
    for decision in matching.decisions(row):
        rule, verdict = decision.rule, decision.verdicts[row]
        if verdict is not Verdict.NOT_IN_FORCE and is_worth_a_look(
            verdict, scoring.relevance(rule, row), scoring.ranking
        ):
            yield weigh(matching, decision, row, scoring.ranking)


def weigh(matching: Matching, decision: Decision, row: int, ranking: Ranking) -> Weighed:
    """One pair, whatever becomes of it."""
    rule = decision.rule
    missing = matching.searching.missing(rule, row) if decision.verdicts[row] is Verdict.UNKNOWN else ()
    match = assess(matching, decision, row)
    score = matching.score(rule, row, match.amount)
    found = _triage(match, score, missing, ranking, disputed=False, changed=False)
    return Weighed(review_id(match.pair), match, score, missing, found)


def _triage(
    match: Assessed, score: Score, missing: tuple[tuple[str, ...], ...], ranking: Ranking, *, disputed: bool, changed: bool
) -> Triage:  # fmt: skip
    result = Result(
        verdict=match.verdict,
        near=match.near,
        missing=len(missing[0]) if missing else None,
        amount=match.amount,
        disputed=disputed,
        changed=changed,
    )
    return triage(match.rule, score, result, ranking)


def _of(matching: Matching, weighing: Weighing, subject: str) -> Subject:
    return matching.subjects[weighing._rows[subject]]
