"""The sheet of a rule: everything a lawyer signs stands on it, and the digest tells which text was signed."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import NoApplication
from policy_match.errors import UsageError
from policy_match.exchange.printed import printed_page
from policy_match.exchange.tables import Grid
from policy_match.workflows.show_benefit import stacking_lines
from policy_match.workflows.show_sheet import chosen_rule, files_of, sheet_grids, used_definitions, write_sheet

ROOT = Path(__file__).resolve().parents[2]
RULES, CORPUS = ROOT / "rules", ROOT / "corpus"
DAY = date(2026, 11, 25)
LOAN = RULES / "measures" / "province" / "JIANGSU" / "js_mfg_loan_discount.v4.yaml"


def grids_of(rulebook: Rulebook, measure_id: str, version: int | None = None) -> dict[str, Grid]:
    rule = chosen_rule(rulebook, measure_id, version, DAY)
    grids = sheet_grids(rule, rulebook, DAY, files_of(rule, rulebook, RULES, CORPUS))
    return {grid.title: grid for grid in grids}


def text_of(page: str) -> str:
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sheet of the current loan discount."""
    out = tmp_path_factory.mktemp("sheet") / "loan.html"
    write_sheet("js_mfg_loan_discount", version=4, rules=RULES, corpus=CORPUS, as_of=DAY, out=out)
    return out.read_text("utf-8")


def test_the_page_names_the_digest_of_the_rule_file_on_every_sheet_of_paper_and_at_its_end(page: str) -> None:
    foot = f"js_mfg_loan_discount.v4 SHA-256 {hashlib.sha256(LOAN.read_bytes()).hexdigest()}"

    assert f'@bottom-left {{ content: "{foot}"' in page
    assert f"<footer>{foot}</footer>" in page


def test_the_page_stands_alone(page: str) -> None:
    assert re.findall(r"<(?:script|link|img|iframe|a)\b|\bsrc=|\bhref=|\burl\(|@import", page) == []
    assert "@page { size: A4" in page


def test_the_page_says_what_was_seen_and_who_is_to_sign(page: str) -> None:
    text = text_of(page)

    for expected in ("文号未见", "江苏省财政厅、江苏省工业和信息化厅", "2026-01-01至2026-12-31", "市工信局"):
        assert expected in text
    for expected in ("已与官方页面逐条核对", "据转载整理，待核实", "2026-11-24", "2026-12-24", "法制核对人", "签名"):
        assert expected in text


def test_every_clause_stands_beside_what_implements_it(rulebook: Rulebook) -> None:
    rows = {row[1]: row[2] for row in grids_of(rulebook, "js_mfg_loan_discount", 4)["条款与实现"].rows}

    assert len(rows) == 10
    assert "在江苏省" in rows["江苏省内登记的企业"] and "registered_region" in rows["江苏省内登记的企业"]
    assert rows["单个项目每年不超过600万元，单个企业每年不超过1000万元"] == "见“待遇”"
    assert rows["与制造业融资租赁贴息合计，单个企业每年不超过2000万元"].startswith("无需判断：")
    assert all(rows.values())


def test_the_logic_is_an_outline_with_thresholds(rulebook: Rulebook) -> None:
    rows = {row[0]: row[1].strip() for row in grids_of(rulebook, "js_mfg_loan_discount", 4)["条件如何组合"].rows}

    assert (rows["1"], rows["1.2"]) == ("同时满足：", "满足其一：")
    assert rows["1.2.1"].endswith("属于制造业（C）")
    assert rows["1.5"].startswith("前提（不核实，随结论写明）：")


def test_a_threshold_by_rows_is_written_row_by_row_and_its_boundaries_with_their_values(rulebook: Rulebook) -> None:
    grids = grids_of(rulebook, "hightech_enterprise")

    assert any("最近一年销售收入不超过5000万元，不少于5%" in row[1] for row in grids["条件如何组合"].rows)
    found = {(row[0].split(" ")[-1], row[1]): row[2] for row in grids["边界"].rows}
    assert found["不少于4%", "少一步：3.99%\n（最近一年销售收入 2亿元）"] == "不符合"
    assert found["不少于10%", "正好在界限上：10%"] == "符合"
    assert found["不少于10%", "未知"] == "待补数据"


def test_cases_carry_their_day_and_what_their_author_expects(rulebook: Rulebook) -> None:
    rows = {row[0]: row[1:] for row in grids_of(rulebook, "js_mfg_loan_discount", 4)["用例"].rows}

    assert rows["次日"] == ("2027-01-01", "同“省市两级贴息”", "不在施行期", "相符")
    assert rows["单个项目封顶"][2] == "符合\n金额：600万元"
    assert rows["流动资金"][2] == "不符合\n决定：贷款用途"


def test_a_wrong_case_is_shown_as_wrong_and_lowers_the_grade(tmp_path: Path) -> None:
    rules, corpus = tmp_path / "rules", tmp_path / "corpus"
    shutil.copytree(RULES, rules)
    shutil.copytree(CORPUS / "documents", corpus / "documents")
    shutil.copytree(CORPUS / "taxonomies", corpus / "taxonomies")
    changed = rules / LOAN.relative_to(RULES)
    changed.write_text(changed.read_text("utf-8").replace('amount: "200万元"}', 'amount: "210万元"}'), "utf-8")

    out = tmp_path / "loan.html"
    write_sheet("js_mfg_loan_discount", version=4, rules=rules, corpus=corpus, as_of=DAY, out=out)

    text = text_of(out.read_text("utf-8"))
    assert "不符：金额应为 210万元，实为 200万元" in text
    assert "F：有用例或边界不符，不能发布" in text
    assert hashlib.sha256(changed.read_bytes()).hexdigest() in text
    assert hashlib.sha256(LOAN.read_bytes()).hexdigest() not in text


def test_every_measure_has_its_sheet_and_definitions_and_their_digests_stand_on_it(rulebook: Rulebook) -> None:
    with_definition = next(rule for rule in rulebook.rules if used_definitions(rule, rulebook))
    name = used_definitions(with_definition, rulebook)[0]

    grids = grids_of(rulebook, with_definition.id, with_definition.measure.version)

    assert name in [row[0] for row in grids["共用定义"].rows]
    assert {f"{with_definition.measure.key}.yaml", f"{name}.yaml", "facts.yaml"} <= {
        r[0] for r in grids["文件摘要"].rows
    }
    for rule in rulebook.rules:
        files = files_of(rule, rulebook, RULES, CORPUS)
        assert len(files) == 3 + len(used_definitions(rule, rulebook)), rule.measure.key
        assert all(path.is_file() for path in files), rule.measure.key


def test_without_a_version_the_one_of_the_day_is_shown_and_drafts_can_be_signed(rulebook: Rulebook) -> None:
    assert chosen_rule(rulebook, "js_mfg_loan_discount", None, DAY).measure.version == 4
    assert chosen_rule(rulebook, "js_mfg_loan_discount", None, date(2024, 4, 1)).measure.version == 1
    rule = rulebook.at("hightech_enterprise", DAY)
    draft = replace(rule, measure=rule.measure.model_copy(update={"status": "draft"}))
    assert chosen_rule(replace(rulebook, rules=(draft,)), draft.id, None, DAY) is draft
    with pytest.raises(UsageError, match="没有第 9 版"):
        chosen_rule(rulebook, "js_mfg_loan_discount", 9, DAY)


def test_what_paying_without_application_asks_for_is_signed_too(rulebook: Rulebook) -> None:
    rule = chosen_rule(rulebook, "js_mfg_loan_discount", 4, DAY)
    asked = NoApplication.model_validate(
        {
            "evidence": {"equipment_loan": {"from": ["FIN"], "max_age_days": 31}},
            "consent": "required",
            "notice_working_days": 5,
            "second_signature_above": "200万元",
        }
    )
    paying = replace(rule, measure=rule.measure.model_copy(update={"no_application": asked}))

    grids = {grid.title: grid for grid in sheet_grids(paying, rulebook, DAY, (LOAN,))}

    assert [row[:2] for row in grids["免申即享"].rows] == [
        ("设备贷款合同金额", f"{rulebook.vocabulary.registers['FIN']}，31 天以内"),
        ("企业同意", "须先同意"),
        ("公示", "5 个工作日"),
        ("第二人签批", "超过200万元的"),
    ]


def test_the_workbook_has_a_sheet_a_part_with_text_cells(tmp_path: Path) -> None:
    out = tmp_path / "loan.xlsx"

    write_sheet("js_mfg_loan_discount", version=4, rules=RULES, corpus=CORPUS, as_of=DAY, out=out)

    book = CalamineWorkbook.from_path(str(out))
    assert book.sheet_names == ["规则", "条款与实现", "条件如何组合", "待遇", "叠加规则", "用例", "证明", "文件摘要", "签署"]  # fmt: skip
    rows = book.get_sheet_by_name("待遇").to_python()
    assert hashlib.sha256(LOAN.read_bytes()).hexdigest() in str(rows[0][0])
    assert rows[1] == ["情形", "金额", "核对"]
    assert ["上限（单个项目每年）", "600万元", "□"] in rows


def test_what_is_written_in_a_rule_never_becomes_markup() -> None:
    page = printed_page("<b>题</b>", "", [Grid("表", ("列",), (("<script>1</script>",),))], "x.v1 SHA-256 ab")

    assert "<script" not in page and "<b>" not in page
    with pytest.raises(ValueError, match="ab"):
        printed_page("题", "", [], 'ab" } body { display: none')


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("hightech_enterprize",), "hightech_enterprise"),
        (("hightech_enterprise", "--version", "7"), "没有第 7 版；允许：1"),
        (("hightech_enterprise", "--out", "sheet.pdf"), ".html、.xlsx"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    called: Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]],
) -> None:
    done = called(["rules", "sheet", *arguments], tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_exclusive_group_is_printed_with_the_titles_of_its_other_members(rulebook: Rulebook) -> None:
    rule = rulebook.versions("hnte_income_tax_15")[-1]
    other = rulebook.versions("small_low_profit")[-1].measure.title
    draft = replace(
        rule, measure=rule.measure.model_copy(update={"id": "other", "title": "示范草案", "status": "draft"})
    )

    lines = stacking_lines(rule, replace(rulebook, rules=(*rulebook.rules, draft)))

    assert lines[0] == f"与“示范草案”、“{other}”不重复享受，就高"


def test_the_ten_questions_stand_on_the_sheet_of_a_measure_of_the_mode_and_of_no_other(rulebook: Rulebook) -> None:
    grid = grids_of(rulebook, "cz_unicorn_award")["免申即享十问"]

    assert [row[0] for row in grid.rows] == [f"E{n}" for n in range(1, 11)]
    assert {row[0] for row in grid.rows if row[2] == "✘"} == {"E2", "E3", "E4", "E6", "E10"}
    assert all(row[3] for row in grid.rows if row[2] != "✔")
    assert grid.note == "不能免申即享：E2、E3、E4、E6、E10"
    assert "免申即享十问" not in grids_of(rulebook, "js_mfg_loan_discount", 4)
