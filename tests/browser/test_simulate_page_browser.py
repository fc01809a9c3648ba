"""A figure is moved with the keyboard alone and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from watching import watched

pytestmark = pytest.mark.browser


def test_a_figure_is_chosen_and_moved_by_keyboard_without_scripts(browser: Browser, address: str) -> None:
    window = watched(browser, address, script=False)
    page = window.open("/measures/hightech_enterprise/simulate")

    page.get_by_label("移动").focus()
    while "高新技术产品（服务）收入占比" not in page.get_by_label("移动").locator("option:checked").inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("50%")
    page.keyboard.press("Tab")
    page.keyboard.type("70%")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=50%25*")

    firsts = page.locator("#of-real ~ .card tbody td:first-child").all_inner_texts()
    assert firsts[0] == "50%" and firsts[-1] == "70%"
    assert any(text.split() == ["60%", "现行"] for text in firsts)
    box = page.locator("svg").first.bounding_box()
    assert box is not None and box["height"] > 100
    window.context.close()
    assert window.faults == []
