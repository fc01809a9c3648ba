"""A migration holds nobody up for long: it rewrites no table, makes no index on a table that may be large, and gives up a lock."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from servers import emptied_database
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from policy_match.errors import UsageError
from policy_match.store import database
from policy_match.store.database import migrate, open_database, revision_of, revisions

# Partial indexes that hold few rows, of tables that were small when they came.
MADE_LATER = {
    ("audit", "ix_audit_changes"),
    ("keys", "ix_keys_ended_at"),
    ("subjects", "ix_subjects_survivor_id"),
    ("subjects", "ix_subjects_parent_id"),
}
_GUARD = """
CREATE FUNCTION no_rewrite() RETURNS event_trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rewrites %%', pg_event_trigger_table_rewrite_oid()::regclass; END $$
"""


@pytest.fixture
def engine(server: str) -> Iterator[Engine]:
    """An empty database on PostgreSQL."""
    made = create_engine(emptied_database(server, "migrations"))
    yield made
    made.dispose()


def guarded(engine: Engine) -> None:
    """Let PostgreSQL refuse to write a whole table anew."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_GUARD)
        connection.exec_driver_sql("CREATE EVENT TRIGGER no_rewrite ON table_rewrite EXECUTE FUNCTION no_rewrite()")


def test_no_migration_rewrites_a_table_or_makes_an_index_on_one_that_may_be_large(engine: Engine) -> None:
    guarded(engine)
    made_later = set[tuple[str, str]]()
    for revision in revisions():
        with engine.begin() as connection:
            before = {*inspect(connection).get_table_names()}
            said: list[str] = []
            event.listen(
                connection, "before_cursor_execute", lambda _c, _k, statement, *_x, to=said: to.append(statement)
            )
            migrate(connection, revision)
        for statement in said:
            found = re.match(r'CREATE (?:UNIQUE )?INDEX "?(\w+)"? ON "?(\w+)"?', statement.strip())
            if found and found[2] in before:
                made_later.add((found[2], found[1]))

    assert made_later == MADE_LATER


def test_the_guard_would_notice_a_rewrite(engine: Engine) -> None:
    guarded(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id integer)")
    with pytest.raises(DBAPIError, match="rewrites"), engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE things ALTER COLUMN id TYPE bigint")


def test_a_table_in_use_makes_the_upgrade_give_up_and_leaves_the_schema(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.2)
    with engine.begin() as connection:
        migrate(connection, "0020")
    address = engine.url.render_as_string(hide_password=False)
    with engine.connect() as other:
        other.execute(text("LOCK TABLE subjects IN ROW EXCLUSIVE MODE"))
        with pytest.raises(UsageError, match="别的程序正在用这些表") as told:
            open_database(address)
    with engine.connect() as connection:
        assert revision_of(connection) == "0020"

    assert told.value.issues[0].code == "DATABASE_BUSY"
    open_database(address).close()
    with engine.connect() as connection:
        assert revision_of(connection) == revisions()[-1]
