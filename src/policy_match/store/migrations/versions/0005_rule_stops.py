"""Versions of measures that were stopped and put back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of stops and lifts."""
    op.create_table(
        "rule_stops",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stop_id", RowId, nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_rule_stops_actor_id")),
        sa.ForeignKeyConstraint(["stop_id"], ["rule_stops.id"], name=op.f("fk_rule_stops_stop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_stops")),
        sa.UniqueConstraint("stop_id", name=op.f("uq_rule_stops_stop_id")),
    )
    op.create_index(op.f("ix_rule_stops_measure_version"), "rule_stops", ["measure", "version"], unique=False)
