"""Compare two project names: what agrees, what one says beyond the other, phases, works and quantities.

The hard part is to tell wear (a letter lost, swapped, wrong; a generic word more or less; a short form) from another
work of the same firm, whose name often is the main project's with something added. Wear is short; what another work
adds is a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Indel, Levenshtein

from policy_match.linkage import weights as w
from policy_match.linkage.names import Name, firm_words, without_place
from policy_match.linkage.records import Part, Standing
from policy_match.linkage.weights import capped

WORD = 2  # letters from which an addition is a word and no slip
NEAR, LIKE, HALF = 5 / 6, 0.7, 0.5  # likeness: one letter in six wrong; more wear than that; as sisters share
SHORT_FORM = 4  # letters from which a short form tells
TRADE = 4  # letters from which a name may be that of a trade
SERIES = ("0123456789", "abcdefgh", "东西南北", "甲乙丙丁", "一二三四五六七八九十")
MARKS = frozenset("0123456789一二三四五六七八九十期扩")  # what is left of a phase when it is written badly
NUMERALS = "？一二三四五六七八九十"
SHOWN = 16
IS_TRADE = ("名称与库内行业相符", w.NAME_IS_TRADE)
_COMMON = re.compile(
    r"产业园|基地|产业化|研发|制造|智能|智造|生产|中心|科技|系统|新能源|新材料|新型|高端|装备|设备|工厂|区|一体化"
)


@dataclass(frozen=True, slots=True)
class NameFinding:
    """What was found between two names, and what that is good for."""

    parts: tuple[Part, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class _Letters:
    """The telling letters of two names beside each other, and how many both share in order."""

    ours: str
    theirs: str
    likeness: float

    @property
    def shared(self) -> float:
        """Length of the longest common subsequence."""
        return (len(self.ours) + len(self.theirs) - Indel.distance(self.ours, self.theirs)) / 2


def compare_names(ours: Name, theirs: Name, firms: tuple[str, ...], known: str) -> NameFinding:
    """The findings between the name in the library and the other; `known`: letters of the library row beside its name.

    `firms`: the cores of the firms of both records, whose words are not counted again.
    """
    if _is_slip(ours.text, theirs.text):
        name = Part("名称相近（两字颠倒或一字重复）", capped(w.NAME_NEAR, _telling(ours.core)))
        return NameFinding((name, *_phases(ours, ours)), Standing.SAME)
    pair = _beside(ours, theirs, firm_words(ours.core, firms), firm_words(theirs.core, firms))
    name, standing = _name_part(pair, ours, theirs, known)
    parts = [name, *_apart(pair, ours, theirs, known), *_phases(ours, theirs), *_works(ours, theirs)]
    return NameFinding(tuple(parts), standing)


def _is_slip(ours: str, theirs: str) -> bool:
    """Whether all that differs is two neighbours swapped or a letter doubled, figures apart: no other project is named so."""
    if OSA.distance(ours, theirs, score_cutoff=1) != 1:
        return False
    if len(ours) == len(theirs):
        moved = {one for one, other in zip(ours, theirs, strict=True) if one != other}
        return len(moved) == 2 and not moved <= MARKS
    short, long = sorted((ours, theirs), key=len)
    place = next((place for place, letter in enumerate(short) if letter != long[place]), len(short))
    return long[place] == long[place - 1] and long[place] not in MARKS


def _beside(ours: Name, theirs: Name, our_firm: str, their_firm: str) -> _Letters:
    """The names without the firm's words; with them where nothing else is left or a slip hides them in one."""
    short = _without(ours.core, our_firm), _without(theirs.core, their_firm)
    whole = _letters(without_place(ours.core), without_place(theirs.core))
    if min(map(len, short)) < 2:
        return whole if max(map(len, short)) < 2 else _letters(*short)
    bare = _letters(*short)
    return whole if our_firm != their_firm and whole.likeness > bare.likeness else bare


def _without(core: str, firm: str) -> str:
    return without_place(core.replace(firm, "", 1)) if firm else without_place(core)


def _letters(ours: str, theirs: str) -> _Letters:
    return _Letters(ours, theirs, OSA.normalized_similarity(ours, theirs))


def _name_part(pair: _Letters, ours: Name, theirs: Name, known: str) -> tuple[Part, Standing]:
    """How far the names agree, and what that is good for."""
    telling = min(_telling(pair.ours), _telling(pair.theirs))
    shorter = min(len(pair.ours), len(pair.theirs))
    if ours.core == theirs.core:
        return Part("名称相同", capped(w.NAME_SAME, len(ours.core))), Standing.SAME
    if shorter < 2:
        is_trade = _is_trade(pair.theirs, known)
        return Part(*(IS_TRADE if is_trade else ("名称只写了单位", w.NAME_OPEN))), Standing.NONE
    if pair.likeness == 1:
        return Part("名称相同", capped(w.NAME_SAME, telling)), Standing.SAME
    if pair.likeness >= NEAR:
        return Part(f"名称相近 {pair.likeness:.2f}", capped(w.NAME_NEAR, telling)), Standing.SAME
    if pair.likeness >= LIKE:
        return Part(f"名称相近 {pair.likeness:.2f}", capped(w.NAME_LIKE, telling)), Standing.LIKE
    if shorter >= SHORT_FORM and pair.shared >= 0.95 * shorter:
        return Part("名称一长一短", capped(w.NAME_SHORT, telling)), Standing.LIKE
    return _unlike(pair, ours, theirs, known), Standing.NONE


def _unlike(pair: _Letters, ours: Name, theirs: Name, known: str) -> Part:
    if pair.likeness >= HALF:
        return Part(f"名称部分相同 {pair.likeness:.2f}", w.NAME_PART)
    if _is_trade(pair.theirs, known):
        return Part(*IS_TRADE)
    if ours.by_output or theirs.by_output:
        return Part("名称按产能写，不能比", w.NAME_OPEN)
    return Part(f"名称不同 {pair.likeness:.2f}", w.NAME_OTHER)


def _is_trade(name: str, known: str) -> bool:
    return bool(known) and len(name) >= TRADE and fuzz.partial_ratio(name, known) >= 80


def _telling(text: str) -> int:
    """How many letters tell one project from another: not those of words that half of all names have."""
    return len(_COMMON.sub("", text))


def _apart(pair: _Letters, ours: Name, theirs: Name, known: str) -> list[Part]:
    """What stands against one project although letters agree: supporting works, added words, serial marks, output."""
    found: list[Part] = []
    if added := theirs.support - ours.support:
        found.append(Part(f"是附属工程（{'、'.join(sorted(added))}）", w.SUPPORT_WORKS))
    elif dropped := ours.support - theirs.support:
        found.append(Part(f"库内是附属工程（{'、'.join(sorted(dropped))}）", w.SUPPORT_DROPPED))
    elif ours.by_output == theirs.by_output and pair.shared >= 0.8 * len(pair.ours):
        found += _added(pair, known)
    if serial := _serial(pair):
        found.append(Part(f"序号不同（{serial}）", w.SERIAL))
    elif ours.quantities and theirs.quantities and not ours.quantities & theirs.quantities:
        found.append(Part("名称中的数量不同", w.QUANTITY_OTHER))
    return found


def _added(pair: _Letters, known: str) -> list[Part]:
    """The longest word the other name has and the library's has not; small if short or of the trade the library says."""
    blocks = [
        pair.theirs[step.dest_start : step.dest_end]
        for step in Levenshtein.opcodes(pair.ours, pair.theirs)
        if step.dest_end - step.dest_start - (step.src_end - step.src_start) >= WORD
    ]
    if not blocks:
        return []
    word = max(blocks, key=len)
    is_small = len(word) == WORD or (known and fuzz.partial_ratio(word, known) >= 80)
    return [Part(f"多出“{word[:SHOWN]}”", w.EXTRA_SMALL if is_small else w.EXTRA)]


def _serial(pair: _Letters) -> str:
    """The mark that tells two halves apart (A区、B区; a numeral in one only) where names are else alike; or empty."""
    if not HALF <= pair.likeness < 1:
        return ""
    for step in Levenshtein.opcodes(pair.ours, pair.theirs):
        left, right = pair.ours[step.src_start : step.src_end], pair.theirs[step.dest_start : step.dest_end]
        is_series = step.tag == "replace" and any(set(left + right) <= set(series) for series in SERIES)
        is_loose = step.tag in ("insert", "delete") and set(left + right) <= MARKS
        if is_series or is_loose:
            return f"{right or '无'}/库内{left or '无'}"
    return ""


def _phases(ours: Name, theirs: Name) -> list[Part]:
    if ours.years and theirs.years and not ours.years & theirs.years:
        return [Part(f"名称中的年份不同（{_years(theirs)}/库内{_years(ours)}）", w.YEAR_OTHER)]
    if ours.years != theirs.years and (theirs.years or not theirs.by_output):
        return [Part(f"名称中的年份只有一方写明（{_years(theirs)}/库内{_years(ours)}）", w.YEAR_ONE)]
    if not ours.phases and not theirs.phases:
        return []
    text = f"（{_phase_text(theirs)}/库内{_phase_text(ours)}）"
    if ours.phases == theirs.phases:
        return [Part(f"期次相同（{_phase_text(ours)}）", w.PHASE_SAME)]
    if ours.phases & theirs.phases:
        return [Part(f"期次部分重合{text}", w.PHASE_SPAN)]
    if ours.phases and theirs.phases:
        return [Part(f"期次不同{text}", w.PHASE_OTHER)]
    if theirs.by_output and not theirs.phases:
        return [Part(f"期次未写{text}", w.PHASE_UNSAID)]
    if ours.phases | theirs.phases == {1}:
        return [Part(f"期次只有一方写明{text}", w.PHASE_FIRST)]
    return [Part(f"期次不同{text}", w.PHASE_ADDED) if theirs.phases else Part(f"期次未写{text}", w.PHASE_DROPPED)]


def _phase_text(name: Name) -> str:
    return "、".join(f"{NUMERALS[number] if number <= 10 else number}期" for number in sorted(name.phases)) or "未写"


def _years(name: Name) -> str:
    return "、".join(map(str, sorted(name.years))) or "未写"


def _works(ours: Name, theirs: Name) -> list[Part]:
    if ours.works == theirs.works or (theirs.by_output and not theirs.works):
        return []
    text = f"建设性质不同（{'、'.join(sorted(theirs.works)) or '未写'}/库内{'、'.join(sorted(ours.works)) or '未写'}）"
    return [Part(text, w.WORKS_MORE if ours.works & theirs.works else w.WORKS_OTHER)]
