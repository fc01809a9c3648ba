"""The secret of an installation: where it comes from, which are refused, and that its keys are apart."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from policy_match.errors import UsageError
from policy_match.secret import Secret, open_secret
from policy_match.settings import Settings

SOUND = "vG3kQ9x-Zr7TnB1uWc5LpYd8HsJfMa2E"
SERVER = "postgresql+psycopg://nobody@127.0.0.1/nothing"


def settings(cache: Path, secret: str | None = None, url: str = "sqlite:///a.db") -> Settings:
    return Settings(cache=cache, database_url=url, secret=None if secret is None else SecretStr(secret))


def test_a_secret_that_is_set_is_taken_and_no_file_is_made(tmp_path: Path) -> None:
    assert open_secret(settings(tmp_path, SOUND)) == Secret(SOUND)
    assert list(tmp_path.iterdir()) == []


def test_the_key_of_a_purpose_is_always_the_same_and_tells_nothing_of_another() -> None:
    one, again, other = Secret(SOUND).key("a"), Secret(SOUND).key("a"), Secret(SOUND).key("b")

    assert one == again and len(one) == 32
    assert one != other and one != Secret(SOUND + "x").key("a")


def test_a_key_is_what_hkdf_of_rfc_5869_gives() -> None:
    first = hmac.new(b"\0" * 32, SOUND.encode(), hashlib.sha256).digest()

    assert Secret(SOUND).key("sealed-fields") == hmac.new(first, b"sealed-fields\x01", hashlib.sha256).digest()


def test_nothing_that_is_printed_shows_the_secret(tmp_path: Path) -> None:
    given = settings(tmp_path, SOUND)

    assert SOUND not in f"{given!r}{given}{open_secret(given)!r}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (SOUND[:31], "只有 31 个字符"),
        ("a" * 64, "有规律"),
        ("abababab" * 8, "有规律"),
        ("9f3c71e8" * 8, "有规律"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "有规律"),
        ("change-me-to-a-long-random-string-of-your-own", "样例"),
        ("CHANGEME" + SOUND, "样例"),
    ],
)
def test_a_secret_that_can_be_guessed_is_refused(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        open_secret(settings(tmp_path, written))

    assert refused.value.issues[0].code == "SECRET_WEAK"
    assert written not in str(refused.value)


def test_thirty_two_characters_are_enough(tmp_path: Path) -> None:
    assert len(SOUND) == 32
    assert open_secret(settings(tmp_path, SOUND)).text == SOUND


@pytest.mark.parametrize("secret", [None, ""])
def test_a_server_database_without_a_secret_is_refused_with_the_way_to_make_one(
    tmp_path: Path, secret: str | None
) -> None:
    with pytest.raises(UsageError, match="token_urlsafe") as refused:
        open_secret(settings(tmp_path, secret, SERVER))

    assert refused.value.issues[0].code == "SECRET_MISSING"
    assert list(tmp_path.iterdir()) == []


def test_sqlite_makes_a_secret_once_that_only_its_owner_may_read(tmp_path: Path) -> None:
    cache = tmp_path / "not" / "there"

    made = open_secret(settings(cache))

    assert open_secret(settings(cache)) == made
    assert [path.name for path in cache.iterdir()] == ["secret.key"]
    assert (cache / "secret.key").stat().st_mode & 0o777 == 0o600
    assert made.text == (cache / "secret.key").read_text().strip() and len(made.text) == 64


def test_two_installations_have_two_secrets(tmp_path: Path) -> None:
    assert open_secret(settings(tmp_path / "a")) != open_secret(settings(tmp_path / "b"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    open_secret(settings(tmp_path))
    (tmp_path / "secret.key").chmod(mode)

    with pytest.raises(UsageError, match="chmod 600") as refused:
        open_secret(settings(tmp_path))

    assert refused.value.issues[0].code == "SECRET_READABLE"


def test_a_file_that_was_cut_short_is_refused_and_not_made_anew(tmp_path: Path) -> None:
    open_secret(settings(tmp_path))
    (tmp_path / "secret.key").write_text("")

    with pytest.raises(UsageError, match="只有 0 个字符"):
        open_secret(settings(tmp_path))

    assert (tmp_path / "secret.key").read_text() == ""


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError) as refused:
        open_secret(settings(tmp_path / "file"))

    assert refused.value.issues[0].code == "SECRET_FILE"


def test_processes_that_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    # Each says that it is ready and waits for the word, so that all look for the file at the same time.
    script = (
        "import sys; from policy_match.secret import open_secret; from policy_match.settings import Settings;"
        "print('ready', flush=True); sys.stdin.readline(); print(open_secret(Settings()).text)"
    )
    env = {**os.environ, "POLICY_MATCH_SECRET": "", "POLICY_MATCH_CACHE": str(tmp_path / "cache")}
    env["POLICY_MATCH_DATABASE_URL"] = "sqlite:///a.db"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script], env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]

    for one in started:
        assert one.stdout is not None and one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = {one.communicate(timeout=60)[0].strip() for one in started}

    assert told == {(tmp_path / "cache" / "secret.key").read_text().strip()}
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["secret.key"]


def test_a_process_that_was_faster_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faster(_fresh: Path, target: Path) -> None:
        target.write_text(SOUND)
        target.chmod(0o600)
        raise FileExistsError

    monkeypatch.setattr(os, "link", faster)

    assert open_secret(settings(tmp_path)) == Secret(SOUND)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
