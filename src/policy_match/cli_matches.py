"""The commands on the matches of the library: `policy-match library …`. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_library import Code, Form, KnownAt, archive_of, project_show, view_of
from policy_match.command_options import AsOf, Out, listed, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

library_app = ChineseTyper(
    cls=ChineseGroup, help="库内匹配：按施行中的规则版本判定、说明理由。", no_args_is_help=True, rich_markup_mode=None
)
library_app.command("show")(project_show)
Demo = Annotated[bool, typer.Option("--demo", help="示范库（示范数据），不写是真实项目库")]


def _name(demo: bool) -> str:
    return "demo" if demo else "real"


@library_app.command("match")
def library_match(
    measures: Annotated[Optional[str], typer.Option("--measures", help="措施编号，逗号分隔")] = None,
    verdicts: Annotated[
        Optional[str],
        typer.Option("--verdicts", help="只要这些结论，逗号分隔：eligible unknown needs_human ineligible not_in_force"),
    ] = None,
    out: Out = None,
    format: Annotated[Optional[str], typer.Option("--format", help="jsonl、csv、xlsx、parquet、table")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    demo: Demo = False,
) -> None:
    """库内每个项目与每项措施匹配；每行写明由哪个规则版本判定。"""
    from policy_match.workflows.match_library import match_library

    given = settings()
    target = None if out in (None, "-") else Path(str(out))
    found = match_library(
        archive_of(given),
        _name(demo),
        view_of(given, as_of, known_at),
        measures=listed(measures),
        verdicts=listed(verdicts),
        out=target,
        form=format,
    )
    if target is not None:
        print(f"已写入 {target}：{len(found.matching.subjects)} 个主体，规则版本 {found.release}", file=sys.stderr)


@library_app.command("explain")
def library_explain(
    code: Code,
    measure: Annotated[str, typer.Argument(metavar="措施", help="措施编号")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: Form = "table",
    demo: Demo = False,
) -> None:
    """一个项目与一项措施：逐条理由，写明由哪个规则版本判定。"""
    from policy_match.workflows.match_library import explain_match

    given = settings()
    view = view_of(given, as_of, known_at)
    explain_match(archive_of(given), _name(demo), view, (code, measure), form=format)
