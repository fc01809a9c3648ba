"""Self-check without a log-in: a question at a time, and after each answer what it proves. Nothing is kept.

The answers travel in the form alone, never in an address, which would stand in histories and logs.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from policy_match.workflows.check_oneself import MOST_ANSWERS, SelfCheck, check_oneself
from policy_match.workflows.show_bundle import total_text
from policy_match.workflows.show_project import marking_of
from policy_match_api.limits import Limited
from policy_match_api.pages.render import page
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
_ANSWER, _PASSED, _PROJECT = "f.", "passed", "project"
# How many measures of a group stand on the page, with their reasons; the rest are counted.
SHOWN = 12


async def form_of(request: Request) -> FormData:
    """A dependency: the fields of the form."""
    return await request.form()


@router.get("/check")
def begin(request: Request, state: Seen = Depends(seen)) -> Response:
    """The first question."""
    return _page(request, state, {}, frozenset(), with_project=False)


@router.post("/check", dependencies=[Depends(Limited("match"))])
def go_on(request: Request, form: FormData = Depends(form_of), state: Seen = Depends(seen)) -> Response:
    """The answers so far with the newest one: the next question, and where one stands."""
    answers = answers_of(form)
    passed = {str(value) for value in form.getlist(_PASSED)[:MOST_ANSWERS]}
    asked = str(form.get("asked", ""))
    if asked and "skip" in form:
        passed.add(asked)
        answers.pop(asked, None)
    dropped = str(form.get("drop", ""))
    answers.pop(dropped, None)
    return _page(request, state, answers, frozenset(passed - {dropped}), with_project=form.get(_PROJECT) == "yes")


def answers_of(form: FormData) -> dict[str, str]:
    """What was answered, by fact; several ticks of one fact make a list, blank ones are none."""
    found: dict[str, str] = {}
    for name, value in form.multi_items():
        fact, text = name.removeprefix(_ANSWER), str(value).strip()
        if name.startswith(_ANSWER) and text and (fact in found or len(found) < MOST_ANSWERS):
            found[fact] = f"{found[fact]};{text}" if fact in found else text
    return found


def _page(
    request: Request, state: Seen, answers: Mapping[str, str], passed: frozenset[str], *, with_project: bool
) -> Response:
    release = state.service.release(state.day)
    found = check_oneself(
        release.rulebook, answers, passed, state.day, state.service.ordering, with_project=with_project
    )
    matches = (*found.proved[:SHOWN], *found.human[:SHOWN], *found.possible[:SHOWN], *found.out[:SHOWN])
    context = {
        "found": found,
        "groups": groups_of(found),
        "shown": SHOWN,
        "passed": sorted(passed),
        "with_project": with_project,
        "as_of": state.day,
        "release": release.release,
        "markings": {match.rule.id: marking_of(match) for match in matches},
        "vocabulary": release.rulebook.vocabulary,
        "total_text": total_text,
    }
    return page(request, "self_check.html", context)


def groups_of(found: SelfCheck) -> tuple[tuple[str, str, str, tuple[object, ...]], ...]:
    """Id, title, what it means, and the measures of each group."""
    return (
        ("proved", "已证明符合", "按您的回答，每个条件都满足。", found.proved),
        ("human", "只差人工判断", "能用数据判断的都满足，余下由主管部门判断。", found.human),
        ("possible", "还有可能", "还有没问到的条件。", found.possible),
        ("out", "不符合", "至少一个条件不满足。", found.out),
    )
