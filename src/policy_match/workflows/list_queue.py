"""The queue of messages and the channels, as lists for those who keep the sending running."""

from __future__ import annotations

from collections.abc import Collection

from policy_match.access.permissions import Reach, Right
from policy_match.errors import Forbidden, Issue
from policy_match.push.delivery import OPEN
from policy_match.push.words import (
    CHANNEL_NAMES,
    DELIVERY_STATE_NAMES,
    WITHHELD_NAMES,
    Channel,
    DeliveryState,
    Withheld,
)
from policy_match.settings import LOCAL
from policy_match.store import deliveries
from policy_match.store.deliveries import Queued
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.push_rights import at_push_desk, require_push
from policy_match.workflows.switch_channel import list_channels
from policy_match.workflows.write_entry import By

MOST = 500


def queue_rows(archive: Archive, by: By, *, failed_only: bool = False) -> Rows:
    """What waits to be sent or failed for good, at most 500; Forbidden PUSH_ROLE, QUEUE_ROLE for who may not see all of it."""
    with at_push_desk(archive, "queue", by) as (session, who):
        if require_push(archive, who, Right.READ) is not Reach.ALL:
            what = f"“{who.name}”不看整个发送队列"
            raise Forbidden(Issue("QUEUE_ROLE", what, "--by", "市发改委、市数据局、审计", "请由允许的单位查看"))
        states = (DeliveryState.FAILED,) if failed_only else (*OPEN, DeliveryState.FAILED)
        lines = [_line(one) for one in deliveries.queue(session, by.library, states, MOST)]
    header = {
        "id": "编号", "message": "消息", "title": "标题", "channel_name": "渠道", "state_name": "状态", "due": "到期",
        "tries": "已试", "outcome": "上次结果", "worker": "正在办的",
    }  # fmt: skip
    return Rows("发送队列", header, lines)


def _line(one: Queued) -> Row:
    row = one.delivery
    return {
        "id": row.id, "message": row.message_id, "title": one.message.title, "channel": row.channel,
        "channel_name": CHANNEL_NAMES[Channel(row.channel)], "state": row.state,
        "state_name": DELIVERY_STATE_NAMES[DeliveryState(row.state)],
        "due": row.due_at.astimezone(LOCAL).isoformat(timespec="seconds"), "tries": row.tries, "outcome": one.outcome,
        "withheld": None if row.withheld is None else WITHHELD_NAMES[Withheld(row.withheld)], "worker": row.leased_by,
        "client_msg_id": row.client_msg_id,
    }  # fmt: skip


def channel_rows(archive: Archive, there: Collection[Channel]) -> Rows:
    """How every channel stands. `there`: those that have an address."""
    lines: list[Row] = [
        {
            "channel": one.channel.value, "name": CHANNEL_NAMES[one.channel], "is_on": one.is_on, "is_set": one.is_set,
            "on": "开通" if one.is_on else "关闭", "set": "已设" if one.is_set else "未设", "by": one.by,
            "at": None if one.at is None else one.at.astimezone(LOCAL).isoformat(timespec="seconds"),
        }
        for one in list_channels(archive, there)
    ]  # fmt: skip
    header = {"channel": "渠道", "name": "名称", "on": "开关", "set": "地址", "by": "经办", "at": "时间"}
    return Rows("渠道", header, lines)
