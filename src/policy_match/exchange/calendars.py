"""Read the working days of the years whose official list is published: `rules/calendar/<year>.yaml`.

The days come from the `holidays` library, which for a year without an official list holds only
the statutory days; so a year counts only where a file names the notice. The file may set single
days right: `off` (not worked after all) and `worked` (worked after all).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import holidays
from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.dates import parse_date
from policy_match.eligibility.schema import Say, Strict
from policy_match.errors import RuleError
from policy_match.strict_yaml import read_file
from policy_match.working_days import CalendarYear, WorkingDays

_SATURDAY = 5


class _WrittenYear(Strict):
    schema_: Literal["calendar/1"] = Field(alias="schema")
    year: int = Field(ge=2000)
    published: Say
    off: list[Say] = []
    worked: list[Say] = []


def load_calendars(folder: Path) -> WorkingDays:
    """Read every year of a folder; RuleError with every fault by file and line. No files: no year is answered."""
    years: dict[int, CalendarYear] = {}
    opened: list[Findings] = []
    for path in sorted(folder.glob("*.yaml")):
        findings = Findings(read_file(path, shown_as=f"{path.parent.parent.name}/{path.parent.name}/{path.name}"))
        opened.append(findings)
        written = None if findings.document.issues else read_shape(_WrittenYear, findings)
        if written is None:
            continue
        if path.stem != str(written.year):
            findings.refuse(
                "FILE_NAME", f"文件名与年份 {written.year} 不符", ("year",), f"{written.year}.yaml", "改文件名或年份"
            )
        years[written.year] = _year(written, findings)
    issues = [issue for findings in opened for issue in (*findings.document.issues, *findings.issues)]
    if issues:
        raise RuleError(*issues)
    return WorkingDays(years)


def _year(written: _WrittenYear, findings: Findings) -> CalendarYear:
    library = holidays.country_holidays("CN", years=written.year)
    shifted = {day for day in library.weekend_workdays if day.year == written.year}
    off, worked = _dates(written, "off", findings), _dates(written, "worked", findings)
    for day in sorted(off & worked):
        findings.refuse("CALENDAR_DAY", f"{day} 既写作放假又写作上班", ("worked",), "只写其一", "删去其中一处")
    return CalendarYear(
        year=written.year,
        off=frozenset(({day for day in library if day.weekday() < _SATURDAY} | off) - worked),
        worked=frozenset((shifted | worked) - off),
        published=written.published,
    )


def _dates(written: _WrittenYear, key: Literal["off", "worked"], findings: Findings) -> set[date]:
    found: set[date] = set()
    for place, text in enumerate(written.off if key == "off" else written.worked):
        band = findings.read((key, place), lambda text=text: parse_date(text))  # type: ignore[misc]
        if band is None:
            continue
        if not band.is_exact or (day := date.fromordinal(int(band.low or 0))).year != written.year:
            findings.refuse(
                "CALENDAR_DAY", f"“{text}”不是{written.year}年的某一天", (key, place), f"{written.year}-05-01", "改日期"
            )
            continue
        found.add(day)
    return found
