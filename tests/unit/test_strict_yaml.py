"""YAML is read without guessing: what it would misread is refused, each with its line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from policy_match.strict_yaml import MAX_BYTES, Data, read_file, read_text


def refused(text: str | bytes) -> list[tuple[str, str]]:
    """Place and code of every error."""
    return [(issue.where, issue.code) for issue in read_text(text, "f").issues]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("300", 300),
        ("-5", -5),
        ("0", 0),
        ("2.50", Decimal("2.50")),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ('"010"', "010"),
        ("'2024-05-09'", "2024-05-09"),
        ("C35", "C35"),
        ("3000万元", "3000万元"),
        ("甲：乙", "甲：乙"),
        ("R&D 占比 * 2", "R&D 占比 * 2"),
        ("[1, 甲]", [1, "甲"]),
        ("{b: [false]}", {"b": [False]}),
        ("|\n  两行\n  文字\n", "两行\n文字\n"),
    ],
)
def test_what_is_plain_is_read_as_it_stands(written: str, read: Data) -> None:
    document = read_text(f"a: {written}", "f")

    assert document.issues == []
    assert document.data == {"a": read}
    assert isinstance(document.data, dict)
    assert type(document.data["a"]) is type(read)


@pytest.mark.parametrize(
    "written",
    ["no", "Yes", "on", "OFF", "y", "N", "~", "True", "NULL", "010", "+5", "1_000", "1e8", "1.5E-3", ".5", ".inf", "-.NaN", "0x1F", "0o17", "12:30", "2024-05-09", "2024-05", "2024-05-09 10:00", "9" * 31],
)  # fmt: skip
def test_what_yaml_or_people_would_misread_is_refused(written: str) -> None:
    assert refused(f"b: 1\na: {written}\n") == [("f:2", "YAML_AMBIGUOUS")]


@pytest.mark.parametrize(
    ("text", "where", "code"),
    [
        ("a: 1\nb: 2\na: 3", "f:3", "YAML_DUPLICATE"),
        ("a:\n  b: 1\n  b: 2", "f:3", "YAML_DUPLICATE"),
        ("a: &x 1", "f:1", "YAML_ALIAS"),
        ("a: 1\nb: {<<: {c: 1}}", "f:2", "YAML_ALIAS"),
        ("a: 1\nb: !!str 5", "f:2", "YAML_TAG"),
        ("a: !!python/object:os.system {}", "f:1", "YAML_TAG"),
        ("a: 1\nb: !own [1]", "f:2", "YAML_TAG"),
        ("a:\n\tb: 1", "f:2", "YAML_TAB"),
        ("a：1\nb: 2", "f:1", "YAML_COLON"),
        ("a: 1\nb：2", "f:2", "YAML_COLON"),
        ("a: 1\nb: {c：1}", "f:2", "YAML_COLON"),
        ("a: 1\nb: {c:1, d: 2}", "f:2", "YAML_COLON"),
        ("a: 1\nb:2\nc: 3", "f:2", "YAML_COLON"),
        ("a: 1\nb: 甲: 乙", "f:2", "YAML_COLON"),
        ("a: 1\nb: {c: 1，d: 2}", "f:2", "YAML_COMMA"),
        ('a: 1\nb: [{c: "1"}， {d: 2}]', "f:2", "YAML_SYNTAX"),
        ("a:\n  b: 1\n c: 2", "f:3", "YAML_SYNTAX"),
        ("a: 1\n2024: 1", "f:2", "YAML_KEY"),
        ("? [a]\n: 1", "f:1", "YAML_KEY"),
        ("a: [1\nb: 2", "f:2", "YAML_SYNTAX"),
        ("a: 1\n---\nb: 2", "f:2", "YAML_SYNTAX"),
        ("a: 1\nb: \x01", "f:2", "YAML_SYNTAX"),
        ("", "f:1", "YAML_EMPTY"),
        ("# only a comment\n", "f:1", "YAML_EMPTY"),
        ("a: " + "[" * 70 + "]" * 70, "f:1", "YAML_DEPTH"),
        ("a: " + "[" * 5000 + "]" * 5000, "f:1", "YAML_SYNTAX"),
    ],
)
def test_every_other_trap_is_refused_at_its_line(text: str, where: str, code: str) -> None:
    assert refused(text) == [(where, code)]


def test_an_alias_is_refused_beside_its_anchor_and_never_followed() -> None:
    document = read_text("a: &x [1]\nb: [*x, *x]\n", "f")

    assert [issue.where for issue in document.issues] == ["f:1", "f:2", "f:2"]
    assert document.data is None


def test_other_encodings_are_refused_at_the_first_byte_that_is_not_utf8() -> None:
    assert refused("a: 1\nb: 常州\n".encode("gbk")) == [("f:2", "YAML_ENCODING")]
    assert refused(b"\xef\xbb\xbfa: 1\n") == [("f:1", "YAML_ENCODING")]


def test_a_file_of_the_greatest_size_is_read_and_a_byte_more_refused() -> None:
    text = "a: 1\n# "
    full = text + "x" * (MAX_BYTES - len(text))

    assert refused(full) == []
    assert refused(full + "x") == [("f:1", "YAML_SIZE")]


def test_a_word_is_a_key_like_any_other() -> None:
    assert read_text("{n: 2, on: 甲, no: 乙}", "f").data == {"n": 2, "on": "甲", "no": "乙"}


def test_every_entry_knows_its_line() -> None:
    document = read_text("a: 1\nb:\n  c:\n    - 1\n    - {d: 2}\n", "f")

    assert document.line(("b", "c", 1, "d")) == 5
    assert document.line(("b", "c", 0)) == 4
    assert document.line(("b", "c", 1, "d", "nothing", "below")) == 5
    assert document.where(("a",)) == "f:1"


def test_lines_that_end_in_crlf_are_counted_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\r\nb: no\r\n")

    document = read_file(path, shown_as="rules/a.yaml")

    assert [issue.where for issue in document.issues] == ["rules/a.yaml:2"]
