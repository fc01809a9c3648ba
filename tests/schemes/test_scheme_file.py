"""The scheme files: what is shipped loads with its sources, and each mistake is refused with its line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from ranked import FOLDER, scheme_text

from policy_match.authoring.indicator_file import load_indicators
from policy_match.authoring.scheme_figures import check_figures
from policy_match.authoring.scheme_file import load_schemes, read_scheme
from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable

Known = tuple[Vocabulary, LifecycleTable]


def test_what_is_shipped_loads_and_every_weight_benchmark_and_cap_names_its_source(known: Known) -> None:
    found = {(one.id, one.version): one for one in load_schemes(FOLDER, *known)}

    assert set(found) == {("employment", 1), ("input_output", 1), ("stage", 1)}
    letters = dict(found["input_output", 1].sources)
    assert {
        letters[f"{index.name} {what}"]
        for index in found["input_output", 1].indices
        for what in ("weight", "benchmark", "cap")
    } == {"D"}
    assert letters["grades"] == "P"


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("input_output.v1", "fact: land_area", "fact: land_areas", "SCHEME_FACT"),
        ("input_output.v1", "fact: land_area", "fact: major_level", "SCHEME_FACT"),
        ("input_output.v1", "fact: total_investment", "fact: fai_planned_total", "SCHEME_PURPOSE"),
        ("input_output.v1", "fact: total_investment}", "fact: total_investment, kind: money}", "SCHEME_INPUT"),
        ("input_output.v1", "year_last: tax, kind: money", "year_last: tax", "SCHEME_INPUT"),
        ("input_output.v1", "year_last: tax, kind", "year_sum: tax, year_last: tax, kind", "SCHEME_INPUT"),
        ("input_output.v1", "id: output, name", "id: tax, name", "SCHEME_NAME"),
        ("input_output.v1", "ratio: [tax, land]", "ratio: [tax, ground]", "SCHEME_NAME"),
        ("input_output.v1", "ratio: [tax, land]", "conversion: [SIGNED, APPROVED]", "SCHEME_FORMULA"),
        ("input_output.v1", "ratio: [tax, land]", "ratio: [tax, land], value: tax", "SCHEME_FORMULA"),
        ("input_output.v1", "ratio: [tax, land]", "ratio: [tax, land], at_most: 2", "SCHEME_SOURCE"),
        ("input_output.v1", "ratio: [tax, land]", "ratio: [land, tax]", "SCHEME_UNIT"),
        ("input_output.v1", "unit: 比例", "unit: 个", "SCHEME_UNIT"),
        ("input_output.v1", "value: 0.35", "value: 0.36", "SCHEME_WEIGHTS"),
        ("input_output.v1", "benchmark: {value: 25", "benchmark: {value: 0", "SCHEME_BENCHMARK"),
        ("input_output.v1", "benchmark: {value: 25, ", "benchmark: {", "SCHEME_BENCHMARK"),
        ("input_output.v1", "    benchmark: {value: 25, source: D}\n", "", "SCHEME_BENCHMARK"),
        ("input_output.v1", "benchmark: {value: 25,", 'benchmark: {districts: {"999999": 1},', "SCHEME_NAME"),
        ("input_output.v1", "cap: {value: 1.5", "cap: {value: 0", "SCHEME_NUMBER"),
        ("input_output.v1", "points: 2", "points: 6", "SCHEME_NUMBER"),
        ("input_output.v1", "points: 2", "points: 0", "SCHEME_NUMBER"),
        ("input_output.v1", "flag: provincial_rd_org", "flag: land_area", "SCHEME_FACT"),
        ("input_output.v1", "up_to: 60%", "up_to: 20%", "SCHEME_GRADES"),
        ("input_output.v1", "up_to: 100%", "up_to: 99%", "SCHEME_GRADES"),
        ("input_output.v1", "award: {grades: [A]", "award: {grades: [E]", "SCHEME_GRADES"),
        ("input_output.v1", "value: 10个工作日", "value: 十来天", "TERM_FORMAT"),
        ("input_output.v1", "produced_for: 12个月", "produced_for: 一阵", "PERIOD_FORMAT"),
        ("input_output.v1", "value: 0.35, source: D", "value: 0.35", "SHAPE"),
        ("input_output.v1", "of: project", "of: projects", "SHAPE"),
        ("input_output.v1", "award:", "prize:", "KEY_UNKNOWN"),
        ("employment.v1", "区重大]", "镇重大]", "SCHEME_NAME"),
        ("employment.v1", "point: STARTED", "point: BEGUN", "SCHEME_NAME"),
        ("employment.v1", "fact: jobs_pay", "fact: jobs_wage", "SCHEME_FACT"),
        ("stage.v1", "conversion: [SIGNED, APPROVED]", "conversion: [SIGNED, ARRIVED]", "SCHEME_NAME"),
        ("stage.v1", "by: SIGNED", "by: SINGED", "SCHEME_NAME"),
        ("stage.v1", "ratio_of_sums: [invested", "ratio: [invested", "SCHEME_FORMULA"),
        ("stage.v1", "benchmark: {value: 1, source: D}", "benchmark: {times_mean: 2, source: D}", "SCHEME_BENCHMARK"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_line(known: Known, name: str, old: str, new: str, code: str) -> None:
    text = scheme_text(name)
    assert old in text

    with pytest.raises(RuleError) as refused:
        read_scheme(text.replace(old, new, 1), "schemes/x.yaml", *known)

    issue = next(one for one in refused.value.issues if one.code == code)
    assert issue.where.startswith("schemes/x.yaml:")
    assert issue.allowed or issue.hint


def test_one_version_written_twice_is_refused_and_every_file_is_told_of(known: Known, tmp_path: Path) -> None:
    for name, text in {"a": scheme_text("stage.v1"), "b": scheme_text("stage.v1")}.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    for name in ("c", "d"):
        (tmp_path / f"{name}.yaml").write_text("schema: scheme/1\nof: nothing\n", "utf-8")

    with pytest.raises(RuleError) as refused:
        load_schemes(tmp_path, *known)

    assert sorted(one.code for one in refused.value.issues) == ["SCHEME_TWICE", "SHAPE", "SHAPE"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("year_sum: tax", ("报的是本年累计数", "year_last: tax")),
        ("year_last: electricity", ("报的是当月数", "year_sum: electricity")),
        ("year_sum: taxes", ("没有按月指标“taxes”", "electricity")),
    ],
)
def test_a_figure_is_read_as_it_is_told_each_month(known: Known, written: str, told: tuple[str, str]) -> None:
    rules = load_indicators(FOLDER.parent / "indicators.yaml", *known)
    text = scheme_text("input_output.v1")
    assert "year_last: tax" in text
    check_figures([read_scheme(text, "schemes/x.yaml", *known)], rules)

    with pytest.raises(RuleError) as refused:
        check_figures([read_scheme(text.replace("year_last: tax", written), "schemes/x.yaml", *known)], rules)

    (issue,) = refused.value.issues
    assert (issue.code, issue.where) == ("SCHEME_INPUT", "方案 input_output 第1版的“实缴税收”")
    assert told[0] in issue.what and told[1] in issue.allowed
