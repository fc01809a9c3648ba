"""The words of names and texts, with the index of full text that each database has for them.

The table is empty at first: the words of an older archive are cut when it is next opened (workflows/open_archive.py).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import RowId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# FTS5 keeps no text of its own here: it is told of every row that comes and goes.
_SQLITE = (
    "CREATE VIRTUAL TABLE subject_words_fts"
    " USING fts5(tokens, content='subject_words', content_rowid='id', tokenize='unicode61')",
    "CREATE TRIGGER subject_words_come AFTER INSERT ON subject_words BEGIN"
    " INSERT INTO subject_words_fts(rowid, tokens) VALUES (new.id, new.tokens); END",
    "CREATE TRIGGER subject_words_go AFTER DELETE ON subject_words BEGIN"
    " INSERT INTO subject_words_fts(subject_words_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END",
)
_POSTGRESQL = ("CREATE INDEX subject_words_fts ON subject_words USING gin (to_tsvector('simple', tokens))",)


def upgrade() -> None:
    """Create the table and its index."""
    op.create_table(
        "subject_words",
        sa.Column("id", RowId, nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.Column("cut_by", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_subject_words_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_words")),
        sa.UniqueConstraint("subject_id", "field", name=op.f("uq_subject_words_subject_id_field")),
    )
    op.create_index(op.f("ix_subject_words_cut_by"), "subject_words", ["cut_by"], unique=False)
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
