"""`rules activate`, `approve`, `releases` and `library match`, `explain`: what they print, and the exit codes 0, 2, 3, 4."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from releasing import EQ, folder, measure, put

from policy_match.cli import main

Run = Callable[..., tuple[int, str, str]]
PROJECT = ("project", "add", "--name", "示范设备项目", "--fact", "equipment_loan=3000万元", "--source", "DEPT")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command at 10:00 of a day, on a library of its own whose rules are one measure."""
    rules = folder(tmp_path / "own", measure())
    for name, value in (
        ("DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}"),
        ("RULES", rules),
        ("CORPUS", rules.parent / "corpus"),
    ):
        monkeypatch.setenv(f"POLICY_MATCH_{name}", str(value))

    def run(*arguments: str, on: str = "2025-05-20") -> tuple[int, str, str]:
        monkeypatch.setenv("POLICY_MATCH_NOW", f"{on}T10:00:00+08:00")
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return run


@pytest.fixture
def changed(tmp_path: Path) -> str:
    """A rule folder in which the measure pays less."""
    return str(folder(tmp_path / "changed", measure(cap="150万元")))


def activate(run: Run, source: str, by: str = "development") -> tuple[int, str, str]:
    return run("rules", "activate", source, "--reason", "调低上限", "--by", by)


def test_a_release_is_proposed_shown_approved_by_two_and_named_in_every_line(run: Run, changed: str) -> None:
    code = run(*PROJECT)[1].strip()
    before = json.loads(run("library", "match")[1])
    proposed = activate(run, changed)
    first = run("rules", "approve", "2", "--by", "industry")
    waiting = json.loads(run("rules", "releases", "--format", "json")[1].splitlines()[1])
    second = run("rules", "approve", "2", "--by", "industry-2")
    line = json.loads(run("library", "match", "--measures", EQ, "--verdicts", "eligible")[1])

    assert (proposed[0], first[0], second[0]) == (0, 0, 0)
    assert f"  {code} 示范设备项目  {EQ}：符合（200万元）→ 符合（150万元）" in proposed[1].replace(" → ", "→ ")
    assert "待另外两人批准：policy-match rules approve 2" in proposed[1]
    assert "150万元" in first[1] and "还待一人批准" in first[1]
    assert "已批准第 2 号" in second[1]
    assert (waiting["state"], waiting["changed"], waiting["reason"]) == ("待批准，已有1人", 1, "调低上限")
    assert (before["subject"], before["amount"]["high_fen"]) == (code, 200_0000_00)
    assert (line["release"], line["amount"]["high_fen"]) == (waiting["hash"], 150_0000_00)
    assert before["release"] != line["release"]


def test_a_pair_is_explained_with_its_release(run: Run) -> None:
    code = run(*PROJECT)[1].strip()

    ended, said, _ = run("library", "explain", code, EQ)
    line = json.loads(run("library", "explain", code, EQ, "--format", "json")[1])

    assert ended == 0
    assert f"规则版本 {line['release'][:12]}" in said and "设备贷款合同金额3000万元" in said
    assert run("library", "explain", "没有", EQ)[0] == 2
    assert code in run("library", "explain", "没有", EQ)[2]
    assert EQ in run("library", "explain", code, "eq_awar")[2]


def test_a_table_and_a_file_name_the_release(run: Run, tmp_path: Path) -> None:
    run(*PROJECT)
    release = json.loads(run("library", "match")[1])["release"]

    assert f"规则版本 {release[:12]}" in run("library", "match", "--format", "table")[1]
    ended, _, told = run("library", "match", "--out", str(tmp_path / "m.csv"))
    written = (tmp_path / "m.csv").read_text("utf-8-sig").splitlines()
    assert (ended, release in told) == (0, True)
    assert written[0].endswith(",规则版本") and written[-1].endswith(release)


def test_what_was_known_earlier_is_matched_by_the_rules_of_then(run: Run, changed: str) -> None:
    run(*PROJECT, on="2025-05-18")
    run("rules", "activate", changed, "--reason", "调低", "--from", "2025-05-19", "--by", "development")
    for actor in ("industry", "industry-2"):
        run("rules", "approve", "2", "--by", actor)

    def high(*options: str) -> int:
        return int(
            json.loads(run("library", "match", "--as-of", "2025-05-19", *options, on="2025-05-21")[1])["amount"][
                "high_fen"
            ]
        )

    assert (high(), high("--known-at", "2025-05-19")) == (150_0000_00, 200_0000_00)


def test_a_version_that_only_the_release_in_force_has_can_be_stopped(run: Run, tmp_path: Path) -> None:
    two = folder(tmp_path / "two", measure(through='"2025-05-31"'), measure(2, begins="2025-06-01"))
    activate(run, str(two))
    stop = ("rules", "stop", EQ, "--version", "2", "--reason", "撤回", "--by", "industry")
    before = run(*stop)
    for actor in ("industry", "industry-2"):
        run("rules", "approve", "2", "--by", actor)

    assert before[0] == 2 and "没有第 2 版" in before[2]
    assert run(*stop)[0] == 0


def test_a_faulty_folder_is_refused_with_file_and_line_and_nothing_is_recorded(run: Run, tmp_path: Path) -> None:
    faulty = folder(tmp_path / "faulty", measure(least="500"))
    put(faulty, 1, measure().replace("status: active", "status: active\nstatus: active"), "other_award")

    ended, _, told = activate(run, str(faulty))

    assert ended == 2
    assert "eq_award.v1.yaml:" in told and "other_award.v1.yaml:6" in told
    assert len(run("rules", "releases", "--format", "json")[1].splitlines()) == 1


def test_the_list_tells_that_the_folder_differs(run: Run, tmp_path: Path) -> None:
    run("library", "match")
    activate(run, str(tmp_path / "own" / "rules"))  # keeps the first release, and refuses this one: it is in force
    put(tmp_path / "own" / "rules", 1, measure(cap="90万元"))

    ended, said, told = run("rules", "releases")

    assert ended == 0
    assert "共 1 条" in said and "施行中" in said
    assert "规则目录" in told and "rules activate" in told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("activate", "no/such", "--reason", "x", "--by", "development"), 2, "规则目录，或"),
        (("activate", "own", "--reason", "x", "--by", "development"), 3, "施行的就是"),
        (("activate", "changed", "--reason", " ", "--by", "development"), 2, "没有写原因"),
        (("activate", "changed", "--reason", "x", "--by", "statistics"), 4, "不办这一项"),
        (("activate", "changed", "--reason", "x", "--by", "nobody"), 2, "经办人"),
        (("activate", "changed", "--reason", "x", "--by", "development", "--from", "2025-06"), 2, "--from"),
        (("activate", "changed", "--reason", "x"), 2, "--by"),
        (("approve", "7", "--by", "industry"), 2, "第 7 号"),
        (("approve", "one", "--by", "industry"), 2, "整数"),
        (("releases", "--format", "xml"), 2, "table"),
    ],
)
def test_what_is_refused_says_why_and_what_is_allowed(
    run: Run, changed: str, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    places = {"own": str(tmp_path / "own" / "rules"), "changed": changed}

    ended, out, err = run("rules", *(places.get(one, one) for one in arguments))

    assert (ended, out) == (code, "")
    assert said in err and "Traceback" not in err
