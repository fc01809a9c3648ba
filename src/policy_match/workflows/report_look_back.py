"""The report of a look-back (`report lookback`): the sample, what differs, each district, the effect on closed months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from policy_match.dispatch.look_back import Proposal
from policy_match.dispatch.snapshot import Restatement
from policy_match.exchange.reports import FORMS, NONE, Plain, Report, percent, write_report
from policy_match.exchange.tables import Grid
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.preview_corrections import preview_corrections
from policy_match.workflows.read_look_back import Drawn, LookBackShown, read_look_back

TITLE = "回头看"
NOT_YET = "未核查"
_SAMPLE = ("辖市区", "编号", "项目", "跟踪点", "记录日期", "佐证", "缺的佐证", "其他来源所说", "核查结果")
_DIFFERENCES = (
    "辖市区", "编号", "项目", "跟踪点", "记录日期", "核查结果", "查实日期", "走访日期", "查到的情况", "见到的佐证", "核查人", "问题单", "提请更正",
)  # fmt: skip
_EFFECTS = ("月份", "指标", "现在", "更正后", "差", "项目")


def report_look_back(
    archive: Archive, library: str, number: int | None, now: datetime, *, area: Area | None, form: str | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Write it; NotFound where there is none, UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(look_back_report(archive, library, number, now, area), form, out)


def look_back_report(archive: Archive, library: str, number: int | None, now: datetime, area: Area | None) -> Report:
    """One look-back as it stands, the newest without a number; NotFound LOOK_BACK_UNKNOWN, LOOK_BACK_NONE."""
    shown = read_look_back(archive, library, number, now, area)
    return report_of(shown, preview_corrections(archive, library, shown.drawn, now), library, area)


def report_of(shown: LookBackShown, effects: Sequence[Restatement], library: str, area: Area | None) -> Report:
    """The same of a look-back that was read, with the effect of the corrections that wait."""
    differing = [one for one in shown.drawn if one.differs]
    return Report(
        id="lookback",
        title=TITLE,
        as_of=shown.as_of,
        grids=(
            Grid("抽样", _SAMPLE, tuple(map(_sample_cells, shown.drawn))),
            Grid("差异清单", _DIFFERENCES, tuple(map(_difference_cells, differing))),
            Grid("各辖市区", ("辖市区", "抽查", "已核查", "不符"), tuple(_district_rows(shown.drawn))),
            Grid("更正对已封存月报的影响", _EFFECTS, tuple(map(_effect_cells, effects))),
        ),
        content={
            "library": library,
            "district": None if area is None else area.district,
            "number": shown.number,
            "seed": shown.seed,
            "share": float(shown.share),
            "at_least": shown.at_least,
            "drawn": [_drawn_plain(one) for one in shown.drawn],
            "differences": [_found_plain(one) for one in differing],
            "effects": [_effect_plain(one) for one in effects],
        },
        notes=(
            ("项目库", shown_library(library)),
            ("范围", f"{scope_name(area)}，第 {shown.number} 号，{shown.by} {local_minute(shown.drawn_at)} 抽"),
            ("抽法", rule_text(shown)),
            ("说明", "回头看不改任何记录；更正由另一人确认后才办"),
        ),
    )


def rule_text(shown: LookBackShown) -> str:
    """By what the sample was drawn."""
    return f"随机种子 {shown.seed}，各辖市区抽 {percent(shown.share)}，不少于 {shown.at_least} 条，不够的全抽"


def result_text(one: Drawn) -> str:
    """What was found, or that nobody looked yet."""
    return NOT_YET if one.found is None else one.found.result.name


def proposal_text(one: Drawn) -> str:
    """The correction that is asked for, and whether it was made; empty where none is."""
    found = one.found
    if found is None or found.proposal is None:
        return ""
    what = "撤销这条记录" if found.proposal is Proposal.WITHDRAW else f"改为 {found.true_on}"
    return f"{what}（{'已更正' if found.is_corrected else '待另一人确认'}）"


def districts_of(drawn: Sequence[Drawn]) -> list[tuple[str | None, int, int, int]]:
    """Per district of the sample: drawn, looked at, found to differ."""
    every, seen, differing = (
        Counter(one.district for one in drawn if is_counted(one))
        for is_counted in (lambda _: True, lambda one: one.found is not None, lambda one: one.differs)
    )
    return [(one, every[one], seen[one], differing[one]) for one in every]


def _sample_cells(one: Drawn) -> tuple[str, ...]:
    return (
        district_name(one.district), one.project, one.name, one.point_name, one.on.isoformat(),
        "；".join(one.evidence) or NONE, "；".join(one.lacking) or NONE, "；".join(one.others) or NONE, result_text(one),
    )  # fmt: skip


def _difference_cells(one: Drawn) -> tuple[str, ...]:
    found = one.found
    told = () if found is None else (
        str(found.true_on or NONE), str(found.visited_on or NONE), found.note, "；".join(found.evidence) or NONE, found.by,
        found.ticket or NONE,
    )  # fmt: skip
    return (
        district_name(one.district), one.project, one.name, one.point_name, one.on.isoformat(), result_text(one), *told,
        proposal_text(one) or NONE,
    )  # fmt: skip


def _district_rows(drawn: Sequence[Drawn]) -> list[tuple[str, ...]]:
    return [(district_name(name), *map(str, counts)) for name, *counts in districts_of(drawn)]


def _effect_cells(one: Restatement) -> tuple[str, ...]:
    return (one.month, one.figure, one.was, one.now, one.difference, "、".join(one.projects))


def _drawn_plain(one: Drawn) -> Plain:
    return {
        "district": one.district, "project": one.project, "name": one.name, "point": one.point, "event": one.event,
        "on": one.on, "evidence": [*one.evidence], "lacking": [*one.lacking], "others": [*one.others],
        "result": None if one.found is None else one.found.result.id,
    }  # fmt: skip


def _found_plain(one: Drawn) -> Plain:
    found = one.found
    return None if found is None else {
        "district": one.district, "project": one.project, "point": one.point, "event": one.event, "on": one.on,
        "result": found.result.id, "true_on": found.true_on, "visited_on": found.visited_on, "note": found.note,
        "evidence": [*found.evidence], "by": found.by, "at": found.at.isoformat(), "ticket": found.ticket,
        "proposal": found.proposal, "corrected": found.is_corrected,
    }  # fmt: skip


def _effect_plain(one: Restatement) -> Plain:
    return {
        "month": one.month, "figure": one.figure, "was": one.was, "now": one.now, "difference": one.difference,
        "projects": [*one.projects],
    }  # fmt: skip
