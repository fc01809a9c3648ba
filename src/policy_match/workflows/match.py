"""Match subjects with measures: one line per pair, with verdict, reasons, amount and route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date

from policy_match.benefits.formula import Amount, Computing
from policy_match.eligibility.ask import Asking
from policy_match.eligibility.decide import Batch, Deciding, Decision, Verdict, Verdicts
from policy_match.eligibility.explain import Explaining, Reason
from policy_match.eligibility.missing import Searching
from policy_match.eligibility.near_miss import NearMiss, near_miss
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.entitlement.route import Route, route_of
from policy_match.facts.cells import Value
from policy_match.facts.subjects import Kind, Subject, known_facts
from policy_match.facts.table import FactTable
from policy_match.facts.veil import OFF, Veil
from policy_match.facts.vocabulary import Vocabulary
from policy_match.ranking.order import group_of, inner_order
from policy_match.ranking.score import UNRANKED, Score
from policy_match.ranking.scoring import Ordering, Scoring
from policy_match.workflows.progress import tracked


@dataclass(frozen=True, slots=True)
class Match:
    """One subject and one measure, decided; the fields of the match line in docs/formats.zh.md."""

    subject: Subject
    beneficiary: str
    rule: Rule
    verdict: Verdict
    near: NearMiss | None
    excluded: bool
    reasons: tuple[Reason, ...]
    assumed: tuple[str, ...]
    missing: tuple[tuple[str, ...], ...]
    amount: Amount | None
    route: Route
    score: Score


class Matching:
    """Subjects of one load decided on one day; explanation and amounts are built only for what is asked.

    Without an `ordering` every score is 0, and matches of one verdict stand by id. `veil`: figures that whoever looks may
    not see exactly; verdicts and amounts are the same with and without it.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        subjects: Sequence[Subject],
        as_of: date,
        ordering: Ordering | None = None,
        veil: Veil = OFF,
        *,
        table: FactTable | None = None,
    ) -> None:
        """`table`: the facts of these subjects on the day, where they were put together before."""
        self.rulebook, self.subjects, self.as_of, self.ordering, self.veil = rulebook, subjects, as_of, ordering, veil
        vocabulary = rulebook.vocabulary
        if table is None:
            watched = tracked(subjects, len(subjects), "整理事实")
            table = FactTable(vocabulary, [known_facts(subject, vocabulary, as_of) for subject in watched])
        self.table = table
        self.deciding = Deciding(self.table, as_of)
        self.explaining = Explaining(self.deciding, veil)
        self.searching = Searching(self.deciding)
        self.scoring = None if ordering is None else Scoring(ordering, self.table, subjects)
        self.asking: Asking | None = None
        self._decisions: dict[str, Decision] = {}
        self._decided: dict[str, tuple[Verdicts, int]] = {}
        self._computing: dict[str, Computing] = {}
        self._project_rules: dict[str, bool] = {}

    def under(self, veil: Veil) -> Matching:
        """The same subjects and decisions, for somebody who sees figures through another veil."""
        found = copy(self)
        found.veil, found.explaining = veil, Explaining(self.deciding, veil)
        return found

    def decision(self, measure_id: str) -> Decision:
        """The verdicts of one measure for every subject, in the version of the day."""
        if measure_id not in self._decisions:
            found = self._decided.get(measure_id)
            rule = self.rulebook.at(measure_id, self.as_of)
            self._decisions[measure_id] = self.deciding.decide(rule) if found is None else found[0].decision(found[1])
        return self._decisions[measure_id]

    def decide(self, batch: Batch) -> Verdicts:
        """The verdicts of rules that were compiled together for the day of this matching, for every subject."""
        found = batch.decide_within(self.deciding.evaluation)
        self._decided |= {rule.id: (found, place) for place, rule in enumerate(found.rules)}
        return found

    def lines(
        self, ids: Sequence[str] | None = None, verdicts: frozenset[Verdict] | None = None, *, all_reasons: bool = False
    ) -> Iterator[Match]:
        """Matches in the order of subjects and measure ids.

        Unless measures are asked for by id, a subject is matched with those that it can have facts for: a
        person with measures for persons, a project with all others, an enterprise with those of them that
        ask nothing of a project. `verdicts` keeps only those.
        """
        for row in range(len(self.subjects)):
            yield from self.of(row, ids, verdicts, all_reasons=all_reasons)

    def of(
        self,
        row: int,
        ids: Sequence[str] | None = None,
        verdicts: frozenset[Verdict] | None = None,
        *,
        all_reasons: bool = False,
    ) -> Iterator[Match]:
        """Matches of one subject, as `lines` gives them."""
        for decision in self.decisions(row, ids):
            if verdicts is None or decision.verdicts[row] in verdicts:
                yield self.match(decision, row, all_reasons=all_reasons)

    def decisions(self, row: int, ids: Sequence[str] | None = None) -> Iterator[Decision]:
        """The measures that one subject is matched with, in the order of ids."""
        kind = self.subjects[row].kind
        for measure_id in ids or self.rulebook.ids:
            decision = self.decision(measure_id)
            if ids is not None or self.concerns(decision.rule, kind):
                yield decision

    def concerns(self, rule: Rule, kind: Kind) -> bool:
        """Whether a kind of subject can have facts for a measure."""
        return concerns(rule, kind) and (kind is not Kind.ENTERPRISE or not self._reads_project(rule))

    def _reads_project(self, rule: Rule) -> bool:
        if rule.measure.key not in self._project_rules:
            self._project_rules[rule.measure.key] = reads_project(rule, self.rulebook.vocabulary)
        return self._project_rules[rule.measure.key]

    def match(self, decision: Decision, row: int, *, all_reasons: bool = False) -> Match:
        """One pair in full."""
        rule, verdict = decision.rule, decision.verdicts[row]
        decided = verdict is not Verdict.NOT_IN_FORCE
        open_ = verdict in (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN)
        missing = self.searching.missing(rule, row) if verdict is Verdict.UNKNOWN else ()
        amount = self.computing(rule).amount(row) if open_ else None
        return Match(
            subject=self.subjects[row],
            beneficiary=beneficiary_of(self.subjects[row], rule),
            rule=rule,
            verdict=verdict,
            near=near_miss(self.explaining, rule, row) if verdict is Verdict.INELIGIBLE else None,
            excluded=verdict is Verdict.INELIGIBLE
            and any(self.explaining.truth(node, row) < 0 for node in rule.exclusions),
            reasons=tuple(self.explaining.reasons(rule, row, verdict, every=all_reasons)) if decided else (),
            assumed=tuple(c.needs[0][1].text for c in rule.conditions.values() if c.kind == "assumed"),
            missing=missing,
            amount=amount,
            route=route_of(rule, verdict, self.table, row, self.as_of),
            score=self.score(rule, row, amount),
        )

    def score(self, rule: Rule, row: int, amount: Amount | None) -> Score:
        """What the pair is ordered by inside its verdict."""
        if self.scoring is None:
            return UNRANKED
        decided = (c.fact for c in rule.conditions.values() if c.fact and self.deciding.truths(c.node)[row])
        return self.scoring.score(rule, row, amount, decided, self.as_of)

    def in_order(self, matches: Iterable[Match]) -> list[Match]:
        """Proved before open before near misses before the rest, whatever the scores; then by score, then by id."""
        return sorted(matches, key=self._place)

    def _place(self, match: Match) -> tuple[int, float, str]:
        learned = None if self.scoring is None else self.scoring.ranking.reranker
        group = group_of(match.verdict, near=match.near is not None)
        return group, -inner_order(match.score, learned), match.rule.id

    def seen_value(self, fact: str, value: Value | None) -> Value | None:
        """What may be seen of a value through the veil."""
        return None if value is None else self.veil.shown(self.rulebook.vocabulary[fact], value)

    def computing(self, rule: Rule) -> Computing:
        """The benefit calculator of one version."""
        if rule.measure.key not in self._computing:
            self._computing[rule.measure.key] = Computing(self.deciding, rule)
        return self._computing[rule.measure.key]


def concerns(rule: Rule, kind: Kind) -> bool:
    """Whether a measure is one for persons exactly where the subject is a person."""
    return (kind is Kind.PERSON) == (rule.measure.target == "person")


def reads_project(rule: Rule, vocabulary: Vocabulary) -> bool:
    """Whether the conditions of a rule ask something of a project: they concern no enterprise by itself."""
    return any(vocabulary[fact].subject == "project" for leaf in leaves_of(rule.root) for fact in leaf.facts)


def beneficiary_of(subject: Subject, rule: Rule) -> str:
    """Whose benefit it is: two projects of one firm share an enterprise award."""
    if rule.measure.target == "enterprise" and subject.kind is not Kind.ENTERPRISE:
        return f"enterprise:{subject.enterprise or subject.enterprise_name or '?' + subject.id}"
    return f"{subject.kind}:{subject.id}"
