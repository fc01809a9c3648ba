"""Passwords: hashed with argon2id, judged by the rules of domain specification §10.3.

A password is read in NFKC, so that a full-width letter of a Chinese keyboard is the letter it looks like.
"""

from __future__ import annotations

import secrets
import unicodedata

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from policy_match.access.common_passwords import COMMON
from policy_match.errors import Issue

DEMO_PASSWORD = "Demo-2026-shifan"  # noqa: S105  published with the demonstration, and refused everywhere else
LONGEST = 200
_ENOUGH, _ENOUGH_OF_SORTS, _SORTS = 12, 10, 3
_ONE_TIME_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SLOW = Argon2Hasher(time_cost=3, memory_cost=65_536, parallelism=4)
_HASHER = PasswordHash((SLOW,))
# Of a random password that nobody knows, with the same costs: an unknown name takes as long as a known one.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$+u6opVDXU5mILky24sw1Ug$9iM4/7gfeKBU8+pZTygxfhaJzmwjWz/FpF9BQIUJ+G0"
_COMMON = frozenset((*COMMON, DEMO_PASSWORD.casefold()))


def normal_login(written: str) -> str:
    """A log-in name in its one form: NFKC, no blanks around it, lower case."""
    return unicodedata.normalize("NFKC", written).strip().lower()


def hashed(password: str) -> str:
    """The argon2id hash of a password, salted anew each time."""
    return _HASHER.hash(_normal(password))


def fits(password: str, password_hash: str | None) -> bool:
    """Whether a password is the hashed one; without a hash never, after the same work."""
    found = _HASHER.verify(_normal(password), password_hash or _NOBODY)
    return found and password_hash is not None


def one_time_password() -> str:
    """A random password to be changed at its first use: 16 letters and figures that are not mistaken for one another."""
    while True:
        made = "".join(secrets.choice(_ONE_TIME_LETTERS) for _ in range(16))
        if faults_of(made, "") == ():
            return made


def faults_of(password: str, login: str) -> tuple[Issue, ...]:
    """Everything that is wrong with a new password: too short, too long, the log-in name in it, or known to everybody.

    Long enough: 12 characters, or 10 of three of these sorts: small letters, capitals, figures, others.
    """
    text = _normal(password)
    found = []
    if len(text) > LONGEST:
        found.append(_fault("PASSWORD_LONG", f"密码超过 {LONGEST} 个字符", f"不超过 {LONGEST} 个字符"))
    if not (len(text) >= _ENOUGH or (len(text) >= _ENOUGH_OF_SORTS and _sorts(text) >= _SORTS)):
        allowed = f"至少 {_ENOUGH} 个字符，或至少 {_ENOUGH_OF_SORTS} 个字符且含大写、小写、数字、其他中的三种"
        found.append(_fault("PASSWORD_SHORT", f"密码只有 {len(text)} 个字符", allowed))
    if login and login in text.lower():
        found.append(_fault("PASSWORD_LOGIN", "密码里有登录名", "不含登录名的密码"))
    if text.casefold() in _COMMON or len(set(text)) < 4:
        found.append(_fault("PASSWORD_COMMON", "密码人人都能猜到", "不常见的密码"))
    return tuple(found)


def _fault(code: str, what: str, allowed: str) -> Issue:
    return Issue(code, what, "新密码", allowed, "换一个密码，例如四个不相干的词连写")


def _sorts(text: str) -> int:
    sorts = {"lower" if c.islower() else "upper" if c.isupper() else "digit" if c.isdigit() else "other" for c in text}
    return len(sorts)


def _normal(password: str) -> str:
    # A lone surrogate cannot be encoded; what stands for it keeps the password wrong.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()
