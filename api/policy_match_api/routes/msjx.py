"""GET /msjx/cases, /msjx/cases/{number} with its proof, and /measures/{id}/checklist.

Who is not entitled to more is answered what a public notice shows (workflows/disclose_cases.py).
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from policy_match.access.permissions import Reach
from policy_match.entitlement.checklist import checklist
from policy_match.entitlement.states import STATE_NAMES
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.workflows.disclose_cases import (
    counts_by_state,
    disclosed_case,
    disclosed_cases,
    disclosed_data,
    disclosed_proof,
    disclosures,
    full_record,
)
from policy_match.workflows.library_names import REAL
from policy_match.workflows.list_cases import named_state
from policy_match.workflows.note_export import note_export
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.show_checklist import checklist_data, conclusion
from policy_match.workflows.write_entry import said
from policy_match_api.answer import JsonAnswer
from policy_match_api.params import count_of, day_of, library_of, one_of, rule_of
from policy_match_api.routes.answers import PROBLEM
from policy_match_api.routes.msjx_answers import CaseAnswer, Cases, Checklist
from policy_match_api.seen import Seen, seen

router = APIRouter(tags=["免申即享"])
MOST = 1000


@router.get("/msjx/cases", response_model=Cases, responses={400: PROBLEM, 404: PROBLEM}, summary="免申即享办件")
def list_cases(
    library: str = REAL,
    state: str | None = None,
    measure: str | None = None,
    limit: str | None = None,
    offset: str | None = None,
    served: Seen = Depends(seen),
) -> JsonAnswer:
    """Cases of one library by number: `library=real` (default: those in public notice and those paid) or `demo` (all).

    `state`: code or name.
    """
    held = served.library(library)
    today = served.day
    with served.archive.database.reading() as session:
        every = disclosed_cases(session, held.name, served.cases(session), today)
        found = chosen(every, state, one_of(measure, "measure", measures_of(every, held)))
        first, most = count_of(offset, "offset", 0, 0, 10**6), count_of(limit, "limit", MOST, 1, MOST)
        page = disclosures(session, found[first : first + most], held.matching.rulebook)
        lines: list[Plain] = [{**disclosed_data(one)} for one in page]
        states: list[Plain] = [
            {"state": one.value, "name": STATE_NAMES[one], "count": count} for one, count in counts_by_state(every)
        ]
    head: dict[str, Plain] = {"library": held.name, "demo": held.is_demo, "as_of": today.isoformat()}
    return JsonAnswer({**head, "states": states, "total": len(found), "cases": lines})


def chosen(every: tuple[Case, ...], state: str | None, measure: str | None) -> tuple[Case, ...]:
    """The cases in a state, by code or name, and of a measure; UsageError MSJX_STATE_NAME."""
    wanted = named_state(state).value if state else None
    return tuple(case for case in every if wanted in (None, case.state) and measure in (None, case.measure))


def measures_of(every: tuple[Case, ...], held: Library) -> list[str]:
    """Ids of the measures that may have cases: those of the mode today, and those that have some."""
    book, today = held.matching.rulebook, held.matching.as_of
    of_mode = {one for one in book.ids if book.at(one, today).measure.mode == "msjx"}
    return sorted(of_mode | {case.measure for case in every})


def sought_in(served: Seen, name: str | None) -> list[str]:
    """The names of the libraries in which a case is looked for: the one named, else both, the real one first."""
    libraries = served.today()
    return [one.name for one in (libraries.every if name is None else (library_of(libraries, name),))]


@router.get(
    "/msjx/cases/{number}",
    response_model=CaseAnswer,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一件免申即享办件",
)
def show_case(number: str, library: str | None = None, served: Seen = Depends(seen)) -> JsonAnswer:
    """What the notice says of a case; of one that the caller may see in full all its steps too, accounts and contacts masked."""
    with served.archive.database.reading() as session:
        sight = served.cases(session)
        case = disclosed_case(session, sought_in(served, library), number, sight, served.day)
        held = library_of(served.today(), case.library)
        (one,) = disclosures(session, (case,), held.matching.rulebook)
        record = full_record(session, served.archive.sealer, case, sight)
    head: dict[str, Plain] = {"library": held.name, "demo": held.is_demo}
    version = case.row_version if sight.sees(case) else None
    return JsonAnswer({**head, **disclosed_data(one), "record": record}, row_version=version)


@router.get(
    "/msjx/cases/{number}/proof",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}}},
        400: PROBLEM,
        403: PROBLEM,
        404: PROBLEM,
        409: PROBLEM,
    },
    summary="一件办件的证明文件",
)
def download_proof(
    number: str, library: str | None = None, reason: str | None = None, served: Seen = Depends(seen)
) -> Response:
    """The proof of a case as a file, to be checked with `msjx verify-proof` or docs/verify.md.

    It holds facts of the firm, its account and who confirmed: of the real library it is an export, with its reason and a
    second factor, for those who may see the case in full.
    """
    with served.archive.database.reading() as session:
        sight = served.cases(session)
        case = disclosed_case(session, sought_in(served, library), number, sight, served.day)
    if sight.sees(case) and served.require("export") is not Reach.PUBLIC:
        why = said(reason or "", "导出原因", "reason", longest=200)
        note_export(served.archive, served.viewer.actor, f"{number}.proof.json", why, served.now)
    text = disclosed_proof(served.archive, case, sight)
    name = f'attachment; filename="{number}.proof.json"'
    return Response(text.encode(), media_type="application/json", headers={"Content-Disposition": name})


@router.get(
    "/measures/{measure_id}/checklist",
    response_model=Checklist,
    responses={400: PROBLEM, 404: PROBLEM},
    summary="一项措施能不能免申即享：十问",
)
def show_checklist(
    measure_id: str, version: str | None = None, as_of: str | None = None, served: Seen = Depends(seen)
) -> JsonAnswer:
    """The ten answers from the rule alone; without `version` the one of the day."""
    libraries = served.today()
    rulebook = libraries.rulebook
    rule = rule_of(rulebook, measure_id, day_of(as_of, libraries.as_of), version)
    answers = checklist(rule, rulebook.vocabulary)
    data = checklist_data(rule, answers)
    return JsonAnswer({**data, "mode": rule.measure.mode, "conclusion": conclusion(rule, answers)})
