"""What a clause gives: an amount where one sum or one share of one known base is written, else only its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.strict_yaml import Data
from policy_match.text.extract.clauses import Clause
from policy_match.text.extract.extraction import Extraction
from policy_match.text.extract.figures import Figure
from policy_match.text.extract.page import plain

_GIVES = re.compile(r"奖励|补助|补贴|资助|贴息|补偿|奖补|返还|扶持|给予|减免|奖金|配套|担保|授信|增信|风险池|风险补偿")
_FACILITY = re.compile(r"担保|授信|增信|风险池|贷款额度|基金")
_SERVES = re.compile(r"服务|保障|绿色通道|优先|对接|推送|联审|容缺|代办|帮办|培育|推行|表彰|奖励|扶持|支持")
_SETS_UP = re.compile(r"体系|机制|组织|队伍|领导|考核|宣传|督查|调度|统筹|研究|活动|评价|跟踪")
_TOTAL = re.compile(r"总额|累计|合计|年度|全年|同一|总规模")
_TAKES = re.compile(r"不予|不得|取消|追回|骗取|退回|扣减|违规")
_BASE = re.compile(r"按(?:照)?(?:其|实际|项目|企业)?([一-鿿]{2,14}?)(?:\((?:不含税)\))?的?$")
_NAMED = re.compile(r"(?:以内|之内)?的?[^，,的]{0,4}(?:奖励|补助|补贴|资助|贴息|奖补)")
_MANY = re.compile(r"每|分别|档|首次|再次|另")
_ROUNDING: Data = {"to": "1元", "mode": "floor"}
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class BenefitRead:
    """`written`: the part `benefit` of a measure file. `seen`: copy where it has an amount, else unseen."""

    written: Mapping[str, Data]
    seen: str


def gives(clause: Clause, extraction: Extraction) -> bool:
    """Whether a clause gives money: it says so beside a figure of its own, or above figures of clauses that say nothing."""
    text = plain(clause.text)
    giving = [part for part in re.split(r"[。；;\n]", text) if _GIVES.search(part) and not _TAKES.search(part)]
    if not giving:
        return False
    if any(
        _pays(figure) and any(plain(figure.text) in part for part in giving) for figure in _figures(clause, extraction)
    ):
        return True
    below = [one for one in extraction.clauses if one.above[-1:] == (clause.article,)]
    return any(_pays(figure) and not _GIVES.search(one.text) for one in below for figure in _figures(one, extraction))


def serves(clause: Clause, extraction: Extraction) -> bool:
    """Whether a clause without clauses below it promises a service: such documents give no sums."""
    is_last = not any(clause.article in one.above for one in extraction.clauses)
    return (
        is_last
        and bool(clause.above)
        and _SERVES.search(clause.text) is not None
        and not _SETS_UP.search(clause.heading)
    )


def service_of(clause: Clause) -> BenefitRead:
    """A service in the words of the clause."""
    return BenefitRead({"kind": "service", "says": _said(clause), "place": clause.article}, "unseen")


def _figures(clause: Clause, extraction: Extraction) -> list[Figure]:
    return [one.figure for one in extraction.found[clause.article] if one.figure is not None]


def _pays(figure: Figure) -> bool:
    is_sum = figure.kind in ("money", "foreign", "ratio", "points") and figure.relation in ("exact", "at_most")
    return is_sum and not (figure.relation == "at_most" and _TOTAL.search(figure.label))


def read_benefit(giver: Clause, own: Sequence[Clause], extraction: Extraction, vocabulary: Vocabulary) -> BenefitRead:
    """The benefit of a clause with its place; several sums, tiers, or a base that no fact is, leave the amount unseen."""
    amount = None if _has_more(giver, own, extraction) else _amount(giver, _figures(giver, extraction), vocabulary)
    says: dict[str, Data] = {"says": _said(giver), "place": giver.article}
    if amount is None or _FACILITY.search(giver.text):
        return BenefitRead({"kind": "facility" if _FACILITY.search(giver.text) else "cash", **says}, "unseen")
    return BenefitRead({"kind": "cash", **amount, "rounding": _ROUNDING, **says}, "copy")


def _said(clause: Clause) -> str:
    return re.sub(r"\s+", " ", clause.text).strip()[:_LONGEST]


def asked_in(giver: Clause, extraction: Extraction) -> int:
    """How many bounds a clause that gives sets on who gets it: two or more are the rows of a table, no condition of the whole."""
    text = plain(giver.text)
    return sum(figure.relation != "exact" and not _is_paid(figure, text) for figure in _figures(giver, extraction))


def _has_more(giver: Clause, own: Sequence[Clause], extraction: Extraction) -> bool:
    """Whether clauses below the giver hold sums as well: which of them applies is for a person."""
    below = [clause for clause in own if giver.article in clause.above]
    return any(
        figure.kind in ("money", "ratio", "points") for clause in below for figure in _figures(clause, extraction)
    )


def _amount(giver: Clause, figures: Sequence[Figure], vocabulary: Vocabulary) -> dict[str, Data] | None:
    text = plain(giver.text)
    if _MANY.search(text) or any(figure.kind in ("foreign", "points") for figure in figures):
        return None
    paid = [figure for figure in figures if _is_paid(figure, text)]
    sums = [figure for figure in paid if figure.kind == "money"]
    shares = [figure for figure in paid if figure.kind == "ratio"]
    if len(sums) == 1 and not shares:
        promise = "exact" if sums[0].relation == "exact" else "ceiling"
        return {"fixed": _written(sums[0]), "promise": promise}
    if len(shares) == 1 and shares[0].relation == "exact" and len(sums) <= 1:
        base = _base(text[: shares[0].start], vocabulary)
        if base is None or (sums and sums[0].relation != "at_most"):
            return None
        cap: dict[str, Data] = {"cap": _written(sums[0])} if sums else {}
        return {"of": base, "rate": _written(shares[0]), **cap}
    return None


def _is_paid(figure: Figure, text: str) -> bool:
    """Whether a figure is what is given, not what is asked: it stands after the words that give, or after 按."""
    start = max(text.rfind(mark, 0, figure.start) for mark in "。；;\n") + 1
    before = text[start : figure.start]
    is_named = figure.relation == "at_most" and _NAMED.match(text, figure.end) is not None
    return _GIVES.search(before) is not None or re.search(r"按[^，,]*$", before) is not None or is_named


def _base(before: str, vocabulary: Vocabulary) -> str | None:
    found = _BASE.search(before)
    if found is None:
        return None
    fact = vocabulary.by_label.get(found[1])
    return fact if fact is not None and vocabulary[fact].type is FactType.MONEY else None


def _written(figure: Figure) -> str:
    return re.sub(r"[\s,]", "", plain(figure.text))
