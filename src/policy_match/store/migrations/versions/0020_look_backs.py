"""Samples of earlier conclusions, and what was found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "look_backs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("drawn_at", Instant, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_look_backs_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_backs")),
    )
    op.create_index(op.f("ix_look_backs_library"), "look_backs", ["library"], unique=False)
    op.create_table(
        "look_back_findings",
        sa.Column("id", RowId, nullable=False),
        sa.Column("look_back_id", RowId, nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("true_on", sa.Date(), nullable=True),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("proposal", sa.String(length=20), nullable=True),
        sa.Column("ticket", sa.String(length=20), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_look_back_findings_actor_id")),
        sa.ForeignKeyConstraint(["look_back_id"], ["look_backs.id"], name=op.f("fk_look_back_findings_look_back_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_look_back_findings_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_back_findings")),
    )
    op.create_index(op.f("ix_look_back_findings_look_back_id"), "look_back_findings", ["look_back_id"], unique=False)
