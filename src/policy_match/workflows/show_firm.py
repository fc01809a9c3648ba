"""What a firm sees of itself: its projects, each benefit once, what was paid, what we have to know of it, and by when.

Persons who work there are no part of it. Benefits stand as they are looked up: near misses are refusals here, as advice
on them goes to a firm only after a caseworker confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from policy_match.access.permissions import Permissions
from policy_match.access.scope import visible
from policy_match.access.viewer import Viewer
from policy_match.benefits.ledger import Paid
from policy_match.eligibility.ask import Question
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.windows import window_of
from policy_match.facts.subjects import Kind, Subject
from policy_match.workflows.ask import questions
from policy_match.workflows.choose_bundle import Bundle
from policy_match.workflows.match import Match, beneficiary_of
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.see_library import bundle_seen, scope_in

SOON = timedelta(days=120)
MOST_QUESTIONS = 5
OPEN = (Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the subject whose facts it completes."""

    subject: Subject
    question: Question


@dataclass(frozen=True, slots=True)
class Closing:
    """An application window that ends soon."""

    on: date
    match: Match


@dataclass(frozen=True, slots=True)
class FirmShown:
    """A firm and its projects. `matches`: each benefit of each beneficiary once, by verdict, those of one measure together,
    the best first; those not in force are left out. `bundle`: None where the library holds nothing of the firm."""

    subjects: tuple[Subject, ...] = ()
    matches: Mapping[Verdict, tuple[tuple[Match, ...], ...]] = field(default_factory=dict)
    bundle: Bundle | None = None
    asked: tuple[Asked, ...] = ()
    closing: tuple[Closing, ...] = ()
    paid: tuple[Paid, ...] = ()

    @property
    def projects(self) -> tuple[Subject, ...]:
        """The projects, in their order."""
        return tuple(one for one in self.subjects if one.kind is Kind.PROJECT)

    @property
    def may_reach_fen(self) -> int:
        """The most that one of the open benefits gives in cash, 分; those without an upper end add nothing."""
        open_ = (*self.matches[Verdict.NEEDS_HUMAN], *self.matches[Verdict.UNKNOWN])
        amounts = [match.amount for each in open_ for match in each]
        return max((one.high_fen or 0 for one in amounts if one is not None and one.kind == "cash"), default=0)


def by_measure(matches: Sequence[Match]) -> tuple[tuple[Match, ...], ...]:
    """The matches of each measure together, in the order of the best of each: three projects of one firm are one line."""
    found: dict[str, list[Match]] = {}
    for match in matches:
        found.setdefault(match.rule.id, []).append(match)
    return tuple(tuple(each) for each in found.values())


def own_subjects(library: Library, viewer: Viewer, permissions: Permissions) -> tuple[Subject, ...]:
    """The viewer's firm and its projects; what anybody may see of others is not its own."""
    scope = scope_in(library.name, viewer, permissions)
    own = visible(library.matching.subjects, scope, public=()) if scope.firm is not None else ()
    return tuple(sorted((one for one in own if one.kind is not Kind.PERSON), key=lambda one: one.kind is Kind.PROJECT))


def show_firm(library: Library, own: Sequence[Subject]) -> FirmShown:
    """All about the firm whose subjects these are, on the day of the library."""
    if not own:
        return FirmShown(matches=dict.fromkeys(Verdict, ()))
    rows = [library.rows[one.id] for one in own]
    matching = library.matching
    found = matching.in_order(_benefits(library, rows))
    return FirmShown(
        subjects=tuple(own),
        matches={verdict: by_measure([one for one in found if one.verdict is verdict]) for verdict in Verdict},
        bundle=bundle_seen(library, rows[0]),
        asked=tuple(_asked(library, rows))[:MOST_QUESTIONS],
        closing=tuple(closing_of(found, matching.as_of)),
        paid=paid_to(library, own),
    )


def paid_to(library: Library, own: Sequence[Subject]) -> tuple[Paid, ...]:
    """What the ledger holds for a firm and its projects, the newest first."""
    names = {f"{one.kind}:{one.id}" for one in own}
    names |= {f"enterprise:{one.enterprise}" for one in own if one.enterprise is not None}
    found = [one for one in library.paid if one.beneficiary in names]
    return tuple(sorted(found, key=lambda one: (one.paid_on, one.reference or ""), reverse=True))


def _benefits(library: Library, rows: Sequence[int]) -> Iterator[Match]:
    """Each benefit of each beneficiary once: with the subject that is nearest to it, the firm before its projects."""
    matching = library.matching
    best: dict[tuple[str, str], tuple[int, int, Rule]] = {}
    for row in rows:
        for decision in matching.decisions(row):
            verdict = decision.verdicts[row]
            if verdict is Verdict.NOT_IN_FORCE:
                continue
            key = beneficiary_of(matching.subjects[row], decision.rule), decision.rule.id
            place = OPEN.index(verdict) if verdict in OPEN else len(OPEN)
            if key not in best or place < best[key][0]:
                best[key] = place, row, decision.rule
    for _, row, rule in best.values():
        yield matching.match(matching.decision(rule.id), row)


def _asked(library: Library, rows: Sequence[int]) -> Iterator[Asked]:
    """What decides most first; a fact of the firm is asked for once, however many projects read it."""
    matching, seen = library.matching, set()
    found = [(row, question) for row in rows for question in questions(matching, row)]
    for row, question in sorted(found, key=lambda one: -len(one[1].decides)):
        spec = matching.rulebook.vocabulary[question.fact]
        key = question.fact, None if spec.subject == "enterprise" else row
        if key not in seen:
            seen.add(key)
            yield Asked(matching.subjects[row], question)


def closing_of(found: Sequence[Match], as_of: date) -> list[Closing]:
    """The windows of what is open that end from the day on within `SOON`, the first day first."""
    windows = ((window_of(one.rule.measure, as_of), one) for one in found if one.verdict in OPEN)
    ends = [Closing(window[1], one) for window, one in windows if window is not None]
    return sorted((one for one in ends if as_of <= one.on <= as_of + SOON), key=lambda one: (one.on, one.match.rule.id))
