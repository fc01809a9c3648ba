"""When posts and the ends of numbers were recorded, and what stood in a subject before it was changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_LOCAL = timezone(timedelta(hours=8))


def upgrade() -> None:
    """What was recorded before counts as known from the first instant of its own day."""
    op.create_table(
        "former",
        sa.Column("id", RowId, nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_former_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former")),
    )
    op.create_index(op.f("ix_former_subject_id"), "former", ["subject_id"], unique=False)
    op.add_column("keys", sa.Column("ended_at", Instant(), nullable=True))
    _fill("keys", "valid_through", "ended_at")
    op.add_column("posts", sa.Column("recorded_at", Instant(), nullable=True))
    _fill("posts", "since", "recorded_at")
    with op.batch_alter_table("posts") as posts:
        posts.alter_column("recorded_at", existing_type=Instant(), nullable=False)
        posts.drop_column("until")


def _fill(name: str, day: str, instant: str) -> None:
    table = sa.table(name, sa.column("id", RowId), sa.column(day, sa.Date()), sa.column(instant, Instant()))
    connection = op.get_bind()
    days: list[date] = list(connection.scalars(sa.select(table.c[day]).where(table.c[day].is_not(None)).distinct()))
    for one in days:
        first = datetime.combine(one, time.min, _LOCAL).astimezone(UTC)
        connection.execute(table.update().where(table.c[day] == one).values({instant: first}))
