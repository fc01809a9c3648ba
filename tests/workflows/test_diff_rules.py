"""Two rule folders over one library: what changes, what is new or gone, and what nobody is told twice."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from policy_match.errors import UsageError
from policy_match.workflows.diff_rules import SHOWN, diff_rules

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "corpus"
SCALE = Path("measures/national/STANDARD/above_scale_industry.v1.yaml")
STORAGE = Path("measures/city/CZ2025/cz_storage_award.v1.yaml")
DAY = date(2026, 6, 15)
Found = dict[str, object]


def folder(place: Path, *measures: Path) -> Path:
    """A rule folder with some of the shipped measures."""
    for measure in measures:
        (place / measure).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "rules" / measure, place / measure)
    shutil.copy(ROOT / "rules" / "facts.yaml", place)
    return place


def edit(place: Path, *edits: tuple[str, str]) -> None:
    text = place.read_text("utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    place.write_text(text, "utf-8")


def library(place: Path, *subjects: Found) -> Path:
    lines = [json.dumps(subject, ensure_ascii=False) for subject in subjects]
    place.write_text("\n".join(lines) + "\n", "utf-8")
    return place


def firm(number: int, revenue: str | None = "2500万元") -> Found:
    facts = {"entity_type": "工业法人"} | ({} if revenue is None else {"main_revenue": revenue})
    return {"id": f"E{number}", "kind": "enterprise", "facts": facts}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal folders of two measures."""
    return folder(tmp_path / "old", SCALE, STORAGE), folder(tmp_path / "new", SCALE, STORAGE)


def raise_threshold(place: Path) -> None:
    edit(
        place / SCALE,
        ('value: "2000万元"', 'value: "3000万元"'),
        ('main_revenue: "2000万元"', 'main_revenue: "3000万元"'),
    )


def told(capsys: pytest.CaptureFixture[bytes], old: Path, new: Path, subjects: Path, form: str = "json") -> str:
    diff_rules(old, new, subjects, corpus=CORPUS, as_of=DAY, form=form)
    return capsys.readouterr().out.decode()


def test_equal_folders_differ_in_nothing(
    folders: tuple[Path, Path], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    found = json.loads(told(capsysbinary, *folders, library(tmp_path / "s.jsonl", firm(1), firm(2, None))))

    nothing = {"low_fen": 0, "high_fen": 0, "known_high_fen": 0, "amount_unknown": 0}
    assert found == {
        "costs": [], "total": {"before": nothing, "after": nothing},
        "as_of": "2026-06-15", "subjects": 2, "new": [], "gone": [], "measures": [], "changed": 0, "pairs": [],
    }  # fmt: skip


def test_a_higher_threshold_turns_down_whom_it_passes_and_leaves_the_unknown_open(
    folders: tuple[Path, Path], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    raise_threshold(folders[1])
    subjects = library(tmp_path / "s.jsonl", firm(1), firm(2, "3000万元"), firm(3, None), firm(4, "1000万元"))

    found = json.loads(told(capsysbinary, *folders, subjects))

    moves = [{"old": "eligible", "new": "ineligible", "count": 1}]
    assert found["measures"] == [{"id": "above_scale_industry", "verdicts": moves, "amounts": 0}]
    (pair,) = found["pairs"]
    assert (pair["subject"], pair["measure"]) == ("E1", "above_scale_industry")
    assert pair["old"] == {"verdict": "eligible", "amount": None}
    assert pair["new"] == {"verdict": "ineligible", "amount": None}


def test_an_amount_that_changes_under_one_verdict_is_counted_and_shown(
    folders: tuple[Path, Path], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    edit(folders[1] / STORAGE, ('amount: "0.3元"', 'amount: "0.2元"'))
    facts = {"district": "溧阳市", "storage_power": "2000千瓦", "storage_discharge": "1000000千瓦时"}
    subjects = library(tmp_path / "s.jsonl", {"id": "P1", "kind": "project", "facts": facts})

    found = json.loads(told(capsysbinary, *folders, subjects))
    table = told(capsysbinary, *folders, subjects, form="table").splitlines()

    assert found["measures"] == [{"id": "cz_storage_award", "verdicts": [], "amounts": 1}]
    (pair,) = found["pairs"]
    assert (pair["old"]["amount"]["high_fen"], pair["new"]["amount"]["high_fen"]) == (30_000_000, 20_000_000)
    before, after = found["costs"][0]["before"], found["costs"][0]["after"]
    assert (before["low_fen"], before["high_fen"], after["high_fen"]) == (0, 30_000_000, 20_000_000)
    assert found["total"] == {"before": before, "after": after}
    assert table[-3:-1] == [
        "cz_storage_award 需资金：0元至30万元 → 0元至20万元",
        "全部措施需资金：0元至30万元 → 0元至20万元",
    ]
    assert table[0] == "cz_storage_award：金额变化 1"
    assert "最高30万元" in table[1] and "最高20万元" in table[1]
    assert table[-1] == "1 个主体，1 对有变化"


def test_a_measure_of_one_folder_only_is_new_or_gone_and_no_change(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    old, new = folder(tmp_path / "old", SCALE), folder(tmp_path / "new", STORAGE)

    found = json.loads(told(capsysbinary, old, new, library(tmp_path / "s.jsonl", firm(1))))

    assert (found["new"], found["gone"], found["changed"]) == (["cz_storage_award"], ["above_scale_industry"], 0)
    assert [(one["id"], one["before"] is None, one["after"] is None) for one in found["costs"]] == [
        ("above_scale_industry", False, True), ("cz_storage_award", True, False),
    ]  # fmt: skip


def test_all_pairs_are_counted_and_the_first_twenty_shown_in_the_order_of_the_file(
    folders: tuple[Path, Path], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    raise_threshold(folders[1])
    subjects = library(tmp_path / "s.jsonl", *(firm(number) for number in range(SHOWN + 5)))

    found = json.loads(told(capsysbinary, *folders, subjects))

    assert found["changed"] == SHOWN + 5
    assert [pair["subject"] for pair in found["pairs"]] == [f"E{number}" for number in range(SHOWN)]


def test_rows_that_a_folder_cannot_read_are_given_back_once(folders: tuple[Path, Path], tmp_path: Path) -> None:
    subjects = library(tmp_path / "s.jsonl", firm(1, "很多"), firm(2))

    loaded = diff_rules(*folders, subjects, corpus=CORPUS, as_of=DAY, form="json")

    assert [refusal.row for refusal in loaded.refusals] == [1]


def test_a_folder_without_rules_and_an_unknown_format_are_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    subjects = library(tmp_path / "s.jsonl", firm(1))

    with pytest.raises(UsageError, match=r"没有 facts\.yaml"):
        diff_rules(tmp_path / "none", folders[1], subjects, corpus=CORPUS, as_of=DAY, form="json")
    with pytest.raises(UsageError, match="table、json"):
        diff_rules(*folders, subjects, corpus=CORPUS, as_of=DAY, form="xlsx")
