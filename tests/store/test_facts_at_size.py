"""The campaign `library` at half a per cent: what is read at size is what was said, and its figures make a table."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from benchmarks.library import FACTS, SUBJECTS, measured, observed, table
from servers import emptied_database

from policy_match.facts.vocabulary import Vocabulary


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_fifty_projects_are_taken_in_and_read_back_as_they_were_said(
    kind: str, server: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    numbers = count()

    def fresh() -> str:
        if kind == "SQLite":
            return f"sqlite:///{tmp_path}/{next(numbers)}.db"
        return emptied_database(server, f"size_{next(numbers)}")

    said = observed(vocabulary, SUBJECTS // 200)

    found = measured(fresh, said, vocabulary)

    assert {len({o.fact for o in own}) for own in said.values()} == {FACTS}
    assert len(table({kind: [found]})) == 13
