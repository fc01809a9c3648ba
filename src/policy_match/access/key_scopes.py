"""What an API key may be used for. No scope lets a key approve, export or administer."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from policy_match.errors import Issue, UsageError


class KeyScope(StrEnum):
    """One thing that a key may do; none holds another."""

    READ = "read"
    WRITE = "write"
    SUBSCRIBE = "subscribe"


NAMES = {KeyScope.READ: "读取", KeyScope.WRITE: "写入", KeyScope.SUBSCRIBE: "订阅"}


def read_scopes(written: Iterable[str]) -> tuple[KeyScope, ...]:
    """The scopes of a key in their fixed order, each once; UsageError KEY_SCOPE for another word, or for none at all."""
    words = [word.strip() for word in written]
    wrong = [word for word in words if word not in tuple(KeyScope)]
    allowed = "、".join(f"{scope.value} {name}" for scope, name in NAMES.items())
    if wrong or not words:
        what = f"密钥没有用途“{wrong[0][:20]}”" if wrong else "没有写密钥的用途"
        raise UsageError(Issue("KEY_SCOPE", what, "--scopes", allowed, "改用列出的；密钥不能审批、导出、管理"))
    return tuple(scope for scope in KeyScope if scope in words)
