"""The releases of the rules: what is in force, what waits for whom, what was; and whether the rule folder differs."""

from __future__ import annotations

import json

from policy_match.dates import local_day
from policy_match.errors import RuleError
from policy_match.release import SHORT, Activation, Signed, in_force
from policy_match.store import releases
from policy_match.workflows.library_names import DEMO, REAL, shown_library
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows, print_rows
from policy_match.workflows.read_records import View

_HEADER = {
    "number": "号", "state": "状态", "release": "规则版本", "since": "施行自", "drafter": "提出", "proposed_on": "提出日期",
    "first": "批准一", "second": "批准二", "changed": "变化（对）", "reason": "原因", "place": "范围",
}  # fmt: skip


def list_releases(archive: Archive, view: View) -> tuple[Activation, ...]:
    """Every activation known at the instant, of both libraries, in the order of recording."""
    with archive.database.reading() as session:
        return tuple(releases.activations(session, DEMO, known_at=view.known_at))


def print_releases(archive: Archive, view: View, *, form: str) -> None:
    """A line an activation, with its state on the day; UsageError for an unknown format."""
    rows = tuple(_row(one, state) for one, state in states(list_releases(archive, view), view))
    print_rows(Rows("规则版本的启用", _HEADER, rows), form=form)


def states(known: tuple[Activation, ...], view: View) -> tuple[tuple[Activation, str], ...]:
    """Each activation with how it stands on the day, in a word."""
    counting = {found.id for found in (in_force(_of(known, name), view.as_of) for name in (REAL, DEMO)) if found}
    return tuple((one, "施行中" if one.id in counting else _waits(one, view)) for one in known)


def _of(known: tuple[Activation, ...], library: str) -> tuple[Activation, ...]:
    return tuple(one for one in known if library == DEMO or not one.is_demo)


def _waits(one: Activation, view: View) -> str:
    if one.approved_at is None and not one.is_first:
        return f"待批准，已有{len(one.signed)}人"
    return "未到施行日" if one.since > view.as_of else "已被替代"


def told_step(one: Activation) -> str:
    """How a proposal stands after a step, and what is to do next."""
    release = f"第 {one.id} 号：规则版本 {one.release[:SHORT]} 自 {one.since} 起施行"
    if one.approved_at is not None:
        return f"已批准{release}"
    waiting = "待另外两人批准" if not one.signed else "还待一人批准"
    return f"{release}，{waiting}：policy-match rules approve {one.id} --by 经办人编号"


def folder_note(archive: Archive, view: View) -> str:
    """What to say where the rule folder is not what decides real projects on the day; empty where it is."""
    with archive.database.reading() as session:
        found = in_force(releases.activations(session, REAL, known_at=view.known_at), view.as_of)
    if found is None:
        return ""
    going_on = f"判定仍按规则版本 {found.release[:SHORT]}"
    try:
        if archive.shelf.hash == found.release:
            return ""
        _ = archive.shelf.folder
    except RuleError as error:
        return f"规则目录有 {len(error.issues)} 处错误，{going_on}；逐条见 policy-match rules check"
    how = f"policy-match rules activate {archive.shelf.rules} --reason 原因 --by 经办人编号"
    return f"规则目录（{archive.shelf.hash[:SHORT]}）与施行中的不同，{going_on}；要启用目录中的规则：{how}"


def _row(one: Activation, state: str) -> Row:
    first, second = (*one.signed, None, None)[:2]
    return {
        "number": one.id,
        "state": state,
        "release": one.release[:SHORT],
        "hash": one.release,
        "since": one.since.isoformat(),
        "drafter": one.drafter.by,
        "proposed_on": local_day(one.drafter.at).isoformat(),
        "first": _signed(first),
        "second": _signed(second),
        "changed": json.loads(one.difference).get("changed"),
        "difference": json.loads(one.difference),
        "reason": one.reason,
        "library": DEMO if one.is_demo else REAL,
        "place": shown_library(DEMO) if one.is_demo else "全部",
    }


def _signed(one: Signed | None) -> str | None:
    return None if one is None else f"{one.by}，{local_day(one.at)}"
