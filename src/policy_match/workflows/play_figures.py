"""Play the monthly figures of the demonstration library, and the tickets that they call for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from policy_match.dates import local_day
from policy_match.exchange.demo_figures import MONTHS, DemoFigures, load_demo_figures
from policy_match.series.indicator import Indicator
from policy_match.series.months import YEAR, first_day, month_text
from policy_match.series.reading import read_figure
from policy_match.series.words import Basis, Unit
from policy_match.settings import LOCAL
from policy_match.store import audit, batches, indicators, subjects
from policy_match.store.actors import actor
from policy_match.store.indicators import ToldFigure
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_growth_tickets import open_growth_tickets
from policy_match.workflows.open_indicators import open_indicators
from policy_match.workflows.read_indicators import Window
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By

FILE = Path("demo") / "indicators.yaml"
_UNITS = {Unit.MONEY: "万元", Unit.RATIO: "%", Unit.KWH: "万千瓦时", Unit.COUNT: None}
_TOLD_AFTER = timedelta(days=9, hours=10)


def tell_figures(archive: Archive, corpus: Path, by: By) -> None:
    """Keep the figures of twelve months at once, each as if it had come in on the tenth of the month after."""
    told = load_demo_figures(corpus / FILE)
    rules = open_indicators(archive)
    with archive.database.writing() as session:
        who = actor(session, by.actor, by.today)
        ids = {row.code: row.id for row in subjects.every(session, by.library, "project")}
        batch = batches.begin_by_hand(session, by.library, f"I-{told.source}", by=who.id, at=by.now)
        rows = [*_rows(told, ids, rules.codes, by)]
        indicators.add(session, rows, by=who.id, batch_id=batch.id)
        batches.end(session, batch, rows=len(rows), refused=0, counts={"new": len(rows)})
        audit.record(
            session, who, "indicators.import", object_kind="batch", object_id=str(batch.id), at=by.now,
            library=by.library, detail={"source": told.source, "new": len(rows)},
        )  # fmt: skip


def open_called_for(archive: Archive, by: By) -> None:
    """Open the tickets that the figures call for on the day."""
    open_growth_tickets(archive, View.of(local_day(by.now), by.now, by.now), None, by)


def _rows(told: DemoFigures, ids: Mapping[str, int], codes: Mapping[str, Indicator], by: By) -> Iterator[ToldFigure]:
    first = Window.of(by.today).last - MONTHS + 1
    for project, series in told.figures.items():
        for name, figures in series.items() if project in ids else ():
            one = codes[name]
            for month, value in enumerate(_in_basis(_read(figures, one), one, first), start=first):
                if value is not None:
                    at = min(_received(month), by.now)
                    yield ToldFigure(ids[project], name, month_text(month), value, told.source, at)


def _read(figures: Sequence[int | Decimal | None], one: Indicator) -> list[int | None]:
    unit = _UNITS[one.unit]
    return [None if figure is None else read_figure(str(figure), one.unit, unit) for figure in figures]


def _in_basis(figures: Sequence[int | None], one: Indicator, first: int) -> Iterator[int | None]:
    """As the indicator is told. Months of the first year before the first figure were like it; a month not told adds its
    predecessor's figure to the sum, and is not told itself."""
    if one.basis is Basis.MONTH:
        yield from figures
        return
    last = next((figure for figure in figures if figure is not None), 0)
    total = last * (first % YEAR)
    for month, figure in enumerate(figures, start=first):
        last = last if figure is None else figure
        total = last + (0 if month % YEAR == 0 else total)
        yield None if figure is None else total


def _received(month: int) -> datetime:
    """Ten in the morning of the tenth of the following month, UTC."""
    day = datetime.combine(first_day(month + 1), datetime.min.time(), LOCAL)
    return (day + _TOLD_AFTER).astimezone(UTC)
