"""Reviewers' decisions are read strictly; which of them speak of the fit; measures held out by their id alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import orjson
import pytest

from policy_match.errors import UsageError
from policy_match.exchange.ranking_labels import read_labels
from policy_match.ranking.labels import ABOUT_FIT, REASONS, Label, is_held_out

DAY = date(2026, 11, 28)
LINE: dict[str, object] = {
    "subject": "D001", "measure": "m1", "label": "reject", "reason": "不相关", "shown_rank": 3,
    "decided_on": "2026-11-28", "by": "示范审核人",
}  # fmt: skip


def written(place: Path, *lines: Mapping[str, object]) -> Path:
    path = place / "标注.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    return path


def read(path: Path) -> tuple[Label, ...]:
    return read_labels(path, subjects={"D001", "D002"}, measures={"m1", "m2"}, as_of=DAY)


def test_a_decision_is_read_as_it_is_written(tmp_path: Path) -> None:
    confirmed = LINE | {"measure": "m2", "label": "confirm", "reason": None, "shown_rank": None}

    found = read(written(tmp_path, LINE, confirmed))

    assert found[0] == Label("D001", "m1", "reject", "不相关", 3, DAY, "示范审核人")
    assert (found[1].answer, found[1].reason, found[1].shown_rank) == ("confirm", None, None)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"subject": "D999"}, "subject 没有“D999”"),
        ({"subject": ["D001"]}, "subject 应是不为空的文字"),
        ({"measure": "m9"}, "measure 没有“m9”"),
        ({"label": "maybe"}, "label 不能是“maybe”"),
        ({"label": "confirm"}, "确认的不写 reason"),
        ({"reason": None}, "reason 不能是“None”"),
        ({"reason": "不喜欢"}, "reason 不能是“不喜欢”"),
        ({"shown_rank": 0}, "shown_rank 不能是“0”"),
        ({"shown_rank": True}, "shown_rank 不能是“True”"),
        ({"shown_rank": "3"}, "shown_rank 不能是“3”"),
        ({"decided_on": "2026-11"}, "应写到日"),
        ({"decided_on": "2026-11-29"}, "晚于 2026-11-28"),
        ({"decided_on": "昨天"}, "昨天"),
        ({"by": " "}, "by 应是不为空的文字"),
        ({"extra": 1}, "不认识的键“extra”"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(change: dict[str, object], what: str, tmp_path: Path) -> None:
    path = written(tmp_path, LINE | {"measure": "m2"}, LINE | change)

    with pytest.raises(UsageError) as raised:
        read(path)

    (issue,) = raised.value.issues
    assert what in issue.what
    assert issue.where == f"{path}:2"
    assert issue.hint


def test_a_missing_key_a_broken_line_and_a_pair_written_twice_are_refused_together(tmp_path: Path) -> None:
    path = tmp_path / "标注.jsonl"
    short = {key: value for key, value in LINE.items() if key != "by"}
    lines = [orjson.dumps(LINE), b'{"subject": ', orjson.dumps(short), b"", orjson.dumps(LINE), b"[1]"]
    path.write_bytes(b"\n".join(lines))

    with pytest.raises(UsageError) as raised:
        read(path)

    assert [issue.where.rpartition(":")[2] for issue in raised.value.issues] == ["2", "3", "5", "6"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read(tmp_path / "没有.jsonl")


def test_faults_of_rules_and_data_say_nothing_of_the_fit() -> None:
    label = Label("D001", "m1", "reject", "数据错误", None, DAY, "示范审核人")

    assert not label.is_about_fit
    assert Label("D001", "m1", "confirm", None, None, DAY, "示范审核人").is_about_fit
    assert set(REASONS) > ABOUT_FIT


def test_a_measure_is_held_out_by_its_id_and_about_as_often_as_asked() -> None:
    ids = [f"measure_{number}" for number in range(2000)]

    held = [name for name in ids if is_held_out(name, 0.4)]

    assert held == [name for name in ids if is_held_out(name, 0.4)]
    assert 0.36 < len(held) / len(ids) < 0.44
    assert not any(is_held_out(name, 0.0) for name in ids)
    assert all(is_held_out(name, 1.0) for name in ids)
