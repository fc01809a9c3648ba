"""What decides a measure on a day, as a mark: while it stays the same, no pair changes because of the rules.

A mark holds the version of the day, the hash of its text, whether it is suspended, whether it is in force, and whether the
dates of a changed rate are running. What belongs to no single measure (facts, definitions, lists, documents) has one mark
for all: if that changes, everything is decided anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.benefits.formula import is_switched
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.release import digest

_MEASURE = re.compile(r"rules/measures/.*/(?P<id>[^/]+)\.v(?P<version>\d+)\.yaml")
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Marks:
    """`common`: of everything that is of no single measure; `measures`: by id."""

    common: str
    measures: Mapping[str, str]


def marks_of(rulebook: Rulebook, texts: Mapping[str, str], as_of: date) -> Marks:
    """The marks of a release on a day; `texts`: hash of each piece of the release by its name."""
    versions: dict[tuple[str, int], str] = {}
    common: list[str] = []
    for name in sorted(texts):
        found = _MEASURE.fullmatch(name)
        if found is None:
            common.append(f"{name}\n{texts[name]}\n")
        else:
            versions[found["id"], int(found["version"])] = texts[name]
    return Marks(
        digest("".join(common)), {one: _mark(rulebook.at(one, as_of), versions, as_of) for one in rulebook.ids}
    )


def _mark(rule: Rule, versions: Mapping[tuple[str, int], str], as_of: date) -> str:
    measure = rule.measure
    text = versions.get((rule.id, measure.version), "")[:_LENGTH]
    return f"{measure.version}|{text}|{measure.status}|{rule.in_force(as_of)}|{is_switched(rule, as_of)}"


def version_in(mark: str) -> int:
    """The version that a mark is of."""
    return int(mark.partition("|")[0])
