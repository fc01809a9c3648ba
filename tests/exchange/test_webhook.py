"""Messages to other systems: what a receiver finds by its own means is what we signed, and nothing else passes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import orjson
import pytest
import standardwebhooks.webhooks as library
from scripts.write_webhook_vectors import FILE, text
from standardwebhooks import Webhook

from policy_match.exchange.webhook import event_body, secret_of, signed

Vector = dict[str, str | int | bool]
VECTORS: list[Vector] = orjson.loads(FILE.read_bytes())["vectors"]
NAMES = [str(vector["name"]) for vector in VECTORS]


def accepts(vector: Vector) -> bool:
    """What an integrator writes, with the standard library alone."""
    if abs(int(vector["received"]) - int(vector["timestamp"])) > 300:
        return False
    key = base64.b64decode(str(vector["secret"]).removeprefix("whsec_"))
    body = base64.b64decode(str(vector["payload"]))
    signed_text = f"{vector['id']}.{vector['timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed_text, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, one) for one in str(vector["signature"]).split(" "))


def test_the_file_is_what_the_script_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run scripts/write_webhook_vectors.py"
    assert {bool(vector["valid"]) for vector in VECTORS} == {True, False}
    assert len(set(NAMES)) == len(NAMES) >= 10


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_plain_python_accepts_exactly_the_valid_vectors(vector: Vector) -> None:
    assert accepts(vector) is vector["valid"]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_the_library_accepts_exactly_the_valid_vectors(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: timezone | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(int(vector["received"]), tz=tz)

    monkeypatch.setattr(library, "datetime", Clock)
    headers = {f"webhook-{name}": str(vector[name]) for name in ("id", "timestamp", "signature")}
    body = base64.b64decode(str(vector["payload"]))

    try:
        Webhook(str(vector["secret"])).verify(body, headers, json_parse=False)
        passed = True
    except library.WebhookVerificationError:
        passed = False

    assert passed is vector["valid"]


def test_the_instant_is_signed_as_seconds_of_utc_whatever_its_zone() -> None:
    at = datetime(2026, 12, 1, 9, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=8)))
    secret = secret_of(bytes(32))

    here, there = signed("msg_1", at, b"{}", secret), signed("msg_1", at.astimezone(UTC), b"{}", secret)

    assert here == there
    assert here.headers["webhook-timestamp"] == "1796088600"
    assert datetime.fromtimestamp(1796088600, tz=UTC) == datetime(2026, 12, 1, 1, 30, tzinfo=UTC)


def test_the_body_names_type_time_and_what_is_told() -> None:
    body = event_body("project", datetime(2026, 12, 1, 1, 30, tzinfo=UTC), {"id": "示范", "seq": 3, "subject": None})

    assert orjson.loads(body) == {
        "type": "project",
        "timestamp": "2026-12-01T01:30:00+00:00",
        "data": {"id": "示范", "seq": 3, "subject": None},
    }


def test_secret_and_body_do_not_stand_in_what_is_logged_of_a_message() -> None:
    secret = secret_of(bytes(range(32)))
    message = signed("msg_1", datetime(2026, 12, 1, tzinfo=UTC), b'{"a":"b"}', secret)

    assert secret.removeprefix("whsec_") not in repr(message)
    assert '"a"' not in repr(message)
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert Path(FILE).name == "webhook-vectors.json"
