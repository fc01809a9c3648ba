"""Group the matches that wait for people into tasks: a question to a firm, or a decision, and never one a pair.

One answer of a firm settles many matches, and a measure for a firm is met once with the firm and once with each of its
projects. Where that still gives more tasks than a day holds, the decisions about one firm go together, by what they
give; then everything about a firm. Pure: what is known of the matches is all that is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.facts.subjects import Kind
from policy_match.ranking.order import COLUMNS, Column, column_of
from policy_match.workflows.ask import MONEY_IN_HAND
from policy_match.workflows.find_reviews import Review
from policy_match.workflows.match import beneficiary_of

MOST_TASKS = 60
MOST_FACTS = 5
_FEN_A_WAN = 10**6
_UNDECIDED, _PROVED = 2.0, 1.0
_NO_WINDOW = 0.1
_Question: TypeAlias = "tuple[tuple[str, ...], Sequence[Benefit]]"


class TaskKind(StrEnum):
    """What is to be done."""

    ASK = "ask"
    DECIDE = "decide"


KIND_NAMES = {TaskKind.ASK: "向企业了解", TaskKind.DECIDE: "决定"}


class Grain(IntEnum):
    """What makes one task: a fact or a benefit; a fact, or the benefits of a firm of one column; all of one kind of a firm."""

    ONE = 0
    COLUMN = 1
    FIRM = 2


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit of one beneficiary: the match that goes first, and those of other projects that are the same benefit."""

    reviews: tuple[Review, ...]

    @property
    def first(self) -> Review:
        """The most urgent of its matches."""
        return self.reviews[0]

    @property
    def column(self) -> Column:
        """Money, finance, service or people."""
        return column_of(self.first.rule.measure)

    @property
    def high_fen(self) -> int | None:
        """Up to how much in hand, 分; None: no upper end is known; 0 for what is not money in hand, or not computed."""
        return _most_of([one.match.amount for one in self.reviews])


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do about one firm. `facts`: what to ask, of ASK; `settled`: how many benefits the first of them
    settles by itself; `rank`: 金额（万元）× 疑问 × 期限."""

    kind: TaskKind
    firm: str
    name: str
    facts: tuple[str, ...]
    benefits: tuple[Benefit, ...]
    settled: int
    rank: float

    @property
    def first(self) -> Review:
        """The match to open first."""
        return self.benefits[0].first

    @property
    def high_fen(self) -> int | None:
        """Up to how much in hand hangs on it, 分; None: no upper end is known."""
        return _sum(one.high_fen for one in self.benefits)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What its benefits give, in the usual order."""
        found = {one.column for one in self.benefits}
        return tuple(column for column in COLUMNS if column in found)


@dataclass(frozen=True, slots=True)
class Board:
    """The tasks, the most pressing first. `finest`: how many there would be with one for every fact and benefit."""

    grain: Grain
    tasks: tuple[Task, ...]
    finest: int


def board_of(reviews: Sequence[Review], late: Collection[str] = ()) -> Board:
    """The finest grouping that gives at most `MOST_TASKS`, else the coarsest. `late`: ids of reviews past their day."""
    firms = _firms(reviews)
    grain, counts = _grain_of(firms)
    return Board(grain, _tasks(firms, grain, late), counts[Grain.ONE])


def count_tasks(reviews: Sequence[Review]) -> int:
    """How many tasks the board of these matches has."""
    grain, counts = _grain_of(_firms(reviews))
    return counts[grain]


def tasks_of(reviews: Sequence[Review], grain: Grain, late: Collection[str] = ()) -> tuple[Task, ...]:
    """Every match in exactly one task; `reviews` come the most urgent first."""
    return _tasks(_firms(reviews), grain, late)


def calls_of(reviews: Sequence[Review], late: Collection[str] = ()) -> dict[str, tuple[Task, ...]]:
    """By firm, the questions of one call, at most `MOST_FACTS`; the firm with the most pressing question first."""
    calls: dict[str, list[Task]] = {}
    for task in tasks_of([one for one in reviews if kind_of(one) is TaskKind.ASK], Grain.ONE, late):
        calls.setdefault(task.firm, []).append(task)
    return {firm: tuple(asked[:MOST_FACTS]) for firm, asked in calls.items()}


def kind_of(review: Review) -> TaskKind:
    """Whether the firm is to be asked first."""
    is_open = review.match.verdict is Verdict.UNKNOWN and review.missing
    return TaskKind.ASK if is_open else TaskKind.DECIDE


def firm_of(review: Review) -> str:
    """The code of the firm that a match is about, that of the subject where no firm is known."""
    subject = review.subject
    return subject.id if subject.kind is Kind.ENTERPRISE else subject.enterprise or subject.id


@dataclass(frozen=True, slots=True)
class _Firm:
    """What awaits people about one firm. `asked`: what is open; `questions`: the same by the fact that each goes under."""

    code: str
    name: str
    asked: Sequence[Benefit]
    questions: Sequence[_Question]
    rest: Sequence[Benefit]

    def asking(self, grain: Grain) -> Sequence[_Question]:
        """The questions, at the coarsest all of them as one."""
        if grain is not Grain.FIRM or not self.questions:
            return self.questions
        facts = tuple(fact for facts, _ in self.questions for fact in facts)
        return [(facts, self.asked)]

    def deciding(self, grain: Grain) -> Sequence[Sequence[Benefit]]:
        """The decisions, one by one, by what they give, or all as one."""
        if grain is Grain.ONE:
            return [[one] for one in self.rest]
        if grain is Grain.FIRM:
            return [self.rest] if self.rest else []
        held = ([one for one in self.rest if one.column == column] for column in COLUMNS)
        return [found for found in held if found]

    def count(self, grain: Grain) -> int:
        """How many tasks there are."""
        return len(self.asking(grain)) + len(self.deciding(grain))


def _firms(reviews: Sequence[Review]) -> list[_Firm]:
    held: dict[str, list[Review]] = {}
    for one in reviews:
        held.setdefault(firm_of(one), []).append(one)
    return [_firm(code, found) for code, found in held.items()]


def _grain_of(firms: Sequence[_Firm]) -> tuple[Grain, dict[Grain, int]]:
    """The finest grouping that gives at most `MOST_TASKS`, else the coarsest; and how many tasks each one gives."""
    counts = {grain: sum(firm.count(grain) for firm in firms) for grain in Grain}
    return next((grain for grain in Grain if counts[grain] <= MOST_TASKS), Grain.FIRM), counts


def _firm(code: str, reviews: Sequence[Review]) -> _Firm:
    names = (one.subject.name if one.subject.id == code else one.subject.enterprise_name for one in reviews)
    name = next((name for name in names if name), reviews[0].subject.shown)
    benefits = _benefits(reviews)
    asked = benefits[TaskKind.ASK]
    return _Firm(code, name, asked, _questions(asked), benefits[TaskKind.DECIDE])


def _tasks(firms: Iterable[_Firm], grain: Grain, late: Collection[str]) -> tuple[Task, ...]:
    found = [task for firm in firms for task in _of_firm(firm, grain, late)]
    return tuple(sorted(found, key=lambda task: (-task.rank, task.firm, task.kind, task.facts, task.first.match.pair)))


def _of_firm(firm: _Firm, grain: Grain, late: Collection[str]) -> Iterable[Task]:
    for facts, benefits in firm.asking(grain):
        settled = sum((facts[0],) in one.first.missing for one in benefits)
        yield Task(TaskKind.ASK, firm.code, firm.name, facts, tuple(benefits), settled, _rank(benefits, late))
    for group in firm.deciding(grain):
        yield Task(TaskKind.DECIDE, firm.code, firm.name, (), tuple(group), 0, _rank(group, late))


def _benefits(reviews: Iterable[Review]) -> dict[TaskKind, list[Benefit]]:
    """Matches by what they give to whom; a question and a decision about the same benefit stay apart."""
    found: dict[TaskKind, dict[tuple[str, str], list[Review]]] = {kind: {} for kind in TaskKind}
    for one in reviews:
        found[kind_of(one)].setdefault((beneficiary_of(one.subject, one.rule), one.rule.id), []).append(one)
    return {kind: [Benefit(tuple(held)) for held in of_kind.values()] for kind, of_kind in found.items()}


def _questions(benefits: Sequence[Benefit]) -> list[_Question]:
    """Each benefit under one fact: the one that most of what is left asks for, then that which settles most alone."""
    found: list[_Question] = []
    facts = [frozenset(fact for names in one.first.missing for fact in names) for one in benefits]
    single = [[fact for (fact, *more) in one.first.missing if not more] for one in benefits]
    asked = Counter(fact for names in facts for fact in names)
    alone = Counter(fact for names in single for fact in names)
    left = list(range(len(benefits)))
    while left:
        fact = min((name for name in asked if asked[name]), key=lambda name: (-asked[name], -alone[name], name))
        taken = [place for place in left if fact in facts[place]]
        for place in taken:
            asked.subtract(facts[place])
            alone.subtract(single[place])
        found.append(((fact,), [benefits[place] for place in taken]))
        left = [place for place in left if fact not in facts[place]]
    return found


def _rank(benefits: Sequence[Benefit], late: Collection[str]) -> float:
    """万元 (at least 1; what has no upper end counts as 1) × 2 where something is undecided × the nearest deadline."""
    reviews = [review for one in benefits for review in one.reviews]
    money = max(1.0, sum(one.high_fen or 0 for one in benefits) / _FEN_A_WAN)
    proved = all(one.match.verdict is Verdict.ELIGIBLE for one in reviews)
    deadline = max(1.0 if one.id in late else one.score.values.get("urgency", _NO_WINDOW) for one in reviews)
    return money * (_PROVED if proved else _UNDECIDED) * deadline


def _most_of(amounts: Iterable[Amount | None]) -> int | None:
    """The largest upper end of what is money in hand."""
    highs = [one.high_fen for one in amounts if one is not None and one.kind in MONEY_IN_HAND]
    return None if None in highs else max((high for high in highs if high is not None), default=0)


def _sum(highs: Iterable[int | None]) -> int | None:
    found = list(highs)
    return None if None in found else sum(high for high in found if high is not None)
