"""Random tokens: shown once, kept only as their SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import secrets

KEY_MARK = "pmk"
_DEMO_SECRET = "shifan-public"  # noqa: S105  published with the demonstration
_BYTES = 32
_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ID_LENGTH = 10


def new_token() -> str:
    """A token of 256 random bits, in letters that a cookie may hold."""
    return secrets.token_urlsafe(_BYTES)


def new_key() -> tuple[str, str]:
    """A short public id, and the key that holds it: pmk_<id>_<secret>."""
    key_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
    return key_id, f"{KEY_MARK}_{key_id}_{new_token()}"


def demo_key(login: str) -> str:
    """The key of an account of the demonstration, the same everywhere; its public id is the log-in name."""
    return f"{KEY_MARK}_{login}_{_DEMO_SECRET}"


def key_id_of(key: str) -> str | None:
    """The public id that a key holds; None for what does not have the form of a key."""
    mark, _, rest = key.partition("_")
    key_id, _, secret = rest.partition("_")
    return key_id if mark == KEY_MARK and key_id and secret else None


def hash_of(token: str) -> str:
    """What is kept of a token: SHA-256, hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_of(token: str, kept: str) -> bool:
    """Whether a token is the one whose hash was kept, in a time that tells nothing."""
    return hmac.compare_digest(hash_of(token), kept)
