"""Which rules somebody has to look at soon, by the unit that owns them (`rules due`).

Of every measure the version that decides on the day is looked at. It is due for its
next review, because its validity or application window ends, or because nobody has
seen it in force for a while although its end is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from pathlib import Path

import orjson

from policy_match.dates import format_date
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.validity import exact_day
from policy_match.exchange.screen import write_lines
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_match import Plain, window_data

FORMS = ("table", "json")
UNIT_UNSEEN = "主管单位未见"


class Why(StrEnum):
    """Why a rule is due."""

    REVIEW = "review"
    END = "end"
    WINDOW = "window"
    UNSEEN = "unseen"


WORDS = {
    Why.REVIEW: "复核到期",
    Why.END: "施行期截止",
    Why.WINDOW: "申报期截止",
    Why.UNSEEN: "截止日未见，最后见到施行",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason and its day: by when, or for `unseen` the last day on which the measure was seen in force."""

    why: Why
    day: date


@dataclass(frozen=True, slots=True)
class DueRule:
    """A version that is due, its reasons by day (never empty)."""

    rule: Rule
    reasons: tuple[Reason, ...]

    @property
    def day(self) -> date:
        """The earliest day of its reasons."""
        return self.reasons[0].day


def list_due(rules: Path, corpus: Path, *, as_of: date, within: int, form: str) -> None:
    """Print what is due within so many days, grouped by unit: lines for people, or a JSON object a version.

    UsageError for an unknown format, RuleError if the folder does not load.
    """
    form = chosen_form(form, None, FORMS)
    due = due_rules(open_rulebook(rules, corpus), as_of, within)
    texts = (orjson.dumps(due_data(one)).decode() for one in due) if form == "json" else _table(due, as_of, within)
    write_lines((f"{text}\n".encode() for text in texts), None)


def due_rules(rulebook: Rulebook, as_of: date, within: int) -> tuple[DueRule, ...]:
    """Versions that are due, by unit (the unseen one last), day and id; the last of the `within` days counts.

    Repealed versions and versions that have surely ended are nobody's work.
    """
    versions = (rulebook.at(measure_id, as_of) for measure_id in rulebook.ids)
    alive = (rule for rule in versions if rule.measure.status != "repealed" and not _is_over(rule, as_of))
    found = ((rule, tuple(sorted(_reasons(rule, as_of, within), key=_by_day))) for rule in alive)
    return tuple(sorted((DueRule(rule, reasons) for rule, reasons in found if reasons), key=_order))


def due_data(due: DueRule) -> dict[str, Plain]:
    """One version that is due, as JSON; `owner_unit` null where nobody has seen it."""
    measure = due.rule.measure
    return {
        "owner_unit": measure.owner_unit,
        "id": measure.id,
        "version": measure.version,
        "title": measure.title,
        "day": due.day.isoformat(),
        "reasons": [{"why": reason.why.value, "day": reason.day.isoformat()} for reason in due.reasons],
    }


def _is_over(rule: Rule, as_of: date) -> bool:
    return rule.validity.last is not None and rule.validity.last < as_of.toordinal()


def _reasons(rule: Rule, as_of: date, within: int) -> Iterator[Reason]:
    measure, effective, limit = rule.measure, rule.measure.effective, as_of.toordinal() + within
    review = exact_day(measure.next_review_on)
    if review <= limit:
        yield Reason(Why.REVIEW, date.fromordinal(review))
    end = rule.validity.sure_through
    # An end known to the month may come on its first day; what supersedes a version is on file already.
    if effective.through not in ("open", "unknown", "superseded") and end is not None and end <= limit:
        yield Reason(Why.END, date.fromordinal(end))
    closes = window_data(rule, as_of)["through"]
    if isinstance(closes, str) and as_of.toordinal() <= date.fromisoformat(closes).toordinal() <= limit:
        yield Reason(Why.WINDOW, date.fromisoformat(closes))
    seen = max(map(exact_day, effective.seen_in_force_on), default=None)
    if effective.through == "unknown" and seen is not None and seen < as_of.toordinal() - within:
        yield Reason(Why.UNSEEN, date.fromordinal(seen))


def _by_day(reason: Reason) -> date:
    return reason.day


def _order(due: DueRule) -> tuple[bool, str, date, str]:
    unit = due.rule.measure.owner_unit
    return unit is None, unit or "", due.day, due.rule.id


def _table(due: Sequence[DueRule], as_of: date, within: int) -> Iterator[str]:
    for unit, group in groupby(due, key=lambda one: one.rule.measure.owner_unit):
        yield unit or UNIT_UNSEEN
        for one in group:
            reasons = "；".join(_reason_text(reason, as_of) for reason in one.reasons)
            yield f"  {one.day}  {one.rule.measure.key}  {one.rule.measure.title}：{reasons}"
    yield f"{format_date(as_of.toordinal())} 起 {within} 天内应处理 {len(due)} 个版本"


def _reason_text(reason: Reason, as_of: date) -> str:
    days = (reason.day - as_of).days
    distance = "就是当天" if days == 0 else f"还有{days}天" if days > 0 else f"已过{-days}天"
    return f"{WORDS[reason.why]} {reason.day}（{distance}）"
