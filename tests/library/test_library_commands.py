"""Every command on the library through the command line: what it prints, what it refuses, and the exit code."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import f
import pytest

from policy_match.cli import main

P = "CZ-2025-00001"
SIGN = ("project", "advance", P, "签约", "--on", "2025-03-03", "--evidence", "投资协议=协2025-1", "--by", "commerce")
ADD = (
    "project", "add", "--name", "示范电池项目", "--uscc", "91320412MAYYYY0160", "--firm", "示范电池有限公司",
    "--fact", "总投资=12亿元", "--fact", "项目类型=新招引", "--fact", "所在辖市区=武进区",
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Call the command line on an empty library, with the clock of the scenarios."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'library.db'}")
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-03-31T10:00+08:00")

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return Done(int(end.value.code or 0), captured.out, captured.err)

    return call


def shown(run: Run, code: str = P, *more: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(run("project", "show", code, "--format", "json", *more).out)
    return found


# scenarios through files


def test_s01_a_wrong_digit_refuses_its_row_and_the_corrected_file_brings_it(run: Run, tmp_path: Path) -> None:
    wrong = {"P04": {"统一社会信用代码": "91320413MAYYYY040A"}}
    f.write_xlsx(tmp_path / "f.xlsx", wrong)
    f.write_xlsx(tmp_path / "g.xlsx")

    first = run("import", "DISTRICT", "f.xlsx")
    errors = list(csv.DictReader((tmp_path / "f.errors.csv").read_text("utf-8-sig").splitlines()))
    again = run("import", "DISTRICT", "f.xlsx")
    third = run("import", "DISTRICT", "g.xlsx")

    assert (first.code, first.out.splitlines()[-1]) == (1, "新增 11，变更 0，未变 0")
    assert [(line["行号"], line["代码"]) for line in errors] == [("5", "USCC_CHECKSUM")]
    assert "校验位应为Y" in errors[0]["怎么办"]
    assert again.out.splitlines()[-1] == "新增 0，变更 0，未变 11"
    assert (third.code, third.out.splitlines()[-1]) == (0, "新增 1，变更 0，未变 11")


def test_s02_codes_and_encodings_are_read_and_a_time_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    wide = str.maketrans("0123456789-", "０１２３４５６７８９—")
    changed = {
        "P09": {"项目代码": "2411-320411-89-02-100095".translate(wide)},
        "P01": {"项目代码": "24093204128901100011"},
    }
    more = [
        {"项目名称": "示范附加项目甲", "项目代码": "2013-320412-89-01-100029"},
        {"项目名称": "示范附加项目乙", "项目代码": "2011-320412-89-01-100029"},
    ]
    f.write_gbk_csv(tmp_path / "f.csv", changed, more)

    done = run("import", "DISTRICT", "f.csv")

    assert done.code == 1
    assert "gb18030" in done.err.lower()
    errors = list(csv.DictReader((tmp_path / "f.errors.csv").read_text("utf-8-sig").splitlines()))
    assert [(line["行号"], line["代码"]) for line in errors] == [("14", "PCODE_TIME")]
    for code in ("2411-320411-89-02-100095", "2409-320412-89-01-100011"):
        assert run("asof", code, "2025-03-31").code == 0
    assert "项目代码 2011-320412-89-01-100029（B 2020年11月）" in run("project", "show", "2011-320412-89-01-100029").out


def test_s36_asof_tells_what_was_known_and_when(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-03-01T10:00+08:00")
    assert run(*ADD).out.strip() == P
    monkeypatch.setenv("POLICY_MATCH_NOW", "2025-03-20T10:00+08:00")
    assert run(*SIGN).code == 0

    before = run("asof", P, "2025-03-10", "--known-at", "2025-03-19")
    after = run("asof", P, "2025-03-10", "--known-at", "2025-03-20")

    assert (before.code, "尚无跟踪点" in before.out) == (0, True)
    assert (after.code, "：签约，签约至立项，牵头 市商务局" in after.out) == (0, True)
    assert "2025-03-19 23:59" in before.out


def test_a_file_that_is_strict_or_none_is_refused_as_a_whole(run: Run, tmp_path: Path) -> None:
    f.write_xlsx(tmp_path / "f.xlsx", {"P04": {"统一社会信用代码": "91320413MAYYYY040A"}})

    assert run("import", "DISTRICT", "f.xlsx", "--strict").code == 2
    assert run("import", "NOWHERE", "f.xlsx").code == 2
    assert run("import", "DISTRICT", "missing.xlsx").code == 2
    assert run("import", "DISTRICT", "f.xlsx", "--by", "nobody").code == 2
    assert run("project", "list").out.strip() == "共 0 个项目"


def test_bi38_a_register_that_says_it_is_whole_is_stopped_when_it_shrinks(run: Run, tmp_path: Path) -> None:
    head = "列统号,项目代码,项目名称,列统月份,数据月份,计划总投资（万元）,本年累计完成（万元）,项目状态\n"
    rows = [f"F{n},2409-320412-89-01-10{n:04d},示范{n},2024-05,2025-03,{n}0000,100,在建\n" for n in range(1, 11)]
    (tmp_path / "a.csv").write_text(head + "".join(rows), "utf-8")
    (tmp_path / "b.csv").write_text(head + "".join(rows[:7]), "utf-8")

    assert run("import", "FAI", "a.csv").code == 0
    stopped = run("import", "FAI", "b.csv")
    meant = run("import", "FAI", "b.csv", "--may-shrink")

    assert (stopped.code, "7 行" in stopped.err, "--may-shrink" in stopped.err) == (2, True, True)
    assert meant.code == 0


# one project, from its entry on


def test_a_project_goes_its_way_and_every_answer_is_chinese(run: Run) -> None:
    assert run("init", "--no-demo").code == 0
    added = run(*ADD, "--library", "demo")
    assert (added.code, added.out.strip()) == (0, P)
    on = ("--library", "demo")

    assert run(*SIGN, *on).out.strip() == "已登记，记录版本 2"
    assert run("project", "pause", P, "--on", "2025-03-10", "--cause", "用地", "--expected", "2025-05-01",
               "--evidence", "停工报告=停1", "--by", "commerce", *on).code == 0  # fmt: skip
    assert (
        run("project", "resume", P, "--on", "2025-03-20", "--evidence", "复工报告=复1", "--by", "commerce", *on).code
        == 0
    )
    assert run("project", "correct", P, "签约", "--on", "2025-03-04", "--reason", "落款日期", "--by", "commerce",
               "--second", "development", *on).code == 0  # fmt: skip
    assert (
        run("project", "tell", P, "--fact", "总投资=12.5亿元", "--project-code", "2503-320412-89-01-100011", *on).code
        == 0
    )
    assert run("project", "exit", P, "--cause", "迁出", "--by", "development", *on).code == 0
    assert run("project", "reenter", P, "--reason", "迁回", "--by", "development", *on).code == 0

    text = run("project", "show", P, *on).out
    for word in ("入库", "签约", "更正：原为 2025-03-03", "暂停", "恢复", "出库", "重新入库", "项目代码 2503-"):
        assert word in text
    found = shown(run, P, *on)
    assert (found["point"], found["tier"], found["row_version"]) == ("SIGNED", "T10", 7)
    assert "共 1 个项目" in run("project", "list", *on).out
    assert json.loads(run("project", "list", "--format", "json", *on).out)["code"] == P
    assert "共 1 个项目" in run("project", "list", "--words", "电池", "示范", *on).out
    assert "共 0 个项目" in run("project", "list", "--words", "电池 芯片", *on).out
    assert "链完好" in run("audit", "verify").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("project", "show", "CZ-2025-09999"), 2, "库里没有项目"),
        (("project", "show", P, "--as-of", "2025-02-30"), 2, "--as-of"),
        (("project", "show", P, "--known-at", "昨天"), 2, "--known-at"),
        (("project", "show", P, "--format", "pdf"), 2, "json"),
        (("project", "show", P, "--purpose", "fun"), 2, "payout"),
        (("project", "show", P, "--library", "other"), 2, "real"),
        (("project", "list", "--library", "other"), 2, "demo"),
        (("project", "list", "--words", "项目"), 2, "没有可查的词"),
        (("project", "list", "电池"), 2, "--words"),
        (("asof", P, "2025-13-01"), 2, "日期"),
        (("asof", P), 2, "日期"),
        (ADD, 3, "库里已有这个项目"),
        ((*ADD[:3], " "), 2, "没有项目名称"),
        ((*ADD, "--fact", "总投资"), 2, "名称=值"),
        ((*ADD, "--fact", "总投资=很多"), 2, "总投资"),
        ((*ADD, "--fact", "没有的事实=1"), 2, "没有的事实"),
        ((*ADD, "--source", "GG"), 2, "GG"),
        ((*ADD, "--by", "statistics"), 4, "您无权办理"),
        (("project", "add", "--name", "示范", "--uscc", "91320412MAYYYY0161"), 2, "校验"),
        (("project", "add", "--name", "示范", "--project-code", "2504-320412-89-01-100011"), 2, "还没有到"),
        (("project", "advance", P, "竣工", "--evidence", "联合竣工验收意见书=1"), 3, "不能跳过"),
        (("project", "advance", P, "落成"), 2, "签约"),
        (("project", "advance", P, "签约", "--by", "industry", "--evidence", "投资协议=1"), 4, "您无权办理"),
        (("project", "advance", P, "签约", "--by", "commerce"), 2, "缺少佐证"),
        ((*SIGN, "--on", "2025-03-04"), 2, "一一对应"),
        (("project", "advance", P, "签约", "--on", "2025-04-01", "--evidence", "投资协议=1", "--by", "commerce"), 2, "晚于今天"),
        (("project", "advance", P, "签约", "--evidence", "投资协议", "--by", "commerce"), 2, "种类=文号"),
        ((*SIGN, "--seen", "9"), 3, "刷新"),
        ((*SIGN, "--by", "nobody"), 2, "没有经办人"),
        ((*SIGN, "--key", "长" * 200), 2, "不超过"),
        ((*SIGN, "--evidence", "投资协议=" + "长" * 200), 2, "不超过"),
        ((*SIGN, "--fact", "总投资=1亿元", "--source", "TZXM"), 2, "手工登记"),
        (("project", "tell", P, "--fact", "总投资=1亿元", "--source", "FAI"), 2, "手工登记"),
        (("project", "tell", P, "--fact", "总投资=1亿元", "--by", "enterprise-320412"), 4, "改用 --source SELF"),
        (("import", "ENT", "f.xlsx", "--by", "district-320412"), 4, "市数据局"),
        (("project", "tell", "CZ-2025-09999", "--fact", "总投资=1亿元"), 2, "库里没有项目"),
        (("project", "tell", P), 2, "没有写要补充什么"),
        (("project", "pause", P, "--by", "commerce"), 2, "请填写原因"),
        (("project", "resume", P, "--by", "commerce"), 3, "不能办理"),
        (("project", "terminate", P, "--by", "commerce", "--reason", "停"), 4, "无权"),
        (("project", "exit", P, "--by", "development"), 2, "请填写原因"),
        (("project", "reenter", P, "--by", "development", "--reason", "回"), 3, "不能办理"),
        (("project", "correct", P, "签约", "--reason", "错", "--second", "development"), 2, "--withdraw"),
        (("project", "correct", P, "签约", "--reason", "错", "--second", "development", "--withdraw"), 2, "000000001 入库"),
        (("project", "merge", P, "--into", P, "--reason", "同"), 3, "同一个项目"),
        (("project", "merge", P, "--into", "CZ-2025-09999", "--reason", "同"), 2, "库里没有项目"),
        (("project", "unmerge", P, "--reason", "错"), 3, "不能办理"),
        (("project", "phase", P, "--of", P), 3, "分期"),
        (("project", "apart", P, "--from", P), 3, "同一个项目"),
        (("project", "apart", P, "--from", "CZ-2025-09999"), 2, "库里没有项目"),
        (("doubts", "list", "--format", "xml"), 2, "json"),
        (("doubts", "settle", "7", "accepted"), 2, "没有第 7 条"),
        (("doubts", "settle", "七", "accepted"), 2, "整数"),
        (("doubts", "settle", "7", "maybe"), 2, "accepted"),
        (("waiting", "link", P, "--source", "GG", "--record", "1"), 2, "没有待关联"),
        (("audit", "verify", "--against", "none.jsonl"), 2, "链头"),
        (("audit", "heads", "--out", "no/such/folder/heads.jsonl"), 2, "写不了文件（没有这个文件夹或文件）"),
        (("project", "agent", P, "--name", "长" * 61, "--unit", "武进区"), 2, "不超过"),
        (("project", "agent", P, "--name", " ", "--unit", "武进区"), 2, "姓名"),
        (("project", "agent", P, "--name", "示范员", "--unit", "武进区", "--by", "statistics"), 4, "不办这一项"),
        (("project", "agent", P, "--name", "示范员", "--unit", "武进区", "--since", "昨日"), 2, "--since"),
        ((*SIGN, "--reason", "\udcff"), 2, "UTF-8"),
        (("project", "show", "\udcff"), 2, "UTF-8"),
        (("project", "fly", P), 2, "fly"),
        (("asof", P, "2025-03-31", "--known-at", "2025-03-30"), 2, f"按 2025-03-30 23:59 以前所知，库里还没有项目 {P}"),
        (("project", "show", P, "--known-at", "2025-03-31T09:59"), 2, "2025-03-31 10:00 起"),
        (("init", "extra"), 2, "extra"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_chinese_with_its_exit_code(
    run: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    run(*ADD)
    before = shown(run)

    done = run(*arguments)

    assert (done.code, said in done.err) == (code, True), done.err
    assert done.out == ""
    assert any("\u4e00" <= letter <= "\u9fff" for letter in done.err)
    assert shown(run) == before


def test_a_project_on_which_no_clock_runs_is_listed_as_such_and_not_as_green(run: Run) -> None:
    run("init", "--no-demo")

    seen = [json.loads(line) for line in run("project", "list", "--format", "json").out.splitlines()]
    assert {one["light"] for one in seen if one["observed_only"]} == {None}
    listed = run("project", "list").out.splitlines()[0]
    assert listed.endswith("未计时")


def test_two_who_edit_one_project_the_second_is_told_and_exits_3(run: Run) -> None:
    run(*ADD)
    run(*SIGN, "--seen", "1")

    second = run("project", "pause", P, "--on", "2025-03-10", "--cause", "用地", "--expected", "2025-05-01",
                 "--evidence", "停工报告=停1", "--by", "commerce-2", "--seen", "1")  # fmt: skip

    assert (second.code, "市商务局经办1" in second.err) == (3, True)
    assert shown(run)["side"] == "ACTIVE"


def test_a_request_with_a_number_is_done_once(run: Run) -> None:
    run(*ADD)

    assert run(*SIGN, "--key", "请求1").out.strip() == "已登记，记录版本 2"
    again = run(*SIGN, "--key", "请求1")

    assert (again.code, again.out.strip()) == (0, "已登记过")


def test_a_project_is_not_in_the_library_on_a_day_before_its_entry(run: Run) -> None:
    run(*ADD)

    assert "尚未入库" in run("asof", P, "2025-03-30").out
    assert "，在库" in run("asof", P, "2025-03-31", "--known-at", "2025-03-31").out
    assert run("project", "list", "--known-at", "2025-03-30").out.strip() == "共 0 个项目"


def test_a_merged_project_is_shown_with_its_survivor_and_what_to_do(run: Run) -> None:
    run(*ADD)
    run(*ADD[:3], "示范电池项目二期", *ADD[4:])
    run("project", "merge", "CZ-2025-00002", "--into", P, "--reason", "同一项目", "--by", "data")

    text = run("project", "show", "CZ-2025-00002").out
    assert f"已并入 {P} 示范电池项目" in text
    assert f"project show {P}" in text and "project unmerge CZ-2025-00002" in text
    assert "分档 10亿元以上" in text


def test_doubts_and_records_that_wait_are_listed_and_answered(run: Run, tmp_path: Path) -> None:
    run(*ADD)
    second = run(*ADD[:3], "示范电池项目二期", *ADD[4:])
    assert "待核实" in second.err

    assert "DUP_SUSPECT" in run("doubts", "list").out
    number = str(json.loads(run("doubts", "list", "--format", "json").out)["number"])
    assert run("project", "phase", "CZ-2025-00002", "--of", P, "--included").out == f"CZ-2025-00002 已记为 {P} 的分期\n"
    assert run("doubts", "list").out.strip() == "共 0 条待核实"
    assert run("doubts", "settle", number, "accepted").code == 3
    (tmp_path / "t.csv").write_text(
        "办件编号,项目代码,项目名称,项目单位,统一社会信用代码,办件类型,办结日期,文号,总投资（万元）,建设地点\n", "utf-8"
    )
    assert "共 0 条待关联" in run("waiting", "list").out


def test_the_chain_is_checked_against_what_was_kept_outside(run: Run, tmp_path: Path) -> None:
    assert run("audit", "heads", "--out", "heads.jsonl").code == 2
    run(*ADD)
    assert run("audit", "heads", "--out", "heads.jsonl").code == 0
    assert run("audit", "verify", "--against", "heads.jsonl").code == 0
    line = json.loads((tmp_path / "heads.jsonl").read_text("utf-8"))
    (tmp_path / "heads.jsonl").write_text(json.dumps(line | {"seq": line["seq"] + 1}), "utf-8")

    assert run("audit", "verify", "--against", "heads.jsonl").code == 2


def test_a_fact_of_statistics_is_shown_for_statistics_alone(run: Run, tmp_path: Path) -> None:
    run(*ADD, "--project-code", "2409-320412-89-01-100011")
    (tmp_path / "fai.csv").write_text(
        "列统号,项目代码,项目名称,列统月份,数据月份,计划总投资（万元）,本年累计完成（万元）,项目状态\nF1,2409-320412-89-01-100011,示范,2024-05,2025-03,118000,100,在建\n", "utf-8"
    )  # fmt: skip
    assert run("import", "FAI", "fai.csv").code == 0

    payout = run("project", "show", P, "--purpose", "payout")
    statistics = run("project", "show", P, "--purpose", "statistics", "--by", "statistics")

    line = next(line for line in payout.out.splitlines() if "固投库计划总投资" in line)
    assert "不用于判断" in line
    assert "不用于判断" not in next(line for line in statistics.out.splitlines() if "固投库计划总投资" in line)
