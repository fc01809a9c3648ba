"""The roll of a large run, and the runs that were kept; an index of the numbers that ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PARTITIONS = 16
_SUBJECT, _MEASURE = (
    sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql") for length in (200, 80)
)


def upgrade() -> None:
    """Create the tables, that of the pairs in partitions where there are such."""
    op.create_table(
        "roll_pairs",
        sa.Column("subject", _SUBJECT, nullable=False),
        sa.Column("measure", _MEASURE, nullable=False),
        sa.Column("verdict", sa.String(length=1), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=10), nullable=True),
        sa.Column("district", sa.String(length=10), nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "measure", name=op.f("pk_roll_pairs")),
        postgresql_partition_by="HASH (subject)",
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        for number in range(PARTITIONS):
            op.execute(
                f"CREATE TABLE roll_pairs_{number:02d} PARTITION OF roll_pairs"
                f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )
    op.create_index("ix_roll_pairs_by_measure", "roll_pairs", ["measure", "verdict", "step"])
    ended = sa.text("ended_at IS NOT NULL")
    op.create_index(op.f("ix_keys_ended_at"), "keys", ["ended_at"], postgresql_where=ended, sqlite_where=ended)
    op.create_table(
        "roll_subjects",
        sa.Column("subject", _SUBJECT, nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_roll_subjects")),
    )
    op.create_table(
        "roll_runs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("facts", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("subjects", sa.BigInteger(), nullable=False),
        sa.Column("pairs", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_roll_runs_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_runs")),
    )
