"""Every kind of broken rule file is refused: with its code, at its line, in words that help."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bad_rules import BAD, SHIPPED, expected_of, folder_with, issues_of, load

from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.open_rules import open_vocabulary

FILES = sorted(BAD.glob("*.yaml"))
BROKEN = [file for file in FILES if file.stem != "base"]
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    """The shipped facts and lists of names, read without the shipped measures."""
    return open_vocabulary(SHIPPED, SHIPPED.parent / "corpus")


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_file_is_refused_with_its_error_at_its_line(file: Path, tmp_path: Path, words: Vocabulary) -> None:
    expected = expected_of(file)

    issues = issues_of(folder_with(tmp_path, [file]), words)

    assert expected, "the file names no error"
    assert [(issue.where, issue.code) for issue in issues] == expected
    for issue in issues:
        assert _CHINESE.search(issue.what), issue
        assert issue.allowed or issue.hint, issue
        assert str(tmp_path) not in str(issue)


def test_the_sound_measure_that_they_break_loads(tmp_path: Path, words: Vocabulary) -> None:
    rulebook = load(folder_with(tmp_path), words)

    assert [rule.measure.key for rule in rulebook.rules] == ["invented_award.v1"]


def test_there_are_many_kinds_of_broken_file() -> None:
    kinds = {(code, file.stem) for file in BROKEN for _, code in expected_of(file)}

    assert len(BROKEN) >= 45
    assert len({code for code, _ in kinds}) >= 30
