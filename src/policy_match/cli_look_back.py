"""The commands of the look-back: draw or show a sample (`report lookback`), record what was found (`project recheck`)."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from policy_match.cli_library import LEAD, By, Code, Library, Shown, archive_of, evidence_of
from policy_match.cli_report import District, Form, place_of
from policy_match.command_options import AsOf, Out, day_of, settings

Number = Annotated[Optional[int], typer.Option("--number", min=1, help="第几号回头看，默认最近一次")]


def report_lookback(
    number: Number = None,
    seed: Annotated[Optional[int], typer.Option("--seed", help="按这个随机种子抽样；同一天同一种子只抽一次")] = None,
    as_of: AsOf = None,
    district: District = None,
    library: Library = "real",
    by: By = LEAD,
    format: Form = None,
    out: Out = None,
) -> None:
    """回头看：抽样（写 --seed），或看抽到的结论、佐证、差异清单、更正对已封存月报的影响。"""
    from policy_match.errors import Issue, UsageError
    from policy_match.workflows.choose_district import chosen_district
    from policy_match.workflows.draw_look_back import draw_look_back
    from policy_match.workflows.report_look_back import report_look_back
    from policy_match.workflows.write_entry import By as Asked

    given, area = settings(), chosen_district(district)
    if (seed is None and as_of is not None) or (seed is not None and number is not None):
        raise UsageError(
            Issue("OPTIONS", "--as-of 只和 --seed 一起写，--number 不和它一起写", "--seed", "抽样或看一次")
        )
    archive = archive_of(given)
    if seed is not None:
        number = draw_look_back(archive, seed, day_of(as_of, given), Asked(library, by, given.instant()))
    report_look_back(archive, library, number, given.instant(), area=area, form=format, out=place_of(out))


def project_recheck(
    code: Code,
    point: Annotated[str, typer.Argument(metavar="跟踪点", help="抽到的跟踪点")],
    result: Annotated[str, typer.Option("--result", help="属实、日期不符、佐证不足、不属实")],
    visited_on: Annotated[str, typer.Option("--visited-on", help="走访日期（YYYY-MM-DD）")],
    true_on: Annotated[Optional[str], typer.Option("--true-on", help="日期不符的，查实的日期")] = None,
    note: Annotated[str, typer.Option("--note", help="查到的情况")] = "",
    evidence: Shown = None,
    number: Number = None,
    library: Library = "real",
    by: By = LEAD,
) -> None:
    """登记回头看的核查结果：不符的开问题单、提请更正，记录本身不改；更正由两人用 project correct 办。"""
    from policy_match.workflows.record_finding import NewFinding, record_finding
    from policy_match.workflows.write_entry import By as Asked

    given = settings()
    found = None if true_on is None else day_of(true_on, given, "--true-on")
    visited = day_of(visited_on, given, "--visited-on")
    asked = NewFinding(code, point, result, visited, found, note, evidence_of(evidence), number)
    noted = record_finding(archive_of(given), asked, Asked(library, by, given.instant()))
    opened = "" if noted.ticket is None else f"，问题单 {noted.ticket}"
    proposed = "" if noted.proposal is None else "，已提请更正，待另一人确认"
    print(f"第 {noted.look_back} 号回头看：{noted.result}{opened}{proposed}")
