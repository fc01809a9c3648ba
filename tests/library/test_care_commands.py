"""The commands of the daily care: what they print, and the exit codes 0, 2, 3 and 4 with a Chinese line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_match.cli import main

Run = Callable[..., tuple[int, str, str]]
P, T = "CZ-2025-00001", "T-2025-00001"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command at 10:00 of a day, on a library of its own."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, on: str = "2025-03-31") -> tuple[int, str, str]:
        monkeypatch.setenv("POLICY_MATCH_NOW", f"{on}T10:00:00+08:00")
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return run


@pytest.fixture
def begun(run: Run) -> Run:
    """One 省重大 project in 武进, signed on 2025-03-03 and entered."""
    facts = ("总投资=12亿元", "项目类型=新招引", "所在辖市区=武进区", "重大项目级别=省重大")
    told = [part for fact in facts for part in ("--fact", fact)]
    assert run("project", "add", "--name", "示范电池项目", *told, on="2025-03-03")[:2] == (0, f"{P}\n")
    proof = ("--on", "2025-03-03", "--evidence", "投资协议=协议2025-1", "--by", "commerce")
    assert run("project", "advance", P, "签约", *proof, on="2025-03-03")[0] == 0
    return run


def test_a_ticket_from_opening_to_the_list(begun: Run) -> None:
    opened = begun("ticket", "open", P, "--kind", "ON_SITE", "--cause", "审批", "--text", "手续慢", on="2025-04-25")
    listed = begun("ticket", "list", "--format", "json", on="2025-05-07")
    begun("ticket", "move", T, "triage", "--kind", "CONSULT", on="2025-05-07")
    refused = begun("ticket", "move", T, "resolve", on="2025-05-07")
    units = ("--minutes", "纪要〔2025〕1号", "--units", "国网常州供电公司,市资规局")
    solved = begun(
        "ticket", "move", T, "resolve", *units, "--action", "国网常州供电公司|确定方案|2025-05-20", on="2025-05-07"
    )
    again = begun("ticket", "move", T, "resolve", on="2025-05-08")

    assert opened == (0, f"{T} 主办 市政务服务办\n", "")
    row = json.loads(listed[1])
    assert (row["id"], row["due_on"], row["overdue"], row["level"]) == (T, "2025-05-06", True, "辖市区")
    assert refused[0] == 2 and "会议纪要" in refused[2]
    assert solved == (0, f"{T} 已解决\n", "")
    assert again[0] == 3 and "不能“解决”" in again[2]


def test_a_need_stands_in_the_list_with_its_amount_and_unit(begun: Run) -> None:
    assert begun("need", "add", P, "土地", "--amount", "60亩", "--by-date", "2025-09-01", "--text", "二期用地") == (
        0, f"{T} 主办 市自然资源和规划局\n", "",
    )  # fmt: skip

    shown = begun("ticket", "list")[1]

    assert "40000㎡" in shown and "二期用地" in shown and "未分办" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("visit", "add", P, "--on", "2025-03-28"), 0, "计入 2025-W13"),
        (("visit", "add", P, "--on", "2025-03-20", "--by", "park-320412"), 0, "记为迟录"),
        (("visit", "add", P, "--by", "park-320481"), 4, "园区和镇街"),
        (("visit", "add", P, "--on", "2025-04-01"), 2, "晚于今天"),
        (("visit", "coverage", "--week", "2025-99"), 2, "2025-W01"),
        (("visit", "coverage", "--library", "no"), 2, "示范库"),
        (("need", "add", P, "用水", "--text", "要"), 2, "土地"),
        (("handover", "accept", P, "签约", "--by", "commerce"), 3, "没有交接"),
        (("light", "excuse", P, "签约至立项", "--until", "2025-12-31", "--reason", "规划调整"), 3, "不是红灯"),
        (("milestone", "set", P, "环评批复", "--planned", "2025-04-10"), 0, "计划 2025-04-10"),
        (("milestone", "set", P, "环评批复", "--status", "办结"), 2, "办结"),
        (("update", "add", P, "--text", "地块已定"), 0, "2025-03-31"),
        (("quota", "land", P, "计划保障", "60亩"), 3, "超出需求认定"),
        (("quota", "land", P, "需求认定", "60亩", "--by", "commerce"), 4, "市自然资源和规划局"),
        (("quota", "allocate", P, "60亩"), 2, "核销制"),
        (("quota", "environment", "化学需氧量", "分配", "1", "--project", P), 3, "指标不足"),
        (("quota", "environment", "化学需氧量", "总量", "10", "--by", "development"), 4, "市生态环境局"),
        (("tour", "add", "--route", "武进线", "--project", P, "--score", "武进区=90"), 0, "1 个项目"),
        (("tour", "add", "--route", "武进线", "--project", P, "--score", "武进区"), 2, "单位=得分"),
        (("liaison", "set", "市财政局", "张三"), 0, "市财政局"),
        (("liaison", "check", "市财政局"), 2, "liaison set"),
        (("report", "due", "--unit", "供水公司"), 2, "国网常州供电公司"),
        (("report", "due", "--format", "xml"), 2, "xlsx"),
    ],
)
def test_each_command_answers_in_chinese_with_its_exit_code(
    begun: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    found = begun(*arguments)

    assert (found[0], said in found[1] + found[2]) == (code, True), found


def test_the_ledger_of_land_is_written_and_read(begun: Run) -> None:
    for kind, area, doc in (
        ("需求认定", "60亩", ""),
        ("计划保障", "60亩", ""),
        ("批准", "40000㎡", "苏地〔2025〕1号"),
        ("核销", "60亩", ""),
    ):
        assert begun("quota", "land", P, kind, area, "--doc", doc, "--by", "resources")[0] == 0
    over = begun("quota", "land", P, "核销", "1亩", "--by", "resources")

    row = json.loads(begun("quota", "land-balance", "--format", "json")[1])
    assert (row["approved"], row["balance_m2"], len(row["entries"])) == ("60.00亩（40000㎡）", "0", 4)
    assert over[0] == 3 and "核销面积超出批准面积 1亩" in over[2]


def test_lists_are_read_as_lines(begun: Run) -> None:
    begun("milestone", "set", P, "送电", "--planned", "2025-04-10")
    begun("tour", "add", "--route", "武进线", "--project", P, on="2025-03-31")

    due = begun("report", "due", "--out", "due.csv")
    assert due[0] == 0 and "送电" in Path("due.csv").read_text("utf-8-sig")
    assert "市财政局" in begun("org", "gaps")[1]
    assert "第2季度  本季尚未观摩" in begun("tour", "list", on="2025-04-01")[1]
    assert "全市  0  0  —" in begun("visit", "coverage", "--week", "2025-W13")[1]
    assert "化学需氧量  0吨/年" in begun("quota", "environment-balance")[1]
    assert "武进区  0.00亩（0㎡）" in begun("quota", "pools")[1]
    assert "共 0 条" in begun("quota", "needs")[1]
