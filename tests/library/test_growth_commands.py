"""`policy-match indicators …` and `report growth`: exit codes, the error file, tickets that are opened once."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from growing import figures
from reporting import code_of, project, taken
from rows import LIBRARY, at

from policy_match.cli import main
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.open_archive import Archive, open_archive

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """P06 with its yearly value in a library of its own, on a fixed day; its 库内编号."""
    address = f"sqlite:///{tmp_path / 'own.db'}"
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", address)
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-07-20T10:00:00+08:00")
    monkeypatch.chdir(tmp_path)
    archive: Archive = open_archive(address, ROOT / "rules", ROOT / "corpus", secret=open_secret(Settings()))
    taken(archive, [project(archive, "P06", at("2025-01-10"))], when=at("2025-01-10"))
    found = code_of(archive, "P06")
    fact = Told({"full_capacity_output": "60000万元"}, source="DEPT")
    tell_facts(archive, LIBRARY, found, fact, "industry", at("2025-01-10"))
    archive.database.close()
    return found


def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr()
    return int(str(ended.value.code or 0)), said.out, said.err


def test_s29_report_growth_twice_leaves_one_ticket(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [{"code": code, "month": "2025-06", "output": 16_500}, {"code": code, "month": "2025-05", "output": "x"}]
    file = figures(tmp_path / "june.csv", rows)
    brought = run(monkeypatch, capfd, "indicators", "import", str(file), "--source", "ENT", "--by", "importer")
    assert brought[0] == 1 and brought[1].strip() == "新增 1，更正 0，未变 0"
    assert "NUM_FORMAT" in (tmp_path / "june.errors.csv").read_text("utf-8-sig")

    looked = run(monkeypatch, capfd, "report", "growth", "--no-tickets", "--format", "json")
    past = run(monkeypatch, capfd, "report", "growth", "--as-of", "2025-07-19", "--format", "json")
    first = run(monkeypatch, capfd, "report", "growth", "--format", "json")
    second = run(monkeypatch, capfd, "report", "growth")

    assert [one[0] for one in (looked, past, first, second)] == [0, 0, 0, 0]
    assert [("T-2025-" in one[2]) for one in (looked, past, first, second)] == [False, False, True, False]
    (row,) = json.loads(first[1])["rows"]
    assert (row["light"], row["findings"][0]["ticket"]) == ("red", "T-2025-00001")
    assert "55%" in second[1] and "市工信局" in second[1]
    listed = [*map(json.loads, run(monkeypatch, capfd, "ticket", "list", "--format", "json")[1].splitlines())]
    assert [(one["id"], one["lead"], one["figures"]) for one in listed] == [
        ("T-2025-00001", "市工信局", "2025-06 产值累计 1.65亿元；2025-06 计划 3亿元")
    ]


def test_indicators_show_prints_the_series_of_a_project(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = figures(tmp_path / "june.csv", [{"code": code, "month": "2025-06", "output": 16_500}])
    run(monkeypatch, capfd, "indicators", "import", str(file), "--source", "ENT", "--by", "importer")

    told, out, _ = run(monkeypatch, capfd, "indicators", "show", code)
    wrong = run(monkeypatch, capfd, "indicators", "import", str(file), "--source", "ENT", "--by", "enterprise-320404")

    assert (
        told == 0
        and "2025-06" in out
        and "企业数字档案库，2025-07-20，迟5天" in out
        and "此前没有报的月份：20个" in out
    )
    assert wrong[0] == 4 and "不能以“ENT”的名义报送" in wrong[2]
