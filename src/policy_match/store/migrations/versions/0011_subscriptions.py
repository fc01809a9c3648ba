"""Subscriptions of other systems, answers to requests that may be sent twice, and the library of an audit row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; audit rows that are there keep no library, since their hash does not name one."""
    op.add_column("audit", sa.Column("library", sa.String(length=10), nullable=True))
    op.create_table(
        "kept_answers",
        sa.Column("id", RowId, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_kept_answers_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answers")),
        sa.UniqueConstraint("actor_id", "key", name=op.f("uq_kept_answers_actor_id_key")),
    )
    op.create_index(op.f("ix_kept_answers_at"), "kept_answers", ["at"])
    op.create_table(
        "subscriptions",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_subscriptions_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_actor_id"), "subscriptions", ["actor_id"])
    op.create_table(
        "trials",
        sa.Column("id", RowId, nullable=False),
        sa.Column("subscription_id", RowId, nullable=False),
        sa.Column("message_id", sa.String(length=60), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscriptions.id"], name=op.f("fk_trials_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
        sa.UniqueConstraint("message_id", name=op.f("uq_trials_message_id")),
    )
    op.create_index(op.f("ix_trials_subscription_id"), "trials", ["subscription_id"])
