"""What each agreement and each contradiction is worth: one table, a reason with each.

Points are 10 · log10(m / u), rounded, after Fellegi and Sunter (1969): m is how often the finding turns up between
two records of one project, u how often between records of two projects that are near enough to be compared (often of
one firm). Both are judgements from how such records come about and are written in the reason; none is fitted to a
sample. 10 points are odds of ten to one. Where findings hang together (phases of one project share name and firm)
the points take that back, and the reason says so.

A bar is what points cannot buy off: a `doubt` keeps a pair without a common project code from being linked, a `loud`
one also a pair with it. A person sees such a pair instead.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Bar(IntEnum):
    """How much a finding stands against linking without a person."""

    NONE = 0
    DOUBT = 1
    LOUD = 2


class Weight(NamedTuple):
    """Points of one finding, its bar, and why it is worth that."""

    points: int
    bar: Bar
    why: str


NONE, DOUBT, LOUD = Bar

# Thresholds on the sum. A pair is compared because something is alike: among such pairs one in a few is true, so 45
# (odds beyond 10,000 : 1) leaves a wrong link in some thousands, and under 20 (100 : 1) nobody need look.
LINK, REVIEW = 45, 20
# The second-best row must be ten times less likely.
MARGIN = 10

CODE_SAME = Weight(60, NONE, "m 0.97; two projects share the 20 digits only by a slip, u one in a million")
CODE_OTHER = Weight(-20, DOUBT, "m 0.01: re-filed under a new code; u nearly 1")
CODE_BAD = Weight(0, NONE, "a code with a fault proves nothing and refutes nothing")

USCC_SAME = Weight(20, NONE, "m 0.9; compared pairs are often of one firm, u 0.01 over the library")
USCC_OTHER_NAME_ALIKE = Weight(-6, DOUBT, "m 0.2 of these: branch, move or new code; u 0.8")
USCC_OTHER = Weight(-20, DOUBT, "m 0.01: parent signs, project company builds; u nearly 1")
USCC_BAD = CODE_BAD
FIRM_SAME = Weight(15, NONE, "m 0.6 written alike; u 0.02: unlike a code a name may belong to two firms")
FIRM_SHORT = Weight(12, NONE, "m 0.3: short form or more of the name; u 0.02")
FIRM_NEAR = Weight(11, NONE, "m 0.1: a letter lost, doubled, swapped or wrong; u under 0.01")
FIRM_IN_NAME = Weight(8, NONE, "m 0.6: project names begin with the firm; u 0.1: a trade word may do so too")
FIRM_BRAND = Weight(0, NONE, "same first word: a group, or a common word; says nothing by itself")
FIRM_OTHER = Weight(-10, NONE, "m 0.1: renamed, or parent and project company; u nearly 1")

NAME_SAME = Weight(36, NONE, "m 0.5; eight telling letters agree by chance once in ten thousand; fewer count less")
NAME_NEAR = Weight(24, NONE, "m 0.3: one letter in six lost, doubled, swapped or wrong; u one in a thousand")
NAME_LIKE = Weight(14, NONE, "m 0.1: more wear than that; u 0.004: sister projects of one firm begin to look so")
NAME_SHORT = Weight(14, NONE, "m 0.1: a shorter form that stands whole in the longer; u 0.004: so do sister projects")
NAME_PART = Weight(4, NONE, "m 0.1; u 0.04: half of the letters, as sisters of one trade share")
NAME_OTHER = Weight(-8, NONE, "m 0.1: named by output or place instead; u 0.7")
NAME_OPEN = Weight(0, NONE, "one is named by output or by nothing but the firm: the names cannot be compared")
NAME_IS_TRADE = Weight(10, NONE, "named by output, it says what the library gives as industry: m 0.3; u 0.03")
EXTRA = Weight(-30, DOUBT, "m 0.01; u 0.1 and the shared part is the name of the main project: takes back 20 more")
EXTRA_SMALL = Weight(-12, DOUBT, "two letters (南区、产线), or a word of its trade: no slip, m 0.02; u 0.3")
SUPPORT_WORKS = Weight(-40, LOUD, "m 0.001: dormitories, roofs, roads are filed by themselves; takes back the name")
SUPPORT_DROPPED = Weight(-20, DOUBT, "m 0.02: a long name cut short; u 0.5: the main project beside its dormitory")
SERIAL = Weight(-40, DOUBT, "m 0.01; a figure, letter or direction is all that tells two halves of a plan apart")
QUANTITY_OTHER = Weight(-12, DOUBT, "m 0.05: capacity revised; u 0.8")

PHASE_SAME = Weight(8, NONE, "m 0.9 where both give one; u 0.15: many are first phases")
PHASE_OTHER = Weight(
    -60, LOUD, "m 0.0001: nobody writes 六期 for 四期; takes back 20 for name and firm, which phases share"
)
PHASE_ADDED = Weight(-55, LOUD, "the other names a later phase, the library none: m 0.003, u 0.3; takes back 35")
PHASE_DROPPED = Weight(-15, DOUBT, "the library names a later phase, the other none: m 0.05, u 0.5; takes back 5")
PHASE_UNSAID = Weight(-5, DOUBT, "as before, in a name by output, which seldom says the phase: m 0.3, u 0.5; 3 back")
PHASE_FIRST = Weight(-8, DOUBT, "first phase beside none: often left out, m 0.05; u 0.3")
PHASE_SPAN = Weight(-20, DOUBT, "one covers more phases: m 0.01, u 0.3; the sums differ in meaning")
YEAR_OTHER = Weight(-40, LOUD, "years in brackets number programmes as phases do")
YEAR_ONE = Weight(-8, DOUBT, "a year on one side only: as a phase on one side only, m 0.05; u 0.3")
WORKS_OTHER = Weight(-20, DOUBT, "extension, rebuilding or moving beside none or another: m 0.02, u 0.3; takes back 8")
WORKS_MORE = Weight(-6, DOUBT, "one kind of works in common, one not: m 0.05; u 0.2")

AMOUNT_SAME = Weight(13, NONE, "m 0.6; a sum with two or more figures is shared by chance by 0.03")
AMOUNT_ROUND = Weight(8, NONE, "m 0.6; 10亿元 and its like are shared by 0.1")
AMOUNT_NEAR = Weight(5, NONE, "m 0.2: rounded or revised; u 0.06")
AMOUNT_SLIP = Weight(6, NONE, "same figures, ten thousand times off: 万元 for 亿元, m 0.04; u 0.01")
AMOUNT_TEN = Weight(-12, DOUBT, "ten times off: a nought too many, m 0.01, or a smaller work beside it, u 0.1; shown")
AMOUNT_OTHER = Weight(-5, NONE, "up to threefold: plans grow, m 0.1; u 0.35")
AMOUNT_FAR = Weight(-15, LOUD, "more than threefold and no slip of unit: m 0.01, u 0.35")

REGION_SAME = Weight(6, NONE, "m 0.95; u 0.25: seven districts of unequal size")
REGION_OTHER = Weight(-16, DOUBT, "m 0.02: seat for site; u 0.75")
PLACE_SAME = Weight(4, NONE, "town or park: m 0.8, u 0.3 within the district")
PLACE_EXACT = Weight(12, NONE, "street and number: m 0.6, u 0.04: two works on one site")
DAY_SAME = Weight(10, NONE, "m 0.5; u 0.05: projects start together at ceremonies")
MONTH_SAME = Weight(7, NONE, "m 0.5; u 0.1: about one month in ten")
YEAR_SAME = Weight(3, NONE, "m 0.6; u 0.3: most starts fall into a few years")
DATE_NEAR = Weight(-3, NONE, "within a year: planned beside actual, m 0.15; u 0.3")
DATE_FAR = Weight(-9, NONE, "more than a year: m 0.05; u 0.4")
TRADE_SAME = Weight(6, NONE, "m 0.6; u 0.15: firms stay in their trade")
TRADE_LIKE = Weight(3, NONE, "m 0.3: worded a little differently; u 0.15")
TRADE_OTHER = Weight(-3, NONE, "m 0.2: worded by another classification; u 0.4")

# What sister projects of one firm do not share: the sum, the day or month of the start, the house number.
PARTICULARS = frozenset({AMOUNT_SAME, AMOUNT_ROUND, DAY_SAME, MONTH_SAME, PLACE_EXACT})


def capped(weight: Weight, letters: int) -> Weight:
    """Agreement of a name with so many telling letters: 4 points a letter and 6, at most those of the weight."""
    return weight._replace(points=min(weight.points, 6 + 4 * letters))
