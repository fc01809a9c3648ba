"""JSON answers: the bytes that the command line writes, and the tag that tells whether they are still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from policy_match.store.audit import Plain as StoredPlain
from policy_match.workflows.show_match import Plain


class JsonAnswer(Response):
    """A JSON object as UTF-8."""

    media_type = "application/json"

    def __init__(
        self, body: Mapping[str, Plain | StoredPlain], status_code: int = 200, media_type: str | None = None
    ) -> None:
        super().__init__(orjson.dumps(body), status_code, media_type=media_type)


def tagged(request: Request, body: Mapping[str, Plain]) -> Response:
    """The body under the hash of its bytes (ETag); 304 without a body where the caller holds the same bytes."""
    answer = JsonAnswer(body)
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    held = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in held or "*" in held:
        return Response(status_code=304, headers={"ETag": tag})
    answer.headers["ETag"] = tag
    return answer
