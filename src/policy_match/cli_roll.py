"""The commands of the roll: `policy-match roll …`, the lists of a large run kept for look-up. Each is a thin door to one workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_library import By, archive_of
from policy_match.cli_report import place_of
from policy_match.command_options import Out, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

roll_app = ChineseTyper(
    cls=ChineseGroup, help="大批匹配的名单：登记、按主体或措施查。", no_args_is_help=True, rich_markup_mode=None
)
Form = Annotated[Optional[str], typer.Option("--format", help="table json csv xlsx")]


@roll_app.command("keep")
def roll_keep(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="batch 的 --out，已经做完")], by: By
) -> None:
    """登记一次 batch 的结果：与上次比较，只写有变化的；查名单的人到登记完才看到新的。"""
    from policy_match.workflows.keep_roll import keep_roll
    from policy_match.workflows.write_entry import By as Asked

    given = settings()
    done = keep_roll(archive_of(given), folder, Asked("real", by, given.instant()))
    print(f"名单 {done.pairs:,} 对：新增 {done.new:,}，变化 {done.changed:,}，退出 {done.gone:,}")


@roll_app.command("runs")
def roll_runs(format: Form = None, out: Out = None) -> None:
    """登记过的各次判定，最近的在前。"""
    from policy_match.workflows.list_roll import run_rows
    from policy_match.workflows.print_rows import FILES, print_rows

    print_rows(run_rows(archive_of(settings())), form=format, out=place_of(out), forms=FILES)


@roll_app.command("subject")
def roll_subject(
    subject: Annotated[str, typer.Argument(metavar="编号", help="统一社会信用代码或项目编号")],
    format: Form = None,
    out: Out = None,
) -> None:
    """一个主体在名单里的措施：符合的在前，再是待定的。"""
    from policy_match.workflows.list_roll import subject_rows
    from policy_match.workflows.print_rows import FILES, print_rows

    print_rows(subject_rows(archive_of(settings()), subject), form=format, out=place_of(out), forms=FILES)


@roll_app.command("measure")
def roll_measure(
    measure: Annotated[str, typer.Argument(metavar="措施", help="措施编号")],
    open_: Annotated[bool, typer.Option("--open", help="列待定的（缺数据或待人工判断），不列符合的")] = False,
    district: Annotated[
        Optional[str], typer.Option("--district", help="只列一个辖市区（或外市的区县），写代码或名称")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="最多列几个主体")] = 50,
    format: Form = None,
    out: Out = None,
) -> None:
    """一项措施的主体，从大到小。"""
    from policy_match.workflows.list_roll import measure_rows
    from policy_match.workflows.print_rows import FILES, print_rows
    from policy_match.workflows.read_roll import ELIGIBLE, OPEN, Wanted

    wanted = Wanted(measure, OPEN if open_ else ELIGIBLE, district, None, most)
    print_rows(measure_rows(archive_of(settings()), wanted), form=format, out=place_of(out), forms=FILES)
