"""The tables of a caseworker's pages as Excel files: within their rights, with a reason, noted in the audit chain."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.access.permissions import Reach
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.library_names import DEMO, INVENTED, REAL, shown_library
from policy_match.workflows.list_projects import KIND_NAMES, Line
from policy_match.workflows.list_tasks import KIND_NAMES as TASK_NAMES
from policy_match.workflows.list_tasks import Task, TaskKind, calls_of
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.tell_changes import News
from policy_match_api.pages.msjx import cases_asked
from policy_match_api.pages.projects import lines_asked
from policy_match_api.pages.tables import reason_noted, workbook
from policy_match_api.pages.today import asked_day, news_of, registers_of, settles, up_to, verdict_text
from policy_match_api.params import library_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
_TASK = {
    "kind": "待办", "firm": "企业", "asks": "问什么", "benefits": "涉及的措施", "state": "结论", "amount": "金额",
    "held": "认领", "review": "先开的编号",
}  # fmt: skip
_CALL = {
    "firm": "企业",
    "asks": "问什么",
    "registers": "也可查",
    "settles": "能定什么",
    "amount": "金额",
    "answer": "回答",
}
_CHANGE = {"at": "最近", "code": "编号", "name": "项目或企业", "what": "变化"}
_PROJECT = {
    "id": "编号", "name": "名称", "enterprise": "企业", "kind": "类别", "district": "辖区", "stage": "阶段", "investment": "总投资",
    "industry": "行业", "eligible": "符合", "unknown": "待补",
}  # fmt: skip
_CASE = {
    "number": "编号", "library": "项目库", "state": "状态", "title": "措施", "name": "受益单位", "period": "期间",
    "amount": "金额", "notice": "公示",
}  # fmt: skip


@router.get("/today/tasks.xlsx")
def tasks(request: Request, state: Seen = Depends(seen)) -> Response:
    """Every task that the filters leave."""
    _, day = asked_day(request, state)
    vocabulary = day.library.matching.rulebook.vocabulary
    rows = [_task(task, vocabulary, day.people) for task in day.board.tasks]
    return _taken(request, state, Rows(f"{shown_library(day.library.name)}待办", _TASK, rows), "tasks")


@router.get("/today/calls.xlsx")
def calls(request: Request, state: Seen = Depends(seen)) -> Response:
    """The call sheet, a row a question."""
    _, day = asked_day(request, state)
    vocabulary = day.library.matching.rulebook.vocabulary
    asked = calls_of(day.found, day.late).values()
    rows = [_call(task, vocabulary) for held in asked for task in held]
    return _taken(request, state, Rows(f"{shown_library(day.library.name)}电话清单", _CALL, rows), "calls")


@router.get("/today/changes.xlsx")
def changes(request: Request, state: Seen = Depends(seen)) -> Response:
    """What changed since the last visit."""
    _, day = asked_day(request, state)
    news = news_of(request, state, day.library)
    rows = [] if news is None else [*_changes(news)]
    return _taken(request, state, Rows(f"{shown_library(day.library.name)}变化", _CHANGE, rows), "changes")


@router.get("/projects.xlsx")
def real_projects(request: Request, state: Seen = Depends(seen)) -> Response:
    """The list of the real projects as it is filtered."""
    return _projects(request, state, library_of(state.today(), REAL))


@router.get("/demo.xlsx")
def demo_subjects(request: Request, state: Seen = Depends(seen)) -> Response:
    """The list of the demonstration subjects as it is filtered."""
    return _projects(request, state, library_of(state.today(), DEMO))


@router.get("/msjx.xlsx")
def cases(request: Request, state: Seen = Depends(seen)) -> Response:
    """The 免申即享 cases that may be seen, as they are filtered."""
    rows = [
        {
            "number": one.number, "library": library.title, "state": name, "title": one.title, "name": one.name or "不公开",
            "period": one.period, "amount": one.amount_text,
            "notice": "" if one.notice is None else f"{one.notice.first}至{one.notice.last}",
        }
        for library, name, one in cases_asked(request, state)
    ]  # fmt: skip
    return _taken(request, state, Rows("免申即享办件", _CASE, rows), "msjx")


def _projects(request: Request, state: Seen, library: Library) -> Response:
    sees_matches = state.may("matches") is not None
    header = (
        _PROJECT
        if sees_matches
        else {key: text for key, text in _PROJECT.items() if key not in ("eligible", "unknown")}
    )
    rows = [_project(line) for line in lines_asked(request, state, library)]
    title = INVENTED if library.is_demo else library.title
    return _taken(request, state, Rows(title, header, rows), f"projects-{library.name}")


def _taken(request: Request, state: Seen, rows: Rows, name: str) -> Response:
    """The file; whoever is known leaves a note with the reason. Forbidden without the right to export."""
    if state.require("export") is not Reach.PUBLIC:
        reason_noted(request, state)
    return workbook(rows, f"{name}-{state.day}")


def _task(task: Task, vocabulary: Vocabulary, people: dict[str, str]) -> Row:
    holder = task.first.holder
    return {
        "kind": TASK_NAMES[task.kind],
        "firm": task.name,
        "asks": "、".join(vocabulary[fact].label for fact in task.facts),
        "benefits": "、".join(dict.fromkeys(one.first.rule.measure.title for one in task.benefits)),
        "state": settles(task) if task.kind is TaskKind.ASK else verdict_text(task.first),
        "amount": up_to(task),
        "held": "" if holder is None else people[holder.by],
        "review": task.first.id,
    }


def _call(task: Task, vocabulary: Vocabulary) -> Row:
    spec = vocabulary[task.facts[0]]
    titles = dict.fromkeys(one.first.rule.measure.title for one in task.benefits)
    return {
        "firm": task.name,
        "asks": spec.label,
        "registers": registers_of(spec, vocabulary.registers),
        "settles": f"{settles(task)}：{'、'.join(titles)}",
        "amount": up_to(task),
        "answer": "",
    }


def _changes(news: News) -> Iterable[Row]:
    for one in news.told:
        what = "、".join(f"{word} {count}" for word, count in one.words)
        yield {"at": local_minute(one.at), "code": one.code, "name": one.name, "what": what}


def _project(line: Line) -> Row:
    subject = line.subject
    return {
        "id": subject.id,
        "name": subject.shown,
        "enterprise": subject.enterprise_name,
        "kind": KIND_NAMES[line.kind],
        "district": line.district_text,
        "stage": line.stage_text,
        "investment": line.investment_text or line.agreed_text,
        "industry": line.industry_text,
        "eligible": line.eligible,
        "unknown": line.unknown,
    }
