"""Print projects of the library to the screen: as tables for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from policy_match.exchange.screen import write_lines
from policy_match.identifiers import region_name
from policy_match.lifecycle.acceptance import Readiness
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Colour
from policy_match.settings import LOCAL
from policy_match.units import format_money
from policy_match.workflows.find_words import found_by_words
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.show_record import COLOURS, FactEntry, RecordShown, number_text, plain, show_record

FORMS = ("table", "json")


def print_record(archive: Archive, library: str, code: str, view: View, *, form: str, brief: bool = False) -> None:
    """One project; `brief`: only where it stands."""
    form = chosen_form(form, None, FORMS)
    shown = show_record(archive, library, code, view)
    if form == "json":
        write_lines([orjson.dumps(plain(shown, archive.table)) + b"\n"], None)
        return
    lines = _brief(shown) if brief else (*_brief(shown), *_full(shown))
    write_lines([(line + "\n").encode() for line in lines], None)


def _brief(shown: RecordShown) -> Iterator[str]:
    record = shown.record
    known = f"（按 {shown.known_at.astimezone(LOCAL):%Y-%m-%d %H:%M} 以前所知）" if shown.known_at else ""
    yield f"{record.code} {record.name}"
    yield f"{shown.as_of}{known}：{shown.point}，{shown.stage}，牵头 {shown.lead}，{shown.side}"
    if shown.merged:
        yield shown.merged
    yield f"总投资 {shown.investment}，分档 {shown.tier}"
    if record.firm is not None:
        yield f"企业 {record.firm.name or ''} {record.firm.uscc or '（统一社会信用代码待补）'}"
    yield from map(number_text, record.keys)


def _full(shown: RecordShown) -> Iterator[str]:
    yield f"手续 {shown.procedure}；实物量 {shown.progress}"
    if shown.acceptance is not None:
        yield f"联合验收 {_acceptance_text(shown.acceptance)}"
    if shown.standing.lacking:
        yield f"待补：{'、'.join(shown.standing.lacking)}"
    yield from (f"待核实 {what}" for what in shown.asked)
    yield from _titled(
        "时间线", (f"{e.on} {e.text}（{e.source}）{e.evidence} {e.reason}".rstrip() for e in shown.timeline)
    )
    yield from _titled("灯", (f"{e.colour} {e.name}：{e.reason}（{e.units}）" for e in shown.lights))
    yield from _titled(
        "里程碑", (f"{e.name} {e.status} 计划 {e.planned_on or '—'} 实际 {e.actual_on or '—'}" for e in shown.steps)
    )
    yield from _titled("交接", shown.handovers)
    yield from _titled("问题单", (f"{e.id} {e.about} {e.kind} {e.state} 期限 {e.due_on or '—'}" for e in shown.tickets))
    yield from _titled("事实", (_fact_text(e) for e in shown.facts))


def _acceptance_text(found: Readiness) -> str:
    """What is ready, and what lacks or what can be done."""
    ready = "、".join(found.ready) or "还没有备好的"
    return f"已备 {ready}；" + (f"还缺 {'、'.join(found.lacking)}" if found.lacking else "条件已齐，可以申请联合验收")


def _fact_text(entry: FactEntry) -> str:
    day = f"，{entry.observed_on}" if entry.observed_on else ""
    aside = f"，{entry.set_aside}，不用于判断" if entry.set_aside else ""
    others = f"；另有 {'、'.join(entry.others)}" if entry.others else ""
    return f"{entry.label}：{entry.text}（{entry.source}{day}{aside}）{others}"


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    every = list(lines)
    if every:
        yield f"【{title}】"
        yield from (f"  {line}" for line in every)


def print_list(archive: Archive, library: str, view: View, *, form: str, words: str | None = None) -> None:
    """Every project that was there on the day, or those of them that are found by words; UsageError WORDS."""
    form = chosen_form(form, None, FORMS)
    with archive.database.reading() as session:
        among = None if words is None else found_by_words(session, archive, library, words, view)
        standings = list_standings(session, archive, library, view, among)
    if form == "json":
        write_lines([orjson.dumps(list_plain(one)) + b"\n" for one in standings], None)
        return
    lines = ["  ".join(_cells(one, archive.table)) for one in standings]
    write_lines([(line + "\n").encode() for line in (*lines, f"共 {len(standings)} 个项目")], None)


def list_plain(one: Standing) -> dict[str, object]:
    """One row as JSON data."""
    return {
        "code": one.code, "name": one.name, "point": one.point, "stage": one.stage, "lead": one.lead,
        "district": one.district, "tier": one.tier, "investment_fen": one.investment_fen, "side": one.side,
        "observed_only": one.observed_point is not None, "light": None if (colour := worst(one)) is None else colour.value, "lacking": one.lacking,
    }  # fmt: skip


def worst(one: Standing) -> Colour | None:
    """The colour of the first light, which is the most urgent; None where no clock runs."""
    return one.lights[0].colour if one.lights else None


def _cells(one: Standing, table: LifecycleTable) -> Iterator[str]:
    yield one.code
    yield one.name
    yield "—" if one.point is None else table.name(one.point) + ("（未经登记）" if one.observed_point else "")
    yield table.roles[one.lead].name
    yield "辖市区未知" if one.district is None else region_name(one.district)
    yield "总投资未知" if one.investment_fen is None else format_money(one.investment_fen)
    colour = worst(one)
    yield "未计时" if colour is None else COLOURS[colour]
