"""What an evaluation reads of each project: facts of the project and its firm, monthly figures of the year, figures put
in by hand. Everything is read for the purpose of evaluation: what may serve statistics alone never gets in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.facts.assemble import Assembled
from policy_match.facts.cells import Cause, Possible
from policy_match.facts.observations import Purpose
from policy_match.facts.show import value_text
from policy_match.facts.vocabulary import FactSpec, Vocabulary
from policy_match.lifecycle.words import LIVING
from policy_match.schemes.figures import Given, Project
from policy_match.schemes.scheme import Input, Scheme
from policy_match.schemes.words import From, Kind
from policy_match.store import evaluations, subjects
from policy_match.store.actors import names
from policy_match.store.evaluation_tables import EvaluationOverride
from policy_match.store.year_figures import YearFigure, year_figures
from policy_match.units import Band, format_area, format_count, format_money, format_ratio
from policy_match.workflows.list_standings import list_records, reporting_unit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_indicators import open_indicators
from policy_match.workflows.read_indicators import usable
from policy_match.workflows.read_records import Record, View, last_said

PRODUCING = "PRODUCING"
BY_HAND = "人工"
_WEAK = ("TEXT", "CALC", "PUBLIC", "READING")
_MILLIONTH = Fraction(1, 10**6)
_WHY = {
    Cause.MISSING: "没有数",
    Cause.CONFLICT: "来源说法不一致",
    Cause.WEAK_SOURCE: "只有文本抽取",
    Cause.PURPOSE: "来源只准用于统计",
    Cause.NO_AUTHORISATION: "缺授权",
}


@dataclass(frozen=True, slots=True)
class _Year:
    """The monthly figures of a year by subject and code, and the figures put in by hand by subject and input."""

    year: int
    figures: Mapping[tuple[int, str], YearFigure]
    by_hand: Mapping[tuple[int, str], EvaluationOverride]


class Gathering:
    """Projects of a library and what is known of them for a scheme and year, read once."""

    def __init__(self, session: Session, archive: Archive, library: str, scheme: Scheme, year: int, view: View) -> None:
        """`view` must ask for evaluation."""
        if view.purpose is not Purpose.EVALUATION:
            raise ValueError("an evaluation is read for its own purpose")
        self.archive, self.scheme, self.view = archive, scheme, view
        self.records = [one for one in list_records(session, archive, library, view) if one.state.side in LIVING]
        self._of_firm = Counter(one.firm.code for one in self.records if one.firm is not None)
        self._firms = _firm_ids(session, library, self.records)
        self._people = names(session)
        # The order of the growth library, so that both show the same figure where sources differ.
        self._gives = usable(open_indicators(archive).registers, archive.vocabulary, Purpose.EVALUATION)
        self._now = self._read(session, year)
        asks_before = any(i.benchmark is not None and i.benchmark.times_mean is not None for i in scheme.indices)
        self._before = self._read(session, year - 1) if asks_before else None

    def _read(self, session: Session, year: int) -> _Year:
        codes = [one.code for one in self.scheme.inputs.values() if one.read_from is not From.FACT]
        own = [record.id for record in self.records]
        figures = year_figures(
            session, [*own, *self._firms.values()], codes, year, authority=self._gives, known_at=self.view.known_at
        )
        return _Year(year, figures, evaluations.confirmed(session, own, self.scheme.id, year, self.view.instant))

    def projects(self) -> Iterator[Project]:
        """Each project as a yearly evaluation reads it, by code."""
        for record in self.records:
            produced = _produced_on(record)
            yield Project(
                code=record.code,
                name=record.name,
                district=reporting_unit(record.choice("district")),
                firm=None if record.firm is None else record.firm.name or record.firm.code,
                kind=record.choice("project_kind"),
                is_producing=_is_producing(record, self.archive),
                produced_on=produced,
                sections=_sections(record),
                inputs=self.inputs(record),
                before={} if self._before is None else self._inputs(record, self._before),
                flags={one.id: _flag(record.fact(one.fact)) for one in self.scheme.year_terms.adjustments},
            )

    def inputs(self, record: Record) -> dict[str, Given]:
        """The inputs of the scheme for one project."""
        return self._inputs(record, self._now)

    def _inputs(self, record: Record, year: _Year) -> dict[str, Given]:
        return {one.id: self._input(one, record, year) for one in self.scheme.inputs.values()}

    def _input(self, asked: Input, record: Record, year: _Year) -> Given:
        if asked.read_from is From.FACT:
            collected = of_fact(record.fact(asked.code), self.archive.vocabulary[asked.code], self.archive.vocabulary)
        else:
            collected = self._of_months(asked, record, year)
        override = year.by_hand.get((record.id, asked.id))
        return collected if override is None else self._replaced(collected, override)

    def _of_months(self, asked: Input, record: Record, year: _Year) -> Given:
        """The project's own figures; without any those of its firm, where the library has no other project of it."""
        found, note = year.figures.get((record.id, asked.code)), ""
        if found is None and record.firm is not None and self._of_firm[record.firm.code] == 1:
            found, note = (
                year.figures.get((self._firms[record.firm.code], asked.code)),
                "企业的数；企业在库只有这个项目",
            )
        who = _names_of(self._gives, self.archive.vocabulary)
        if found is None:
            return Given(None, note=f"{year.year}年没有月度数", who=who)
        value = found.total if asked.read_from is From.YEAR_SUM else found.last
        if value is None:
            missing = found.missing if asked.read_from is From.YEAR_SUM else found.missing[-1:]
            return Given(None, note=f"缺 {'、'.join(missing)} 的月度数", who=who)
        exact = value * (_MILLIONTH if asked.kind is Kind.RATIO else 1)
        return Given(Fraction(exact), shown(exact, asked.kind), "、".join(found.sources), found.received_on, note)

    def _replaced(self, collected: Given, override: EvaluationOverride) -> Given:
        before = collected.shown or "无"
        by = [self._people.get(who or "", "") for who in (override.proposed_by, override.confirmed_by)]
        note = f"采集为{before}，改用人工填报：{override.reason}（{by[0]}提出，{by[1]}确认）"
        seen = None if override.confirmed_at is None else local_day(override.confirmed_at)
        return Given(Fraction(override.value), override.shown, BY_HAND, seen, note)


def usable_sources(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The registers whose figures may serve an evaluation, the best first: none that is for other purposes alone."""
    return tuple(
        code
        for code, register in vocabulary.sources.items()
        if code not in _WEAK and (not register.only_for or Purpose.EVALUATION in register.only_for)
    )


def of_fact(found: Assembled, spec: FactSpec, vocabulary: Vocabulary) -> Given:
    """A fact as last said; a band, a conflict, and what may serve other purposes alone are not known."""
    usable = [code for code in spec.registers if code in usable_sources(vocabulary)]
    who = _names_of(usable, vocabulary)
    value = last_said(found.cell)
    if not isinstance(value, Band):
        return Given(None, note=_WHY.get(found.cell.cause or Cause.MISSING, "没有数"), who=who)
    if not value.is_exact or value.low is None:
        return Given(None, note=f"只知道{value_text(spec, value, vocabulary)}", who=who)
    text = value_text(spec, value, vocabulary)
    return Given(Fraction(value.low), text, found.cell.source or "", found.cell.observed_on)


def shown(value: int | Fraction, kind: Kind) -> str:
    """An exact figure in words."""
    match kind:
        case Kind.MONEY:
            return format_money(value)
        case Kind.AREA:
            return format_area(value)
        case Kind.RATIO:
            return format_ratio(value)
        case _:
            return format_count(value, "")


def _names_of(codes: Iterable[str], vocabulary: Vocabulary) -> str:
    return "、".join(vocabulary.registers[code] for code in codes if code in vocabulary.registers)


def _firm_ids(session: Session, library: str, records: Sequence[Record]) -> dict[str, int]:
    wanted = {record.firm.code for record in records if record.firm is not None}
    rows = subjects.every(session, library, "enterprise") if wanted else []
    return {row.code: row.id for row in rows if row.code in wanted}


def _produced_on(record: Record) -> date | None:
    recorded = record.state.on(PRODUCING)
    if recorded is not None:
        return recorded
    day = record.whole("produced_on")
    return None if day is None else date.fromordinal(day)


def _is_producing(record: Record, archive: Archive) -> bool | None:
    """Whether it produces, by its record or as it was seen; None where neither says how far it is."""
    table = archive.table
    reached = record.state.point or table.point_of(record.choice("stage") or "")
    return None if reached is None else table.order(reached) >= table.order(PRODUCING)


def _sections(record: Record) -> tuple[str, ...]:
    value = record.known("industry_code")
    return tuple(sorted({code[0] for code in value.options})) if isinstance(value, Possible) else ()


def _flag(found: Assembled) -> bool | None:
    value = found.cell.value
    single = value.single if isinstance(value, Possible) else None
    return None if single is None else single == "true"
