"""What must hold when no worker runs any more: what the services have against what we say of it (benchmarks/push.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.push.words import DeliveryState
from policy_match.store import audit
from policy_match.store.push_tables import Attempt, Delivery
from policy_match.store.tables import Audit

SENT = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)


def check_gateway(rows: Sequence[Delivery], taken: Counter[str]) -> None:
    """The platform shows every message, each under one id, and nothing else; every state says so."""
    assert {name for name, number in taken.items() if number} == {row.client_msg_id for row in rows}
    assert {row.state for row in rows} <= set(SENT), Counter(row.state for row in rows)


def check_sms(rows: Sequence[Delivery], taken: Counter[str]) -> int:
    """No SMS went twice; what we say was sent was; the rest failed. How many of these nobody could tell of."""
    assert max(taken.values(), default=0) <= 1, [name for name, number in taken.items() if number > 1]
    assert {name for name in taken if taken[name]} <= {row.client_msg_id for row in rows}
    for row in rows:
        assert row.state in (*SENT, DeliveryState.FAILED), row.state
        assert row.state == DeliveryState.FAILED or taken[row.client_msg_id] == 1, row.client_msg_id
    return sum(row.state == DeliveryState.FAILED for row in rows)


def check_chain(session: Session, rows: Sequence[Delivery]) -> None:
    """The chain is whole; of each delivery its last row tells the state, and there is one row at most for each that it had
    but for those that are tried again; nothing is leased any more."""
    broken = audit.first_break(session)
    assert broken is None, broken
    told: dict[str, list[str]] = {}
    for line in session.scalars(select(Audit).where(Audit.object_kind == "delivery").order_by(Audit.seq)):
        told.setdefault(line.object_id, []).append(line.action.removeprefix("delivery."))
    attempts = set(session.scalars(select(Attempt.delivery_id)))
    for row in rows:
        states = told[row.client_msg_id]
        assert states[-1] == row.state, (row.client_msg_id, states, row.state)
        assert all(states.count(state) <= 1 for state in SENT), states
        assert row.id in attempts, row.client_msg_id
        assert row.leased_by is None, row.leased_by
