"""Draft measures of a document: one for each clause that gives something, with what it and its neighbours ask.

A condition names a fact only where the words before a bound are the label of one fact and nothing else in the draft bounds it;
everything else stands as `human` with the clause. A benefit has an amount only where one sum, or one share of a known base, is
written. A draft decides nothing until a person has made a rule of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.strict_yaml import Data
from policy_match.text.extract.benefit import BenefitRead, asked_in, gives, read_benefit, serves, service_of
from policy_match.text.extract.clauses import Clause
from policy_match.text.extract.extraction import Extraction
from policy_match.text.extract.figures import Figure
from policy_match.text.extract.page import plain

_ALTERNATIVE = re.compile(r"或|之一|除外|放宽|任一|任意|其中|分别|首次")
_ASKS = re.compile(
    r"条件|应当|应具备|具备|符合|须|必须|登记|注册|纳税|不得|不予|对象|范围|资格|以上|不低于|不少于|超过|从事|要求"
)
_NO_ASK = re.compile(r"解释|施行|预算|印发|监督检查|绩效|组织领导|宣传|拨付|公示|办理流程")
_NOUN = re.compile(r"^(?:且|并且|同时|其|企业|单位|项目|申报企业|申报单位|的|对|为|在|、|\d+[.、]|\(.{1,3}\))+")
_UNITS_OF = {"ratio": (FactType.RATIO,), "money": (FactType.MONEY,), "count": (FactType.COUNT, FactType.SCORE)}
_LONGEST_QUOTE, _LONGEST_ASK, _MOST_SHARED = 2000, 120, 30


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft holds: `parts` are the keys of a measure file that were read; `place`: the article it was read from.

    `to_read`: articles whose words stand in it for people to judge.
    """

    place: str
    heading: str
    target: str
    parts: dict[str, Data]
    to_read: tuple[str, ...]


def drafts_of(extraction: Extraction, vocabulary: Vocabulary) -> tuple[Draft, ...]:
    """A draft for each clause that gives a sum; where none does, for each that promises a service, else one of the whole document.

    A document without clauses has none.
    """
    if not extraction.clauses:
        return ()
    giving = [clause for clause in extraction.clauses if gives(clause, extraction)]
    if not giving:
        services = [clause for clause in extraction.clauses if serves(clause, extraction)]
        served = tuple(_serving(clause, services, extraction, vocabulary) for clause in services)
        return served or (_whole(extraction, vocabulary),)
    return tuple(_giving(clause, giving, extraction, vocabulary) for clause in giving)


def _serving(clause: Clause, services: Sequence[Clause], extraction: Extraction, vocabulary: Vocabulary) -> Draft:
    source = _Source(clause, tuple(_own(clause, services, extraction)), ())
    return _assembled(source, service_of(clause), extraction, vocabulary)


def _giving(giver: Clause, giving: Sequence[Clause], extraction: Extraction, vocabulary: Vocabulary) -> Draft:
    own, shared = _own(giver, giving, extraction), _shared(giver, giving, extraction)
    benefit = read_benefit(giver, own, extraction, vocabulary)
    return _assembled(_Source(giver, tuple(own), tuple(shared[:_MOST_SHARED])), benefit, extraction, vocabulary)


def _own(giver: Clause, giving: Sequence[Clause], extraction: Extraction) -> list[Clause]:
    """The clauses above the one that gives, itself, and those below it that give nothing of their own."""
    others = {clause.article for clause in giving} - {giver.article}
    return [
        clause
        for clause in extraction.clauses
        if clause is giver
        or clause.article in giver.above
        or (giver.article in clause.above and clause.article not in others and not others & set(clause.above))
    ]


def _shared(giver: Clause, giving: Sequence[Clause], extraction: Extraction) -> list[Clause]:
    """Clauses elsewhere that ask something: under the same head, or under a head that gives nothing."""
    own = {clause.article for clause in _own(giver, giving, extraction)}
    heads_giving, givers = {_head(clause) for clause in giving}, {clause.article for clause in giving}
    return [
        clause
        for clause in extraction.clauses
        if clause.article not in own
        and clause.article not in givers
        and not givers.intersection(clause.above)
        and _asks(clause, extraction)
        and (_head(clause) == _head(giver) or _head(clause) not in heads_giving)
    ]


def _head(clause: Clause) -> str:
    return clause.above[0] if clause.above else clause.article


def _asks(clause: Clause, extraction: Extraction) -> bool:
    text = clause.text
    bounded = any(one.figure is not None and one.figure.relation != "exact" for one in extraction.found[clause.article])
    return (bounded or _ASKS.search(text) is not None) and not (_NO_ASK.search(text) and not bounded)


def _whole(extraction: Extraction, vocabulary: Vocabulary) -> Draft:
    """A document that gives no sum: every clause that asks stands for people to read, nothing is said of a benefit."""
    asking = [clause for clause in extraction.clauses if _asks(clause, extraction)] or list(extraction.clauses)
    first = extraction.clauses[0]
    source = _Source(first, tuple(asking[:1]), tuple(asking[1:_MOST_SHARED]))
    return _assembled(source, None, extraction, vocabulary)


@dataclass(frozen=True, slots=True)
class _Source:
    """The clauses of one draft: `own` of the giver, `shared` by several drafts."""

    giver: Clause
    own: tuple[Clause, ...]
    shared: tuple[Clause, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return (*self.own, *self.shared)


def _assembled(source: _Source, benefit: BenefitRead | None, extraction: Extraction, vocabulary: Vocabulary) -> Draft:
    giver = source.giver
    bounds = _fitting(source, extraction, vocabulary)
    target = _target(vocabulary[fact].subject for fact in bounds)
    conditions: dict[str, Data] = {name: dict(written) for name, written in bounds.items()}
    for name, clauses in (("judged", source.own), ("shared", source.shared)):
        if clauses:
            conditions[name] = {"human": _ask_text(clauses), "place": "、".join(one.article for one in clauses)}
    parts: dict[str, Data] = {
        "verified": {"conditions": "copy", "benefit": "none" if benefit is None else benefit.seen},
        "clauses": [_row(clause, source, bounds, benefit) for clause in source.clauses],
        "conditions": conditions,
        "eligible_when": {"all": [*conditions]},
    }
    if benefit is not None:
        parts["benefit"] = dict(benefit.written)
    return Draft(giver.article, giver.heading, target, parts, tuple(clause.article for clause in source.clauses))


def _fitting(source: _Source, extraction: Extraction, vocabulary: Vocabulary) -> dict[str, dict[str, Data]]:
    """Conditions by the name of their fact, those on one kind of subject. Bounds in tiers of the giver are none."""
    sure = [one for one in source.clauses if one is not source.giver or asked_in(one, extraction) == 1]
    bounds = dict(_sure_bounds(sure, extraction, vocabulary))
    target = _target(vocabulary[fact].subject for fact in bounds)
    return {fact: written for fact, written in bounds.items() if _fits(vocabulary[fact].subject, target)}


def _row(clause: Clause, source: _Source, bounds: Mapping[str, dict[str, Data]], benefit: BenefitRead | None) -> Data:
    by: list[Data] = [name for name, written in bounds.items() if written["place"] == clause.article]
    by.append("shared" if clause in source.shared else "judged")
    if benefit is not None and clause is source.giver:
        by.append("benefit")
    return {"article": clause.article, "quote": _cut(clause.text, _LONGEST_QUOTE), "by": by}


def _ask_text(clauses: Sequence[Clause]) -> str:
    """What people are asked, clause by clause in the words of the document."""
    return "对照原文判断：" + "；".join(f"{clause.article}：{_cut(clause.text, _LONGEST_ASK)}" for clause in clauses)


def _cut(text: str, longest: int) -> str:
    said = re.sub(r"\s+", " ", text).strip()
    return said if len(said) <= longest else said[: longest - 1] + "…"


def _sure_bounds(
    clauses: Sequence[Clause], extraction: Extraction, vocabulary: Vocabulary
) -> Iterator[tuple[str, dict[str, Data]]]:
    """Conditions with the name of their fact: facts that exactly one bound of the clauses names."""
    for clause in clauses:
        for candidate in extraction.found[clause.article]:
            figure = candidate.figure
            fact = None if figure is None else fact_of(figure, vocabulary)
            if figure is None or fact is None or figure.relation == "exact" or figure.word == "至":
                continue
            is_alone = _mentions(vocabulary[fact].label, clauses, extraction) == 1
            if is_alone and not _ALTERNATIVE.search(_sentence(clause.text, figure)):
                value = written_value(figure)
                yield fact, {"fact": fact, "op": figure.relation, "value": value, "place": clause.article}


def _mentions(label: str, clauses: Sequence[Clause], extraction: Extraction) -> int:
    """How many figures the words of a label stand before, with or without more words (应当上年度营业收入)."""
    figures = (one.figure for clause in clauses for one in extraction.found[clause.article])
    return sum(figure is not None and _measured(figure).endswith(label) for figure in figures)


def _measured(figure: Figure) -> str:
    return re.sub(r"\((?:不含税|含|不含)\)$", "", plain(figure.label)).strip()


def fact_of(figure: Figure, vocabulary: Vocabulary) -> str | None:
    """The one fact whose label stands straight before a bound; None where the words say more, or less."""
    words = _NOUN.sub("", _measured(figure))
    known = vocabulary[name] if (name := vocabulary.by_label.get(words)) is not None else None
    if known is None or known.type not in _UNITS_OF.get(figure.kind, ()):
        return None
    return known.name if figure.kind != "count" or _same_unit(figure.unit, known.unit) else None


def _same_unit(written: str, unit: str | None) -> bool:
    people, years = {"人", "名", "位"}, {"年", "岁", "周岁"}
    return written == unit or {written, unit or ""} <= people or {written, unit or ""} <= years


_AS_RULES = {"名": "人", "位": "人", "岁": "年", "周岁": "年"}
"""Units of the texts that facts have under another name."""


def written_value(figure: Figure) -> Data:
    """The threshold as rules write it: digits and a unit, no blanks."""
    text = re.sub(r"[\s,]", "", plain(figure.text))
    if figure.kind != "count":
        return text
    return f"{figure.value}{_AS_RULES.get(figure.unit, figure.unit)}"


def _sentence(text: str, figure: Figure) -> str:
    start = max(text.rfind(mark, 0, figure.start) for mark in "。；;\n") + 1
    ends = [at for mark in "。；;\n" if (at := text.find(mark, figure.end)) >= 0]
    return text[start : min(ends, default=len(text))]


def _target(subjects: Iterator[str]) -> str:
    held = set(subjects)
    return "project" if "project" in held else "person" if held == {"person"} else "enterprise"


def _fits(subject: str, target: str) -> bool:
    return subject == "both" or (subject == "person") == (target == "person")
