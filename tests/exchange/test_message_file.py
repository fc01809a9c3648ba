"""`rules/messages.yaml` is read strictly: every fault at its line, in words that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.errors import RuleError
from policy_match.exchange.message_file import load_templates
from policy_match.push.wording import VARIABLES, longest, sms_parts

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "rules" / "messages.yaml").read_text("utf-8")
SHORT = 'short: "【{brand}】之前告诉您的一项政策有更正，请登录查看。"'


def changed(place: Path, before: str, after: str) -> Path:
    assert SHIPPED.count(before) == 1, before
    path = place / "messages.yaml"
    path.write_text(SHIPPED.replace(before, after), "utf-8")
    return path


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text("utf-8").splitlines(), start=1) if text in line)


def test_the_shipped_templates_are_those_that_the_program_fills() -> None:
    found = load_templates(ROOT / "rules" / "messages.yaml")
    assert found.keys() == VARIABLES.keys()
    assert all(one.approved_by and one.version >= 1 for one in found.values())


def test_no_shipped_sms_has_more_than_three_parts_nor_an_amount() -> None:
    for one in load_templates(ROOT / "rules" / "messages.yaml").values():
        assert sms_parts("字" * longest(one.id, one.short)) <= 3
        assert "amount" not in one.short


@pytest.mark.parametrize(
    ("before", "after", "code", "allowed"),
    [
        (SHORT, 'short: "【{brand}】{sum}有更正"', "MESSAGE_VARIABLE", "brand"),
        ("title: \"“{title}”还有{left}天截止\"", "title: \"“{title}”还有{left}天{amounts}\"", "MESSAGE_VARIABLE", "amount"),
        ('title: "本周政策汇总（{count}项）"', 'title: "{entries}"', "MESSAGE_VARIABLE", "count"),
        (SHORT, 'short: "【{brand】有更正"', "MESSAGE_BRACES", "{brand}"),
        (SHORT, f'short: "【{{brand}}】{"长" * 160}"', "MESSAGE_LENGTH", "201"),
        ("  recall:\n", "  recal:\n", "MESSAGE_TEMPLATE", "recall"),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_its_line_with_what_is_allowed(
    tmp_path: Path, before: str, after: str, code: str, allowed: str
) -> None:
    path = changed(tmp_path, before, after)
    with pytest.raises(RuleError) as refused:
        load_templates(path)
    issue = refused.value.issues[0]
    assert (issue.code, issue.where) == (
        code,
        f"{tmp_path.name}/messages.yaml:{line_of(path, after.splitlines()[0].strip())}",
    )
    assert allowed in issue.allowed
    assert issue.hint


def test_an_amount_may_not_stand_in_an_sms(tmp_path: Path) -> None:
    short = 'short: "【{brand}】有一项政策将于{last_day}截止，请登录查看。"'
    with pytest.raises(RuleError, match="不能用变量“amount”"):
        load_templates(changed(tmp_path, short, 'short: "【{brand}】{amount}"'))


def test_a_template_that_nobody_approved_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "messages.yaml"
    path.write_text(SHIPPED.replace("approved_by: 出厂文本", "approved_by: null", 1), "utf-8")
    with pytest.raises(RuleError) as refused:
        load_templates(path)
    assert refused.value.issues[0].where.endswith(f":{line_of(path, 'approved_by: null')}")


def test_all_missing_templates_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "messages.yaml"
    path.write_text(SHIPPED[: SHIPPED.index("  ask:\n")], "utf-8")
    with pytest.raises(RuleError, match=r"缺少模板：ask、.*notice"):
        load_templates(path)
