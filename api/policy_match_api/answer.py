"""JSON answers: the bytes that the command line writes."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response

from policy_match.workflows.show_match import Plain


class JsonAnswer(Response):
    """A JSON object as UTF-8."""

    media_type = "application/json"

    def __init__(self, body: Mapping[str, Plain], status_code: int = 200, media_type: str | None = None) -> None:
        super().__init__(orjson.dumps(body), status_code, media_type=media_type)
