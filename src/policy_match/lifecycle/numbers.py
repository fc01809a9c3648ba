"""Every number of the table with its value in words and the letter of its source, so that no default passes for policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policy_match.lifecycle.figures import limit_text
from policy_match.lifecycle.table import LifecycleTable
from policy_match.units import format_area, format_money


@dataclass(frozen=True, slots=True)
class Number:
    """One number. `source`: N the notice, L law, P practice elsewhere, D our default."""

    name: str
    value: str
    source: str
    note: str = ""


def numbers(table: LifecycleTable) -> tuple[Number, ...]:
    """All of them, in the order of the file."""
    tickets, visits, targets = table.tickets, table.visits, table.targets
    causes = [(move, cause) for move in table.side_moves.values() for cause in move.causes if cause.held is not None]
    return (
        *(Number(f"{move.name}：{cause.name}", f"满{cause.held}", cause.source) for move, cause in causes),
        Number("交接接收期限", str(table.handover_within), table.handover_source),
        *_lights(table),
        Number("提前提醒", f"{table.upcoming_days}天", table.upcoming_source),
        *(Number(kind.name, str(kind.due), kind.source) for kind in tickets.kinds.values()),
        Number("问题单过期上报", f"过期{tickets.first}后一次，其后每{tickets.again}一次", tickets.source),
        Number("问题单重办期限", str(tickets.reopen_within), tickets.source),
        Number("未经确认可办结", f"解决后满{tickets.unconfirmed_after}", tickets.source),
        Number("走访补录", f"次周第{visits.late_days}天 {visits.late_time:%H:%M}", visits.source),
        Number("季观摩", f"每季度不少于{table.tours.per_quarter}次", table.tours.source),
        Number("分档下限", "、".join(format_money(tier.floor_fen) for tier in table.tiers[1:]), table.tiers_source),
        Number("拿地即开工年度目标", f"{targets.land_goal}个", targets.goal_source),
        Number("拿地即开工计入天数", f"{targets.counts_within}天", targets.source),
        Number("提前服务年度目标", f"{targets.service_goal}个", targets.goal_source),
        Number("核销面积容差", format_area(table.land_quota.tolerance_m2), table.land_quota.source),
    )


def _lights(table: LifecycleTable) -> Iterator[Number]:
    for clock in table.clocks:
        terms = [f"{name}{term}" for name, term in (("黄灯", clock.yellow), ("红灯", clock.red)) if term is not None]
        yield Number(clock.name, "、".join(terms), clock.source, clock.note)
    for gauge in table.gauges:
        limits = [(name, limit) for name, limit in (("黄灯", gauge.yellow), ("红灯", gauge.red)) if limit is not None]
        texts = [f"{name}{limit_text(gauge, limit)}" for name, limit in limits]
        yield Number(gauge.name, "、".join(texts), gauge.source, gauge.note)
