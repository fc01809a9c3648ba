"""J7 in a real browser: an administrator opens an account; its holder signs in, changes the password, binds a second factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page
from test_browser import CONTRAST, NAMELESS
from watching import Watched, serving, watched

from policy_match.access.second_factor import code_at
from policy_match.settings import Settings
from policy_match.workflows.add_account import NewAccount, add_account
from policy_match.workflows.write_entry import By
from policy_match_api.app import filled_archive

pytestmark = pytest.mark.browser
NEW = "four plain words here"
OTHER = "another four plain words"


class Installation:
    """A service whose administrator and auditor have accounts with one-time passwords, and its clock."""

    def __init__(self, settings: Settings) -> None:
        archive, _ = filled_archive(settings, demo=True)
        self.now = settings.instant()
        self.once = {
            actor: add_account(archive, NewAccount(login, actor), By("real", "admin", self.now))
            for login, actor in (("wang.guanli", "admin"), ("shen.shenji", "auditor"))
        }
        archive.database.close()
        self.address = ""


@pytest.fixture(scope="module")
def installed(
    tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]
) -> Iterator[Installation]:
    """The shipped libraries with the history of the demonstration, and no account of the demonstration."""
    settings = shipped_in(tmp_path_factory.mktemp("admin")).model_copy(update={"logins_per_minute": 0})
    made = Installation(settings)
    for made.address in serving(settings):
        yield made


def begin(page: Page, address: str, login: str, once: str, now: datetime, own: str) -> None:
    """Sign in with a one-time password, change it and bind an authenticator; the session is strong then."""
    page.goto(f"{address}/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", once)
    page.click("main button")
    page.wait_for_url(f"{address}/account")
    assert "请先改密码" in page.inner_text("main")
    page.fill("input[name=old]", once)
    page.fill("input[name=new]", own)
    send(page, "form[action='/account/password'] button")
    assert "请先改密码" not in page.inner_text("main")
    page.fill("form[action='/account/second-factor'] input", own)
    send(page, "form[action='/account/second-factor'] button")
    shown = page.inner_text("section[aria-labelledby=enrolment] p code")
    (secret,) = parse_qs(urlsplit(shown).query)["secret"]
    page.fill("input[name=code]", code_at(secret, now))
    send(page, "form[action='/account/code'] button")
    assert "15 分钟内已输入" in page.inner_text("main")


def send(page: Page, button: str) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation():
        page.click(button)


@pytest.fixture(scope="module")
def administrator(browser: Browser, installed: Installation) -> Iterator[Watched]:
    """The window of the administrator, signed in with a fresh code, without scripts."""
    window = watched(browser, installed.address, script=False)
    begin(window.page, installed.address, "wang.guanli", installed.once["admin"], installed.now, NEW)
    yield window
    window.context.close()
    assert window.faults == []


def test_j7_an_administrator_adds_a_user_who_signs_in_and_binds_a_second_factor(
    browser: Browser, installed: Installation, administrator: Watched
) -> None:
    page = administrator.open("/")
    page.click("header nav >> text=账号管理")
    page.click("text=开账号")
    page.fill("input[name=login]", "zhao.wujin")
    page.fill("input[name=actor]", "wujin-zhao")
    page.fill("input[name=name]", "赵经办")
    page.select_option("select[name=role]", "district")
    page.select_option("select[name=region]", "320412")
    page.fill("input[name=unit]", "武进区发改局")
    page.click("main button")
    once = page.inner_text("code.secret")
    page.click("text=抄好了，回列表")
    assert "zhao.wujin" in page.inner_text("table") and once not in page.content()

    theirs = watched(browser, installed.address)
    begin(theirs.page, installed.address, "zhao.wujin", once, installed.now, OTHER)
    assert "赵经办" in theirs.page.inner_text("header")
    assert "账号管理" not in theirs.page.inner_text("header")
    refused = theirs.context.request.get(f"{installed.address}/admin")
    assert refused.status == 403
    theirs.context.close()
    assert theirs.faults == []
    page = administrator.open("/admin/accounts/zhao.wujin")
    assert "已绑定" in page.inner_text("main") and "2026-11-28" in page.inner_text("main")


PAGES = [
    "/admin", "/admin?q=nobody", "/admin/keys", "/admin/delegations", "/admin/new-account", "/admin/new-key",
    "/admin/new-delegation", "/admin/accounts/wang.guanli",
]  # fmt: skip
LOOKS = [
    "/audit", "/audit?result=forbidden", "/audit/overrides?library=demo", "/audit/pairs?library=demo",
    "/audit/corrections?library=demo", "/audit/sample?library=demo&seed=7", "/admin",
]  # fmt: skip


@pytest.mark.parametrize("width", [1366, 390])
def test_no_page_of_administration_scrolls_sideways_fails_contrast_or_has_a_nameless_control(
    administrator: Watched, width: int
) -> None:
    administrator.page.set_viewport_size({"width": width, "height": 768})
    for path in PAGES:
        look_at(administrator.open(path), path)


def test_no_page_of_the_auditor_scrolls_sideways_fails_contrast_or_has_a_nameless_control(
    browser: Browser, installed: Installation
) -> None:
    window = watched(browser, installed.address)
    begin(window.page, installed.address, "shen.shenji", installed.once["auditor"], installed.now, NEW)
    window.page.click("header nav >> text=审计")
    for width in (1366, 390):
        window.page.set_viewport_size({"width": width, "height": 768})
        for path in LOOKS:
            look_at(window.open(path), path)
    window.context.close()
    assert window.faults == []


def look_at(page: Page, path: str) -> None:
    """What is wrong with a page for the eye or a screen reader, and how long it is."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    assert page.evaluate(CONTRAST) == [], path
    assert [one for one in page.evaluate(NAMELESS) if 'type="hidden"' not in one] == [], path
    assert len(page.content().encode()) < 100_000, path
