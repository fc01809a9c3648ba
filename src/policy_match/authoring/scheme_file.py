"""Read `rules/schemes/*.yaml` strictly, a file per version of a scheme, and refuse what could not be computed.

Refused with file and line: a fact, point or unit that does not exist, figures whose units do not fit, a fact that may be
used for statistics alone, weights that are not 1 together, a number without the letter of its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.scheme_shape import (
    WrittenBenchmark,
    WrittenFormula,
    WrittenIndex,
    WrittenInput,
    WrittenJobs,
    WrittenScheme,
    WrittenStage,
    WrittenYearly,
)
from policy_match.authoring.shape import read_shape
from policy_match.dates import Period, parse_period
from policy_match.errors import Issue, RuleError
from policy_match.facts.observations import Purpose
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import DISTRICTS
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.scheme import (
    OF_COHORT,
    OF_POINTS,
    UNITS,
    Adjustment,
    Band,
    Benchmark,
    CohortTerms,
    Due,
    FormLine,
    Formula,
    From,
    Grading,
    Index,
    Input,
    JobTerms,
    Kind,
    Of,
    Scheme,
    Terms,
    Unit,
    Verb,
    YearTerms,
)
from policy_match.strict_yaml import read_text
from policy_match.units import parse_ratio
from policy_match.working_days import parse_term

MOST_ADJUSTED = 5
_MODELS: Mapping[Of, type[WrittenScheme]] = {
    Of.PROJECT: WrittenYearly,
    Of.JOBS: WrittenJobs,
    Of.COHORT: WrittenStage,
}
_PLAIN = Unit("比例", Kind.RATIO, None, Fraction(1))
_NOTHING = Input("", "", Kind.RATIO, From.FACT, "")


def load_schemes(folder: Path, vocabulary: Vocabulary, table: LifecycleTable) -> tuple[Scheme, ...]:
    """Every version of every scheme, by id and version; RuleError with every fault of every file as `file:line`."""
    found: list[Scheme] = []
    issues: list[Issue] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found.append(read_scheme(path.read_text("utf-8"), f"{folder.name}/{path.name}", vocabulary, table))
        except RuleError as error:
            issues += error.issues
    found.sort(key=lambda one: (one.id, one.version))
    for one, other in pairwise(found):
        if (one.id, one.version) == (other.id, other.version):
            what = f"方案 {one.id} 第{one.version}版写了两次"
            issues.append(Issue("SCHEME_TWICE", what, folder.name, "一个版本一个文件", "改版本号"))
    if issues:
        raise RuleError(*issues)
    return tuple(found)


def read_scheme(text: str, shown_as: str, vocabulary: Vocabulary, table: LifecycleTable) -> Scheme:
    """One scheme from its text; RuleError with every fault."""
    findings = Findings(read_text(text, shown_as))
    written = None if findings.document.issues else _shape(findings)
    scheme = None if written is None else _Reader(written, findings, vocabulary, table).scheme(text)
    issues = (*findings.document.issues, *findings.issues)
    if scheme is None or issues:
        raise RuleError(*issues)
    return scheme


def _shape(findings: Findings) -> WrittenScheme | None:
    data = findings.document.data
    of = data.get("of") if isinstance(data, dict) else None
    if not isinstance(of, str) or of not in list(Of):
        findings.refuse("SHAPE", "of：值不在允许的范围内", ("of",), "、".join(Of), "改用允许的值")
        return None
    return read_shape(_MODELS[Of(of)], findings)


class _Reader:
    """One file whose shape is right, on its way to a scheme."""

    def __init__(
        self, written: WrittenScheme, findings: Findings, vocabulary: Vocabulary, table: LifecycleTable
    ) -> None:
        self.written, self.findings, self.vocabulary, self.table = written, findings, vocabulary, table
        self.of = Of(written.of)

    def scheme(self, text: str) -> Scheme:
        written = self.written
        inputs = {one.id: self.input(one, ("inputs", place)) for place, one in enumerate(written.inputs)}
        self.once("inputs", [one.id for one in written.inputs])
        self.once("indices", [one.id for one in written.indices])
        indices = tuple(self.index(one, ("indices", place), inputs) for place, one in enumerate(written.indices))
        weights = sum((index.weight for index in indices), Fraction(0))
        if weights not in ((1,) if self.of is Of.PROJECT else (0, 1)):
            self.findings.refuse("SCHEME_WEIGHTS", f"权重合计为 {weights}", ("indices",), "合计为 1", "改权重")
        told = _sources(self.findings.document.data, "")
        sources = tuple(dict.fromkeys((what.removeprefix(f"{written.name} "), letter) for what, letter in told))
        return Scheme(written.id, written.version, written.name, self.of, inputs, indices, self.terms(), sources, text)

    def once(self, key: str, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            if name in names[:place]:
                self.findings.refuse("SCHEME_NAME", f"“{name}”写了两次", (key, place), "各不相同", "改名")

    # inputs

    def input(self, one: WrittenInput, path: Place) -> Input:
        given = {way: code for way in From if (code := getattr(one, way)) is not None}
        if len(given) != 1:
            self.findings.refuse("SCHEME_INPUT", f"“{one.name}”要写且只写一种取数", path, "、".join(From), "只留一种")
            return _NOTHING
        ((way, code),) = given.items()
        if way is From.FACT:
            kind = self.fact_kind(code, (*path, "fact"), one.kind, [*Kind])
        elif one.kind is None:
            self.findings.refuse("SCHEME_INPUT", f"“{one.name}”缺 kind", path, "、".join(Kind), "写明是金额还是数量")
            kind = Kind.MONEY
        else:
            kind = Kind(one.kind)
        return Input(one.id, one.name, kind, way, code)

    def fact_kind(self, name: str, path: Place, kind: str | None, allowed: Sequence[str]) -> Kind:
        """The kind of a fact of the vocabulary that an evaluation may use; RATIO in place of one that is refused."""
        if kind is not None:
            self.findings.refuse("SCHEME_INPUT", "事实的种类由词表定，不写 kind", path, "", "删去 kind")
        if name not in self.vocabulary:
            self.findings.refuse("SCHEME_FACT", f"没有事实“{name}”", path, "rules/facts.yaml 中的事实", "核对名称")
            return Kind.RATIO
        spec = self.vocabulary[name]
        if spec.type.value not in allowed:
            self.findings.refuse("SCHEME_FACT", f"事实“{name}”的类型不对", path, "、".join(allowed), "换一个事实")
            return Kind.RATIO
        usable = [code for code in spec.registers if self.may_evaluate(code)]
        if not usable:
            what = f"事实“{name}”的来源只准用于统计，不能用于评价"
            self.findings.refuse("SCHEME_PURPOSE", what, path, "来源不限于统计的事实", "换一个事实")
        return Kind(spec.type.value) if spec.type.value in list(Kind) else Kind.RATIO

    def may_evaluate(self, source: str) -> bool:
        only_for = self.vocabulary.sources[source].only_for
        return not only_for or Purpose.EVALUATION in only_for

    # indices

    def index(self, one: WrittenIndex, path: Place, inputs: Mapping[str, Input]) -> Index:
        formula = self.formula(one.formula, (*path, "formula"), inputs)
        weight = Fraction(0) if one.weight is None else _exact(one.weight.value)
        cap = Fraction(1) if one.cap is None else _exact(one.cap.value)
        if weight < 0 or cap <= 0:
            self.findings.refuse("SCHEME_NUMBER", f"“{one.name}”的权重或封顶不是正数", path, "大于零", "改正数字")
        if weight and (one.benchmark is None or one.cap is None):
            what = f"“{one.name}”有权重，缺 benchmark 或 cap"
            self.findings.refuse("SCHEME_BENCHMARK", what, path, "benchmark、cap", "补上")
        benchmark = None if one.benchmark is None else self.benchmark(one.benchmark, (*path, "benchmark"))
        unit = self.unit(one, (*path, "unit"), formula, inputs)
        return Index(one.id, one.name, formula, unit, weight, benchmark, cap)

    def formula(self, one: WrittenFormula, path: Place, inputs: Mapping[str, Input]) -> Formula:
        given = {verb: of for verb in Verb if (of := getattr(one, verb)) is not None}
        of_cohort = self.of is Of.COHORT
        allowed = [verb.value for verb in Verb if (verb in OF_COHORT) == of_cohort]
        if len(given) != 1 or next(iter(given)) not in allowed:
            self.findings.refuse("SCHEME_FORMULA", "公式要写且只写一种", path, "、".join(allowed), "改用允许的公式")
            return Formula(Verb.VALUE, ())
        ((verb, of),) = given.items()
        names = (of,) if isinstance(of, str) else tuple(of)
        known = [*self.steps()] if verb in OF_POINTS else [*inputs]
        for name in names:
            if name not in known:
                self.findings.refuse("SCHEME_NAME", f"没有“{name}”", (*path, verb.value), "、".join(known), "改名")
        if one.at_most is not None and one.source is None:
            self.findings.refuse("SCHEME_SOURCE", "at_most 缺 source", path, "N、L、P、D", "写明出处")
        return Formula(verb, names, None if one.at_most is None else _exact(one.at_most))

    def steps(self) -> Iterator[str]:
        yield from (point.id for point in self.table.points)
        yield from (step.id for step in self.table.milestones)

    def unit(self, one: WrittenIndex, path: Place, formula: Formula, inputs: Mapping[str, Input]) -> Unit:
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
        figures = [one.value, one.times_mean, *(one.districts or {}).values()]
        known = [_exact(figure) for figure in figures if figure is not None]
        if not known or min(known) <= 0:
            allowed = "value、districts、times_mean 至少一种，都大于零"
            self.findings.refuse("SCHEME_BENCHMARK", "没有基准或基准不是正数", path, allowed, "补上或改正")
        if self.of is Of.COHORT and (one.districts or one.times_mean is not None):
            self.findings.refuse("SCHEME_BENCHMARK", "阶段评价只用一个基准值", path, "value", "只写 value")
        for district in one.districts or {}:
            if district not in DISTRICTS:
                at = (*path, "districts", district)
                self.findings.refuse("SCHEME_NAME", f"没有辖市区“{district}”", at, "、".join(DISTRICTS), "写代码")
        districts = None if one.districts is None else {code: _exact(value) for code, value in one.districts.items()}
        return Benchmark(_maybe(one.value), districts, _maybe(one.times_mean))

    # terms

    def terms(self) -> Terms:
        if isinstance(self.written, WrittenYearly):
            return self.yearly(self.written)
        if isinstance(self.written, WrittenJobs):
            return self.jobs(self.written)
        assert isinstance(self.written, WrittenStage)
        self.point(self.written.cohort.by, ("cohort", "by"))
        return CohortTerms(self.written.cohort.by, tuple(self.written.cohort.periods), tuple(self.written.groups))

    def yearly(self, written: WrittenYearly) -> YearTerms:
        scope, new = written.scope, written.not_graded.new
        produced_for = self.period(scope.produced_for, ("scope", "produced_for"))
        self.findings.read(("check_within", "value"), lambda: parse_term(written.check_within.value))
        adjustments = tuple(self.adjustments(written))
        return YearTerms(
            produced_for=produced_for if scope.applies else None,
            new_kind=new.kind,
            new_under=self.period(new.under, ("not_graded", "new", "under")),
            sections=frozenset(written.not_graded.sections.any),
            adjustments=adjustments,
            grading=self.grading(written),
            check_within=written.check_within.value,
            award=tuple(written.award.grades),
            service=tuple(written.service.grades),
        )

    def adjustments(self, written: WrittenYearly) -> Iterator[Adjustment]:
        for place, one in enumerate(written.adjustments):
            path: Place = ("adjustments", place)
            self.fact_kind(one.flag, (*path, "flag"), None, ["flag"])
            points = _exact(one.points)
            if not 0 < abs(points) <= MOST_ADJUSTED:
                allowed = f"-{MOST_ADJUSTED} 至 {MOST_ADJUSTED}，不为零"
                self.findings.refuse("SCHEME_NUMBER", f"“{one.name}”加减 {one.points} 分", path, allowed, "改分数")
            yield Adjustment(one.id, one.name, one.flag, points)

    def grading(self, written: WrittenYearly) -> Grading:
        path: Place = ("grades", "bands")
        bands = []
        for place, band in enumerate(written.grades.bands):
            share = self.findings.read((*path, place, "up_to"), lambda text=band.up_to: parse_ratio(text))  # type: ignore[misc]
            bands.append(Band(band.grade, Fraction(share or 0)))
        ends = [band.up_to for band in bands]
        if ends != sorted(set(ends)) or ends[-1] != 1:
            self.findings.refuse("SCHEME_GRADES", "各级的累计占比不是递增到 100%", path, "递增，末级 100%", "改占比")
        grades = [band.grade for band in bands]
        asked = {
            ("grades", "not_in_small"): [written.grades.not_in_small],
            ("award", "grades"): written.award.grades,
            ("service", "grades"): written.service.grades,
        }
        for at, names in asked.items():
            for name in names:
                if name not in grades:
                    self.findings.refuse("SCHEME_GRADES", f"没有等级“{name}”", at, "、".join(grades), "改等级")
        return Grading(tuple(bands), written.grades.least.value, written.grades.not_in_small)

    def jobs(self, written: WrittenJobs) -> JobTerms:
        levels = self.vocabulary["major_level"].options
        for place, level in enumerate(written.levels.any):
            if level not in levels:
                at = ("levels", "any", place)
                self.findings.refuse("SCHEME_NAME", f"没有级别“{level}”", at, "、".join(levels), "改级别")
        return JobTerms(frozenset(written.levels.any), tuple(self.due(written)), tuple(self.form(written)))

    def due(self, written: WrittenJobs) -> Iterator[Due]:
        for place, one in enumerate(written.due):
            path: Place = ("due", place)
            self.point(one.point, (*path, "point"))
            for at, fact in enumerate(one.facts):
                self.fact_there(fact, (*path, "facts", at))
            yield Due(one.name, one.point, self.period(one.after, (*path, "after")), tuple(one.facts))

    def form(self, written: WrittenJobs) -> Iterator[FormLine]:
        for place, one in enumerate(written.form):
            self.fact_there(one.fact, ("form", place, "fact"))
            yield FormLine(one.fact, one.estimate)

    def fact_there(self, name: str, path: Place) -> None:
        if name not in self.vocabulary:
            self.findings.refuse("SCHEME_FACT", f"没有事实“{name}”", path, "rules/facts.yaml 中的事实", "核对名称")

    def point(self, name: str, path: Place) -> None:
        points = [point.id for point in self.table.points]
        if name not in points:
            self.findings.refuse("SCHEME_NAME", f"没有跟踪点“{name}”", path, "、".join(points), "改名")

    def period(self, written: str, path: Place) -> Period:
        return self.findings.read(path, lambda: parse_period(written)) or Period(0, 0)


def _exact(figure: Decimal | int) -> Fraction:
    return Fraction(figure)


def _maybe(figure: Decimal | int | None) -> Fraction | None:
    return None if figure is None else Fraction(figure)


def _sources(data: object, name: str) -> Iterator[tuple[str, str]]:
    """Every letter of a source with what it is of, in the order of the file."""
    if isinstance(data, dict):
        own = str(data.get("name") or data.get("id") or "")
        here = f"{name} {own}".strip() if own and own not in name else name
        if isinstance(data.get("source"), str):
            yield here, str(data["source"])
        for key, value in data.items():
            if isinstance(value, (dict, list)):
                yield from _sources(value, here if isinstance(value, list) else f"{here} {key}".strip())
    elif isinstance(data, list):
        for value in data:
            yield from _sources(value, name)
