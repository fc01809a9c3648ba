"""Which answers the subjects of a library show for each measure, and which of those that it must show are lacking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policy_match.eligibility.decide import Deciding, Verdict
from policy_match.eligibility.explain import Explaining
from policy_match.eligibility.missing import Searching
from policy_match.eligibility.near_miss import CHANGEABLE, near_miss
from policy_match.eligibility.nodes import AllNode, AnyNode, AtLeastNode, Human, Named, Node, NotNode, SelectNode
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema_tree import FactCondition
from policy_match.facts.subjects import Kind, Subject, known_facts
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import FactType, Vocabulary

TODAY = date(2026, 11, 25)


def day_for(rule: Rule) -> date:
    """Today if the version is surely in force today, else its last sure day, else a day on which it perhaps is."""
    validity = rule.validity
    if validity.holds(TODAY):
        return TODAY
    last = validity.sure_through
    if last is not None and last >= validity.sure_from:
        return date.fromordinal(min(last, TODAY.toordinal()))
    return TODAY if validity.holds(TODAY) is None else date.fromordinal(validity.first)


def settles(node: Node, truth: bool, false: frozenset[str] = frozenset()) -> bool:
    """Whether facts alone can make the node true (or false), judgements by people left open and some conditions false."""
    if isinstance(node, Human) or (isinstance(node, Named) and truth and node.name in false):
        return False
    if isinstance(node, Named):
        return settles(node.node, truth, false)
    if isinstance(node, NotNode):
        return settles(node.part, not truth, false)
    if isinstance(node, AllNode | AnyNode):
        every = isinstance(node, AllNode) is truth
        return (all if every else any)(settles(part, truth, false) for part in node.parts)
    if isinstance(node, AtLeastNode):
        needed = node.count if truth else len(node.parts) - node.count + 1
        return sum(settles(part, truth, false) for part in node.parts) >= needed
    if isinstance(node, SelectNode):
        return any(settles(then, truth, false) for _, then in node.rows)
    return True


def falls_with(rule: Rule, name: str) -> frozenset[str]:
    """The conditions that are surely false where this one is: a title of a certain time is no title at all without it."""
    written = rule.measure.conditions.get(name)
    return frozenset(
        other
        for other, condition in rule.measure.conditions.items()
        if isinstance(written, FactCondition)
        and isinstance(condition, FactCondition)
        and other != name
        and condition.op == written.op == "has_any"
        and (condition.fact, condition.value) == (written.fact, written.value)
    )


def within_reach(rule: Rule, name: str, vocabulary: Vocabulary) -> bool:
    """Whether a figure can fall short by a fifth at most: of fewer than five people or items the next is further off."""
    written = rule.measure.conditions.get(name)
    if not isinstance(written, FactCondition) or written.op != "at_least" or written.value is None:
        return True
    spec = vocabulary[written.fact]
    whole = spec.type is FactType.COUNT and spec.unit in ("人", "项")
    return not whole or int(str(written.value).rstrip(spec.unit)) >= 5


def can_be_near(rule: Rule, vocabulary: Vocabulary) -> bool:
    """Whether turning a condition that can change may be all that is lacking."""
    names = [name for name, c in rule.conditions.items() if c.kind == "fact" and c.can_change in CHANGEABLE]
    reached = [name for name in names if within_reach(rule, name, vocabulary)]
    return any(settles(rule.root, True, falls_with(rule, name)) for name in reached)


def wanted(rule: Rule, day: date, vocabulary: Vocabulary) -> set[str]:
    """The kinds of answer that the library must show for a version on a day."""
    surely, alone = rule.validity.holds(day) is True, settles(rule.root, True)
    kinds = {"unknown"}
    if any(condition.kind == "fact" for condition in rule.conditions.values()):
        kinds.add("ineligible")
    if surely and can_be_near(rule, vocabulary):
        kinds.add("near_miss")
    return kinds | {"perhaps" if not surely else "eligible" if alone else "needs_human"}


class Shown:
    """What the subjects show on one day."""

    def __init__(self, subjects: Sequence[Subject], vocabulary: Vocabulary, day: date) -> None:
        self.subjects = subjects
        table = FactTable(vocabulary, [known_facts(subject, vocabulary, day) for subject in subjects])
        self.deciding = Deciding(table, day)
        self.explaining, self.searching = Explaining(self.deciding), Searching(self.deciding)

    def kinds(self, rule: Rule) -> Mapping[str, list[str]]:
        """The subjects that show each kind of answer; persons for the measures of persons, the others for the rest."""
        found: dict[str, list[str]] = defaultdict(list)
        for row, verdict in enumerate(self.deciding.decide(rule).verdicts):
            if (self.subjects[row].kind is Kind.PERSON) == (rule.measure.target == "person"):
                for kind in self.of(rule, row, verdict):
                    found[kind].append(self.subjects[row].id)
        return found

    def of(self, rule: Rule, row: int, verdict: Verdict) -> Iterator[str]:
        if verdict is Verdict.INELIGIBLE:
            yield "ineligible"
            if near_miss(self.explaining, rule, row):
                yield "near_miss"
        elif verdict is not Verdict.UNKNOWN:
            yield verdict.value
        elif self.searching.missing(rule, row):
            yield "unknown"
        elif self.explaining.truth(rule.root, row) > 0:
            yield "perhaps"


def lacking(rulebook: Rulebook, subjects: Sequence[Subject]) -> list[tuple[str, str]]:
    """Every (version, kind) that no subject shows."""
    days: dict[date, Shown] = {}
    lacks = []
    for rule in rulebook.rules:
        if rule.measure.status != "active":
            continue
        day = day_for(rule)
        shown = days[day] if day in days else days.setdefault(day, Shown(subjects, rulebook.vocabulary, day))
        kinds = shown.kinds(rule)
        lacks += [
            (rule.measure.key, kind) for kind in sorted(wanted(rule, day, rulebook.vocabulary)) if not kinds.get(kind)
        ]
    return lacks
