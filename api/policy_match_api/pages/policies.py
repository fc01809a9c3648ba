"""The page of a document."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.identifiers import region_name
from policy_match.workflows.list_policies import rules_in, validity_text
from policy_match.workflows.narrow_search import FORCES, force_key
from policy_match.workflows.search_policies import document_in_force
from policy_match.workflows.show_benefit import benefit_note
from policy_match_api.pages.render import page
from policy_match_api.pages.search import FORCE_STYLES
from policy_match_api.params import document_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)


@router.get("/policies/{policy_id}")
def show_policy(request: Request, policy_id: str, state: Seen = Depends(seen)) -> Response:
    """One document: what is known of it, its clauses in our words, what nobody saw, and its measures."""
    libraries = state.today()
    rulebook = libraries.rulebook
    document = document_of(rulebook, policy_id)
    return page(
        request,
        "policy.html",
        {
            "as_of": libraries.as_of,
            "document": document,
            "documents": rulebook.documents,
            "force": force_key(document_in_force(document, libraries.as_of)),
            "forces": FORCES,
            "force_styles": FORCE_STYLES,
            "region": region_name(document.region),
            "validity": validity_text(document),
            "rules": [(rule, benefit_note(rule, rulebook)) for rule in rules_in(document, rulebook)],
        },
    )
