"""May this event be recorded? Every fault of it, in a fixed order, in the words of the notice's people.

What cannot be judged further stops the list: a repeated key, a record changed by somebody else, a
side state, a move that does not exist, a person not entitled. Then reason, dates, keys, evidence and
open cases are told together. LC_DUP_EVENT and LC_CLOSED_MONTH are notes, not refusals: the first
result stands, or the event is accepted and counted as a restatement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from policy_match.errors import Issue
from policy_match.lifecycle.case import Case, entitled, who_may
from policy_match.lifecycle.events import Event, Reached, State, advance, corrected, fold
from policy_match.lifecycle.table import Cause, EvidenceGroup, LifecycleTable, SideMove, Transition, Who
from policy_match.lifecycle.words import CORRECTIONS, EventKind, Side
from policy_match.working_days import WorkingDays

NOTES = frozenset({"LC_DUP_EVENT", "LC_CLOSED_MONTH"})
_PLAN = "计划日期请填“计划”栏"
_JOINED = (EventKind.MERGE, EventKind.UNMERGE)


def is_refused(issues: Iterable[Issue]) -> bool:
    """Whether any of the issues is more than a note."""
    return any(issue.code not in NOTES for issue in issues)


def check(event: Event, state: State, table: LifecycleTable, case: Case) -> tuple[Issue, ...]:
    """The faults and notes of an event that would follow `state`; none: it may be recorded."""
    if event.idempotency_key and event.idempotency_key in case.seen_keys:
        return (Issue("LC_DUP_EVENT", "这条记录已经受理过，返回首次结果", event.id),)
    if case.version_seen != case.version_now:
        return (_stale(event, case),)
    if event.kind in CORRECTIONS:
        return _correction(event, state, table, case)
    if event.kind is EventKind.POINT and event.point is not None:
        return _point(event, event.point, state, table, case)
    if event.kind is EventKind.ENTER:
        return _entry(event, state, table, case)
    return _side(event, table.side_moves[event.kind], state, table, case)


def check_batch(
    events: Sequence[Event], state: State, table: LifecycleTable, case: Case
) -> tuple[tuple[Issue, ...], ...]:
    """The faults of events of one submission, each as if those before it were recorded.

    Only runs of points that the table lets be recorded together build on one another; another run is LC_SKIP.
    """
    found: list[tuple[Issue, ...]] = []
    run: list[str] = []
    for event in events:
        point = event.point if event.kind is EventKind.POINT else None
        follows = point is not None and any((*run, point) == batch[: len(run) + 1] for batch in table.batches)
        faults = check(event, state, table, case) if not run or follows else (_skip(event, run[-1], table),)
        found.append(faults)
        if point is not None and not is_refused(faults):
            run.append(point)
            state = advance(state, event, table)
    return tuple(found)


def _point(event: Event, point: str, state: State, table: LifecycleTable, case: Case) -> tuple[Issue, ...]:
    move = _step(event, point, state, table)
    if isinstance(move, Issue):
        return (move,)
    if not entitled(move.who, event.source, state.lead, table, case):
        return (_role("LC_ROLE", move.who, event, state.lead, table, case),)
    previous = state.reached[-1] if state.reached else None
    evidence = (*move.evidence, *(group for cause in _chosen(event, move.causes) for group in cause.evidence))
    return (
        *_point_reason(event, move, case),
        *_future(event, case),
        *_order(event, point, previous, None, table),
        *_keys(event, move, table, case),
        *_evidence("LC_EVIDENCE", event, evidence, table, case),
        *_closed(event, (event.effective_on,), case),
    )


def _step(event: Event, point: str, state: State, table: LifecycleTable) -> Transition | Issue:
    """The move from where the project stands to a point, or why there is none."""
    if state.side is not Side.ACTIVE:
        return _aside(event, state, table)
    if table.order(point) <= table.order(state.point):
        return Issue("LC_BACKWARD", "阶段不可回退；如录入有误，请走更正流程", event.id)
    move = next((t for t in table.transitions if (t.start, t.to) == (state.point, point)), None)
    return move or _skip(event, table.points[table.order(state.point)].id, table)


def _aside(event: Event, state: State, table: LifecycleTable) -> Issue:
    """A project that is paused or out of the library takes no point; the moves that bring it back, if there are any."""
    moves = table.side_moves.values()
    back = [f"“{move.name}”" for move in moves if move.to in (None, Side.ACTIVE) and state.side in move.starts]
    what, hint = f"项目处于“{table.side_names[state.side]}”，不能推进阶段", f"先办理{'或'.join(back)}" if back else ""
    return Issue("LC_SIDE", what, event.id, table.side_names[Side.ACTIVE], hint)


def _skip(event: Event, missing: str, table: LifecycleTable) -> Issue:
    early = table.point(event.point).early if event.point is not None else None
    hint = f"事实上已先行的，记为里程碑“{table.name(early)}”，并登记问题" if early else ""
    return Issue("LC_SKIP", f"不能跳过“{table.name(missing)}”，请先补录并上传佐证", event.id, "", hint)


def _entry(event: Event, state: State, table: LifecycleTable, case: Case) -> tuple[Issue, ...]:
    if state.history:
        return (Issue("LC_BACKWARD", "项目已在库中", event.id, "", "再次入库请办理“重新入库”"),)
    who = tuple(one for move in table.transitions if move.start is None for one in move.who)
    if not entitled(who, event.source, state.lead, table, case):
        return (_role("LC_ROLE", who, event, state.lead, table, case),)
    return (*_future(event, case), *_closed(event, (event.effective_on,), case))


def _side(event: Event, move: SideMove, state: State, table: LifecycleTable, case: Case) -> tuple[Issue, ...]:
    if state.side not in move.starts or not (state.history or move.survivor):
        return (_no_start(event, move, state, table),)
    if not entitled(move.who, event.source, state.lead, table, case):
        return (_role("SIDE_ROLE", move.who, event, state.lead, table, case),)
    chosen = _chosen(event, move.causes)
    evidence = (*move.evidence, *(group for cause in chosen for group in cause.evidence))
    lacking = "SIDE_RESUME_EVIDENCE" if event.kind is EventKind.RESUME else "LC_EVIDENCE"
    return (
        *_side_reason(event, move, chosen, state, table),
        *_future(event, case),
        *_side_order(event, move, state, table),
        *_evidence(lacking, event, evidence, table, case),
        *_open_cases(event, move, case),
        *_closed(event, (event.effective_on,), case),
    )


def _no_start(event: Event, move: SideMove, state: State, table: LifecycleTable) -> Issue:
    now = table.side_names[state.side] if state.history else "尚未入库"
    what = f"项目处于“{now}”，不能办理“{move.name}”"
    return Issue("LC_SIDE", what, event.id, "、".join(table.side_names[side] for side in sorted(move.starts)))


def _correction(event: Event, state: State, table: LifecycleTable, case: Case) -> tuple[Issue, ...]:
    target = state.event(event.supersedes or "")
    if target is None:
        what = "要更正的记录不存在，或已被他人撤销，请刷新"
        return (Issue("LC_STALE", what, event.id, "当前有效的记录"),)
    if target.kind in _JOINED:
        what = f"“{table.side_moves[target.kind].name}”不能更正"
        return (
            Issue(
                "LC_SIDE", what, event.id, "其他记录", "并错了的，撤销并库（project unmerge）；确是同一项目的，重新并库"
            ),
        )
    lead = table.interval(target.point).lead if target.point is not None else state.lead
    if not entitled(table.corrections.who, event.source, lead, table, case):
        return (_role("LC_ROLE", table.corrections.who, event, lead, table, case),)
    reason = () if event.reason.strip() else (Issue("LC_REASON", "请填写原因", event.id),)
    evidence = _evidence("LC_EVIDENCE", event, table.corrections.evidence, table, case)
    is_moved = event.kind is EventKind.CORRECT
    placed = _moved(event, target, state, table) if is_moved else _withdrawn(event, target, state, table)
    moved = (*(_future(event, case) if is_moved else ()), *(placed or _replayed(event, target, state, table)))
    days = (target.effective_on, event.effective_on)
    return (*reason, *moved, *evidence, *_closed(event, days, case))


def _withdrawn(event: Event, target: Event, state: State, table: LifecycleTable) -> tuple[Issue, ...]:
    """Only the last point can be taken back: points before it would leave a gap."""
    if target.kind is not EventKind.POINT or target.point == state.point:
        return ()
    what = f"不能跳过“{table.name(target.point or '')}”，请先撤销其后的“{table.name(state.point or '')}”"
    return (Issue("LC_SKIP", what, event.id),)


def _moved(event: Event, target: Event, state: State, table: LifecycleTable) -> tuple[Issue, ...]:
    """A point stays between its neighbours, and moves beside the points keep their order."""
    if target.kind is EventKind.POINT and target.point is not None:
        place = table.order(target.point)
        before = [reached for reached in state.reached if table.order(reached.point) < place]
        after = [reached for reached in state.reached if table.order(reached.point) > place]
        return _order(event, target.point, before[-1] if before else None, after[0] if after else None, table)
    others = [replace(e, effective_on=event.effective_on) if e.id == target.id else e for e in state.history]
    if [period.event for period in fold(others, table).sides] != [period.event for period in state.sides]:
        what = f"更正后的日期 {event.effective_on} 与前后记录的次序不合"
        return (Issue("LC_DATE_ORDER", what, event.id, "", "先更正前后的记录"),)
    return ()


def _replayed(event: Event, target: Event, state: State, table: LifecycleTable) -> tuple[Issue, ...]:
    """Why the entry, or else the first other one, does not follow from those before it once the correction stands."""
    others = [one for one in state.history if one.id != target.id]
    held = others if event.kind is EventKind.WITHDRAW else [*others, corrected(target, event)]
    stood = {(one.id, issue.code) for one, issue in _misplaced(state.history, table)}
    found = [(one, i) for one, i in _misplaced(fold(held, table).history, table) if (one.id, i.code) not in stood]
    if not found:
        return ()
    one, issue = min(found, key=lambda pair: pair[0].id != target.id)
    name = table.name(one.point) if one.point is not None else table.side_moves[one.kind].name
    what = issue.what if one.id == target.id else f"更正后，{one.effective_on} 的“{name}”不成立：{issue.what}"
    return (replace(issue, what=what, where=event.id, hint="核对日期，或先更正前后的记录"),)


def _misplaced(history: Sequence[Event], table: LifecycleTable) -> Iterator[tuple[Event, Issue]]:
    """The entries of a log that may not follow those before them, with the fault. The day of the entry into the library
    is bound to nothing: points may be older."""
    for place, event in enumerate(history):
        before = fold(history[:place], table)
        for fault in _misfits(event, before, len(history) > 1, table):
            yield event, fault


def _misfits(event: Event, before: State, has_others: bool, table: LifecycleTable) -> tuple[Issue, ...]:
    if event.kind is EventKind.ENTER:
        return ()
    if event.kind is EventKind.POINT and event.point is not None:
        step = _step(event, event.point, before, table)
        return (step,) if isinstance(step, Issue) else ()
    move = table.side_moves[event.kind]
    if not before.history and not move.survivor and has_others:
        return (Issue("LC_DATE_ORDER", f"“{move.name}”日期早于“入库”日期", event.id),)
    if before.side not in move.starts or not (before.history or move.survivor):
        return (_no_start(event, move, before, table),)
    code = "LC_REASON" if event.kind is EventKind.EXIT else "SIDE_REASON"
    return tuple(i for cause in _chosen(event, move.causes) for i in _cause_fits(code, event, cause, before, table))


def _stale(event: Event, case: Case) -> Issue:
    by = f"（{case.changed_by}）" if case.changed_by else ""
    return Issue(
        "LC_STALE", f"数据已被他人{by}修改，请刷新", event.id, "", "刷新后核对，再提交一次；您填写的内容仍保留"
    )


def _role(code: str, who: tuple[Who, ...], event: Event, lead: str, table: LifecycleTable, case: Case) -> Issue:
    what = f"当前阶段由{table.roles[lead].name}负责，您无权办理"
    return Issue(code, what, event.id, who_may(who, lead, table, case))


def _chosen(event: Event, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    return tuple(cause for cause in causes if cause.name == event.cause)


def _point_reason(event: Event, move: Transition, case: Case) -> tuple[Issue, ...]:
    if case.variant not in move.reason_for or _chosen(event, move.causes):
        return ()
    return (Issue("LC_REASON", "请填写原因", event.id, "、".join(cause.name for cause in move.causes)),)


def _side_reason(
    event: Event, move: SideMove, chosen: tuple[Cause, ...], state: State, table: LifecycleTable
) -> tuple[Issue, ...]:
    code = "LC_REASON" if event.kind is EventKind.EXIT else "SIDE_REASON"
    if move.causes and not chosen:
        return (Issue(code, "请填写原因", event.id, "、".join(cause.name for cause in move.causes)),)
    if move.reason and not event.reason.strip():
        return (Issue(code, "请填写原因", event.id, "书面说明"),)
    if move.expected and event.expected_on is None:
        return (Issue(code, "请填写预计恢复日期", event.id),)
    if move.survivor and event.survivor is None:
        return (Issue(code, "请写明并入的项目", event.id),)
    return tuple(issue for cause in chosen for issue in _cause_fits(code, event, cause, state, table))


def _cause_fits(code: str, event: Event, cause: Cause, state: State, table: LifecycleTable) -> tuple[Issue, ...]:
    if cause.starts and state.side not in cause.starts:
        sides = "、".join(table.side_names[side] for side in sorted(cause.starts))
        return (Issue(code, f"“{cause.name}”只用于处于“{sides}”的项目", event.id),)
    if cause.point is None:
        return ()
    reached = state.on(cause.point)
    due = None if reached is None or cause.held is None else cause.held.after(reached, WorkingDays({}))
    if reached is not None and (due is None or event.effective_on >= due):
        return ()
    held = f"满{cause.held}" if cause.held else ""
    return (
        Issue(code, f"“{cause.name}”须{table.name(cause.point)}{held}", event.id, "" if due is None else f"{due} 起"),
    )


def _future(event: Event, case: Case) -> tuple[Issue, ...]:
    if event.effective_on <= case.today:
        return ()
    return (Issue("LC_FUTURE", f"日期晚于今天；{_PLAN}", event.id, f"不晚于 {case.today}"),)


def _order(
    event: Event, point: str, before: Reached | None, after: Reached | None, table: LifecycleTable
) -> tuple[Issue, ...]:
    name = table.name(point)
    if before is not None and event.effective_on < before.on:
        what = f"“{name}”日期早于“{table.name(before.point)}”日期 {before.on}"
        early = table.point(point).early
        hint = f"事实上已先行的，记为里程碑“{table.name(early)}”，并登记问题" if early else "核对两处日期"
        return (Issue("LC_DATE_ORDER", what, event.id, f"不早于 {before.on}", hint),)
    if after is not None and event.effective_on > after.on:
        what = f"“{table.name(after.point)}”日期 {after.on} 早于“{name}”日期 {event.effective_on}"
        return (Issue("LC_DATE_ORDER", what, event.id, f"不晚于 {after.on}", "先更正后面的日期"),)
    return ()


def _side_order(event: Event, move: SideMove, state: State, table: LifecycleTable) -> tuple[Issue, ...]:
    """A move beside the points is not earlier than the last such move, nor than the first event."""
    if not state.history:
        return ()
    last = state.sides[-1] if state.sides else None
    since, name = (last.since, table.side_names[last.side]) if last else (state.history[0].effective_on, "入库")
    if event.effective_on >= since:
        return ()
    return (Issue("LC_DATE_ORDER", f"“{move.name}”日期早于“{name}”日期 {since}", event.id, f"不早于 {since}"),)


def _keys(event: Event, move: Transition, table: LifecycleTable, case: Case) -> tuple[Issue, ...]:
    name = table.name(move.to)
    if move.keys and case.code_taken_by is not None:
        return (Issue("LC_KEY_TAKEN", f"项目代码已属于 {case.code_taken_by}，请先做重复核验", event.id),)
    barred = tuple(replace(case.barred[key], where=event.id) for key in move.keys if key in case.barred)
    lacking = [key for key in move.keys if key not in case.valid_keys and key not in case.barred]
    return (
        *barred,
        *(Issue("LC_KEY_MISSING", f"{name}须有有效{key}", event.id, key, f"先补登{key}，再办理") for key in lacking),
    )


def _evidence(
    code: str, event: Event, groups: tuple[EvidenceGroup, ...], table: LifecycleTable, case: Case
) -> tuple[Issue, ...]:
    if event.source in table.observed_only:
        return (Issue("LC_EVIDENCE", "公开信息和研判所见不是办理依据，缺少佐证", event.id, "有出处的文件或登记"),)
    shown = {evidence.kind for evidence in event.evidence}
    wanted = [g for g in groups if not g.variants or case.variant in g.variants]
    lacking = [
        group
        for group in wanted
        if (not group.if_needed or group.name in case.needed) and not any(kinds <= shown for kinds in group.any_of)
    ]
    if not lacking:
        return ()
    allowed = "；".join(" 或 ".join("＋".join(sorted(kinds)) for kinds in group.any_of) for group in lacking)
    return (Issue(code, f"缺少佐证：{'、'.join(group.name for group in lacking)}", event.id, allowed, "上传后再提交"),)


def lacking_evidence(event: Event, state: State, table: LifecycleTable, variant: str | None) -> tuple[str, ...]:
    """Names of the evidence that a recorded point lacks: history from before the entry may; `variant` None asks what all need."""
    if event.kind is not EventKind.POINT or event.point is None:
        return ()
    place = [reached.point for reached in state.reached]
    start = place[place.index(event.point) - 1] if event.point in place[1:] else None
    move = next((t for t in table.transitions if (t.start, t.to) == (start, event.point)), None)
    groups = () if move is None else move.evidence
    shown = {piece.kind for piece in event.evidence}
    asked = (group for group in groups if not group.if_needed and (not group.variants or variant in group.variants))
    return tuple(group.name for group in asked if not any(kinds <= shown for kinds in group.any_of))


def _open_cases(event: Event, move: SideMove, case: Case) -> tuple[Issue, ...]:
    if not move.no_open_cases or not case.open_cases:
        return ()
    what = f"有已兑付或正在兑付的事项：{'、'.join(case.open_cases)}"
    return (Issue("SIDE_OPEN_CASES", what, event.id, "", "先办结或撤回这些事项"),)


def _closed(event: Event, days: tuple[date, ...], case: Case) -> tuple[Issue, ...]:
    if all(day.year * 12 + day.month - 1 not in case.closed_months for day in days):
        return ()
    return (Issue("LC_CLOSED_MONTH", "已受理，将计入“更正”，不改已封存月报", event.id),)
