"""How much of a version of a measure anyone has seen: the grade A, B or C, with what is wanting for an A.

It says nothing about the quality of the rule's cases: that is the grade of `rules test`.
"""

from __future__ import annotations

from enum import StrEnum

from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema_benefit import has_unseen

_SEEN = frozenset(["page", "copy"])


class Completeness(StrEnum):
    """A: complete; B: decides, with something wanting; C: corpus only, decides nothing."""

    A = "A"
    B = "B"
    C = "C"


class Want(StrEnum):
    """What nobody has seen of a version, in the words that people read."""

    DECISION = "草案，不作判断"
    DOCUMENT = "文件凭记忆"
    CONDITIONS = "条件凭记忆"
    AMOUNT = "待遇未见"
    VALIDITY = "有效期未见"


def wants(rule: Rule) -> tuple[Want, ...]:
    """What keeps a version from an A, in the order of `Want`; empty for an A.

    - the document is seen on a page or a copy (its number, or 文号未见, is stated: the loader sees to that);
    - the conditions are seen on a page or a copy;
    - every amount, facility, quota or service is seen on a page or a copy, or the measure is a recognition without one;
    - the validity is seen: the last day or an open or superseded end is stated, or at least one day is known on which
      the measure was in force (after that day it is unknown, see `end_is_seen`). The loader sees to the first day.
    """
    measure, effective = rule.measure, rule.measure.effective
    found = {
        Want.DECISION: measure.status == "draft",
        Want.DOCUMENT: rule.document.seen not in _SEEN,
        Want.CONDITIONS: measure.verified.conditions not in _SEEN,
        Want.AMOUNT: measure.verified.benefit not in _SEEN | {"none"} or has_unseen(measure.benefit),
        Want.VALIDITY: not end_is_seen(rule) and not effective.seen_in_force_on,
    }
    return tuple(want for want, is_wanting in found.items() if is_wanting)


def completeness(rule: Rule) -> Completeness:
    """A if nothing is wanting; C for a draft, which decides nothing; else B: the conditions are there and decide."""
    missing = wants(rule)
    if not missing:
        return Completeness.A
    return Completeness.C if Want.DECISION in missing else Completeness.B


def end_is_seen(rule: Rule) -> bool:
    """Whether the end is stated; if not, the measure is known to hold only up to the last day it was seen in force."""
    return rule.measure.effective.through != "unknown"
