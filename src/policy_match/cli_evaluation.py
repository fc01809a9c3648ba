"""The commands of the evaluations: `policy-match report evaluate`, `report jobs`, and the steps of a run: `evaluation …`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policy_match.cli_care import by_of
from policy_match.cli_library import LEAD, By, Library, archive_of, view_of
from policy_match.cli_report import District, Form, place_of, report_app
from policy_match.command_options import AsOf, Out, day_of, settings
from policy_match.command_words import ChineseGroup, ChineseTyper

if TYPE_CHECKING:
    from policy_match.settings import Settings
    from policy_match.workflows.evaluate_stage import StageAsked
    from policy_match.workflows.evaluate_year import Asked
    from policy_match.workflows.write_entry import By as Asker

evaluation_app = ChineseTyper(
    cls=ChineseGroup,
    help="评价：送企业核对、申诉、定稿、表彰建议、人工改数。",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Run = Annotated[int, typer.Argument(metavar="编号", help="封存的评价的编号")]
Scheme = Annotated[Optional[str], typer.Option("--scheme", help="评价方案，如 input_output")]
Version = Annotated[Optional[int], typer.Option("--version", help="方案版本，默认最新")]
Freeze = Annotated[bool, typer.Option("--freeze", help="封存这次评价；封存后不再改动")]
Year = Annotated[Optional[int], typer.Argument(metavar="年度", help="YYYY")]


@report_app.command("evaluate")
def report_evaluate(
    year: Year = None,
    scheme: Scheme = None,
    version: Version = None,
    freeze: Freeze = False,
    run: Annotated[Optional[int], typer.Option("--run", help="看封存的哪一次")] = None,
    replay: Annotated[Optional[int], typer.Option("--replay", help="按封存的数重算哪一次，逐字节比对")] = None,
    stage: Annotated[Optional[str], typer.Option("--stage", help="阶段评价的一批：2025、2025H1、2025Q2")] = None,
    by_point: Annotated[Optional[str], typer.Option("--by-point", help="按哪个跟踪点分批，默认看方案")] = None,
    library: Library = "real",
    by: By = LEAD,
    as_of: AsOf = None,
    format: Form = None,
    out: Out = None,
) -> None:
    """投入产出评价、阶段评价：算出、封存、看封存的、重算比对。"""
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.evaluate_stage import StageAsked
    from policy_match.workflows.evaluate_year import Asked

    asked = [name for name, one in (("年度", year), ("--run", run), ("--replay", replay), ("--stage", stage)) if one]
    if len(asked) != 1:
        what = "年度、--run、--replay、--stage 要写且只写一种"
        raise UsageError(Issue("OPTIONS", what, "", "其中一种", "如 report evaluate 2025"))
    if freeze and as_of is not None:
        raise UsageError(Issue("OPTIONS", "封存的按今天所知", "--as-of", "不写", "去掉 --as-of 或 --freeze"))
    place = _Place(settings(), library, as_of, by if freeze else None, format, out)
    if replay is not None:
        sys.exit(_replay(place, replay))
    elif run is not None:
        _show(place, run)
    elif stage is not None:
        _stage(place, StageAsked(stage, scheme, version, by_point))
    elif year is not None:
        _year(place, Asked(year, scheme, version))


@report_app.command("jobs")
def report_jobs(
    library: Library = "real", as_of: AsOf = None, district: District = None, format: Form = None, out: Out = None
) -> None:
    """重大项目带动就业评估：计划和实际用工、兑现率、每亿元带动，该填未填；间接带动只是估算。"""
    from policy_match.workflows.assess_jobs import report_jobs as run
    from policy_match.workflows.choose_district import chosen_district

    given, area = settings(), chosen_district(district)
    run(archive_of(given), library, view_of(given, as_of), area=area, form=format, out=place_of(out))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a report is asked for and goes to; `freezes`: who freezes it, None: nobody."""

    given: Settings
    library: str
    as_of: str | None
    freezes: str | None
    form: str | None
    out: str | None

    @property
    def by(self) -> Asker:
        """Who freezes it."""
        return by_of(self.given, self.library, self.freezes or LEAD)


def _year(place: _Place, asked: Asked) -> None:
    from policy_match.workflows.evaluate_year import evaluate_year, freeze_year
    from policy_match.workflows.report_evaluation import whole_run, write_evaluation

    archive, given = archive_of(place.given), place.given
    if place.freezes is None:
        found = evaluate_year(archive, place.library, asked, given.instant(), day_of(place.as_of, given))
    else:
        found = freeze_year(archive, asked, place.by)
        print(f"已封存，编号 {found.number}，{found.content_hash}", file=sys.stderr)
    write_evaluation(whole_run(found), place.form, place_of(place.out))


def _stage(place: _Place, asked: StageAsked) -> None:
    from policy_match.workflows.evaluate_stage import evaluate_stage, freeze_stage
    from policy_match.workflows.report_stage import write_stage

    archive, given = archive_of(place.given), place.given
    if place.freezes is None:
        found = evaluate_stage(archive, place.library, asked, given.instant(), day_of(place.as_of, given))
    else:
        found = freeze_stage(archive, asked, place.by)
        print(f"已封存，编号 {found.number}，{found.content_hash}", file=sys.stderr)
    write_stage(archive, found, place.form, place_of(place.out))


def _show(place: _Place, run: int) -> None:
    from policy_match.schemes.words import Of
    from policy_match.workflows.evaluate_stage import read_stage
    from policy_match.workflows.evaluate_year import read_run
    from policy_match.workflows.replay_evaluation import kind_of
    from policy_match.workflows.report_evaluation import whole_run, write_evaluation
    from policy_match.workflows.report_stage import write_stage

    archive, out = archive_of(place.given), place_of(place.out)
    if kind_of(archive, place.library, run) is Of.COHORT:
        write_stage(archive, read_stage(archive, place.library, run), place.form, out)
    else:
        write_evaluation(whole_run(read_run(archive, place.library, run)), place.form, out)


def _replay(place: _Place, run: int) -> int:
    from policy_match.workflows.replay_evaluation import replay_run

    found = replay_run(archive_of(place.given), place.library, run)
    results, digest = ("一致" if same else "不一致" for same in (found.same_results, found.same_hash))
    print(f"评价 {run}：按封存的数重算，结果逐字节{results}；散列{digest}")
    return 0 if found.holds else 3


@evaluation_app.command("send")
def send(run: Run, library: Library = "real", by: By = LEAD) -> None:
    """送企业核对，给出核对的最后一天。"""
    from policy_match.workflows.step_evaluation import send_check

    given = settings()
    print(f"已送企业核对，到 {send_check(archive_of(given), run, by_of(given, library, by))} 为止")


@evaluation_app.command("appeal")
def appeal(
    run: Run,
    code: Annotated[str, typer.Argument(metavar="项目", help="库内编号或项目代码")],
    text: Annotated[str, typer.Option("--text", help="申诉内容")],
    by: Annotated[str, typer.Option("--by", help="企业的经办人编号")],
    library: Library = "real",
) -> None:
    """企业在核对期内申诉。"""
    from policy_match.workflows.step_evaluation import appeal as run_it

    given = settings()
    print(f"申诉 {run_it(archive_of(given), run, code, text, by_of(given, library, by))} 已登记")


@evaluation_app.command("decide")
def decide(
    run: Run,
    number: Annotated[int, typer.Argument(metavar="申诉", help="申诉的编号")],
    outcome: Annotated[str, typer.Option("--outcome", help="维持、改正")],
    reason: Annotated[str, typer.Option("--reason", help="理由")],
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """处理一条申诉；结论是改正的，另做一次评价。"""
    from policy_match.workflows.step_evaluation import decide_appeal

    given = settings()
    decide_appeal(archive_of(given), run, (number, outcome, reason), by_of(given, library, by))
    print(f"申诉 {number}：{outcome}")


@evaluation_app.command("finish")
def finish(run: Run, library: Library = "real", by: By = LEAD) -> None:
    """核对期过了、申诉都处理了，定稿。"""
    from policy_match.workflows.step_evaluation import finish as run_it

    given = settings()
    run_it(archive_of(given), run, by_of(given, library, by))
    print(f"评价 {run} 已定稿")


@evaluation_app.command("award")
def award(run: Run, library: Library = "real", by: By = LEAD) -> None:
    """提出表彰建议；要另一个人批准。"""
    from policy_match.workflows.step_evaluation import propose_award

    given = settings()
    codes = propose_award(archive_of(given), run, by_of(given, library, by))
    print(f"建议表彰 {len(codes)} 个：{'、'.join(codes) or '无'}；待另一个人批准")


@evaluation_app.command("sign")
def sign(run: Run, by: Annotated[str, typer.Option("--by", help="批准人编号")], library: Library = "real") -> None:
    """批准表彰建议，与提出的不是同一个人。"""
    from policy_match.workflows.step_evaluation import sign_award

    given = settings()
    sign_award(archive_of(given), run, by_of(given, library, by))
    print(f"评价 {run} 的表彰建议已批准")


@evaluation_app.command("figure")
def figure(
    project: Annotated[str, typer.Argument(metavar="项目", help="库内编号或项目代码")],
    name: Annotated[str, typer.Argument(metavar="取数", help="方案里的取数，如 实缴税收")],
    value: Annotated[str, typer.Argument(metavar="数", help="带单位，如 3000万元")],
    year: Annotated[int, typer.Option("--year", help="评价年度")],
    reason: Annotated[str, typer.Option("--reason", help="为什么不用采集的数")],
    scheme: Scheme = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """人工改一个取数；另一个人确认后才算。"""
    from policy_match.workflows.override_input import NewFigure, propose_figure

    given = settings()
    asked = NewFigure(project, name, year, value, reason, scheme)
    print(f"人工改数 {propose_figure(archive_of(given), asked, by_of(given, library, by))} 已提出，待另一个人确认")


@evaluation_app.command("confirm")
def confirm(
    number: Annotated[int, typer.Argument(metavar="编号", help="人工改数的编号")],
    by: Annotated[str, typer.Option("--by", help="确认人编号")],
    library: Library = "real",
) -> None:
    """确认人工改数，与提出的不是同一个人。"""
    from policy_match.workflows.override_input import confirm_figure

    given = settings()
    confirm_figure(archive_of(given), number, by_of(given, library, by))
    print(f"人工改数 {number} 已确认，以后的评价用它")
