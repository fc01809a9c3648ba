"""The command on very many subjects: `batch`. A thin door to one workflow."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.command_options import AsOf, day_of, settings


def batch(
    facts: Annotated[Path, typer.Argument(metavar="文件夹", help="事实：一个或几个 .parquet，每行一个主体")],
    out: Annotated[Path, typer.Option("--out", help="结果写到哪个文件夹；中断后用同样的命令接着做")],
    top: Annotated[int, typer.Option("--top", help="每个主体列几项措施、每项措施列几个主体")] = 20,
    by: Annotated[str, typer.Option("--by", help="每项措施的主体按哪个事实从大到小列")] = "total_investment",
    planes: Annotated[bool, typer.Option("--planes", help="也写出每一对的位图")] = False,
    rows: Annotated[int, typer.Option("--rows", help="每份多少行，64 的倍数；不影响结果")] = 65_536,
    processes: Annotated[Optional[int], typer.Option("--processes", help="用几个进程，默认每个处理器一个")] = None,
    scheduler: Annotated[
        Optional[str], typer.Option("--scheduler", help="Dask 集群的地址，如 tcp://10.0.0.5:8786；不写在本机做")
    ] = None,
    as_of: AsOf = None,
) -> None:
    """大批主体与全部措施匹配：逐项计数、每个主体和每项措施的名单；分份做，可中断，可用几台机器。"""
    from policy_match.workflows.match_batch import Asked, match_batch
    from policy_match.workflows.spread_parts import Spread

    given = settings()
    asked = Asked(facts.resolve(), out.resolve(), day_of(as_of, given), top, by, rows, planes)
    spread = Spread(scheduler, processes or len(os.sched_getaffinity(0)))
    done = match_batch(asked, spread, rules=given.rules_dir, corpus=given.corpus_dir)
    print(f"已写入 {out}：{done.subjects:,} 个主体 × {done.measures} 项措施", file=sys.stderr)
    if done.refused:
        print(f"{done.refused} 处有错，这些行没有判定：{out / 'refused.csv'}", file=sys.stderr)
    sys.exit(1 if done.refused else 0)
