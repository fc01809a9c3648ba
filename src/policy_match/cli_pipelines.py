"""The commands of the pipelines: `policy-match pipeline …`, and their reports. Each is a thin door to one workflow.

What there is, who sees it and who changes it is data (`rules/pipelines/`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_care import by_of
from policy_match.cli_library import LEAD, By, Library, On, Reason, Seen, Shown, archive_of, evidence_of, facts_of
from policy_match.cli_report import District, Form, place_of, report_app
from policy_match.command_options import AsOf, Out, day_of, refused, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

pipeline_app = ChineseTyper(
    cls=ChineseGroup,
    help="清单：上市后备、融资、岗位、培训等按步骤走的事。",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Kind = Annotated[str, typer.Argument(metavar="清单", help="如 listing；pipeline kinds 列出各种")]
Number = Annotated[str, typer.Argument(metavar="号", help="如 SS-2025-00001")]
Said = Annotated[Optional[list[str]], typer.Option("--set", help="字段=值，字段写名称或编号，可多次")]
Year = Annotated[Optional[int], typer.Option("--year", min=2000, max=2100, help="各季度看哪一年，默认今年")]


@pipeline_app.command("kinds")
def pipeline_kinds(library: Library = "real", by: By = LEAD, as_of: AsOf = None) -> None:
    """有哪些清单，各有多少件、超时多少；看不到的不列。"""
    from policy_match.workflows.list_items import list_pipelines
    from policy_match.workflows.report_items import counts_text

    given = settings()
    for one in list_pipelines(archive_of(given), by_of(given, library, by), day_of(as_of, given)):
        print(f"{one.pipeline.id}  {one.pipeline.name}  {counts_text(one)}")


@pipeline_app.command("list")
def pipeline_list(
    kind: Kind,
    step: Annotated[str, typer.Option("--step", help="只列这一步的，写编号")] = "",
    state: Annotated[str, typer.Option("--state", help="open overdue warned expired over")] = "",
    words: Annotated[str, typer.Option("--words", help="含这些词的")] = "",
    library: Library = "real",
    by: By = LEAD,
    as_of: AsOf = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """列出一种清单里的各项：走到哪一步、多少天、是否超时。"""
    from policy_match.workflows.list_items import Narrowed, list_items, narrowed, rows_of
    from policy_match.workflows.print_rows import FILES, print_rows

    given = settings()
    listed = list_items(archive_of(given), kind, by_of(given, library, by), day_of(as_of, given))
    rows = rows_of(listed, narrowed(listed, Narrowed(step, state, words)))
    print_rows(rows, form=format, out=place_of(out), forms=FILES)


@pipeline_app.command("show")
def pipeline_show(
    kind: Kind,
    number: Number,
    library: Library = "real",
    by: By = LEAD,
    as_of: AsOf = None,
    format: Annotated[str, typer.Option("--format", help="table、json")] = "table",
) -> None:
    """一项的经过、所在步骤的天数、可以走的下一步。"""
    import orjson

    from policy_match.workflows.match_file import chosen_form
    from policy_match.workflows.print_rows import SCREEN
    from policy_match.workflows.show_item import item_lines, item_plain, show_item

    given = settings()
    form = chosen_form(format, None, SCREEN)
    shown = show_item(archive_of(given), kind, number, by_of(given, library, by), as_of=day_of(as_of, given))
    print(orjson.dumps(item_plain(shown)).decode() if form == "json" else "\n".join(item_lines(shown)))


@pipeline_app.command("open")
def pipeline_open(
    kind: Kind,
    subject: Annotated[str, typer.Option("--subject", help="属于哪家企业（信用代码）或哪个项目（编号）")] = "",
    said: Said = None,
    step: Annotated[str, typer.Option("--step", help="从哪一步登记，默认第一步")] = "",
    on: On = None,
    evidence: Shown = None,
    reason: Reason = "",
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记一项，给出编号；相同的只登记一次。"""
    from policy_match.workflows.open_item import NewItem, open_item

    given = settings()
    asked = NewItem(kind, subject, day_of(on, given, "--on"), facts_of(said), step, evidence_of(evidence), reason)
    opened = open_item(archive_of(given), asked, by_of(given, library, by))
    print(opened.number + ("" if opened.is_new else "（已有，没有新登记）"))


@pipeline_app.command("move")
def pipeline_move(
    kind: Kind,
    number: Number,
    to: Annotated[str, typer.Option("--to", help="到哪一步，写名称或编号；不写只补充内容")] = "",
    said: Said = None,
    on: On = None,
    evidence: Shown = None,
    reason: Reason = "",
    seen: Seen = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """走到下一步，或补充内容。"""
    from policy_match.workflows.move_item import ItemMove, move_item

    given = settings()
    day = day_of(on, given, "--on")
    asked = ItemMove(kind, number, to, day, facts_of(said), evidence_of(evidence), reason, seen)
    moved = move_item(archive_of(given), asked, by_of(given, library, by))
    print(f"{moved.number} {moved.step}" + ("" if moved.is_new else "（已有，没有新登记）"))


@pipeline_app.command("import")
def pipeline_import(
    kind: Kind,
    file: Annotated[Path, typer.Argument(metavar="文件", help=".csv .xlsx，一行一项，列名是各字段的名称")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """批量登记：对的行收下，已有的不重复，不对的行写进错误文件。"""
    from policy_match.workflows.import_items import import_items

    given = settings()
    done = import_items(archive_of(given), kind, file, by_of(given, library, by))
    for note in done.notes:
        print(note, file=sys.stderr)
    print(f"新登记 {len(done.new)} 项，已有 {done.same} 项")
    sys.exit(refused(done.refusals, file))


@pipeline_app.command("report")
def pipeline_report(
    kind: Kind,
    year: Year = None,
    library: Library = "real",
    by: By = LEAD,
    as_of: AsOf = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """一种清单的报表：各步骤的件数和天数、分类、合计、缺的季度。"""
    _report(kind, year, (library, by), (as_of, format, out))


@report_app.command("listing")
def report_listing(
    library: Library = "real", by: By = LEAD, as_of: AsOf = None, format: Form = None, out: Out = None
) -> None:
    """上市后备：各步骤的家数和天数；企业名称只给有权的单位。"""
    _report("listing", None, (library, by), (as_of, format, out))


@report_app.command("channels")
def report_channels(
    library: Library = "real",
    by: By = LEAD,
    as_of: AsOf = None,
    district: District = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """项目来源：按招商渠道、活动、驻点的项目数；没有登记线索的计为未知。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.report_channels import report_channels as run

    given, area = settings(), chosen_district(district)
    day = day_of(as_of, given)
    run(archive_of(given), by_of(given, library, by), day, area=area, form=format, out=place_of(out))


def _report(
    kind: str, year: int | None, asker: tuple[str, str], told: tuple[str | None, str | None, str | None]
) -> None:
    from policy_match.workflows.report_items import report_items

    given, (as_of, form, out) = settings(), told
    day = day_of(as_of, given)
    report_items(archive_of(given), kind, by_of(given, *asker), day, year=year, form=form, out=place_of(out))
