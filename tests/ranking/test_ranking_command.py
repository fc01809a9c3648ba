"""`policy-match ranking evaluate`: figures, plain words about what is not known, faults by their place; columns in tables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.cells import Cell, Text
from policy_match.facts.subjects import Kind, Subject
from policy_match.workflows.match import Matching
from policy_match.workflows.open_index import cached_index, open_index
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.order_by_text import order_by_text

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "corpus" / "demo" / "subjects.jsonl"
DAY = date(2024, 9, 1)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> Path:
    """A folder of its own for decisions, with the indexes that other tests of this run have built."""
    folder = tmp_path_factory.mktemp("cache")
    open_index(rulebook, ROOT / "corpus", Path(os.environ["POLICY_MATCH_CACHE"]))
    for kept in Path(os.environ["POLICY_MATCH_CACHE"]).glob("*.pickle"):
        shutil.copy(kept, folder)
    return folder


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve demonstration subjects."""
    path = tmp_path_factory.mktemp("subjects") / "示范.jsonl"
    path.write_bytes(b"\n".join(DEMO.read_bytes().splitlines()[:12]))
    return path


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(cache: Path, monkeypatch: pytest.MonkeyPatch, called: Callable[..., subprocess.CompletedProcess[str]]) -> Run:
    """Calls the command line in this process."""
    monkeypatch.setenv("POLICY_MATCH_CACHE", str(cache))
    return lambda *arguments: called(arguments, ROOT)


def evaluate(run: Run, subjects: Path, *more: str) -> dict[str, Any]:
    done = run("ranking", "evaluate", "--subjects", str(subjects), "--as-of", "2024-09-01", "--format", "json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def invented_labels(subjects: Path, rulebook: Rulebook) -> Iterable[dict[str, object]]:
    """Invented decisions on every measure of every subject: a reviewer who confirms whatever is of the city."""
    loaded = read_subjects(subjects, rulebook.vocabulary)
    matching = Matching(rulebook, loaded.subjects, DAY)
    for row, subject in enumerate(loaded.subjects):
        for rank, decision in enumerate(list(matching.decisions(row))[:30], start=1):
            good = "cz" in decision.rule.id
            yield {
                "subject": subject.id, "measure": decision.rule.id, "label": "confirm" if good else "reject",
                "reason": None if good else "数据错误" if rank == 1 else "不相关", "shown_rank": rank,
                "decided_on": "2024-09-01", "by": "示范审核人",
            }  # fmt: skip


def test_without_labels_it_says_that_nothing_is_trained(run: Run, cache: Path, subjects: Path) -> None:
    found = evaluate(run, subjects)

    assert found["labels"]["read"] == 0
    assert found["reranker"] == {
        "trained": False, "use": False, "why": "没有训练：可用的标注 0 条，至少要 200 条", "ndcg_10_before": None,
        "ndcg_10_after": None, "parts": None,
    }  # fmt: skip
    assert {figure for order in found["orders"].values() for figure in order.values()} == {None}
    assert "没有标注不等于不合适" in found["exposure_bias"]
    assert not (cache / "ranking-decisions.jsonl").exists()


def test_pushes_are_counted_by_district_and_size_and_nobody_is_left_out(run: Run, subjects: Path) -> None:
    push = evaluate(run, subjects)["push"]

    for groups in (push["by_district"], push["by_size"]):
        assert sum(group["subjects"] for group in groups) == 12
        assert all(group["rate"] == round(group["reached"] / group["subjects"], 4) for group in groups)
    fates = ("case", "pushed", "reviewed", "listed")
    by_district, by_size = ({f: sum(g[f] for g in groups) for f in fates} for groups in push.values())
    assert by_district == by_size
    assert sum(by_district.values()) > 0


def test_labels_give_figures_and_the_decision_is_logged_with_them(
    run: Run, cache: Path, subjects: Path, rulebook: Rulebook, tmp_path: Path
) -> None:
    labels = tmp_path / "标注.jsonl"
    labels.write_bytes(b"\n".join(orjson.dumps(line) for line in invented_labels(subjects, rulebook)))

    found = evaluate(run, subjects, "--labels", str(labels))

    assert found["labels"]["read"] == 12 * 30
    assert found["labels"]["about_fit"] < found["labels"]["read"]
    assert 0 < found["labels"]["held_out"] < found["labels"]["about_fit"]
    assert set(found["orders"]) == {"random", "industry", "bm25", "relevance", "priority", "reranker"}
    assert all(0 <= figure <= 1 for order in found["orders"].values() for figure in order.values())
    assert found["reranker"]["trained"]
    logged = [json.loads(line) for line in (cache / "ranking-decisions.jsonl").read_text("utf-8").splitlines()]
    assert logged[-1]["reranker"] == found["reranker"]
    assert logged[-1]["exposure_bias"]


def test_a_fault_of_the_labels_is_told_by_its_line(run: Run, subjects: Path, tmp_path: Path) -> None:
    labels = tmp_path / "标注.jsonl"
    labels.write_text('{"subject": "D001"}\n', "utf-8")

    done = run("ranking", "evaluate", "--subjects", str(subjects), "--labels", str(labels))

    assert done.returncode == 2
    assert f"{labels}:1: 缺少键“measure”" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"), [(("--library", "其他"), "没有项目库"), (("--format", "xml"), "不认识的格式")]
)
def test_a_wrong_option_is_refused(arguments: tuple[str, ...], told: str, run: Run, subjects: Path) -> None:
    done = run("ranking", "evaluate", "--subjects", str(subjects), *arguments)

    assert done.returncode == 2
    assert told in done.stderr


def test_an_empty_library_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'library.db'}")

    done = run("ranking", "evaluate")

    assert done.returncode == 2
    assert "先运行 policy-match init" in done.stderr


def test_the_table_tells_all_of_it_in_words(run: Run, subjects: Path) -> None:
    done = run("ranking", "evaluate", "--subjects", str(subjects), "--as-of", "2024-09-01")

    assert done.returncode == 0, done.stderr
    for words in (
        "未经批准",
        "没有可比较的标注",
        "没有训练",
        "没有标注不等于不合适",
        "现在不推送",
        "武进区",
        "企业规模",
    ):
        assert words in done.stdout


def test_the_service_reads_texts_where_an_index_was_kept(cache: Path, rulebook: Rulebook, tmp_path: Path) -> None:
    kept = open_index(rulebook, ROOT / "corpus", cache)
    plain = open_ordering(ROOT / "rules")

    index = cached_index(rulebook, ROOT / "corpus", cache)

    assert cached_index(rulebook, ROOT / "corpus", tmp_path / "没有") is None
    assert index is not None
    assert index.likeness("锂电池隔膜") == kept.likeness("锂电池隔膜")
    assert order_by_text(plain, None) == plain
    assert order_by_text(None, index) is None
    ordering = order_by_text(plain, index)
    subject = Subject("P", Kind.PROJECT, {"content": Cell(Text("购买生产设备，智能化改造数字化转型，建设智能车间"))})
    matches = list(Matching(rulebook, [subject], DAY, ordering).of(0))
    assert all("text" in match.score.values for match in matches)
    best = max(matches, key=lambda match: match.score.values["text"])
    assert {"smart_digital", "equipment_subsidy"} & set(best.rule.measure.topics)


def test_a_match_line_shows_priority_and_relevance_as_sums(run: Run, subjects: Path) -> None:
    done = run("match", str(subjects), "--as-of", "2024-09-01")

    scores = [json.loads(line)["score"] for line in done.stdout.splitlines()]

    assert len(scores) > 1000
    assert all(score["total"] == round(sum(score["parts"].values()), 4) for score in scores)
    near = [score["relevance"] for score in scores if score["relevance"] is not None]
    assert near
    assert all(one["total"] == round(sum(one["parts"].values()), 4) for one in near)
    assert not any("text" in score["parts"] for score in scores)


def test_the_table_of_matches_shows_four_columns_and_the_best_verdict_first(run: Run, subjects: Path) -> None:
    done = run("match", str(subjects), "--format", "table", "--as-of", "2024-09-01")

    first = done.stdout.split("\nD002")[0].splitlines()
    headings = [line.split()[0] for line in first if line.startswith("  ") and not line.startswith("    ")]
    assert headings == ["资金", "金融", "服务", "人才用工"]
    order = ("符合", "待补数据", "待人工判断", "不符合，差一点", "不符合", "不在施行期")
    ranks = {"符合": 0, "待补数据": 1, "待人工判断": 1, "不符合，差一点": 2, "不符合": 3, "不在施行期": 3}
    column: list[int] = []
    for line in first[2:]:
        if not line.startswith("    "):
            column = []
            continue
        column.append(ranks[next(word for word in order if f"）  {word}  " in line)])
        assert column == sorted(column)
