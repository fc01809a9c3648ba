"""The second factor: a code of six figures that changes every 30 seconds (TOTP, RFC 6238), each good once."""

from __future__ import annotations

import hmac
import re
import unicodedata
from datetime import datetime

import pyotp

DEMO_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  published with the demonstration
ISSUER = "policy-match"
_STEP = 30


def new_secret() -> str:
    """A random secret of 160 bits, base32."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, login: str) -> str:
    """The otpauth address that an authenticator reads, as text or as a picture made of it."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def code_at(secret: str, at: datetime) -> str:
    """The code that an authenticator shows at an instant."""
    return pyotp.TOTP(secret).at(at)


def step_of(secret: str, code: str, now: datetime, *, drift: int, last: int | None) -> int | None:
    """The step that a code is of, at most `drift` before or after now and after the `last` one used; None if it is of none."""
    written = re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
    present = int(now.timestamp()) // _STEP
    generator, found = pyotp.TOTP(secret), None
    for step in range(present - drift, present + drift + 1):
        fits = hmac.compare_digest(generator.generate_otp(step).encode(), written.encode("utf-8", "replace"))
        if fits and (last is None or step > last):
            found = step
    return found
