"""List the subjects of one library: what stands in a row, which filters there are, and in which order.

The tiers are those of the lifecycle table, by the amount that decides there: as filed, else as agreed. What is not
known (an investment, a stage known only in part) is a group of its own, never the lowest one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from weakref import WeakKeyDictionary

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.facts.cells import MISSING, Possible, Value
from policy_match.facts.show import value_text
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import DISTRICTS, REGIONS, region_path
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tiers import band_names, tier_within
from policy_match.units import Band, Number
from policy_match.workflows.list_standings import foreign_of
from policy_match.workflows.match import Matching
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.read_records import last_said

UNSTATED = "unknown"
FILED, AGREED = "total_investment", "agreed_investment"
KIND_NAMES = {"project": "项目", "enterprise": "企业", "person": "个人"}
SORTS = {"id": "编号", "investment": "总投资从高到低", "eligible": "符合项从多到少", "name": "名称"}
_OPEN = frozenset((Verdict.UNKNOWN, Verdict.NEEDS_HUMAN))
FILTERS = ("district", "stage", "tier", "industry", "kind")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter and how many subjects of the library it holds, whatever else is chosen."""

    value: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One subject in the list. Filter values are codes (`unknown` where nothing is known); `…_text` is for people;
    `agreed_text`: the agreed investment, by its name, where none is filed; `by`: the rulebook whose words these are."""

    row: int
    subject: Subject
    district: str
    district_text: str
    stage: str
    stage_text: str
    tier: str
    investment_text: str
    agreed_text: str
    investment: Number | None
    industry: str
    industry_text: str
    eligible: int
    unknown: int
    by: Rulebook = field(compare=False, repr=False)

    @property
    def kind(self) -> str:
        """project, enterprise or person."""
        return self.subject.kind.value


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the list; None: all. `text` is looked for in id, name and enterprise; `named`: ids of those that it
    finds as words (find_words.py)."""

    district: str | None = None
    stage: str | None = None
    tier: str | None = None
    industry: str | None = None
    kind: str | None = None
    text: str | None = None
    sort: str = "id"
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """Every subject of a library as a line, in its order, and the choices of each filter."""

    lines: tuple[Line, ...]
    options: dict[str, tuple[Option, ...]]


# What is decided does not change any more: of 20,000 subjects the lines take a second, and every reader asks for them.
_LISTED: WeakKeyDictionary[Matching, Listing] = WeakKeyDictionary()
# The line made last of each subject of a library: after a change nearly all subjects are the ones that they were.
_LAST: dict[str, dict[str, Line]] = {}


def listing_of(library: Library) -> Listing:
    """The list of a library, made when first asked for."""
    found = _LISTED.get(library.matching)
    if found is None:
        lines = lines_of(library)
        found = _LISTED[library.matching] = Listing(lines, options_of(lines, library))
    return found


def lines_of(library: Library) -> tuple[Line, ...]:
    """Every subject of the library, in its order."""
    last = _LAST.get(library.name, {})
    found = []
    for row, (eligible, unknown) in enumerate(_counted(library.matching)):
        subject = library.matching.subjects[row]
        line = last.get(subject.id)
        if line is None or line.subject is not subject or line.by is not library.matching.rulebook:
            line = _line(library, row, eligible, unknown)
        elif (line.row, line.eligible, line.unknown) != (row, eligible, unknown):
            line = replace(line, row=row, eligible=eligible, unknown=unknown)
        found.append(line)
    _LAST[library.name] = {**last, **{line.subject.id: line for line in found}}
    return tuple(found)


def _counted(matching: Matching) -> Iterable[tuple[int, int]]:
    """How many measures each subject is eligible for and how many are open, measure by measure."""
    rows: dict[Kind, list[int]] = {kind: [] for kind in Kind}
    for row, subject in enumerate(matching.subjects):
        rows[subject.kind].append(row)
    eligible, unknown = ([0] * len(matching.subjects) for _ in range(2))
    for measure_id in matching.rulebook.ids:
        decision = matching.decision(measure_id)
        for row in chain.from_iterable(rows[kind] for kind in Kind if matching.concerns(decision.rule, kind)):
            verdict = decision.verdicts[row]
            if verdict is Verdict.ELIGIBLE:
                eligible[row] += 1
            elif verdict in _OPEN:
                unknown[row] += 1
    return zip(eligible, unknown, strict=True)


def options_of(lines: Sequence[Line], library: Library) -> dict[str, tuple[Option, ...]]:
    """The choices of each filter that some subject has, in their own order, unknown last."""
    vocabulary = library.matching.rulebook.vocabulary
    stages = {name: name for name in vocabulary["stage"].options} | {UNSTATED: "阶段未知"}
    districts = {code: REGIONS[code].name for code in DISTRICTS} | {UNSTATED: "辖区未知"}
    tiers = dict(reversed(band_names(library.table).items())) | {UNSTATED: "总投资未知"}
    kinds = dict(KIND_NAMES)
    codes = sorted({code for line in lines for code in _industry_groups(line.industry)} - {UNSTATED})
    industries = {code: f"{code} {vocabulary.industries.name(code)}" for code in codes} | {UNSTATED: "行业未知"}
    return {
        "district": _options(districts, (line.district for line in lines)),
        "stage": _options(stages, (line.stage for line in lines)),
        "tier": _options(tiers, (line.tier for line in lines)),
        "industry": _options(industries, (code for line in lines for code in _industry_groups(line.industry))),
        "kind": _options(kinds, (line.kind for line in lines)),
    }


def chosen(lines: Sequence[Line], wanted: Wanted, options: dict[str, tuple[Option, ...]]) -> tuple[Line, ...]:
    """The lines that meet every filter, sorted, ties by id; UsageError PARAM_VALUE for a value that no filter has."""
    for name in FILTERS:
        value = getattr(wanted, name)
        if value is not None and value not in {option.value for option in options[name]}:
            allowed = "、".join(f"{option.value}（{option.text}）" for option in options[name])
            raise UsageError(Issue("PARAM_VALUE", f"没有“{value[:40]}”这个选项", name, allowed, "从列出的选项中选"))
    if wanted.sort not in SORTS:
        raise UsageError(Issue("PARAM_VALUE", f"不能按“{wanted.sort[:40]}”排序", "sort", "、".join(SORTS), "改用其一"))
    orders: dict[str, Callable[[Line], tuple[object, ...] | str]] = {
        "id": lambda line: line.subject.id,
        "name": lambda line: (line.subject.shown, line.subject.id),
        "investment": lambda line: (line.investment is None, -(line.investment or 0), line.subject.id),
        "eligible": lambda line: (-line.eligible, -line.unknown, line.subject.id),
    }
    return tuple(sorted(_fitting(lines, wanted), key=orders[wanted.sort]))


def basis_of(subject: Subject, table: LifecycleTable) -> tuple[str, Band | None]:
    """The fact that decides the tier and its amount in 分: as filed, else as agreed, else as agreed in another currency."""

    def known(fact: str) -> Value | None:
        return last_said(subject.cells.get(fact, MISSING))

    for fact in (FILED, AGREED):
        amount = known(fact)
        if isinstance(amount, Band):
            return fact, amount
    foreign = foreign_of(known, table).fen
    return AGREED, None if foreign is None else Band.exact(foreign)


def line_of(library: Library, row: int) -> Line:
    """One subject of the library as it stands in the list."""
    verdicts = [decision.verdicts[row] for decision in library.matching.decisions(row)]
    return _line(library, row, verdicts.count(Verdict.ELIGIBLE), sum(verdict in _OPEN for verdict in verdicts))


def _line(library: Library, row: int, eligible: int, unknown: int) -> Line:
    subject = library.matching.subjects[row]
    vocabulary = library.matching.rulebook.vocabulary
    region = "registered_region" if subject.kind is Kind.ENTERPRISE else "district"
    district, stage, code = (_single(subject, name) for name in (region, "stage", "industry_code"))
    district = next((step for step in region_path(district) if step in DISTRICTS), UNSTATED) if district else UNSTATED
    fact, investment = basis_of(subject, library.table)
    tier, amount = tier_within(investment, library.table), _shown(investment, fact, vocabulary)
    return Line(
        row=row,
        subject=subject,
        district=district,
        district_text=_text(subject, region, vocabulary),
        stage=stage or UNSTATED,
        stage_text=_text(subject, "stage", vocabulary),
        tier=UNSTATED if tier is None else tier.id,
        investment_text=amount if fact == FILED else "",
        agreed_text="" if fact == FILED or not amount else f"{vocabulary[fact].label}{amount}",
        investment=None if investment is None else investment.low,
        industry=code or UNSTATED,
        industry_text=_text(subject, "industry_code", vocabulary),
        eligible=eligible,
        unknown=unknown,
        by=library.matching.rulebook,
    )


def _single(subject: Subject, fact: str) -> str | None:
    cell = subject.cells.get(fact)
    return cell.value.single if cell is not None and isinstance(cell.value, Possible) else None


def _text(subject: Subject, fact: str, vocabulary: Vocabulary) -> str:
    return _shown(subject.cells.get(fact, MISSING).value, fact, vocabulary)


def _shown(value: Value | None, fact: str, vocabulary: Vocabulary) -> str:
    return "" if value is None else value_text(vocabulary[fact], value, vocabulary)


def _industry_groups(code: str) -> tuple[str, ...]:
    """Section and division of a code: C3562 is in C and C35."""
    return (code,) if code == UNSTATED or len(code) < 3 else (code[0], code[:3])


def _fitting(lines: Sequence[Line], wanted: Wanted) -> Sequence[Line]:
    for name in FILTERS:
        value = getattr(wanted, name)
        if name == "industry" and value is not None:
            lines = [line for line in lines if value in _industry_groups(line.industry)]
        elif value is not None:
            lines = [line for line in lines if getattr(line, name) == value]
    text = (wanted.text or "").strip().lower()
    if text:
        lines = [line for line in lines if line.subject.id in wanted.named or _says(line.subject, text)]
    return lines


def _says(subject: Subject, text: str) -> bool:
    shown = (subject.id, subject.name or "", subject.enterprise_name or "")
    return any(text in part.lower() for part in shown)


def _options(texts: dict[str, str], seen: Iterable[str]) -> tuple[Option, ...]:
    counts = Counter(seen)
    return tuple(Option(value, text, counts[value]) for value, text in texts.items() if value in counts)
