"""What decides, kept for ever: a release is the canonical text of every rule, fact, document and list, under its hash.

A text says what its file says and nothing of how it was written: no comments, no line ends, no order of keys. Only
where people read the parts in the author's order (conditions as reasons, the terms of a sum, the facts of a case) that
order is content and kept. A scalar stays what the author wrote: quoted text is text, a decimal keeps its digits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from hashlib import sha256

from policy_match.strict_yaml import Data

SHORT = 12
ORDERED = frozenset(("boundaries", "conditions", "evidence", "facts", "sum_of"))
_WRITTEN = json.JSONEncoder(ensure_ascii=False).encode
# YAML takes these for line ends, or for no text at all, even inside quotes; JSON does not mind their escapes.
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}


@dataclass(frozen=True)
class Release:
    """One release. `engine`: version of the program; `pieces`: canonical text by name, such as `rules/lifecycle.yaml`."""

    engine: str
    pieces: Mapping[str, str]

    @cached_property
    def texts(self) -> dict[str, str]:
        """Name and SHA-256 of every piece, by name."""
        return {name: digest(self.pieces[name]) for name in sorted(self.pieces)}

    @cached_property
    def manifest(self) -> str:
        """The canonical text that the release is known by: engine, names and hashes."""
        return canonical({"engine": self.engine, "pieces": {**self.texts}})

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the manifest."""
        return digest(self.manifest)


@dataclass(frozen=True, slots=True)
class Signed:
    """A person who agreed: id, name and instant (UTC)."""

    actor: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Activation:
    """A release proposed to decide from the day `since` on. `difference`: what it changes, as recorded with the proposal.

    `signed`: those who agreed, at most two; with two it counts. `is_first`: the release that the archive began with,
    which nobody had to agree to. `is_demo`: it counts in the demonstration library alone.
    """

    id: int
    release: str
    since: date
    drafter: Signed
    reason: str
    difference: str
    signed: tuple[Signed, ...]
    is_first: bool = False
    is_demo: bool = False

    @property
    def approved_at(self) -> datetime | None:
        """When the second person agreed; None while it does not count."""
        return self.signed[1].at if len(self.signed) == 2 else None


def in_force(known: Iterable[Activation], as_of: date) -> Activation | None:
    """Whose release decides on a day: of those that count by then the one approved last, else the first release.

    None where the archive has none yet.
    """
    every = tuple(known)
    counting = [one for one in every if one.approved_at is not None and one.since <= as_of]
    if counting:
        return max(counting, key=lambda one: (one.approved_at, one.id))
    return next((one for one in every if one.is_first), None)


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def canonical(value: Data) -> str:
    """The one JSON text of a value read by `strict_yaml`, which `strict_yaml` reads back to an equal value."""
    return _canonical(value, is_ordered=False)


def _canonical(value: Data, *, is_ordered: bool) -> str:
    if isinstance(value, dict):
        keys: Sequence[str] = [*value] if is_ordered else sorted(value)
        return "{" + ",".join(f"{_text(key)}:{_canonical(value[key], is_ordered=key in ORDERED)}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_canonical(part, is_ordered=False) for part in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    return _WRITTEN(text).translate(_ESCAPED)
