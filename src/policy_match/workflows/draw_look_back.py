"""Draw the sample of a look-back: recorded points of the projects of a library, by a seed that is kept.

The same seed on the same day is the same look-back: asked again, it is given back as it was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from policy_match.authoring.look_back_file import load_look_back
from policy_match.dispatch.look_back import Conclusion, LookBackRules, draw
from policy_match.errors import Conflict, Issue, UsageError
from policy_match.store import audit, look_backs
from policy_match.store.look_back_tables import LookBack
from policy_match.workflows.list_standings import list_records, reporting_unit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View
from policy_match.workflows.write_entry import By, at_library_desk, not_in_future

_LARGEST = 10**15
"""Below what a number in JSON or a sheet loses its last digits at."""


def look_back_rules(archive: Archive) -> LookBackRules:
    """The rules of the archive; RuleError where the file does not load."""
    return load_look_back(archive.rules / "look_back.yaml", archive.table)


def draw_look_back(archive: Archive, seed: int, as_of: date, by: By) -> int:
    """Draw and record it; its number. UsageError LC_FUTURE, LOOK_BACK_SEED, Forbidden CARE_ROLE, Conflict LOOK_BACK_EMPTY
    where nothing was recorded yet."""
    rules = look_back_rules(archive)
    not_in_future(as_of, by.today, "--as-of")
    if not 0 <= seed <= _LARGEST:
        raise UsageError(
            Issue("LOOK_BACK_SEED", "随机种子不合规定", "--seed", f"0 至 {_LARGEST} 的整数", "如 20250630")
        )
    with at_library_desk(archive, "look_back", by, about="回头看") as (session, who):
        before = look_backs.drawn_before(session, by.library, seed, as_of)
        if before is not None:
            return before.id
        sample = [*_sample(list_records(session, archive, by.library, View.of(as_of, None, by.now)), seed, rules)]
        if not sample:
            what = "库里还没有登记过跟踪点，没有可抽的"
            raise Conflict(Issue("LOOK_BACK_EMPTY", what, by.library, "", "先登记项目的跟踪点"))
        row = LookBack(
            library=by.library, seed=seed, as_of=as_of, drawn_at=by.now, actor_id=who.id,
            asked={"share": str(rules.share), "at_least": str(rules.at_least)}, sample=sample,
        )  # fmt: skip
        look_backs.add(session, row)
        audit.record(
            session, who, "look_back.draw", object_kind="library", object_id=by.library, at=by.now, library=by.library,
            detail={"number": row.id, "seed": str(seed), "as_of": as_of.isoformat(), "drawn": len(sample), **row.asked},
        )  # fmt: skip
        return row.id


def _sample(records: Sequence[Record], seed: int, rules: LookBackRules) -> Iterator[dict[str, str]]:
    """The conclusions drawn, each with the event and the day that stood when it was drawn."""
    by_code = {record.code: record for record in records}
    conclusions = [
        Conclusion(reporting_unit(record.region), record.code, reached.point)
        for record in records
        for reached in record.state.reached
    ]
    for one in draw(conclusions, seed, rules):
        reached = next(r for r in by_code[one.project].state.reached if r.point == one.point)
        yield {
            "district": one.district or "", "project": one.project, "point": one.point, "event": reached.event,
            "on": reached.on.isoformat(),
        }  # fmt: skip
