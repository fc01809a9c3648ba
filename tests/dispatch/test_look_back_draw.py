"""The draw of a look-back: how many of each district, the same for any order, another one by another seed; its rules file."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.authoring.look_back_file import load_look_back
from policy_match.dispatch.look_back import Conclusion, LookBackRules, Proposal, draw
from policy_match.errors import RuleError
from policy_match.lifecycle.table import LifecycleTable

SHIPPED = Path(__file__).parents[2] / "rules" / "look_back.yaml"
RULES = LookBackRules(Fraction(1, 10), 5, (), "其他")
POINTS = ("SIGNED", "APPROVED", "STARTED")
DISTRICTS = ("320402", "320412", "JK", None)


def library(sizes: dict[str | None, int]) -> list[Conclusion]:
    """So many conclusions of each district, three of a project."""
    return [
        Conclusion(district, f"{district}-{place // 3}", POINTS[place % 3])
        for district, size in sizes.items()
        for place in range(size)
    ]


@given(
    sizes=st.dictionaries(st.sampled_from(DISTRICTS), st.integers(0, 120), min_size=1),
    seed=st.integers(0, 2**40),
    mix=st.randoms(use_true_random=False),
)
def test_each_district_gives_its_share_or_the_least_number_in_whatever_order_the_rows_come(
    sizes: dict[str | None, int], seed: int, mix: st.DataObject
) -> None:
    rows = library(sizes)
    drawn = draw(rows, seed, RULES)
    mix.shuffle(rows)  # type: ignore[attr-defined]

    assert draw(rows, seed, RULES) == drawn == draw([*rows, *rows], seed, RULES)
    assert len(set(drawn)) == len(drawn) and set(drawn) <= set(rows)
    for district, size in sizes.items():
        own = [one for one in drawn if one.district == district]
        assert len(own) == max(min(5, size), ceil(Fraction(size, 10)))


@pytest.mark.parametrize(("size", "drawn"), [(0, 0), (1, 1), (5, 5), (6, 5), (50, 5), (51, 6), (60, 6), (61, 7)])
def test_a_share_is_rounded_up_and_a_small_district_is_looked_at_whole(size: int, drawn: int) -> None:
    assert len(draw(library({"320412": size}), 1, RULES)) == drawn


def test_another_seed_draws_others_and_what_is_added_elsewhere_changes_no_other_district() -> None:
    before = draw(library({"320412": 60}), 20250630, RULES)

    assert set(draw(library({"320412": 60}), 20250631, RULES)) != set(before)
    assert draw(library({"320412": 60, "320402": 9}), 20250630, RULES)[5:] == before


def test_districts_come_in_the_order_of_their_codes_and_the_unknown_one_last() -> None:
    drawn = draw(library({None: 1, "JK": 1, "320402": 1}), 7, RULES)

    assert [one.district for one in drawn] == ["320402", "JK", None]


def test_the_shipped_rules_say_ten_per_cent_and_five_as_our_default(table: LifecycleTable) -> None:
    rules = load_look_back(SHIPPED, table)

    assert (rules.share, rules.at_least) == (Fraction(1, 10), 5)
    assert dict(rules.sources) == {"share": "D", "at_least": "D", "ticket": "D"}
    assert [(one.name, one.differs, one.proposes) for one in rules.results] == [
        ("属实", False, None),
        ("日期不符", True, Proposal.CORRECT),
        ("佐证不足", True, None),
        ("不属实", True, Proposal.WITHDRAW),
    ]


def test_a_result_is_added_by_data_alone(table: LifecycleTable, tmp_path: Path) -> None:
    path = tmp_path / "look_back.yaml"
    text = SHIPPED.read_text("utf-8").replace(
        "\n# 问题单的类别", "  - {id: moved, name: 已迁址, differs: true}\n\n# 问题单的类别"
    )
    path.write_text(text.replace('"10%"', '"25%"').replace("value: 5,", "value: 2,"), "utf-8")

    rules = load_look_back(path, table)

    found = rules.result("已迁址")
    assert found is not None and (found.id, found.differs) == ("moved", True)
    assert len(draw(library({"320412": 20}), 1, rules)) == 5


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ('"10%"', '"0%"', "不是比例"),
        ('"10%"', '"120%"', "不是比例"),
        ('"10%"', '"一些"', "look_back.yaml:"),
        ("value: 5,", "value: 0,", "look_back.yaml:"),
        ("value: 5, source: D", "value: 5", "look_back.yaml:"),
        ("cause: 其他", "cause: 回头", "没有问题类别“回头”"),
        ("id: unproved", "id: holds", "写了两次"),
        ("name: 佐证不足", "name: 属实", "写了两次"),
        ("proposes: withdraw", "proposes: erase", "look_back.yaml:"),
        ("differs: true, proposes: withdraw", "proposes: withdraw", "不算不符"),
        ("reading:", "note:", "look_back.yaml:"),
    ],
)
def test_a_wrong_rule_is_refused_at_its_line(
    written: str, instead: str, told: str, tmp_path: Path, table: LifecycleTable
) -> None:
    text = SHIPPED.read_text("utf-8")
    assert written in text
    path = tmp_path / "look_back.yaml"
    path.write_text(text.replace(written, instead, 1), "utf-8")

    with pytest.raises(RuleError, match=told) as refused:
        load_look_back(path, table)

    assert all(issue.where.split(":")[-1].isdigit() for issue in refused.value.issues)
