"""The guide for integrators holds: each of its calls is answered as it says, its receiver takes what it should and nothing
else, and the keys of tests are answered the same on every day and by every installation."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import pytest
from playwright._impl._driver import compute_driver_executable
from running import running
from starlette.testclient import TestClient

from policy_match.access.tokens import demo_key
from policy_match.settings import Settings
from policy_match_api.app import create_app, filled_archive

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "integration.zh.md").read_text("utf-8")
VECTORS = json.loads((DOCS / "webhook-vectors.json").read_text("utf-8"))["vectors"]
FIXED = "2026-11-27T10:00:00+08:00"
NOW = datetime.fromisoformat(FIXED)
FILES = dict(re.findall(r"^```\w+\n(?:#|//) (\w+\.\w+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
READ = (
    "measures", "measures/cz_hnte_award", "projects?library=demo&limit=100", "projects/D101?library=demo",
    "projects/D101/matches?library=demo", "projects/D101/bundle?library=demo",
    "msjx/cases?library=demo", "changes?library=demo",
)  # fmt: skip
Answers: TypeAlias = "dict[tuple[str, str], bytes]"
LOGINS = ("demo-enterprise-d001", "demo-development")


def settings_in(folder: Path, now: datetime) -> Settings:
    return Settings(database_url=f"sqlite:///{folder / 'library.db'}", now=now, lookups_per_minute=0)


def installed(folder: Path) -> Path:
    """A fresh installation of the day of the guide; its folder."""
    archive, _ = filled_archive(settings_in(folder, NOW), demo=True)
    archive.database.close()
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def client(first: Path) -> TestClient:
    return opened(first, NOW)


@pytest.fixture(scope="module")
def here(client: TestClient) -> Answers:
    return answers(client)


def opened(folder: Path, now: datetime) -> TestClient:
    return TestClient(create_app(settings_in(folder, now)))


def with_key(client: TestClient, login: str) -> TestClient:
    return TestClient(client.app, headers={"Authorization": f"Bearer {demo_key(login)}"})


def answers(client: TestClient) -> Answers:
    """What each key is answered at each address, refusals without their trace id."""
    return {
        (login, path): re.sub(rb'"trace_id":"\w+"', b"", with_key(client, login).get(f"/api/v1/{path}").content)
        for login in LOGINS
        for path in READ
    }


def steps() -> list[tuple[str, str]]:
    """The calls of the guide in their order, each with the answer that is shown below it."""
    found: list[tuple[str, str]] = []
    for kind, text in re.findall(r"^```(bash|json|text)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL):
        if kind == "bash":
            found.append((text, ""))
        else:
            found[-1] = found[-1][0], text.strip()
    return found


def first_missing(shown: str, answered: str) -> str | None:
    """The first piece of a shortened answer that does not follow the ones before it; None: all do."""
    place = 0
    for piece in shown.split("…"):
        found = answered.find(piece, place)
        if found < 0:
            return piece
        place = found + len(piece)
    return None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def test_every_call_of_the_guide_is_answered_as_it_shows_up_to_the_webhook(first: Path, tmp_path: Path) -> None:
    shutil.copy(first / "library.db", tmp_path)
    port = str(free_port())
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.replace("8799", port), "utf-8")
    cache = {"POLICY_MATCH_CACHE": os.environ["POLICY_MATCH_CACHE"]}
    allowed = {"POLICY_MATCH_NOW": FIXED, "POLICY_MATCH_WEBHOOK_HOSTS": "127.0.0.1"}
    script = "".join(f"printf '\\n@@@\\n'\n{called}" for called, _ in steps())

    with running(tmp_path, demo=True, **cache, **allowed) as service:
        script = script.replace("http://127.0.0.1:8000", service.address).replace("8799", port)
        ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=300)

    answered = f"\n{ran.stdout}".split("\n@@@\n")[1:]
    assert ran.returncode == 0, ran.stderr
    assert len(answered) == len(steps()) > 20
    for (called, shown), answer in zip(steps(), answered, strict=True):
        assert first_missing(shown.replace("8799", port), answer) is None, (called, shown, answer[:3000])


def test_two_installations_of_one_instant_answer_the_keys_of_tests_alike_but_for_cursors(
    here: Answers, tmp_path: Path
) -> None:
    there = answers(opened(installed(tmp_path), NOW))

    cursor = re.compile(rb'"next_cursor":"[^"]+"')
    assert {asked: cursor.sub(b"", body) for asked, body in here.items()} == {
        asked: cursor.sub(b"", body) for asked, body in there.items()
    }
    assert b'"total":6,' in here[LOGINS[0], READ[2]]
    assert len(here[LOGINS[1], "changes?library=demo"]) > 5000


def test_on_another_day_they_are_answered_the_same_to_the_byte_and_write_of_their_own_instant(
    here: Answers, first: Path, tmp_path: Path
) -> None:
    shutil.copy(first / "library.db", tmp_path)
    later = opened(tmp_path, NOW + timedelta(days=25))
    assert answers(later) == here
    firm = with_key(later, "demo-enterprise-d001")

    told = firm.post(
        "/api/v1/projects/D102/facts?library=demo", json={"facts": {"本月完成投资": "4321万元"}, "source": "SELF"}
    )

    assert told.status_code == 200
    newest = firm.get("/api/v1/changes?library=demo").json()["changes"][-1]
    assert (newest["action"], newest["subject"]) == ("project.tell", "D102")
    assert datetime.fromisoformat(newest["at"]) == NOW
    assert "4321万元" in firm.get("/api/v1/projects/D102?library=demo").text


@pytest.mark.parametrize("path", ["projects", "msjx/cases", "changes"])
def test_a_key_is_told_that_a_library_is_not_its_own_and_gets_no_empty_list(client: TestClient, path: str) -> None:
    refused = with_key(client, "demo-enterprise-d001").get(f"/api/v1/{path}").json()

    assert (refused["status"], refused["code"], refused["allowed"]) == (404, "LIBRARY_CLOSED", ["demo"])


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("SECRET", "unused")
    module = ModuleType("receiver")
    exec(compile(FILES["receiver.py"], "receiver.py", "exec"), module.__dict__)
    return module


def sent(vector: dict[str, str | int | bool]) -> dict[str, str]:
    return {
        "webhook-id": str(vector["id"]),
        "webhook-timestamp": str(vector["timestamp"]),
        "webhook-signature": str(vector["signature"]),
    }


def test_the_receiver_of_the_guide_takes_the_sound_vectors_and_no_other(receiver: ModuleType) -> None:
    verify: Callable[[dict[str, str], bytes, str, int], bool] = receiver.verify
    found = {
        one["name"]: verify(sent(one), base64.b64decode(one["payload"]), one["secret"], one["received"])
        for one in VECTORS
    }

    assert found == {one["name"]: one["valid"] for one in VECTORS}
    assert not verify({}, b"", VECTORS[0]["secret"], VECTORS[0]["received"])


def test_so_does_the_one_in_javascript(tmp_path: Path) -> None:
    node, _ = compute_driver_executable()
    (tmp_path / "verify.js").write_text(FILES["verify.js"], "utf-8")
    given = json.dumps([{**one, "headers": sent(one)} for one in VECTORS])
    (tmp_path / "try.js").write_text(
        'const {verify} = require("./verify.js");\n'
        f"const found = {given}.map((one) => "
        'verify(one.headers, Buffer.from(one.payload, "base64"), one.secret, one.received));\n'
        "console.log(JSON.stringify(found));\n",
        "utf-8",
    )

    ran = subprocess.run([node, "try.js"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert json.loads(ran.stdout) == [one["valid"] for one in VECTORS]


def test_the_guide_tells_how_many_vectors_there_are() -> None:
    assert f"有 {len(VECTORS)} 条测试向量" in GUIDE
