"""Write docs/webhook-vectors.json: messages with the signature that a receiver must find, and ones that it must refuse.

Everything is fixed, so that the file is the same each time. The secrets are made up for this file and sign nothing else.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import orjson

from policy_match.exchange.webhook import secret_of, signed

FILE = Path(__file__).resolve().parents[1] / "docs" / "webhook-vectors.json"
AT = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
RECEIVED = int(AT.timestamp()) + 3
ONE, OTHER = secret_of(bytes(range(32))), secret_of(bytes(range(32, 64)))
PROJECT = (
    '{"type":"project","timestamp":"2026-12-01T01:29:58+00:00","data":{"id":"CZ-2026-00001","action":"event.point"}}'
)
CHINESE = '{"type":"test","timestamp":"2026-12-01T01:30:00+00:00","data":{"note":"示范：竣工、投产达效 ✓"}}'
BODIES = {
    "project": PROJECT,
    "chinese": CHINESE,
    "empty object": "{}",
    "empty body": "",
    "line feeds": '{\n  "a": 1\n}\n',
}


def vectors() -> list[dict[str, str | int | bool]]:
    """Each with what the receiver's clock shows (`received`) and whether it should accept."""
    sound = [_vector(name, body) for name, body in BODIES.items()]
    project = sound[0]
    return [
        *sound,
        _vector("another secret", PROJECT, secret=OTHER),
        project | {"name": "signature of another secret", "signature": _vector("project", PROJECT, OTHER)["signature"], "valid": False},
        project | {"name": "body changed", "payload": _base64(PROJECT.replace("00001", "00002").encode()), "valid": False},
        project | {"name": "id changed", "id": "msg_other", "valid": False},
        project | {"name": "six minutes old", "received": int(AT.timestamp()) + 360, "valid": False},
        project | {"name": "from the future", "received": int(AT.timestamp()) - 360, "valid": False},
        project | {"name": "several signatures, one of them right", "signature": f"{sound[1]['signature']} {project['signature']}"},
    ]  # fmt: skip


def text() -> str:
    """The file as it is written."""
    about = (
        "Standard Webhooks v1: signature = 'v1,' + base64(HMAC-SHA256(base64 of the secret after whsec_, "
        "id + '.' + timestamp + '.' + body)). payload is the body in base64. A receiver whose clock shows `received` "
        "accepts exactly the vectors with valid: true; timestamps more than 300 s away are refused."
    )
    return orjson.dumps({"about": about, "vectors": vectors()}, option=orjson.OPT_INDENT_2).decode() + "\n"


def _vector(name: str, body: str, secret: str = ONE) -> dict[str, str | int | bool]:
    message = signed(f"msg_{name.replace(' ', '_')}", AT, body.encode(), secret)
    return {
        "name": name,
        "secret": secret,
        "id": message.id,
        "timestamp": int(message.headers["webhook-timestamp"]),
        "payload": _base64(message.body),
        "signature": message.headers["webhook-signature"],
        "received": RECEIVED,
        "valid": True,
    }


def _base64(body: bytes) -> str:
    return base64.b64encode(body).decode()


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
