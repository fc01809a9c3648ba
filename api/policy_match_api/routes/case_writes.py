"""The steps of a 免申即享 case over the API: each names itself in `do` and carries what that step takes.

The workflows judge whose measure it is, two persons and the order of the steps; above a measure's own sum an approval
takes a second signature, which never comes with the request of the first.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from policy_match.access.permissions import Right
from policy_match.store import cases
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.confirm_case import Consent, confirm_case, decline_case
from policy_match.workflows.disclose_cases import disclosed_case
from policy_match.workflows.list_cases import case_row
from policy_match.workflows.object_case import NewObjection, object_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.publish_notice import Notice, ask_firm, publish_notice
from policy_match.workflows.verify_case import verify_case
from policy_match.workflows.write_entry import By
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import date_of
from policy_match_api.preconditions import version_seen
from policy_match_api.routes.answers import Answer
from policy_match_api.routes.msjx import sought_in
from policy_match_api.routes.project_writes import REFUSALS, Written
from policy_match_api.seen import Seen, seen
from policy_match_api.write_once import Sent, sent, write_once

router = APIRouter(tags=["免申即享"])
_Say = Annotated[str, Field(min_length=1, max_length=200)]


class Verify(Written):
    """核验：the first officer, then another one."""

    do: Literal["verify"]


class Ask(Written):
    """请企业确认，before or without a notice."""

    do: Literal["ask"]


class Publish(Written):
    """公示：address on a government site, its day, SHA-256 of the published text."""

    do: Literal["publish"]
    url: str = Field(max_length=500)
    on: str
    content_hash: str = Field(max_length=64)


class Confirm(Written):
    """企业确认：who, how that was made sure, the account."""

    do: Literal["confirm"]
    person: _Say
    proved_by: _Say
    holder: _Say
    account: str = Field(max_length=60)


class Decline(Written):
    """企业放弃。"""

    do: Literal["decline"]
    person: _Say
    reason: str = Field(default="", max_length=500)


class Object(Written):
    """异议，within the notice."""

    do: Literal["object"]
    name: _Say
    contact: _Say
    says: str = Field(min_length=1, max_length=2000)


class Approve(Written):
    """审批拨付，by neither of those who verified; takes a second factor."""

    do: Literal["approve"]


Step = Annotated[Verify | Ask | Publish | Confirm | Decline | Object | Approve, Field(discriminator="do")]
_RIGHTS: dict[str, tuple[str, Right]] = {
    "confirm": ("consent", Right.WRITE),
    "decline": ("consent", Right.WRITE),
    "approve": ("cases", Right.APPROVE),
}


class MovedAnswer(Answer):
    """Where the case stands now."""

    number: str
    state: str
    state_name: str
    amount_fen: int | None
    due: str | None
    row_version: int


@router.post(
    "/msjx/cases/{number}/steps", response_model=MovedAnswer, responses=REFUSALS, summary="办一件免申即享的一步"
)
def take_step(
    number: str,
    asked: Step,
    library: str | None = None,
    version: int | None = Depends(version_seen),
    request: Sent = Depends(sent),
    served: Seen = Depends(seen),
) -> Response:
    """Do one step of a case. `If-Match` with the version that was seen: refused if somebody did another step since."""
    with served.archive.database.reading() as session:
        case = disclosed_case(session, sought_in(served, library), number, served.cases(session), served.day)
    served.require(*_RIGHTS.get(asked.do, ("cases", Right.WRITE)))
    by = By(case.library, served.viewer.actor, served.now)

    def do(archive: Archive) -> Response:
        row = case_row(_done(archive, number, asked, by, version), "", None)
        kept = ("number", "state", "state_name", "amount_fen", "due", "row_version")
        body: dict[str, Plain] = {name: row[name] for name in kept}
        return JsonAnswer(body)

    return write_once(served.archive, request, do, actor=served.viewer.actor, now=served.now)


def _done(archive: Archive, number: str, asked: Step, by: By, version: int | None) -> Case:
    match asked:
        case Verify():
            return verify_case(archive, number, by, seen=version)
        case Ask():
            return ask_firm(archive, number, by)
        case Publish():
            on: date = date_of(asked.on, "on")
            return publish_notice(archive, number, Notice(asked.url, on, asked.content_hash), by)
        case Confirm():
            consent = Consent(asked.person, asked.proved_by, asked.holder, asked.account)
            return confirm_case(archive, number, consent, by, seen=version)
        case Decline():
            return decline_case(archive, number, asked.person, asked.reason, by, seen=version)
        case Object():
            object_case(archive, number, NewObjection(asked.name, asked.contact, asked.says), by)
            return _now(archive, number, by)
        case Approve():
            return approve_case(archive, number, by, seen=version)


def _now(archive: Archive, number: str, by: By) -> Case:
    with archive.database.reading() as session:
        return cases.by_number(session, by.library, number)
