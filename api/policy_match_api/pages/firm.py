"""我的企业: what a signed-in firm may have, in its own words, and what it may say about it.

Everything is of the firm and its projects alone. Addresses of matches are those that messages lead to: they stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.dates import local_day
from policy_match.eligibility.decide import Verdict
from policy_match.errors import Conflict, FactError, Issue, NotFound, UsageError
from policy_match.facts.subjects import Subject
from policy_match.ranking.decisions import Choice
from policy_match.store import cases, reviews, subjects
from policy_match.workflows.assess_match import assess
from policy_match.workflows.check_oneself import HINTS
from policy_match.workflows.decide_review import facts_asked
from policy_match.workflows.dispute_fact import Disputed, dispute_fact, disputes_of
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_projects import line_of
from policy_match.workflows.match import Match
from policy_match.workflows.object_case import NewObjection, claim_omission
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.settle_doubt import OUTCOMES
from policy_match.workflows.show_bundle import total_text
from policy_match.workflows.show_firm import own_subjects, paid_to, show_firm
from policy_match.workflows.show_own_case import OwnCase, own_cases, own_objections
from policy_match.workflows.show_project import fact_lines, marking_of
from policy_match.workflows.tell_match import label_of, plain_amount, reason_text, sentence, to_do, told
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import head_of
from policy_match_api.pages.render import link, page
from policy_match_api.params import match_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
# How many benefits of a group stand with their amount; the others are a name and a link.
SHOWN = 12
DONE = {
    "fact": "已收到。由经办人与来源单位核对，答复以前数据不变。",
    "omission": "已收到。主管单位会在期限内答复，答复写在本页和“我的企业”。",
}
GROUPS = (
    (Verdict.ELIGIBLE, "proved", "已证明符合", "按现有数据，每个条件都满足。"),
    (Verdict.NEEDS_HUMAN, "human", "只差主管单位判断", "能用数据判断的都满足。"),
    (Verdict.UNKNOWN, "possible", "有可能", "还缺数据，金额是上限，不是承诺。"),
    (Verdict.INELIGIBLE, "out", "现在不符合", "至少一个条件不满足；点进去看是哪一个。"),
)


class FactForm(BaseModel):
    """What a firm says of a fact."""

    model_config = ConfigDict(extra="forbid")

    fact: str = Field(default="", max_length=200)
    right: str = Field(default="", max_length=2000)
    why: str = Field(default="", max_length=2000)
    measure: str = Field(default="", max_length=80)


class ObjectionForm(BaseModel):
    """Who objects, how to reach them, and to what."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=200)
    contact: str = Field(default="", max_length=200)
    says: str = Field(default="", max_length=4000)


@dataclass(frozen=True, slots=True)
class Own:
    """A firm at its own pages: its library, and what of it is its own."""

    library: Library
    subjects: tuple[Subject, ...]

    def subject(self, code: str) -> Subject:
        """The firm or one of its projects; NotFound for any other, as for an id that nobody has."""
        found = next((one for one in self.subjects if one.id == code), None)
        if found is None:
            what = f"您的企业没有编号为“{code[:40]}”的项目"
            raise NotFound(Issue("SUBJECT_UNKNOWN", what, "subject", "", "从“我的企业”进入"))
        return found


def own_of(state: Seen) -> Own:
    """What is the viewer's own; Forbidden PERMISSION for whoever does not speak for a firm."""
    state.require("consent", Right.WRITE)
    library = state.library(state.viewer.library or REAL)
    return Own(library, own_subjects(library, state.viewer, state.archive.permissions))


def to_sign_in(request: Request) -> Response:
    """To the form first, and from there to the page that was wanted: links of messages are opened signed out."""
    return RedirectResponse(link("/login", next=request.url.path), 303)


def cases_of(session: Session, state: Seen, own: Own) -> tuple[OwnCase, ...]:
    """The cases of the firm, the newest first."""
    sight = state.cases(session)
    found = [case for case in cases.every(session, own.library.name) if sight.sees(case)]
    return own_cases(session, found[::-1], own.library)


@router.get("/firm")
def home(request: Request, state: Seen = Depends(seen)) -> Response:
    """Everything at a glance: what waits for the firm, by when, what it may have, what it was paid."""
    if not state.viewer.actor:
        return to_sign_in(request)
    own = own_of(state)
    with state.archive.database.reading() as session:
        found = cases_of(session, state, own)
        objections = own_objections(session, own.library.name, state.viewer.firm or "")
        ids = subjects.ids_of(session, own.library.name, [one.id for one in own.subjects])
        disputes = disputes_of(session, own.library.name, ids)
    book = own.library.matching.rulebook
    return page(
        request,
        "firm.html",
        {
            **head_of(own.library),
            "shown": show_firm(own.library, own.subjects),
            "groups": GROUPS,
            "most": SHOWN,
            "cases": found,
            "objections": objections,
            "disputes": disputes,
            "outcomes": OUTCOMES,
            "local_day": local_day,
            "lines": {one.id: line_of(own.library, own.library.rows[one.id]) for one in own.subjects},
            "total_text": total_text,
            "plain_amount": plain_amount,
            "titles": {one: book.at(one, own.library.matching.as_of).measure.title for one in book.ids},
        },
    )


@router.get("/firm/match/{subject_id}/{measure_id}")
def show_match(request: Request, subject_id: str, measure_id: str, state: Seen = Depends(seen)) -> Response:
    """One benefit in plain words: what is proved, what is not clear, what stands in the way, and what to do."""
    if not state.viewer.actor:
        return to_sign_in(request)
    done = DONE.get(request.query_params.get("done", ""), "")
    return _match(request, state, (subject_id, measure_id), {"said": done})


@router.post("/firm/match/{subject_id}/{measure_id}/omission")
def claim(
    request: Request,
    subject_id: str,
    measure_id: str,
    given: Annotated[ObjectionForm, Form()],
    state: Seen = Depends(seen),
) -> Response:
    """The firm says that it was left out; what is refused comes back with all that was written."""
    own = own_of(state)
    subject = own.subject(subject_id)
    by = By(own.library.name, state.viewer.actor, state.now)
    try:
        claim_omission(state.archive, subject.id, measure_id, NewObjection(given.name, given.contact, given.says), by)
    except UsageError as refusal:
        said = {"issue": refusal.issues[0], "given": given}
        return _match(request, state, (subject_id, measure_id), said, status_of(refusal.issues[0].code, refusal))
    return RedirectResponse(f"{request.url.path.removesuffix('/omission')}?done=omission", 303)


@router.get("/firm/facts/{subject_id}")
def show_facts(request: Request, subject_id: str, state: Seen = Depends(seen)) -> Response:
    """What is known of the firm or a project, from where, and the form to say that it is wrong."""
    if not state.viewer.actor:
        return to_sign_in(request)
    asked = FactForm(
        fact=request.query_params.get("fact", "")[:200], measure=request.query_params.get("measure", "")[:80]
    )
    done = DONE.get(request.query_params.get("done", ""), "")
    return _facts(request, state, subject_id, {"said": done, "given": asked})


@router.post("/firm/facts/{subject_id}")
def correct(
    request: Request, subject_id: str, given: Annotated[FactForm, Form()], state: Seen = Depends(seen)
) -> Response:
    """Open a question about a fact; no fact is changed. What is refused comes back with all that was written."""
    own = own_of(state)
    subject = own.subject(subject_id)
    by = By(own.library.name, state.viewer.actor, state.now)
    try:
        dispute_fact(state.archive, Disputed(subject.id, given.fact, given.right, given.why), by)
    except (UsageError, FactError, Conflict) as refusal:
        said = {"issue": refusal.issues[0], "given": given}
        return _facts(request, state, subject_id, said, status_of(refusal.issues[0].code, refusal))
    return RedirectResponse(link(request.url.path, measure=given.measure, done="fact"), 303)


def _match(
    request: Request, state: Seen, asked: tuple[str, str], said: dict[str, object], status: int = 200
) -> Response:
    own = own_of(state)
    subject = own.subject(asked[0])
    match = match_of(own.library.matching, own.library.rows[subject.id], asked[1])
    marking = marking_of(match)
    shown = told(match, marking)
    with state.archive.database.reading() as session:
        mine = [one for one in cases_of(session, state, own) if one.shown.measure == match.rule.id]
        objections = own_objections(session, own.library.name, state.viewer.firm or "")
        advised = _is_advised(session, own.library, match)
    context = {
        **head_of(own.library),
        "match": match,
        "told": shown,
        "sentence": sentence(match, marking),
        "amount": plain_amount(match),
        "to_do": to_do(match, shown),
        "advised": advised,
        "facts": {line.name: line for line in fact_lines(own.library.matching, own.library.rows[subject.id])},
        "registers": own.library.matching.rulebook.vocabulary.registers,
        "vocabulary": own.library.matching.rulebook.vocabulary,
        "reason_text": reason_text,
        "label_of": label_of,
        "cases": mine,
        "paid": [one for one in paid_to(own.library, own.subjects) if one.measure == match.rule.id],
        "objections": [one for one in objections if one.about == match.rule.id],
        "issue": None,
        "said": "",
        "given": ObjectionForm(),
    }
    return page(request, "firm_match.html", {**context, **said}, status)


def _is_advised(session: Session, library: Library, match: Match) -> bool:
    """Whether a caseworker confirmed the match as it stands: only then a near miss is told as advice."""
    row = library.rows[match.subject.id]
    now = assess(library.matching, library.matching.decision(match.rule.id), row)
    standing = reviews.standing(session, library.name, now.pair, now.signature)
    return match.near is not None and standing is not None and standing.choice is Choice.CONFIRM


def _facts(request: Request, state: Seen, subject_id: str, said: dict[str, object], status: int = 200) -> Response:
    own = own_of(state)
    subject = own.subject(subject_id)
    library, vocabulary = own.library, own.library.matching.rulebook.vocabulary
    lines = [line for line in fact_lines(library.matching, library.rows[subject.id]) if not line.derived]
    given = said["given"]
    names = [line.name for line in lines]
    if isinstance(given, FactForm):
        names += [given.fact] if given.fact in vocabulary else []
        book = library.matching.rulebook
        if given.measure in book.ids:
            names += facts_asked(book.at(given.measure, library.matching.as_of), vocabulary)
    with state.archive.database.reading() as session:
        ids = subjects.ids_of(session, library.name, [one.id for one in own.subjects])
        disputes = disputes_of(session, library.name, ids)
    context = {
        **head_of(library),
        "subject": subject,
        "lines": lines,
        "choices": [(name, vocabulary[name].label) for name in dict.fromkeys(names) if vocabulary[name].can_be_given],
        "hints": HINTS,
        "vocabulary": vocabulary,
        "disputes": disputes,
        "outcomes": OUTCOMES,
        "local_day": local_day,
        "issue": None,
        "said": "",
    }
    return page(request, "firm_facts.html", {**context, **said}, status)
