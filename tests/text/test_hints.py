"""Place, money, step and degree in a question."""

from __future__ import annotations

import pytest

from policy_match.text.hints import Hints, hints_of


@pytest.mark.parametrize(
    ("query", "hints"),
    [
        ("武进买设备3000万", Hints(region="320412", amount_fen=3_000_000_000)),
        ("武进区总投资两亿的项目要开工", Hints(region="320412", amount_fen=20_000_000_000, step="开工")),
        ("常州经开区 博士", Hints(region="JK", degree="博士")),
        ("博士后租房", Hints(degree="博士")),
        ("常州有没有补贴", Hints(region="320400")),
        ("补贴5000元", Hints()),
        ("", Hints()),
    ],
)
def test_what_is_said_is_understood_and_nothing_else(query: str, hints: Hints) -> None:
    assert hints_of(query) == hints
