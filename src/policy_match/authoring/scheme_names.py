"""What a scheme file names: facts, points, milestones, districts, lengths of time, exact figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from policy_match.authoring.findings import Findings, Place
from policy_match.dates import Period, parse_period
from policy_match.facts.observations import Purpose
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.words import Kind


class SchemeNames:
    """Resolves the names of one file; what there is not becomes a finding."""

    def __init__(self, findings: Findings, vocabulary: Vocabulary, table: LifecycleTable) -> None:
        self.findings, self.vocabulary, self.table = findings, vocabulary, table

    def once(self, key: str, names: Sequence[str]) -> None:
        """Refuse a name that was written before in a list."""
        for place, name in enumerate(names):
            if name in names[:place]:
                self.findings.refuse("SCHEME_NAME", f"“{name}”写了两次", (key, place), "各不相同", "改名")

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
        """Whether a register's word may serve an evaluation."""
        only_for = self.vocabulary.sources[source].only_for
        return not only_for or Purpose.EVALUATION in only_for

    def fact_there(self, name: str, path: Place) -> None:
        """Refuse a fact that there is not."""
        if name not in self.vocabulary:
            self.findings.refuse("SCHEME_FACT", f"没有事实“{name}”", path, "rules/facts.yaml 中的事实", "核对名称")

    def point(self, name: str, path: Place) -> None:
        """Refuse a point that there is not."""
        points = [point.id for point in self.table.points]
        if name not in points:
            self.findings.refuse("SCHEME_NAME", f"没有跟踪点“{name}”", path, "、".join(points), "改名")

    def steps(self) -> Iterator[str]:
        """Ids of the points and milestones."""
        yield from (point.id for point in self.table.points)
        yield from (step.id for step in self.table.milestones)

    def period(self, written: str, path: Place) -> Period:
        """A length of time; none, and a finding, for what is none."""
        return self.findings.read(path, lambda: parse_period(written)) or Period(0, 0)


def exact(figure: Decimal | int) -> Fraction:
    """A figure of the file as it is written."""
    return Fraction(figure)
