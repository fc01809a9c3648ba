"""The yearly evaluation: each project's score line by line, its grade, or why it has none.

Score = Σ weight × min(value / benchmark, cap) × 100 ± adjustments. Whoever lacks an input is not graded and takes no
place in the ranking. Domain specification §7.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from policy_match.dates import add_period
from policy_match.schemes.figures import Given, Lack, Line, Project, capped_share, index_value
from policy_match.schemes.grading import Place, placed
from policy_match.schemes.scheme import Index, Scheme

_HUNDRED = Fraction(100)


class Standing(StrEnum):
    """What becomes of a project: graded, not graded (class T), or out of the scope of the year."""

    GRADED = "graded"
    NOT_GRADED = "not_graded"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One adjustment: its points, None where the fact is not known: then nothing is added or taken off."""

    id: str
    name: str
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class Row:
    """One project in a run. `reasons`: why it is not graded or out; `score`, `place`: of graded ones alone. `open`: what
    could not be told of it and did not keep it from a grade."""

    code: str
    name: str
    district: str | None
    firm: str | None
    standing: Standing
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]
    adjusted: tuple[Adjusted, ...]
    score: Fraction | None
    place: Place | None
    open: tuple[str, ...] = ()

    @property
    def grade(self) -> str | None:
        """Its grade; None without one."""
        return None if self.place is None else self.place.grade

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """Every missing input once."""
        return tuple({lack.input: lack for line in self.lines for lack in line.lacks}.values())


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a run: rows by district and code."""

    rows: tuple[Row, ...]

    def of(self, standing: Standing) -> tuple[Row, ...]:
        """The rows of one standing."""
        return tuple(row for row in self.rows if row.standing is standing)


def evaluate(scheme: Scheme, projects: Sequence[Project], last_day: date) -> Results:
    """Evaluate the projects for the year that ends on `last_day`; the order in which they come changes nothing."""
    means = _means(scheme, projects)
    rows = [_row(scheme, project, means, last_day) for project in projects]
    scores = {row.code: (row.district, row.score) for row in rows if row.score is not None}
    places = placed(scores, scheme.year_terms.grading)
    rows = [replace(row, place=places.get(row.code)) for row in rows]
    return Results(tuple(sorted(rows, key=lambda row: (row.district is None, row.district or "", row.code))))


def _row(scheme: Scheme, project: Project, means: _Means, last_day: date) -> Row:
    out = out_of_scope(scheme, project, last_day)
    lines = () if out else tuple(_line(scheme, index, project, means) for index in scheme.indices)
    reasons = (out,) if out else tuple(_not_graded(scheme, project, lines, last_day))
    adjusted = () if out else tuple(_adjusted(scheme, project))
    standing = Standing.OUT if out else Standing.NOT_GRADED if reasons else Standing.GRADED
    score = None
    if standing is Standing.GRADED:
        score = sum(_points(lines, adjusted), Fraction(0))
    return Row(
        project.code, project.name, project.district, project.firm, standing, reasons, lines, adjusted, score, None,
        tuple(_open(scheme, project)) if standing is Standing.GRADED else (),
    )  # fmt: skip


def _points(lines: Iterable[Line], adjusted: Iterable[Adjusted]) -> Iterator[Fraction]:
    """What a score is the sum of."""
    yield from (line.points for line in lines if line.points is not None and line.weight)
    yield from (one.points for one in adjusted if one.points)


def parts_of(row: Row) -> tuple[Fraction, ...]:
    """The scored lines and the adjustments that count, in their order."""
    return tuple(_points(row.lines, row.adjusted))


# who is evaluated


def out_of_scope(scheme: Scheme, project: Project, last_day: date) -> str | None:
    """Why a project is not evaluated in the year; None if it is. The day on which the term is full counts.

    Whether a project that was seen producing on an unknown day is within the scope is not known: it is no reason here.
    """
    if not project.is_producing:
        return "未投产" if project.is_producing is not None else "是否投产未知"
    if project.produced_on is not None and project.produced_on > last_day:
        return f"投产 {project.produced_on}，在 {last_day} 以后"
    term = scheme.year_terms.produced_for
    if term is None or project.produced_on is None:
        return None
    full_on = add_period(project.produced_on, term)
    return None if full_on <= last_day else f"投产 {project.produced_on}，到 {last_day} 未满{term.months}个月"


def _not_graded(scheme: Scheme, project: Project, lines: Sequence[Line], last_day: date) -> Iterator[str]:
    terms = scheme.year_terms
    if project.produced_on is None:
        yield "数据不全：缺投产日期（可由属地或市工信局登记）"
    elif add_period(project.produced_on, terms.new_under) > last_day and project.kind in (terms.new_kind, None):
        named = f"{terms.new_kind}项目" if project.kind else f"项目类型未知，{terms.new_kind}的不定级"
        yield f"{named}，投产未满{terms.new_under.months}个月"
    if project.sections and set(project.sections) <= terms.sections:
        yield f"公用事业（行业门类 {'、'.join(project.sections)}）"
    lacks = {lack.input: lack for line in lines if line.weight for lack in line.lacks}
    for lack in lacks.values():
        yield f"数据不全：缺{lack.name}（{lack.why}；可由{lack.who}提供）"
    for line in lines:
        if line.weight and line.points is None and not line.lacks:
            why = "没有可比的基准值" if line.value is not None else "除数为零"
            yield f"数据不全：{line.name}算不出（{why}）"


def _open(scheme: Scheme, project: Project) -> Iterator[str]:
    """What is not known and decided nothing: a project of no known industry may be a utility."""
    utilities = scheme.year_terms.sections
    if utilities and (not project.sections or utilities.intersection(project.sections)):
        yield "行业未知或不确定，没有按公用事业处理"


# the lines


@dataclass(frozen=True, slots=True)
class _Means:
    """The mean of last year's values of an index by district."""

    by_place: Mapping[tuple[str, str | None], Fraction]


def _means(scheme: Scheme, projects: Sequence[Project]) -> _Means:
    found: dict[tuple[str, str | None], Fraction] = {}
    for index in scheme.indices:
        if index.benchmark is None or index.benchmark.times_mean is None:
            continue
        values: dict[str | None, list[Fraction]] = {}
        for project in projects:
            value = index_value(index, project.before) if project.before else None
            if value is not None and project.is_producing:
                values.setdefault(project.district, []).append(value)
        found |= {(index.id, where): sum(own, Fraction(0)) / len(own) for where, own in values.items()}
    return _Means(found)


def _line(scheme: Scheme, index: Index, project: Project, means: _Means) -> Line:
    value = index_value(index, project.inputs)
    benchmark, basis = _benchmark(index, project.district, means)
    share = points = None
    if value is not None and benchmark is not None:
        share = capped_share(value, benchmark, index.cap)
        points = index.weight * share * _HUNDRED
    missing = (name for name in index.formula.of if project.inputs[name].value is None)
    lacks = tuple(_lack(scheme, name, project.inputs[name]) for name in missing)
    return Line(index.id, index.name, index.unit.name, index.weight, value, benchmark, basis, share, points, lacks)


def _lack(scheme: Scheme, name: str, given: Given) -> Lack:
    return Lack(name, scheme.inputs[name].name, given.note, given.who)


def _benchmark(index: Index, district: str | None, means: _Means) -> tuple[Fraction | None, str]:
    """The benchmark and where it comes from; a mean that is not above zero says nothing."""
    rule = index.benchmark
    if rule is None:
        return None, ""
    if rule.districts is not None and district is not None and district in rule.districts:
        return rule.districts[district], "本辖市区基准"
    mean = None if rule.times_mean is None else means.by_place.get((index.id, district))
    if rule.times_mean is not None and mean is not None and mean > 0:
        return mean * rule.times_mean, f"本辖市区上年平均的{rule.times_mean}倍"
    return rule.value, "" if rule.value is None else "方案基准"


def _adjusted(scheme: Scheme, project: Project) -> Iterator[Adjusted]:
    for one in scheme.year_terms.adjustments:
        is_so = project.flags.get(one.id)
        yield Adjusted(one.id, one.name, None if is_so is None else one.points if is_so else Fraction(0))
