"""The search page: a question, what was understood of it, results with why they are here, and the topics to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import get_args

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.eligibility.schema_words import Family
from policy_match.errors import Issue, NotFound, UsageError
from policy_match.identifiers import REGIONS, region_name, region_path
from policy_match.text.answer import Answer, Hit, Ranking
from policy_match.text.hints import Hints
from policy_match.text.searchable import Searchable
from policy_match.workflows.narrow_search import (
    FORCES,
    KINDS,
    TOPIC_GROUPS,
    force_key,
    held,
    narrowed,
    topic_counts,
)
from policy_match.workflows.open_libraries import Libraries
from policy_match.workflows.search_policies import hint_words, is_in_force, rank_policies
from policy_match.workflows.show_benefit import benefit_note
from policy_match.workflows.show_measure import MODE_NAMES, TOPIC_NAMES, to_check
from policy_match_api.pages.render import link, page
from policy_match_api.params import count_of, sought_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
PAGE_SIZE = 20
# What holds in a zone inside a district is what holds in the district: no measure is of a zone alone.
PLACES = {
    code: region.name
    for code, region in sorted(REGIONS.items())
    if not region.historic and len(region_path(code)) <= len(region_path("320412"))
}
FILTERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "topic": ("主题", TOPIC_NAMES),
    "family": ("类别", {family: family for family in get_args(Family)}),
    "region": ("适用地区", PLACES),
    "in_force": ("是否施行", FORCES),
    "mode": ("兑现方式", MODE_NAMES),
    "kind": ("措施或文件", KINDS),
}
PART_NAMES = {"topic": "主题", "text": "字面", "place": "地区", "ended": "已过施行期"}
FORCE_STYLES = {"true": "yes", "false": "off", "unknown": "open"}


@dataclass(frozen=True, slots=True)
class Result:
    """One row. `force`: a key of FORCES. `amount`: empty for a document, `why` without a question. `notes`: what to check."""

    hit: Hit
    address: str
    force: str
    amount: str
    why: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """Something understood or chosen. `without`: the page without it; `only`: the page narrowed to it, if that can be."""

    text: str
    without: str
    only: str | None = None


@router.get("/search")
def search(request: Request, state: Seen = Depends(seen)) -> Response:
    """A question, filters, both or nothing: nothing shows the topics. A question too long stays in its box to be cut."""
    libraries, given = state.today(), _given(request)
    try:
        ranking, found = _found(state, libraries, given)
    except UsageError as error:
        if error.issues[0].code != "QUERY_LONG":
            raise
        return page(
            request, "search.html", {**_choices(libraries, given), **_shown(None), "issue": error.issues[0]}, 400
        )
    pages = max(1, -(-len(found) // PAGE_SIZE))
    number = count_of(given.get("page"), "page", 1, 1, 10**6)
    if number > pages:
        raise NotFound(Issue("NOT_FOUND", f"没有第 {number} 页，共 {pages} 页", "page", "", "回到第一页"))
    entries = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    answer = None if ranking is None else ranking.answer(entries)
    if answer is not None and number == 1:
        state.service.note(answer)
    hits = [Hit(entry, entry.topics, {}) for entry in entries] if answer is None else answer.hits
    results = [result_of(hit, libraries) for hit in hits]
    understood = [] if answer is None else understood_chips(answer, given)
    shown = _shown(answer) | {"results": results, "total": len(found), "number": number, "pages": pages}
    return page(request, "search.html", {**_choices(libraries, given), **shown, "understood": understood})


def _given(request: Request) -> dict[str, str]:
    """What the address says; a region by its code."""
    names = ("q", *FILTERS, "ignore", "page")
    given = {name: text for name in names if (text := request.query_params.get(name, "").strip())}
    region = sought_of(given).region
    return given if region is None else {**given, "region": region}


def _found(state: Seen, libraries: Libraries, given: Mapping[str, str]) -> tuple[Ranking | None, Sequence[Searchable]]:
    """What the question finds, if there is one, and what the filters leave of it."""
    sought, rulebook, day = sought_of(given), libraries.rulebook, libraries.as_of
    if "q" not in given:
        return None, held(sought, rulebook, day) if any(name in given for name in FILTERS) else ()
    ignoring = {one.name for one in fields(Hints)} & set(given.get("ignore", "").split(","))
    ranking = rank_policies(state.service.index(), given["q"], rulebook, day, ignoring)
    return ranking, narrowed(ranking.entries, sought, rulebook, day)


def _choices(libraries: Libraries, given: Mapping[str, str]) -> dict[str, object]:
    """What can be asked and chosen, and what was."""
    return {
        "as_of": libraries.as_of,
        "given": given,
        "unasked": {name: text for name, text in given.items() if name in FILTERS},
        "chosen": chosen_chips(given),
        "filters": FILTERS,
        "groups": TOPIC_GROUPS,
        "counts": topic_counts(libraries.rulebook),
        "address": address,
        "forces": FORCES,
        "force_styles": FORCE_STYLES,
        "kinds": KINDS,
    }


def _shown(answer: Answer | None) -> dict[str, object]:
    """The answer, with nothing found."""
    return {"answer": answer, "issue": None, "results": [], "understood": [], "total": 0, "number": 1, "pages": 1}


def address(given: Mapping[str, str], **changes: object) -> str:
    """The address of the page with some of what was given changed (None: taken away), from its first page on."""
    return link("/search", **{**given, "page": None, **changes})


def chosen_chips(given: Mapping[str, str]) -> list[Chip]:
    """The filters in use."""
    return [
        Chip(f"{label}：{names.get(given[name]) or region_name(given[name])}", address(given, **{name: None}))
        for name, (label, names) in FILTERS.items()
        if name in given
    ]


def understood_chips(answer: Answer, given: Mapping[str, str]) -> list[Chip]:
    """What the question says beside its topics; a place can be made a filter, and each can be taken away."""
    gone = given.get("ignore")
    chips: list[Chip] = []
    for field, (name, value) in hint_words(answer.hints).items():
        without = address(given, ignore=f"{gone},{field}" if gone else field)
        is_place = field == "region" and "region" not in given
        only = address(given, region=answer.hints.region) if is_place else None
        chips.append(Chip(f"{name}：{value}", without, only))
    return chips


def result_of(hit: Hit, libraries: Libraries) -> Result:
    """One row of the list."""
    entry, rulebook, day = hit.entry, libraries.rulebook, libraries.as_of
    force = force_key(is_in_force(entry, rulebook, day))
    if entry.kind == "document":
        return Result(hit, f"/policies/{entry.id}", force, "", why(hit))
    rule = rulebook.at(entry.id, day)
    return Result(hit, f"/measures/{entry.id}", force, benefit_note(rule, rulebook), why(hit), to_check(rule.measure))


def why(hit: Hit) -> str:
    """Why it is here: asked for by name, or the sum that its score is."""
    if "name" in hit.parts:
        return "文号、名称或简称相符"
    parts = [(PART_NAMES[name], part) for name, part in hit.parts.items() if part]
    if not parts:
        return ""
    terms = "".join(f" {'−' if part < 0 else '+'} {name} {abs(part):g}" for name, part in parts)
    return f"{terms.removeprefix(' + ').strip()} = {hit.score:g}"
