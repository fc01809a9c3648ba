"""Industry and track from text: on real projects held apart by firm, and what a proposal says of itself."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import RuleError, UsageError
from policy_match.exchange.industry_lessons import load_lessons, load_read_tracks
from policy_match.text.industry import Example, holders, is_right
from policy_match.text.project_text import ProjectText
from policy_match.text.ridge import fit
from policy_match.workflows.classify_text import Models, classified_data, classify, open_models, text_given

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture(scope="module")
def models(rulebook: Rulebook) -> Models:
    return open_models(CORPUS, rulebook.vocabulary, Path(os.environ["POLICY_MATCH_CACHE"]))


def test_real_projects_are_classified_without_having_seen_their_firm(models: Models, rulebook: Rulebook) -> None:
    real = load_lessons(CORPUS, rulebook.vocabulary.industries).real
    assert len(real) == 184
    proposals = [models.industry.proposal_held_out(place) for place in range(len(real))]
    codes = [[one.code for one in proposal.industry] for proposal in proposals]
    division = np.mean([found[0][:3] == example.code[:3] for found, example in zip(codes, real, strict=True)])
    among = np.mean([example.code in found for found, example in zip(codes, real, strict=True)])
    sure = np.array([proposal.confident for proposal in proposals])
    right = np.array([is_right(found, example.code) for found, example in zip(codes, real, strict=True)])
    print(
        f"division {division:.3f} among three {among:.3f} sure {sure.mean():.2f} right when sure {right[sure].mean():.3f}"
    )
    # The aim for the division is 0.85; 0.864 was reached, with made-up lessons by somebody who had not seen these projects.
    assert division >= 0.85
    assert among >= 0.83
    assert right[sure].mean() >= 0.95
    assert sure.mean() >= 0.35


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("年产4GWh储能电池包及动力电池模组", "C3841"),
        ("年产20GW高效光伏组件", "C3825"),
        ("工业机器人整机生产基地", "C3491"),
        ("污水处理厂扩建", "D4620"),
    ],
)
def test_plain_descriptions_have_their_class_first(models: Models, text: str, code: str) -> None:
    found = models.industry.propose(ProjectText(content=text)).industry
    assert found[0].code == code
    assert len(found) == 3
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)


def test_the_words_that_decided_stand_in_the_text(models: Models) -> None:
    text = "新建厂房8万平方米，年产固态电池电解质500吨"
    for one in models.industry.propose(ProjectText(content=text)).industry:
        assert one.words
        assert all(word in text for word in one.words)


def test_a_track_has_its_words_and_an_ordinary_project_none(models: Models) -> None:
    found = classify(models, ProjectText(content="硫化物固态电解质及半固态电池中试线"))
    assert found.tracks[0].track == "新一代固态电池"
    assert "固态电解质" in found.tracks[0].words
    assert classify(models, ProjectText(content="年产3万吨钢结构")).tracks == ()


def test_a_text_of_unknown_words_has_no_class(models: Models, rulebook: Rulebook) -> None:
    found = classify(models, ProjectText(content="ꙮꙮꙮꙮ"))
    assert classified_data(found, rulebook.vocabulary)["industry"] == []
    assert not found.industry.confident


@pytest.mark.parametrize("text", ["", "   ", "。", "总投资10亿元", "x" * 20_001])
def test_a_text_that_says_nothing_or_too_much_is_refused(models: Models, text: str) -> None:
    with pytest.raises(UsageError):
        classify(models, ProjectText(content=text))


def test_sums_years_and_floor_space_do_not_count() -> None:
    text = ProjectText(content="总投资20亿元，占地90亩，年产光伏设备1285台(套)，年销售约20亿元，计划2025年8月投产")
    assert "亿" not in text.whole()
    assert "光伏设备" in text.whole()
    assert "投产" not in text.whole()


def test_a_group_left_out_scores_as_if_it_had_not_been_learned() -> None:
    dice = np.random.default_rng(3)
    rows, wanted, ridge = csr_matrix(dice.random((9, 5))), dice.random((9, 2)), dice.uniform(0.3, 1.0, 9)
    _, (pair, single) = fit(rows, wanted, ridge, [[8, 2], [4]])
    for group, predicted in (([8, 2], pair), ([4], single)):
        others = [row for row in range(9) if row not in group]
        dual, _ = fit(rows[others], wanted[others], ridge[others], [])
        assert np.allclose(rows[group] @ rows[others].T @ dual, predicted)


def test_projects_of_one_firm_are_one_group() -> None:
    text = ProjectText(content="电芯")
    real = [Example(text, "C3841", "甲"), Example(text, "C3841"), Example(text, "C3825", "甲"), Example(text, "C3825")]
    assert holders(real, 10) == [[10, 12], [11], [13]]


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("products.csv", "code,words\n9999,甲\n", "products.csv:2"),
        ("made_up_projects.jsonl", '{"code": "384", "text": "甲"}\n', "made_up_projects.jsonl:1"),
    ],
)
def test_a_lesson_of_no_class_is_refused_with_its_line(
    tmp_path: Path, rulebook: Rulebook, name: str, text: str, where: str
) -> None:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / name).write_text(text, "utf-8")
    with pytest.raises(RuleError, match=where):
        load_lessons(tmp_path, rulebook.vocabulary.industries)


def test_tracks_of_an_unknown_project_are_refused(tmp_path: Path, rulebook: Rulebook) -> None:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "tracks_graded.csv").write_text("project,tracks,why\nP999,,无\n", "utf-8")
    with pytest.raises(RuleError, match=r"tracks_graded\.csv:2"):
        load_read_tracks(tmp_path, rulebook.vocabulary.taxonomies.tracks, rulebook.vocabulary.industries)


def test_a_file_is_read_and_a_sentence_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "项目.txt"
    path.write_text("年产电芯\n二期扩建\n", "utf-8")
    assert text_given(str(path)) == "年产电芯\n二期扩建"
    assert text_given("年产电芯") == "年产电芯"
