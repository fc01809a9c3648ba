"""Check a code of the second factor against an account; each code is good once."""

from __future__ import annotations

from datetime import datetime

from policy_match.access.second_factor import step_of
from policy_match.access.terms import TERMS
from policy_match.sealing import Sealer
from policy_match.store.account_tables import Account


def about_secret(actor_id: str) -> str:
    """What the sealed secret of an actor is bound to."""
    return f"totp:{actor_id}"


def use_code(account: Account, code: str, now: datetime, sealer: Sealer) -> bool:
    """Whether the code is right and was not used before; a right one is used up by that. Without a secret none is."""
    if account.totp_secret is None:
        return False
    secret = sealer.open(account.totp_secret, about_secret(account.actor_id))
    step = step_of(secret, code, now, drift=TERMS.drift, last=account.totp_last_step)
    if step is None:
        return False
    account.totp_last_step = step
    return True
