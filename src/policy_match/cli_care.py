"""The commands of the daily care of projects: visits, tickets, needs, steps, quota, tours, liaisons. Each is a thin door.

`--by` says who acts; who may do what is data (`may` in rules/lifecycle.yaml).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policy_match.cli_library import (
    LEAD,
    By,
    Code,
    Form,
    KnownAt,
    Library,
    On,
    Shown,
    archive_of,
    evidence_of,
    instant_of,
    view_of,
)
from policy_match.cli_report import place_of, report_app
from policy_match.command_options import AsOf, Out, day_of, listed, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from policy_match.settings import Settings
    from policy_match.workflows import write_entry
    from policy_match.workflows.move_ticket import Agreed


def _group(text: str) -> ChineseTyper:
    return ChineseTyper(cls=ChineseGroup, help=text, no_args_is_help=True, rich_markup_mode=None)


visit_app = _group("周走访：登记、覆盖率。")
ticket_app = _group("问题单：登记、办理、列出。")
need_app = _group("要素需求：土地 用林 资金 人才 用工 电力 排污 能耗。")
handover_app = _group("交接：接收换了牵头单位的项目。")
light_app = _group("灯：说明红灯的正当理由。")
milestone_app = _group("里程碑：计划、受理、办结。")
update_app = _group("进展更新。")
quota_app = _group("指标：用地计划核销、分级保障、环境容量。")
tour_app = _group("季观摩：登记、列出。")
liaison_app = _group("联络员：指定、核对。")
org_app = _group("组织：缺口。")

CARE = {
    "visit": visit_app, "ticket": ticket_app, "need": need_app, "handover": handover_app, "light": light_app,
    "milestone": milestone_app, "update": update_app, "quota": quota_app, "tour": tour_app, "liaison": liaison_app,
    "org": org_app,
}  # fmt: skip

Text = Annotated[str, typer.Option("--text", help="内容")]
Note = Annotated[str, typer.Option("--note", help="说明或原因")]
Units = Annotated[Optional[str], typer.Option("--units", help="单位，逗号分隔")]
Leading = Annotated[Optional[str], typer.Option("--lead", help="主办单位，默认按问题类别或当前阶段")]
Doc = Annotated[str, typer.Option("--doc", help="文号")]
Year = Annotated[Optional[int], typer.Option("--year", min=2000, max=2100, help="年度，默认今年")]
Area = Annotated[str, typer.Argument(metavar="面积", help="如 60亩、40000㎡")]
Reverses = Annotated[Optional[str], typer.Option("--reverses", help="冲销的，写原分录编号")]
Week = Annotated[Optional[str], typer.Option("--week", help="ISO 周，如 2025-W01，默认本周")]


def by_of(given: Settings, library: str, by: str) -> write_entry.By:
    """Who asks, now, of a library."""
    from policy_match.workflows.write_entry import By as Asked

    return Asked(library, by, given.instant())


def _day(written: str | None, given: Settings) -> date | None:
    return None if written is None else day_of(written, given)


@visit_app.command("add")
def visit_add(
    code: Code,
    on: On = None,
    visitor: Annotated[Optional[list[str]], typer.Option("--visitor", help="走访人员，可多次")] = None,
    text: Annotated[str, typer.Option("--text", help="发现的情况")] = "",
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记一次走访；过了补录时限的照收，标为迟录。"""
    from policy_match.workflows.add_visit import NewVisit, add_visit

    given = settings()
    asked = NewVisit(code, day_of(on, given), tuple(visitor or ()), text)
    done = add_visit(archive_of(given), asked, by_of(given, library, by))
    print(f"已登记，计入 {done.week}" + ("；已过补录时限，记为迟录" if done.is_late else ""))


@visit_app.command("coverage")
def visit_coverage(week: Week = None, library: Library = "real", format: Form = "table") -> None:
    """一周的走访覆盖：应访、已访、迟录、缺访，按辖市区。"""
    from policy_match.lifecycle.visits import Week as IsoWeek
    from policy_match.workflows.cover_visits import print_coverage, read_week

    given = settings()
    asked = IsoWeek.of(given.today()) if week is None else read_week(week)
    print_coverage(archive_of(given), library, asked, given.instant(), form=format)


@ticket_app.command("open")
def ticket_open(
    code: Code,
    cause: Annotated[str, typer.Option("--cause", help="问题类别")],
    text: Text,
    kind: Annotated[Optional[str], typer.Option("--kind", help="ON_SITE 现场办、CONSULT 会商办；不写的待分办")] = None,
    severity: Annotated[str, typer.Option("--severity", help="紧急程度")] = "",
    lead: Leading = None,
    units: Units = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记一张问题单，给出编号。"""
    from policy_match.workflows.open_ticket import NewTicket, open_ticket

    given = settings()
    asked = NewTicket(code, cause, text, kind, severity, lead, listed(units) or ())
    opened = open_ticket(archive_of(given), asked, by_of(given, library, by))
    print(f"{opened.number} 主办 {opened.lead}")


@ticket_app.command("move")
def ticket_move(
    number: Annotated[str, typer.Argument(metavar="编号", help="如 T-2025-00001")],
    move: Annotated[
        str,
        typer.Argument(
            metavar="步骤", help="triage 分办 start wait go_on escalate resolve confirm close reopen reject"
        ),
    ],
    kind: Annotated[Optional[str], typer.Option("--kind", help="分办：ON_SITE 现场办、CONSULT 会商办")] = None,
    note: Note = "",
    lead: Leading = None,
    units: Units = None,
    minutes: Annotated[Optional[str], typer.Option("--minutes", help="会议纪要文号，参加单位写在 --units")] = None,
    action: Annotated[
        Optional[list[str]], typer.Option("--action", help="纪要事项：单位|做什么|完成日期，可多次")
    ] = None,
    evidence: Shown = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """办理问题单的一步。"""
    from policy_match.workflows.move_ticket import Move, move_ticket, read_move

    given = settings()
    shown = tuple(f"{piece.kind} {piece.id}" for piece in evidence_of(evidence))
    actions = tuple(_agreed(one, given) for one in action or ())
    asked = Move(number, read_move(move), kind, note, lead, listed(units) or (), minutes, actions, shown)
    moved = move_ticket(archive_of(given), asked, by_of(given, library, by))
    due = f"，期限 {moved.ticket.due_on}" if moved.ticket.due_on else ""
    print(f"{number} {moved.state}{due}")


def _agreed(written: str, given: Settings) -> Agreed:
    """`unit|what|day`; the day may be left out and is refused where it must be there."""
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.move_ticket import Agreed

    parts = [part.strip() for part in written.replace("｜", "|").split("|")]
    if len(parts) not in (2, 3) or not all(parts[:2]):
        hint = "如 国网常州供电公司|确定接入方案|2025-05-20"
        raise UsageError(Issue("ACTION", f"“{written[:40]}”不是纪要事项", "--action", "单位|做什么|完成日期", hint))
    return Agreed(parts[0], parts[1], day_of(parts[2], given) if len(parts) == 3 and parts[2] else None)


@ticket_app.command("list")
def ticket_list(
    project: Annotated[Optional[str], typer.Option("--project", help="只列一个项目的")] = None,
    every: Annotated[bool, typer.Option("--all", help="已办结和退回的也列")] = False,
    library: Library = "real",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format: Form = "table",
) -> None:
    """列出问题单：超期的在前，再按期限。"""
    from policy_match.workflows.list_tickets import print_tickets

    given = settings()
    view = view_of(given, as_of, known_at)
    print_tickets(archive_of(given), library, view, project=project, every=every, form=format)


@need_app.command("add")
def need_add(
    code: Code,
    element: Annotated[str, typer.Argument(metavar="要素", help="土地 用林 资金 人才 用工 电力 排污 能耗")],
    text: Text,
    amount: Annotated[Optional[str], typer.Option("--amount", help="数量和单位，如 60亩、2000万元、8000千伏安")] = None,
    by_date: Annotated[Optional[str], typer.Option("--by-date", help="什么时候要（YYYY-MM-DD）")] = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记一项要素需求：成为负责单位的问题单。"""
    from policy_match.workflows.add_need import NewNeed, add_need

    given = settings()
    asked = NewNeed(code, element, text, amount, _day(by_date, given))
    opened = add_need(archive_of(given), asked, by_of(given, library, by))
    print(f"{opened.number} 主办 {opened.lead}")


@handover_app.command("accept")
def handover_accept(
    code: Code,
    point: Annotated[str, typer.Argument(metavar="跟踪点", help="换牵头单位的跟踪点，如 立项")],
    by: Annotated[str, typer.Option("--by", help="接收的牵头单位经办人编号")],
    library: Library = "real",
) -> None:
    """接收一个项目；由新的牵头单位办。"""
    from policy_match.workflows.accept_handover import accept_handover

    given = settings()
    taken = accept_handover(archive_of(given), code, point, by_of(given, library, by))
    tickets = f"，连同未结问题单 {'、'.join(taken.open_tickets)}" if taken.open_tickets else ""
    print(f"已接收{tickets}")


@light_app.command("excuse")
def light_excuse(
    code: Code,
    light: Annotated[str, typer.Argument(metavar="灯", help="名称或编号，如 签约至立项")],
    until: Annotated[str, typer.Option("--until", help="说明到哪一天为止")],
    reason: Annotated[str, typer.Option("--reason", help="正当理由")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """说明红灯的正当理由；灯仍是红灯，注明已说明，到期后恢复。"""
    from policy_match.workflows.excuse_light import NewExcuse, excuse_light

    given = settings()
    asked = NewExcuse(code, light, day_of(until, given), reason)
    excuse = excuse_light(archive_of(given), asked, by_of(given, library, by))
    print(f"已说明，至 {excuse.until}")


@milestone_app.command("set")
def milestone_set(
    code: Code,
    kind: Annotated[str, typer.Argument(metavar="里程碑", help="名称或编号，如 环评批复")],
    status: Annotated[Optional[str], typer.Option("--status", help="准备 受理 补正 办结 不适用 退回")] = None,
    planned: Annotated[Optional[str], typer.Option("--planned", help="计划日期")] = None,
    applied: Annotated[Optional[str], typer.Option("--applied", help="受理日期")] = None,
    actual: Annotated[Optional[str], typer.Option("--actual", help="办结日期")] = None,
    evidence: Shown = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记里程碑：没写的保持不变。跟踪点在这里只登记计划日期。"""
    from policy_match.workflows.set_milestone import Step, set_milestone

    given = settings()
    shown = tuple(f"{piece.kind} {piece.id}" for piece in evidence_of(evidence))
    asked = Step(code, kind, status, _day(planned, given), _day(applied, given), _day(actual, given), shown)
    step = set_milestone(archive_of(given), asked, by_of(given, library, by))
    print(
        f"{step.status.value}，计划 {step.planned_on or '—'}，受理 {step.applied_on or '—'}，办结 {step.actual_on or '—'}"
    )


@update_app.command("add")
def update_add(code: Code, text: Text, on: On = None, library: Library = "real", by: By = LEAD) -> None:
    """登记一次进展更新。"""
    from policy_match.workflows.add_update import add_update

    given = settings()
    mark = add_update(archive_of(given), code, text, day_of(on, given), by_of(given, library, by))
    print(f"已登记 {mark.on} 的进展")


@quota_app.command("land")
def quota_land(
    code: Code,
    kind: Annotated[str, typer.Argument(metavar="种类", help="需求认定 计划保障 批准 核销 冲销")],
    area: Area,
    doc: Doc = "",
    year: Year = None,
    reverses: Reverses = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """用地计划“免申即享”核销：只用于省重大项目，逐步登记，只能冲销。"""
    from policy_match.workflows.enter_quota import LandStep, enter_land_quota

    given = settings()
    asked = LandStep(code, kind, area, year or given.today().year, doc, reverses)
    print(f"已登记，分录 {enter_land_quota(archive_of(given), asked, by_of(given, library, by)).id}")


@quota_app.command("land-balance")
def quota_land_balance(
    year: Year = None, library: Library = "real", known_at: KnownAt = None, format: Form = "table"
) -> None:
    """用地计划核销台账：各步合计、余额、分录。"""
    from policy_match.workflows.list_quotas import print_land

    given = settings()
    print_land(archive_of(given), library, year or given.today().year, known_at=instant_of(known_at), form=format)


@quota_app.command("pool")
def quota_pool(
    region: Annotated[str, typer.Argument(metavar="地区", help="辖市区，或常州市（市级指标池）")],
    area: Area,
    doc: Doc = "",
    year: Year = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """给辖市区或市级的用地指标池补充指标。"""
    from policy_match.workflows.allocate_land import Supply, supply_pool

    given = settings()
    asked = Supply(region, area, year or given.today().year, doc)
    print(f"已登记，分录 {supply_pool(archive_of(given), asked, by_of(given, library, by)).id}")


@quota_app.command("allocate")
def quota_allocate(
    code: Code,
    area: Area,
    year: Year = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """市、区重大项目分级保障：写全部需求，先用辖市区指标，再用市级，不足的记下原因。"""
    from policy_match.units import format_land
    from policy_match.workflows.allocate_land import LandNeed, allocate_land

    given = settings()
    asked = LandNeed(code, area, year or given.today().year)
    got = allocate_land(archive_of(given), asked, by_of(given, library, by))
    parts = (("辖市区", got.district_m2), ("市级", got.city_m2), ("未保障", got.unmet_m2))
    print("，".join(f"{name} {format_land(part)}" for name, part in parts))


@quota_app.command("undo")
def quota_undo(
    entry: Annotated[str, typer.Argument(metavar="分录", help="指标池分录编号，见 quota pools")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """冲销指标池的一条补充、需求或分配。"""
    from policy_match.workflows.allocate_land import undo_pool_entry

    given = settings()
    print(f"已冲销，分录 {undo_pool_entry(archive_of(given), entry, by_of(given, library, by)).id}")


@quota_app.command("pools")
def quota_pools(year: Year = None, library: Library = "real", known_at: KnownAt = None, format: Form = "table") -> None:
    """各指标池的余量和分录。"""
    from policy_match.workflows.list_quotas import print_pools

    given = settings()
    print_pools(archive_of(given), library, year or given.today().year, known_at=instant_of(known_at), form=format)


@quota_app.command("needs")
def quota_needs(year: Year = None, library: Library = "real", known_at: KnownAt = None, format: Form = "table") -> None:
    """市、区重大项目的用地需求：给了多少、缺多少、为什么。"""
    from policy_match.workflows.list_quotas import print_needs

    given = settings()
    print_needs(archive_of(given), library, year or given.today().year, known_at=instant_of(known_at), form=format)


@quota_app.command("environment")
def quota_environment(
    pollutant: Annotated[str, typer.Argument(metavar="污染物", help="如 化学需氧量")],
    kind: Annotated[str, typer.Argument(metavar="种类", help="总量 申请 分配 释放 冲销")],
    amount: Annotated[str, typer.Argument(metavar="数量", help="吨/年，如 12.5")],
    project: Annotated[Optional[str], typer.Option("--project", help="项目；总量不写")] = None,
    doc: Doc = "",
    reverses: Reverses = None,
    library: Library = "real",
    by: By = "ecology",
) -> None:
    """环境容量指标：总量、申请、分配、释放；不够分的不受理。"""
    from policy_match.workflows.enter_quota import EnvironmentStep, enter_environment_quota

    given = settings()
    asked = EnvironmentStep(pollutant, kind, amount, project, doc, reverses)
    print(f"已登记，分录 {enter_environment_quota(archive_of(given), asked, by_of(given, library, by)).id}")


@quota_app.command("environment-balance")
def quota_environment_balance(library: Library = "real", known_at: KnownAt = None, format: Form = "table") -> None:
    """环境容量台账：总量、申请、分配、释放、余量。"""
    from policy_match.workflows.list_quotas import print_environment

    print_environment(archive_of(settings()), library, known_at=instant_of(known_at), form=format)


@tour_app.command("add")
def tour_add(
    route: Annotated[str, typer.Option("--route", help="路线")],
    project: Annotated[list[str], typer.Option("--project", help="观摩的项目，按路线次序，可多次")],
    on: On = None,
    score: Annotated[Optional[list[str]], typer.Option("--score", help="单位=得分，可多次；只作记录，不进匹配")] = None,
    note: Note = "",
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记一次季观摩。"""
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.add_tour import NewTour, add_tour

    given = settings()
    pairs = [one.partition("=") for one in score or ()]
    if any(not (unit.strip() and mark and points.strip()) for unit, mark, points in pairs):
        raise UsageError(Issue("SCORE", "得分没有写全", "--score", "单位=得分", "如 武进区=92"))
    scores = tuple((unit.strip(), points.strip()) for unit, _, points in pairs)
    asked = NewTour(day_of(on, given), route, tuple(project), scores, note)
    tour = add_tour(archive_of(given), asked, by_of(given, library, by))
    print(f"已登记 {tour.on} 的观摩，{len(tour.projects)} 个项目")


@tour_app.command("list")
def tour_list(year: Year = None, library: Library = "real", as_of: AsOf = None, format: Form = "table") -> None:
    """一年各季度的观摩；没有观摩的季度列出提示。"""
    from policy_match.workflows.list_tours import print_tours

    given = settings()
    day = day_of(as_of, given)
    print_tours(archive_of(given), library, year or day.year, day, form=format)


@liaison_app.command("set")
def liaison_set(
    unit: Annotated[str, typer.Argument(metavar="单位", help="组织名录中的名称")],
    name: Annotated[str, typer.Argument(metavar="姓名", help="联络员姓名，只登记工作信息")],
    secondary: Annotated[bool, typer.Option("--secondary", help="不是主联络员")] = False,
    since: Annotated[Optional[str], typer.Option("--since", help="自哪天起，默认今天")] = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """指定单位的联络员；主联络员只有一名，原来的自同一天起卸任。"""
    from policy_match.workflows.name_liaison import Liaison, name_liaison

    given = settings()
    asked = Liaison(unit, name, day_of(since, given), not secondary)
    print(f"已登记 {name_liaison(archive_of(given), asked, by_of(given, library, by))} 的联络员")


@liaison_app.command("check")
def liaison_check(
    unit: Annotated[str, typer.Argument(metavar="单位", help="组织名录中的名称")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """单位的联络员今天核对过，没有变动。"""
    from policy_match.workflows.name_liaison import check_liaison

    given = settings()
    print(f"已核对 {check_liaison(archive_of(given), unit, by_of(given, library, by))} 名")


@org_app.command("gaps")
def org_gaps(library: Library = "real", as_of: AsOf = None, known_at: KnownAt = None, format: Form = "table") -> None:
    """组织缺口：没有联络员、联络员久未核对、帮办空缺。"""
    from policy_match.workflows.list_gaps import print_gaps

    given = settings()
    print_gaps(archive_of(given), library, view_of(given, as_of, known_at), form=format)


@report_app.command("due")
def report_due(
    unit: Annotated[Optional[str], typer.Option("--unit", help="只看一家：角色编号或名称，如 power")] = None,
    library: Library = "real",
    as_of: AsOf = None,
    format: Annotated[Optional[str], typer.Option("--format", help="table、json、csv、xlsx，默认看扩展名")] = None,
    out: Out = None,
) -> None:
    """各单位 30 天内到期和已逾期的里程碑：提前服务的清单。"""
    from policy_match.workflows.list_due_steps import print_due_steps

    given = settings()
    print_due_steps(archive_of(given), library, view_of(given, as_of), role=unit, form=format, out=place_of(out))
