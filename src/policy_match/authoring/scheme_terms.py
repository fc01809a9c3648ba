"""The terms of a scheme file: who is evaluated, grades, what is due, cohorts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.scheme_names import SchemeNames, exact
from policy_match.authoring.scheme_shape import WrittenJobs, WrittenScheme, WrittenStage, WrittenYearly
from policy_match.schemes.scheme import (
    Adjustment,
    Band,
    CohortTerms,
    Due,
    FormLine,
    Grading,
    JobTerms,
    Terms,
    YearTerms,
)
from policy_match.units import parse_ratio
from policy_match.working_days import parse_term

MOST_ADJUSTED = 5


class TermReader:
    """The terms of one file."""

    def __init__(self, findings: Findings, names: SchemeNames) -> None:
        self.findings, self.names = findings, names

    def terms(self, written: WrittenScheme) -> Terms:
        """The terms of whichever kind of scheme it is."""
        if isinstance(written, WrittenYearly):
            return self.yearly(written)
        if isinstance(written, WrittenJobs):
            return self.jobs(written)
        if isinstance(written, WrittenStage):
            self.names.point(written.cohort.by, ("cohort", "by"))
            return CohortTerms(written.cohort.by, tuple(written.cohort.periods), tuple(written.groups))
        raise TypeError(type(written).__name__)

    def yearly(self, written: WrittenYearly) -> YearTerms:
        """Terms of a yearly evaluation."""
        scope, new = written.scope, written.not_graded.new
        produced_for = self.names.period(scope.produced_for, ("scope", "produced_for"))
        self.findings.read(("check_within", "value"), lambda: parse_term(written.check_within.value))
        adjustments = tuple(self.adjustments(written))
        return YearTerms(
            produced_for=produced_for if scope.applies else None,
            new_kind=new.kind,
            new_under=self.names.period(new.under, ("not_graded", "new", "under")),
            sections=frozenset(written.not_graded.sections.any),
            adjustments=adjustments,
            grading=self.grading(written),
            check_within=written.check_within.value,
            award=tuple(written.award.grades),
            service=tuple(written.service.grades),
        )

    def adjustments(self, written: WrittenYearly) -> Iterator[Adjustment]:
        """Points for flag facts, five at most."""
        for place, one in enumerate(written.adjustments):
            path: Place = ("adjustments", place)
            self.names.fact_kind(one.flag, (*path, "flag"), None, ["flag"])
            points = exact(one.points)
            if not 0 < abs(points) <= MOST_ADJUSTED:
                allowed = f"-{MOST_ADJUSTED} 至 {MOST_ADJUSTED}，不为零"
                self.findings.refuse("SCHEME_NUMBER", f"“{one.name}”加减 {one.points} 分", path, allowed, "改分数")
            yield Adjustment(one.id, one.name, one.flag, points)

    def grading(self, written: WrittenYearly) -> Grading:
        """Bands that rise to the whole, and grades that are among them."""
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
        """Terms of an assessment of jobs."""
        levels = self.names.vocabulary["major_level"].options
        for place, level in enumerate(written.levels.any):
            if level not in levels:
                at = ("levels", "any", place)
                self.findings.refuse("SCHEME_NAME", f"没有级别“{level}”", at, "、".join(levels), "改级别")
        return JobTerms(frozenset(written.levels.any), tuple(self.due(written)), tuple(self.form(written)))

    def due(self, written: WrittenJobs) -> Iterator[Due]:
        """What is to be filled in when."""
        for place, one in enumerate(written.due):
            path: Place = ("due", place)
            self.names.point(one.point, (*path, "point"))
            for at, fact in enumerate(one.facts):
                self.names.fact_there(fact, (*path, "facts", at))
            yield Due(one.name, one.point, self.names.period(one.after, (*path, "after")), tuple(one.facts))

    def form(self, written: WrittenJobs) -> Iterator[FormLine]:
        """The other fields of the form."""
        for place, one in enumerate(written.form):
            self.names.fact_there(one.fact, ("form", place, "fact"))
            yield FormLine(one.fact, one.estimate)
