"""The auditor's desk for a proof file: brought from anywhere, checked by what stands in it alone. Nothing is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from policy_match.workflows.verify_given import Verified, verify_given
from policy_match_api.pages.audit import TITLES_OF, require_reads_all
from policy_match_api.pages.render import page
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@router.get("/audit/proof")
def show(request: Request, state: Seen = Depends(seen)) -> Response:
    """The form."""
    require_reads_all(state)
    return _page(request, None, "", "")


@router.post("/audit/proof")
def check(
    request: Request,
    file: Annotated[UploadFile | None, File()] = None,
    head: Annotated[str, Form(max_length=64)] = "",
    state: Seen = Depends(seen),
) -> Response:
    """What was found in the file."""
    require_reads_all(state)
    if file is None or not file.filename:
        return _page(request, Verified(False, ("没有选文件",)), "", head)
    return _page(request, verify_given(file.file.read(), head.strip()), file.filename, head)


def _page(request: Request, found: Verified | None, name: str, head: str) -> Response:
    return page(request, "audit_proof.html", {"found": found, "name": name, "head": head, "titles": TITLES_OF})
