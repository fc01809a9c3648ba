"""A stage evaluation as a report: a row per group, a column per index, with what each was counted of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.schemes.cohorts import CohortLine, Group
from policy_match.schemes.figures import CITY
from policy_match.schemes.scheme import Index
from policy_match.schemes.wording import rounded, two
from policy_match.schemes.words import Verb
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.evaluate_stage import StageEvaluated
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive

AXES = {CITY: "合计", "district": "辖市区", "track": "赛道", "channel": "招引渠道"}


def write_stage(archive: Archive, found: StageEvaluated, form: str | None, out: Path | None) -> None:
    """Write it; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(stage_report(archive, found, found.groups), form, out)


def stage_report(archive: Archive, found: StageEvaluated, groups: Sequence[Group]) -> Report:
    """The report of those groups that may be seen."""
    point = archive.table.name(found.by)
    indices = tuple(f"{index.name}（{index.unit.name}）" for index in found.scheme.indices)
    members = tuple(
        (one.code, one.name, district_name(one.district), str(one.points[found.by])) for one in found.members
        if any(one.code in group.projects for group in groups)
    )  # fmt: skip
    run = "未封存，只供查看" if found.number is None else f"{found.number}，{found.content_hash}"
    return Report(
        id="stage",
        title=f"{found.period} {point}项目{found.scheme.name}",
        as_of=found.as_of,
        grids=(
            Grid("各组", ("分组", "名称", "项目数", "得分", *indices), tuple(_cells(group, found) for group in groups)),
            Grid("项目", ("编号", "项目", "辖市区", f"{point}日期"), members),
        ),
        content={
            "library": found.library, "period": found.period, "by": found.by, "run": found.number,
            "hash": found.content_hash,
            "scheme": {"id": found.scheme.id, "version": found.scheme.version, "name": found.scheme.name},
            "groups": [_plain(group) for group in groups],
        },
        notes=(
            ("项目库", shown_library(found.library)),
            ("方案", f"{found.scheme.name}第{found.scheme.version}版"),
            ("编号", run),
            ("说明", "转化率的分母是到过前一点的项目；兑现率只算两个数都有的项目；有一项加权指标算不出就不计分"),
        ),
    )  # fmt: skip


def group_label(group: Group) -> str:
    """The name of a group."""
    if group.axis == CITY:
        return "全市"
    if group.axis == "district":
        return district_name(group.name)
    return group.name or "未知"


def _cells(group: Group, found: StageEvaluated) -> tuple[str, ...]:
    lines = (line_text(line, index) for line, index in zip(group.lines, found.scheme.indices, strict=True))
    score = NONE if group.score is None else two(group.score)
    return (AXES[group.axis], group_label(group), str(len(group.projects)), score, *lines)


def line_text(line: CohortLine, index: Index) -> str:
    """The value with what it was counted of: 0.50（2/4）; — where there is nothing to count."""
    of = f"{line.part}/{line.whole}"
    if line.value is None:
        return NONE if index.formula.verb is Verb.CONVERSION else f"{NONE}（{of}）"
    return f"{rounded(line.value, index.unit.places)}（{of}）"


def _plain(group: Group) -> Plain:
    return {
        "axis": group.axis, "name": group.name, "projects": [*group.projects],
        "score": None if group.score is None else two(group.score),
        "lines": [
            {
                "index": line.index, "name": line.name, "unit": line.unit,
                "value": None if line.value is None else str(line.value), "part": line.part, "whole": line.whole,
            }
            for line in group.lines
        ],
    }  # fmt: skip
