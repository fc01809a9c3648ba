"""One draft in its form: clauses beside their conditions, what is lacking beside its field, cases to tick, what it would cost.

The form is read whole and kept whole, right or wrong; only what is no YAML is sent back, with all that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import RedirectResponse, Response

from policy_match.access.permissions import Right
from policy_match.authoring.findings import Place
from policy_match.authoring.rule_text import flow_text
from policy_match.eligibility.conditions import compile_condition
from policy_match.eligibility.schema import Condition
from policy_match.errors import Issue, PolicyMatchError, UsageError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.strict_yaml import Data, read_text
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.draft_fields import (
    CONDITION_KEYS,
    REST,
    SIDES,
    VERDICTS,
    Field,
    Object,
    bounded,
    document_fields,
    fields_of,
    name_of,
    names_at,
    part,
    parts,
    shown,
)
from policy_match.workflows.fill_draft import (
    add_benefit,
    add_cases,
    add_clause,
    add_condition,
    drop,
    filled,
    filled_document,
)
from policy_match.workflows.read_draft import Checked, Draft, check_authored
from policy_match.workflows.read_records import View
from policy_match.workflows.save_draft import read_source, save_draft
from policy_match.workflows.simulate_draft import cost_text
from policy_match.workflows.start_rule import packages_of
from policy_match.workflows.submit_draft import Wish, submit_draft
from policy_match.workflows.suggest_draft_cases import propose_cases
from policy_match.workflows.weigh_draft import weigh_draft
from policy_match_api.error_codes import status_of
from policy_match_api.pages.authoring import RULES, STATES, Number, by_of, draft_of, library_of_drafts
from policy_match_api.pages.render import page
from policy_match_api.params import count_of, date_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
DONE = {"begun": "已起草：对照原文逐条改。", "saved": "已保存。", "cases": "已加入算例。"}
WEIGHED_AT_ONCE = 20_000
"""Subjects of a library that are weighed with every look at a draft; a larger one is weighed on its own page."""
_FIELDS = 5_000
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a form that was not kept: what was written, and what is wrong with it."""

    draft: Draft | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Issue] = field(default_factory=dict)
    refusal: PolicyMatchError | None = None
    ticked: Mapping[str, str] | None = None


async def sent(request: Request) -> dict[str, str]:
    """A dependency: every field of the form by name; several values of one name are joined by 、."""
    form = await request.form(max_fields=_FIELDS)
    names = dict.fromkeys(name for name, _ in form.multi_items())
    return {name: "、".join(one for one in form.getlist(name) if isinstance(one, str) and one) for name in names}


@router.get("/authoring/{number}")
def show(request: Request, number: Number, state: Seen = Depends(seen)) -> Response:
    """The draft: a form for its author, the same without buttons for others. `?suggest=1`: with the cases it lacks."""
    return _page(request, state, number, Shown())


@router.post("/authoring/{number}")
def save(
    request: Request,
    number: Number,
    given: Annotated[dict[str, str], Depends(sent)],
    state: Seen = Depends(seen),
) -> Response:
    """Keep the form; `do` adds or drops a part after that."""
    state.require(RULES, Right.WRITE)
    draft = draft_of(state, number)
    vocabulary = library_of_drafts(state).matching.rulebook.vocabulary
    made = filled(draft.measure, given, vocabulary)
    document = None if draft.document is None else filled_document(draft.document, given)
    written = replace(draft, measure=made.measure, document=document)
    if made.faults:
        return _page(request, state, number, Shown(written, given, made.faults), 422)
    try:
        measure, anchor = _done(made.measure, given, vocabulary)
        version = count_of(given.get("row_version"), "row_version", 0, 0, 10**9)
        save_draft(state.archive, number, measure, document, seen=version, by=by_of(state))
    except PolicyMatchError as refusal:
        return _page(request, state, number, Shown(written, refusal=refusal), _status(refusal))
    return RedirectResponse(f"/authoring/{number}?done=saved{anchor}", 303)


@router.post("/authoring/{number}/cases")
def take_cases(
    request: Request,
    number: Number,
    given: Annotated[dict[str, str], Depends(sent)],
    state: Seen = Depends(seen),
) -> Response:
    """Add the cases that were ticked, each with the verdict that its author gives it."""
    state.require(RULES, Right.WRITE)
    draft = draft_of(state, number)
    try:
        taken = [_case(given, mark) for mark in _ticked(given)]
        version = count_of(given.get("row_version"), "row_version", 0, 0, 10**9)
        save_draft(
            state.archive, number, add_cases(draft.measure, taken), draft.document, seen=version, by=by_of(state)
        )
    except PolicyMatchError as refusal:
        return _page(request, state, number, Shown(refusal=refusal, ticked=given), _status(refusal))
    return RedirectResponse(f"/authoring/{number}?done=cases&suggest=1#cases", 303)


@router.get("/authoring/{number}/source")
def show_source(request: Request, number: Number, state: Seen = Depends(seen)) -> Response:
    """The whole text, for who writes YAML."""
    draft = draft_of(state, number)
    return _source(request, state, draft, draft.text, ())


@router.post("/authoring/{number}/source")
def save_source(
    request: Request,
    number: Number,
    text: Annotated[str, Form(max_length=300_000)] = "",
    row_version: Annotated[str, Form(max_length=9)] = "",
    state: Seen = Depends(seen),
) -> Response:
    """Keep the whole text."""
    state.require(RULES, Right.WRITE)
    draft = draft_of(state, number)
    try:
        measure = read_source(text, number, state.archive, by_of(state))
        version = count_of(row_version, "row_version", 0, 0, 10**9)
        save_draft(state.archive, number, measure, draft.document, seen=version, by=by_of(state))
    except PolicyMatchError as refusal:
        return _source(request, state, draft, text, refusal.issues, _status(refusal))
    return RedirectResponse(f"/authoring/{number}?done=saved", 303)


@router.post("/authoring/{number}/submit")
def submit(
    request: Request,
    number: Number,
    reason: Annotated[str, Form(max_length=1000)] = "",
    since: Annotated[str, Form(max_length=10)] = "",
    state: Seen = Depends(seen),
) -> Response:
    """Hand the draft in: a proposal for two others."""
    state.require(RULES, Right.WRITE)
    try:
        wish = Wish(reason, date_of(since, "施行日") if since else None)
        step = submit_draft(state.archive, number, wish, by_of(state))
    except PolicyMatchError as refusal:
        return _page(
            request, state, number, Shown(refusal=refusal, typed={"reason": reason, "since": since}), _status(refusal)
        )
    return RedirectResponse(f"/releases/{step.activation.id}?done=proposed", 303)


def _status(refusal: PolicyMatchError) -> int:
    return status_of(refusal.issues[0].code, refusal)


def _done(measure: Object, given: Mapping[str, str], vocabulary: Vocabulary) -> tuple[Object, str]:
    """The measure after the button that was pressed, and the place of the page to go on at."""
    what, _, about = given.get("do", "").partition(":")
    if what == "drop" and about:
        path = tuple(int(step) if step.isascii() and step.isdigit() else step for step in about.split("/"))
        return drop(measure, path), f"#{path[0]}"
    if what in _CONDITIONS:
        clause = int(about) if about.isascii() and about.isdigit() else None
        written = given.get(f"new/{about}", "").strip()
        fact = vocabulary.by_label.get(written, written)
        name = fact if fact in vocabulary else _NAMES[what]
        return add_condition(measure, _CONDITIONS[what](fact), name, clause), "#conditions"
    if what in _PARTS:
        return _PARTS[what](measure), f"#{_PLACES[what]}"
    return measure, ""


_NAMES = {"fact": "condition", "human": "judged", "assumed": "assumed"}
_CONDITIONS: Mapping[str, Callable[[str], Object]] = {
    "fact": lambda fact: {"fact": fact, "op": "at_least"},
    "human": lambda _: {"human": "待填：由谁判断什么"},
    "assumed": lambda _: {"assumed": "待填：什么前提"},
}
_PARTS: Mapping[str, Callable[[Object], Object]] = {
    "clause": add_clause,
    "benefit": add_benefit,
    "case": lambda measure: add_cases(measure, [{"name": "待填：名称", "facts": {}, "expect": {}}]),
}
_PLACES = {"clause": "conditions", "benefit": "benefit", "case": "cases"}


def _ticked(given: Mapping[str, str]) -> list[str]:
    marks = [name.partition("/")[2] for name in given if name.startswith("take/")]
    if not marks:
        raise UsageError(Issue("DRAFT_CASES", "没有勾选算例", "算例", "", "勾选要加入的，写上名称和结论"))
    return marks


def _case(given: Mapping[str, str], mark: str) -> Object:
    """One proposed case with what its author answers; UsageError DRAFT_CASES without a name or verdict."""
    name, verdict, amount = (given.get(f"{key}/{mark}", "").strip() for key in ("name", "verdict", "amount"))
    if not name or verdict not in dict(VERDICTS):
        hint = "对照条款写：程序不替您填结论"
        raise UsageError(
            Issue("DRAFT_CASES", f"第 {int(mark) + 1 if mark.isdigit() else mark} 条没有写名称或结论", "算例", "", hint)
        )
    facts = read_text(given.get(f"facts/{mark}", "") or "{}", "facts").data
    expect: Object = {"verdict": verdict, "amount": amount} if amount else {"verdict": verdict}
    made: Object = {"name": name}
    for key in ("like", "as_of"):
        if given.get(f"{key}/{mark}"):
            made[key] = given[f"{key}/{mark}"]
    return made | {"facts": facts if isinstance(facts, dict) else {}, "expect": expect}


def _page(request: Request, state: Seen, number: int, told: Shown, status: int = 200) -> Response:
    kept = draft_of(state, number)
    draft = told.draft or kept
    library = library_of_drafts(state)
    checked = check_authored(state.archive, draft, View(state.day))
    vocabulary = checked.now.vocabulary
    fields = fields_of(draft.measure, vocabulary) | ({} if draft.document is None else document_fields(draft.document))
    beside, elsewhere = _beside(checked, fields, told)
    wants_cases = request.query_params.get("suggest") == "1" or told.ticked is not None
    issue = told.refusal.issues[0] if told.refusal is not None else None
    context = {
        "as_of": state.day,
        "draft": draft,
        "checked": checked,
        "is_mine": kept.is_open and kept.author == state.viewer.actor and state.may(RULES, Right.WRITE) is not None,
        "may_write": state.may(RULES, Right.WRITE) is not None,
        "fields": fields,
        "typed": told.typed,
        "beside": beside,
        "elsewhere": elsewhere,
        "clauses": _clauses(draft.measure),
        "loose": _loose(draft.measure),
        "readings": {
            name: reading_of(written, vocabulary) for name, written in part(draft.measure, "conditions").items()
        },
        "bounded": bounded(draft.measure),
        "sides": SIDES,
        "cases": len(parts(draft.measure, "cases")),
        "facts": _labels(vocabulary),
        "units": dict.fromkeys(vocabulary.taxonomies.unit_names.values()),
        "packages": packages_of(checked.now),
        "options": _options(draft.measure, vocabulary),
        "effect": weigh_draft(checked, library) if len(library.matching.subjects) <= WEIGHED_AT_ONCE else None,
        "library": library,
        "cost_text": cost_text,
        "proposed": propose_cases(checked) if wants_cases else None,
        "ticked": told.ticked or {},
        "verdicts": VERDICTS,
        "flow": flow_text,
        "issue": issue,
        "said": DONE.get(request.query_params.get("done", ""), "") if issue is None and not told.faults else "",
        "styles": STATES,
        "minute": local_minute,
    }
    return page(request, "authoring_editor.html", context, status)


def _beside(
    checked: Checked, fields: Mapping[str, Field], told: Shown
) -> tuple[dict[str, list[Issue]], list[tuple[str, Issue]]]:
    """Every fault beside the field that it is about, and the list of all of them with the field's name, "" for none."""
    beside: dict[str, list[Issue]] = {name: [issue] for name, issue in told.faults.items()}
    every: list[tuple[str, Issue]] = list(told.faults.items())
    for place, issue in checked.places:
        name = field_at(place, fields)
        every.append((name, issue))
        beside.setdefault(name, []).append(issue)
    beside.pop("", None)
    return beside, every


def field_at(place: Place, fields: Mapping[str, Field]) -> str:
    """The name of the field that shows an entry, or of the nearest one; "" where none does."""
    if len(place) > 2 and place[0] == "conditions" and place[2] not in (*CONDITION_KEYS, "human", "assumed"):
        place = (*place[:2], "rest")
    if place[:1] and place[0] in REST:
        return "rest"
    for end in range(len(place), 0, -1):
        name = name_of(place[:end])
        if name in fields:
            return name
        inside = next((one for one in fields if one.startswith(f"{name}/")), None)
        if inside is not None:
            return inside
    return ""


def _clauses(measure: Object) -> list[tuple[int, list[str], list[str]]]:
    """Each clause by its place with the conditions that it is the first to name, and the other names."""
    shown_before: set[str] = set()
    found = []
    conditions = part(measure, "conditions")
    for place, _ in enumerate(parts(measure, "clauses")):
        names = names_at(measure, "clauses", place, "by")
        own = [name for name in names if name in conditions and name not in shown_before]
        found.append((place, own, [name for name in names if name not in own]))
        shown_before.update(own)
    return found


def _loose(measure: Object) -> list[str]:
    """Conditions that no clause names."""
    named = {
        name for place, _ in enumerate(parts(measure, "clauses")) for name in names_at(measure, "clauses", place, "by")
    }
    return [name for name in part(measure, "conditions") if name not in named]


def reading_of(written: Data, vocabulary: Vocabulary) -> str:
    """A condition on a fact as it reads in words; "" where it cannot be read yet."""
    try:
        condition = _CONDITION.validate_python(written)
        needs = compile_condition(condition, vocabulary).needs
    except (ValidationError, PolicyMatchError):
        return ""
    text = "；".join(need.text for _, need in needs)
    fact = written.get("fact") if isinstance(written, dict) else None
    return f"{vocabulary[fact].label}{text}" if isinstance(fact, str) else ""


def _labels(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Facts for the list of a field: the label, or the name where labels are alike, and a word on them."""
    alike = {spec.label for spec in vocabulary.facts.values() if vocabulary.by_label.get(spec.label) != spec.name}
    return [
        (spec.name if spec.label in alike else spec.label, spec.label if spec.label in alike else spec.name)
        for spec in vocabulary.facts.values()
    ]


def _options(measure: Object, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """The options of the facts of a measure that have some, by the name of the condition."""
    found = {}
    for name in part(measure, "conditions"):
        spec = vocabulary.facts.get(shown(part(measure, "conditions", name).get("fact")))
        if spec is not None and spec.options:
            found[name] = spec.options
    return found


def _source(
    request: Request, state: Seen, draft: Draft, text: str, issues: tuple[Issue, ...], status: int = 200
) -> Response:
    checked = check_authored(state.archive, draft, View(state.day)) if not issues else None
    lines = [] if checked is None else [(checked.document.line(place), issue) for place, issue in checked.places]
    context = {
        "draft": draft,
        "text": text,
        "issues": issues,
        "lines": lines,
        "is_mine": draft.is_open and draft.author == state.viewer.actor,
        "place": "" if checked is None else checked.place,
    }
    return page(request, "authoring_source.html", context, status)
