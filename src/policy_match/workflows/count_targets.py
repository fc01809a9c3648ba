"""The board of the yearly targets, and of the measures by mode (`report targets`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from policy_match.eligibility.modes import MODES, ModeCount, count_modes_by_year
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.reports import FORMS, Plain, Report, share_text, write_report
from policy_match.exchange.tables import Grid
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.targets import Candidate, Target, land_target, service_target
from policy_match.units import format_count
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.show_measure import MODE_NAMES

LAND, SERVICE = "拿地即开工", "提前服务"
YEARS = 3
"""Years shown of the measures by mode; earlier ones say more about the corpus than about the city."""
NOT_KNOWN = "未知"


def report_targets(
    archive: Archive,
    rulebook: Rulebook,
    library: str,
    view: View,
    *,
    area: Area | None,
    form: str | None,
    out: Path | None,
) -> None:
    """Write the board; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(targets_report(archive, rulebook, library, view, area), form, out)


def targets_report(archive: Archive, rulebook: Rulebook, library: str, view: View, area: Area | None) -> Report:
    """The board of a day. For one district its own projects are counted; goal and pace stay those of the city."""
    with archive.database.reading() as session:
        every = list_standings(session, archive, library, view)
    standings = {one.code: one for one in every if area is None or one.district == area.district}
    found = targets_of(standings.values(), archive, view.as_of)
    modes = count_modes_by_year(rulebook, view.as_of, YEARS)
    shown = [(name, target, standings) for name, target in found.items()]
    return Report(
        id="targets",
        title="年度目标",
        as_of=view.as_of,
        grids=(
            Grid("项目明细", ("目标", "编号", "项目", "辖市区", "计入", "说明", "佐证"), _rows(shown, archive.table)),
            Grid("进度", ("目标", "完成", "全年目标", "完成率", "序时", "未计入"), tuple(map(_figures, found.items()))),
            Grid("措施按兑现方式", _MODE_HEADER, tuple(map(_mode_cells, modes))),
        ),
        content={
            "library": library,
            "district": None if area is None else area.district,
            "land_start": _target_plain(LAND, found[LAND], standings, archive.table),
            "early_service": _target_plain(SERVICE, found[SERVICE], standings, archive.table),
            "modes": [_mode_plain(one) for one in modes],
        },
        notes=(("项目库", shown_library(library)), ("范围", f"{scope_name(area)}；全年目标和序时是全市的")),
    )


def targets_of(standings: Iterable[Standing], archive: Archive, as_of: date) -> dict[str, Target]:
    """Both targets by their names."""
    completed = archive.table.targets.completed
    candidates = [Candidate(one.code, one.major_level, one.milestones, one.reached.get(completed)) for one in standings]
    return {
        LAND: land_target(candidates, archive.table, as_of, archive.calendar),
        SERVICE: service_target(candidates, archive.table, as_of),
    }


_MODE_HEADER = (
    "截至",
    *(MODE_NAMES[mode] for mode in MODES),
    "施行中合计",
    "免申即享占比",
    "是否施行待定",
    "兑付天数中位数",
)


def evidence_of(one: Standing, kinds: Sequence[str], table: LifecycleTable) -> tuple[str, ...]:
    """The steps that a target reads, with day, source and evidence, in the order of the table."""
    steps = (step for step in one.milestones if step.kind in kinds and (step.actual_on or step.applied_on))
    return tuple(
        f"{table.name(step.kind)} {step.actual_on or f'{step.applied_on} 受理'}（{step.source or '来源未知'}）"
        + (f"：{'、'.join(step.evidence)}" if step.evidence else "，佐证待补")
        for step in steps
    )


def _kinds(name: str, table: LifecycleTable) -> tuple[str, ...]:
    rules = table.targets
    return (*rules.land_from, *rules.land_to) if name == LAND else (rules.service, rules.acceptance)


def _rows(
    shown: Iterable[tuple[str, Target, Mapping[str, Standing]]], table: LifecycleTable
) -> tuple[tuple[str, ...], ...]:
    found = []
    for name, target, standings in shown:
        for row in sorted(target.rows, key=lambda row: (not row.counts, row.project)):
            one = standings[row.project]
            proofs = "；".join(evidence_of(one, _kinds(name, table), table)) or "佐证待补"
            said = "是" if row.counts else "否"
            found.append((name, one.code, one.name, district_name(one.district), said, row.why, proofs))
    return tuple(found)


def _figures(pair: tuple[str, Target]) -> tuple[str, ...]:
    name, target = pair
    excluded = sum(not row.counts for row in target.rows)
    return (name, str(target.done), str(target.goal), share_text(target.done, target.goal), format_count(target.pace, ""), str(excluded))  # fmt: skip


def _target_plain(name: str, target: Target, standings: Mapping[str, Standing], table: LifecycleTable) -> Plain:
    return {
        "goal": target.goal, "done": target.done, "pace": float(target.pace),
        "rows": [
            {"code": row.project, "name": standings[row.project].name, "district": standings[row.project].district,
             "counts": row.counts, "why": row.why,
             "evidence": [*evidence_of(standings[row.project], _kinds(name, table), table)]}
            for row in target.rows
        ],
    }  # fmt: skip


def _mode_cells(one: ModeCount) -> tuple[str, ...]:
    counts = (str(one.by_mode[mode]) for mode in MODES)
    share = share_text(one.by_mode["msjx"], one.total)
    return (one.on.isoformat(), *counts, str(one.total), share, str(one.unsure), NOT_KNOWN)


def _mode_plain(one: ModeCount) -> Plain:
    share = None if one.share is None else round(float(one.share), 6)
    return {
        "on": one.on, **one.by_mode, "total": one.total, "msjx_share": share, "unsure": one.unsure,
        "median_days_to_pay": None,
    }  # fmt: skip
