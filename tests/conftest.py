"""What every test shares: the shipped vocabulary and rulebook, read once."""

from __future__ import annotations

import gc
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from fcntl import LOCK_EX, flock
from functools import lru_cache, wraps
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from policy_match.access import passwords
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange import lexicon, release_folder
from policy_match.facts.vocabulary import Vocabulary
from policy_match.release import Release
from policy_match.settings import LOCAL, Settings
from policy_match.workflows import open_rules

ROOT = Path(__file__).resolve().parents[1]
# No test touches the library of whoever runs it: commands find an empty one, made anew for every run.
os.environ["POLICY_MATCH_DATABASE_URL"] = f"sqlite:///{mkdtemp(prefix='policy_match_')}/library.db"
# The search index is built once for all tests of a run; a folder named outside keeps it for the next.
os.environ.setdefault("POLICY_MATCH_CACHE", mkdtemp(prefix="policy_match_cache_"))
# Set, not made: whatever database a test opens, a command in it opens with the same.
os.environ.setdefault("POLICY_MATCH_SECRET", "tests-vG3kQ9xZr7TnB1uWc5LpYd8HsJfMa2E")
RULES, CORPUS = ROOT / "rules", ROOT / "corpus"
# Rules are many small objects that live long: looking for cycles among them every 700 objects is half the time of reading.
gc.set_threshold(20_000, 10, 10)

# Hashing a password is slow on purpose. Hundreds of sign-ins of tests need the same code and not the same cost.
passwords._HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
passwords._NOBODY = passwords._HASHER.hash("of nobody")

Read = TypeVar("Read")
Called = Callable[[str | Sequence[str], Path], subprocess.CompletedProcess[str]]


def once(read: Callable[..., Read]) -> Callable[..., Read]:
    """Reads folders again only where a file in them changed: commands in this process read the shipped rules hundreds of times.

    What is read does not change (frozen), and what raises is read again.
    """
    kept = lru_cache(maxsize=6)(lambda _stamp, *given: read(*given))

    @wraps(read)
    def reading(*given: Path | str) -> Read:
        return kept(tuple(stamp(one) for one in given if isinstance(one, Path)), *given)

    return reading


def once_by_hash(compiled: Callable[[Release], Rulebook]) -> Callable[[Release], Rulebook]:
    """Compiles a release once: every archive of a test keeps the shipped one, and every service on it opens it."""
    kept: dict[str, Rulebook] = {}

    @wraps(compiled)
    def compiling(release: Release) -> Rulebook:
        if release.hash not in kept:
            kept[release.hash] = compiled(release)
            for old in [*kept][:-6]:
                del kept[old]
        return kept[release.hash]

    return compiling


def stamp(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Every file of a folder with what changes when it is written."""
    found = []
    for place, _, names in os.walk(folder, followlinks=True):
        for path in (os.path.join(place, name) for name in names):
            told = os.stat(path)
            found.append((path, told.st_mtime_ns, told.st_size, told.st_ino))
    return tuple(found)


# Before any module takes these names over.
open_rules.open_rulebook = once(open_rules.open_rulebook)
open_rules.open_vocabulary = once(open_rules.open_vocabulary)
release_folder.read_release = once(release_folder.read_release)
lexicon.load_lexicon = once(lexicon.load_lexicon)

from policy_match.workflows import read_release  # noqa: E402 - it takes those over

read_release.compiled = once_by_hash(read_release.compiled)

# `campaign` is the long run; both leave time out of the verdict, so that a busy machine changes nothing.
settings.register_profile(
    "default",
    max_examples=60,
    deadline=None,
    derandomize="CI" in os.environ,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
settings.register_profile("campaign", settings.get_profile("default"), max_examples=5_000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The shipped rulebook."""
    return open_rules.open_rulebook(RULES, CORPUS)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The shipped vocabulary, read by itself: what tests facts alone needs no rules."""
    return open_rules.open_vocabulary(RULES, CORPUS)


@pytest.fixture(scope="session")
def shipped_in(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Settings]:
    """A copy of the shipped libraries with the history of the demonstration in a folder, and settings of its day.

    The service fills one database in a run, in whichever process asks first: that takes a quarter of a minute.
    """
    from policy_match_api.app import filled_archive

    now = datetime(2026, 11, 28, 9, tzinfo=LOCAL)
    own = tmp_path_factory.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    filled = run / "shipped.db"

    def shipped_in(folder: Path) -> Settings:
        with (run / "shipped.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            if not filled.exists():
                made = run / f"{os.getpid()}.db"
                archive, _ = filled_archive(Settings(now=now, database_url=f"sqlite:///{made}"), demo=True)
                archive.database.close()
                made.rename(filled)
        shutil.copy(filled, folder / "library.db")
        return Settings(now=now, database_url=f"sqlite:///{folder / 'library.db'}")

    return shipped_in


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Called:
    """Runs a command in a folder, in this process: what it is given and what comes back are those of the real one."""
    from policy_match.cli import main

    def call(command: str | Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        arguments = shlex.split(command) if isinstance(command, str) else [*command]
        with monkeypatch.context() as given:
            given.chdir(folder)
            given.setattr(sys, "argv", ["policy-match", *arguments])
            with pytest.raises(SystemExit) as ended:
                main()
        said = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, int(str(ended.value.code or 0)), said.out, said.err)

    return call
