"""The monthly dispatch as JSON data: every figure with what is behind it."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction

from policy_match.dispatch.figures import Block, Figure
from policy_match.dispatch.report import Dispatch
from policy_match.dispatch.tables import Breakdown, Group, UnitRow
from policy_match.dispatch.wording import value_text
from policy_match.lifecycle.targets import Target


def dispatch_plain(dispatch: Dispatch) -> dict[str, object]:
    """One object; amounts are whole 分, shares fractions as text beside what people read."""
    snapshot = dispatch.snapshot
    return {
        "report": "month",
        "month": str(snapshot.month),
        "as_of": snapshot.as_of,
        "snapshot": dispatch.content_hash,
        "closed_at": snapshot.closed_at,
        "config": snapshot.config_hash,
        "count": len(snapshot.rows),
        "changes": None if dispatch.changes is None else asdict(dispatch.changes),
        "blocks": [_block(block) for block in (*dispatch.blocks, dispatch.tickets)],
        "tables": {table.id: _table(table) for table in dispatch.breakdowns},
        "units": [_unit(row) for row in dispatch.units],
        "lights": [
            {"code": row.code, "name": row.name, "light": light.id, "colour": light.colour, "reason": light.reason, "since": light.since}
            for row, light in dispatch.lit
        ],
        "targets": {"land_start": _target(dispatch.land_target), "early_service": _target(dispatch.service_target)},
        "restatements": [asdict(one) for one in snapshot.restatements],
    }  # fmt: skip


def _block(block: Block) -> dict[str, object]:
    return {"name": block.name, "figures": [_figure(figure) for figure in block.figures]}


def _figure(figure: Figure) -> dict[str, object]:
    return {
        "id": figure.id,
        "name": figure.name,
        "unit": figure.unit,
        "value": _number(figure.value),
        "text": value_text(figure.value, figure.unit),
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "projects": figure.projects,
        "base": figure.base,
        "lacking": figure.lacking,
        "note": figure.note,
    }


def _number(value: Fraction | int | None) -> int | str | None:
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    return None if value is None else int(value)


def _table(table: Breakdown) -> dict[str, object]:
    return {"title": table.title, "disjoint": table.is_disjoint, "groups": [_group(group) for group in table.groups]}


def _group(group: Group) -> dict[str, object]:
    return {
        "id": group.id, "name": group.name, "count": len(group.projects), "fen": group.fen, "projects": group.projects,
        "observed": group.observed, "lacking": group.lacking,
    }  # fmt: skip


def _unit(row: UnitRow) -> dict[str, object]:
    return {
        **_group(row.group),
        "by_point": {point or "": codes for point, codes in row.by_point.items()},
        "started": row.started, "completed": row.completed, "produced": row.produced, "red": row.red, "yellow": row.yellow,
    }  # fmt: skip


def _target(target: Target) -> dict[str, object]:
    return {
        "goal": target.goal,
        "done": target.done,
        "pace": _number(target.pace),
        "rows": [asdict(row) for row in target.rows],
    }
