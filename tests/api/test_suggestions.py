"""What text suggests on pages: an industry for a project without a code, and what a project says near a clause left to people."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from policy_match.facts.cells import Cell, Possible, Text
from policy_match.facts.subjects import Kind, Subject
from policy_match.text.industry import Example, IndustryModel, Lessons
from policy_match.text.project_text import ProjectText
from policy_match.text.tokens import Segmenter
from policy_match.text.track import TrackModel
from policy_match.workflows.classify_text import Models
from policy_match.workflows.suggest_industry import sentences_of, suggested_industry
from policy_match_api.state import Opened


@pytest.fixture(scope="module")
def models() -> Models:
    """Three classes of three divisions, learned from a handful of texts; one of them is read wrongly, so that nothing is sure."""
    names = {"C3841": "锂离子电池制造", "C3311": "金属结构制造", "C3491": "工业机器人制造", "C3842": "镍氢电池制造"}
    words = {
        "C3841": ["电芯", "动力电池", "模组"],
        "C3311": ["钢结构"],
        "C3491": ["机器人", "机械臂"],
        "C3842": ["镍氢"],
    }
    said = [
        ("电芯产线", "C3841"),
        ("钢结构厂房构件", "C3311"),
        ("机械臂总装", "C3491"),
        ("动力电池模组", "C3841"),
        ("钢结构", "C3491"),
    ]
    real = [Example(ProjectText(content=text), code) for text, code in (*said, *said[:4])]
    return Models(IndustryModel(Lessons(names, words, [], real), Segmenter([])), TrackModel((), []))


def project(**cells: str) -> Subject:
    return Subject("P", Kind.PROJECT, {name: Cell(Text(text)) for name, text in cells.items()}, name="示例项目")


def test_a_project_without_a_code_has_a_suggestion(models: Models) -> None:
    found = suggested_industry(models, project(content="新建动力电池电芯与模组产线"))
    assert found is not None
    assert found.industry.industry[0].code == "C3841"


def test_nothing_is_suggested_without_models_text_or_need(models: Models) -> None:
    told = project(content="新建动力电池电芯产线")
    known = Subject("P", Kind.PROJECT, {**told.cells, "industry_code": Cell(Possible(frozenset({"C3311"})))})
    firm = Subject("F", Kind.ENTERPRISE, told.cells)
    silent = Subject("P", Kind.PROJECT, {}, name="项目")
    assert suggested_industry(None, told) is None
    assert suggested_industry(models, known) is None
    assert suggested_industry(models, firm) is None
    assert suggested_industry(models, silent) is None


def test_what_a_project_says_is_cut_into_sentences() -> None:
    assert sentences_of(project(products="电芯；模组", content="新建厂房，购置设备。")) == [
        "示例项目", "电芯", "模组", "新建厂房", "购置设备"
    ]  # fmt: skip


def test_the_page_shows_a_suggestion_as_one(
    client: TestClient, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Opened = client.app.state.opened  # type: ignore[attr-defined]
    library = opened.today().demo
    assert library is not None
    subject = next(one for one in library.matching.subjects if one.kind is Kind.PROJECT)
    found = suggested_industry(models, project(content="新建动力电池电芯与模组产线"))
    address = f"/demo/{subject.id}"
    assert "行业建议" not in client.get(address).text
    monkeypatch.setattr(opened, "suggestion", lambda _: found)
    shown = client.get(address).text
    assert "行业建议" in shown
    assert "C3841 锂离子电池制造" in shown
    assert "现在不用于判断" in shown


def test_a_clause_left_to_people_shows_the_nearest_words(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: Opened = client.app.state.opened  # type: ignore[attr-defined]
    assert opened.nearest("属于氢能领域", []) == ()
    index = opened.index()
    monkeypatch.setattr(opened, "_index", index)
    sentences = ["新建厂房", "年产氢能燃料电池电堆", "购置设备"]
    assert opened.nearest("属于氢能、燃料电池领域", sentences)[0] == sentences[1]
    assert opened.nearest("獬豸", sentences) == ()
