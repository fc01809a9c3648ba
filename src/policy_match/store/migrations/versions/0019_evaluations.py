"""Frozen runs of evaluations, what was done about them, and figures put in by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "evaluation_runs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("scheme_text", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_evaluation_runs_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_runs")),
    )
    op.create_index(
        op.f("ix_evaluation_runs_library_scheme_period"),
        "evaluation_runs",
        ["library", "scheme", "period"],
        unique=False,
    )
    op.create_table(
        "evaluation_steps",
        sa.Column("id", RowId, nullable=False),
        sa.Column("run_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", RowId, nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_evaluation_steps_actor_id")),
        sa.ForeignKeyConstraint(["run_id"], ["evaluation_runs.id"], name=op.f("fk_evaluation_steps_run_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_evaluation_steps_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_steps")),
    )
    op.create_index(op.f("ix_evaluation_steps_run_id"), "evaluation_steps", ["run_id"], unique=False)
    op.create_table(
        "evaluation_overrides",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("input", sa.String(length=61), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", Instant, nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("confirmed_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["actors.id"], name=op.f("fk_evaluation_overrides_confirmed_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["actors.id"], name=op.f("fk_evaluation_overrides_proposed_by")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_evaluation_overrides_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_overrides")),
    )
    op.create_index(
        op.f("ix_evaluation_overrides_subject_id_input_year"),
        "evaluation_overrides",
        ["subject_id", "input", "year"],
        unique=False,
    )
