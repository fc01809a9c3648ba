"""A roadmap as plain data, as lines for the terminal and as sheets; the page takes its words from here too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_match.benefits.formula import Amount
from policy_match.eligibility.date_limits import DateLimit, Keeping
from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.eligibility.windows import window_of
from policy_match.exchange.tables import Grid
from policy_match.facts.cells import Cause
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.ahead import Dating
from policy_match.lifecycle.table import EvidenceGroup, LifecycleTable
from policy_match.units import format_money
from policy_match.workflows.decide_ahead import Column, Outcome, Roadmap, Row, Turn
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.show_match import Plain, amount_data, amount_text, window_data
from policy_match.workflows.show_measure import CHANGE_NAMES, effective_text

READING = "测算，不是决定：同一套规则按以后各跟踪点的日子再判一遍，其他事实照现在的，到期要更新的数据按已更新看待"
TURN_NAMES = {Turn.OPENS: "打开", Turn.CLOSES: "关闭", Turn.CHANGES: "变化", Turn.STAYS: "不变"}
SHOWN_REASONS = 3
_MISSED = {Keeping.KEPT: "按计划满足", Keeping.OPEN: "日期未定，到时须赶上", Keeping.SPOILED: "赶不上"}


def day_text(column: Column) -> str:
    """The day of a column and what is known of it."""
    ahead = column.ahead
    if ahead is None:
        return column.on.isoformat()
    told = "" if ahead.told_on is None else ahead.told_on.isoformat()
    return {
        Dating.PLANNED: f"{told}（计划）",
        Dating.UNDATED: f"日期未定，按{column.on}测算",
        Dating.OVERDUE: f"原定{told}已过仍未到，日期未定，按{column.on}测算",
        Dating.REVERSED: f"原定{told}早于前面的跟踪点，日期未定，按{column.on}测算",
    }[ahead.dating]


def evidence_text(group: EvidenceGroup, table: LifecycleTable) -> str:
    """One thing to be shown at a point; of alternatives any one will do."""
    ways = ["、".join(sorted(kinds)) for kinds in group.any_of]
    text = group.name if ways == [group.name] else f"{group.name}（{' 或 '.join(ways)}）"
    only = "、".join(table.variants[name].name for name in sorted(group.variants))
    notes = [f"只对{only}" if only else "", "所属行业需要时" if group.if_needed else ""]
    return "，".join([text, *filter(None, notes)])


def outcome_text(outcome: Outcome) -> str:
    """Verdict and amount, and whether the measure will be in force at all."""
    match = outcome.match
    parts = ["差一点" if match.near is not None else VERDICT_NAMES[match.verdict], amount_text(match)]
    if outcome.is_open and outcome.in_force is None:
        parts.append("已停用" if match.rule.stop is not None else "是否施行未见")
        parts.append("各条件都满足" if outcome.holds else "")
    return "，".join(filter(None, parts))


def turn_text(before: Outcome, now: Outcome, turn: Turn) -> str:
    """What happens from one column to the next, in a word or two; empty where nothing does."""
    if turn is Turn.STAYS:
        return ""
    parts = [TURN_NAMES[turn]]
    if before.is_open and now.is_open:
        parts.append(amount_change(before.match.amount, now.match.amount))
    version = now.match.rule.measure.version
    if now.is_open and version != before.match.rule.measure.version:
        parts.append(f"改用第{version}版")
    return "，".join(filter(None, parts))


def amount_change(before: Amount | None, now: Amount | None) -> str:
    """How an amount differs; compared are its upper ends, a doubling is said so. Empty where there is none to compare."""
    if before is None or now is None or before == now or before.high_fen is None or now.high_fen is None:
        return ""
    if (before.low_fen, before.high_fen) == (now.low_fen, now.high_fen):
        return ""
    if before.high_fen and now.high_fen == 2 * before.high_fen:
        return "金额翻倍"
    difference = now.high_fen - before.high_fen
    if not difference:
        return "金额下限变化"
    return f"金额{'增加' if difference > 0 else '减少'}{format_money(abs(difference))}"


def why_lines(outcome: Outcome) -> list[str]:
    """Why a measure is not to be had in a column; none where it is, or may be."""
    match = outcome.match
    if match.verdict is Verdict.NOT_IN_FORCE:
        return [f"不在施行期：{effective_text(match.rule)}"]
    return [reason.text for reason in match.reasons] if match.verdict is Verdict.INELIGIBLE else []


def have_lines(outcome: Outcome, vocabulary: Vocabulary) -> list[str]:
    """What to have for a measure: facts to find out and where, judgements to ask for, conditions to meet."""
    lines = [find_out_text(names, vocabulary) for names in outcome.match.missing[:1]]
    others = len(outcome.match.missing) - 1
    lines = [line + (f"（或另外{others}种组合）" if others > 0 else "") for line in lines]
    if outcome.match.verdict in (Verdict.NEEDS_HUMAN, Verdict.UNKNOWN):
        lines += [f"由人判断：{reason.need}" for reason in outcome.match.reasons if reason.cause is Cause.HUMAN]
    conditions = outcome.match.rule.conditions
    return lines + [f"{CHANGE_NAMES[conditions[r.condition].can_change]}：{r.text}" for r in outcome.to_change]


def find_out_text(names: Iterable[str], vocabulary: Vocabulary) -> str:
    """Facts to find out, each with the registers that may hold it."""
    texts = []
    for name in names:
        registers = "、".join(vocabulary.registers[code] for code in vocabulary[name].registers)
        texts.append(vocabulary[name].label + (f"（{registers}）" if registers else ""))
    return f"了解{'、'.join(texts)}"


def until_lines(outcome: Outcome, column: Column) -> list[str]:
    """Until when a measure can be had: its time in force, and its application window on that day where one was seen."""
    if not outcome.is_open:
        return []
    rule = outcome.match.rule
    lines = [f"施行{effective_text(rule)}"]
    window = window_of(rule.measure, column.on)
    if window is not None:
        first, last = window
        over = "，届时已过" if last < column.on else "，届时未开始" if column.on < first else ""
        lines.append(f"申报{first}至{last}{over}")
    return lines


def limit_text(limit: DateLimit, column: Column) -> str:
    """A date to keep, and how it stands; a last day that has passed in the column is said so."""
    is_over = limit.keeping is Keeping.OPEN and limit.through is not None and limit.through < column.on
    return f"{limit.text}：{'这个期限届时已过' if is_over else _MISSED[limit.keeping]}"


def details(row: Row, at: int, roadmap: Roadmap, vocabulary: Vocabulary) -> list[tuple[str, list[str]]]:
    """What one cell says beside its verdict, titled; where a measure closes, also what to do before. What is empty is left
    out."""
    outcome, column = row.outcomes[at], roadmap.columns[at]
    why = why_lines(outcome)
    more = [f"等{len(why)}条"] if len(why) > SHOWN_REASONS else []
    found = [("原因", why[:SHOWN_REASONS] + more), *_to_do(outcome, column, vocabulary)]
    if at and row.turns[at - 1] is Turn.CLOSES:
        before = _to_do(row.outcomes[at - 1], roadmap.columns[at - 1], vocabulary)
        found += [(f"此前{title}", lines) for title, lines in before]
    return [(title, lines) for title, lines in found if lines]


def _to_do(outcome: Outcome, column: Column, vocabulary: Vocabulary) -> list[tuple[str, list[str]]]:
    return [
        ("要备", have_lines(outcome, vocabulary)),
        ("期限", until_lines(outcome, column)),
        ("别错过", [limit_text(limit, column) for limit in outcome.limits]),
    ]


# plain data


def roadmap_data(roadmap: Roadmap, *, library: str | None = None, release: str | None = None) -> dict[str, Plain]:
    """The whole roadmap; the first column is the present, as `match` says it. `library`: real or demo, `release`: hash of
    the rules that decided there; both null for a file."""
    return {
        "subject": roadmap.subject.id,
        "name": roadmap.subject.name,
        "library": library,
        "demo": library == DEMO,
        "release": release,
        "as_of": roadmap.as_of.isoformat(),
        "reading": READING,
        "notes": list(roadmap.notes),
        "columns": [_column_data(column) for column in roadmap.columns],
        "measures": [_row_data(row, roadmap) for row in roadmap.rows],
    }


def _column_data(column: Column) -> dict[str, Plain]:
    ahead = column.ahead
    return {
        "point": column.point,
        "name": column.name,
        "on": column.on.isoformat(),
        "dating": None if ahead is None else ahead.dating.value,
        "told_on": None if ahead is None or ahead.told_on is None else ahead.told_on.isoformat(),
        "text": day_text(column),
        "evidence": [_evidence_data(group) for group in column.evidence],
        "keys": list(column.keys),
    }


def _evidence_data(group: EvidenceGroup) -> dict[str, Plain]:
    ways: list[Plain] = [[*sorted(kinds)] for kinds in group.any_of]
    return {"name": group.name, "any_of": ways, "if_needed": group.if_needed, "variants": [*sorted(group.variants)]}


def _row_data(row: Row, roadmap: Roadmap) -> dict[str, Plain]:
    columns: list[Plain] = [
        _outcome_data(outcome, column) for outcome, column in zip(row.outcomes, roadmap.columns, strict=True)
    ]
    return {
        "measure": row.id,
        "title": row.outcomes[0].match.rule.measure.title,
        "turn": row.turn.value,
        "turns": [turn.value for turn in row.turns],
        "columns": columns,
    }


def _outcome_data(outcome: Outcome, column: Column) -> dict[str, Plain]:
    match = outcome.match
    on = None if match.near is None or match.near.true_on is None else match.near.true_on.isoformat()
    limits: list[Plain] = [_limit_data(limit) for limit in outcome.limits]
    return {
        "verdict": match.verdict.value,
        "version": match.rule.measure.version,
        "near_miss": match.near is not None,
        "true_on": on,
        "in_force": outcome.in_force,
        "holds": outcome.holds,
        "amount": amount_data(match.amount),
        "window": window_data(match.rule, column.on),
        "missing": [list(names) for names in match.missing],
        "to_change": [reason.condition for reason in outcome.to_change],
        "limits": limits,
        "why": list(why_lines(outcome)),
    }


def _limit_data(limit: DateLimit) -> dict[str, Plain]:
    return {
        "condition": limit.condition,
        "fact": limit.fact,
        "since": None if limit.since is None else limit.since.isoformat(),
        "through": None if limit.through is None else limit.through.isoformat(),
        "state": limit.keeping.value,
        "text": limit.text,
    }


# lines and sheets


def roadmap_lines(roadmap: Roadmap, table: LifecycleTable, vocabulary: Vocabulary, title: str) -> Iterator[str]:
    """The roadmap for the terminal; `title`: of the library or file it is from."""
    yield f"{roadmap.subject.id} {roadmap.subject.shown}（{title}），以{roadmap.as_of}为准"
    yield READING
    yield from (f"注意：{note}" for note in roadmap.notes)
    for column in roadmap.columns:
        asked = [*(evidence_text(group, table) for group in column.evidence), *column.keys]
        yield f"  {column.name}  {day_text(column)}" + (f"；须有：{'；'.join(asked)}" if asked else "")
    for turn in Turn:
        rows = [row for row in roadmap.turning(turn) if row.is_ever_open]
        never = len(roadmap.turning(turn)) - len(rows)
        rest = f"；另有{never}项一直不符合或不在施行期" if never else ""
        yield f"{TURN_NAMES[turn]} {len(rows)} 项{rest}"
        for row in rows:
            yield from _row_lines(row, roadmap, vocabulary)


def _row_lines(row: Row, roadmap: Roadmap, vocabulary: Vocabulary) -> Iterator[str]:
    now = row.outcomes[0]
    yield f"  {now.match.rule.measure.title}（{row.id}）  现在：{outcome_text(now)}"
    for at, turn in enumerate(row.turns, start=1):
        if turn is Turn.STAYS:
            continue
        column, outcome = roadmap.columns[at], row.outcomes[at]
        changed = turn_text(row.outcomes[at - 1], outcome, turn)
        yield f"    {column.name}（{column.on}）：{changed}，{outcome_text(outcome)}"
        for name, lines in details(row, at, roadmap, vocabulary):
            yield f"      {name}：{'；'.join(lines)}"


def roadmap_grids(roadmap: Roadmap, table: LifecycleTable, vocabulary: Vocabulary, title: str) -> tuple[Grid, ...]:
    """Three sheets: measures by columns, what each point asks for, and the dates to keep."""
    note = f"{roadmap.subject.id} {roadmap.subject.shown}（{title}），以{roadmap.as_of}为准。{READING}"
    note = "；".join([note, *roadmap.notes])
    heads = [f"{column.name}\n{day_text(column)}" for column in roadmap.columns]
    measures = tuple(_measure_row(row, roadmap, vocabulary) for row in roadmap.rows if row.is_ever_open)
    points = tuple(_point_row(column, table) for column in roadmap.columns)
    dates = tuple(_date_rows(roadmap))
    return (
        Grid("路线图", ("变化", "措施", "措施编号", "文号", *heads), measures, note),
        Grid("各点须有", ("跟踪点", "日子", "佐证", "编号"), points, note),
        Grid("日期条件", ("措施", "跟踪点", "条件", "起", "止", "状态"), dates, note),
    )


def _measure_row(row: Row, roadmap: Roadmap, vocabulary: Vocabulary) -> tuple[str, ...]:
    rule = row.outcomes[0].match.rule
    cells = []
    for at, outcome in enumerate(row.outcomes):
        turned = turn_text(row.outcomes[at - 1], outcome, row.turns[at - 1]) if at else ""
        more = [f"{name}：{'；'.join(lines)}" for name, lines in details(row, at, roadmap, vocabulary)]
        cells.append("\n".join(filter(None, [turned, outcome_text(outcome), *more])))
    return TURN_NAMES[row.turn], rule.measure.title, row.id, rule.document.shown_number, *cells


def _point_row(column: Column, table: LifecycleTable) -> tuple[str, ...]:
    shown = "\n".join(evidence_text(group, table) for group in column.evidence)
    return column.name, day_text(column), shown, "、".join(column.keys)


def _date_rows(roadmap: Roadmap) -> Iterator[tuple[str, ...]]:
    for row in roadmap.rows:
        for column, outcome in zip(roadmap.columns, row.outcomes, strict=True):
            for limit in outcome.limits:
                days = ("" if day is None else day.isoformat() for day in (limit.since, limit.through))
                state = limit_text(limit, column).removeprefix(f"{limit.text}：")
                yield outcome.match.rule.measure.title, column.name, limit.text, *days, state
