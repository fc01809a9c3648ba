"""What proves a decision to pay: accepted registers, days, purposes, and which facts need no proof.

Only proved facts count. The rule is decided again with every other fact unknown; where
verdict and amount stay what they are, nothing is missing. So a fact that cannot change
the answer needs no proof (an alternative beside one that holds, a branch that does not
apply). A proved fact is one value: a band, a code that is no finest class, a list with
years missing prove nothing. A derived fact is proved where one of its ways has every
input proved, or by a register of its own; if both, they must agree. `verify_proof.py`
follows the same rules from the texts alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from policy_match.benefits.formula import Amount, Computing, is_ceiling
from policy_match.eligibility.decide import Deciding, Verdict
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Evidence, Formula
from policy_match.eligibility.schema_benefit import facts_of
from policy_match.facts.assemble import Assembled
from policy_match.facts.cells import MISSING, Cause, Cell, Items, Pairs, Possible, Series, Value
from policy_match.facts.derive import derive_one
from policy_match.facts.observations import Purpose
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import FactSpec, FactType, Verb, Vocabulary
from policy_match.units import Band


@dataclass(frozen=True, slots=True)
class Gap:
    """What keeps a decision from being proved. `fact` None: the answer itself; `text`: what is wrong and what is needed."""

    fact: str | None
    cause: Cause
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """One subject of a table on a day. `seen`: what its store assembled, fact by fact; empty for a file.

    A fact that may be used only with authorisation is proved only where `seen` names the authorisation.
    """

    table: FactTable
    row: int
    as_of: date
    seen: Mapping[str, Assembled] = field(default_factory=dict)

    @property
    def vocabulary(self) -> Vocabulary:
        return self.table.vocabulary


def read_facts(rule: Rule, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Every fact on which verdict and amount may hang, what it is derived from included, in reading order."""
    found: dict[str, None] = {}
    for fact in direct_facts(rule):
        _take_up(fact, vocabulary, found)
    return tuple(found)


def direct_facts(rule: Rule) -> tuple[str, ...]:
    """Facts that conditions and benefit name themselves, in reading order."""
    nodes = [*(condition.node for condition in rule.conditions.values()), rule.root]
    read = (fact for node in nodes for leaf in leaves_of(node) for fact in leaf.facts)
    benefit = rule.measure.benefit
    return (*read, *(() if benefit is None else facts_of(benefit)))


def _take_up(fact: str, vocabulary: Vocabulary, found: dict[str, None]) -> None:
    if fact not in found:
        found[fact] = None
        for part in vocabulary.inputs(fact):
            _take_up(part, vocabulary, found)


def given_facts(rule: Rule, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The given facts that may prove verdict and amount.

    A derived fact is replaced by what it is derived from; it stands itself, too, where the rule accepts a register for it.
    """
    plan = rule.measure.no_application
    accepted = plan.evidence if plan is not None else {}
    return tuple(fact for fact in read_facts(rule, vocabulary) if vocabulary[fact].derive is None or fact in accepted)


def gaps(
    rule: Rule, table: FactTable, row: int, as_of: date, *, seen: Mapping[str, Assembled] | None = None
) -> tuple[Gap, ...]:
    """What is not proved, in reading order; nothing: the subject is surely eligible, for one sure amount.

    Only the facts that are needed are named: a smallest set of those without proof that, with the proved ones, gives the
    answer. Where not even every single value that is known gives a sure yes and amount, that comes first, then every
    fact without proof. What sources contradict each other about is not known, whatever else it could be derived from.
    """
    held = Held(table, row, as_of, seen or {})
    given = given_facts(rule, table.vocabulary)
    open_ = {fact: gap for fact in given if (gap := _gap(rule, held, fact)) is not None}
    disputed = frozenset(fact for fact, gap in open_.items() if gap.cause is Cause.CONFLICT)
    proved = [fact for fact in given if fact not in open_]
    if _is_sure(decided_with(rule, held, proved, disputed), rule):
        return ()
    every = decided_with(rule, held, given, disputed)
    if not _is_sure(every, rule):
        return (_not_sure(every, rule), *_helpful(rule, held, open_, every))
    return tuple(open_[fact] for fact in _needed(rule, held, open_, disputed))


def _helpful(rule: Rule, held: Held, open_: Mapping[str, Gap], every: Decided) -> Iterator[Gap]:
    """The gaps without those of facts that nobody gave and that are derived, or only help to derive what is known."""
    vocabulary, known = held.vocabulary, every.deciding.table.cells[0]
    wanted = {*direct_facts(rule)}
    for fact in read_facts(rule, vocabulary):
        if fact not in known:
            wanted.update(vocabulary.inputs(fact))
    for fact, gap in open_.items():
        if gap.cause is not Cause.MISSING or (fact in wanted and vocabulary[fact].derive is None):
            yield gap


def proved_facts(rule: Rule, held: Held) -> tuple[str, ...]:
    """The given facts that count as proved."""
    return tuple(fact for fact in given_facts(rule, held.vocabulary) if _gap(rule, held, fact) is None)


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer of a rule for one subject when only some facts count; `deciding` has that subject alone.

    `fen`: what the benefit comes to (of a ceiling, at most), None where that hangs on something that is not known.
    """

    deciding: Deciding
    verdict: Verdict
    amount: Amount | None
    fen: int | None


def decided_with(rule: Rule, held: Held, facts: Iterable[str], disputed: frozenset[str] = frozenset()) -> Decided:
    """Decide with these given facts, all others unknown; what is derived is derived from them alone.

    `disputed`: facts that stay unknown in any case.
    """
    known: dict[str, Cell] = {}
    for fact in facts:
        cell = held.table.cell(held.row, fact)
        if cell.value is not None and not cell.derived and fact not in disputed:
            known[fact] = cell
    cells = _with_derived(known, held, disputed)
    deciding = Deciding(FactTable(held.vocabulary, [cells]), held.as_of)
    computing, verdict = Computing(deciding, rule), deciding.decide(rule).verdicts[0]
    closed = verdict in (Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE)
    amount = None if closed else computing.amount(0)
    return Decided(deciding, verdict, amount, _fen(computing, amount))


def _with_derived(known: Mapping[str, Cell], held: Held, disputed: frozenset[str]) -> dict[str, Cell]:
    """The known facts and what follows from them; one that contradicts what it is derived from is not known."""
    cells = {fact: cell for fact, cell in known.items() if _is_one_value(held.vocabulary, fact, cell.value)}
    for name in (name for name in held.vocabulary.order if name not in disputed):
        derived = _derived(held.vocabulary[name], cells, held)
        given = cells.get(name, MISSING)
        if derived.value is not None and given.value is not None and derived.value != given.value:
            del cells[name]
        elif derived.value is not None and given.value is None:
            cells[name] = derived
    return cells


def _derived(spec: FactSpec, cells: Mapping[str, Cell], held: Held) -> Cell:
    """What the first way gives whose figures are all known, if that is one value."""
    for way in (spec.derive, *spec.alternatives):
        alone = replace(spec, derive=way, alternatives=())
        if way is not None and (not isinstance(way, Verb) or all(name in cells for name in alone.inputs)):
            cell = derive_one(alone, cells, held.vocabulary, held.as_of)
            if _is_one_value(held.vocabulary, spec.name, cell.value):
                return cell
    return MISSING


def _is_one_value(vocabulary: Vocabulary, fact: str, value: Value | None) -> bool:
    """Whether nothing is left open: one figure, one option, one finest class, every year of a list."""
    spec = vocabulary[fact]
    if isinstance(value, Possible):
        return value.single is not None and (
            spec.type is not FactType.INDUSTRY or vocabulary.industries.leaves(value.single) == {value.single}
        )
    if isinstance(value, Items):
        dates = (band for item in value.items for band in (item.granted, item.through))
        return all(band is None or band.is_exact for band in dates)
    if isinstance(value, Series):
        return len(value.entries) >= (spec.years or 1) and all(entry.is_exact for entry in value.entries)
    if isinstance(value, Pairs):
        return all(band.is_exact for pair in value.pairs for band in pair)
    return isinstance(value, Band) and value.is_exact


def _fen(computing: Computing, amount: Amount | None) -> int | None:
    """The amount where it is one and every figure that it reads is known: a cap does not stand in for a figure."""
    benefit = computing.rule.measure.benefit
    if amount is None or benefit is None:
        return None
    band = computing.capped(benefit, computing.total(benefit, 0))
    if band is None or not band.is_exact:
        return None
    cells = computing.table.cells[0]
    return amount.high_fen if all(fact in cells for fact in _figures(computing, benefit, None)) else None


def _figures(computing: Computing, formula: Formula, base: str | None) -> Iterator[str]:
    """Facts that the reached parts of a formula compute with."""
    base = formula.of or base
    parts: Iterable[Formula] = ()
    if formula.sum_of is not None:
        parts = formula.sum_of.values()
    elif formula.best_of is not None:
        parts = formula.best_of
    elif formula.choose is not None:
        parts = computing.chosen(formula.choose, 0)
    elif formula.rate is not None:
        yield from () if base is None else (base,)
    else:
        yield from facts_of(formula.model_copy(update={"of": None, "switch": None, "due": None}))
    for part in parts:
        yield from _figures(computing, part, base)


def _is_sure(decided: Decided, rule: Rule) -> bool:
    """Eligible, and for one exact amount where the measure has any."""
    benefit = rule.measure.benefit
    if decided.verdict is not Verdict.ELIGIBLE:
        return False
    if benefit is None or benefit.form is None:
        return True
    return decided.fen is not None and not is_ceiling(benefit)


def _not_sure(decided: Decided, rule: Rule) -> Gap:
    if decided.verdict is not Verdict.ELIGIBLE:
        return Gap(None, Cause.MISSING, "按已知的确切数据还不能判定符合，先补数据或查明原因")
    if decided.amount is not None and decided.amount.promise == "ceiling":
        return Gap(None, Cause.BAND, "文件只写最高额，没有算式，实际金额由主管部门核定，不能免申即享")
    return Gap(None, Cause.BAND, "按已知的确切数据还算不出唯一的金额，先补齐或查准计算金额用的数据")


def _needed(rule: Rule, held: Held, open_: Mapping[str, Gap], disputed: frozenset[str]) -> tuple[str, ...]:
    """Facts without proof that cannot be left out.

    Those for which the rule accepts no register are tried first, then the inputs of what a register could say itself.
    """
    plan = rule.measure.no_application
    accepted: Collection[str] = plan.evidence if plan is not None else ()
    proved, kept = proved_facts(rule, held), list(open_)
    for fact in sorted(open_, key=lambda fact: (fact in accepted, held.vocabulary[fact].derive is not None)):
        without = [other for other in kept if other != fact]
        if _is_sure(decided_with(rule, held, (*proved, *without), disputed), rule):
            kept = without
    return tuple(kept)


# one fact


def _gap(rule: Rule, held: Held, fact: str) -> Gap | None:
    """Why a given fact proves nothing; None where it does."""
    plan = rule.measure.no_application
    evidence = None if plan is None else plan.evidence.get(fact)
    cause = _cause(held, fact, evidence)
    if cause is None:
        return None
    label = held.vocabulary[fact].label
    return Gap(fact, cause, f"“{label}”{_WHY[cause]}；{_need(held.vocabulary, evidence)}")


def _cause(held: Held, fact: str, evidence: Evidence | None) -> Cause | None:
    cell, seen = held.table.cell(held.row, fact), held.seen.get(fact)
    if cell.value is None or cell.derived:
        return cell.cause or Cause.MISSING
    if seen is not None and seen.is_disputed:
        return Cause.CONFLICT
    if evidence is None or cell.source is None or cell.source not in evidence.from_:
        return Cause.WEAK_SOURCE
    only_for = held.vocabulary.sources[cell.source].only_for
    if only_for and Purpose.PAYOUT not in only_for:
        return Cause.PURPOSE
    if not _is_one_value(held.vocabulary, fact, cell.value):
        return Cause.COARSE_CODE if held.vocabulary[fact].type is FactType.INDUSTRY else Cause.BAND
    if held.vocabulary[fact].needs_authorisation and (
        seen is None or seen.chosen is None or seen.chosen.authorised_by is None
    ):
        return Cause.NO_AUTHORISATION
    if cell.observed_on is None or not 0 <= (held.as_of - cell.observed_on).days <= evidence.max_age_days:
        return Cause.STALE
    return None


_WHY = {
    Cause.MISSING: "没有数据",
    Cause.STALE: "没有观测日期，或已经过期",
    Cause.CONFLICT: "各来源说法不一",
    Cause.WEAK_SOURCE: "不是来自可采信的来源",
    Cause.PURPOSE: "的来源不许用于兑付",
    Cause.NO_AUTHORISATION: "没有企业授权或共享协议的记录",
    Cause.UNDEFINED: "算不出来",
    Cause.VALIDITY: "有效期不明",
    Cause.BAND: "只知道范围，或年份不全",
    Cause.COARSE_CODE: "没有写到最细的一级",
    Cause.HUMAN: "要人判断",
}


def _need(vocabulary: Vocabulary, evidence: Evidence | None) -> str:
    if evidence is None:
        return "规则没有写哪个来源可采信，不能作为兑付依据"
    names = "、".join(vocabulary.registers.get(code, code) for code in evidence.from_)
    return f"要{names}在判定日前 {evidence.max_age_days} 天以内的数据"
