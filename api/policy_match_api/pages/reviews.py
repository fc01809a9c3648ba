"""One match under review: what speaks for it, who holds it, what was decided, and the forms to claim and decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Conflict, Forbidden, Issue, NotFound, UsageError
from policy_match.facts.subjects import Subject
from policy_match.ranking.decisions import CHOICE_NAMES, Choice, History, Pair, Step, find_pairs
from policy_match.ranking.decisions import review_id as id_of
from policy_match.ranking.labels import REASONS
from policy_match.ranking.triage import why_text
from policy_match.store import reviews
from policy_match.store.actors import actor, names
from policy_match.workflows.assess_match import Assessed, assess
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.decide_review import NewDecision, decide_review, facts_asked
from policy_match.workflows.find_reviews import Queue, Review, Wanted, due_on
from policy_match.workflows.list_reviews import step_text
from policy_match.workflows.list_tasks import firm_of
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.review_rights import Reader, decider_among, givers_of, reader_of
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import match_context
from policy_match_api.pages.render import link, page
from policy_match_api.pages.today import library_asked, own_queue
from policy_match_api.params import count_of, date_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=1000)]
KINDS_OF_OVERRIDE = (Choice.OVERRIDE_ELIGIBLE, Choice.OVERRIDE_INELIGIBLE)
DONE = {
    "claim": "已认领，别人现在不能决定。看过下面的条款和事实，再写决定。",
    "half": "已记下，还不算数：要另一个人签字。请另一位经办人打开本页，点“签字”。",
    "confirm": "已确认，可以推送或向企业了解。",
    "reject": "已驳回，不推送。",
    "correct_fact": "已列为待核实；答复之前不再列出，事实没有改动。",
    "defer": "已暂缓，到那天再列出。",
    "escalate": "已上报，仍然列出。",
    "override_eligible": "已改判为符合，两个人都签了字。只改变建议，不改事实。",
    "override_ineligible": "已改判为不符合，两个人都签了字。只改变建议，不改事实。",
}
# What to do on the page, where the hint of the workflow speaks of the command line.
HINTS = {
    "REVIEW_UNCLAIMED": "先点“认领”，再提交；您写的还在下面",
    "REVIEW_SEEN": "看过下面最新的记录再提交；您写的还在下面",
    "REVIEW_CHANGED": "再点一次“认领”，看过再提交",
    "REVIEW_NOTHING": "改用别的决定；要改判的，须第二个人签字",
    "REVIEW_REASON": "在“驳回”下选一个原因",
    "REVIEW_FACT": "在“数据有误”下选一项",
    "REVIEW_UNTIL": "在“暂缓”下写一个以后的日子",
    "TEXT_MISSING": "写上说明再提交",
}


class DecisionForm(BaseModel):
    """What a form of the page sends; what a choice does not use is empty."""

    model_config = ConfigDict(extra="forbid")

    library: str = Field(default="", max_length=20)
    row_version: str = Field(default="", max_length=9)
    decision: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=1000)
    fact: str = Field(default="", max_length=80)
    until: str = Field(default="", max_length=10)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page says beside the match. `review`: None where nobody has to look at it now; `refusal`: why the reader
    may not decide it, empty where they may; `decisions`: what was decided, in words, the last one first."""

    id: str
    match: Assessed
    history: History
    review: Review | None
    whys: tuple[str, ...]
    holder: Step | None
    is_mine: bool
    unsigned: Step | None
    may_sign: bool
    decisions: tuple[str, ...]
    due: str
    refusal: str
    facts: tuple[tuple[str, str], ...]


@router.get("/reviews/{review_id}")
def show(request: Request, review_id: str, state: Seen = Depends(seen)) -> Response:
    """The match, and what may be done about it."""
    name = library_asked(state, request.query_params.get("library"))
    done = request.query_params.get("done", "")
    return _page(request, state, (review_id, name), {"said": DONE.get(done, ""), "done": done})


@router.post("/reviews/{review_id}/claim")
def claim(request: Request, review_id: str, library: Text = "", state: Seen = Depends(seen)) -> Response:
    """Hold it, or hold it longer."""

    def do(by: By) -> str:
        claim_review(state.archive, review_id, by)
        return "claim"

    return _done(request, state, (review_id, DecisionForm(library=library)), do)


@router.post("/reviews/{review_id}/decision")
def decide(
    request: Request, review_id: str, given: Annotated[DecisionForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Decide what one holds, or sign the override of somebody else by asking for the same."""

    def do(by: By) -> str:
        until = date_of(given.until, "until") if given.until else None
        seen_version = count_of(given.row_version, "row_version", 0, 0, 10**9)
        made = decide_review(
            state.archive,
            NewDecision(review_id, given.decision, given.reason or None, given.note, given.fact or None, until, None, seen_version),
            by,
        )  # fmt: skip
        return made.step.choice.value if made.counts else "half"

    return _done(request, state, (review_id, given), do)


def _done(request: Request, state: Seen, asked: tuple[str, DecisionForm], do: Callable[[By], str]) -> Response:
    """Do it and come back with a word about it; what is refused comes back with all that was written."""
    state.require("reviews", Right.WRITE)
    review_id, given = asked
    name = library_asked(state, given.library or None)
    try:
        done = do(By(name, state.viewer.actor, state.now))
    except (Conflict, UsageError) as refusal:
        issue = refusal.issues[0]
        said = {"issue": issue, "hint": HINTS.get(issue.code, issue.hint), "given": given}
        return _page(request, state, (review_id, name), said, status_of(issue.code, refusal))
    return RedirectResponse(link(f"/reviews/{review_id}", library=given.library, done=done), 303)


def _page(
    request: Request, state: Seen, asked: tuple[str, str], said: Mapping[str, object], status: int = 200
) -> Response:
    state.require("reviews")
    review_id, name = asked
    library = state.library(name)
    pair = _pair(library, review_id)
    row = library.rows[pair[0]]
    with state.archive.database.reading() as session:
        who = actor(session, state.viewer.actor, state.day)
        queue = own_queue(session, state, library)
        reader = reader_of(state.archive, who, givers_of(session, who, state.day))
        rule = library.matching.decision(pair[1]).rule
        if not (reader.sees_measure(rule) and reader.sees_subject(library.matching.subjects[row])):
            raise _unknown(review_id)
        sheet = _sheet(session, state, (queue, reader), (pair[1], row))
        people = names(session)
    following = _next(queue.reviews(Wanted(), reader), sheet) if said.get("done") not in (None, "", "claim") else None
    context = {
        **match_context(state, library, row, pair[1]),
        "issue": None,
        "hint": "",
        "said": "",
        "given": DecisionForm(),
        **said,
        "library_name": request.query_params.get("library") or (name if request.method == "POST" else ""),
        "sheet": sheet,
        "following": following,
        "people": people,
        "reject_reasons": REASONS,
        "overrides": [(one.value, CHOICE_NAMES[one]) for one in KINDS_OF_OVERRIDE],
        "choice_names": CHOICE_NAMES,
        "minute": local_minute,
        "minutes": queue.ranking.review.claim_minutes,
    }
    return page(request, "review.html", context, status)


def _pair(library: Library, review_id: str) -> Pair:
    """The pair of an id, of the subjects that the reader sees; NotFound REVIEW_UNKNOWN."""
    matching = library.matching
    found = find_pairs(review_id, library.rows, matching.rulebook.ids)
    concerned = [
        one for one in found if matching.concerns(matching.decision(one[1]).rule, matching.subjects[library.rows[one[0]]].kind)
    ]  # fmt: skip
    if len(concerned) != 1:
        raise _unknown(review_id)
    return concerned[0]


def _unknown(review_id: str) -> NotFound:
    hint = "从“我的一天”打开"
    return NotFound(Issue("REVIEW_UNKNOWN", f"没有匹配“{review_id[:60]}”", "编号", "“我的一天”列出的编号", hint))


def _sheet(session: Session, state: Seen, asking: tuple[Queue, Reader], place: tuple[str, int]) -> Sheet:
    queue, reader = asking
    matching, row = queue.library.matching, place[1]
    decision = matching.decision(place[0])
    match = assess(matching, decision, row)
    history = reviews.history(session, queue.library.name, match.pair)
    review, holder, people = queue.about(*place), history.holder(state.now), names(session)
    unsigned = history.unsigned(match.signature)
    refusal = _refusal(state, match.rule, matching.subjects[row], reader)
    is_mine = holder is not None and holder.by in {one.id for one in reader.people}
    vocabulary = matching.rulebook.vocabulary
    return Sheet(
        id=id_of(match.pair),
        match=match,
        history=history,
        review=review,
        whys=() if review is None else tuple(why_text(why, queue.ranking) for why in review.triage.whys),
        holder=holder,
        is_mine=is_mine,
        unsigned=unsigned,
        may_sign=unsigned is not None and unsigned.by != reader.who.id and (holder is None or is_mine),
        decisions=tuple(_decisions(history, match, people)),
        due=_due(state, queue, review),
        refusal=refusal,
        facts=tuple((name, vocabulary[name].label) for name in facts_asked(match.rule, vocabulary)),
    )


def _refusal(state: Seen, rule: Rule, subject: Subject, reader: Reader) -> str:
    """Why somebody may not decide the match; empty where they may."""
    if state.may("reviews", Right.WRITE) is None:
        return "您可以看，不能决定"
    try:
        decider_among(state.archive, rule, subject, reader.people)
    except Forbidden as refusal:
        return f"{refusal.issues[0].what}；{refusal.issues[0].hint}"
    return ""


def _decisions(history: History, match: Assessed, people: Mapping[str, str]) -> Iterator[str]:
    """Everything but claims, the last first; what does not count, and what was about another state, says so."""
    standing = history.standing(match.signature)
    for step in reversed(history.steps):
        if step.choice is Choice.CLAIM:
            continue
        mark = "（现行）" if step is standing else "（匹配变化之前）" if step.signature != match.signature else ""
        signs = "签字：" if step.signs is not None else ""
        yield signs + step_text(step, people) + mark


def _due(state: Seen, queue: Queue, review: Review | None) -> str:
    since = None if review is None or review.since is None else local_day(review.since)
    due = None if review is None else due_on(review, state.archive, queue.ranking, since)
    if due is None:
        return ""
    return f"{due}（已逾期）" if due < state.day else due.isoformat()


def _next(found: Sequence[Review], sheet: Sheet) -> Review | None:
    """What to open after this one: another of the same firm, else the most urgent."""
    open_ = [one for one in found if one.id != sheet.id]
    subject = sheet.match.pair[0]
    firm = next((firm_of(one) for one in found if one.subject.id == subject), None)
    return next((one for one in open_ if firm_of(one) == firm), open_[0] if open_ else None)
