"""Benefits of different kinds are not weighed against each other: in no group, under no shared limit, in no other relation."""

from __future__ import annotations

from pathlib import Path

import pytest
from benefits.invented import Given, book, fixed

from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary

ROUNDED = ', rounding: {to: "1元", mode: floor}'
GROUP = "exclusive: same"


def tax(stacking: str = "free: 可以同享") -> Given:
    return Given(f'kind: tax, fixed: "2万元"{ROUNDED}', stacking)


@pytest.mark.parametrize(
    ("cash", "other", "files"),
    [
        (fixed(8, GROUP), tax(GROUP), ["aaa", "bbb"]),
        (fixed(8, "unwritten: 没有写, unwritten_with: [bbb]"), tax(), ["aaa"]),
        (fixed(8, "level_substitute: [bbb]"), tax(), ["aaa"]),
        (fixed(8, "top_up_of: bbb"), tax(), ["aaa"]),
        (fixed(8, caps='{amount: "9万元", per: enterprise_year, shared_with: [bbb]}'), tax(), ["aaa"]),
    ],
)
def test_two_kinds_in_one_relation_are_refused_where_it_is_written(
    cash: Given, other: Given, files: list[str], tmp_path: Path, vocabulary: Vocabulary
) -> None:
    with pytest.raises(RuleError) as found:
        book(tmp_path, vocabulary, {"aaa": cash, "bbb": other})

    assert [issue.code for issue in found.value.issues] == ["STACKING_KINDS"] * len(files)
    for issue, name in zip(found.value.issues, files, strict=True):
        assert f"{name}.v1.yaml:" in issue.where
        assert "cash、tax" in issue.what


def test_one_kind_in_every_relation_loads(tmp_path: Path, vocabulary: Vocabulary) -> None:
    rulebook = book(tmp_path, vocabulary, {"aaa": fixed(8, f"{GROUP}, top_up_of: bbb"), "bbb": fixed(9, GROUP)})

    assert rulebook.ids == ("aaa", "bbb")
