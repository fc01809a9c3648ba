"""JSON answers: the bytes that the command line writes, under a tag that tells whether they are still the same (ETag)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from policy_match.store.audit import Plain as StoredPlain
from policy_match.workflows.show_match import Plain


class JsonAnswer(Response):
    """A JSON object as UTF-8, tagged if it is what was asked for. `row_version`: of the record that may be changed by it."""

    media_type = "application/json"

    def __init__(
        self,
        body: Mapping[str, Plain | StoredPlain],
        status_code: int = 200,
        media_type: str | None = None,
        row_version: int | None = None,
    ) -> None:
        super().__init__(orjson.dumps(body), status_code, media_type=media_type)
        if status_code == 200:
            version = "" if row_version is None else f"{row_version}-"
            self.headers["ETag"] = f'"{version}{hashlib.sha256(self.body).hexdigest()[:32]}"'


def note_coding(answer: MutableHeaders) -> None:
    """Mark the tag of a compressed answer: its bytes are others than those of the plain one (RFC 9110 §8.8.3.3)."""
    coding, tag = answer.get("Content-Encoding"), answer.get("ETag", "")
    if coding and tag:
        answer["ETag"] = f'{tag[:-1]}-{coding}"'


def is_unchanged(request: Headers, answer: Headers) -> bool:
    """Whether the caller holds the very answer (If-None-Match); an answer without a tag is always sent."""
    tag, held = answer.get("ETag"), request.get("If-None-Match", "")
    return tag is not None and any(part.strip().removeprefix("W/") in (tag, "*") for part in held.split(","))
