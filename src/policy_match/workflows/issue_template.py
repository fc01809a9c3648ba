"""Issue the monthly workbook of each district: its projects as last known, the month set, figures of the month left to fill in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from policy_match.dates import local_day
from policy_match.dispatch.month import Month
from policy_match.errors import Issue, UsageError
from policy_match.exchange.register_file import Column, Part, load_register
from policy_match.exchange.register_template import write_template
from policy_match.facts.cells import Items, Possible, Text, Value
from policy_match.facts.show import FLAG_NAMES
from policy_match.facts.vocabulary import FactSpec, FactType
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.lifecycle.words import LIVING
from policy_match.units import Band, parse_area, parse_money
from policy_match.workflows.close_month import refuse_open_month
from policy_match.workflows.list_standings import list_records, reporting_unit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, last_known

REGISTER = "DISTRICT"


@dataclass(frozen=True, slots=True)
class Issued:
    """One workbook written: for which district, where, with how many projects."""

    district: str
    path: Path
    projects: int


def issue_templates(
    archive: Archive, library: str, written: str, folder: Path, *, district: str | None, now: datetime
) -> list[Issued]:
    """Write a workbook per district (or of one) into a folder.

    UsageError if it is none or nothing can be written there, MONTH_OPEN for a month that has not begun: it would not be taken in.
    """
    month = Month.parse(written)
    refuse_open_month(month, now, begun=True)
    if not folder.is_dir():
        raise UsageError(Issue("FOLDER", "没有这个文件夹", str(folder), "已有的文件夹", "先建好文件夹"))
    register = load_register(archive.rules / "registers" / f"{REGISTER}.yaml", archive.vocabulary, archive.table)
    view = View.of(min(month.last, local_day(now)), None, now)
    with archive.database.reading() as session:
        records = [one for one in list_records(session, archive, library, view) if one.state.side in LIVING]
    issued = []
    for code in DISTRICTS if district is None else (district,):
        own = [one for one in records if reporting_unit(one.region) == code]
        rows = [{c.name: text for c in register.columns.values() if (text := _cell(one, c, month))} for one in own]
        path = folder / f"{month} {region_name(code)} 项目月报.xlsx"
        write_template(path, register, rows, months=(str(month),))
        issued.append(Issued(region_name(code), path, len(rows)))
    return issued


def _cell(record: Record, column: Column, month: Month) -> str:
    """What a cell is filled with; empty where nothing is known, or where the month's own figure belongs."""
    match column.part:
        case Part.CODE:
            return record.code
        case Part.NAME:
            return record.name
        case Part.FIRM:
            return record.firm.name or "" if record.firm else ""
        case Part.USCC:
            return record.firm.uscc or "" if record.firm else ""
        case Part.MONTH:
            return str(month)
        case Part.KEY:
            return record.key(column.target) or ""
        case Part.POINT:
            on = record.state.on(column.target)
            return "" if on is None else on.isoformat()
        case Part.PLANNED:
            planned = next((m.planned_on for m in record.milestones if m.kind == column.target), None)
            return "" if planned is None else planned.isoformat()
        case Part.EVIDENCE:
            return next(_shown(record, column.evidence or ""), "")
        case Part.FACT if column.spec is not None and column.holds != "month":
            value = last_known(record.fact(column.target))
            return "" if value is None else cell_text(column.spec, value, column.unit)
        case _:
            return ""


def _shown(record: Record, kind: str) -> Iterator[str]:
    return (piece.id for event in record.state.history for piece in event.evidence if piece.kind == kind)


def cell_text(spec: FactSpec, value: Value, unit: str | None) -> str:
    """A value as a cell of that unit holds it; empty for one that no cell can hold (a band, one of several)."""
    if isinstance(value, Band):
        return _number(spec, value, unit)
    if isinstance(value, Possible):
        known = value.single or ""
        return region_name(known) if spec.type is FactType.REGION and known else FLAG_NAMES.get(known, known)
    if isinstance(value, Items):
        return ";".join(item.name for item in value.items)
    return value.text if isinstance(value, Text) else ""


def _number(spec: FactSpec, value: Band, unit: str | None) -> str:
    if not value.is_exact or value.low is None:
        return ""
    if spec.type is FactType.DATE:
        return date.fromordinal(int(value.low)).isoformat()
    one: Fraction | int = 1
    if unit and spec.type is FactType.MONEY:
        one = parse_money(f"1{unit}")
    elif unit and spec.type is FactType.AREA:
        one = Fraction(parse_area(f"1{unit}"))
    exact = Fraction(value.low) / one
    text = f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
