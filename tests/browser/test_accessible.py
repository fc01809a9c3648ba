"""Every page of the service, for each who reaches it: WCAG 2.2 AA by axe, h1 and language, nothing refused or from elsewhere, small.

Links are followed from where somebody begins; of addresses with one pattern (the pages of all projects, say) the first is opened.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, Page
from watching import ROOT, Watched, serving, watched

from policy_match.push.words import Channel, DeliveryState
from policy_match.settings import Settings
from policy_match.store.account_tables import Account
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.subjects import by_code
from policy_match.workflows.begin_session import begin_session
from policy_match.workflows.delegate import NewDelegation, delegate
from policy_match.workflows.note_report import ReportOf
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.receive_report import Workbook, give_template, receive_report
from policy_match.workflows.start_draft import start_from_measure
from policy_match.workflows.unsubscribe import unsubscribe_path
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app
from policy_match_api.who import COOKIE

sys.path.insert(0, str(ROOT / "tests" / "library"))

from filling import filled
from rolling import keep_few

pytestmark = pytest.mark.browser
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_BYTES = 100_000
FIRM, CASEWORKER, AUTHOR = "demo-enterprise-d001", "demo-district-320412", "demo-science"
# Who comes, by account (None: a visitor), and where each begins. {unsubscribe}: the link in a message.
READERS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "visitor": (None, ("/", "/no-such-page", "/today", "/releases", "{unsubscribe}")),
    "caseworker": (
        CASEWORKER,
        (
            "/today",
            "/demo/D101",
            "/today/together?library=demo&measure=cz_growth_watchlist",
            "/projects/P001/visit-card",
            "/demo/D102/visit-card",
            "/reports/2026-10",
            "/pipelines/job_posting",
        ),
    ),
    "firm": (FIRM, ("/firm", "/today")),
    "author": (AUTHOR, ("/authoring", "/sandbox?draft=1")),
    "auditor": ("demo-auditor", ("/audit", "/messages/sent/queue", "/reports/2026-10")),
    "administrator": ("admin", ("/admin", "/demo")),
    "office": ("development", ("/roll", "/roll/measures/specialised_sme", "/roll/subjects/P001")),
}
FIRST = ("visitor",)
# Who looks at these pages alone: others were where their links lead.
FOLLOWS_NO_LINK = ("office",)
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
# What leads on to another page or service, and what is for machines.
NO_PAGES = {"/login/oidc", "/login/oidc/callback", "/m/{token}", "/metrics", "/ready"}
# At twice its size a page has half of 1366 pixels.
TWICE = {"width": 683, "height": 384}
# As the page was sent: what scripts alone make useful is hidden there.
NEEDS_SCRIPT = """sent => [...new DOMParser().parseFromString(sent, 'text/html')
  .querySelectorAll('button, [onclick], [onchange], [onsubmit], a[href^="javascript:"]')]
  .filter(e => !(e.tagName === 'BUTTON' && (e.form || e.closest('[hidden]')))).map(e => e.outerHTML.slice(0, 200))"""


@dataclass
class Installation:
    """The shipped demonstration as a service, and its archive. `looked_at`: what stood below the head of pages that were looked at.

    `common`: patterns of the pages that a visitor was shown: to whoever comes after they say little more, and are opened
    again only where somebody begins there.
    """

    address: str
    app: FastAPI
    archive: Archive
    settings: Settings
    unsubscribe: str
    looked_at: set[str] = field(default_factory=set)
    common: set[str] = field(default_factory=set)

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """Every page by its pattern, in the order of the routes: whatever is answered to GET and is no file and no part of the API."""
        found = {}
        for route in iter_route_contexts(self.app.routes):
            path = route.path or ""
            if "GET" not in (route.methods or ()) or path.startswith(("/api/", "/static")) or "." in path:
                continue
            found[path] = re.compile(re.sub(r"\\\{\w+(:path)?\\\}", "[^/]+", re.escape(path)))
        return found

    def pattern_of(self, address: str) -> str | None:
        """The page that an address is, as the service chooses it; None for a file or another service."""
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != self.address or "." in parts.path:
            return None
        return next((path for path, regex in self.patterns.items() if regex.fullmatch(parts.path)), None)

    def session_of(self, actor: str) -> str:
        """The token of a session that has shown its second factor just now."""
        with self.archive.database.writing() as session:
            now = self.settings.instant()
            return begin_session(session, session.get_one(Account, actor), now, strong=True, client="test").token


@dataclass
class Tour:
    """What somebody saw: faults by address, and the patterns of pages that were answered."""

    faults: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]
) -> Iterator[Installation]:
    """With a draft of a rule, a delegation, messages and a report, so that their pages have something to show."""
    unlimited = {"lookups_per_minute": 0, "matches_per_minute": 0, "logins_per_minute": 0}
    settings = shipped_in(tmp_path_factory.mktemp("accessible")).model_copy(update=unlimited)
    app = create_app(settings)
    archive: Archive = app.state.opened.archive
    now = settings.instant()
    start_from_measure(archive, "hightech_enterprise", "same", By("demo", AUTHOR, now))
    delegate(
        archive, NewDelegation("industry", "industry-2", now.date(), now.date(), "示范"), By("real", "industry", now)
    )
    with archive.database.writing() as session:
        for actor, login in (("admin", "wang.guanli"), ("development", "li.fagai")):
            session.add(
                Account(
                    actor_id=actor, login=login, must_change=False, failed=[], totp_confirmed=False, is_demo=False,
                    made_at=now,
                )
            )  # fmt: skip
    keep_few(archive)
    told(archive, CASEWORKER, now)
    report, by = ReportOf("2026-10", "320412"), By("demo", CASEWORKER, now)
    sheet = filled(give_template(archive, report, by).content, {"D121": {"本月完成投资": "约3000"}})
    receive_report(archive, report, Workbook("十月.xlsx", sheet), by)
    unsubscribe = told(archive, FIRM, now)
    for address in serving(app):
        yield Installation(address, app, archive, settings, unsubscribe)


def told(archive: Archive, actor: str, now: datetime) -> str:
    """Tell somebody something by the inbox; the path of the link that unsubscribes from it."""
    with archive.database.writing() as session:
        about = by_code(session, "demo", "D001")
        assert about is not None
        made = Message(
            library="demo", recipient_id=actor, subject_id=about.id, made_at=now, dedup_key=actor, trigger="TR3",
            content="notice", topic="部门通知", mandatory=False, template="notice", template_version=1,
            title="示范通知", body="示范的正文。", short="示范通知", why="示范", state="out",
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add(
            Delivery(
                library="demo", message_id=made.id, channel=Channel.INBOX.value, client_msg_id=actor,
                state=DeliveryState.SENT.value, due_at=now, sent_at=now, changed_at=now,
            )
        )  # fmt: skip
        return unsubscribe_path(archive, made, Channel.SMS)


@pytest.fixture(scope="module")
def tours(browser: Browser, installation: Installation) -> Callable[[str], Tour]:
    """The tour of a reader, made once."""
    made: dict[str, Tour] = {}

    def tour(reader: str) -> Tour:
        if reader not in made:
            made[reader] = walked(browser, installation, reader)
        return made[reader]

    return tour


def opened(browser: Browser, installation: Installation, reader: str) -> Watched:
    """A window in which the reader is signed in."""
    window = watched(browser, installation.address, width=1366)
    actor = READERS[reader][0]
    if actor is not None:
        cookie = {"name": COOKIE, "value": installation.session_of(actor), "url": installation.address}
        window.context.add_cookies([cookie])  # type: ignore[list-item]
    return window


def walked(browser: Browser, installation: Installation, reader: str) -> Tour:
    """Follow every link to a page of a pattern that was not opened yet."""
    window, tour = opened(browser, installation, reader), Tour()
    starts = [path.format(unsubscribe=installation.unsubscribe) for path in READERS[reader][1]]
    waiting = [installation.address + path for path in starts]
    for address in waiting:  # which grows
        tour.faults += [f"{address}: {fault}" for fault in looked_at(window, address, installation.looked_at)]
        pattern = installation.pattern_of(window.page.url)
        if pattern is not None:
            tour.seen.setdefault(pattern, address)
            if reader in FIRST and window.page.evaluate(STATUS) == 200:
                installation.common.add(pattern)
        if reader in FOLLOWS_NO_LINK:
            continue
        known = {installation.pattern_of(one) for one in waiting}
        for link in window.page.eval_on_selector_all("a[href]", "all => all.map(e => e.getAttribute('href'))"):
            found = urljoin(window.page.url, link).partition("#")[0]
            pattern = installation.pattern_of(found)
            is_seen = pattern in known or (reader not in FIRST and pattern in installation.common)
            if pattern is not None and not is_seen:
                known.add(pattern)
                waiting.append(found)
    window.context.close()
    return tour


def looked_at(window: Watched, address: str, known: set[str]) -> Iterator[str]:
    """What is wrong with the page of an address; `known`: what somebody else was shown as well is not gone through twice."""
    page = window.page
    answer = page.goto(address)
    assert answer is not None
    if answer.status >= 500:
        yield str(answer.status)
    if not answer.headers["content-type"].startswith("text/html"):
        return
    if len(answer.body()) >= MOST_BYTES:
        yield f"{len(answer.body()):,} bytes"
    if page.evaluate("document.documentElement.lang") != "zh-CN" or page.locator("h1").count() != 1:
        yield "no Chinese page with one h1"
    yield from (f"needs a script: {one}" for one in page.evaluate(NEEDS_SCRIPT, answer.text()))
    shown = page.locator("main").inner_html()
    if shown not in known:
        known.add(shown)
        yield from hard_to_use(page)
    # That the answer itself was a refusal is told as an error of the console, and meant.
    yield from (one for one in window.faults if answer.ok or "Failed to load resource" not in one)
    window.faults.clear()


def hard_to_use(page: Page) -> Iterator[str]:
    """What axe finds, each with the element, all parts opened; and whether lines are cut off at 200 %."""
    page.eval_on_selector_all("details", "all => all.forEach(e => { e.open = true })")
    found = Axe().run(page, options={"runOnly": LEVELS, "resultTypes": ["violations"]})
    for one in found.response["violations"]:
        for node in one["nodes"]:
            yield f"{one['id']} {node['target']} {node['failureSummary']}"
    page.set_viewport_size(TWICE)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield "scrolls sideways at 200 %"
    page.set_viewport_size({"width": 1366, "height": 900})


@pytest.mark.parametrize("reader", READERS)
def test_every_page_that_somebody_reaches_can_be_used_by_everybody(reader: str, tours: Callable[[str], Tour]) -> None:
    assert tours(reader).faults == []


def test_every_page_of_the_service_was_looked_at(installation: Installation, tours: Callable[[str], Tour]) -> None:
    seen = {pattern for reader in READERS for pattern in tours(reader).seen}

    assert sorted(installation.patterns.keys() - seen) == sorted(NO_PAGES)


# Where the focus lies, whether it is to be seen and not below something else, and which of all elements it is.
FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const over = document.elementFromPoint(box.x + Math.min(box.width, 30) / 2, box.y + box.height / 2);
  return {
    place: [...document.querySelectorAll('*')].indexOf(e), what: e.outerHTML.slice(0, 120),
    seen: style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 3 && Boolean(over) && (e.contains(over) || over.contains(e)),
  }
}"""


@pytest.mark.parametrize(("reader", "path"), [("caseworker", "/today"), ("firm", "/firm"), ("administrator", "/admin")])
def test_the_keyboard_walks_the_page_in_its_order_and_is_seen_at_every_step(
    browser: Browser, installation: Installation, reader: str, path: str
) -> None:
    window = opened(browser, installation, reader)
    window.page.emulate_media(reduced_motion="reduce")  # else the page is still moving when it is looked at
    page = window.open(path)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip')")
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    steps = [page.evaluate(FOCUS)]
    for _ in range(40):
        page.keyboard.press("Tab")
        steps.append(page.evaluate(FOCUS))
    assert [step["what"] for step in steps if not step["seen"]] == []
    places = [step["place"] for step in steps]
    assert places == sorted(set(places))

    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    window.context.close()
    assert window.faults == []


FAULTY = f"""<!doctype html><html><head><title>Faulty</title></head><body><h1>One</h1><h1>Two</h1>
<main><img src="/static/favicon.png" width="900"><button onclick="go()">Go</button><p style="color: #fff">Pale</p>
<script src="http://elsewhere.invalid/x.js"></script></main></body></html>
<!--{"x" * MOST_BYTES}-->"""


def test_a_page_with_every_fault_is_told_each_of_them(browser: Browser, installation: Installation) -> None:
    window = watched(browser, installation.address)
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": "style-src 'self'"}
    window.page.route("**/faulty", lambda route: route.fulfill(body=FAULTY, headers=headers))

    told = "\n".join(looked_at(window, f"{installation.address}/faulty", set()))

    window.context.close()
    for fault in (
        " bytes", "one h1", "needs a script", "image-alt", "html-has-lang", "scrolls sideways",
        "http://elsewhere.invalid/x.js", "Content Security Policy",
    ):  # fmt: skip
        assert fault in told
