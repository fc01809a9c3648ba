"""The SHA-256 of a file, which stands for it where it is shown as evidence."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path

from policy_match.errors import Issue, UsageError
from policy_match.exchange.tables import why_not


def file_hash(path: Path) -> str:
    """Hexadecimal; UsageError if it cannot be read."""
    try:
        with path.open("rb") as content:
            return file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(Issue("FILE_READ", f"读不了文件（{why_not(error)}）", str(path), "", "检查权限")) from None
