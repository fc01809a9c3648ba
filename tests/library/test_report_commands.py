"""`policy-match report …`: exit codes, formats and what a wrong call is told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from policy_match.cli import main
from policy_match.store.actors import missing
from policy_match.store.database import open_database
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import FIRST_DAY


def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["policy-match", "report", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr()
    return int(str(ended.value.code)), said.out, said.err


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty library of its own, on a fixed day."""
    address = f"sqlite:///{tmp_path / 'own.db'}"
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", address)
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-03-31T10:00:00+08:00")
    return address


@pytest.mark.parametrize(
    "report", [("stall",), ("recon",), ("targets",), ("map",), ("watch", "--kind", "入规"), ("late",), ("board",)]
)
def test_every_report_is_one_json_object_of_its_day(
    report: tuple[str, ...], url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(monkeypatch, capfd, *report, "--format", "json")

    said = json.loads(out)
    assert (code, said["report"], said["as_of"], said["count"]) == (0, report[0], "2025-03-31", 0)


def test_an_enterprise_is_forbidden_the_comparison(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    database = open_database(url)
    with database.writing() as session:
        firm = Actor(id="firm-1", name="示范企业", role="enterprise", region="320412", valid_from=FIRST_DAY)
        session.add_all(missing(session, [firm]))
    database.close()

    code, out, err = run(monkeypatch, capfd, "recon", "--by", "firm-1", "--format", "json")

    assert (code, out) == (4, "")
    assert "不能查看固投库比对" in err and "怎么办" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("stall", "--district", "南京市"), "320412 武进区"),
        (("stall", "--library", "nowhere"), "real"),
        (("stall", "--format", "xlsx"), "--out"),
        (("stall", "--format", "pdf"), "table、json、csv、xlsx"),
        (("stall", "--out", "noending"), "写上扩展名，或加 --format"),
        (("month", "2025-02", "--check", "--close"), "其中一个"),
        (("watch", "--kind", "上市"), "入规"),
        (("map", "--track", "光伏"), "氢能"),
        (("map", "--shade", "dark"), "sum 总投资"),
        (("map", "--format", "pdf"), "geojson、svg"),
        (("recon", "--by", "statistic"), "statistics"),
    ],
)
def test_a_wrong_call_says_what_is_allowed(
    arguments: tuple[str, ...], told: str, url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(monkeypatch, capfd, *arguments)

    assert (code, out) == (2, "")
    assert told in err


def test_a_file_is_written_in_the_format_of_its_name(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, start in (("a.csv", b"\xef\xbb\xbf"), ("a.xlsx", b"PK"), ("a.json", b"{")):
        code, out, _ = run(monkeypatch, capfd, "stall", "--out", str(tmp_path / name))

        assert (code, out) == (0, "")
        assert (tmp_path / name).read_bytes().startswith(start)
