"""Open pairs and what changed of them, contacts and consents, messages with their deliveries and attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from policy_match.store.types import Instant, RowId

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; messages are no changes of what is decided, so the index of these is made anew."""
    op.drop_index("ix_audit_changes", table_name="audit")
    changes = sa.text("object_kind NOT IN ('access', 'delivery', 'matches', 'message', 'review')")
    op.create_index("ix_audit_changes", "audit", ["seq"], sqlite_where=changes, postgresql_where=changes)
    op.create_table(
        "matched",
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("common", sa.String(length=64), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("matched_on", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("library", name=op.f("pk_matched")),
    )
    op.create_table(
        "channel_switches",
        sa.Column("id", RowId, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_channel_switches_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_switches")),
    )
    op.create_table(
        "consents",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_consents_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_actor_id"), "consents", ["actor_id"], unique=False)
    op.create_table(
        "push_runs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["actors.id"], name=op.f("fk_push_runs_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_runs")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("firm_id", RowId, nullable=False),
        sa.Column("actor_id", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("gateway_account", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_contacts_actor_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["subjects.id"], name=op.f("fk_contacts_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint(
            "library", "firm_id", "actor_id", "since", name=op.f("uq_contacts_library_firm_id_actor_id_since")
        ),
    )
    op.create_index(op.f("ix_contacts_library_firm_id"), "contacts", ["library", "firm_id"], unique=False)
    op.create_table(
        "open_pairs",
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("pairs", sa.Text(), nullable=False),
        sa.Column("look_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_open_pairs_subject_id")),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_open_pairs")),
    )
    op.create_index(op.f("ix_open_pairs_library_look_on"), "open_pairs", ["library", "look_on"], unique=False)
    op.create_table(
        "pair_changes",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("was_version", sa.Integer(), nullable=True),
        sa.Column("now_version", sa.Integer(), nullable=True),
        sa.Column("was", sa.String(length=20), nullable=True),
        sa.Column("now", sa.String(length=20), nullable=True),
        sa.Column("was_low_fen", sa.BigInteger(), nullable=True),
        sa.Column("was_high_fen", sa.BigInteger(), nullable=True),
        sa.Column("now_low_fen", sa.BigInteger(), nullable=True),
        sa.Column("now_high_fen", sa.BigInteger(), nullable=True),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("trigger", sa.String(length=4), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("matched_on", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_pair_changes_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_changes")),
    )
    op.create_index(op.f("ix_pair_changes_library_measure"), "pair_changes", ["library", "measure"], unique=False)
    op.create_index(op.f("ix_pair_changes_subject_id"), "pair_changes", ["subject_id"], unique=False)
    op.create_table(
        "touched",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("subject_id", RowId, nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_touched_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touched")),
    )
    op.create_index(op.f("ix_touched_library"), "touched", ["library"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("dedup_key", sa.String(length=64), nullable=False),
        sa.Column("recipient_id", sa.String(length=60), nullable=False),
        sa.Column("subject_id", RowId, nullable=True),
        sa.Column("measure", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("case_id", RowId, nullable=True),
        sa.Column("change_id", RowId, nullable=True),
        sa.Column("thread_id", RowId, nullable=True),
        sa.Column("digest_id", RowId, nullable=True),
        sa.Column("run_id", RowId, nullable=True),
        sa.Column("trigger", sa.String(length=4), nullable=False),
        sa.Column("content", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("withheld", sa.String(length=14), nullable=True),
        sa.Column("sent_by", sa.String(length=60), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("reply", sa.String(length=12), nullable=True),
        sa.Column("reply_note", sa.Text(), nullable=True),
        sa.Column("replied_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id")),
        sa.ForeignKeyConstraint(["change_id"], ["pair_changes.id"], name=op.f("fk_messages_change_id")),
        sa.ForeignKeyConstraint(["digest_id"], ["messages.id"], name=op.f("fk_messages_digest_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["actors.id"], name=op.f("fk_messages_recipient_id")),
        sa.ForeignKeyConstraint(["run_id"], ["push_runs.id"], name=op.f("fk_messages_run_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["actors.id"], name=op.f("fk_messages_sent_by")),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name=op.f("fk_messages_subject_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["messages.id"], name=op.f("fk_messages_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_digest_id"), "messages", ["digest_id"], unique=False)
    op.create_index(op.f("ix_messages_library_measure"), "messages", ["library", "measure"], unique=False)
    op.create_index(op.f("ix_messages_library_state"), "messages", ["library", "state"], unique=False)
    op.create_index(op.f("ix_messages_recipient_id"), "messages", ["recipient_id"], unique=False)
    op.create_index(
        "uq_messages_dedup_key",
        "messages",
        ["library", "dedup_key"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('cancelled', 'expired', 'suppressed')"),
        postgresql_where=sa.text("state NOT IN ('cancelled', 'expired', 'suppressed')"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("library", sa.String(length=10), nullable=False),
        sa.Column("message_id", RowId, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("client_msg_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("withheld", sa.String(length=14), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.String(length=60), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_deliveries_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("client_msg_id", name=op.f("uq_deliveries_client_msg_id")),
        sa.UniqueConstraint("message_id", "channel", name=op.f("uq_deliveries_message_id_channel")),
    )
    op.create_index(op.f("ix_deliveries_state_due_at"), "deliveries", ["state", "due_at"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("delivery_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_attempts_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_delivery_id"), "attempts", ["delivery_id"], unique=False)
