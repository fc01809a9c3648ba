"""A caseworker's day in the browser: claim and decide with the keyboard, and the same without scripts and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_browser import CONTRAST, NAMELESS
from watching import ROOT, Watched, serving, watched

from policy_match.access.passwords import DEMO_PASSWORD
from policy_match.settings import Settings

pytestmark = pytest.mark.browser
PICTURES = {"today": ROOT / "docs" / "today.png", "review": ROOT / "docs" / "review.png"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service as it starts for the first time, with everything that is shipped."""
    folder = tmp_path_factory.mktemp("office")
    settings = Settings(
        now=datetime(2026, 11, 29, 9, 0), database_url=f"sqlite:///{folder / 'library.db'}", lookups_per_minute=0
    )
    yield from serving(settings)


def at_work(browser: Browser, office: str, *, width: int = 1366, script: bool = True) -> Watched:
    """A window of the caseworker of 武进, on their day."""
    window = watched(browser, office, width=width, script=script)
    page = window.open("/login?next=/today")
    page.locator("main input[name=login]").fill("demo-district-320412")
    page.locator("main input[name=password]").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(office + "/today")
    page.wait_for_load_state("networkidle")  # the icon, which a click would break off
    return window


def picture(page: Page, name: str, folder: Path) -> None:
    """Written to docs/ when POLICY_MATCH_PICTURE is set, so that a plain test run changes no file."""
    target = PICTURES[name] if "POLICY_MATCH_PICTURE" in os.environ else folder / f"{name}.png"
    page.screenshot(path=str(target), clip={"x": 0, "y": 0, "width": 1366, "height": 768})
    assert target.stat().st_size < 200 * 1024


def has_focus(page: Page, selector: str) -> bool:
    """Whether an element that fits has the focus."""
    return bool(page.evaluate("s => document.activeElement.matches(s)", selector))


def test_a_match_is_found_claimed_and_decided_with_the_keyboard_alone(
    browser: Browser, office: str, tmp_path: Path
) -> None:
    window = at_work(browser, office)
    page = window.page
    assert page.locator("[data-keys-help]").is_visible()
    titles = page.locator("[data-tasks] .lead-cell a")
    picture(page, "today", tmp_path)

    for key in ("j", "j", "ArrowDown", "k"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == titles.nth(1).inner_text()
    address = titles.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.textContent") == "认领"
    page.keyboard.press("Enter")
    page.wait_for_url("**done=claim")
    picture(page, "review", tmp_path)

    page.keyboard.press("r")
    assert has_focus(page, "select[name=reason]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("jar 不相关")
    assert page.locator("textarea:focus").input_value() == "jar 不相关"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=reject")
    assert "已驳回" in page.locator("[role=status]").inner_text()
    assert "jar 不相关" in page.locator("main").inner_text()

    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/reviews/" in url and "done" not in url)
    page.keyboard.press("/")
    assert has_focus(page, "input[name=q]")
    window.context.close()
    assert window.faults == []


def test_ten_matches_are_decided_one_after_another_by_few_keys_and_nothing_else(browser: Browser, office: str) -> None:
    """Journey of a caseworker: two keys to begin, then six a match: claim, decide, and on to the next one."""
    window = at_work(browser, office)
    page, keys = window.page, 0

    def press(*names: str) -> None:
        nonlocal keys
        for name in names:
            page.keyboard.press(name)
            keys += 1

    decided = set()
    press("j", "Enter")
    for number in range(10):
        page.wait_for_url(lambda url: "/reviews/" in url and "done" not in url)
        page.wait_for_load_state("load")
        decided.add(page.url)
        press("a", "Enter")
        page.wait_for_url("**done=claim")
        press("a", "Enter")
        page.wait_for_url("**done=confirm")
        assert "已确认" in page.locator("[role=status]").inner_text()
        if number < 9:
            press("n", "Enter")

    assert (len(decided), keys) == (10, 60)
    window.context.close()
    assert window.faults == []


def test_a_visit_is_recorded_from_a_phone_without_scripts_and_the_form_is_not_printed(
    browser: Browser, office: str
) -> None:
    window = at_work(browser, office, width=390, script=False)
    page = window.open("/demo/D102/visit-card")

    page.get_by_label("走访人").fill("甲、乙")
    page.get_by_label("看到什么").fill("厂房已封顶")
    page.get_by_role("button", name="登记走访").click()
    assert "已登记" in page.locator("[role=status]").inner_text()
    assert "甲、乙：厂房已封顶" in page.locator("article.visit").inner_text()
    page.emulate_media(media="print")
    assert page.locator("article.visit").is_visible()
    assert not page.locator(".visiting").is_visible() and not page.locator("header.top").is_visible()
    window.open("/today/calls")
    assert page.locator(".sheet").first.is_visible() and not page.locator(".export").first.is_visible()
    window.context.close()
    assert window.faults == []


def test_the_keys_can_be_switched_off_and_stay_off(browser: Browser, office: str) -> None:
    window = at_work(browser, office)
    page = window.page

    page.get_by_role("button", name="关闭按键").click()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.get_by_role("button", name="打开按键").click()
    page.locator("h1").click()
    page.keyboard.press("j")
    assert has_focus(page, "[data-tasks] a")
    window.context.close()
    assert window.faults == []


def test_a_match_is_claimed_and_confirmed_without_scripts(browser: Browser, office: str) -> None:
    window = at_work(browser, office, script=False)
    page = window.page
    assert page.locator("[data-keys-help]").count() == 1
    assert not page.locator("[data-keys-help]").is_visible()

    page.goto(office + "/today?kind=decide")
    page.locator("[data-tasks] .lead-cell a").first.click()
    page.get_by_role("button", name="认领", exact=True).click()
    page.get_by_role("button", name="确认", exact=True).click()
    assert "已确认" in page.locator("[role=status]").inner_text()
    window.context.close()
    assert window.faults == []


@pytest.mark.parametrize("width", [1366, 390])
def test_the_pages_fit_the_screen_are_legible_and_everything_has_a_name(
    browser: Browser, office: str, width: int
) -> None:
    window = at_work(browser, office, width=width)
    page = window.page
    page.locator("[data-tasks] .lead-cell a").nth(4).click()
    page.wait_for_url("**/reviews/*")
    if page.get_by_role("button", name="认领", exact=True).count():
        page.get_by_role("button", name="认领", exact=True).click()
        page.wait_for_url("**done=claim")
    page.wait_for_load_state("networkidle")
    paths = [page.url.removeprefix(office), "/today", "/today/calls", "/demo/D102/visit-card"]
    paths += ["/", "/today/handover", "/today/together?measure=specialised_sme&all=true"]

    for path in paths:
        window.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert page.evaluate(CONTRAST) == [], path
        assert [one for one in page.evaluate(NAMELESS) if 'type="hidden"' not in one] == [], path
    window.context.close()
    assert window.faults == []


def test_a_review_is_ticked_with_the_mouse_on_its_box_and_on_its_name(browser: Browser, office: str) -> None:
    window = at_work(browser, office)
    page = window.open("/today/together?measure=specialised_sme")
    tick = page.locator("input[name=review]").first

    tick.click()
    assert tick.is_checked()
    page.locator(".lead-cell label").first.click()
    assert not tick.is_checked()
    window.context.close()
    assert window.faults == []


def test_enter_on_a_tick_saves_the_settings_as_they_are_and_the_focus_is_on_what_came_of_it(
    browser: Browser, office: str
) -> None:
    window = at_work(browser, office)
    page = window.open("/messages/settings")
    ticked = "all => all.filter(one => one.checked).map(one => one.value)"
    page.locator("input[value='inbox:奖补']").uncheck()
    before = page.eval_on_selector_all("input[name=on]", ticked)

    page.locator("input[value='sms:奖补']").press("Enter")
    page.wait_for_url("**/messages/settings?done=saved")
    page.wait_for_function("document.activeElement.matches('main [role=status]')")
    assert page.eval_on_selector_all("input[name=on]", ticked) == before
    window.context.close()
    assert window.faults == []
