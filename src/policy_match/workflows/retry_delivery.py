"""Put what failed for good back into the queue: a person does, once what made it fail is mended."""

from __future__ import annotations

from policy_match.access.terms import ADMIN
from policy_match.errors import Conflict, Forbidden, Issue, NotFound
from policy_match.push.words import DELIVERY_STATE_NAMES, DeliveryState
from policy_match.store import audit, deliveries
from policy_match.store.push_tables import Delivery
from policy_match.store.tables import Actor
from policy_match.workflows.administer import require_real
from policy_match.workflows.dispatch_messages import DELIVERY
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.push_rights import LINKS_SYSTEMS, at_push_desk
from policy_match.workflows.write_entry import By


def retry_delivery(archive: Archive, number: int, by: By, *, again: bool = False) -> Delivery:
    """Due at once, with all its tries before it. `again`: also one that perhaps arrived, and then comes twice.

    NotFound DELIVERY_UNKNOWN; Conflict DELIVERY_STATE for one that did not fail, DELIVERY_PERHAPS; Forbidden QUEUE_ROLE.
    """
    with at_push_desk(archive, f"{DELIVERY} {number}", by) as (session, who):
        if who.role not in (ADMIN, LINKS_SYSTEMS):
            raise _not_theirs(who)
        require_real(session, who, f"{DELIVERY} {number}")
        row = session.get(Delivery, number)
        if row is None or row.library != by.library:
            raise NotFound(Issue("DELIVERY_UNKNOWN", f"没有第 {number} 号发送", "", "", "用 push queue 查看"))
        row = deliveries.locked(session, number)
        _require_failed(row)
        tried = deliveries.attempts(session, number)
        if tried and tried[-1].state == DeliveryState.UNKNOWN and not again:
            what, hint = "这一条可能已经收到，重发会再收一次", "先向收件人核实；确认没有收到的加 --again"
            raise Conflict(Issue("DELIVERY_PERHAPS", what, str(number), "", hint))
        row.state, row.due_at, row.changed_at, row.tries = DeliveryState.PENDING.value, by.now, by.now, 0
        row.withheld = None
        audit.record(
            session, who, "delivery.requeue", object_kind=DELIVERY, object_id=row.client_msg_id, at=by.now,
            library=row.library, detail={"message": row.message_id, "channel": row.channel, "again": again},
        )  # fmt: skip
        return row


def _require_failed(row: Delivery) -> None:
    state = DeliveryState(row.state)
    if state is not DeliveryState.FAILED:
        what = f"第 {row.id} 号发送是“{DELIVERY_STATE_NAMES[state]}”"
        allowed = DELIVERY_STATE_NAMES[DeliveryState.FAILED]
        raise Conflict(Issue("DELIVERY_STATE", what, str(row.id), allowed, "只有发送失败的可以重发"))


def _not_theirs(who: Actor) -> Forbidden:
    allowed = "市数据局、系统管理员"
    return Forbidden(Issue("QUEUE_ROLE", f"“{who.name}”不办重发", "--by", allowed, "请由允许的人办理"))
