"""`rules check` tells an author, after its summary, which 免申即享 measures may not be paid and why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policy_match.cli import app
from policy_match.errors import RuleError

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "rules"
REFUND = "measures/province/JIANGSU/job_stabilisation_refund.v1.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The shipped rule folder with one measure alone, which is of the mode."""
    own = tmp_path / "rules"
    for part in RULES.iterdir():
        if part.name != "measures":
            (own / part.name).parent.mkdir(exist_ok=True)
            (own / part.name).symlink_to(part)
    (own / REFUND).parent.mkdir(parents=True)
    shutil.copy(RULES / REFUND, own / REFUND)
    return own


def told(rules: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    app(["rules", "check", str(rules)], standalone_mode=False)
    return capsys.readouterr().out.splitlines()


def test_every_no_of_a_measure_of_the_mode_is_told_with_its_reason(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(rules, capsys) == [
        "规则无误：1 项措施，1 个版本，5 个共用定义",
        "job_stabilisation_refund 第 1 版不能免申即享：E2 条件待核实（需申报）；E4 金额待核实（需申报）",
    ]


def test_nothing_is_told_of_a_measure_that_may_be_paid(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (rules / REFUND).read_text("utf-8")
    checked = text.replace(
        "{conditions: copy, benefit: copy", '{conditions: page, benefit: page, by: 示范核验员, on: "2025-12-10"'
    )
    assert checked != text
    (rules / REFUND).write_text(checked, "utf-8")

    assert len(told(rules, capsys)) == 1


def test_nothing_is_told_of_a_measure_of_another_mode(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rules / REFUND).unlink()
    name = "measures/national/STANDARD/above_scale_industry.v1.yaml"
    (rules / name).parent.mkdir(parents=True)
    shutil.copy(RULES / name, rules / name)

    assert len(told(rules, capsys)) == 1


def test_a_mistake_in_a_scheme_of_evaluation_is_told_with_its_line(rules: Path) -> None:
    shipped = (RULES / "schemes" / "stage.v1.yaml").read_text("utf-8")
    (rules / "schemes").unlink()
    (rules / "schemes").mkdir()
    (rules / "schemes" / "stage.v2.yaml").write_text(shipped.replace("by: SIGNED", "by: SINGED"), "utf-8")

    with pytest.raises(RuleError, match=r"schemes/stage\.v2\.yaml:\d+: 没有跟踪点“SINGED”"):
        app(["rules", "check", str(rules)], standalone_mode=False)
