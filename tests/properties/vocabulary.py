"""The facts that random rules and random subjects are about: a dozen and more of all types, with values around their thresholds."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from policy_match.facts.cells import Cause, Cell, Item, Items, Possible, Series, Value
from policy_match.units import Band

AS_OF = date(2026, 2, 28)
HONOURS = ("高新技术企业", "专精特新中小企业", "科技型中小企业")
LEVELS = ("省级", "市级")
DAYS = ("2024-02-29", "2025-02-28", "2025-08-31", "2025-09-01", "2026-02-27", "2026-02-28", "2026-06-30")
THRESHOLDS: dict[str, tuple[str, ...]] = {
    "total_investment": ("5000万元", "1亿元", "1.2亿元"),
    "revenue_last": ("500万元", "2000万元", "4亿元"),
    "annual_sales": ("500万元", "2000万元"),
    "staff_total": ("20人", "300人"),
    "registered_days": ("365天", "730天"),
    "niche_years": ("2年", "3年"),
    "land_area": ("60亩", "40000㎡"),
    "debt_ratio": ("0%", "3%", "70%"),
    "quality_score": ("60", "70.5"),
    "registered_on": DAYS,
    "signed_on": DAYS,
    "completed_on": DAYS,
    "tax_period": ("2024-01", "2025-06", "2025-12"),
}
KINDS = {
    "total_investment": "money",
    "revenue_last": "money",
    "annual_sales": "money",
    "staff_total": "count",
    "registered_days": "count",
    "niche_years": "count",
    "land_area": "area",
    "debt_ratio": "ratio",
    "quality_score": "score",
    "registered_on": "date",
    "signed_on": "date",
    "completed_on": "date",
    "tax_period": "month",
}
OPTIONS: dict[str, tuple[str, ...]] = {
    "hnte_valid": ("true", "false"),
    "blacklisted": ("true", "false"),
    "stage": ("签约", "立项", "开工", "竣工", "投产"),
    "loan_kind": ("项目贷款", "固定资产贷款", "流动资金贷款", "融资租赁"),
}
INDUSTRIES = ("C", "C30", "C301", "C3011", "C3012", "C35", "C3562", "F51", "F5111")
PLACES = ("320400", "320412", "JK", "320000", "320481", "330000", "330106")
SETS = ("honours", "lists")
SERIES = "revenue_by_year"
FACTS = (*KINDS, *OPTIONS, "industry_code", "district", *SETS, SERIES)
STEP = {"money": Fraction(1), "date": Fraction(1), "month": Fraction(1), "count": Fraction(1), "score": Fraction(1, 10),
        "ratio": Fraction(1, 10**4), "area": Fraction(1, 10)}  # fmt: skip
CAUSES = (Cause.MISSING, Cause.STALE, Cause.CONFLICT, Cause.WEAK_SOURCE, Cause.PURPOSE, Cause.NO_AUTHORISATION)


def numbers(fact: str, at: list[Fraction]) -> list[Value]:
    """Exact values at, one step under and over each threshold, near and far, and bands around them, open ones too."""
    kind = KINDS[fact]
    step, values = STEP[kind], list[Value]()
    for edge in at:
        far = max(abs(edge) // 6, step) if kind not in ("date", "month") else Fraction(200 if kind == "date" else 7)
        near = [edge - far, edge - step, edge, edge + step, edge + far]
        fifths = [edge * 4 / 5, edge * 6 / 5] if kind in ("count", "ratio", "score", "area") else []
        values += [Band.exact(plain(number)) for number in (*near, *fifths)]
        values += [Band(plain(near[0]), plain(near[1])), Band(plain(near[1]), plain(near[2]))]
        values += [Band(plain(near[1]), plain(near[3])), Band(plain(near[2]), plain(near[4]))]
        values += [
            Band(plain(edge), None),
            Band(None, plain(edge)),
            Band(plain(near[3]), None),
            Band(None, plain(near[1])),
        ]
    if kind == "ratio":
        values += [Band.exact(Fraction(29996, 10**6)), Band.exact(Fraction(1, 3)), Band.exact(Fraction(-1, 20))]
    return values


def plain(number: Fraction) -> int | Fraction:
    return number.numerator if number.denominator == 1 else number


def days(written: tuple[str, ...] = DAYS) -> list[Band]:
    """Days, a month, a year and half-open spans."""
    exact = [date.fromisoformat(day).toordinal() for day in written]
    spans = [
        (date(2025, 2, 1), date(2025, 2, 28)),
        (date(2025, 1, 1), date(2025, 12, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
    ]
    return [*map(Band.exact, exact), *(Band(a.toordinal(), b.toordinal()) for a, b in spans)]


def items(fact: str) -> list[Value]:
    """Complete lists: empty, of other names, valid, expired, not yet granted, of unknown date or level."""
    if fact == "lists":
        return [Items(()), Items((Item("市重大项目库", year=2025),)), Items((Item("其他名单"), Item("上市后备")))]
    day = date.fromisoformat
    spans = [
        ("2023-03-01", "2026-02-28"),
        ("2023-03-01", "2026-02-27"),
        ("2026-02-28", "2029-02-27"),
        ("2026-03-01", "2029-02-28"),
    ]
    found: list[Value] = [Items(()), Items((Item("其他荣誉"),)), Items((Item(HONOURS[0]),))]
    for index, (granted, through) in enumerate(spans):
        start, end = (Band.exact(day(text).toordinal()) for text in (granted, through))
        name, level = HONOURS[index % 3], LEVELS[index % 2]
        found += [
            Items((Item(name, start, end, level),)),
            Items((Item(name, start, None),)),
            Items((Item(name, None, end, level),)),
        ]
        found.append(Items((Item(name, days()[-2], end, None), Item(HONOURS[0], start, days()[-1], level))))
    return found


def series() -> list[Value]:
    """One to three years: growing by exactly 10 %, a 分 less, shrinking; unknown, zero and negative bases."""
    base = 10**9
    pairs = [
        (base, base * 11 // 10),
        (base, base * 11 // 10 - 1),
        (base, base),
        (0, base),
        (-base, base),
        (base, base * 109 // 100),
    ]
    found: list[Value] = [Series((Band.exact(a), Band.exact(b))) for a, b in pairs]
    found += [
        Series((Band.exact(base),)),
        Series((Band(None, None), Band.exact(base))),
        Series((Band.exact(base), Band(None, None))),
    ]
    found += [
        Series((Band.exact(1), Band(base, base + 5), Band.exact(base * 11 // 10 + 5))),
        Series((Band(0, base), Band.exact(base * 2))),
    ]
    return found


def codes(fact: str) -> list[Value]:
    """Options, codes of every depth, and a few that are known only as one of two."""
    options = OPTIONS.get(fact) or (INDUSTRIES if fact == "industry_code" else PLACES)
    pairs = [] if fact == "district" else [Possible(frozenset(options[:2])), Possible(frozenset(options[-2:]))]
    return [*map(Possible.only, options), *pairs]


def values_of(fact: str, thresholds: dict[str, list[Fraction]]) -> list[Cell]:
    """Cells worth trying for a fact: every kind of value and of ignorance."""
    if fact in KINDS:
        values = days() + numbers(fact, thresholds[fact]) if KINDS[fact] == "date" else numbers(fact, thresholds[fact])
    elif fact in SETS:
        values = items(fact)
    else:
        values = series() if fact == SERIES else codes(fact)
    return [*(Cell(value) for value in values), *(Cell(None, cause) for cause in CAUSES)]
