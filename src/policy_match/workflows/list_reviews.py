"""List the matches that people have to look at, as far as whoever asks may see them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.decide import VERDICT_NAMES
from policy_match.facts.vocabulary import Vocabulary
from policy_match.ranking.decisions import CHOICE_NAMES, Step
from policy_match.ranking.scoring import Ordering
from policy_match.ranking.triage import why_text
from policy_match.store.actors import actor, names
from policy_match.store.audit import Plain
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.find_reviews import Queue, Review, Wanted, due_on, open_queue
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import open_library
from policy_match.workflows.print_rows import FILES, Row, Rows, print_rows
from policy_match.workflows.read_records import View
from policy_match.workflows.review_rights import givers_of, reader_of
from policy_match.workflows.write_entry import By

_HEADER = {
    "id": "编号", "subject": "项目或企业", "name": "名称", "title": "措施", "verdict_name": "结论", "amount": "金额",
    "priority": "优先级", "relevance": "相关度", "why": "为什么要审", "missing": "缺少数据", "since": "登记", "due": "限期",
    "late": "逾期", "held": "认领", "before": "前次决定", "row_version": "版本",
}  # fmt: skip


def print_reviews(
    archive: Archive, wanted: Wanted, by: By, ordering: Ordering | None, *, form: str | None, out: Path | None = None
) -> None:
    """A line a match, the most urgent first.

    UsageError for an unknown format or without an ordering; NotFound ACTOR_UNKNOWN; Forbidden REVIEW_ROLE, audited.
    """
    noting = noting_forbidden(archive, "review.list", by.library, by.actor, by.now)
    with noting, archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        reader = reader_of(archive, who, givers_of(session, who, by.today))
        library = open_library(session, archive, by.library, View(by.today), ordering=ordering)
        queue = open_queue(session, archive, library, by.now)
        rows = review_rows(session, archive, queue, queue.reviews(wanted, reader))
    print_rows(Rows(f"{shown_library(by.library)}待审匹配", _HEADER, rows), form=form, out=out, forms=FILES)


def review_rows(session: Session, archive: Archive, queue: Queue, found: list[Review]) -> tuple[Row, ...]:
    """The matches as rows, for people and for JSON."""
    people, vocabulary = names(session), queue.library.matching.rulebook.vocabulary
    return tuple(_row(archive, queue, one, people, vocabulary) for one in found)


def _row(
    archive: Archive, queue: Queue, one: Review, people: Mapping[str, str], vocabulary: Vocabulary
) -> dict[str, Plain]:
    match, score = one.match, one.score
    since = None if one.since is None else local_day(one.since)
    due = due_on(one, archive, queue.ranking, since)
    relevance = None if score.relevance is None else f"{score.relevance.total:.4f}"
    missing = [[vocabulary[fact].label for fact in facts] for facts in one.missing]
    return {
        "id": one.id,
        "subject": one.subject.id,
        "name": one.subject.shown,
        "measure": one.rule.id,
        "title": one.rule.measure.title,
        "version": one.rule.measure.version,
        "verdict": match.verdict.value,
        "verdict_name": "差一点" if match.near else VERDICT_NAMES[match.verdict],
        "near_miss": match.near,
        "fate": one.triage.fate.value,
        "amount": "" if match.amount is None else match.amount.text,
        "amount_low_fen": None if match.amount is None else match.amount.low_fen,
        "amount_high_fen": None if match.amount is None else match.amount.high_fen,
        "priority": f"{score.total:.4f}",
        "relevance": relevance or "未知",
        "why": [why_text(why, queue.ranking) for why in one.triage.whys],
        "why_codes": [why.value for why in one.triage.whys],
        "missing": " 或 ".join("、".join(labels) for labels in missing),
        "missing_facts": [list(facts) for facts in one.missing],
        "since": None if since is None else since.isoformat(),
        "due": None if due is None else due.isoformat(),
        "late": due is not None and due < queue.known.today,
        "held": _held(one.holder, people),
        "held_by": None if one.holder is None else one.holder.by,
        "held_until": None if one.holder is None else _iso(one.holder),
        "before": "；".join(_told(one, people)),
        "waits_for_second": one.unsigned is not None,
        "signature": match.signature,
        "release": queue.library.release,
        "row_version": one.history.row_version,
    }


def _held(held: Step | None, people: Mapping[str, str]) -> str:
    if held is None or held.held_until is None:
        return ""
    return f"{people[held.by]}，到 {local_minute(held.held_until)}"


def _iso(held: Step) -> str | None:
    return None if held.held_until is None else held.held_until.isoformat()


def _told(one: Review, people: Mapping[str, str]) -> list[str]:
    """What was decided before: about the match as it is, and as it was before it changed."""
    marked = (
        ("", one.standing),
        ("等第二人签字：", one.unsigned),
        ("匹配变化之前：", one.earlier),
    )
    return [mark + step_text(one.history.proposal(step), people) for mark, step in marked if step is not None]


def step_text(step: Step, people: Mapping[str, str]) -> str:
    """One decision in words, with who and when."""
    more = "，".join(text for text in (step.reason, step.note, step.until and f"到 {step.until} 再看") if text)
    text = CHOICE_NAMES[step.choice] + (f"（{more}）" if more else "")
    return f"{local_day(step.at)} {people[step.by]} {text}"
