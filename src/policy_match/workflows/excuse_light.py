"""Say that a red light has a good reason, until a day: it stays red and shows as excused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.errors import Conflict, Issue, UsageError
from policy_match.lifecycle.clocks import Excuse
from policy_match.lifecycle.words import Colour
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, Desk, at_desk, said


@dataclass(frozen=True, slots=True)
class NewExcuse:
    """What is asked. `light` by id or name."""

    project: str
    light: str
    until: date
    reason: str


def excuse_light(archive: Archive, asked: NewExcuse, by: By) -> Excuse:
    """Record it; UsageError for an unknown light, no reason or a day gone by, Conflict LIGHT_NOT_RED, Forbidden CARE_ROLE."""
    reason = said(asked.reason, "理由", "--reason")
    if asked.until < by.today:
        raise UsageError(Issue("EXCUSE_UNTIL", f"{asked.until} 已过", "--until", f"{by.today} 以后", "写以后的一天"))
    with at_desk(archive, asked.project, by) as desk:
        desk.require("excuse")
        excuse = Excuse(_red(desk, asked.light), reason, desk.who.name, asked.until)
        detail = {"light": excuse.clock, "until": asked.until.isoformat()}
        return desk.write(excuse, "light.excuse", on=by.today, detail=detail, reason=reason)


def _red(desk: Desk, written: str) -> str:
    table = desk.archive.table
    names = {clock.id: clock.name for clock in table.clocks} | {gauge.id: gauge.name for gauge in table.gauges}
    found = next((id_ for id_, name in names.items() if written.strip() in (id_, name)), None)
    if found is None:
        raise UsageError(
            Issue("LIGHT_UNKNOWN", f"没有灯“{written[:20]}”", "灯", "、".join(names.values()), "用列出的名称")
        )
    red = {light.id: light.name for light in desk.record.lights if light.colour is Colour.RED}
    if found not in red:
        allowed = "、".join(red.values()) or "目前没有红灯"
        raise Conflict(
            Issue("LIGHT_NOT_RED", f"“{names[found]}”现在不是红灯", desk.project.code, allowed, "只说明红灯")
        )
    return found
