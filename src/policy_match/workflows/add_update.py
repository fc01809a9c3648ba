"""Record a progress update: what is new at a project; it starts the update clock anew."""

from __future__ import annotations

from datetime import date

from policy_match.lifecycle.clocks import Mark
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, at_desk, not_in_future, said

MARK = "update"


def add_update(archive: Archive, project: str, text: str, on: date, by: By) -> Mark:
    """Record it; UsageError for no text or a day to come, Conflict LC_SIDE, Forbidden CARE_ROLE."""
    told = said(text, "进展", "--text")
    not_in_future(on, by.today)
    with at_desk(archive, project, by) as desk:
        desk.require("update")
        desk.require_living()
        return desk.write(Mark(MARK, on, told), "update.add", on=on, detail={"text": told})
