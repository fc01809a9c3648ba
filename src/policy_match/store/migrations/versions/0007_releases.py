"""Releases of the rules: their texts, and who put which of them in force from which day on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PEOPLE = ("drafter", "first_by", "second_by")


def upgrade() -> None:
    """Create the tables; the first release is recorded when the archive is next made or served."""
    op.create_table(
        "releases",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.String(length=20), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_releases")),
    )
    op.create_table(
        "release_texts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_release_texts")),
    )
    op.create_table(
        "activations",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("release_hash", sa.String(length=64), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("drafter", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("difference", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_by", sa.String(length=60), nullable=True),
        sa.Column("first_at", Instant(), nullable=True),
        sa.Column("second_by", sa.String(length=60), nullable=True),
        sa.Column("second_at", Instant(), nullable=True),
        sa.Column("is_first", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["release_hash"], ["releases.hash"], name=op.f("fk_activations_release_hash")),
        *(sa.ForeignKeyConstraint([one], ["actors.id"], name=op.f(f"fk_activations_{one}")) for one in _PEOPLE),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activations")),
    )
