"""Self-check: somebody answers about the own firm, and after each answer sees what is proved, possible, out, and why.

Nothing is kept. The next question is the first of `ask` that was not passed over; an answer that cannot be read is told
beside its question and counts as not given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.benefits.formula import Amount
from policy_match.eligibility.ask import Question
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.leaves import HasAny, Leaf
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import FactError, Issue
from policy_match.facts.cells import Items, Value, known_cell
from policy_match.facts.read import read_text_cell
from policy_match.facts.show import option_text, value_text
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.identifiers import DISTRICTS, REGIONS
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.ask import questions
from policy_match.workflows.choose_bundle import Bundle, bundled
from policy_match.workflows.match import Match, Matching

ID, NAME = "self", "您的企业"
# In a table 无 is a blank; whoever ticks it here says that there is none.
NONE = "无"
MOST_ANSWERS = 60
LONGEST_ANSWER = 200
_LOOKED_AT = 40
# How each sort of fact is best asked for: the words stand in the form.
HINTS = {
    FactType.MONEY: "带单位，如 3000万元；只知道范围的写 100万元~500万元",
    FactType.COUNT: "整数，如 120；只知道范围的写 100~200",
    FactType.RATIO: "百分比，如 5.2%",
    FactType.DATE: "如 2021-05-09；只知道年份的写 2021",
    FactType.MONTH: "如 2025-06",
    FactType.AREA: "带单位，如 60亩",
    FactType.INDUSTRY: "行业代码，如 C3562；只知道大类的写 C35",
    FactType.REGION: "地区名称，如 武进区",
    FactType.SET: "有的都选上；一项也没有的选“都没有”",
    FactType.SERIES: "从早到晚用分号隔开，如 1亿元;1.2亿元;1.5亿元",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as it was given, and `shown` as it was understood. `issue`: why it could not be read, then it does not count."""

    fact: str
    label: str
    written: str
    shown: str
    issue: Issue | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The next question: how to answer it, and what hangs on it. `choices`: (value, words); empty where it is free text.

    `many`: several of them may be true; what no measure asks about is not among them.
    """

    question: Question
    choices: tuple[tuple[str, str], ...]
    hint: str
    many: bool


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """Where the check stands. The groups hold measures best first; `bundle`: the best legal set of what is proved."""

    answers: tuple[Answered, ...]
    next: Asked | None
    proved: tuple[Match, ...]
    human: tuple[Match, ...]
    possible: tuple[Match, ...]
    out: tuple[Match, ...]
    bundle: Bundle
    matching: Matching

    @property
    def may_reach_fen(self) -> int:
        """What the possible ones have at most, each by itself; measures without an upper end add nothing."""
        return max((_top(match.amount) for match in (*self.possible, *self.human)), default=0)


def check_oneself(
    rulebook: Rulebook,
    answers: Mapping[str, str],
    passed: frozenset[str],
    as_of: date,
    ordering: Ordering | None = None,
    *,
    with_project: bool = False,
) -> SelfCheck:
    """Decide what the answers prove on a day. `answers`: by fact name, as written; `passed`: facts nobody could tell.

    `with_project`: about a project and its firm together, else about the firm alone. A fact that is not known is left out.
    """
    vocabulary = rulebook.vocabulary
    given = [_read(vocabulary[name], written, vocabulary) for name, written in answers.items() if name in vocabulary]
    cells = {answer.fact: known_cell(value, None, None) for answer, value in given if value is not None}
    kind = Kind.PROJECT if with_project else Kind.ENTERPRISE
    matching = Matching(rulebook, (Subject(ID, kind, cells, NAME),), as_of, ordering)
    matches = matching.in_order(matching.of(0))
    groups = {verdict: tuple(one for one in matches if one.verdict is verdict) for verdict in Verdict}
    asked = (one for one in questions(matching, 0, _LOOKED_AT) if one.fact not in {*answers, *passed})
    following = next(asked, None)
    return SelfCheck(
        answers=tuple(answer for answer, _ in given),
        next=None if following is None else _asked(following, matching),
        proved=groups[Verdict.ELIGIBLE],
        human=groups[Verdict.NEEDS_HUMAN],
        possible=groups[Verdict.UNKNOWN],
        out=groups[Verdict.INELIGIBLE],
        bundle=bundled(matching, (0,), ()),
        matching=matching,
    )


def _read(spec: FactSpec, written: str, vocabulary: Vocabulary) -> tuple[Answered, Value | None]:
    text = written.strip()[:LONGEST_ANSWER]
    if spec.type is FactType.SET and text == NONE:
        return Answered(spec.name, spec.label, text, NONE, None), Items(())
    try:
        value = read_text_cell(spec, text, None, vocabulary)
    except FactError as error:
        return Answered(spec.name, spec.label, text, text, error.issues[0]), None
    shown = text if value is None else value_text(spec, value, vocabulary)
    return Answered(spec.name, spec.label, text, shown, None), value


def _asked(question: Question, matching: Matching) -> Asked:
    vocabulary = matching.rulebook.vocabulary
    spec = vocabulary[question.fact]
    if spec.type is FactType.SET:
        names = {name for leaf in _leaves(matching) if question.fact in leaf.facts for name in _names(leaf)}
        return Asked(question, tuple((name, name) for name in sorted(names)), HINTS[spec.type], many=True)
    return Asked(question, tuple(_choices(spec, vocabulary)), HINTS.get(spec.type, ""), many=False)


def _leaves(matching: Matching) -> Iterator[Leaf]:
    for decision in matching.decisions(0):
        yield from leaves_of(decision.rule.root)


def _names(leaf: Leaf) -> frozenset[str]:
    return leaf.names if isinstance(leaf, HasAny) else frozenset()


def _choices(spec: FactSpec, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    if spec.type is FactType.FLAG:
        yield from (("是", "是"), ("否", "否"))
    elif spec.type is FactType.CHOICE:
        yield from ((option, option_text(spec, option, vocabulary)) for option in spec.options)
    elif spec.type is FactType.REGION:
        yield from ((code, REGIONS[code].name) for code in DISTRICTS)


def _top(amount: Amount | None) -> int:
    return 0 if amount is None or amount.kind != "cash" else amount.high_fen or 0
