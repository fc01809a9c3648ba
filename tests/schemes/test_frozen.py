"""Runs as text: the same run gives the same bytes, comes back whole, and does not change when a scheme is added."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ranked import LAST_DAY, project, scheme_text

from policy_match.authoring.scheme_file import read_scheme
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.frozen import (
    Inputs,
    content_hash,
    inputs_text,
    read_inputs,
    read_results,
    results_text,
)
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.yearly import evaluate

PROJECTS = (project("P1"), project("P2", tax=None), replace(project("P3", district=None), flags={"rd_org": None}))


def test_what_was_read_and_what_came_of_it_come_back_from_their_texts(yearly: Scheme) -> None:
    inputs, results = Inputs(LAST_DAY, PROJECTS), evaluate(yearly, PROJECTS, LAST_DAY)

    assert read_inputs(inputs_text(inputs)) == inputs
    assert read_results(results_text(results)) == results
    assert '"619/6"' in results_text(results)


def test_computing_again_from_the_text_gives_the_same_bytes(yearly: Scheme) -> None:
    text = inputs_text(Inputs(LAST_DAY, PROJECTS))
    before = results_text(evaluate(yearly, PROJECTS, LAST_DAY))

    again = read_inputs(text)

    assert results_text(evaluate(yearly, again.projects, again.last_day)) == before


def test_the_hash_holds_each_text_apart() -> None:
    assert (
        len({content_hash(*texts) for texts in (("ab", "c", ""), ("a", "bc", ""), ("a", "b", "c"), ("", "ab", "c"))})
        == 4
    )


def test_a_second_version_is_added_by_data_and_the_first_one_gives_the_same_bytes(
    yearly: Scheme, known: tuple[Vocabulary, LifecycleTable]
) -> None:
    before = results_text(evaluate(yearly, PROJECTS, LAST_DAY))
    text = scheme_text("input_output.v1").replace("version: 1", "version: 2")
    text = text.replace("weight: {value: 0.35, source: D}", "weight: {value: 0.25, source: D}")
    text = text.replace("weight: {value: 0.20, source: D}", "weight: {value: 0.30, source: D}")

    second = read_scheme(text, "schemes/input_output.v2.yaml", *known)

    (row, *_) = evaluate(second, [PROJECTS[0]], LAST_DAY).rows
    assert row.score == 30 + Fraction(50, 3) + 24 + Fraction(27, 2) + 15
    assert results_text(evaluate(yearly, PROJECTS, LAST_DAY)) == before


def test_another_scheme_is_added_by_data_alone(known: tuple[Vocabulary, LifecycleTable]) -> None:
    text = scheme_text("input_output.v1").replace("id: input_output\n", "id: green\n")
    first, rest = text.index("indices:"), text.index("# 每项不超过5分")
    own = """indices:
  - id: output_per_investment
    name: 产值与投资之比
    formula: {ratio: [output, investment], at_most: 2, source: D}
    unit: 比例
    weight: {value: 0.6, source: D}
    benchmark: {value: 2, source: D}
    cap: {value: 1, source: D}
  - id: area
    name: 用地面积
    formula: {value: land}
    unit: 亩
    weight: {value: 0.4, source: D}
    benchmark: {value: 200, source: D}
    cap: {value: 1, source: D}
"""

    scheme = read_scheme(text[:first] + own + text[rest:], "schemes/green.v1.yaml", *known)

    (row,) = evaluate(scheme, [project("P1")], LAST_DAY).rows
    assert [line.value for line in row.lines] == [Fraction(8, 5), 100]
    assert row.score == 48 + 20
