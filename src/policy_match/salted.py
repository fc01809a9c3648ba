"""What stands in a chained record for a value that is sealed elsewhere: its mark, a hash over a random salt and the value.

The salt is sealed with the value. So a value can be sealed anew or erased and the chain still holds, nobody can guess a
value from its mark, and who is shown salt and value can check them against the chain with a hash function alone
(verify_proof.py).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

MARK, SALT_DIGITS = "sealed:", 32


@dataclass(frozen=True, slots=True)
class Salted:
    """A value with the salt that keeps its mark from being guessed: 32 hex digits, drawn at random."""

    salt: str
    value: str

    @classmethod
    def of(cls, value: str) -> Salted:
        """A value with a fresh salt."""
        return cls(secrets.token_hex(SALT_DIGITS // 2), value)

    @classmethod
    def read(cls, text: str) -> Salted:
        """Back from `text`."""
        return cls(text[:SALT_DIGITS], text[SALT_DIGITS:])

    @property
    def text(self) -> str:
        """Salt and value in one: what is sealed, and what is hashed."""
        return self.salt + self.value

    @property
    def mark(self) -> str:
        """What stands in place of the value: `sealed:` and the SHA-256 of `text`."""
        return MARK + hashlib.sha256(self.text.encode()).hexdigest()
