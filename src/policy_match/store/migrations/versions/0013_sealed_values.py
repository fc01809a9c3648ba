"""Values that are sealed, and room for their marks; the account of an instruction stands in its batch and step alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows that are there keep what they say: the chained ones cannot be changed, and no key is at hand here."""
    op.create_table(
        "sealed_values",
        sa.Column("mark", sa.String(length=80), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sealed_values")),
    )
    op.create_index(op.f("ix_sealed_values_about"), "sealed_values", ["about"], unique=False)
    with op.batch_alter_table("objections") as objections:
        objections.alter_column("name", existing_type=sa.String(length=60), type_=sa.String(length=120))
    with op.batch_alter_table("instructions") as instructions:
        instructions.drop_column("holder")
        instructions.drop_column("account")
