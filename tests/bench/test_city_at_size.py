"""The campaign `city` with few: a second run finds the same to the byte, and the copies of measures are decided as their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.city import measured


def test_the_campaign_decides_the_copies_too_and_a_second_run_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICY_MATCH_SECRET", "of a campaign at one per cent, nowhere else 3")

    figures = measured(f"sqlite:///{tmp_path / 'library.db'}", tmp_path, 10, 155, 0)

    assert (figures.is_same, figures.written, figures.subjects) == (True, 0, 20)
    names = {path.name.split(".")[0] for path in (tmp_path / "rules" / "measures").rglob("*.yaml")}
    assert len(names) == 155
    assert any(name.endswith("_copy0") for name in names)
