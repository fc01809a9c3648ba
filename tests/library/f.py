"""Fixture F of the acceptance scenarios: eight invented firms, twelve invented projects, as a district reports them.

Written as XLSX or as GBK CSV. `changed` puts other text into single cells, by project and column; `more` adds rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

FIRMS = {
    "E1": ("91320412MAYYYY0160", "示范电池有限公司", "C3841"),
    "E2": ("91320411MAYYYY024C", "示范氢能有限公司", "C3849"),
    "E3": ("91320402MAYYYY0326", "示范芯片有限公司", "C3972"),
    "E4": ("91320413MAYYYY040Y", "示范生物有限公司", "C2761"),
    "E5": ("91320481MAYYYY059B", "示范航空有限公司", "C3963"),
    "E6": ("91320404MAYYYY067M", "示范汽车电子有限公司", "C3670"),
    "E7": ("91320412MAYYYY091Q", "示范智能有限公司", "I6513"),
    "E8": ("91320405MAYYYY075Y", "示范器件有限公司", "C3972"),
}
HEADER = (
    "项目代码", "项目名称", "建设单位", "统一社会信用代码", "所在辖市区", "项目类型", "技改含土建", "总投资（万元）",
    "协议投资额（万元）", "国民经济行业代码", "签约日期", "立项日期", "开工日期", "竣工日期", "投产日期", "填报日期", "填报人",
)  # fmt: skip
REPORTED, REPORTER = "2025-03-31", "示范填报员"
# firm, region, kind, works, filed and agreed (万元), code, 签约, 立项, 开工, 竣工, 投产
_PROJECTS = {
    "P01": ("E1", "武进区", "新招引", "", "120000", "", "2409-320412-89-01-100011", "2024-08-20", "2024-09-25", "2025-02-10", "", ""),
    "P02": ("E2", "新北区", "新招引", "", "", "35000", "", "2024-12-20", "", "", "", ""),
    "P03": ("E3", "天宁区", "新招引", "", "300000", "", "2410-320402-89-01-100037", "2024-07-05", "2024-10-15", "", "", ""),
    "P04": ("E4", "金坛区", "新招引", "", "10000", "", "2309-320413-89-01-100045", "2023-06-01", "2023-09-12", "2023-12-18", "2025-03-12", ""),
    "P05": ("E5", "溧阳市", "新招引", "", "1050000", "", "2406-320481-89-01-100053", "2024-03-28", "2024-06-20", "2024-10-30", "", ""),
    "P06": ("E6", "钟楼区", "技改", "是", "18000", "", "2208-320404-89-02-100061", "", "2022-08-09", "2022-10-08", "2023-09-28", "2023-11-15"),
    "P07": ("E7", "常州经开区", "新招引", "", "520000", "", "2501-320412-89-01-100079", "2024-11-18", "2025-01-22", "", "", ""),
    "P08": ("E1", "武进区", "新招引", "", "99999", "", "2407-320412-89-01-100087", "2024-05-06", "2024-07-19", "2024-12-05", "", ""),
    "P09": ("E2", "新北区", "技改", "否", "22000", "", "2411-320411-89-02-100095", "", "2024-11-11", "2025-01-15", "", ""),
    "P10": ("E5", "溧阳市", "新招引", "", "", "100000", "", "2025-03-18", "", "", "", ""),
    "P11": ("E8", "天宁区", "技改", "是", "12000", "", "2202-320402-89-02-100113", "", "2022-02-17", "2022-04-06", "2023-03-30", "2023-05-20"),
    "P12": ("E4", "金坛区", "新招引", "", "9800", "10500", "2412-320413-89-01-100121", "2024-10-08", "2024-12-16", "", "", ""),
}  # fmt: skip
PROJECTS = tuple(_PROJECTS)
Changed = Mapping[str, Mapping[str, str]]


def district_row(project: str) -> dict[str, str]:
    """One project as the district reports it, text by column."""
    firm, region, kind, works, filed, agreed, code, *points = _PROJECTS[project]
    uscc, name, industry = FIRMS[firm]
    cells = (code, f"示范项目{project}", name, uscc, region, kind, works, filed, agreed, industry, *points)
    return dict(zip(HEADER, (*cells, REPORTED, REPORTER), strict=True))


def district_rows(changed: Changed | None = None, more: Sequence[Mapping[str, str]] = ()) -> list[list[str]]:
    """Header and rows of the report; rows added take what they do not say from P03."""
    given = {name: district_row(name) | dict((changed or {}).get(name, {})) for name in PROJECTS}
    rows = [*given.values(), *(district_row("P03") | dict(one) for one in more)]
    return [list(HEADER), *([row[name] for name in HEADER] for row in rows)]


def write_xlsx(path: Path, changed: Changed | None = None, more: Sequence[Mapping[str, str]] = ()) -> Path:
    """The report as a workbook of text cells."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("区县项目月度报表")
        for number, row in enumerate(district_rows(changed, more)):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    return path


def write_gbk_csv(path: Path, changed: Changed | None = None, more: Sequence[Mapping[str, str]] = ()) -> Path:
    """The report as a CSV that a Chinese Excel saves."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(district_rows(changed, more))
    path.write_bytes(text.getvalue().encode("gbk"))
    return path
