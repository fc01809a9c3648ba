"""What was paid already, here or elsewhere. Reading it from files and tables is not done here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment, 分. `beneficiary`: as in a match line, e.g. enterprise:9132…; `project` None: not said for which."""

    measure: str
    beneficiary: str
    project: str | None
    paid_on: date
    amount_fen: int
    reference: str | None
