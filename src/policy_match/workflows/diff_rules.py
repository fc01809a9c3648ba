"""Two rule folders over the same subjects: whose verdict or amount changes, and what it costs (`rules diff`).

Both folders are read with the document register in use. A measure that only one of
them has is told as new or gone; its pairs are no changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from policy_match.benefits.budget import Cost
from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import VERDICT_NAMES, Verdict
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.workflows.match import Matching
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_match import Plain, amount_data
from policy_match.workflows.simulate_draft import cost_data, cost_text
from policy_match.workflows.weigh_rules import Weighing

FORMS = ("table", "json")
SHOWN = 20
OPEN = frozenset({Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pair under one folder; `verdict` None: the measure does not concern such a subject."""

    verdict: Verdict | None
    amount: Amount | None


@dataclass(frozen=True, slots=True)
class Change:
    """A pair whose verdict or amount differs; `row`: place of the subject."""

    row: int
    subject: str
    measure: str
    old: Outcome
    new: Outcome


@dataclass(frozen=True, slots=True)
class Costs:
    """What one measure, or all of them, costs under each folder; None: the folder has no such measure."""

    measure: str
    before: Cost | None
    after: Cost | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What two folders decide differently: `changes` by subject, then measure id; ids in their order.

    `costs`: the measures whose cost differs, by id; `total`: that of all measures together.
    """

    as_of: date
    subjects: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    changes: tuple[Change, ...]
    costs: tuple[Costs, ...]
    total: Costs

    def by_measure(self) -> dict[str, list[Change]]:
        """The changes of each measure that has any, by id."""
        found: dict[str, list[Change]] = {}
        for change in sorted(self.changes, key=lambda change: change.measure):
            found.setdefault(change.measure, []).append(change)
        return found


def diff_rules(old: Path, new: Path, subjects: Path, *, corpus: Path, as_of: date, form: str) -> Loaded:
    """Print what changes from one folder to the other, for people or as one JSON object.

    Compared are the subjects that both folders can read; what either refuses is given back. UsageError for an
    unknown format or file, RuleError if a folder does not load.
    """
    form = chosen_form(form, None, FORMS)
    books = open_rulebook(old, corpus), open_rulebook(new, corpus)
    before, after = (read_subjects(subjects, book.vocabulary) for book in books)
    shared = {one.id for one in before.subjects} & {one.id for one in after.subjects}
    first, second = (
        Matching(book, [subject for subject in loaded.subjects if subject.id in shared], as_of)
        for book, loaded in zip(books, (before, after), strict=True)
    )
    found = difference(first, second)
    texts = [orjson.dumps(difference_data(found)).decode()] if form == "json" else difference_lines(found, second)
    write_lines((f"{text}\n".encode() for text in texts), None)
    refusals = tuple(dict.fromkeys((*before.refusals, *after.refusals)))
    return Loaded(after.subjects, refusals, after.notes)


def difference(old: Matching, new: Matching) -> Difference:
    """Compare two matchings of the same subjects, in the same order, on the same day."""
    earlier, later = set(old.rulebook.ids), set(new.rulebook.ids)
    changes = [change for measure in earlier & later for change in _changes(measure, old, new)]
    every = [*_costs(old, new)]
    return Difference(
        as_of=new.as_of,
        subjects=len(new.subjects),
        new=tuple(sorted(later - earlier)),
        gone=tuple(sorted(earlier - later)),
        changes=tuple(sorted(changes, key=lambda change: (change.row, change.measure))),
        costs=tuple(one for one in every if one.before != one.after),
        total=Costs(
            "",
            sum((one.before or Cost() for one in every), Cost()),
            sum((one.after or Cost() for one in every), Cost()),
        ),
    )


def difference_data(found: Difference) -> dict[str, Plain]:
    """The difference as JSON: counts of each measure, and the first pairs; amounts as in a match line."""
    return {
        "as_of": found.as_of.isoformat(),
        "subjects": found.subjects,
        "new": list(found.new),
        "gone": list(found.gone),
        "measures": [
            {"id": measure, "verdicts": _verdicts_data(changes), "amounts": _amounts(changes)}
            for measure, changes in found.by_measure().items()
        ],
        "changed": len(found.changes),
        "pairs": [
            {
                "subject": change.subject,
                "measure": change.measure,
                "old": _outcome_data(change.old),
                "new": _outcome_data(change.new),
            }
            for change in found.changes[:SHOWN]
        ],
        "costs": [{"id": one.measure, **_costs_data(one)} for one in found.costs],
        "total": _costs_data(found.total),
    }


def _costs(old: Matching, new: Matching) -> Iterator[Costs]:
    """The cost of every measure of either folder, by id."""
    weighing = Weighing(old, new)
    for measure in sorted({*old.rulebook.ids, *new.rulebook.ids}):
        first, second = (
            matching.rulebook.at(measure, matching.as_of) if measure in matching.rulebook.ids else None
            for matching in (old, new)
        )
        tally = weighing.tally(first, second)
        yield Costs(measure, None if first is None else tally.before, None if second is None else tally.cost)


def _costs_data(costs: Costs) -> dict[str, Plain]:
    return {
        "before": None if costs.before is None else cost_data(costs.before),
        "after": None if costs.after is None else cost_data(costs.after),
    }


def _costs_text(costs: Costs) -> str:
    return " → ".join("没有这项" if cost is None else cost_text(cost) for cost in (costs.before, costs.after))


def _changes(measure: str, old: Matching, new: Matching) -> Iterator[Change]:
    for row, subject in enumerate(new.subjects):
        before, after = _outcome(old, measure, row), _outcome(new, measure, row)
        if before != after:
            yield Change(row, subject.id, measure, before, after)


def _outcome(matching: Matching, measure: str, row: int) -> Outcome:
    decision = matching.decision(measure)
    if not matching.concerns(decision.rule, matching.subjects[row].kind):
        return Outcome(None, None)
    verdict = decision.verdicts[row]
    return Outcome(verdict, matching.computing(decision.rule).amount(row) if verdict in OPEN else None)


def _moves(changes: Sequence[Change]) -> list[tuple[tuple[Verdict | None, Verdict | None], int]]:
    """How often each verdict became which other, the most frequent first."""
    moves = ((change.old.verdict, change.new.verdict) for change in changes)
    return Counter(move for move in moves if move[0] is not move[1]).most_common()


def _amounts(changes: Sequence[Change]) -> int:
    return sum(change.old.amount != change.new.amount for change in changes)


def _verdicts_data(changes: Sequence[Change]) -> Plain:
    return [{"old": old, "new": new, "count": count} for (old, new), count in _moves(changes)]


def _outcome_data(outcome: Outcome) -> Plain:
    return {"verdict": outcome.verdict, "amount": amount_data(outcome.amount)}


def difference_lines(found: Difference, matching: Matching) -> Iterator[str]:
    """The difference for people, a line a measure and the first pairs; `matching`: the newer one."""
    for what, ids in (("新增", found.new), ("取消", found.gone)):
        if ids:
            yield f"{what}的措施：{'、'.join(ids)}"
    for measure, changes in found.by_measure().items():
        moves = [f"{_name(old)} → {_name(new)} {count}" for (old, new), count in _moves(changes)]
        moves += [f"金额变化 {count}"] if (count := _amounts(changes)) else []
        yield f"{measure}：{'；'.join(moves)}"
    for change in found.changes[:SHOWN]:
        shown = matching.subjects[change.row].shown
        yield f"  {change.subject} {shown}  {change.measure}：{_text(change.old)} → {_text(change.new)}"
    for costs in found.costs:
        yield f"{costs.measure} 需资金：{_costs_text(costs)}"
    yield f"全部措施需资金：{_costs_text(found.total)}"
    more = f"，以上只列前 {SHOWN} 对" if len(found.changes) > SHOWN else ""
    yield f"{found.subjects} 个主体，{len(found.changes)} 对有变化{more}"


def _name(verdict: Verdict | None) -> str:
    return "不涉及" if verdict is None else VERDICT_NAMES[verdict]


def _text(outcome: Outcome) -> str:
    return _name(outcome.verdict) + ("" if outcome.amount is None else f"（{outcome.amount.text}）")
