"""Every requirement of the notice names the tests that prove it.

`traceability.csv` has a row per requirement and proof, a pytest node id.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
COLUMNS = ["requirement", "phrase", "scope", "proof"]
# How many requirements each part of the notice has: the list never shrinks.
PARTS = {
    "R-0": 5, "R-1.0": 5, "R-1.1": 11, "R-1.2": 6, "R-1.3": 6, "R-2.0": 3, "R-2.1.0": 1, "R-2.1.1": 4, "R-2.1.2": 2,
    "R-2.1.3": 6, "R-2.1.4": 4, "R-2.2.0": 1, "R-2.2.1": 8, "R-2.2.2": 5, "R-2.2.3": 6, "R-2.2.4": 6, "R-2.2.5": 3,
    "R-2.3.0": 1, "R-2.3.1": 5, "R-2.3.2": 5, "R-2.3.3": 11, "R-2.3.4": 8, "R-2.3.5": 2, "R-2.3.6": 5, "R-3.1": 6,
    "R-3.2": 5, "R-3.3": 4, "R-3.4": 5, "R-A": 1,
}  # fmt: skip
REQUIREMENTS = tuple(f"{part}-{number}" for part, last in PARTS.items() for number in range(1, last + 1))
SCOPES = {
    "LIB", "LIFE", "MATCH", "MSJX", "PUSH", "API", "REV", "RPT", "TRN", "EVT", "ORG", "ELEM", "EVAL",
}  # fmt: skip
SCENARIOS = (*range(1, 41), 42, 43)
LONGEST_PHRASE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One proof of one requirement."""

    requirement: str
    phrase: str
    scope: str
    proof: str


@cache
def rows() -> tuple[Row, ...]:
    with (TESTS / "traceability.csv").open(encoding="utf-8", newline="") as lines:
        header, *cells = csv.reader(lines)
    assert header == COLUMNS
    return tuple(Row(*line) for line in cells)


@cache
def names_in(file: Path) -> frozenset[str]:
    """The names of the test functions of a file; none if there is no such file."""
    if not file.is_file():
        return frozenset()
    nodes = ast.parse(file.read_text("utf-8")).body
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def faults(told: Sequence[Row]) -> Iterator[str]:
    """What is wrong with the table."""
    order = [requirement for requirement, _ in groupby(row.requirement for row in told)]
    if order != list(REQUIREMENTS):
        yield f"missing, unknown, scattered or out of order: {sorted(set(order) ^ set(REQUIREMENTS)) or order}"
    for requirement in dict.fromkeys(order):
        own = [row for row in told if row.requirement == requirement]
        if len({(row.phrase, row.scope) for row in own}) > 1:
            yield f"{requirement}: contradictory words"
        if len({row.proof for row in own}) < len(own):
            yield f"{requirement}: the same proof twice"
    yield from (f"{row.requirement}: {fault}" for row in told for fault in faults_of(row))


def faults_of(row: Row) -> Iterator[str]:
    """What is wrong with one row by itself."""
    if not row.phrase or len(row.phrase) > LONGEST_PHRASE:
        yield f"no short phrase: {row.phrase}"
    if row.scope not in SCOPES:
        yield f"unknown scope {row.scope}"
    file, _, name = row.proof.partition("::")
    if name not in names_in(TESTS.parent / file):
        yield f"no such test: {row.proof}"


def test_every_requirement_is_proved_by_tests_that_exist() -> None:
    assert list(faults(rows())) == []


def test_there_are_140_requirements() -> None:
    assert len(REQUIREMENTS) == 140


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"requirement": "R-0-9"}, "R-0-9"),
        ({"phrase": "别的"}, "contradictory"),
        ({"scope": "PUSH"}, "contradictory"),
        ({"scope": "XXX"}, "unknown scope"),
        ({"phrase": ""}, "no short phrase"),
        ({"proof": "tests/test_traceability.py::test_nothing"}, "no such test"),
        ({"proof": "tests/library/test_nowhere.py::test_nothing"}, "no such test"),
        ({"proof": "postponed: some day"}, "no such test"),
    ],
)
def test_a_wrong_row_is_noticed(change: dict[str, str], told: str) -> None:
    place = next(place for place, row in enumerate(rows()) if row.requirement == "R-0-3")
    changed = [*rows()]
    changed[place] = replace(changed[place], **change)

    assert any(told in fault for fault in faults(changed))


def test_a_missing_and_a_doubled_row_are_noticed() -> None:
    first = rows()[0].requirement

    assert any(first in fault for fault in faults([row for row in rows() if row.requirement != first]))
    assert any("twice" in fault for fault in faults([rows()[0], *rows()]))
    assert any("scattered" in fault for fault in faults([*rows(), rows()[0]]))


@pytest.mark.parametrize("number", SCENARIOS)
def test_a_test_bears_the_number_of_each_scenario(number: int) -> None:
    names = [name for file in sorted(TESTS.rglob("test_*.py")) for name in names_in(file)]

    assert [name for name in names if name.startswith(f"test_s{number:02d}_")]
