"""Delete records of the way things went that are older than rules/retention.yaml says; how many is left in the audit chain.

Events, facts, cases, reports and the audit chain are never deleted: the file cannot name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import delete
from sqlalchemy.orm import Session

from policy_match.authoring.retention_file import Keeping, Kind, load_retention
from policy_match.dates import Period, add_period, local_day
from policy_match.settings import LOCAL
from policy_match.store import actors, audit
from policy_match.store.push_tables import Attempt
from policy_match.store.subscription_tables import Trial
from policy_match.workflows.open_archive import Archive

_TABLES: Mapping[Kind, type[Attempt] | type[Trial]] = {"attempts": Attempt, "trials": Trial}


def drop_old(archive: Archive, now: datetime) -> dict[str, int]:
    """How many records were deleted, by the name of their kind; without the file none. RuleError where it does not load."""
    path = archive.rules / "retention.yaml"
    if not path.is_file():
        return {}
    keeping = load_retention(path)
    with archive.database.writing() as session:
        found = {one.name: _dropped(session, kind, one, now) for kind, one in keeping.items()}
        gone = {name: number for name, number in found.items() if number}
        if gone:
            who = actors.actor(session, "importer", local_day(now))
            audit.record(
                session, who, "records.drop", object_kind="records", object_id="retention", at=now, detail={**gone}
            )
    return gone


def _dropped(session: Session, kind: Kind, keeping: Keeping, now: datetime) -> int:
    table = _TABLES[kind]
    first = add_period(local_day(now), Period(-keeping.period.months, -keeping.period.days))
    kept_from = datetime.combine(first, time(), LOCAL)
    return len(session.scalars(delete(table).where(table.at < kept_from).returning(table.id)).all())
