"""A folder from which another system fetches: one JSON file a message, there whole or not at all.

`<client_msg_id>.json` with `{"client_msg_id", "to", "title", "body", "short", "at"}`. Whoever fetches takes the file away; a
name that comes again is the same message.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from policy_match.exchange.channels.carrier import Letter
from policy_match.push.delivery import Outcome, Taken


@dataclass(frozen=True, slots=True)
class FileDrop:
    """`folder`: must be there, and ours to write."""

    folder: Path
    is_repeatable: bool = True

    def send(self, letter: Letter) -> Outcome:
        """Write it beside under another name, and then give it its own."""
        told = {
            "client_msg_id": letter.id, "to": letter.to, "title": letter.title, "body": letter.body,
            "short": letter.short, "at": letter.at.astimezone(UTC).isoformat(),
        }  # fmt: skip
        fresh = self.folder / f".{letter.id}.{os.getpid()}"
        try:
            with fresh.open("wb") as file:
                file.write(orjson.dumps(told))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path(letter.id))
        except OSError as error:
            return Outcome(Taken.NOT_NOW, f"交换目录写不了（{error.strerror}）")
        return Outcome(Taken.YES, "已写入交换目录")

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """Whether it lies there; one that does not may have been fetched."""
        if self._path(client_msg_id).exists():
            return Outcome(Taken.YES, "文件在交换目录中")
        return Outcome(Taken.PERHAPS, "文件不在交换目录中，可能已被取走")

    def _path(self, client_msg_id: str) -> Path:
        return self.folder / f"{client_msg_id}.json"
