"""The monthly dispatch as one long CSV: a line per figure and group, for programs and pivot tables."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from policy_match.dispatch.figures import Block
from policy_match.dispatch.report import Dispatch
from policy_match.dispatch.tables import Breakdown
from policy_match.dispatch.wording import trimmed
from policy_match.exchange.dispatch_sheets import Cell, amount, figure_value, head, parts, share_text, sheets, titled
from policy_match.exchange.letterhead import Letterhead
from policy_match.exchange.tables import write_csv

HEADER = ("块", "指标", "维度", "值", "分子", "分母", "说明")
_Row = tuple[str, str, str, str, str, str, str]


def long_csv(dispatch: Dispatch, letterhead: Letterhead) -> bytes:
    """The CSV: UTF-8 with BOM, CRLF, no cell that a spreadsheet takes for a formula. Amounts are exact, in 亿元."""
    return b"\xef\xbb\xbf" + write_csv(None, HEADER, _rows(dispatch, letterhead)).encode()


def _rows(dispatch: Dispatch, letterhead: Letterhead) -> Iterator[_Row]:
    for name, text in head(dispatch, letterhead):
        yield ("报表", name, "", text, "", "", "")
    yield from _changes(dispatch)
    for block in (*dispatch.blocks, dispatch.tickets):
        yield from _block(block)
    for breakdown in dispatch.breakdowns:
        yield from _breakdown(breakdown)
    yield from _others(dispatch)


def _changes(dispatch: Dispatch) -> Iterator[_Row]:
    if dispatch.changes is None:
        return
    for delta in dispatch.changes.deltas:
        yield ("与上月相比", delta.name, "", delta.now, "", "", f"上月 {delta.was}，增减 {delta.difference}")
    for change in dispatch.changes.changes:
        about = f"{change.name}；{change.difference}" if change.difference else change.name
        yield ("与上月相比", change.kind, change.code, change.now, "", "", f"上月 {change.was}；{about}")


def _block(block: Block) -> Iterator[_Row]:
    for figure in block.figures:
        numerator, denominator = parts(figure)
        notes = (
            figure.note,
            f"项目：{'、'.join(figure.projects)}" if figure.projects else "",
            f"未知：{'、'.join(figure.lacking)}" if figure.lacking else "",
        )
        said = "；".join(note for note in notes if note)
        value = _exact(figure_value(figure)).removeprefix("+")
        yield (block.name, titled(figure), "", value, _exact(numerator), _exact(denominator), said)


def _breakdown(breakdown: Breakdown) -> Iterator[_Row]:
    for group in breakdown.groups:
        rows = (
            ("项目数（个）", len(group.projects), f"项目：{'、'.join(group.projects)}" if group.projects else ""),
            ("其中仅见公开信息（个）", len(group.observed), ""),
            ("总投资（亿元）", amount(group.fen), ""),
            ("投资待核实（个）", len(group.lacking), f"项目：{'、'.join(group.lacking)}" if group.lacking else ""),
        )
        for name, cell, said in rows:
            yield (breakdown.title, name, group.name, _exact(cell), "", "", said)


def _others(dispatch: Dispatch) -> Iterator[_Row]:
    """Months of landing, outcomes of the units, lights, targets, restatements."""
    made = sheets(dispatch)
    for m in dispatch.landing:
        rate = share_text(len(m.landed), len(m.due))
        yield ("落地率", "落地率", str(m.month), rate, str(len(m.landed)), str(len(m.due)), f"签约{len(m.signed)}个")
    for row in made.units.rows:
        for name, cell in zip(made.units.header[5:], row[5:], strict=True):
            yield ("辖市区", name, str(row[0]), _exact(cell), "", "", "")
    for line, light in dispatch.lit:
        yield ("亮灯清单", light.name, line.code, light.colour, "", "", f"{line.name}；{light.reason}")
    for target, done, goal, reached, pace, _ in made.targets.rows:
        yield ("年度目标", str(target), "", str(reached), str(done), str(goal), f"序时 {pace}")
    for again in dispatch.snapshot.restatements:
        said = f"原报 {again.was}，增减 {again.difference}，项目 {'、'.join(again.projects)}，更正事件 {'、'.join(again.causes) or '没有'}"
        yield ("以前月份的更正", again.figure, again.month, again.now, "", "", said)


def _exact(cell: Cell) -> str:
    return trimmed(cell) if isinstance(cell, Decimal) else str(cell)
