"""One 免申即享 case as its officers see it: where it stands, every step with what it rests on, what may be done next.

Account numbers and contacts show their last digits only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import orjson
from sqlalchemy.orm import Session

from policy_match.entitlement.states import MOVES, Action, State
from policy_match.exchange.screen import write_lines
from policy_match.salted import MARK
from policy_match.sealing import Sealer
from policy_match.settings import LOCAL
from policy_match.store import actors, cases, objections, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case, CaseStep, Objection
from policy_match.units import format_money
from policy_match.workflows.list_cases import case_row
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.object_case import OUTCOMES
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.seal_value import CLOSED, about_case, about_objection, shown_value

SHOWN_DIGITS = 4
_HIDDEN = frozenset({"account"})
_WORDS = {
    "why": "", "amount_fen": "金额", "proof": "证明", "release": "规则版本", "url": "公示网址", "first": "自", "last": "至",
    "person": "确认人", "proved_by": "身份核验", "holder": "户名", "account": "账号", "reason": "原因", "answer": "答复",
    "outcome": "处理", "objection": "异议", "reminder": "提醒", "reminders": "提醒日", "second": "会签", "instruction": "指令",
    "voucher": "凭证",
}  # fmt: skip


def print_case(archive: Archive, library: str, number: str, *, form: str) -> None:
    """A case with its steps; NotFound MSJX_UNKNOWN, UsageError for an unknown format."""
    form = chosen_form(form, None, ("table", "json"))
    with archive.database.reading() as session:
        shown = case_data(session, archive.sealer, library, number)
    if form == "json":
        write_lines([orjson.dumps(shown) + b"\n"], None)
    else:
        write_lines((f"{line}\n".encode() for line in _lines(shown)), None)


def case_data(session: Session, sealer: Sealer, library: str, number: str) -> dict[str, Plain]:
    """The case as JSON data: the row of the list, its steps, its objections, what may be done next, whether its chain holds.

    A sealed value that cannot be opened says so in its place.
    """
    case = cases.by_number(session, library, number)
    row = subjects.by_ids(session, [case.beneficiary_id])[case.beneficiary_id]
    steps = cases.steps_of(session, case)
    broken = cases.first_break(steps)
    names = actors.names(session)
    project = None if case.project_id is None else subjects.by_ids(session, [case.project_id])[case.project_id].code
    return {
        **case_row(case, row.code, row.name),
        "project": project,
        "proof": case.proof_hash,
        "chain": "完整" if broken is None else broken.what,
        "next": [
            move.name for action, move in MOVES.items() if State(case.state) in move.starts and action != Action.NOTE
        ],
        "steps": [_step(step, names, _opened_body(session, sealer, case, step)) for step in steps],
        "objections": [_objection(one, people_of(session, sealer, one)) for one in objections.of_case(session, case)],
    }


def _opened_body(session: Session, sealer: Sealer, case: Case, step: CaseStep) -> dict[str, Plain]:
    """What the step rests on, with the values of its marks; of an account the last digits."""
    body = cases.body_of(step)
    for name, written in body.items():
        if isinstance(written, str) and (name in _HIDDEN or written.startswith(MARK)):
            value = shown_value(session, sealer, written, about_case(case, name))
            body[name] = CLOSED if value is None else masked(value) if name in _HIDDEN else value
    return body


def people_of(session: Session, sealer: Sealer, row: Objection) -> dict[str, str]:
    """`name` of who objects, and the last digits of the `contact`."""
    name = shown_value(session, sealer, row.name, about_objection(row, "name"))
    contact = shown_value(session, sealer, row.contact, about_objection(row, "contact"))
    return {"name": name or CLOSED, "contact": CLOSED if contact is None else masked(contact)}


def _step(step: CaseStep, names: Mapping[str, str], body: dict[str, Plain]) -> Plain:
    return {
        "seq": step.seq,
        "at": step.at.isoformat(),
        "actor": step.actor_id,
        "by": names[step.actor_id],
        "action": step.action,
        "action_name": MOVES[Action(step.action)].name,
        "from": step.from_state,
        "to": step.to_state,
        "body": body,
        "row_hash": step.row_hash,
    }


def _objection(row: Objection, people: Mapping[str, str]) -> Plain:
    return {
        "id": row.id,
        **people,
        "says": row.says,
        "received_at": row.received_at.isoformat(),
        "due_on": row.due_on.isoformat(),
        "outcome": row.outcome,
        "answer": row.answer,
    }


def masked(text: str) -> str:
    """A number or contact with all but its last digits hidden; a short one wholly."""
    shown = text[-SHOWN_DIGITS:] if len(text) > 2 * SHOWN_DIGITS else ""
    return "*" * (len(text) - len(shown)) + shown


def _lines(shown: Mapping[str, Plain]) -> Iterator[str]:
    yield f"{shown['number']} {shown['state']} {shown['state_name']}"
    yield f"措施 {shown['measure']} 第 {shown['version']} 版，判定日 {shown['as_of']}，规则版本 {str(shown['release'])[:12]}"
    yield f"受益单位 {shown['name'] or ''} {shown['beneficiary']}，期间 {shown['period']}，金额 {shown['amount']}"
    if shown["due"]:
        yield f"到期 {shown['due']}"
    steps, objections, following = shown["steps"], shown["objections"], shown["next"]
    yield "步骤"
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, dict):
            yield f"  {step['seq']} {minute(str(step['at']))} {step['action_name']}（{step['by']}）{told(step['body'])}"
    for one in objections if isinstance(objections, list) else []:
        if isinstance(one, dict):
            outcome = OUTCOMES.get(str(one["outcome"]), f"待答复，{one['due_on']} 前")
            yield f"异议 {one['id']} {one['name']}：{one['says']}（{outcome}）{one['answer'] or ''}".rstrip()
    yield f"可以办：{'、'.join(str(name) for name in following) if isinstance(following, list) and following else '没有'}"
    yield f"链：{shown['chain']}"


def told(body: Plain) -> str:
    """What a step rests on, in words after a blank; empty where there is nothing to tell."""
    parts = (
        [_part(name, value) for name, value in body.items() if name in _WORDS and value]
        if isinstance(body, dict)
        else []
    )
    return f" {'，'.join(parts)}" if parts else ""


def _part(name: str, value: Plain) -> str:
    if name == "amount_fen" and isinstance(value, int):
        text = format_money(value)
    elif isinstance(value, list):
        text = "、".join(str(one) for one in value)
    else:
        text = str(value)[:12] if name in ("proof", "release") else str(value)
    return f"{_WORDS[name]} {text}".strip()


def minute(instant: str) -> str:
    """An ISO instant as day and minute in Asia/Shanghai."""
    return f"{datetime.fromisoformat(instant).astimezone(LOCAL):%Y-%m-%d %H:%M}"
