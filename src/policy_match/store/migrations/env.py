"""Run migrations on the connection that `database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from policy_match.store import (  # noqa: F401  their tables are in the metadata
    account_tables,
    case_tables,
    draft_tables,
    evaluation_tables,
    indicator_tables,
    look_back_tables,
    pipeline_tables,
    push_tables,
    review_tables,
    roll_tables,
    subscription_tables,
)
from policy_match.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
