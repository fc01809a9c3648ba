"""The canonical text of what decides: what it keeps, what it leaves out, and that it is read back as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.release import Activation, Release, Signed, canonical, in_force
from policy_match.strict_yaml import Data, read_text

TEXT = """# a comment
schema: measure/1
conditions:
  second: {fact: a, op: at_least, value: "500万元"}
  first: {fact: b, op: is, value: true}
share: 0.50
number: 12
code: "0012"
empty: null
"""


def text_of(written: str) -> str:
    document = read_text(written, "a.yaml")
    assert document.issues == []
    return canonical(document.data)


def test_comments_blanks_line_ends_and_the_order_of_keys_are_no_content() -> None:
    lines = TEXT.splitlines()
    other = [*lines[5:], *lines[1:5]]

    assert text_of("\r\n".join(other) + "\r\n") == text_of(TEXT)


def test_the_order_of_conditions_is_content() -> None:
    lines = TEXT.splitlines()
    lines[3], lines[4] = lines[4], lines[3]

    assert text_of("\n".join(lines)) != text_of(TEXT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a: 0.5", "a: 0.50"),
        ("a: 12", 'a: "12"'),
        ("a: true", 'a: "true"'),
        ("a: null", 'a: ""'),
        ("a: [b, c]", "a: [c, b]"),
    ],
)
def test_scalars_stay_what_the_author_wrote(one: str, other: str) -> None:
    assert text_of(one) != text_of(other)


def test_quotes_of_another_kind_are_no_content() -> None:
    assert text_of("a: 'b'") == text_of('a: "b"') == text_of("a: b")


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(-(10**6), 10**6, places=4, allow_nan=False).map(lambda d: Decimal(format(d, "f")))
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)
values = st.recursive(
    scalars,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=6), part, max_size=3),
)


@given(values.filter(lambda value: value is not None))
def test_what_is_written_is_read_back_equal_and_gives_the_same_text(value: Data) -> None:
    document = read_text(canonical(value), "a.yaml")

    assert (document.issues, document.data) == ([], value)
    assert canonical(document.data) == canonical(value)


def test_a_release_is_another_one_if_a_text_a_name_or_the_engine_differs() -> None:
    pieces = {"rules/a.yaml": "{}", "rules/b.yaml": "[]"}
    releases = [
        Release("1", pieces),
        Release("2", pieces),
        Release("1", pieces | {"rules/b.yaml": "[1]"}),
        Release("1", {"rules/a.yaml": "{}", "rules/c.yaml": "[]"}),
    ]

    assert len({release.hash for release in releases}) == 4
    assert Release("1", dict(reversed(pieces.items()))).hash == releases[0].hash


DAY = date(2025, 5, 20)
NOON = datetime(2025, 5, 20, 4, tzinfo=UTC)


def activation(number: int, since: date, approved: datetime | None) -> Activation:
    people = () if approved is None else (Signed("a", "甲", approved - timedelta(hours=1)), Signed("b", "乙", approved))
    return Activation(number, f"release{number}", since, Signed("c", "丙", NOON), "", "{}", people)


FIRST = Activation(1, "release1", date(2000, 1, 1), Signed("importer", "系统", NOON), "", "{}", (), is_first=True)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], 1),
        ([activation(2, DAY, None)], 1),
        ([activation(2, DAY, NOON)], 2),
        ([activation(2, DAY + timedelta(1), NOON)], 1),
        ([activation(2, DAY, NOON), activation(3, DAY - timedelta(9), NOON + timedelta(1))], 3),
        ([activation(2, DAY, NOON), activation(3, DAY + timedelta(1), NOON + timedelta(1))], 2),
        ([activation(2, DAY, NOON), activation(3, DAY, NOON)], 3),
    ],
)
def test_of_those_begun_by_the_day_the_one_approved_last_decides(later: list[Activation], expected: int) -> None:
    found = in_force([FIRST, *later], DAY)

    assert found is not None
    assert found.id == expected


def test_where_nothing_was_recorded_nothing_is_in_force() -> None:
    assert in_force([], DAY) is None
