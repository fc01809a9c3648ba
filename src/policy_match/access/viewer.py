"""Who looks: nobody known, somebody signed in, or a program with a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy_match.access.key_scopes import KeyScope


class Means(StrEnum):
    """How the viewer was known."""

    NONE = "none"
    SESSION = "session"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Viewer:
    """One request's viewer. `actor`: id of who acts, "" for a visitor; `acts_for`: the name of the colleague whose work
    it does by a delegation, which is of the same role, area and firm.

    `region`: of roles of an area; `firm`: id or credit code of a firm; `unit`: by name. `is_strong`: a second factor was
    given within its time. `library`: the only one in which the rights hold, of a key and of an account of the
    demonstration. Of a key: its `key` id, its scopes, and `fixed_now`, its clock, for the key of tests alone.
    """

    actor: str
    name: str
    role: str
    means: Means
    acts_for: str = ""
    region: str | None = None
    firm: str | None = None
    unit: str | None = None
    is_strong: bool = False
    key: str = ""
    key_scopes: frozenset[KeyScope] = frozenset()
    library: str | None = None
    fixed_now: datetime | None = None


ANYBODY = Viewer("", "未登录", "visitor", Means.NONE)
