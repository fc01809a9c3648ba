"""Records for tests about pairs: one project of the library, and others as like it as the test wants."""

from __future__ import annotations

from dataclasses import replace

from policy_match.linkage.compare import compare
from policy_match.linkage.link import Remembered, link
from policy_match.linkage.normalise import profile
from policy_match.linkage.records import Answer, Comparison, ProjectRecord

USCC, OTHER_USCC = "91320412MAYYYY0160", "91320411MAYYYY024C"
CODE, OTHER_CODE = "2409-320412-89-01-100011", "2410-320402-89-01-100037"
OURS = ProjectRecord(
    "P1", "示范锂离子电池隔膜项目", "常州示范材料有限公司", USCC, CODE, "武进区", "示范路18号", "12.5", "亿元", "2024-05-09", "锂电池隔膜"
)  # fmt: skip
THEIRS = replace(OURS, id="M1", source="工改系统")


def ours(**changes: str) -> ProjectRecord:
    """The project of the library, changed."""
    return replace(OURS, **changes)


def theirs(**changes: str) -> ProjectRecord:
    """A record that says the same, changed."""
    return replace(THEIRS, **changes)


def bare(**changes: str) -> ProjectRecord:
    """A record that says the same without any code, changed."""
    return theirs(**{"project_code": "", "uscc": "", **changes})


def compared(other: ProjectRecord, row: ProjectRecord = OURS) -> Comparison:
    """What is found between a row of the library and a record."""
    return compare(profile(row), profile(other))


def points(found: Comparison) -> dict[str, int]:
    """The findings in words with their points."""
    return {part.text: part.weight.points for part in found.parts}


def answer(other: ProjectRecord, *library: ProjectRecord, remembered: Remembered | None = None) -> Answer:
    """The answer for one record; the library is the one project unless others are given."""
    return link(library or (OURS,), (other,), remembered)[0]
