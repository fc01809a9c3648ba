"""`rules/ranking.yaml` is read strictly: every fault at its line, in words that say what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policy_match.errors import RuleError
from policy_match.exchange.ranking_file import load_ranking
from policy_match.ranking.weights import Ranking, ReviewLimits
from policy_match.workflows.open_ranking import open_ordering

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "rules" / "ranking.yaml").read_text("utf-8")
LEARNED = "reranker: {labels: 300, before: 0.5, after: 0.6, parts: {value: {mean: 0.4, weight: -1.5}}}"


def changed(place: Path, *pairs: tuple[str, str]) -> Path:
    text = SHIPPED
    for before, after in pairs:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    path = place / "ranking.yaml"
    path.write_text(text, "utf-8")
    return path


def line_of(path: Path, text: str) -> int:
    return next(
        n for n, line in enumerate(path.read_text("utf-8").splitlines(), start=1) if line.strip().startswith(text)
    )


def test_the_shipped_weights_are_those_of_the_specification(ranking: Ranking) -> None:
    assert ranking.relevance == {"text": 0.35, "industry": 0.30, "stage": 0.20, "size": 0.10, "region": 0.05}
    assert ranking.priority == {"value": 0.40, "urgency": 0.25, "relevance": 0.20, "certainty": 0.15}
    assert (ranking.push.auto_from, ranking.push.review_from, ranking.push.certainty_from) == (0.60, 0.35, 0.80)
    assert (ranking.version, ranking.valid_from, ranking.approved_by) == (2, date(2026, 11, 29), None)
    assert ranking.review == ReviewLimits(
        large_fen=500_000_000, most_missing=3, changed_days=90, due_days=3, claim_minutes=30
    )
    assert ranking.reranker is None


@pytest.mark.parametrize(
    ("before", "after", "at", "code", "what"),
    [
        ("text: 0.35,", "text: 0.36,", "weights: {text", "SHAPE", "权重合计是 1.01"),
        ("text: 0.35,", 'text: "0.35",', "weights: {text", "SHAPE", "应是数字"),
        ("text: 0.35,", "text: true,", "weights: {text", "SHAPE", "应是数字"),
        ("text: 0.35,", "text: 1.35,", "weights: {text", "SHAPE", "1.35 不在 0 至 1 之间"),
        ("text: 0.35,", "text: -0.35,", "weights: {text", "SHAPE", "-0.35 不在 0 至 1 之间"),
        ("text: 0.35,", "", "weights: {", "SHAPE", "缺少必填的键"),
        ("text: 0.35,", "text: 0.35, luck: 0,", "weights: {", "KEY_UNKNOWN", "luck"),
        ("value: 0.40,", "value: 0.41,", "weights: {value", "SHAPE", "权重合计是 1.01"),
        ("likeness: 0.045,", "likeness: 0.017,", "text:", "SHAPE", "likeness 0.017 没有比前一档大"),
        ("value: 0.60}", "value: 0.10}", "text:", "SHAPE", "value 没有由小到大"),
        ("fewest_characters: 8", "fewest_characters: 0", "fewest_characters", "SHAPE", "数值过小"),
        ("within_days: 30", "within_days: 7", "urgency:", "SHAPE", "within_days 7 没有比前一档大"),
        ("full: 9999万元", "full: 9999", "value: {", "SHAPE", "应是文字"),
        ("full: 9999万元", "full: 很多", "value: {", None, "很多"),
        ("full: 9999万元", "full: 0元", "value: {", "NUM_RANGE", "不是正数"),
        ('from: "2026-11-29"', 'from: "2026-11"', "from:", "DATE_FORMAT", "应写到日"),
        ("review_from: 0.35", "review_from: 0.65", "push:", "SHAPE", "review_from 高于 auto_from"),
        ("large_from: 500万元", "large_from: 0元", "review:", "NUM_RANGE", "不是正数"),
        ("most_missing: 3", "most_missing: -1", "review:", "SHAPE", "数值过小"),
        ("claim_minutes: 30", "claim_minutes: 0", "review:", "SHAPE", "数值过小"),
        ("due_working_days: 3, ", "", "review:", "SHAPE", "缺少必填的键"),
        ("fewest_labels: 200", "fewest_labels: 5", "training:", "SHAPE", "数值过小"),
        ("schema: ranking/1", "schema: ranking/2", "schema:", "SHAPE", "值不在允许的范围内"),
        ("reranker: null", LEARNED, "approved_by:", "RANKING_APPROVAL", "还没有写批准人"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(
    before: str, after: str, at: str, code: str | None, what: str, tmp_path: Path
) -> None:
    path = changed(tmp_path, (before, after))

    with pytest.raises(RuleError) as raised:
        load_ranking(path)

    told = [issue for issue in raised.value.issues if what in issue.what]
    assert told, raised.value.issues
    assert code in (None, told[0].code)
    assert told[0].where == f"{tmp_path.name}/ranking.yaml:{line_of(path, at)}"
    assert told[0].allowed or told[0].hint


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (LEARNED, None),
        (LEARNED.replace("labels: 300", "labels: 199"), "RANKING_LABELS"),
        (LEARNED.replace("after: 0.6", "after: 0.519"), "RANKING_GAIN"),
        (LEARNED.replace("value: {mean", "luck: {mean"), "SHAPE"),
    ],
)
def test_a_re_ranker_needs_labels_a_gain_and_an_approval(written: str, code: str | None, tmp_path: Path) -> None:
    path = changed(tmp_path, ("reranker: null", written), ("approved_by: null", "approved_by: 示范批准人"))

    if code is None:
        learned = load_ranking(path).reranker
        assert learned is not None
        assert learned.value({"value": 0.6}) == pytest.approx(-0.3)
        assert learned.value({"text": 1.0}) == 0.0
        return
    with pytest.raises(RuleError) as raised:
        load_ranking(path)
    assert {issue.code for issue in raised.value.issues} == {code}


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, ("full: 9999万元", "full: 0元"), ('from: "2026-11-29"', 'from: "2026"'))

    with pytest.raises(RuleError) as raised:
        load_ranking(path)

    assert {issue.code for issue in raised.value.issues} == {"NUM_RANGE", "DATE_FORMAT"}


def test_a_folder_without_the_file_orders_nothing(tmp_path: Path) -> None:
    assert open_ordering(tmp_path) is None
