"""The monthly dispatch in sentences: what a reader wants to know first, and the body of the 通报."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_match.dispatch.changes import ChangeKind
from policy_match.dispatch.figures import Figure
from policy_match.dispatch.report import Dispatch
from policy_match.dispatch.wording import NOTHING, Unit, with_unit
from policy_match.exchange.dispatch_sheets import day_text, pace_text
from policy_match.lifecycle.targets import Target

UNKNOWN = "尚无数据"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A titled paragraph of whole sentences."""

    title: str
    text: str


def paragraphs(dispatch: Dispatch) -> tuple[Paragraph, ...]:
    """Difference to last month first, then the three blocks, lights, targets, restatements."""
    said = {figure.id: figure for block in dispatch.blocks for figure in block.figures}
    return (
        Paragraph("总体情况", _overall(dispatch)),
        Paragraph("与上月相比", _changes(dispatch)),
        Paragraph("落地情况", _landing(said)),
        Paragraph("投资开工", _building(said)),
        Paragraph("竣工投产", _finished(said)),
        Paragraph("亮灯和问题", _lights(dispatch)),
        Paragraph("年度目标", _targets(dispatch)),
        Paragraph("以前月份的更正", _restated(dispatch)),
    )


def _overall(dispatch: Dispatch) -> str:
    group = dispatch.breakdown("total").groups[0]
    text = f"截至{day_text(dispatch.snapshot.as_of)}，在库项目{len(group.projects)}个，总投资{_amount(group.fen, len(group.lacking))}。"
    if group.observed:
        text += f"其中{len(group.observed)}个仅见公开信息，尚未登记，跟踪点单独计数。"
    tiers = [found for found in dispatch.breakdown("tiers_onward").groups if found.projects]
    if tiers:
        text += "按总投资累计，" + "，".join(f"{found.name}{len(found.projects)}个" for found in tiers) + "。"
    return text


def _amount(fen: int | None, lacking: int) -> str:
    text = UNKNOWN if fen is None else with_unit(fen, Unit.MONEY)
    return f"{text}（另有{lacking}个投资额待核实）" if lacking and fen is not None else text


def _changes(dispatch: Dispatch) -> str:
    changes = dispatch.changes
    if changes is None:
        return "没有上月的封存快照，不作比较。"
    counts = "，".join(f"{kind}{len(changes.of(kind))}个" for kind in ChangeKind)
    deltas = "，".join(
        f"{delta.name}{delta.now}（{delta.difference if delta.difference != '0' else '持平'}）"
        for delta in changes.deltas
    )
    return f"{counts}。{deltas}。"


def _landing(said: dict[str, Figure]) -> str:
    of_year = said["signed_year_approved"]
    approved = f"，其中已立项{of_year.numerator}个" if of_year.denominator else ""
    return _sentences(
        f"本月签约{figure_text(said['signed_month'])}，协议投资{figure_text(said['signed_month_agreed'])}",
        f"本年签约{figure_text(said['signed_year'])}，协议投资{figure_text(said['signed_year_agreed'])}{approved}",
        f"落地率{figure_text(said['landing_rate'])}",
    )


def _building(said: dict[str, Figure]) -> str:
    return _sentences(
        f"本月新开工{figure_text(said['started_month'])}，本年新开工{figure_text(said['started_year'])}",
        f"开工率{figure_text(said['start_rate'])}，年度开工计划完成率{figure_text(said['year_start_rate'])}",
        f"本月完成投资{figure_text(said['month_investment'])}，本年累计{figure_text(said['year_investment'])}",
        f"年度投资完成率{figure_text(said['investment_rate'])}，与序时进度相差{figure_text(said['investment_gap'])}",
        f"列统率{figure_text(said['listed_rate'])}",
    )


def _finished(said: dict[str, Figure]) -> str:
    return _sentences(
        f"本月竣工{figure_text(said['completed_month'])}、投产{figure_text(said['produced_month'])}、达产{figure_text(said['full_month'])}",
        f"本年竣工{figure_text(said['completed_year'])}、投产{figure_text(said['produced_year'])}、达产{figure_text(said['full_year'])}",
        f"本月列入新增长点培育库{figure_text(said['growth_month'])}",
    )


def _lights(dispatch: Dispatch) -> str:
    lights = {group.id: len(group.projects) for group in dispatch.breakdown("lights").groups}
    tickets = {figure.id: len(figure.projects) for figure in dispatch.tickets.figures}
    causes = [figure for figure in dispatch.tickets.figures if figure.name.endswith("类")][:3]
    most = "，".join(f"{figure.name.removeprefix('在办：')}{len(figure.projects)}个" for figure in causes)
    return _sentences(
        f"红灯项目{lights['red']}个，黄灯项目{lights['yellow']}个",
        f"本月登记问题{tickets['tickets_opened']}个，办结{tickets['tickets_closed']}个；在办{tickets['tickets_open']}个，其中超期{tickets['tickets_overdue']}个",
        f"在办问题较多的是{most}" if most else "",
    )


def _targets(dispatch: Dispatch) -> str:
    return _sentences(
        f"拿地即开工{_target(dispatch.land_target)}", f"竣工重大项目提前服务{_target(dispatch.service_target)}"
    )


def _target(target: Target) -> str:
    return f"完成{target.done}个，全年目标{target.goal}个，序时{pace_text(target)}个"


def _restated(dispatch: Dispatch) -> str:
    found = dispatch.snapshot.restatements
    if not found:
        return "以前月份没有更正。"
    months = "、".join(dict.fromkeys(line.month for line in found))
    return f"{months}的月报有{len(found)}项指标更正，已封存的月报不改，差异列在表中。"


def figure_text(figure: Figure) -> str:
    """A figure with its unit, its denominator, and how many projects are not known."""
    text = with_unit(figure.value, figure.unit)
    notes = [note for note in _notes(figure) if note]
    if text == NOTHING:
        text = UNKNOWN if figure.lacking else NOTHING
    return text + (f"（{'，'.join(notes)}）" if notes else "")


def _notes(figure: Figure) -> Iterator[str]:
    if figure.denominator is not None:
        whole, part = with_unit(figure.denominator, figure.parts), with_unit(figure.numerator, figure.parts)
        yield f"{part.removesuffix(figure.parts.value)}/{whole.removesuffix(figure.parts.value)}"
    if figure.lacking:
        yield f"{len(figure.lacking)}个项目数据未知"


def _sentences(*texts: str) -> str:
    return "".join(f"{text}。" for text in texts if text)
