"""The library beside the 固投库: classes, 列统 gap, evidence to bring, suggestions by name (`report recon`).

Read for statistics, as its source demands. Figures of single firms from the 固投库 are shown to the roles that its clock
goes to (市统计局, and the own district); everybody else sees classes, and an enterprise nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.authoring.watch_file import load_watch
from policy_match.errors import Forbidden, Issue
from policy_match.exchange.reports import FORMS, NONE, Plain, Report, percent, write_report
from policy_match.exchange.tables import Grid
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.watch import WatchRules
from policy_match.linkage.classes import Kind, Light
from policy_match.linkage.recon import Reconciliation, ReconRow
from policy_match.linkage.records import Answer
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.units import format_money
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.gather_fai import Compared, compared, listing_clock
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View

_ENTERPRISE = "enterprise"
KINDS = {
    Kind.MATCHED: "一致",
    Kind.AMOUNT_DIFF: "投资额相差5%以上",
    Kind.STATE_DIFF: "竣工状态不一致",
    Kind.LIB_STARTED_NOT_FAI: "已开工未列统",
    Kind.LIB_NOT_STARTED_IN_FAI: "未开工已列统",
    Kind.FAI_ONLY: "应入库未入库",
    Kind.CODE_MISSING: "缺项目代码",
    Kind.DUP_CODE: "项目代码重复",
}
_LIGHTS = {Light.GRACE: "宽限期内", Light.YELLOW: "黄灯", Light.RED: "红灯"}
_HEADER = ("类别", "编号", "项目", "辖市区", "项目代码", "库内总投资", "固投库计划总投资", "相差", "列统灯", "自", "固投库记录", "列统材料", "可能是")  # fmt: skip
_GAP_HEADER = ("超过宽限期的项目", "备案总投资合计", "其中备案总投资未知", "开工日期未知未计入")
_HIDDEN = "不可见"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads, and whose figures they see: `everywhere`, or of the district `own` (None: of none)."""

    everywhere: bool
    own: str | None

    def sees(self, district: str | None) -> bool:
        return self.everywhere or (self.own is not None and self.own == district)


def report_recon(
    archive: Archive,
    library: str,
    view: View,
    *,
    by: str,
    today: date,
    area: Area | None,
    form: str | None,
    out: Path | None,
) -> None:
    """Write the comparison for somebody in office today; `view` must ask for statistics.

    Forbidden for an enterprise, NotFound for an actor there is not, UsageError for a format that there is not.
    """
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(recon_report(archive, library, view, by=by, today=today, area=area), form, out)


def recon_report(archive: Archive, library: str, view: View, *, by: str, today: date, area: Area | None) -> Report:
    """The comparison on a day, as far as the actor may see it."""
    rules = load_watch(archive.rules / "watch.yaml", archive.vocabulary, archive.table)
    with archive.database.reading() as session:
        reader = _reader(actor(session, by, today), archive.table)
        both = compared(session, archive, library, view, rules)
    found = both.found if area is None else both.found.within(area.district)
    return Report(
        id="recon",
        title="项目库与固投库比对",
        as_of=view.as_of,
        grids=(
            Grid("比对结果", _HEADER, tuple(_cells(row, both, reader) for row in found.rows)),
            Grid("分类", ("类别", "条数"), tuple((name, str(found.count(kind))) for kind, name in KINDS.items())),
            Grid("列统缺口", _GAP_HEADER, (_gap_cells(found),)),
        ),
        content=_content(found, both, reader)
        | {"library": library, "district": None if area is None else area.district},
        notes=_notes(library, area, archive.table, rules),
    )


def _content(found: Reconciliation, both: Compared, reader: _Reader) -> dict[str, Plain]:
    gap = found.gap
    return {
        "rows": [_plain(row, both, reader) for row in found.rows],
        "classes": {kind.value: found.count(kind) for kind in Kind},
        "gap": {
            "projects": gap.projects, "filed_fen": gap.filed_fen, "unfiled": gap.unfiled, "undated": gap.undated,
        },
        "unjudged": found.unjudged,
    }  # fmt: skip


def _notes(library: str, area: Area | None, table: LifecycleTable, rules: WatchRules) -> tuple[tuple[str, str], ...]:
    return (
        ("项目库", shown_library(library)),
        ("范围", scope_name(area)),
        ("用途", "统计；固投库中单个企业的数字只给统计部门和本地区"),
        ("材料", f"{rules.pieces_note}（{table.sources[rules.pieces_source]}）"),
    )


def _reader(who: Actor, table: LifecycleTable) -> _Reader:
    """What an actor sees; Forbidden FAI_ROLE for an enterprise."""
    if who.role == _ENTERPRISE:
        what = f"{who.name}不能查看固投库比对"
        raise Forbidden(
            Issue("FAI_ROLE", what, "--by", "统计部门、辖市区、市级部门", "企业的列统情况请向所在辖市区了解")
        )
    told = who.role in listing_clock(table).goes_to
    own_area = table.roles[who.role].own_area
    return _Reader(told and not own_area, who.region if told and own_area else None)


def _cells(row: ReconRow, both: Compared, reader: _Reader) -> tuple[str, ...]:
    ours, theirs, found = row.ours, row.theirs, row.finding
    sees = reader.sees(row.district)
    total = None if theirs is None else theirs.fai.investment_fen
    difference = NONE if found.difference is None else percent(found.difference)
    proofs = both.evidence.get(ours.code, ()) if ours is not None else ()
    return (
        KINDS[found.kind],
        NONE if ours is None else ours.code,
        _name(row),
        district_name(row.district),
        _project_code(row) or NONE,
        NONE if ours is None else _money(ours.project.investment_fen),
        NONE if theirs is None else _money(total) if sees else _HIDDEN,
        difference if sees or found.difference is None else _HIDDEN,
        NONE if found.light is None else _LIGHTS[found.light],
        str(found.since or NONE),
        NONE if theirs is None else theirs.record,
        "；".join(f"{piece.name}{'（已有）' if piece.is_there else '（待备）'}" for piece in proofs) or NONE,
        _suggestion(row, both, sees=sees) or NONE,
    )


def _plain(row: ReconRow, both: Compared, reader: _Reader) -> Plain:
    ours, theirs, found = row.ours, row.theirs, row.finding
    sees = reader.sees(row.district)
    difference = None if found.difference is None or not sees else round(float(found.difference), 6)
    return {
        "class": found.kind.value, "code": None if ours is None else ours.code, "name": _name(row),
        "district": row.district, "project_code": _project_code(row),
        "investment_fen": None if ours is None else ours.project.investment_fen,
        "fai_planned_total_fen": theirs.fai.investment_fen if theirs is not None and sees else None,
        "difference": difference, "figures_shown": sees,
        "light": None if found.light is None else found.light.value, "since": found.since,
        "record": None if theirs is None else theirs.record,
        "evidence": [
            {"name": piece.name, "there": piece.is_there}
            for piece in (both.evidence.get(ours.code, ()) if ours is not None else ())
        ],
        "suggestion": _suggestion(row, both, sees=sees),
    }  # fmt: skip


def _name(row: ReconRow) -> str:
    sides = (row.ours, row.theirs)
    return next((side.name for side in sides if side is not None and side.name), NONE)


def _project_code(row: ReconRow) -> str | None:
    ours = None if row.ours is None else row.ours.project.project_code
    return ours or (None if row.theirs is None else row.theirs.fai.project_code)


def _suggestion(row: ReconRow, both: Compared, *, sees: bool) -> str | None:
    """The likeliest project; why it is likely speaks of figures, and is for those who may see them."""
    likely: Answer | None = both.suggested.get(row.theirs.record) if row.theirs is not None else None
    if likely is None or row.ours is not None:
        return None
    return f"疑似 {likely.library_id}" + (f"（{likely.score}分：{likely.why}）" if sees else "")


def _money(fen: int | None) -> str:
    return "未知" if fen is None else format_money(fen)


def _gap_cells(found: Reconciliation) -> tuple[str, ...]:
    gap = found.gap
    return (str(gap.projects), format_money(gap.filed_fen), str(gap.unfiled), str(gap.undated))
