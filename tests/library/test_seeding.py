"""A library is filled once, even if two processes find it empty at the same time, and whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import LIBRARY, NOW, audited, codes

from policy_match.errors import NotFound
from policy_match.workflows import seed_libraries as seeding
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
STEPS = """schema: history/1
enter: -90
not_before: "2024-01-01"
steps:
  - {{day: -89, do: agent, project: D101, name: 示范帮办甲, unit: 武进区}}
  - {{day: -88, do: update, project: {project}, text: 示范进展}}
"""
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


def test_a_demonstration_whose_history_fails_leaves_nothing_and_is_played_whole_the_next_time(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "_FILES", {LIBRARY: "projects.jsonl", DEMO: "demo/subjects.jsonl"})
    (tmp_path / "documents").symlink_to(CORPUS / "documents")
    for folder in ("entries", "lexicon", "sources", "taxonomies"):
        (tmp_path / folder).symlink_to(CORPUS / folder)
    (tmp_path / "projects.jsonl").write_text(LINES, encoding="utf-8")
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "subjects.jsonl").write_text(LINES.replace("P1", "D101"), encoding="utf-8")
    history = tmp_path / "demo" / "history.yaml"

    history.write_text(STEPS.format(project="D999"), encoding="utf-8")
    with pytest.raises(NotFound, match="D999"):
        seeding.seed_libraries(archive, tmp_path, NOW)
    left = (codes(archive), codes(archive, library=DEMO), [line.object_id for line in audited(archive, "agent.name")])
    history.write_text(STEPS.format(project="D101"), encoding="utf-8")
    told = seeding.seed_libraries(archive, tmp_path, NOW)

    assert left == (["P1"], [], [])
    assert len(told) == 1
    assert codes(archive, library=DEMO) == ["D101"]
    assert [line.object_id for line in audited(archive, "agent.name")] == ["D101"]
    assert len(audited(archive, "update.add")) == 1
