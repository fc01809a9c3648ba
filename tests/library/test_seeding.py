"""A library is filled once, even if two processes find it empty at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import LIBRARY, NOW, audited, codes

from policy_match.workflows import seed_libraries as seeding
from policy_match.workflows.open_archive import Archive

LINES = '{"id": "P1", "kind": "project", "facts": {"total_investment": {"value": "2亿元", "source": "PUBLIC"}}}\n'


def test_a_library_that_another_process_filled_meanwhile_is_left_alone(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "_FILES", {LIBRARY: "projects.jsonl"})
    monkeypatch.setattr(seeding, "is_empty", lambda *_: True)
    (tmp_path / "projects.jsonl").write_text(LINES, encoding="utf-8")

    told = [seeding.seed_libraries(archive, tmp_path, NOW, demo=False) for _ in range(2)]

    assert [len(one) for one in told] == [1, 0]
    assert codes(archive) == ["P1"]
    assert len(audited(archive, "seed")) == 1
