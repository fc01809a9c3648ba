"""What amounts a rule states, and what amounts the entries it names hold: both as exact quantities, to compare them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Clause, Condition, FactCondition, Formula, HumanCondition
from policy_match.eligibility.schema_benefit import parts_of
from policy_match.strict_yaml import Data, read_file
from policy_match.units import normal_text

MONEY = {"万亿元": 10**12, "万亿": 10**12, "亿元": 10**8, "亿": 10**8, "万元": 10**4, "万": 10**4, "元": 1}
RATIO = {"个百分点": 100, "百分点": 100, "%": 100, "‰": 1000, "bp": 10_000}
COUNT = {
    "人": ("人", 1), "名": ("人", 1), "位": ("人", 1), "周岁": ("月", 12), "岁": ("月", 12), "年": ("月", 12), "个月": ("月", 1),
    "月": ("月", 1), "天": ("天", 1), "日": ("天", 1), "分": ("分", 1), "项": ("件", 1), "件": ("件", 1), "个": ("件", 1),
    "家": ("件", 1), "次": ("件", 1), "架": ("件", 1), "台": ("件", 1), "兆瓦": ("千瓦", 1000), "千瓦": ("千瓦", 1),
}  # fmt: skip
NAMED = {"wan": ("money", 10**4), "yi": ("money", 10**8), "yuan": ("money", 1), "years": ("月", 12), "age": ("月", 12)}
SILENT = frozenset({"id", "doc_no", "derived", "recalled", "recalled_fields", "caution"})
_UNIT = "|".join(sorted({*MONEY, *RATIO, *COUNT}, key=len, reverse=True))
_FIGURES = re.compile(rf"(\d+(?:\.\d+)?(?:[/、~—–→-]\d+(?:\.\d+)?)*)({_UNIT})?", re.IGNORECASE)
_WHOLE = re.compile(rf"-?(\d+(?:\.\d+)?)({_UNIT})?$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?|[(（〔\[]\d{4}[)）〕\]]\d+号|\d+号")
_SPOKEN = re.compile(r"([一二两三四五六七八九十])(?=年|个月|月|人|项|件|次|名)|(?<=前)([一二三四五])(?!年)")
_DIGITS = dict(zip("一二两三四五六七八九十", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure in base units. `kind`: money (元), ratio, or what is counted; "" for a figure that says no unit."""

    kind: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure in a rule: where it stands, as written, and what it is."""

    where: str
    written: str
    quantity: Quantity


def whole(written: str) -> Quantity | None:
    """The quantity that a text is and nothing else: 600万元, 12%, 1.5个百分点, 30人; None for dates, codes and names."""
    found = _WHOLE.match(normal_text(written).replace(",", ""))
    return None if found is None else _quantity(found[1], found[2])


def within(text: str) -> Iterator[Quantity]:
    """Every figure in a sentence; in 100/50/20万元 and 50—100万元 the unit is that of all of them."""
    plain = _DATE.sub("。", normal_text(text))
    plain = _SPOKEN.sub(lambda match: str(_DIGITS[match[1] or match[2]]), plain)
    for figures, unit in _FIGURES.findall(plain):
        yield from (_quantity(figure, unit) for figure in re.split(r"[/、~—–→-]", figures))


def _quantity(figure: str, unit: str | None) -> Quantity:
    unit = (unit or "").lower()
    if unit in MONEY:
        return Quantity("money", Fraction(figure) * MONEY[unit])
    if unit in RATIO:
        return Quantity("ratio", Fraction(figure) / RATIO[unit])
    kind, size = COUNT.get(unit, ("", 1))
    return Quantity(kind, Fraction(figure) * size)


def of_entry(data: Data, key: str = "") -> Iterator[Quantity]:
    """Every figure of an entry; the name of a field says its unit: cap_wan, tiers_yi, or `field: ent.revenue_wan`."""
    if isinstance(data, Mapping):
        named = next((data[name] for name in ("field", "type") if isinstance(data.get(name), str)), "")
        for name, value in data.items():
            yield from within(name)
            yield from of_entry(value, key if _named(name) is None and _named(key) else f"{name}_{named}")
    elif isinstance(data, list):
        for value in data:
            yield from of_entry(value, key)
    elif isinstance(data, str):
        yield from within(data)
    elif isinstance(data, int | Decimal) and not isinstance(data, bool):
        kind, unit = _named(key) or ("", 1)
        yield Quantity(kind, Fraction(data) * unit)
        if not kind:
            yield Quantity("ratio", Fraction(data) / (100 if "_pp" in key else 1))


def _named(key: str) -> tuple[str, int] | None:
    return next((NAMED[part] for part in re.split(r"[._]", key) if part in NAMED), None)


def holds(quantities: frozenset[Quantity], wanted: Quantity) -> bool:
    """Whether the quantities hold this one; a figure without a unit may count anything, but is neither money nor a share."""
    if wanted in quantities:
        return True
    return wanted.kind not in ("money", "ratio") and Quantity("", wanted.value) in quantities


def stated(rule: Rule, rulebook: Rulebook) -> Iterator[Stated]:
    """Every amount, rate, count and period in the benefit and the conditions of a version, and in what its texts say."""
    measure, benefit = rule.measure, rule.measure.benefit
    if benefit is not None:
        for name, written in _of_benefit(benefit):
            yield from _stated(f"benefit.{name}", written)
        for cap in benefit.caps:
            yield from _stated("benefit.caps", cap.amount)
        for row in benefit.switch.rows if benefit.switch else ():
            yield from _stated("benefit.switch", row.times)
        yield from _said("benefit.says", benefit.says)
    for name, condition in conditions_of(rule, rulebook).items():
        yield from _of_condition(name, condition)
    for clause in measure.clauses:
        yield from _said("clauses", _text(clause))


def conditions_of(rule: Rule, rulebook: Rulebook) -> dict[str, Condition]:
    """The conditions as written, those of the definitions that the version uses among them."""
    found: dict[str, Condition] = {**rule.measure.conditions}
    used = {condition.definition for condition in rule.conditions.values() if condition.definition is not None}
    for name in sorted(used):
        found |= {f"{name}.{own}": written for own, written in rulebook.definitions[name].conditions.items()}
    return found


def _of_condition(name: str, condition: Condition) -> Iterator[Stated]:
    if not isinstance(condition, FactCondition):
        text = condition.human if isinstance(condition, HumanCondition) else condition.assumed
        yield from _said(f"conditions.{name}", text)
        return
    values: list[object] = [*(condition.value if isinstance(condition.value, list) else [condition.value])]
    for row in condition.rows:
        values += [row.value, row.guard[1] if row.guard else None]
    for value in (*values, condition.from_, condition.to):
        yield from _stated(f"conditions.{name}", value)


def _text(clause: Clause) -> str | None:
    return clause.says or clause.quote


def _said(where: str, text: str | None) -> Iterator[Stated]:
    """Money and shares in a sentence: its counts and years are too many to mean something."""
    for quantity in within(text or ""):
        if quantity.kind in ("money", "ratio"):
            yield Stated(where, text or "", quantity)


def _of_benefit(benefit: Formula) -> Iterator[tuple[str, object]]:
    for part in parts_of(benefit):
        yield from (("fixed", part.fixed), ("rate", part.rate), ("cap", part.cap), ("floor", part.floor))
        if part.tiers is not None:
            for row in part.tiers.rows:
                yield from (("tiers", row.rate), ("tiers", row.fixed), ("tiers", row.guard[1] if row.guard else None))
        if part.choose is not None:
            yield from (("choose", row.guard[1]) for row in part.choose.rows if row.guard)
        if part.increment is not None:
            yield "increment", part.increment.rate
        if part.interest is not None:
            yield "interest", part.interest.rate
        if part.per_unit is not None:
            yield "per_unit", part.per_unit.amount
            yield "per_unit", part.per_unit.times if part.per_unit.times != 1 else None
        if part.top_up is not None:
            yield "top_up", part.top_up.to
        if part.facility is not None:
            yield from (("facility", part.facility.limit), ("facility", part.facility.share))


def _stated(where: str, written: object) -> Iterator[Stated]:
    """A figure with its unit, or a bare whole number; text without a unit is a code, a name or a date."""
    if isinstance(written, str | int | Decimal) and not isinstance(written, bool):
        quantity = whole(str(written))
        if quantity is not None and (quantity.kind or not isinstance(written, str)):
            yield Stated(where, str(written), quantity)


def entries_held(folder: Path, *, derived: bool = False) -> dict[str, frozenset[Quantity]]:
    """The quantities of every entry by its id; what is recalled, a caution or (unless `derived`) derived is left out."""
    silent = SILENT - {"derived"} if derived else SILENT
    held: dict[str, frozenset[Quantity]] = {}
    for path in sorted(folder.glob("measures_*.yaml")):
        data = read_file(path).data
        for entry in data if isinstance(data, list) else ():
            if isinstance(entry, dict):
                said: Data = {name: part for name, part in entry.items() if name not in silent}
                held[str(entry["id"])] = frozenset(of_entry(said))
    return held
