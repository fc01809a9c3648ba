"""The commands on what one could have: `bundle`, `simulate`, `roadmap`. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.command_options import AsOf, Out, day_of, refused, settings, tell_notes


def bundle(
    subjects: Annotated[Path, typer.Argument(metavar="文件", help="项目或企业：.jsonl .csv .xlsx .parquet")],
    paid: Annotated[Optional[Path], typer.Option("--paid", help="已兑付台账：.csv .xlsx")] = None,
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="jsonl、table")] = None,
    as_of: AsOf = None,
) -> None:
    """依法能同时享受的最好一组待遇，没有选的逐项说明原因。"""
    from policy_match.workflows.bundle_subjects import bundle_file

    given = settings()
    result = bundle_file(
        subjects,
        rules=given.rules_dir,
        corpus=given.corpus_dir,
        as_of=day_of(as_of, given),
        paid=paid,
        out=None if out in (None, "-") else Path(str(out)),
        form=format,
    )
    for note in result.paid.notes:
        print(note, file=sys.stderr)
    tell_notes(result.loaded, out)
    unpaid = 0 if paid is None else refused(result.paid.refusals, paid.with_suffix(".paid.csv"), out)
    sys.exit(max(refused(result.loaded.refusals, subjects, out), unpaid))


def simulate(
    draft: Annotated[Path, typer.Argument(metavar="草案", help="一个措施文件，或一个规则目录")],
    subjects: Annotated[Path, typer.Option("--subjects", help="项目或企业：.jsonl .csv .xlsx .parquet")],
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="table、json、xlsx")] = None,
    as_of: AsOf = None,
) -> None:
    """草案施行会怎样：谁增谁减，要多少钱，按地区、体量、行业、规模分列。"""
    from policy_match.workflows.simulate_draft import simulate_file

    given = settings()
    result = simulate_file(
        draft,
        subjects,
        rules=given.rules_dir,
        corpus=given.corpus_dir,
        as_of=day_of(as_of, given),
        out=None if out in (None, "-") else Path(str(out)),
        form=format,
    )
    tell_notes(result, out)
    sys.exit(refused(result.refusals, subjects, out))


def roadmap(
    subject: Annotated[str, typer.Argument(metavar="项目", help="库内编号或项目代码；有 --subjects 时是文件中的编号")],
    subjects: Annotated[
        Optional[Path], typer.Option("--subjects", help="不用库，用这个文件：.jsonl .csv .xlsx .parquet")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="示范库里的项目")] = False,
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="table、json、xlsx")] = None,
    as_of: AsOf = None,
) -> None:
    """一个项目以后各跟踪点：哪些措施打开、关闭、变化，要备什么，别错过什么（测算）。"""
    from policy_match.cli_library import archive_of
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.library_names import DEMO, REAL
    from policy_match.workflows.plan_ahead import roadmap_in_file, roadmap_in_library

    given = settings()
    target = None if out in (None, "-") else Path(str(out))
    if subjects is None:
        roadmap_in_library(
            subject, archive_of(given), DEMO if demo else REAL,
            as_of=day_of(as_of, given), now=given.instant(), out=target, form=format,
        )  # fmt: skip
        _tell_written(target)
        sys.exit(0)
    if demo:
        raise UsageError(Issue("OPTIONS", "--subjects 用文件，--demo 用库", "--demo", "其中一个", "去掉一个"))
    result = roadmap_in_file(
        subject, subjects,
        rules=given.rules_dir, corpus=given.corpus_dir, as_of=day_of(as_of, given), out=target, form=format,
    )  # fmt: skip
    for note in result.notes:
        print(note, file=sys.stderr)
    _tell_written(target)
    sys.exit(refused(result.refusals, subjects, out))


def _tell_written(target: Path | None) -> None:
    if target is not None:
        print(f"已写入 {target}", file=sys.stderr)
