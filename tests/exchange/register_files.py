"""Files written down in a test, and the clock of the scenarios."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import xlsxwriter

from policy_match.exchange.intake_rows import Intake

NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)
"""10:00 in Changzhou on 2025-03-31."""
Read: TypeAlias = Callable[..., Intake]


def write_csv(path: Path, header: Sequence[object], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write_xlsx(path: Path, header: Sequence[object], rows: Sequence[Sequence[object]]) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("表")
        for number, row in enumerate([header, *rows]):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
