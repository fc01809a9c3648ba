"""`policy-match msjx …` for paying: exit codes, files, and what is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msjx import FIRST, to_approved
from paying import EXCLUSIONS, LEDGER, RECEIPTS, failed_row, ledger_row, listing, paid_row, written

from policy_match.cli import main
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import FIRST_DAY, open_archive

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    paying_folders: tuple[Path, Path],
) -> Run:
    """Runs a command at an hour of a day on a library with one approved case; gives exit code, output, errors."""
    address = f"sqlite:///{tmp_path / 'own.db'}"
    archive = open_archive(address, *paying_folders, secret=open_secret(Settings()))
    with archive.database.writing() as session:
        session.merge(Actor(id="science-3", name="市科技局经办3", role="science", valid_from=FIRST_DAY))
    to_approved(archive)
    archive.database.close()
    monkeypatch.chdir(tmp_path)
    for name, value in (("DATABASE_URL", address), ("RULES", paying_folders[0]), ("CORPUS", paying_folders[1])):
        monkeypatch.setenv(f"POLICY_MATCH_{name}", str(value))

    def call(*arguments: str, at: str = "2025-06-13T15:00:00+08:00") -> tuple[int, str, str]:
        monkeypatch.setenv("POLICY_MATCH_NOW", at)
        monkeypatch.setattr(sys, "argv", ["policy-match", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return call


def test_a_case_goes_from_approved_to_paid_by_files(run: Run, tmp_path: Path) -> None:
    sent = run("msjx", "export")
    file = tmp_path / "BF-2025-000001.csv"
    first = file.read_bytes()
    nothing = run("msjx", "export")
    again = run("msjx", "export", "--batch", "BF-2025-000001", "--out", "again.csv")
    short = run(
        "msjx", "receipt", str(written(tmp_path / "r1.csv", RECEIPTS, paid_row("MX-2025-000001-1", "199999.99元"))),
        at="2025-06-16T10:00:00+08:00",
    )  # fmt: skip
    full = run(
        "msjx", "receipt", str(written(tmp_path / "r2.csv", RECEIPTS, paid_row("MX-2025-000001-1"))),
        at="2025-06-16T10:00:00+08:00",
    )  # fmt: skip
    waiting = run("msjx", "quarantine")
    report = run("report", "payout", "--format", "json", at="2025-06-16T12:00:00+08:00")

    assert sent[0] == 0 and "BF-2025-000001：1 件，20万元" in sent[2]
    assert first.startswith(b"\xef\xbb\xbf") and b"200000.00,20000000" in first
    assert (nothing[0], nothing[2]) == (0, "没有可以送财政的办件\n")
    assert again[0] == 0 and (tmp_path / "again.csv").read_bytes() == first
    assert short[0] == 1 and "金额不符" in short[2]
    assert (full[0], full[1]) == (0, "到账 1，退汇或失败 0，未变 0，隔离 0\n")
    assert "办件 MX-2025-000001 现在已拨付" in waiting[1]
    assert json.loads(report[1])["days"]["paid"] == 1


def test_a_batch_goes_to_a_workbook_or_the_screen_and_no_other_format(run: Run, tmp_path: Path) -> None:
    wrong = run("msjx", "export", "--out", "a.pdf")
    sent = run("msjx", "export", "--out", "a.xlsx")
    shown = run("msjx", "export", "--batch", "BF-2025-000001", "--out", "-")

    assert wrong[0] == 2 and "不认识的格式" in wrong[2]
    assert sent[0] == 0 and (tmp_path / "a.xlsx").stat().st_size > 0
    assert shown[0] == 0


def test_a_case_that_is_left_out_is_told_with_its_reason_and_exit_1(run: Run) -> None:
    code, _, err = run("msjx", "export", at="2025-06-16T10:00:00+08:00")

    assert code == 1
    assert "没有送出 MX-2025-000001：排除名单是 3 天前的" in err


def test_refused_rows_of_a_list_come_back_in_a_file(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "名单.csv", EXCLUSIONS, listing(依据=""), listing(记录号="示范执2"))

    code, out, err = run("msjx", "exclusions", str(file), "--complete")
    good = run(
        "msjx", "exclusions", str(written(tmp_path / "全.csv", EXCLUSIONS, listing(记录号="示范执2"))), "--complete"
    )

    assert (code, out) == (1, "新增 1，变更 0，未变 0，移出 0\n")
    assert "EXCL_NO_BASIS" in err and "不能算全部名单" in err
    assert "EXCL_NO_BASIS" in (tmp_path / "名单.errors.csv").read_text("utf-8-sig")
    assert good[:2] == (0, "新增 0，变更 0，未变 1，移出 0\n全部名单，已记为今天查过\n")


def test_a_budget_and_a_ledger_are_entered(run: Run, tmp_path: Path) -> None:
    asked = ("--line", "示范专项", "--reviewed-on", "2025-01-02", "--reviewer", "示范审查人")
    entered = run("msjx", "budget", "gx_first_hnte", "2026", "50万元", *asked)
    low = run("msjx", "budget", "gx_first_hnte", "2025", "1万元", *asked)
    ledger = run(
        "msjx", "ledger", str(written(tmp_path / "l.csv", LEDGER, ledger_row(), ledger_row(凭证号="", 期间="2025")))
    )

    assert entered[:2] == (0, "gx_first_hnte 2026 年预算 50万元（示范专项）\n")
    assert low[0] == 3 and "预算不能低于它" in low[2]
    assert ledger[:2] == (1, "新增 1，未变 0\n")


def test_a_returned_payment_is_confirmed_anew_and_money_comes_back(run: Run, tmp_path: Path) -> None:
    run("msjx", "export")
    file = written(tmp_path / "f.csv", RECEIPTS, failed_row("MX-2025-000001-1"))
    failed = run("msjx", "receipt", str(file), at="2025-06-16T10:00:00+08:00")
    asked = run("msjx", "reconfirm", "MX-2025-000001", "--by", FIRST, at="2025-06-16T11:00:00+08:00")

    assert failed[:2] == (0, "到账 0，退汇或失败 1，未变 0，隔离 0\n")
    assert asked[:2] == (0, "MX-2025-000001 请企业在 2025-06-30 前重新确认账户\n")


def test_a_clawback_is_decided_and_repaid_or_written_off_but_not_both(run: Run, tmp_path: Path) -> None:
    run("msjx", "export")
    file = written(tmp_path / "r.csv", RECEIPTS, paid_row("MX-2025-000001-1"))
    late = "2025-07-01T10:00:00+08:00"
    run("msjx", "receipt", str(file), at=late)
    decided = run(
        "msjx", "clawback", "MX-2025-000001", "--reason", "示范", "--decision", "示范决1", "--amount", "8万元", "--by", FIRST,
        at=late,
    )  # fmt: skip
    repaid = ("msjx", "repaid", "MX-2025-000001", "--amount", "3万元")
    both = run(*repaid, "--voucher", "R1", "--write-off", "示范", at=late)
    neither = run(*repaid, at=late)
    came = run(*repaid, "--voucher", "R1", at=late)
    written_off = run("msjx", "repaid", "MX-2025-000001", "--amount", "5万元", "--write-off", "示范破产", at=late)

    assert decided[:2] == (0, "MX-2025-000001 追回 8万元\n")
    assert (both[0], neither[0]) == (2, 2)
    assert came[:2] == (0, "MX-2025-000001 尚待追回 5万元\n")
    assert written_off[:2] == (0, "MX-2025-000001 尚待追回 0元\n")
