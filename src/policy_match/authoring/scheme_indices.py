"""The inputs and indices of a scheme file: formulas from the closed list, units that fit, benchmarks above zero."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.scheme_names import SchemeNames, exact
from policy_match.authoring.scheme_shape import (
    Figure,
    WrittenBenchmark,
    WrittenFormula,
    WrittenIndex,
    WrittenInput,
)
from policy_match.identifiers import DISTRICTS
from policy_match.schemes.scheme import Benchmark, Formula, Index, Input
from policy_match.schemes.words import OF_COHORT, OF_POINTS, UNITS, From, Kind, Of, Unit, Verb

_PLAIN = Unit("比例", Kind.RATIO, None, Fraction(1))
_NOTHING = Input("", "", Kind.RATIO, From.FACT, "")


class IndexReader:
    """Inputs and indices of one file; `of`: what the scheme is of, which decides the formulas that it may use."""

    def __init__(self, of: Of, findings: Findings, names: SchemeNames) -> None:
        self.of, self.findings, self.names = of, findings, names

    def input(self, one: WrittenInput, path: Place) -> Input:
        """One input; a finding unless it is read in one way."""
        given = {way: code for way in From if (code := getattr(one, way)) is not None}
        if len(given) != 1:
            self.findings.refuse("SCHEME_INPUT", f"“{one.name}”要写且只写一种取数", path, "、".join(From), "只留一种")
            return _NOTHING
        ((way, code),) = given.items()
        if way is From.FACT:
            kind = self.names.fact_kind(code, (*path, "fact"), one.kind, [*Kind])
        elif one.kind is None:
            self.findings.refuse("SCHEME_INPUT", f"“{one.name}”缺 kind", path, "、".join(Kind), "写明是金额还是数量")
            kind = Kind.MONEY
        else:
            kind = Kind(one.kind)
        return Input(one.id, one.name, kind, way, code)

    def index(self, one: WrittenIndex, path: Place, inputs: Mapping[str, Input]) -> Index:
        """One index; a weighted one needs benchmark and cap."""
        formula = self.formula(one.formula, (*path, "formula"), inputs)
        weight = Fraction(0) if one.weight is None else exact(one.weight.value)
        cap = Fraction(1) if one.cap is None else exact(one.cap.value)
        if weight < 0 or cap <= 0:
            self.findings.refuse("SCHEME_NUMBER", f"“{one.name}”的权重或封顶不是正数", path, "大于零", "改正数字")
        if weight and (one.benchmark is None or one.cap is None):
            what = f"“{one.name}”有权重，缺 benchmark 或 cap"
            self.findings.refuse("SCHEME_BENCHMARK", what, path, "benchmark、cap", "补上")
        benchmark = None if one.benchmark is None else self.benchmark(one.benchmark, (*path, "benchmark"))
        unit = self.unit(one, (*path, "unit"), formula, inputs)
        return Index(one.id, one.name, formula, unit, weight, benchmark, cap)

    def formula(self, one: WrittenFormula, path: Place, inputs: Mapping[str, Input]) -> Formula:
        """One formula of those that the scheme may use."""
        given = {verb: of for verb in Verb if (of := getattr(one, verb)) is not None}
        of_cohort = self.of is Of.COHORT
        allowed = [verb.value for verb in Verb if (verb in OF_COHORT) == of_cohort]
        if len(given) != 1 or next(iter(given)) not in allowed:
            self.findings.refuse("SCHEME_FORMULA", "公式要写且只写一种", path, "、".join(allowed), "改用允许的公式")
            return Formula(Verb.VALUE, ())
        ((verb, of),) = given.items()
        names = (of,) if isinstance(of, str) else tuple(of)
        known = [*self.names.steps()] if verb in OF_POINTS else [*inputs]
        for name in names:
            if name not in known:
                self.findings.refuse("SCHEME_NAME", f"没有“{name}”", (*path, verb.value), "、".join(known), "改名")
        if one.at_most is not None and one.source is None:
            self.findings.refuse("SCHEME_SOURCE", "at_most 缺 source", path, "N、L、P、D", "写明出处")
        return Formula(verb, names, None if one.at_most is None else exact(one.at_most))

    def unit(self, one: WrittenIndex, path: Place, formula: Formula, inputs: Mapping[str, Input]) -> Unit:
        """The unit, which has to fit the kinds of the figures."""
        units = UNITS.get(one.unit, ())
        if not units:
            self.findings.refuse("SCHEME_UNIT", f"没有单位“{one.unit}”", path, "、".join(UNITS), "改用列出的单位")
            return _PLAIN
        if formula.verb in OF_POINTS:
            wanted: tuple[Kind | None, ...] = (Kind.RATIO if formula.verb is Verb.CONVERSION else Kind.COUNT, None)
        else:
            kinds = [inputs[name].kind if name in inputs else None for name in formula.of]
            wanted = (*kinds, None)[:2]
        fitting = next((unit for unit in units if (unit.over, unit.under) == wanted), None)
        if fitting is None and None not in wanted[:1]:
            fits = [name for name, every in UNITS.items() if any((u.over, u.under) == wanted for u in every)]
            what = f"“{one.name}”的单位与取数对不上"
            self.findings.refuse("SCHEME_UNIT", what, path, "、".join(fits) or "没有合适的单位", "改单位或取数")
        return fitting or _PLAIN

    def benchmark(self, one: WrittenBenchmark, path: Place) -> Benchmark:
        """One benchmark; every figure above zero."""
        figures = [one.value, one.times_mean, *(one.districts or {}).values()]
        known = [exact(figure) for figure in figures if figure is not None]
        if not known or min(known) <= 0:
            allowed = "value、districts、times_mean 至少一种，都大于零"
            self.findings.refuse("SCHEME_BENCHMARK", "没有基准或基准不是正数", path, allowed, "补上或改正")
        if self.of is Of.COHORT and (one.districts or one.times_mean is not None):
            self.findings.refuse("SCHEME_BENCHMARK", "阶段评价只用一个基准值", path, "value", "只写 value")
        for district in one.districts or {}:
            if district not in DISTRICTS:
                at = (*path, "districts", district)
                self.findings.refuse("SCHEME_NAME", f"没有辖市区“{district}”", at, "、".join(DISTRICTS), "写代码")
        districts = None if one.districts is None else {code: exact(value) for code, value in one.districts.items()}
        return Benchmark(_maybe(one.value), districts, _maybe(one.times_mean))


def _maybe(figure: Figure | None) -> Fraction | None:
    return None if figure is None else exact(figure)
