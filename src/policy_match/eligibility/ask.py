"""What to find out first about a subject: the unknown facts, by what knowing one of them would decide.

A fact decides a measure if some value of it alone takes the verdict out of unknown:
the rule then surely holds, surely does not, or waits for people only. Facts of
measures that are already decided never come up. A derived fact that nobody can
give stands for its one open part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from policy_match.eligibility.decide import Deciding, Decision, Verdict
from policy_match.eligibility.missing import Searching
from policy_match.eligibility.nodes import Human, Node, questions_in
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.ways import CERTAIN, Way, join
from policy_match.facts.vocabulary import FactSpec

Worth: TypeAlias = Callable[[Rule, int], tuple[int, "int | None"]]

MOST_KEPT = 20_000
"""Situations that are remembered, some 10 MB."""
FILLED_IN_BY_PEOPLE = frozenset({"DEPT", "DISTRICT", "SELF"})


@dataclass(frozen=True, slots=True)
class Question:
    """One unknown fact worth finding out; `registers` may hold it, best first.

    `decides`: ids of the measures that it alone would settle, in order; empty where no single fact settles
    any. 分: `low_fen` is what it makes sure at least, `high_fen` what it may open at most (None: no upper end).
    """

    fact: str
    label: str
    registers: tuple[str, ...]
    decides: tuple[str, ...]
    low_fen: int
    high_fen: int | None


class _Alone(Searching):
    """Ways that need at most one fact, where people answer every question the same way."""

    def __init__(self, deciding: Deciding, judged: bool) -> None:
        super().__init__(deciding)
        self.judged = judged

    def ways(self, node: Node, row: int, want: bool) -> tuple[Way, ...]:
        if isinstance(node, Human):
            return CERTAIN if self.judged is want else ()
        return tuple(way for way in super().ways(node, row, want) if len(way) <= 1)


class Asking:
    """Prices the unknown facts of the subjects of one table; equal situations are searched once.

    `worth` gives the low and high yuan (分; None: no upper end) of a rule for one subject.
    """

    def __init__(self, searching: Searching, worth: Worth) -> None:
        self.searching, self.worth = searching, worth
        self._alone = (_Alone(searching.deciding, True), _Alone(searching.deciding, False))
        self._known: dict[tuple[object, ...], Mapping[str, bool]] = {}

    def questions(self, row: int, decisions: Iterable[Decision], limit: int) -> tuple[Question, ...]:
        """At most `limit` questions: most measures first, then low and high yuan, register before people, name.

        Where no fact settles anything alone, the facts of the smallest missing sets; those in most sets first.
        """
        open_ = [decision for decision in decisions if decision.verdicts[row] is Verdict.UNKNOWN]
        found = self._priced(row, open_) or self._smallest(row, open_)
        return tuple(found[:limit])

    def settling(self, rule: Rule, row: int) -> Mapping[str, bool]:
        """The facts that alone can settle a rule; True: some value makes it hold whatever people say."""
        key = (rule.measure.key, *self.searching.situation(rule.root, row))
        known = self._known.get(key)
        if known is None:
            found: dict[str, bool] = {}
            for fact, holds in self._settled(rule.root, row):
                found[fact] = found.get(fact, False) or holds
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            known = self._known[key] = found
        return known

    def _settled(self, root: Node, row: int) -> Iterator[tuple[str, bool]]:
        """Both answers of people must leave nothing open; without people one search says it all."""
        searches = self._alone if questions_in(root) else self._alone[:1]
        for wants in product((True, False), repeat=len(searches)):
            ways = [search.ways(root, row, want) for search, want in zip(searches, wants, strict=True)]
            for way in _in_common(ways):
                asked = [name for fact in way for name in self.searching.asked(fact, row)]
                if len(asked) == 1:
                    yield asked[0], all(wants)

    def _priced(self, row: int, decisions: Sequence[Decision]) -> list[Question]:
        settled: dict[str, list[tuple[Decision, bool]]] = {}
        for decision in decisions:
            for fact, holds in self.settling(decision.rule, row).items():
                settled.setdefault(fact, []).append((decision, holds and decision.in_force is True))
        worth = {d.rule.id: self.worth(d.rule, row) for d in decisions} if settled else {}
        found = [self._question(fact, entries, worth) for fact, entries in settled.items()]
        return sorted(found, key=_rank)

    def _question(
        self, fact: str, entries: Sequence[tuple[Decision, bool]], worth: Mapping[str, tuple[int, int | None]]
    ) -> Question:
        spec = self.searching.vocabulary[fact]
        highs = [worth[decision.rule.id][1] for decision, _ in entries]
        return Question(
            fact=fact,
            label=spec.label,
            registers=spec.registers,
            decides=tuple(sorted(decision.rule.id for decision, _ in entries)),
            low_fen=sum(worth[decision.rule.id][0] for decision, holds in entries if holds),
            high_fen=None if None in highs else sum(high for high in highs if high is not None),
        )

    def _smallest(self, row: int, decisions: Sequence[Decision]) -> list[Question]:
        sets = [names for decision in decisions for names in self.searching.missing(decision.rule, row)]
        least = min((len(names) for names in sets), default=0)
        counts = Counter(name for names in sets if len(names) == least for name in names)
        specs = sorted((self.searching.vocabulary[name] for name in counts), key=lambda s: (-counts[s.name], *_ease(s)))
        return [Question(spec.name, spec.label, spec.registers, (), 0, 0) for spec in specs]


def _in_common(searches: Sequence[tuple[Way, ...]]) -> Iterator[Way]:
    """Ways of one fact that serve every search at once."""
    for ways in product(*searches):
        joined: Way | None = ways[0]
        for way in ways[1:]:
            joined = None if joined is None else join(joined, way)
        if joined is not None and len(joined) == 1:
            yield joined


def _rank(question: Question) -> tuple[int, int, bool, int, bool, str]:
    high = question.high_fen
    in_register = _in_register(question.registers)
    return (-len(question.decides), -question.low_fen, high is not None, -(high or 0), not in_register, question.fact)


def _ease(spec: FactSpec) -> tuple[bool, str]:
    return (not _in_register(spec.registers), spec.name)


def _in_register(registers: Sequence[str]) -> bool:
    """Whether a register holds it, so that nobody need be asked."""
    return not FILLED_IN_BY_PEOPLE.issuperset(registers)
