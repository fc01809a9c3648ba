"""The one secret of an installation, and the keys that are made of it: HKDF-SHA256 (RFC 5869), one key a purpose.

POLICY_MATCH_SECRET is the secret. On the embedded SQLite database it is made at the first start where none is set, in
`secret.key` in the folder of the cache, and only our account may read that file. A server database can be reached from
several machines, so there it must be set. Nothing sealed or signed with a secret can be had back without it.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from policy_match.errors import Issue, UsageError
from policy_match.settings import Settings

SETTING, FILE = "POLICY_MATCH_SECRET", "secret.key"
SHORTEST, FEWEST_DIFFERENT, KEY_BYTES = 32, 8, 32
MAKE = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
_EXAMPLES = (
    "change-me",
    "change_me",
    "changeme",
    "change this",
    "replace-me",
    "your-secret",
    "example",
    "password",
    "请改",
    "改成",
)


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret itself; whoever needs a key asks for one by its purpose."""

    text: str = field(repr=False)

    def key(self, purpose: str) -> bytes:
        """The key of a purpose, 32 bytes: the same each time, and no key tells of another."""
        derived: bytes = HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self.text.encode())
        return derived


def open_secret(settings: Settings) -> Secret:
    """The secret that is set or, on SQLite, the one of the file, which is made where there is none.

    UsageError SECRET_MISSING on a server database without one, SECRET_WEAK for one that can be guessed, SECRET_FILE for
    a file that cannot be read or written, SECRET_READABLE for one that others may read.
    """
    if settings.secret:
        return _sound(settings.secret.get_secret_value(), SETTING)
    if settings.database_url.startswith("postgres"):
        hint = f"用 {MAKE} 生成一个，设为 {SETTING} 并另外留存；不能丢，也不能换"
        raise UsageError(Issue("SECRET_MISSING", "用 PostgreSQL 要先设密钥", SETTING, f"{SHORTEST} 个字符以上", hint))
    path = settings.cache / FILE
    try:
        return _sound(_read(path) if path.exists() else _made(path), str(path))
    except OSError as error:
        hint = f"检查目录的权限，或设 {SETTING}"
        raise UsageError(Issue("SECRET_FILE", f"密钥文件读写不了（{error.strerror}）", str(path), "", hint)) from error


def _read(path: Path) -> str:
    """The text of the file; refused where anybody but its owner may read or change it."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            hint = f"运行 chmod 600 {path}；别人可能看过的，换一个密钥"
            raise UsageError(
                Issue("SECRET_READABLE", f"密钥文件别的账户也能读（权限 {mode:o}）", str(path), "600", hint)
            )
        return file.read().decode("utf-8", "replace").strip()


def _made(path: Path) -> str:
    """Make the file whole or not at all; where another process was faster, what it made is read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    return _read(path)


def _sound(text: str, where: str) -> Secret:
    fault = _fault(text)
    if fault is not None:
        raise UsageError(Issue("SECRET_WEAK", f"密钥{fault}", where, f"{SHORTEST} 个以上的随机字符", f"用 {MAKE} 生成"))
    return Secret(text)


def _fault(text: str) -> str | None:
    """Why a text can be guessed; None for one that looks drawn at random."""
    if len(text) < SHORTEST:
        return f"只有 {len(text)} 个字符"
    if any(example in text.lower() for example in _EXAMPLES):
        return "是说明里的样例"
    neighbours = sum(abs(ord(one) - ord(two)) <= 1 for one, two in pairwise(text))
    if len(set(text)) < FEWEST_DIFFERENT or text in (text + text)[1:-1] or neighbours > len(text) // 2:
        return "重复或有规律，不是随机的"
    return None
