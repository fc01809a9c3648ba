"""The commands of monthly figures after completion: `policy-match indicators …`. Each is a thin door to one workflow."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from policy_match.cli_library import By, Code, Library, archive_of, view_of
from policy_match.cli_report import Form, place_of
from policy_match.command_options import AsOf, Out, refused, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

indicators_app = ChineseTyper(
    cls=ChineseGroup, help="按月指标：导入、查看。", no_args_is_help=True, rich_markup_mode=None
)


@indicators_app.command("import")
def indicators_import(
    file: Annotated[Path, typer.Argument(metavar="文件", help=".csv .xlsx，一个项目一个月一行，单位写在表头")],
    source: Annotated[str, typer.Option("--source", help="来源：ENT DEPT DISTRICT SELF FAI")],
    by: By,
    library: Library = "real",
) -> None:
    """导入按月指标：空格是没有报，不是0；不对的行写进错误文件。"""
    from policy_match.workflows.import_indicators import import_indicators
    from policy_match.workflows.write_entry import By as Asked

    given = settings()
    done = import_indicators(archive_of(given), file, source, Asked(library, by, given.instant()))
    for note in done.notes:
        print(note, file=sys.stderr)
    print(f"新增 {done.new}，更正 {done.corrected}，未变 {done.same}")
    sys.exit(refused(done.refusals, file))


@indicators_app.command("show")
def indicators_show(
    code: Code, library: Library = "real", as_of: AsOf = None, format: Form = None, out: Out = None
) -> None:
    """一个项目的按月指标：来源、迟报、计划、预警。"""
    from policy_match.exchange.reports import FORMS, write_report
    from policy_match.workflows.match_file import chosen_form
    from policy_match.workflows.show_indicators import series_report, show_indicators

    given, target = settings(), place_of(out)
    form = chosen_form(format or (None if target else "table"), target, FORMS)
    shown = show_indicators(archive_of(given), library, code, view_of(given, as_of))
    write_report(series_report(shown, library), form, target)
