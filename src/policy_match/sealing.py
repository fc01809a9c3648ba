"""Seal what the database must not hold in clear, such as accounts and contacts: AES-256-GCM (NIST SP 800-38D).

A sealed value names the key that sealed it, so that another secret is told apart from a changed value and a new key can
come beside an old one. What it belongs to is bound to it: moved to another place it does not open.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from policy_match.errors import Conflict, Issue
from policy_match.secret import Secret

FORM, NONCE_BYTES = "s1", 12
RETURN = "把原来的密钥设为 POLICY_MATCH_SECRET，或把原来的 secret.key 放回缓存目录"


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens with one key. `key_id`: eight hex digits that name the key and tell nothing of it."""

    key_id: str
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def of(cls, secret: Secret) -> Sealer:
        """The sealer of an installation."""
        return cls(secret.key("sealed-fields-id").hex()[:8], AESGCM(secret.key("sealed-fields")))

    @property
    def prefix(self) -> str:
        """What every value begins with that this key sealed."""
        return f"{FORM}.{self.key_id}."

    def seal(self, value: str, about: str) -> str:
        """`s1.<key id>.<base64url of nonce and cipher text>`; the same value is sealed otherwise each time."""
        nonce = os.urandom(NONCE_BYTES)
        closed = self._cipher.encrypt(nonce, value.encode(), self._bound(about))
        return self.prefix + base64.urlsafe_b64encode(nonce + closed).decode()

    def open(self, sealed: str, about: str) -> str:
        """The value; Conflict SEAL_OTHER_KEY if another key sealed it, SEAL_BROKEN if it was changed or belongs elsewhere."""
        if not sealed.startswith(self.prefix):
            raise self._other_key(sealed, about)
        try:
            closed = base64.urlsafe_b64decode(sealed.removeprefix(self.prefix))
            return self._cipher.decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], self._bound(about)).decode()
        except (InvalidTag, ValueError) as error:
            what = "封存的内容打不开：被改动过，或者不属于这里"
            raise Conflict(Issue("SEAL_BROKEN", what, about, "", "不要使用；从备份中恢复，并查明是谁改的")) from error

    def _bound(self, about: str) -> bytes:
        return f"{self.prefix}{about}".encode()

    def _other_key(self, sealed: str, about: str) -> Conflict:
        parts = sealed.split(".")
        other = parts[1] if len(parts) == 3 and parts[0] == FORM else "不明"
        what = f"封存的内容打不开：是用另一个密钥封存的（钥匙号 {other}，现在的是 {self.key_id}）"
        return Conflict(Issue("SEAL_OTHER_KEY", what, about, other, f"{RETURN}；找不回的，请当事人重新填写"))
