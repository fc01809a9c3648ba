"""What every test shares: the shipped vocabulary and rulebook, read once."""

from __future__ import annotations

import atexit
import marshal
import math
import os
import pickle
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from fcntl import LOCK_EX, flock
from functools import lru_cache, partial, wraps
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from types import CodeType
from typing import TypeVar

import pytest
from _pytest.assertion import rewrite
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from starlette.testclient import TestClient
from typer import main as typer_main

from policy_match import strict_yaml
from policy_match.access import passwords
from policy_match.authoring import lifecycle_file
from policy_match.cycles import look_seldom
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange import lexicon, message_file, release_folder
from policy_match.facts.vocabulary import Vocabulary
from policy_match.release import Release
from policy_match.settings import LOCAL, Settings
from policy_match.store import database
from policy_match.strict_yaml import Data, Document
from policy_match.text import tokens
from policy_match.workflows import kept_model, open_rules

ROOT = Path(__file__).resolve().parents[1]
# No test touches the library of whoever runs it: commands find an empty one, made anew for every run.
os.environ["POLICY_MATCH_DATABASE_URL"] = f"sqlite:///{mkdtemp(prefix='policy_match_')}/library.db"
# What is learned once for all tests of a run: the cache of the service, where a folder named outside keeps it for the next,
# and the models that any test learned, named by the hash of all they were learned from. Workers are given the same two.
for name, prefix in (
    ("POLICY_MATCH_CACHE", "policy_match_cache_"),
    ("POLICY_MATCH_TESTS_LEARNED", "policy_match_learned_"),
):
    if name not in os.environ:
        os.environ[name] = mkdtemp(prefix=prefix)
        atexit.register(shutil.rmtree, os.environ[name], ignore_errors=True)
LEARNED = Path(os.environ["POLICY_MATCH_TESTS_LEARNED"])
# Workers and the services they start share two processors: a second thread of linear algebra only waits for one, busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Set, not made: whatever database a test opens, a command in it opens with the same.
os.environ.setdefault("POLICY_MATCH_SECRET", "tests-vG3kQ9xZr7TnB1uWc5LpYd8HsJfMa2E")
RULES, CORPUS = ROOT / "rules", ROOT / "corpus"
look_seldom()

# Hashing a password is slow on purpose. Hundreds of sign-ins of tests need the same code and not the same cost.
passwords._HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1),))
passwords._NOBODY = passwords._HASHER.hash("of nobody")

# Files that keep a worker longest, from the longest: whoever took one of them at the end would keep the others waiting.
LONG = (
    "browser/test_accessible.py", "api/test_pages.py", "test_docs.py", "api/test_restart.py", "api/test_stopping.py",
    "api/test_schemathesis.py", "api/test_integration_guide.py", "browser/test_workbench_browser.py",
    "library/test_rights_over_http.py", "browser/test_browser.py", "api/test_serve.py", "api/test_report_pages.py",
    "entitlement/test_verifier_agrees.py", "library/test_daily_push.py", "workflows/test_plan_ahead.py",
    "library/test_dispatch.py", "library/test_releases.py", "rules/test_shipped_rules.py", "bench/test_entitlement_run.py",
    "browser/test_authoring_browser.py", "library/test_backup.py", "bench/test_push_run.py", "store/test_facts_at_size.py",
    "library/test_review_commands.py", "workflows/test_simulate_draft.py",
)  # fmt: skip

Read = TypeVar("Read")
Called = Callable[[str | Sequence[str], Path], subprocess.CompletedProcess[str]]
Filled = Callable[[str, Settings, Path], Settings]
Rewriting = Callable[[Path, pytest.Config], tuple[bytes, CodeType]]


def pytest_xdist_auto_num_workers() -> int:
    """Three workers on two processors: each waits a third of its time for services, databases and browsers of its own."""
    return (len(os.sched_getaffinity(0)) * 3 + 1) // 2


@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """All clients of a service in this process share one event loop and its threads; each of thousands of requests made its own.

    A client that is entered has a loop of its own still, with the lifespan of its service in it.
    """
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as given:
        given.setattr(TestClient, "portal", portal)
        yield


def pytest_collection(session: pytest.Session) -> None:
    """Before every worker collects every file, each rewrites the assertions of its part of them for all (`rewritten_once`)."""
    own: dict[str, str | int] | None = getattr(session.config, "workerinput", None)
    if own is None:
        return
    asked = [Path(argument.partition("::")[0]) for argument in session.config.args]
    files = sorted(path for one in asked for path in ([one] if one.is_file() else one.rglob("test_*.py")))
    for path in files[int(str(own["workerid"]).removeprefix("gw")) :: int(own["workercount"])]:
        if not (rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}").exists():
            rewrite._rewrite_test(path.absolute(), session.config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first, everything else in its order."""
    place = {ROOT / "tests" / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def once(read: Callable[..., Read]) -> Callable[..., Read]:
    """Reads folders again only where a file in them changed: commands in this process read the shipped rules hundreds of times.

    What is read does not change (frozen), and what raises is read again.
    """
    kept = lru_cache(maxsize=6)(lambda _stamp, *given: read(*given))

    @wraps(read)
    def reading(*given: Path | str) -> Read:
        return kept(tuple(stamp(one) for one in given if isinstance(one, Path)), *given)

    return reading


def read_once(read: Callable[[bytes | str, str], Document]) -> Callable[[bytes | str, str], Document]:
    """Reads the same bytes once, in whichever folder and under whatever name: tests copy the shipped rules a hundred times.

    Each reader is given a copy of its own. Faults tell the name of the file, so that a text with faults is read anew.
    """
    kept: dict[bytes, Document] = {}

    @wraps(read)
    def reading(raw: bytes | str, shown_as: str) -> Document:
        content = raw.encode() if isinstance(raw, str) else raw
        found = kept.pop(content, None) or read(content, shown_as)
        if found.issues:
            return found
        kept[content] = found
        for old in [*kept][:-1_000]:
            del kept[old]
        return Document(shown_as, copied(found.data), dict(found.lines))

    return reading


def copied(data: Data) -> Data:
    """The same data, whose lists and objects nobody else holds."""
    if isinstance(data, dict):
        return {key: copied(value) for key, value in data.items()}
    return [copied(value) for value in data] if isinstance(data, list) else data


def with_one_dictionary(tokenizer: Callable[..., Read]) -> Callable[..., Read]:
    """Keeps the dictionary that segmenters begin with in one folder for the run: writing it anew in each takes 1.5 seconds."""

    @wraps(tokenizer)
    def made(domain_words: tuple[str, ...], _cache_dir: Path | None) -> Read:
        return tokenizer(domain_words, LEARNED)

    return made


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


def rewritten_once(rewriting: Rewriting) -> Rewriting:
    """Rewrites the assertions of a file once in a run: in a fresh checkout every worker spent two thirds of collecting on it."""

    @wraps(rewriting)
    def taken(path: Path, config: pytest.Config) -> tuple[bytes, CodeType]:
        kept = LEARNED / sha256(f"{path}\n".encode() + path.read_bytes()).hexdigest()
        with alone(kept):
            if not kept.exists():
                part = kept.with_suffix(".part")
                part.write_bytes(marshal.dumps(rewriting(path, config)))
                part.rename(kept)
        found: tuple[bytes, CodeType] = marshal.loads(kept.read_bytes())
        return found

    return taken


def learned_once(kept: Callable[..., Read]) -> Callable[..., Read]:
    """Learns a model once in a run, in whichever process asks first; what is kept in the folder that is asked for stays as it was.

    Search takes six seconds to learn and the industries twenty, and nearly every test has a folder of its own.
    """

    @wraps(kept)
    def keeping(path: Path, kind: type[Read], learn: Callable[[], Read]) -> Read:
        def taken() -> Read:
            learned = LEARNED / path.name
            with alone(learned):
                if not learned.exists():
                    part = learned.with_suffix(".part")
                    part.write_bytes(pickle.dumps(learn(), protocol=pickle.HIGHEST_PROTOCOL))
                    part.rename(learned)
            found: Read = pickle.loads(learned.read_bytes())
            return found

        return kept(path, kind, taken)

    return keeping


def replayed(migrate: Callable[..., None]) -> Callable[..., None]:
    """Migrates an empty database by the statements that doing so took the first time in this process, a quarter of a second
    shorter; one that has tables, or a way to an older revision, is migrated step by step.
    """
    said: dict[str, list[tuple[str, object]]] = {}

    @wraps(migrate)
    def migrating(connection: Connection, revision: str = "head") -> None:
        if revision != "head" or inspect(connection).get_table_names():
            migrate(connection, revision)
        elif (kind := connection.dialect.name) in said:
            for statement, parameters in said[kind]:
                connection.exec_driver_sql(statement, parameters)
        else:
            with noted(connection) as statements:
                migrate(connection)
            said[kind] = statements

    return migrating


def sharing_statements(engine: Callable[[str], Engine]) -> Callable[[str], Engine]:
    """Lets the engines of a process share what they compiled of statements: hundreds of archives are each asked the same.

    Nor does a SQLite file that a test throws away wait for the disk.
    """
    compiled = LRUCache[object, object](3_000)
    for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        # Both are parts of the key, and every engine has one of its own, which differs in nothing here.
        dialect.__eq__ = lambda one, other: type(one) is type(other)
        dialect.__hash__ = lambda one: hash(type(one))

    @wraps(engine)
    def made(url: str) -> Engine:
        opened = engine(url)
        opened.update_execution_options(compiled_cache=compiled)
        if opened.dialect.name == "sqlite":
            event.listen(opened, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        return opened

    return made


@contextmanager
def noted(connection: Connection) -> Iterator[list[tuple[str, object]]]:
    """The statements that are executed in the block and change anything, with their parameters."""
    changes: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if statement.split(maxsplit=1)[0].upper() not in ("SELECT", "PRAGMA"):
            changes.append((statement, parameters or None))

    event.listen(connection, "before_cursor_execute", note)
    yield changes
    event.remove(connection, "before_cursor_execute", note)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keeps every other process from making the same file."""
    with path.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def stamp(place: Path) -> tuple[tuple[str, int, int, int], ...]:
    """A file, or every file of a folder, with what changes when it is written."""
    within = os.walk(place, followlinks=True)
    paths = (
        [str(place)]
        if place.is_file()
        else [os.path.join(folder, name) for folder, _, names in within for name in names]
    )
    told = [(path, os.stat(path)) for path in paths]
    return tuple((path, one.st_mtime_ns, one.st_size, one.st_ino) for path, one in told)


# Before any module takes these names over.
rewrite._rewrite_test = rewritten_once(rewrite._rewrite_test)
strict_yaml.read_text = read_once(strict_yaml.read_text)
tokens._tokenizer = with_one_dictionary(tokens._tokenizer)
open_rules.open_rulebook = once(open_rules.open_rulebook)
open_rules.open_vocabulary = once(open_rules.open_vocabulary)
release_folder.read_release = once(release_folder.read_release)
lexicon.load_lexicon = once(lexicon.load_lexicon)
lifecycle_file.load_lifecycle = once(lifecycle_file.load_lifecycle)
message_file.load_templates = once(message_file.load_templates)
kept_model.kept = learned_once(kept_model.kept)
database.migrate, database.revisions = replayed(database.migrate), lru_cache(database.revisions)
# Click's commands hold nothing of a call, and making all of them anew takes longer than most commands.
typer_main.get_command = lru_cache(typer_main.get_command)
database._engine = sharing_statements(database._engine)

from policy_match.workflows import read_release  # noqa: E402 - it takes those over

read_release.compiled = once_by_hash(read_release.compiled)

from policy_match_api import decided  # noqa: E402 - as above

# A page of a test has what the line before it recorded, on however slow a machine: that a service answers from what it
# held while it decides anew is for tests/api/test_decided.py to ask for.
decided.PATIENCE = math.inf

# `campaign` is the long run; both leave time out of the verdict, so that a busy machine changes nothing.
settings.register_profile(
    "default",
    max_examples=50,
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
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Fills a database with the demonstration once in a run, in whichever process asks first: a copy of it in a folder.

    It is known by its name: the same name is to be asked for with the same settings.
    """
    from policy_match_api.app import filled_archive

    own = tmp_path_factory.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def filled_once(name: str, settings: Settings, folder: Path) -> Settings:
        filled = run / f"{name}.db"
        with alone(filled):
            if not filled.exists():
                made = run / f"{name}.{os.getpid()}.db"
                url = f"sqlite:///{made}"
                archive, _ = filled_archive(settings.model_copy(update={"database_url": url}), demo=True)
                archive.database.close()
                made.rename(filled)
        shutil.copy(filled, folder / "library.db")
        return settings.model_copy(update={"database_url": f"sqlite:///{folder / 'library.db'}"})

    return filled_once


@pytest.fixture(scope="session")
def shipped_in(filled_once: Filled) -> Callable[[Path], Settings]:
    """A copy of the shipped libraries with the history of the demonstration in a folder, and settings of its day."""
    return partial(filled_once, "shipped", Settings(now=datetime(2026, 11, 28, 9, tzinfo=LOCAL)))


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
