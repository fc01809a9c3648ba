"""The `bundle` command: lines, ledger, wrong rows, table and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from policy_match.cli import main; main()", "bundle"]
ROOT = Path(__file__).resolve().parents[2]
FIRM = {
    "id": "E1",
    "kind": "enterprise",
    "enterprise": "91320412MAYYYY0160",
    "facts": {
        "registered_region": "320412",
        "synbio_key_project": True,
        "biomed_key_project": True,
        "key_project_funds_received": "400万元",
    },
}
PROJECT = {"id": "P1", "kind": "project", "enterprise": "E1", "facts": {"district": "320412"}}
SYNBIO, BIOMED = "cz_synbio_project_match", "cz_biomed_project_support"
DAY = "2024-12-31"


Bundle = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def bundle(called: Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]], folder: Path) -> Bundle:
    """The command in this process."""
    return lambda *arguments: called(["bundle", *arguments], folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("corpus", "rules"):
        (tmp_path / name).symlink_to(ROOT / name)
    lines = (json.dumps(line, ensure_ascii=False) for line in (FIRM, PROJECT))
    (tmp_path / "firms.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_a_line_a_subject_with_the_keys_of_the_format(folder: Path) -> None:
    command = [*COMMAND, "firms.jsonl", "--as-of", DAY]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    firm, project = [json.loads(line) for line in done.stdout.splitlines()]
    assert list(firm)[:6] == ["subject", "as_of", "chosen", "low_fen", "high_fen", "not_taken"]
    assert [line["subject"] for line in (firm, project)] == ["E1", "P1"]
    (award,) = firm["chosen"]
    assert (award["measure"], award["amount"]["high_fen"], award["amount"]["kind"]) == (SYNBIO, 100_000_000, "cash")
    assert (firm["low_fen"], firm["high_fen"]) == (100_000_000, 100_000_000)
    assert (project["chosen"], project["high_fen"], firm["together_with"]) == ([], 0, ["P1"])


def test_two_supports_of_which_nobody_wrote_are_not_added_up(bundle: Bundle) -> None:
    done = bundle("firms.jsonl", "--as-of", DAY)

    firm = json.loads(done.stdout.splitlines()[0])
    assert firm["not_taken"] == [
        {
            "measure": BIOMED,
            "why": "能否同享未写，不相加：已选“合成生物国家、省重点科技专项配套”",
            "instead": [SYNBIO],
        }
    ]


@pytest.mark.parametrize("name", ["paid.csv", "paid.xlsx"])
def test_what_was_paid_is_taken_off_and_wrong_rows_are_refused_with_everything_wrong_of_them(
    name: str, folder: Path, bundle: Bundle
) -> None:
    rows = [
        ["措施编号", "受益人", "项目编号", "兑付日期", "金额（万元）", "凭证号"],
        [BIOMED, "91320412MAYYYY0160", "", "2024-03-01", "50", "示范-1"],
        ["cz_biomed_project_suport", "", "", "2023-03", "约45", ""],
        [BIOMED, "91320412MAYYYY0160", "", "2024-03-01", "50", "示范-1"],
    ]
    _write(folder / name, rows)

    done = bundle("firms.jsonl", "--paid", name, "--as-of", DAY)

    assert done.returncode == 1
    firm = json.loads(done.stdout.splitlines()[0])
    whys = {one["measure"]: one["why"] for one in firm["not_taken"]}
    paid = "“生物医药国家、省重点专项支持”2024-03-01已兑付50万元"
    assert whys == {BIOMED: f"同一事项已兑付：{paid}", SYNBIO: f"能否同享未写，不相加：{paid}"}
    assert (firm["chosen"], firm["high_fen"]) == ([], 0)
    told = (folder / "paid.paid.errors.csv").read_text("utf-8-sig")
    assert [line.split(",")[3] for line in told.splitlines()[1:]] == [
        "MEASURE_UNKNOWN", "CELL_EMPTY", "DATE_FORMAT", "NUM_INEXACT", "PAID_TWICE",
    ]  # fmt: skip
    assert BIOMED in told.splitlines()[1]


def _write(path: Path, rows: list[list[str]]) -> None:
    if path.suffix == ".csv":
        path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
        return
    from policy_match.exchange.tables import write_xlsx

    write_xlsx(path, tuple(rows[0]), [tuple(row) for row in rows[1:]], title="台账")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("措施编号,受益人,兑付日期,金额（两）", "UNIT_UNKNOWN"),
        ("措施编号,受益人,兑付日期,金额,备注", "COLUMN_UNKNOWN"),
        ("措施编号,受益人,兑付日期", "COLUMN_MISSING"),
        ("措施编号,措施,受益人,兑付日期,金额", "COLUMN_TWICE"),
    ],
)
def test_a_header_that_is_not_understood_refuses_the_ledger(
    header: str, code: str, folder: Path, bundle: Bundle
) -> None:
    (folder / "paid.csv").write_text(f"{header}\n", encoding="utf-8")

    done = bundle("firms.jsonl", "--paid", "paid.csv")

    assert (done.returncode, done.stdout) == (2, "")
    assert "paid.csv:1" in done.stderr, code


@pytest.mark.parametrize("cell", ["45", "-45万元", "0元", "约45万元"])
def test_an_amount_without_unit_or_not_above_zero_is_refused(cell: str, folder: Path, bundle: Bundle) -> None:
    text = f"措施编号,受益人,兑付日期,金额\n{BIOMED},E1,2024-03-01,{cell}\n"
    (folder / "paid.csv").write_text(text, encoding="utf-8")

    done = bundle("firms.jsonl", "--paid", "paid.csv", "--as-of", DAY)

    assert done.returncode == 1
    assert "第2行 金额" in done.stderr


def test_the_table_tells_what_is_taken_what_is_not_and_why(folder: Path, bundle: Bundle) -> None:
    done = bundle("firms.jsonl", "--format", "table", "--as-of", DAY, "--out", "b.txt")

    text = (folder / "b.txt").read_text("utf-8")
    assert (done.returncode, done.stdout) == (0, "")
    assert text.startswith("E1  E1  资金合计")
    assert f"（{SYNBIO}）  100万元" in text
    assert "能否同享未写，不相加：已选“" in text


def test_an_unknown_format_and_a_missing_ledger_are_refused(bundle: Bundle) -> None:
    assert bundle("firms.jsonl", "--format", "xlsx").returncode == 2
    assert bundle("firms.jsonl", "--paid", "none.csv").returncode == 2
