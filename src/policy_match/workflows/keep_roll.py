"""Keep the lists of a large run as the roll that people look up: what differs from the run before is written, the rest stays.

All in one transaction: readers see the run before until it ends, and one that fails leaves nothing. Other writers wait only
for the last moment of it, when the run and its row of the audit chain are written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policy_match.exchange.run_results import RunResults, digests_of, open_run, pairs_of
from policy_match.identifiers import DISTRICTS, region_path
from policy_match.store import audit, rolls
from policy_match.store.actors import actor
from policy_match.store.roll_tables import RollRun
from policy_match.store.rolls import Replaced
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, require_role

if TYPE_CHECKING:
    import pyarrow as pa

ROLL = "roll"
TELL_AFTER = 1_000_000


def keep_roll(archive: Archive, folder: Path, by: By) -> Replaced:
    """Keep what `batch` wrote to a folder; UsageError RUN_FOLDER for any other folder, Forbidden CARE_ROLE."""
    run = open_run(folder)
    noting = noting_forbidden(archive, "roll.keep", folder.name, by.actor, by.now)
    with noting, archive.database.claiming() as session:
        who = actor(session, by.actor, by.today)
        require_role(archive, ROLL, who)
        done = rolls.replace(
            session, digests_of(run), lambda subjects: _told(pairs_of(run, subjects, district_of), len(subjects))
        )
        audit.take_turn(session)
        session.add(_row(run, done, by))
        detail: dict[str, audit.Plain] = {
            "release": run.release, "as_of": run.as_of.isoformat(), "facts": run.facts, "subjects": run.subjects,
            "pairs": done.pairs, "new": done.new, "changed": done.changed, "gone": done.gone,
        }  # fmt: skip
        audit.record(session, who, "roll.keep", object_kind="roll", object_id=ROLL, at=by.now, detail=detail)
    return done


def district_of(region: str) -> str:
    """The reporting unit that a region lies in; the region itself where it lies in none of ours."""
    return next((code for code in DISTRICTS if code in region_path(region)), region)


def _told(batches: Iterable[pa.RecordBatch], subjects: int) -> Iterator[pa.RecordBatch]:
    """The batches; how many subjects are to be written, and of many pairs how far it is."""
    print(f"{subjects:,} 个主体有变化", file=sys.stderr, flush=True)
    read = 0
    for batch in batches:
        yield batch
        if read // TELL_AFTER != (read := read + batch.num_rows) // TELL_AFTER:
            print(f"{read:,} 对已读入", file=sys.stderr, flush=True)


def _row(run: RunResults, done: Replaced, by: By) -> RollRun:
    return RollRun(
        release=run.release, as_of=run.as_of, facts=run.facts, by=run.by, top=run.top, subjects=run.subjects,
        pairs=done.pairs, new=done.new, changed=done.changed, gone=done.gone,
        measures={name: dict(one) for name, one in run.measures.items()}, at=by.now, actor_id=by.actor,
    )  # fmt: skip
