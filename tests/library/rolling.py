"""A roll of a few pairs, kept as a run would be."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa

from policy_match.store import rolls
from policy_match.store.roll_tables import RollRun
from policy_match.workflows.open_archive import Archive

NAMES = ("subject", "measure", "verdict", "version", "region", "district", "rank")
TYPES = {"version": pa.int32(), "rank": pa.int64()}
_SCHEMA = pa.schema([(name, TYPES.get(name, pa.string())) for name in NAMES])
Line = tuple[str, str, str, int, str | None, str | None, int]
FEW: list[Line] = [
    ("P001", "specialised_sme", "E", 1, "320412", "320412", -900),
    ("P002", "specialised_sme", "E", 1, "320481", "320481", -500),
]


def keep_few(
    archive: Archive, lines: list[Line] = FEW, measures: dict[str, dict[str, str | int]] | None = None
) -> None:
    """Let these pairs stand, of a run on 1 March 2026. `measures`: their titles and counts, those of the lines without."""
    subjects = [*dict.fromkeys(line[0] for line in lines)]
    digests = pa.record_batch([pa.array(subjects), pa.array(range(len(subjects)))], names=["subject", "digest"])
    pairs = pa.RecordBatch.from_pylist([dict(zip(NAMES, line, strict=True)) for line in lines], _SCHEMA)
    counts = measures or {
        line[1]: {"title": "示范措施", "version": 1, "eligible": len(lines), "unknown": 0, "needs_human": 0}
        for line in lines
    }
    with archive.database.claiming() as session:
        done = rolls.replace(session, [digests], lambda _subjects: [pairs])
        session.add(
            RollRun(
                release="0" * 64, as_of=date(2026, 3, 1), facts="f", by="total_investment", top=20, subjects=len(subjects),
                pairs=done.pairs, new=done.new, changed=0, gone=0, measures=counts, at=datetime(2026, 3, 1, tzinfo=UTC),
                actor_id="data",
            )
        )  # fmt: skip
