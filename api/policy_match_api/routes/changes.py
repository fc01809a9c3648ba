"""GET /changes: what was done in one library since a cursor; ask again with the cursor of the last answer."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Depends

from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_changes import MOST, Change, list_changes
from policy_match.workflows.see_changes import sees_change
from policy_match.workflows.show_match import Plain
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of
from policy_match_api.routes.answers import PROBLEM, Answer
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["变更与订阅"])


class ChangeLine(Answer):
    """One thing done. `subject`: the project or firm that it belongs to; null: of the library as a whole."""

    seq: int
    at: str
    library: Literal["real", "demo"]
    kind: str
    id: str
    action: str
    subject: str | None


class ChangesAnswer(Answer):
    """The oldest first. `more`: asking again at once may give more; else keep `next_cursor` for the next time."""

    library: Literal["real", "demo"]
    demo: bool
    changes: list[ChangeLine]
    more: bool
    next_cursor: str


@router.get("/changes", response_model=ChangesAnswer, responses={400: PROBLEM, 404: PROBLEM}, summary="变更记录")
def changes(
    library: str = REAL, cursor: str | None = None, limit: str | None = None, state: Seen = Depends(seen)
) -> JsonAnswer:
    """What was done to what and when, as far as you may see it, never what was written; from the beginning without a cursor."""
    state.require_library(library)
    held = state.library(library)
    found = list_changes(
        state.archive, library, cursor, lambda change: sees_change(change, held, state.viewer, state.archive),
        limit=count_of(limit, "limit", MOST, 1, MOST),
    )  # fmt: skip
    lines: list[Plain] = [change_data(change) for change in found.changes]
    head: dict[str, Plain] = {"library": library, "demo": held.is_demo, "changes": lines}
    return JsonAnswer({**head, "more": found.more, "next_cursor": found.cursor})


def change_data(change: Change) -> dict[str, Plain]:
    """One change as it is told."""
    return {
        "seq": change.seq,
        "at": change.at.isoformat(),
        "library": change.library,
        "kind": change.kind,
        "id": change.id,
        "action": change.action,
        "subject": change.subject,
    }
