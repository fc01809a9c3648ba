"""Make corpus/projects.csv, the library of real projects, from the table taken down from public pages.

Usage: python scripts/make_projects.py [SOURCE] [TARGET]; both default to the files of the repository. The same
source gives the same bytes.

A row has the source PUBLIC for what its page says; facts named in its column 解读 (readings) are our reading:

- the industry class, always: the pages name products, not classes; a district that was inferred;
- 新招引, always, and 技改 where neither name nor content says so;
- a stage that neither a date nor the content of the row bears out; 在建 is kept as 开工, the stage it has reached;
- every date of a row whose year was inferred, and an approval known only by its environmental assessment;
- a total investment in foreign currency: a band of 15 % on either side of the rough conversion, since a rate of no
  day was stated; one that the page calls about, of fixed assets or of financing only;
- equipment paid so far, since no page says whether with VAT, and land converted from hectares;
- everything of a row taken down from memory (依据: 凭记忆), for which no page was seen.

Left out, because nobody said it: orders of magnitude (百亿元级), which stay readable in their own column; dates of
stages that the project has not reached, which are plans and get columns of their own; keys, credit codes and the seat
of the firm. 省重大 and 市重大 are major levels; other honours of the kind (市重点) are lists. Addresses are of
government sites only. Projects outside Changzhou are refused.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from policy_match.identifiers import DISTRICTS, canonical_region

ROOT = Path(__file__).resolve().parents[1]
SOURCE, TARGET = ROOT / "corpus" / "sources" / "projects.csv", ROOT / "corpus" / "projects.csv"

STAGES = ("签约", "立项", "开工", "竣工", "投产")
DATES = dict(
    zip(STAGES, ("date_signed", "date_approved", "date_started", "date_completed", "date_production"), strict=True)
)
DATE_FACTS = dict(zip(STAGES, ("signed_on", "approved_on", "started_on", "completed_on", "produced_on"), strict=True))
BORNE_OUT = {
    "签约": "签约",
    "立项": "立项|环评|拟批",
    "开工": "开工|奠基|施工|封顶|在建",
    "竣工": "竣工备案|已竣工",
    "投产": "建成投产|首车下线|老厂",
}
MAJOR_LEVELS = ("省重大", "市重大", "区重大")
HEADERS = {
    "id": "项目编号", "name": "项目名称", "enterprise_name": "企业名称", "source": "来源", "readings": "解读",
    "district": "所在辖市区", "industry_code": "国民经济行业代码", "total_investment": "总投资（亿元）",
    "equipment_investment": "设备投入（亿元）", "project_kind": "项目类型", "stage": "项目阶段",
    "signed_on": "签约日期", "approved_on": "立项日期", "started_on": "开工日期", "completed_on": "竣工日期",
    "produced_on": "投产日期", "land_area": "用地面积（亩）", "major_level": "重大项目级别",
    "lists": "所在名单与项目库", "content": "建设内容",
    "x_town": "x_镇街或园区", "x_industry": "x_行业原文", "x_investment": "x_总投资原文", "x_stage": "x_阶段原文",
    "x_completion": "x_计划竣工", "x_production": "x_计划投产", "x_equipment": "x_设备原文",
    "x_basis": "x_依据", "x_address": "x_网址",
}  # fmt: skip
KEYS = frozenset({"id", "name", "enterprise_name", "source", "readings"})
FX_SHARE = Decimal("0.15")

Row = Mapping[str, str]


def contract_row(row: Row) -> dict[str, str]:
    """One project in contract form, by the keys of HEADERS; ValueError for a project of another city."""
    if row["city"] != "常州市":
        raise ValueError(f"{row['project_id']} 不是常州的项目：{row['city']}")
    district = canonical_region(row["district"])
    if district not in DISTRICTS:
        raise ValueError(f"{row['project_id']} 的辖市区不认识：{row['district']}")
    made = {
        "id": row["project_id"],
        "name": row["project_name"],
        "enterprise_name": row["company"],
        "district": district,
        "industry_code": row["gbt4754_guess"],
        "total_investment": total_investment(row),
        "equipment_investment": row["equipment_investment_yi"],
        "project_kind": row["project_type"],
        "stage": stage_of(row),
        **reached_dates(row),
        "land_area": row["land_mu"],
        "major_level": row["level"] if row["level"] in MAJOR_LEVELS else "",
        "lists": "" if row["level"] in MAJOR_LEVELS else row["level"],
        "content": row["description"],
        **remarks(row),
    }
    recalled = row["confidence"] != "page"
    readings = [fact for fact in HEADERS if made.get(fact) and (recalled or is_reading(fact, row))]
    readings = [fact for fact in readings if fact not in KEYS and not fact.startswith("x_")]
    return made | {"source": "READING" if recalled else "PUBLIC", "readings": ";".join(readings)}


def stage_of(row: Row) -> str:
    """The stage that the project has reached; under construction means that construction has begun."""
    return "开工" if row["stage"] == "在建" else row["stage"]


def reached_dates(row: Row) -> dict[str, str]:
    """Dates of the stages up to the present one; those of later stages are plans."""
    reached = STAGES.index(stage_of(row))
    return {DATE_FACTS[stage]: row[DATES[stage]] for stage in STAGES[: reached + 1]}


def remarks(row: Row) -> dict[str, str]:
    """What is kept for readers and decides nothing."""
    planned = STAGES[STAGES.index(stage_of(row)) + 1 :]
    return {
        "x_town": row["town"],
        "x_industry": row["industry_text"],
        "x_investment": row["investment_raw"],
        "x_stage": row["stage"],
        "x_completion": row[DATES["竣工"]] if "竣工" in planned else "",
        "x_production": row[DATES["投产"]] if "投产" in planned else "",
        "x_equipment": row["equipment_note"],
        "x_basis": "网页" if row["confidence"] == "page" else "凭记忆，未见网页",
        "x_address": government_address(row["source_url"]),
    }


def total_investment(row: Row) -> str:
    """亿元: the stated sum, a band around a conversion, an open band for "more than"; empty for an order of magnitude."""
    raw = row["investment_raw"]
    more = "超" in raw
    if row["investment_fx_approx_yi"]:
        rough = Decimal(row["investment_fx_approx_yi"])
        low, high = rough * (1 - FX_SHARE), rough * (1 + FX_SHARE)
        return f"{plain(low)}~" + ("" if more else plain(high))
    stated = re.search(r"(\d+(?:\.\d+)?)(亿元|万元)$", raw)
    if stated is None:
        return ""
    sum_ = Decimal(stated[1]) / (1 if stated[2] == "亿元" else 10_000)
    return plain(sum_) + ("~" if more else "")


def plain(number: Decimal) -> str:
    """Digits without exponent or trailing zeros."""
    return f"{number.normalize():f}"


def is_reading(fact: str, row: Row) -> bool:
    """Whether what a page row holds of a fact is our reading rather than the page's word."""
    text = row["description"]
    raw = row["investment_raw"]
    if fact in DATE_FACTS.values():
        return bool(row["year_inferred"]) or (fact == "approved_on" and "环评" in text)
    return {
        "district": "所在区为推测" in text,
        "industry_code": True,
        "equipment_investment": True,
        "project_kind": row["project_type"] != "技改" or not re.search("技改|技术改造", row["project_name"] + text),
        "stage": not row[DATES[stage_of(row)]] and not re.search(BORNE_OUT[stage_of(row)], text),
        "total_investment": bool(re.search("美元|欧元|约|固定资产", raw)) or "融资额口径" in text,
        "land_area": "公顷" in text,
    }.get(fact, False)


def government_address(address: str) -> str:
    """The address if it is of a government site, else nothing."""
    host = urlsplit(address).hostname or ""
    return address if host.endswith(".gov.cn") else ""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of the source, in its order."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def library(source: Path) -> str:
    """The library as CSV text; ValueError for a row that is none of Changzhou."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADERS.values())
    for row in read_rows(source):
        made = contract_row(row)
        writer.writerow(made.get(key, "") for key in HEADERS)
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Write the target; 2 and a message where the source cannot be taken, and nothing is written."""
    source = Path(arguments[0]) if arguments else SOURCE
    target = Path(arguments[1]) if len(arguments) > 1 else TARGET
    try:
        text = library(source)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    target.write_text(text, encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
