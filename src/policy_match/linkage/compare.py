"""Compare one record with one row of the library: every finding a part with its points."""

from __future__ import annotations

from fractions import Fraction

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from policy_match.linkage import weights as w
from policy_match.linkage.compare_names import compare_names
from policy_match.linkage.names import firm_words
from policy_match.linkage.normalise import Amount, Profile
from policy_match.linkage.records import Comparison, Part, Standing
from policy_match.linkage.weights import Weight
from policy_match.units import Band, format_money

_YEAR, _MONTH = 366, 31
_SLIPS = tuple(Fraction(10) ** power for power in (-8, -4, 4, 8))
_NEARLY = {4: "一万倍", 8: "一亿倍"}


def compare(ours: Profile, theirs: Profile) -> Comparison:
    """Every finding between a row of the library and another record, in a fixed order; unknowns take no part."""
    parts = _codes(ours, theirs)
    names, standing = _names(ours, theirs)
    for found in (
        names,
        _firm(ours, theirs),
        _amount(ours.amount, theirs.amount),
        _started(ours.started, theirs.started),
        _region(ours.region, theirs.region),
        _place(ours.place, theirs.place),
        _trade(ours.industry, theirs.industry),
    ):
        parts += found
    by_code = bool(ours.project_code) and ours.project_code == theirs.project_code
    return Comparison(ours.id, tuple(parts), by_code, standing)


def _codes(ours: Profile, theirs: Profile) -> list[Part]:
    faults = [fault for fault in (theirs.code_fault, ours.code_fault and f"库内{ours.code_fault}") if fault]
    found = [Part(fault, w.CODE_BAD) for fault in faults]
    if not ours.project_code or not theirs.project_code:
        return found
    if ours.project_code == theirs.project_code:
        return [Part("项目代码相同", w.CODE_SAME)]
    return [Part("项目代码不同", w.CODE_OTHER)]


def _names(ours: Profile, theirs: Profile) -> tuple[list[Part], Standing]:
    if ours.name is None or theirs.name is None:
        return [], Standing.NONE
    finding = compare_names(ours.name, theirs.name, (*ours.firms, *theirs.firms), ours.industry + ours.place)
    return list(finding.parts), finding.standing


def _firm(ours: Profile, theirs: Profile) -> list[Part]:
    """Whether the firms are one, by credit code or else by name, or by a name within the project's name."""
    faults = [fault for fault in (theirs.uscc_fault, ours.uscc_fault and f"库内{ours.uscc_fault}") if fault]
    found = [Part(fault, w.USCC_BAD) for fault in faults]
    named = _firm_names(ours, theirs)
    if not ours.uscc or not theirs.uscc:
        return found + ([named] if named else [])
    is_alike = named is not None and named.weight.points > 0
    if ours.uscc == theirs.uscc:
        differs = named is not None and named.weight is w.FIRM_OTHER
        return [*found, Part("信用代码相同" + ("（单位名称不同）" if differs else ""), w.USCC_SAME)]
    weight = w.USCC_OTHER_NAME_ALIKE if is_alike else w.USCC_OTHER
    return [*found, Part("信用代码不同" + ("（单位名称相近）" if is_alike else ""), weight)]


def _firm_names(ours: Profile, theirs: Profile) -> Part | None:
    if ours.firms and theirs.firms:
        pairs = [_firm_pair(one, other) for one in ours.firms for other in theirs.firms]
        return max(pairs, key=lambda part: part.weight.points)
    for firms, name in ((ours.firms, theirs.name), (theirs.firms, ours.name)):
        if name is not None and (words := firm_words(name.core, firms)):
            return Part(f"名称中有单位“{words}”", w.FIRM_IN_NAME)
    return None


def _firm_pair(one: str, other: str) -> Part:
    short, long = sorted((one, other), key=len)
    if one == other:
        return Part("单位名称相同", w.FIRM_SAME)
    if long.startswith(short) or (len(short) >= 3 and (short in long or _is_short_form(short, long))):
        return Part("单位名称一长一短", w.FIRM_SHORT)
    likeness = OSA.normalized_similarity(one, other)
    if len(short) >= 3 and likeness >= 0.74:
        return Part(f"单位名称相近 {likeness:.2f}", w.FIRM_NEAR)
    if one[:2] == other[:2]:
        return Part(f"单位名称开头相同“{one[:2]}”", w.FIRM_BRAND)
    return Part("单位名称不同", w.FIRM_OTHER)


def _is_short_form(short: str, long: str) -> bool:
    """Whether the letters of `short` stand in `long` in order, from the first on."""
    rest = iter(long)
    return short[0] == long[0] and all(letter in rest for letter in short)


def _amount(ours: Amount | None, theirs: Amount | None) -> list[Part]:
    if ours is None or theirs is None:
        return []
    pairs = [(one, other) for one in ours.fen for other in theirs.fen]
    if not (ours.unit_known and theirs.unit_known):
        return [Part("总投资相同（未写单位）", _same(ours))] if any(_within(a, b, 100) for a, b in pairs) else []
    one, other = pairs[0]
    if _within(one, other, 100):
        return [Part("总投资相同", _same(ours))]
    times = Fraction(other, one)
    shown = f"（{format_money(other)}/库内{format_money(one)}）"
    for power in (4, 8):
        if any(_near(times, slip) for slip in _SLIPS if slip in (Fraction(10) ** power, Fraction(1, 10**power))):
            return [Part(f"总投资差{_NEARLY[power]}，像是单位写错{shown}", w.AMOUNT_SLIP)]
    return [_amounts_apart(times, shown)]


def _same(amount: Amount) -> Weight:
    return w.AMOUNT_ROUND if amount.is_round else w.AMOUNT_SAME


def _amounts_apart(times: Fraction, shown: str) -> Part:
    if _near(times, Fraction(10)) or _near(times, Fraction(1, 10)):
        return Part(f"总投资差十倍{shown}", w.AMOUNT_TEN)
    apart = max(times, 1 / times)
    if apart <= Fraction(11, 10):
        return Part(f"总投资相近{shown}", w.AMOUNT_NEAR)
    if apart <= 3:
        return Part(f"总投资不同{shown}", w.AMOUNT_OTHER)
    return Part(f"总投资相差三倍以上{shown}", w.AMOUNT_FAR)


def _within(one: int, other: int, parts: int) -> bool:
    """Whether two amounts differ by no more than one in `parts` of the larger."""
    return abs(one - other) * parts <= max(one, other)


def _near(times: Fraction, wanted: Fraction) -> bool:
    return abs(times / wanted - 1) <= Fraction(1, 100)


def _started(ours: Band | None, theirs: Band | None) -> list[Part]:
    if ours is None or theirs is None:
        return []
    low, high = max(int(ours.low or 0), int(theirs.low or 0)), min(int(ours.high or 0), int(theirs.high or 0))
    if low > high:
        return [Part("开工时间相差一年以上", w.DATE_FAR) if low - high > _YEAR else Part("开工时间不同", w.DATE_NEAR)]
    widest = max(int(band.high or 0) - int(band.low or 0) for band in (ours, theirs))
    if widest == 0:
        return [Part("开工日期相同", w.DAY_SAME)]
    return [Part("开工月份相同", w.MONTH_SAME) if widest <= _MONTH else Part("开工年份相符", w.YEAR_SAME)]


def _region(ours: str, theirs: str) -> list[Part]:
    if not ours or not theirs or {ours, theirs} == {"JK", "320412"}:
        return []  # 常州经开区 was cut from 武进 and is often still written so
    if ours == theirs or (not ours[0].isdigit() and not theirs[0].isdigit() and (ours in theirs or theirs in ours)):
        return [Part("地区相同", w.REGION_SAME)]
    return [Part("地区不同", w.REGION_OTHER)]


def _place(ours: str, theirs: str) -> list[Part]:
    if not ours or not theirs or not (ours in theirs or theirs in ours):
        return []
    is_exact = any(letter.isdigit() for letter in min(ours, theirs, key=len))
    return [Part("建设地点相同", w.PLACE_EXACT if is_exact else w.PLACE_SAME)]


def _trade(ours: str, theirs: str) -> list[Part]:
    if not ours or not theirs:
        return []
    if ours == theirs:
        return [Part("行业相同", w.TRADE_SAME)]
    if fuzz.ratio(ours, theirs) >= 60 or fuzz.partial_ratio(ours, theirs) >= 80:
        return [Part("行业相近", w.TRADE_LIKE)]
    return [Part("行业不同", w.TRADE_OTHER)]
