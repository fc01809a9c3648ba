"""`policy-match pipeline …` and `report listing`: what they print, what they refuse, and the exit code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

E1 = "91320412MAYYYY0160"
ADD = (
    "project", "add", "--name", "示范电池项目", "--uscc", E1, "--firm", "示范电池有限公司", "--fact", "总投资=12亿元",
    "--fact", "项目类型=新招引", "--fact", "所在辖市区=武进区",
)  # fmt: skip
TRAINING = ("--set", "主题=示范培训", "--set", "对象=招商人员", "--set", "主办单位=市商务局", "--set", "参训人数=40人")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: Callable[..., subprocess.CompletedProcess[str]]
) -> Run:
    """Call the command line on a library of its own, with the clock of scenario S-32."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'library.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-11-20T10:00+08:00")
    return lambda *arguments: called(arguments, tmp_path)


def test_s32_by_the_command_line(run: Run) -> None:
    listing = (
        "pipeline",
        "open",
        "listing",
        "--subject",
        E1,
        "--step",
        "辅导备案",
        "--on",
        "2025-05-08",
        "--by",
        "finance",
    )
    assert run(*ADD).returncode == 0
    opened = run(*listing, "--evidence", "辅导备案公示=示范1")
    again = run(*listing, "--evidence", "辅导备案公示=示范1")
    moved = run(
        "pipeline",
        "move",
        "listing",
        "SS-2025-00001",
        "--to",
        "申报受理",
        "--evidence",
        "受理通知=示范2",
        "--by",
        "finance",
    )

    assert (opened.returncode, opened.stdout) == (0, "SS-2025-00001\n")
    assert "已有，没有新登记" in again.stdout
    assert (moved.returncode, moved.stdout) == (0, "SS-2025-00001 申报受理\n")
    shown = run("pipeline", "show", "listing", "SS-2025-00001", "--by", "finance")
    assert "2025-05-08 辅导备案 196天" in shown.stdout
    stays = json.loads(
        run("pipeline", "show", "listing", "SS-2025-00001", "--by", "finance", "--format", "json").stdout
    )["stays"]
    assert [(stay["step"], stay["days"]) for stay in stays] == [("filed", 196), ("accepted", 0)]

    report = json.loads(run("report", "listing", "--format", "json").stdout)
    own = json.loads(run("report", "listing", "--by", "finance", "--format", "json").stdout)
    assert (report["report"], report["items"], "rows" in report, own["rows"][0]["subject"]) == ("listing", 1, False, E1)
    hidden = run("report", "listing", "--by", "district-320412")
    assert hidden.returncode == 2 and "没有清单“listing”" in hidden.stderr
    assert run("pipeline", "move", "listing", "SS-2025-00001", "--to", "股改", "--by", "finance").returncode == 3
    assert run(*listing[:-1], "auditor").returncode == 4


def test_a_file_of_many_and_the_quarters_by_the_command_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "培训.csv"
    header = "日期,步骤,主题,对象,主办单位,参训人数"
    file.write_text(
        f"{header}\n2025-02-10,举办,示范一,招商人员,市商务局,40人\n2025-08-01,举办,示范二,招商人员,市商务局,很多\n",
        "utf-8",
    )

    taken = run("pipeline", "import", "training_session", str(file), "--by", "commerce")
    opened = run(
        "pipeline", "open", "training_session", "--on", "2025-08-02", "--step", "held", *TRAINING, "--by", "commerce"
    )
    report = json.loads(run("pipeline", "report", "training_session", "--year", "2025", "--format", "json").stdout)
    rows = run("pipeline", "list", "training_session", "--words", "示范一", "--format", "json").stdout.splitlines()

    assert (taken.returncode, taken.stdout) == (1, "新登记 1 项，已有 0 项\n")
    assert "NUM_INEXACT" in (tmp_path / "培训.errors.csv").read_text("utf-8-sig") and opened.returncode == 0
    assert [(one["quarter"], one["lacking"]) for one in report["quarters"]] == [
        (1, False),
        (2, True),
        (3, False),
        (4, True),
    ]
    assert [json.loads(row)["number"] for row in rows] == ["PX-2025-00001"]
    kinds = run("pipeline", "kinds")
    assert "training_session  业务培训  2件" in kinds.stdout
    sources = json.loads(run("report", "channels", "--format", "json").stdout)
    assert (sources["projects"], sources["by"]["channel"]) == (0, {"unknown": 0})
