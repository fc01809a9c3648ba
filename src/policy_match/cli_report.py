"""The commands of the reports: `policy-match report …`. Each is a thin door to one workflow.

Every report takes the same options: the library, the day, a district, the format and a file. Day and instant of knowledge
together are a frozen state: the same two give the same bytes, whatever was recorded since.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from policy_match.cli_library import LEAD, By, KnownAt, Library, archive_of, view_of
from policy_match.command_options import AsOf, Out, day_of, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

report_app = ChineseTyper(
    cls=ChineseGroup,
    help="报表：停滞、赛道地图、列统比对、年度目标、预警、兑付、评价、带动就业。",
    no_args_is_help=True,
    rich_markup_mode=None,
)

District = Annotated[Optional[str], typer.Option("--district", help="只看一个辖市区：代码或名称，unknown 为辖市区未知")]
Form = Annotated[Optional[str], typer.Option("--format", help="table、json、csv、xlsx，默认看扩展名")]


@report_app.command("stall")
def report_stall(
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    district: District = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """停滞清单：每个项目停在哪一步、多少天、亮什么灯、该谁办。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.list_stalled import report_stall as run

    given, area = settings(), chosen_district(district)
    run(archive_of(given), library, view_of(given, as_of, known_at), area=area, form=format, out=place_of(out))


@report_app.command("map")
def report_map(
    track: Annotated[Optional[str], typer.Option("--track", help="只看一个赛道；unknown 为赛道未知")] = None,
    shade: Annotated[str, typer.Option("--shade", help="SVG 的深浅表示 number 项目数或 sum 总投资")] = "number",
    library: Library = "real",
    as_of: AsOf = None,
    district: District = None,
    format: Annotated[
        Optional[str], typer.Option("--format", help="table、json、csv、xlsx、geojson、svg，默认看扩展名")
    ] = None,
    out: Out = None,
) -> None:
    """产业赛道招商地图：各辖市区各赛道的项目数、跟踪点和总投资；格网示意，不是测绘。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.map_tracks import MapAsked, chosen_shade, chosen_track
    from policy_match.workflows.map_tracks import report_map as run

    given, area, tone = settings(), chosen_district(district), chosen_shade(shade)
    archive = archive_of(given)
    asked = MapAsked(library, view_of(given, as_of), area, chosen_track(track, archive))
    run(archive, asked, tone, form=format, out=place_of(out))


@report_app.command("recon")
def report_recon(
    library: Library = "real",
    as_of: AsOf = None,
    district: District = None,
    by: By = LEAD,
    format: Form = None,
    out: Out = None,
) -> None:
    """项目库与固投库比对：分类、列统缺口、要备的材料；单个企业的固投库数字按经办人给。"""
    from policy_match.facts.observations import Purpose
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.compare_fai import report_recon as run
    from policy_match.workflows.read_records import View

    given, area = settings(), chosen_district(district)
    view = View.of(day_of(as_of, given), None, given.instant(), Purpose.STATISTICS)
    run(archive_of(given), library, view, by=by, today=given.today(), area=area, form=format, out=place_of(out))


@report_app.command("targets")
def report_targets(
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    district: District = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """年度目标：30个拿地即开工、50个提前服务的进度和佐证；措施按兑现方式的数目。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.count_targets import report_targets as run
    from policy_match.workflows.open_release import rulebook_in_force

    given, area = settings(), chosen_district(district)
    archive, view = archive_of(given), view_of(given, as_of, known_at)
    rulebook = rulebook_in_force(archive, library, view)
    run(archive, rulebook, library, view, area=area, form=format, out=place_of(out))


@report_app.command("watch")
def report_watch(
    kind: Annotated[str, typer.Option("--kind", help="入规")],
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    district: District = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """预警：应申报入规的企业和期限；新增长点培育库。只作提示，不改是否规上。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.watch_scale import report_watch as run

    given, area = settings(), chosen_district(district)
    run(
        archive_of(given),
        library,
        view_of(given, as_of, known_at),
        kind=kind,
        area=area,
        form=format,
        out=place_of(out),
    )


@report_app.command("late")
def report_late(
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    district: District = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """迟入库清单：首个跟踪点后过了入库期限才入库的项目，迟了几天。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.list_late import report_late as run

    given, area = settings(), chosen_district(district)
    run(archive_of(given), library, view_of(given, as_of, known_at), area=area, form=format, out=place_of(out))


@report_app.command("board")
def report_board(
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    district: District = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """市区联动看板：全市、辖市区、园区、项目，逐级相加相等。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.show_board import report_board as run

    given, area = settings(), chosen_district(district)
    run(archive_of(given), library, view_of(given, as_of, known_at), area=area, form=format, out=place_of(out))


@report_app.command("sources")
def report_sources(library: Library = "real", format: Form = None, out: Out = None) -> None:
    """数据来源：各来源最近一份文件、距今几天、多少行没收、多少条待关联，待核实多少件。"""
    from policy_match.workflows.list_sources import report_sources as run

    given = settings()
    run(archive_of(given), library, given.instant(), form=format, out=place_of(out))


@report_app.command("growth")
def report_growth(
    tickets: Annotated[
        Optional[bool],
        typer.Option("--open-tickets/--no-tickets", help="按预警登记问题单，同一项目同一类别只一张；默认看今天时登记"),
    ] = None,
    library: Library = "real",
    as_of: AsOf = None,
    district: District = None,
    by: By = "industry",
    format: Form = None,
    out: Out = None,
) -> None:
    """新增长点培育库：列入、最近指标、占计划、预警、由谁办；为黄灯红灯登记问题单。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.report_growth import report_growth as run
    from policy_match.workflows.write_entry import By as Asked

    given, area = settings(), chosen_district(district)
    view = view_of(given, as_of)
    opens = view.as_of == given.today() if tickets is None else tickets
    asked = Asked(library, by, given.instant())
    for one in run(archive_of(given), view, area, asked, opens=opens, form=format, out=place_of(out)):
        print(f"已登记 {one.number} {one.project} {one.cause}，主办 {one.lead}", file=sys.stderr)


@report_app.command("payout")
def report_payout(
    first: Annotated[Optional[str], typer.Option("--from", help="从哪一天（YYYY-MM-DD），默认当年1月1日")] = None,
    last: Annotated[Optional[str], typer.Option("--to", help="到哪一天（YYYY-MM-DD），默认今天")] = None,
    library: Library = "real",
    format: Form = None,
    out: Out = None,
) -> None:
    """免申即享兑付：措施按兑现方式逐月的数目，候选到到账的天数，按月按措施的金额。"""
    from policy_match.workflows.report_payout import Span
    from policy_match.workflows.report_payout import report_payout as run

    given = settings()
    until = day_of(last, given, "--to")
    since = until.replace(month=1, day=1) if first is None else day_of(first, given, "--from")
    run(archive_of(given), library, Span(since, until), given.instant(), form=format, out=place_of(out))


@report_app.command("month")
def report_month(
    month: Annotated[str, typer.Argument(metavar="月份", help="YYYY-MM")],
    close: Annotated[bool, typer.Option("--close", help="封存这个月；封存后不再改动")] = False,
    check: Annotated[bool, typer.Option("--check", help="封存前检查：谁没报、什么下降、什么悄悄变了")] = False,
    library: Library = "real",
    by: By = LEAD,
    format: Annotated[
        Optional[str], typer.Option("--format", help="table、json、html、xlsx、csv、docx，默认看扩展名")
    ] = None,
    out: Out = None,
) -> None:
    """月度调度：与上月之差、落地、投资开工、竣工投产、分档、灯、目标、更正；docx 是通报。"""
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.close_month import close_month
    from policy_match.workflows.report_month import check_month
    from policy_match.workflows.report_month import report_month as run

    if close and check:
        raise UsageError(Issue("OPTIONS", "--check 只检查，--close 才封存", "--close", "其中一个", "先检查，再封存"))
    given = settings()
    archive = archive_of(given)
    if check:
        for line in check_month(archive, library, month, given.instant()) or ["没有要问的"]:
            print(line)
        return
    if close:
        closed = close_month(archive, library, month, by=by, now=given.instant())
        print(f"{closed.month} 已封存：{closed.rows} 个项目，快照 {closed.content_hash}", file=sys.stderr)
    run(archive, library, month, form=format, out=place_of(out), now=given.instant())


@report_app.command("template")
def report_template(
    month: Annotated[str, typer.Argument(metavar="月份", help="YYYY-MM")],
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件夹")] = Path(),
    district: District = None,
    library: Library = "real",
) -> None:
    """给各辖市区发当月报表：已填好上月所知，下拉选择，编号锁定；填好后用 import DISTRICT 导入。"""
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.issue_template import issue_templates

    given, area = settings(), chosen_district(district)
    code = None if area is None else area.district
    for one in issue_templates(archive_of(given), library, month, out, district=code, now=given.instant()):
        print(f"{one.district}：{one.projects} 个项目，{one.path}")


def place_of(out: str | None) -> Path | None:
    """The file of `--out`; None for the screen."""
    return None if out in (None, "-") else Path(str(out))
