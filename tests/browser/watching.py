"""A service in a thread, and a browser window that keeps whatever went wrong in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from policy_match.settings import Settings
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]


def serving(what: Settings | FastAPI) -> Iterator[str]:
    """Serve an application, or one of these settings, in a thread until the generator is closed."""
    app = what if isinstance(what, FastAPI) else create_app(what)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@dataclass
class Watched:
    """A browser window that keeps whatever a caseworker should never see: errors, refused files, foreign hosts."""

    page: Page
    context: BrowserContext
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the service."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.ok, (path, answer.status)
        return self.page


def failed(request: Request) -> list[str]:
    """What to say of a request that failed; the icon of a page that was left before it came is no fault."""
    if request.url.endswith("/favicon.png") and request.failure == "net::ERR_ABORTED":
        return []
    return [f"{request.url} {request.failure}"]


def watched(browser: Browser, address: str, *, width: int = 1280, script: bool = True) -> Watched:
    """A window of its own; console errors (refusals by the content policy among them) are faults."""
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script, locale="zh-CN")
    window = Watched(context.new_page(), context, address)

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            window.faults.append(message.text)

    window.page.on("console", heard)
    window.page.on("pageerror", lambda error: window.faults.append(str(error)))
    window.page.on("request", lambda r: None if r.url.startswith(address) else window.faults.append(r.url))
    window.page.on("requestfailed", lambda r: window.faults.extend(failed(r)))
    return window
