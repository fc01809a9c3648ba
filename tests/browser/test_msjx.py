"""免申即享 cases in a real browser: found and followed to their proof with the keyboard alone, on a desk and on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from test_browser import CONTRAST, NAMELESS, tab_to
from watching import serving, watched

from policy_match import verify_proof
from policy_match.settings import Settings

pytestmark = pytest.mark.browser
PAGES = ["/msjx", "/msjx?library=demo&state=M7", "/measures/cz_unicorn_award"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Iterator[str]:
    """The shipped demonstration library with its cases."""
    yield from serving(shipped_in(tmp_path_factory.mktemp("msjx")))


def test_a_case_is_filtered_opened_and_its_proof_taken_by_keyboard_without_scripts(
    browser: Browser, played: str, tmp_path: Path
) -> None:
    window = watched(browser, played, script=False)
    page = window.open("/")

    tab_to(page, "nav a[href='/msjx']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/msjx")
    tab_to(page, "select[name=state]")
    while page.locator("select[name=state] option:checked").inner_text() != "已拨付":
        page.keyboard.press("ArrowDown")
    tab_to(page, "select[name=measure]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/msjx?*state=M7*")
    assert {text.strip() for text in page.locator("td[data-h=状态]").all_inner_texts()} == {"已拨付"}

    tab_to(page, "tbody tr:first-child a")
    number = page.locator("tbody tr:first-child a").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/msjx/{number}?*")
    assert page.locator("#steps").is_visible()

    tab_to(page, "a[download]")
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    taken.value.save_as(tmp_path / "proof.json")
    assert taken.value.suggested_filename == f"{number}.proof.json"
    verify_proof.verify(json.loads((tmp_path / "proof.json").read_text("utf-8")))
    window.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_of_cases_scrolls_sideways_fails_contrast_or_has_a_nameless_control(
    browser: Browser, played: str, width: int
) -> None:
    window = watched(browser, played, width=width)
    page = window.open("/msjx?library=demo")
    cases = [str(link.get_attribute("href")) for link in page.locator(".lead-cell a").all()]

    assert len(cases) > 30
    for path in [*PAGES, *cases[::6], *cases[-14:]]:
        page = window.open(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate(NAMELESS) == [], path
    window.context.close()
    assert window.faults == []
