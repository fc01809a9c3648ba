"""Templates to pages: autoescaped, without leading blanks, the same bytes for the same facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from policy_match.access.permissions import Right
from policy_match.access.terms import ADMIN
from policy_match.access.viewer import ANYBODY, Means
from policy_match.benefits.formula import Amount
from policy_match.eligibility.ask import Question
from policy_match.eligibility.decide import VERDICT_NAMES
from policy_match.eligibility.explain import article_text
from policy_match.eligibility.schema_benefit import has_unseen
from policy_match.units import format_money
from policy_match.workflows.library_names import REAL
from policy_match.workflows.read_messages import count_unread
from policy_match.workflows.search_policies import LONGEST_QUERY
from policy_match.workflows.show_benefit import services_for, services_of, unit_text
from policy_match.workflows.show_match import ROUTE_NAMES
from policy_match.workflows.show_measure import (
    LEVEL_NAMES,
    MODE_NAMES,
    SEEN_NAMES,
    STATUS_NAMES,
    TARGET_NAMES,
    TOPIC_NAMES,
    ask_text,
    effective_text,
    force_text,
    grants_text,
    owner_text,
    to_check,
    window_text,
)
from policy_match.workflows.write_entry import By
from policy_match_api.seen import Seen, seen_before
from policy_match_api.state import opened

FOLDER = Path(__file__).resolve().parents[1]
_OFFICIAL = re.compile(r"^https?://([a-z0-9-]+\.)*gov\.cn(/\S*)?$")
VERDICT_STYLES = {
    "eligible": "yes",
    "unknown": "open",
    "needs_human": "open",
    "ineligible": "no",
    "not_in_force": "off",
}


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["segment"] = lambda text: quote(str(text), safe="")
    made.filters["stake"] = stake_text
    made.filters["yuan"] = format_money
    made.filters["need"] = need_text
    made.filters["kept"] = kept
    made.tests["official"] = lambda text: bool(_OFFICIAL.match(str(text)))
    made.globals |= {
        "verdict_names": {verdict.value: name for verdict, name in VERDICT_NAMES.items()},
        "verdict_styles": VERDICT_STYLES,
        "route_names": ROUTE_NAMES,
        "level_names": LEVEL_NAMES,
        "mode_names": MODE_NAMES,
        "target_names": TARGET_NAMES,
        "topic_names": TOPIC_NAMES,
        "seen_names": SEEN_NAMES,
        "status_names": STATUS_NAMES,
        "article_text": article_text,
        "ask_text": ask_text,
        "effective_text": effective_text,
        "force_text": force_text,
        "grants_text": grants_text,
        "owner_text": owner_text,
        "to_check": to_check,
        "window_text": window_text,
        "amount_text": amount_text,
        "has_unseen": has_unseen,
        "link": link,
        "longest_query": LONGEST_QUERY,
        "services_for": services_for,
        "services_of": services_of,
        "unit_text": unit_text,
    }
    return made


def page(request: Request, template: str, context: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """One page from its template; `context` names what the template shows."""
    view = seen_before(request)
    shown = {
        "path": request.url.path,
        "has_demo": has_demo(request),
        "viewer": ANYBODY if view is None else view.viewer,
        "has_tasks": view is not None and view.may("reviews") is not None,
        "has_reports": view is not None and view.may("months") is not None,
        "has_drafts": view is not None and view.may("rules", Right.WRITE) is not None,
        "unread_messages": None if view is None else unread_of(view, status),
    }
    text = _TEMPLATES.get_template(template).render(**shown, **context)
    lines = (line.strip() for line in text.splitlines())
    return HTMLResponse("\n".join(line for line in lines if line), status)


def unread_of(view: Seen, status: int) -> int | None:
    """How many messages whoever is signed in has not read; None for whoever has no inbox. An error is shown without the database."""
    viewer = view.viewer
    if viewer.means is not Means.SESSION or viewer.role == ADMIN:
        return None
    return 0 if status >= 400 else count_unread(view.archive, By(viewer.library or REAL, viewer.actor, view.now))


def has_demo(request: Request) -> bool:
    """Whether the demonstration library was open when it was read last: an error is shown without the database, too."""
    return opened(request).had_demo


def link(path: str, **params: object) -> str:
    """An address with the parameters that have a value."""
    given = {name: value for name, value in params.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def amount_text(amount: Amount | None) -> str:
    """The amount as people read it; empty where nothing is computed."""
    return "" if amount is None else amount.text


def need_text(need: str) -> str:
    """A requirement as it reads in a table: 是, where a sentence would say 为“是”."""
    return {"为“是”": "是", "为“否”": "否"}.get(need, need)


def kept(text: str) -> Markup:
    """A text whose blanks and line ends stand as they are, in a field or a `pre`: `page` takes those of the template out."""
    return escape(text).replace("\n", Markup("&#10;"))


def stake_text(question: Question) -> str:
    """What an answer may open, in yuan."""
    if question.high_fen == 0:
        return "没有可估算的金额"
    low = f"至少{format_money(question.low_fen)}" if question.low_fen else ""
    if question.high_fen is None:
        return low or "金额暂无法估算"
    high = f"最高{format_money(question.high_fen)}"
    return f"{low}，{high}" if low else high


_TEMPLATES = _environment()
