"""Make corpus/demo/subjects.jsonl, the library of invented firms, projects and persons, from corpus/sources/demo.yaml.

Usage: python scripts/make_demo.py [SOURCE] [TARGET]; both default to the files of the repository. The same source
gives the same bytes. A subject of the source is a few lines: profiles that it is `like` (profiles or other subjects,
later ones win), the `figures` of a firm, the `facts` that differ, and the facts it is `without`. Everything here is
invented: names begin with 示范, and credit codes lie in the reserved range MAYYYY.

What a firm reports follows from its few figures, so that its facts agree with one another: head counts, yearly
revenue and R&D with their sums, means, shares and growth, assets, and the tax and insurance figures of its size.

How the demonstration stays fresh. A register fact that ages by the day (`fresh_days` in rules/facts.yaml) would be
unknown a month after any date written here, and the demonstration would show nothing. Such facts therefore carry
their register and no day, which means: as it stands there whenever you look. The facts that do not age carry the day
on which they were taken down where a subject names one (`seen`); before that day they are unknown, so the subjects
that show what an earlier version of a measure said name none. A few aged observations are written on purpose, with
days long past, so that staleness is seen today and in ten years alike.

Every fact comes from the first register of its order of authority, except from FAI, which may serve statistics only,
and TEXT; where a subject names another register or day, that is what it is there to show.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import TypeAlias, cast

import yaml

from policy_match.errors import FactError
from policy_match.facts.vocabulary import FactSpec, Vocabulary
from policy_match.identifiers import uscc_check_letter
from policy_match.workflows.open_rules import open_vocabulary

ROOT = Path(__file__).resolve().parents[1]
SOURCE, TARGET = ROOT / "corpus" / "sources" / "demo.yaml", ROOT / "corpus" / "demo" / "subjects.jsonl"
PREFIX = "示范"
NO_EVIDENCE = frozenset({"FAI", "TEXT"})
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Unemployment insurance of firm and employee together: 1 % of 7,000元 a month, for a year.
YEARLY_INSURANCE = 840

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"
Facts: TypeAlias = "dict[str, Plain]"


@dataclass
class Entry:
    """One subject or profile of the source; sums of `figures` are in 万元."""

    kind: str = "profile"
    name: str | None = None
    number: int | None = None
    enterprise: str | None = None
    like: list[str] = field(default_factory=list)
    seen: str | None = None
    figures: dict[str, Plain] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    without: list[str] = field(default_factory=list)


def credit_code(region: str, number: int) -> str:
    """The 统一社会信用代码 of an invented firm: 91, region, MAYYYY, two digits, and both check letters."""
    body = f"MAYYYY{number:02d}"
    total = sum(LETTERS.index(letter) * weight for letter, weight in zip(body, ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    # 常州经开区 has no code of its own: its firms are registered under 武进.
    code = f"91{'320412' if region == 'JK' else region}{body}{'X' if check == 10 else check % 11}"
    return code + uscc_check_letter(code + "0")


def region_of(facts: Facts) -> str:
    """The region that a firm is registered in, with or without the origin of that fact."""
    written = facts["registered_region"]
    return str(written["value"] if isinstance(written, dict) else written)


def percent(part: Decimal, whole: Decimal) -> str:
    """A share with two decimals of a percent, rounded down: never better than it is."""
    return f"{plain((part * 100 / whole).quantize(Decimal('0.01'), ROUND_FLOOR))}%"


def wan(sum_: Decimal) -> str:
    """A sum in 万元."""
    return f"{plain(sum_)}万元"


def plain(number: Decimal) -> str:
    """Digits without exponent or trailing zeros."""
    return f"{number.normalize():f}"


def figures_of(written: Mapping[str, Plain]) -> Facts:
    """What a firm reports, from its figures: staff, scientists, revenue and rd by year, main, hitech, assets, debt, income."""
    if not written:
        return {}
    staff = int(str(written["staff"]))
    revenue, rd = years(written["revenue"]), years(written["rd"])
    main, hitech = Decimal(str(written["main"])), Decimal(str(written["hitech"]))
    return (
        people(staff, int(str(written["scientists"])))
        | yearly(revenue, rd, main)
        | {"hitech_rev_ratio": f"{plain(hitech)}%"}
        | balance(staff, *(Decimal(str(written[name])) for name in ("assets", "debt", "income")))
        | monthly_vat(revenue[-1])
        | {"unemployment_ins_paid_last_year": f"{staff * YEARLY_INSURANCE}元"}
        | {"six_taxes_two_fees": wan(revenue[-1] / 200)}
    )


def years(written: Plain) -> list[Decimal]:
    """The sums of successive years."""
    return [Decimal(str(year)) for year in cast("list[Plain]", written)]


def people(staff: int, scientists: int) -> Facts:
    """Head counts; nobody comes or goes or holds shares, so that every way of counting gives the same."""
    return {
        "staff_total": staff,
        "staff_quarters": [[staff, staff] for _ in range(4)],
        "insured_staff": staff,
        "staff_month_average": staff,
        "sci_staff": scientists,
        "rd_staff": scientists,
        "non_shareholder_staff": staff,
        "rd_staff_ratio": percent(Decimal(scientists), Decimal(staff)),
    }


def yearly(revenue: list[Decimal], rd: list[Decimal], main: Decimal) -> Facts:
    """Revenue and R&D of up to three years; the main business keeps its share, so that it grows as the whole does."""
    facts: Facts = {
        "revenue_by_year": [wan(year) for year in revenue],
        "revenue_last": wan(revenue[-1]),
        "annual_sales": wan(revenue[-1]),
        "main_revenue": wan(revenue[-1] * main / 100),
        "main_rev_ratio": f"{plain(main)}%",
        "main_industry_rev_ratio": f"{plain(main)}%",
        "manufacturing_sales_ratio": f"{plain(main)}%",
        "rd_by_year": [wan(year) for year in rd],
        "rd_last": wan(rd[-1]),
        "rd_first_five": wan(rd[-1] * 8 / 10),
        "rd_other_related": wan(rd[-1] / 10),
        "rd_outsourced_domestic": wan(rd[-1] / 10),
        "rd_outsourced_overseas": "0元",
        "rd_intangible_cost": "0元",
        "amortisation_years": 10,
        "rd_domestic_ratio": "100%",
        "rd_equipment_value": wan(rd[-1] / 2),
    }
    if len(revenue) > 1:
        facts |= {
            "rd_prev": wan(rd[-2]),
            "rd_ratio_y2": percent(rd[-2], revenue[-2]),
            "rd_avg_2y": wan((rd[-1] + rd[-2]) / 2),
            "rd_total_2y": wan(rd[-1] + rd[-2]),
        }
    if len(revenue) > 2:
        first, second = (revenue[-2] / revenue[-3] - 1, revenue[-1] / revenue[-2] - 1)
        facts["main_rev_growth_2y_avg"] = percent((first + second) / 2, Decimal(1))
        facts["revenue_growing_3y"] = min(first, second) > 0
        facts["revenue_growth_last"] = percent(second, Decimal(1))
        facts["revenue_cagr_3y"] = facts["revenue_growth_2y"] = percent(
            (revenue[-1] / revenue[-3]).sqrt() - 1, Decimal(1)
        )
    return facts


def balance(staff: int, assets: Decimal, debt: Decimal, income: Decimal) -> Facts:
    """Assets that stay level over the year, their share of debt, taxable income, and the tax class of the three limits."""
    return {
        "total_assets": wan(assets),
        "paid_in_capital": wan(assets / 4),
        "assets_quarters": [[wan(assets), wan(assets)] for _ in range(4)],
        "debt_ratio": f"{plain(debt)}%",
        "taxable_income": wan(income),
        "is_small_low_profit": staff <= 300 and assets <= 5000 and income <= 300,
    }


def monthly_vat(revenue: Decimal) -> Facts:
    """Value added tax of one month: 13 % of a twelfth of the revenue, three quarters of it paid on inputs, no exports."""
    output = (revenue / 12 * Decimal("0.13")).quantize(Decimal("0.01"))
    return {
        "output_vat": wan(output),
        "input_vat": wan((output * 3 / 4).quantize(Decimal("0.01"))),
        "export_input_vat": "0元",
    }


def read_source(path: Path) -> dict[str, Entry]:
    """Profiles and subjects by key, in order."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {key: Entry(**written) for part in ("profiles", "subjects") for key, written in data[part].items()}


def facts_of(key: str, entries: Mapping[str, Entry]) -> Facts:
    """The facts of an entry as written: what it is like, then its figures, then its own, less what it is without."""
    entry = entries[key]
    facts: Facts = {}
    for other in entry.like:
        facts |= facts_of(other, entries)
    facts |= figures_of(entry.figures) | entry.facts
    unknown = sorted(set(entry.without) - set(facts))
    if unknown:
        raise ValueError(f"{key} 没有可去掉的事实：{'、'.join(unknown)}")
    return {name: value for name, value in facts.items() if name not in entry.without}


def observed(spec: FactSpec, written: Plain, seen: str | None) -> dict[str, Plain]:
    """A value with its register and, if the fact does not age by the day, the day `seen` on which it was taken down."""
    if isinstance(written, dict) and "value" in written:
        return written
    source = next(register for register in spec.registers if register not in NO_EVIDENCE)
    origin: dict[str, Plain] = {"value": written, "source": source}
    return origin if seen is None or spec.fresh_days is not None else origin | {"observed_on": seen}


def line_of(key: str, entries: Mapping[str, Entry], vocabulary: Vocabulary) -> dict[str, Plain]:
    """One subject in contract form; ValueError for a name that does not show that it is invented."""
    entry = entries[key]
    if entry.name is None or not entry.name.startswith(PREFIX):
        raise ValueError(f"{key} 的名称应以“{PREFIX}”开头：{entry.name}")
    facts = facts_of(key, entries)
    line: dict[str, Plain] = {"id": key, "kind": entry.kind, "name": entry.name}
    if entry.number is not None:
        line["enterprise"] = credit_code(region_of(facts), entry.number)
    if entry.enterprise is not None:
        line["enterprise"] = entry.enterprise
        line["enterprise_name"] = entries[entry.enterprise].name
    order = {name: place for place, name in enumerate(vocabulary.facts)}
    shown = sorted(facts, key=lambda name: (order[vocabulary[name].name], name))
    line["facts"] = {name: observed(vocabulary[name], facts[name], entry.seen) for name in shown}
    return line


def library(source: Path) -> Iterator[str]:
    """The library, a JSON line per subject in the order of the source."""
    entries = read_source(source)
    vocabulary = open_vocabulary(ROOT / "rules", ROOT / "corpus")
    for key, entry in entries.items():
        if entry.kind != "profile":
            yield json.dumps(line_of(key, entries, vocabulary), ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the target; 2 and a message where the source cannot be taken, and nothing is written."""
    source = Path(arguments[0]) if arguments else SOURCE
    target = Path(arguments[1]) if len(arguments) > 1 else TARGET
    try:
        text = "".join(library(source))
    except (ValueError, FactError) as error:
        print(error, file=sys.stderr)
        return 2
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
