"""Whether schemes read the monthly figures of a year as these are told: month by month, or by the year so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_match.errors import Issue, RuleError
from policy_match.schemes.scheme import Input, Scheme
from policy_match.schemes.words import From
from policy_match.series.rules import IndicatorRules
from policy_match.series.words import Basis

_READ = {Basis.MONTH: From.YEAR_SUM, Basis.YEAR: From.YEAR_LAST}


def check_figures(schemes: Iterable[Scheme], rules: IndicatorRules) -> None:
    """RuleError with every input that names no indicator, or would add figures that are sums already."""
    issues = [*_faults(schemes, rules)]
    if issues:
        raise RuleError(*issues)


def _faults(schemes: Iterable[Scheme], rules: IndicatorRules) -> Iterator[Issue]:
    bases = {code: one.basis for code, one in rules.codes.items()}
    for scheme in schemes:
        for one in scheme.inputs.values():
            if one.read_from is From.FACT:
                continue
            where = f"方案 {scheme.id} 第{scheme.version}版的“{one.name}”"
            if one.code not in bases:
                yield Issue("SCHEME_INPUT", f"没有按月指标“{one.code}”", where, "、".join(bases), "改用列出的一个")
            elif _READ[bases[one.code]] is not one.read_from:
                yield _misread(one, where, _READ[bases[one.code]])


def _misread(one: Input, where: str, right: From) -> Issue:
    told = "本年累计数" if right is From.YEAR_LAST else "当月数"
    return Issue("SCHEME_INPUT", f"“{one.code}”报的是{told}", where, f"{right.value}: {one.code}", "改成允许的写法")
