"""Lines on stderr: one a request if wanted, faults always, as text for people or JSON for a collector.

A line holds the template of an address and never the address itself, no query, body, name or contact, and of the
client the network alone (observe.py). Control characters are escaped, so that no text can pretend to be a line (BI-105).
Times are those of the machine, not of POLICY_MATCH_NOW: a log tells when something truly happened.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Literal, TypeAlias

import structlog
from structlog.typing import EventDict

from policy_match_api.observe import REQUESTS

Form: TypeAlias = Literal["off", "plain", "json"]
_CONTROL = {
    code: f"\\u{code:04x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F))
}


def set_up_logs(form: Form) -> None:
    """Lead every log of this process to stderr; `form` off: no requests, faults as text."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.format_exc_info,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                json_line if form == "json" else plain_line,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    REQUESTS.setLevel(logging.WARNING if form == "off" else logging.INFO)


def tell(text: str, form: Form) -> None:
    """What people who start the service should know: a plain sentence, or a line of the log where that is JSON."""
    if form == "json":
        logging.getLogger("policy_match.service").warning("note", extra={"note": text})
    else:
        print(text, file=sys.stderr, flush=True)


def json_line(_logger: object, _name: str, event: EventDict) -> str:
    """One JSON object; control characters stand in it as JSON writes them."""
    return json.dumps(event, ensure_ascii=False, default=str).translate(_CONTROL)


def plain_line(_logger: object, _name: str, event: EventDict) -> str:
    """Time, level, what happened and its fields; a traceback below, indented, so that no line of it looks like a new one."""
    time, level, what = (event.pop(key, "") for key in ("time", "level", "event"))
    exception = str(event.pop("exception", ""))
    fields = [f"{name}={value}" for name, value in event.items() if value is not None]
    first = " ".join(map(str, (time, level, what, *fields))).translate(_CONTROL)
    return "\n    ".join((first, *(line.translate(_CONTROL) for line in exception.splitlines())))
