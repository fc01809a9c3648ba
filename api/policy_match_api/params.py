"""Reading what a request asks for; every refusal names the parameter, what is allowed and what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import get_args

from fastapi import Request
from fastapi.routing import APIRoute
from rapidfuzz import process

from policy_match.dates import parse_date
from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Family, Mode, Topic
from policy_match.errors import FactError, Issue, NotFound, UsageError
from policy_match.identifiers import canonical_region
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.narrow_search import FORCES, KINDS, Sought
from policy_match.workflows.open_libraries import Libraries, Library


async def only_known(request: Request) -> None:
    """Refuse a query parameter that the route does not declare: a typing error must not widen an answer in silence."""
    route = request.scope.get("route")
    allowed = [param.alias for param in route.dependant.query_params] if isinstance(route, APIRoute) else []
    for name in request.query_params:
        if name not in allowed:
            hint = "删去或改名" if allowed else "这个地址没有参数"
            raise UsageError(Issue("PARAM_UNKNOWN", f"不认识的参数“{name[:40]}”", name[:40], "、".join(allowed), hint))


def day_of(written: str | None, today: date) -> date:
    """A day written YYYY-MM-DD, today without one."""
    if written is None or not written.strip():
        return today
    try:
        band = parse_date(written)
    except FactError:
        band = None
    if band is None or not band.is_exact or band.low is None:
        raise UsageError(Issue("DATE_FORMAT", f"日期“{written[:20]}”应写到日", "as_of", "YYYY-MM-DD", "改正日期"))
    return date.fromordinal(int(band.low))


def date_of(written: str, name: str) -> date:
    """A day of a body, written YYYY-MM-DD; UsageError DATE_FORMAT."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        what = f"日期“{written[:20]}”应写到日"
        raise UsageError(Issue("DATE_FORMAT", what, name, "YYYY-MM-DD", "改正日期")) from None


def list_of(written: str | None) -> tuple[str, ...] | None:
    """Comma-separated names; None without any."""
    names = tuple(part.strip() for part in (written or "").split(",") if part.strip())
    return names or None


def flag_of(written: str | None, name: str) -> bool:
    """true or false (1, 0); false without any."""
    if written in (None, "", "false", "0"):
        return False
    if written in ("true", "1"):
        return True
    raise UsageError(Issue("PARAM_VALUE", f"{name} 应为 true 或 false", name, "true、false", "改正取值"))


def count_of(written: str | None, name: str, default: int, least: int, most: int) -> int:
    """A whole number within limits, both included."""
    if written in (None, ""):
        return default
    is_count = written is not None and written.isascii() and written.isdigit() and len(written) <= 9
    if not is_count or not least <= int(written or "") <= most:
        raise UsageError(
            Issue("PARAM_VALUE", f"{name} 应为{least}至{most}的整数", name, f"{least}至{most}", "改正取值")
        )
    return int(written or "")


def one_of(written: str | None, name: str, known: Collection[str]) -> str | None:
    """One of the values that are known; None without any."""
    if written is None or not written.strip():
        return None
    if written not in known:
        raise UsageError(Issue("PARAM_VALUE", f"没有“{written[:40]}”这一类", name, "、".join(known), "改用其一"))
    return written


def place_of(written: str | None) -> str | None:
    """The code of a region given by code or name; None without any."""
    if written is None or not written.strip():
        return None
    try:
        return canonical_region(written)
    except FactError as error:
        found = error.issues[0]
        raise UsageError(Issue(found.code, found.what, "region", "六位区划代码、地区名称", found.hint)) from None


def sought_of(given: Mapping[str, str | None]) -> Sought:
    """What a search is narrowed to, by the names of the parameters."""
    return Sought(
        kind=one_of(given.get("kind"), "kind", KINDS),
        topic=one_of(given.get("topic"), "topic", get_args(Topic)),
        family=one_of(given.get("family"), "family", get_args(Family)),
        mode=one_of(given.get("mode"), "mode", get_args(Mode)),
        region=place_of(given.get("region")),
        in_force=one_of(given.get("in_force"), "in_force", FORCES),
    )


def document_of(rulebook: Rulebook, policy_id: str) -> PolicyDocument:
    """One document; NotFound with the ids most like it."""
    if policy_id not in rulebook.documents:
        near = nearest(policy_id, tuple(sorted(rulebook.documents)))
        raise NotFound(Issue("POLICY_UNKNOWN", f"没有编号为“{policy_id[:60]}”的文件", "policy_id", near, "检查编号"))
    return rulebook.documents[policy_id]


def rule_of(rulebook: Rulebook, measure_id: str, as_of: date, version: str | None = None) -> Rule:
    """The version of a measure that decides on a day, or the one asked for."""
    if measure_id not in rulebook.ids:
        near = nearest(measure_id, rulebook.ids)
        raise NotFound(Issue("MEASURE_UNKNOWN", f"没有编号为“{measure_id[:60]}”的措施", "measure_id", near, "检查编号"))
    if version is None:
        return rulebook.at(measure_id, as_of)
    for rule in rulebook.versions(measure_id):
        if str(rule.measure.version) == version:
            return rule
    known = "、".join(str(rule.measure.version) for rule in rulebook.versions(measure_id))
    raise NotFound(Issue("VERSION_UNKNOWN", f"没有第“{version[:10]}”版", "version", known, "改用列出的版本"))


def library_of(libraries: Libraries, name: str) -> Library:
    """The library of that name; it may have been left out at the start."""
    if name not in (REAL, DEMO):
        raise UsageError(
            Issue("PARAM_VALUE", f"没有“{name[:40]}”这个库", "library", f"{REAL}、{DEMO}", "真实项目用 real，示范数据用 demo")
        )  # fmt: skip
    if name == REAL:
        return libraries.real
    if libraries.demo is None:
        raise NotFound(
            Issue("LIBRARY_CLOSED", "示范库没有打开", "library", REAL, "去掉 --no-demo，或放入示范库文件后重新启动")
        )
    return libraries.demo


def row_of(library: Library, subject_id: str) -> int:
    """The row of a subject in its library."""
    row = library.rows.get(subject_id)
    if row is None:
        near = nearest(subject_id, tuple(library.rows))
        raise NotFound(
            Issue("SUBJECT_UNKNOWN", f"{library.title}中没有编号为“{subject_id[:60]}”的项目或企业", "project_id", near, "检查编号，或从列表进入")
        )  # fmt: skip
    return row


def found_in(libraries: Libraries, subject_id: str, name: str | None) -> tuple[Library, int]:
    """The library and row of a subject: the named library, else whichever holds it, the real one first."""
    if name is not None:
        library = library_of(libraries, name)
        return library, row_of(library, subject_id)
    for library in libraries.every:
        if subject_id in library.rows:
            return library, library.rows[subject_id]
    every = tuple(key for library in libraries.every for key in library.rows)
    raise NotFound(
        Issue("SUBJECT_UNKNOWN", f"没有编号为“{subject_id[:60]}”的项目或企业", "project_id", nearest(subject_id, every), "检查编号")
    )  # fmt: skip


def match_of(matching: Matching, row: int, measure_id: str) -> Match:
    """One pair with every reason; NotFound for a measure that the subject is not matched with."""
    decisions = {decision.rule.id: decision for decision in matching.decisions(row)}
    if measure_id not in decisions:
        near = nearest(measure_id, tuple(decisions))
        raise NotFound(Issue("MEASURE_UNKNOWN", f"没有编号为“{measure_id[:60]}”的措施", "measure_id", near, "检查编号"))
    return matching.match(decisions[measure_id], row, all_reasons=True)


def nearest(written: str, known: tuple[str, ...]) -> str:
    """The three ids most like what was written."""
    return "、".join(match for match, _, _ in process.extract(written[:80], known, limit=3))
