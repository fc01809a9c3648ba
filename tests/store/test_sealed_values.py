"""What was recorded before values were sealed is kept by the migration, and marks have room."""

from __future__ import annotations

from sqlalchemy import create_engine, inspect, text

from policy_match.store.database import migrate

ROWS = (
    "INSERT INTO actors (id, name, role, valid_from) VALUES ('a', 'A', 'science', '2025-01-01')",
    "INSERT INTO subjects (id, library, kind, code, extra, created_at, row_version)"
    " VALUES (1, 'real', 'enterprise', 'E', '{}', '2025-01-01 00:00:00', 1)",
    "INSERT INTO cases (id, library, number, measure, version, beneficiary_id, period, as_of, release, state, takes_place,"
    " notice_ended, consented, reopened, opened_at, row_version) VALUES (1, 'real', 'MX-2025-000001', 'm', 1, 1, '2025',"
    " '2025-06-03', 'r', 'M6', true, true, true, 0, '2025-06-03 00:00:00', 1)",
    "INSERT INTO payment_batches (id, library, number, exported_at, actor_id, content, content_hash)"
    " VALUES (1, 'real', 'BF-2025-000001', '2025-06-13 00:00:00', 'a', 'c', 'h')",
    "INSERT INTO instructions (id, library, case_id, attempt, batch_id, amount_fen, holder, account)"
    " VALUES ('MX-2025-000001-1', 'real', 1, 1, 1, 100, '示范企业', '3204110012345678')",
    "INSERT INTO objections (id, library, case_id, measure, name, contact, says, received_at, recorded_by, due_on)"
    " VALUES (1, 'real', 1, 'm', '示范甲', '13800000000', 's', '2025-06-04 00:00:00', 'a', '2025-06-10')",
)


def test_an_older_archive_keeps_its_orders_and_objections_and_the_order_forgets_its_account(address: str) -> None:
    older = create_engine(address)
    with older.connect() as connection:
        migrate(connection, "0012")
        for row in ROWS:
            connection.execute(text(row))
        migrate(connection)
        connection.commit()

    with older.connect() as connection:
        assert connection.execute(
            text("SELECT id, case_id, attempt, batch_id, amount_fen FROM instructions")
        ).all() == [("MX-2025-000001-1", 1, 1, 1, 100)]
        assert connection.execute(text("SELECT name, contact FROM objections")).all() == [("示范甲", "13800000000")]
        connection.execute(text("UPDATE objections SET name = :mark"), {"mark": "sealed:" + "0" * 64})
        columns = {column["name"] for column in inspect(connection).get_columns("instructions")}
    older.dispose()
    assert not columns & {"holder", "account"}
