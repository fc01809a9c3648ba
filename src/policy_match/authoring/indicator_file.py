"""Read `rules/indicators.yaml` strictly: every name is one that exists, every bound has the unit of its code, every number a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.indicator_detectors import read_detectors
from policy_match.authoring.indicator_shape import WrittenCode, WrittenExits, WrittenIndicators, WrittenPlan
from policy_match.authoring.shape import read_shape
from policy_match.dates import Period, parse_period
from policy_match.errors import FactError, Issue, RuleError
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Side
from policy_match.series.indicator import Indicator
from policy_match.series.reading import read_figure
from policy_match.series.rules import Definition, Exits, IndicatorRules, Plan
from policy_match.series.words import Basis, Level, Unit
from policy_match.strict_yaml import read_file

_RESERVED = frozenset({"项目编号", "项目代码", "项目", "月份", "更正", "说明"})


def load_indicators(path: Path, vocabulary: Vocabulary, table: LifecycleTable) -> IndicatorRules:
    """Read the file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(WrittenIndicators, findings)
    rules = None if written is None else _rules(written, findings, vocabulary, table)
    issues = (*findings.document.issues, *findings.issues)
    if rules is None or issues:
        raise RuleError(*issues)
    return rules


def _rules(
    written: WrittenIndicators, findings: Findings, vocabulary: Vocabulary, table: LifecycleTable
) -> IndicatorRules:
    codes = _codes(written.codes, findings)
    _known(written.registers, vocabulary.sources, ("registers",), "来源", findings)
    for place, one in enumerate(written.definitions):
        _known([one.milestone], _steps(table), ("definitions", place, "milestone"), "里程碑", findings)
    for word in ("yellow", "red"):
        _known([getattr(written.tickets, word)], table.tickets.severities, ("tickets", word), "紧急程度", findings)
    return IndicatorRules(
        registers=tuple(written.registers),
        due_day=written.due.day,
        codes=codes,
        plans=_plans(written.plans, codes, findings, vocabulary, table),
        detectors=read_detectors(written.detectors, codes, {plan.of for plan in written.plans}, findings, table),
        severity={Level.YELLOW: written.tickets.yellow, Level.RED: written.tickets.red},
        good_months=written.tickets.good_months,
        exits=_exits(written.exits, findings, table),
        definitions=tuple(Definition(one.milestone, one.says, one.source) for one in written.definitions),
        sources={"due": written.due.source, "tickets": written.tickets.source, "exits": written.exits.source},
    )


def _codes(written: Iterable[WrittenCode], findings: Findings) -> dict[str, Indicator]:
    codes: dict[str, Indicator] = {}
    titles: dict[str, str] = dict.fromkeys(_RESERVED, "固定的列")
    for place, one in enumerate(written):
        for name in (one.title, *one.also):
            if name in titles:
                what = f"列名“{name}”已用于“{titles[name]}”"
                findings.refuse("INDICATOR_TWICE", what, ("codes", place), "每项一个列名", "改名")
            titles[name] = one.title
        if one.id in codes:
            findings.refuse("INDICATOR_TWICE", f"编号“{one.id}”重复", ("codes", place, "id"), "每项一个编号", "改名")
        codes[one.id] = _code(one, ("codes", place), findings)
    return codes


def _code(one: WrittenCode, path: Place, findings: Findings) -> Indicator:
    unit, basis, bound = Unit(one.unit), Basis(one.basis), one.suspicious
    if unit is Unit.RATIO and basis is Basis.YEAR:
        findings.refuse("INDICATOR_BASIS", "比例不能累计", (*path, "basis"), "month", "比例一律用当月数")
    suspicious = None
    if bound is not None:
        suspicious = findings.read((*path, "suspicious", "more_than"), lambda: read_figure(bound.more_than, unit))
    return Indicator(one.id, one.title, unit, basis, one.signed, tuple(one.also), suspicious, one.source)


def _plans(
    written: Iterable[WrittenPlan],
    codes: Mapping[str, Indicator],
    findings: Findings,
    vocabulary: Vocabulary,
    table: LifecycleTable,
) -> dict[str, Plan]:
    plans: dict[str, Plan] = {}
    for place, one in enumerate(written):
        path: Place = ("plans", place)
        for key in ("of", "told"):
            _known([getattr(one, key)], codes, (*path, key), "指标", findings)
        if one.of in plans:
            findings.refuse("INDICATOR_TWICE", f"“{one.of}”有两个计划", (*path, "of"), "一项一个计划", "删去一个")
        pair = [codes[code].basis for code in (one.of, one.told) if code in codes]
        if pair != [Basis.YEAR, Basis.YEAR] and len(pair) == 2:
            findings.refuse("INDICATOR_BASIS", "计划和对照的指标都须是本年累计数", path, "basis: year", "换一项")
        if one.full_year not in vocabulary or vocabulary[one.full_year].type is not FactType.MONEY:
            path_of = (*path, "full_year")
            findings.refuse("INDICATOR_FACT", f"没有金额事实“{one.full_year}”", path_of, "rules/facts.yaml", "改名")
        _known([one.start], {point.id: point for point in table.points}, (*path, "start"), "跟踪点", findings)
        plans[one.of] = Plan(one.of, one.told, one.full_year, one.start, one.ramp.months)
    return plans


def _exits(written: WrittenExits, findings: Findings, table: LifecycleTable) -> Exits:
    for key in ("full", "conclusion"):
        _known([getattr(written, key)], _steps(table), ("exits", key), "里程碑", findings)
    held, after = (
        findings.read(("exits", key), lambda key=key: _months(getattr(written, key)))  # type: ignore[misc]
        for key in ("held", "after")
    )
    sides = frozenset(Side(word) for word in written.sides)
    return Exits(written.full, held or Period(0, 0), after or Period(0, 0), written.conclusion, sides)


def _months(written: str) -> Period:
    """A period of whole months; FactError for any other."""
    found = parse_period(written)
    if found.months <= 0 or found.days:
        raise FactError(Issue("PERIOD_FORMAT", f"“{written[:20]}”不是整月", "", "如 6个月、24个月", "写成整月"))
    return found


def _steps(table: LifecycleTable) -> dict[str, str]:
    return {kind.id: kind.name for kind in table.milestones}


def _known(names: Iterable[str], known: Iterable[str], path: Place, what: str, findings: Findings) -> None:
    every = list(known)
    for name in names:
        if name not in every:
            findings.refuse("INDICATOR_NAME", f"没有{what}“{name}”", path, "、".join(every), "改用其中一个")
