"""What a draft would do (`simulate`): verdicts gained and lost, what it costs, by district, tier, industry and size.

A draft is one measure file, or a rule folder of which every measure is one. A draft with
the id of a measure that decides replaces it, whatever its version; else it is new. One that
begins later is weighed as if it had begun. Nothing is stored: every figure is 测算.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import orjson

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.benefits.budget import Cost, Tally
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.exchange.tables import Grid, write_workbook
from policy_match.units import format_money
from policy_match.workflows.check_rules import check_draft, check_rules
from policy_match.workflows.group_subjects import WAYS, Grouping, groupings_of
from policy_match.workflows.match import Matching
from policy_match.workflows.match_file import check_place, chosen_form
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_match import Plain
from policy_match.workflows.weigh_rules import Weighed, Weighing

FORMS = ("table", "json", "xlsx")
HEADER = ("项", "增加", "减少", "原符合", "符合", "待补数据", "待人工判断", "原需资金", "需资金", "金额未知")
ALL = "合计"


@dataclass(frozen=True, slots=True)
class Drafts:
    """What is weighed: `rulebook` reads the subjects as the drafts do; `pairs`: what each replaces (None: new), and it."""

    rulebook: Rulebook
    pairs: tuple[tuple[Rule | None, Rule], ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What some drafts do together; `early`: drafts that begin after the day and were weighed as if they had begun."""

    as_of: date
    subjects: int
    drafts: Drafts
    early: tuple[Rule, ...]
    weighed: Weighed


def simulate_file(
    draft: Path,
    subjects: Path,
    *,
    rules: Path,
    corpus: Path,
    as_of: date,
    out: Path | None,
    form: str | None,
) -> Loaded:
    """Weigh a draft over the subjects of a file and print what it does; what was read and refused is given back.

    RuleError with every fault of the draft by file and line; UsageError for an unknown file or format.
    """
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    check_place(out, subjects)
    rulebook = open_rulebook(rules, corpus)
    drafts = open_drafts(draft, rulebook, rules=rules, corpus=corpus, as_of=as_of)
    loaded = read_subjects(subjects, drafts.rulebook.vocabulary)
    after = Matching(drafts.rulebook, loaded.subjects, as_of)
    same = drafts.rulebook.vocabulary is rulebook.vocabulary
    before = after if same else Matching(rulebook, loaded.subjects, as_of)
    found = simulate(
        drafts, Weighing(before, after), groupings_of(after.table, load_lifecycle(rules / "lifecycle.yaml"))
    )
    if form == "xlsx" and out is not None:
        write_workbook(out, simulation_grids(found))
    else:
        lines = [orjson.dumps(simulation_data(found)).decode()] if form == "json" else _table(found)
        write_lines((f"{line}\n".encode() for line in lines), out)
    notes = (
        f"{one.measure.key} 自 {date.fromordinal(one.validity.first)} 起施行，这里按已经施行测算" for one in found.early
    )
    return replace(loaded, notes=(*loaded.notes, *notes))


def open_drafts(draft: Path, rulebook: Rulebook, *, rules: Path, corpus: Path, as_of: date) -> Drafts:
    """Read and check a draft; of a folder, the measures that differ from those in use. RuleError, UsageError."""
    if draft.is_dir():
        own = check_rules(draft, corpus)
        newest = {rule.id: rule for rule in own.rules}
        rules_of = [own.at(one, as_of) if one in own.ids else newest[one] for one in newest]
        drafts = {rule.id: rule for rule in rulebook.rules if rule.measure.status == "draft"}
        pairs = ((_replaced(rulebook, rule, as_of), rule) for rule in rules_of)
        return Drafts(own, tuple((old, new) for old, new in pairs if not _is_same(old or drafts.get(new.id), new)))
    if not draft.is_file():
        hint = "检查路径；新草案可用 policy-match rules new 新建"
        raise UsageError(
            Issue("FILE_MISSING", "没有这个草案", str(draft), "一个措施文件（.yaml），或一个规则目录", hint)
        )
    _, rule = check_draft(draft, rules, corpus)
    return Drafts(rulebook, ((_replaced(rulebook, rule, as_of), rule),))


def _replaced(rulebook: Rulebook, draft: Rule, as_of: date) -> Rule | None:
    return rulebook.at(draft.id, as_of) if draft.id in rulebook.ids else None


def _is_same(old: Rule | None, new: Rule) -> bool:
    """Whether a measure of a folder decides as the one in use does."""
    return old is not None and (old.measure, old.root, old.validity) == (new.measure, new.root, new.validity)


def simulate(drafts: Drafts, weighing: Weighing, groupings: Mapping[str, Grouping]) -> Simulation:
    """Weigh every draft against what it replaces."""
    as_of = weighing.as_of
    found = [weighing.weigh(old, as_if_begun(new, as_of), groupings) for old, new in drafts.pairs]
    total = sum((one.total for one in found), Tally())
    by = {way: _together([one.by[way] for one in found], grouping.names) for way, grouping in groupings.items()}
    early = tuple(new for _, new in drafts.pairs if new.validity.first > as_of.toordinal())
    return Simulation(as_of, len(weighing.subjects), drafts, early, Weighed(total, by))


def as_if_begun(rule: Rule, as_of: date) -> Rule:
    """A draft that decides; one that begins only after the day has begun on it."""
    measure = rule.measure.model_copy(update={"status": "active"})
    day, validity = as_of.toordinal(), rule.validity
    if validity.first > day:
        validity = replace(validity, first=day, sure_from=day)
    return replace(rule, measure=measure, validity=validity)


def _together(parts: Sequence[Mapping[str, Tally]], names: Sequence[str]) -> dict[str, Tally]:
    sums = {name: sum((part[name] for part in parts if name in part), Tally()) for name in names}
    return {name: tally for name, tally in sums.items() if tally != Tally()}


def simulation_data(found: Simulation) -> dict[str, Plain]:
    """The simulation as JSON: of everybody, then of each group by name."""
    return {
        "as_of": found.as_of.isoformat(),
        "drafts": [
            {"id": new.id, "version": new.measure.version, "replaces": None if old is None else old.measure.version}
            for old, new in found.drafts.pairs
        ],
        "subjects": found.subjects,
        **tally_data(found.weighed.total),
        "by": {
            way: {name: tally_data(one) for name, one in groups.items()} for way, groups in found.weighed.by.items()
        },
    }


def tally_data(tally: Tally) -> dict[str, Plain]:
    """Counts of beneficiaries and cost after and before, 分; `high_fen` null where the amount of somebody has no upper end."""
    return {
        "gained": tally.gained,
        "lost": tally.lost,
        "eligible": tally.eligible,
        "unknown": tally.unknown,
        "needs_human": tally.needs_human,
        **cost_data(tally.cost),
        "before": {"eligible": tally.eligible_before, **cost_data(tally.before)},
    }


def cost_data(cost: Cost) -> dict[str, Plain]:
    """`known_high_fen` adds up the upper ends that are known; `amount_unknown` counts beneficiaries without one."""
    return {
        "low_fen": cost.low_fen,
        "high_fen": cost.high_fen,
        "known_high_fen": cost.known_high_fen,
        "amount_unknown": cost.amount_unknown,
    }


def cost_text(cost: Cost) -> str:
    """A cost as people read it; one without an upper end says so."""
    low, high = format_money(cost.low_fen), format_money(cost.known_high_fen)
    if cost.amount_unknown:
        return f"不少于{low}，上限不能确定" if cost.low_fen else "不能确定"
    return low if low == high else f"{low}至{high}"


def _table(found: Simulation) -> Iterator[str]:
    yield _title(found)
    for way, rows in _sections(found):
        yield f"【{way}】{'，'.join(HEADER[1:])}"
        yield from (f"  {'  '.join(row)}" for row in rows)


def _title(found: Simulation) -> str:
    drafts = (
        f"《{new.measure.title}》（{new.measure.key}，{'新增' if old is None else f'替换第 {old.measure.version} 版'}）"
        for old, new in found.drafts.pairs
    )
    what = "；".join(drafts) or "没有与现行规则不同的措施"
    return f"测算，以 {found.as_of} 为准，{found.subjects} 个主体：{what}"


def _sections(found: Simulation) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    yield ALL, [_cells(ALL, found.weighed.total)]
    for way, groups in found.weighed.by.items():
        yield f"按{WAYS[way]}", [_cells(name, one) for name, one in groups.items()]


def simulation_grids(found: Simulation) -> Iterator[Grid]:
    """The simulation as sheets: of everybody, then one for each way to group."""
    for title, rows in _sections(found):
        yield Grid(title, HEADER, tuple(rows), _title(found))


def _cells(name: str, tally: Tally) -> tuple[str, ...]:
    counts = (tally.gained, tally.lost, tally.eligible_before, tally.eligible, tally.unknown, tally.needs_human)
    costs = cost_text(tally.before), cost_text(tally.cost)
    return (name, *map(str, counts), *costs, str(tally.cost.amount_unknown))
