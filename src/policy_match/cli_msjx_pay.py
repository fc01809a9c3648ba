"""The commands of paying: exclusion lists, budgets, the ledger, instructions, receipts, and money that has to come back.

They are added to `policy-match msjx …`. Exit 1: some rows or cases were left out, and are told.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_care import by_of
from policy_match.cli_library import By, Library, On, archive_of
from policy_match.cli_msjx import Number, Why
from policy_match.cli_msjx import msjx_app as msjx_app
from policy_match.command_options import Out, day_of, refused, settings

TREASURY = "treasury"
File = Annotated[Path, typer.Argument(metavar="文件", help=".csv .xlsx")]
Amount = Annotated[str, typer.Option("--amount", help="金额，带单位，如 20万元")]
Owner = Annotated[str, typer.Option("--by", help="主管单位经办人编号")]


@msjx_app.command("exclusions")
def exclusions(
    file: File,
    source: Annotated[str, typer.Option("--source", help="名单来源")] = "CREDIT",
    complete: Annotated[bool, typer.Option("--complete", help="这是全部名单：没有列出的即移出")] = False,
    library: Library = "real",
    by: By = "data",
) -> None:
    """导入排除名单：没有列入依据的不收；全部名单才算查过。"""
    from policy_match.workflows.import_exclusions import ExclusionList, import_exclusions

    given = settings()
    done = import_exclusions(archive_of(given), ExclusionList(file, source, complete), by_of(given, library, by))
    for note in done.notes:
        print(note, file=sys.stderr)
    print(f"新增 {done.new}，变更 {done.changed}，未变 {done.same}，移出 {done.ended}")
    if done.checked:
        print("全部名单，已记为今天查过")
    elif complete:
        print("有行未收，不能算全部名单：没有移出，也没有记为查过", file=sys.stderr)
    sys.exit(refused(done.refusals, file))


@msjx_app.command("budget")
def budget(
    measure: Annotated[str, typer.Argument(metavar="措施", help="措施编号")],
    year: Annotated[int, typer.Argument(metavar="年度", help="预算年度")],
    amount: Annotated[str, typer.Argument(metavar="金额", help="带单位，如 500万元")],
    line: Annotated[str, typer.Option("--line", help="预算科目")],
    reviewed_on: Annotated[str, typer.Option("--reviewed-on", help="公平竞争审查日期")],
    reviewer: Annotated[str, typer.Option("--reviewer", help="公平竞争审查人或单位")],
    library: Library = "real",
    by: By = TREASURY,
) -> None:
    """登记或调整一项措施一年的预算；没有公平竞争审查的不能登记。"""
    from policy_match.units import format_money
    from policy_match.workflows.enter_budget import NewBudget, enter_budget

    given = settings()
    asked = NewBudget(measure, year, amount, line, day_of(reviewed_on, given, "--reviewed-on"), reviewer)
    row = enter_budget(archive_of(given), asked, by_of(given, library, by))
    print(f"{row.measure} {row.year} 年预算 {format_money(row.amount_fen)}（{row.line}）")


@msjx_app.command("ledger")
def ledger(file: File, library: Library = "real", by: By = TREASURY) -> None:
    """导入其他系统已经兑付的：同一凭证号只记一次，内容不同的退回。"""
    from policy_match.workflows.import_payments import import_payments

    given = settings()
    done = import_payments(archive_of(given), file, by_of(given, library, by))
    for note in done.notes:
        print(note, file=sys.stderr)
    print(f"新增 {done.new}，未变 {done.same}")
    sys.exit(refused(done.refusals, file))


@msjx_app.command("export")
def export(
    out: Out = None,
    batch: Annotated[Optional[str], typer.Option("--batch", help="重写以前的一批，内容一字不差")] = None,
    library: Library = "real",
    by: By = TREASURY,
) -> None:
    """把审批通过的送财政拨付：发出前再核一遍，不再符合的留下并说明；默认写成“批次号.csv”。"""
    from policy_match.units import format_money
    from policy_match.workflows.export_payments import export_payments, form_of, kept_batch, write_batch

    given = settings()
    form_of(_file(out))
    if batch is not None:
        kept = kept_batch(archive_of(given), batch, by_of(given, library, by))
        write_batch(kept, _file(out) if out else Path(f"{kept.number}.csv"))
        return
    sent = export_payments(archive_of(given), by_of(given, library, by))
    for one in sent.left_out:
        print(f"没有送出 {one.number}：{one.why}", file=sys.stderr)
    if sent.batch is None:
        print("没有可以送财政的办件", file=sys.stderr)
    else:
        number, total = sent.batch.number, format_money(sent.amount_fen)
        print(f"{number}：{sent.cases} 件，{total}；重写用 msjx export --batch {number}", file=sys.stderr)
        write_batch(sent.batch, _file(out) if out else Path(f"{number}.csv"))
    sys.exit(1 if sent.left_out else 0)


@msjx_app.command("receipt")
def receipt(file: File, library: Library = "real", by: By = TREASURY) -> None:
    """读入财政回单：金额一分不差才算到账，对不上的隔离。"""
    from policy_match.workflows.read_receipts import read_receipts

    given = settings()
    done = read_receipts(archive_of(given), file, by_of(given, library, by))
    for note in done.notes:
        print(note, file=sys.stderr)
    for one in done.quarantined:
        print(f"隔离 {one.instruction} 凭证 {one.voucher or '无'}：{one.why}", file=sys.stderr)
    print(f"到账 {done.paid}，退汇或失败 {done.failed}，未变 {done.same}，隔离 {len(done.quarantined)}")
    sys.exit(max(refused(done.refusals, file), 1 if done.quarantined else 0))


@msjx_app.command("quarantine")
def quarantine(library: Library = "real", by: By = TREASURY) -> None:
    """列出隔离的回单：为什么没有收，办件现在到哪一步。"""
    from policy_match.units import format_money
    from policy_match.workflows.read_receipts import list_quarantined

    given = settings()
    rows = list_quarantined(archive_of(given), by_of(given, library, by))
    for one in rows:
        told, about = one.receipt, "" if one.case is None else f"；办件 {one.case} 现在{one.state}"
        amount = format_money(told.amount_fen)
        print(f"{told.instruction} 凭证 {told.voucher or '无'} {told.told_on} {amount}：{told.why}{about}")
    print(f"共 {len(rows)} 张", file=sys.stderr)


@msjx_app.command("reconfirm")
def reconfirm(number: Number, by: Owner, library: Library = "real") -> None:
    """退汇的，或账户打不开的，请企业重新确认账户；确认、审批后再拨。"""
    from policy_match.workflows.reconfirm_case import reconfirm_case

    given = settings()
    case = reconfirm_case(archive_of(given), number, by_of(given, library, by))
    print(f"{case.number} 请企业在 {case.consent_last} 前重新确认账户")


@msjx_app.command("clawback")
def clawback(
    number: Number,
    reason: Why,
    decision: Annotated[str, typer.Option("--decision", help="追回决定文号")],
    amount: Amount,
    by: Owner,
    library: Library = "real",
) -> None:
    """决定追回已拨付的全部或一部分。"""
    from policy_match.workflows.claw_back import Clawback, claw_back

    given = settings()
    case = claw_back(archive_of(given), number, Clawback(reason, decision, amount), by_of(given, library, by))
    print(f"{case.number} 追回 {amount}")


@msjx_app.command("repaid")
def repaid(
    number: Number,
    amount: Amount,
    voucher: Annotated[Optional[str], typer.Option("--voucher", help="追回到账的凭证号")] = None,
    write_off: Annotated[Optional[str], typer.Option("--write-off", help="核销原因：这笔钱追不回来了")] = None,
    on: On = None,
    library: Library = "real",
    by: By = TREASURY,
) -> None:
    """登记追回到账（可分次），或核销追不回来的。"""
    from policy_match.errors import Issue, UsageError
    from policy_match.units import format_money
    from policy_match.workflows.claw_back import Repayment, record_repayment
    from policy_match.workflows.claw_back import write_off as written_off

    if (voucher is None) is (write_off is None):
        what = "到账写凭证号，核销写原因，只写其中一个"
        raise UsageError(Issue("OPTIONS", what, "--voucher", "--voucher 或 --write-off", "写上其中一个"))
    given = settings()
    archive, who = archive_of(given), by_of(given, library, by)
    if voucher is None:
        left = written_off(archive, number, amount, write_off or "", who)
    else:
        left = record_repayment(archive, number, Repayment(amount, day_of(on, given, "--on"), voucher), who)
    print(f"{number} 尚待追回 {format_money(left)}")


def _file(out: Out) -> Path | None:
    """The file of `--out`; None for the screen."""
    return None if out in (None, "-") else Path(str(out))
