"""rules/watch.yaml: read as written, and refused with file and line where a name or number cannot be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from policy_match.authoring.watch_file import load_watch
from policy_match.dates import Period
from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.events import State
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.watch import entry_evidence, is_in_sections
from policy_match.lifecycle.words import Side

SHIPPED = Path(__file__).parents[2] / "rules" / "watch.yaml"


def test_the_shipped_limits_are_read_with_their_sources(table: LifecycleTable, vocabulary: Vocabulary) -> None:
    rules = load_watch(SHIPPED, vocabulary, table).above_scale

    assert (rules.line_fen, rules.near, rules.seen_within) == (2000 * 10**6, Fraction(4, 5), Period(12, 0))
    assert (rules.sections, rules.apply_by) == (frozenset("BCD"), 20)
    assert dict(rules.sources)["near"] == "D" and dict(rules.sources)["line"] == "L"


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("flag: above_scale_industry", "flag: above_scal", "没有事实“above_scal”"),
        ("flag: above_scale_industry", "flag: main_revenue", "类型不对"),
        ("[main_revenue, annual_sales]", "[main_revenue, staff_total]", "类型不对"),
        ("2000万元", "2000", "watch.yaml:"),
        ("value: 12个月", "value: 一阵子", "watch.yaml:"),
        ("value: 20,", "value: 31,", "watch.yaml:"),
        ("[B, C, D]", "[工业]", "watch.yaml:"),
        ("for: [upgrade_equipment]", "for: [upgrade]", "没有项目类型“upgrade”"),
        ("near:", "nearly:", "watch.yaml:"),
        ('"80%", source: D', '"80%"', "watch.yaml:"),
    ],
)
def test_a_wrong_name_or_number_is_refused_at_its_line(
    written: str, instead: str, told: str, tmp_path: Path, table: LifecycleTable, vocabulary: Vocabulary
) -> None:
    text = SHIPPED.read_text("utf-8")
    assert written in text
    path = tmp_path / "watch.yaml"
    path.write_text(text.replace(written, instead, 1), "utf-8")

    with pytest.raises(RuleError, match=told) as refused:
        load_watch(path, vocabulary, table)

    assert all(issue.where.split(":")[-1].isdigit() for issue in refused.value.issues)


def test_evidence_is_asked_by_the_kind_of_project_and_all_of_it_where_the_kind_is_unknown(
    table: LifecycleTable, vocabulary: Vocabulary
) -> None:
    rules = load_watch(SHIPPED, vocabulary, table)
    empty = State(None, None, (), Side.ACTIVE, (), None, "commerce", None, ())

    asked = {variant: len(entry_evidence(empty, variant, rules)) for variant in (*table.variants, None)}

    assert asked == {"new": 4, "upgrade_works": 4, "upgrade_equipment": 4, None: 7}
    assert not any(piece.is_there for piece in entry_evidence(empty, None, rules))


def test_an_industry_is_inside_only_if_every_possible_code_is() -> None:
    sections = frozenset("BCD")

    assert [is_in_sections(codes, sections) for codes in ((), ("C38",), ("I65",), ("C38", "D44"), ("C38", "I65"))] == [
        None, True, False, True, None,
    ]  # fmt: skip
