"""The pages in a real browser: keyboard only, without JavaScript, on a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from watching import ROOT, Watched, serving, watched

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.truth import Truth
from policy_match.settings import Settings
from policy_match.workflows.match import Match
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match_api.app import create_app

pytestmark = pytest.mark.browser

PAGES = [
    "/", "/projects", "/projects/P001", "/projects/P001/hightech_enterprise", "/demo", "/demo/D001", "/demo/D002",
    "/demo/D002/js_mfg_loan_discount", "/demo/D002/roadmap", "/projects/P001/roadmap", "/demo/D003/hightech_enterprise", "/demo/D006", "/measures",
    "/search", "/search?q=武进区贷款贴息", "/search?q=今天天气怎么样", "/search?topic=land", "/policies/czbf-2025-6",
    "/measures/little_giant", "/measures/js_mfg_loan_discount", "/measures/js_mfg_loan_discount/simulate", "/measures/rd_super_deduction",
]  # fmt: skip
CONTRAST = """() => {
  const lin = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
  const lum = c => 0.2126 * lin(c[0]) + 0.7152 * lin(c[1]) + 0.0722 * lin(c[2]);
  const rgb = t => (t.match(/[\\d.]+/g) || []).map(Number);
  const back = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c } return [255, 255, 255] };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), a = lum(rgb(style.color)), b = lum(back(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 20));
  }
  return found }"""
NAMELESS = """() => [...document.querySelectorAll('a, button, input, select, summary')].filter(e =>
  !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length))).map(e => e.outerHTML)"""


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement && document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"用 Tab 到不了 {selector}")


def test_from_the_list_to_a_project_and_a_measure_with_the_keyboard_alone(window: Watched) -> None:
    page = window.open("/projects")

    tab_to(page, ".skip")
    tab_to(page, "select[name=district]")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects?*district=320412*")
    assert page.locator("tbody tr").count() > 10
    assert {t.strip() for t in page.locator("td[data-h=辖区]").all_inner_texts()} == {"武进区"}

    tab_to(page, "tbody tr:first-child a")
    name = page.locator("tbody tr:first-child a").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/P*")
    assert page.locator("h1").inner_text() == name

    tab_to(page, ".match h3 a, .lead-cell a[href*='/projects/P']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/P*/*")
    assert "条款与事实对照" in page.locator("main").inner_text()

    tab_to(page, "main a[href^='/measures/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/measures/*")
    assert "条款与条件对照" in page.locator("main").inner_text()


def test_a_question_is_asked_narrowed_and_followed_to_measure_and_document_with_the_keyboard_alone(
    window: Watched,
) -> None:
    page = window.open("/")

    tab_to(page, "main input[name=q]")
    page.keyboard.type("武进区贷款贴息")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    every = page.locator("[role=status]").inner_text()

    tab_to(page, ".said a[href*='region=320412']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*region=320412*")
    assert page.locator("select[name=region]").input_value() == "320412"
    assert page.locator("[role=status]").inner_text() != every
    assert "溧阳市" not in page.locator("td[data-h=地区]").all_inner_texts()

    tab_to(page, "select[name=kind]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*kind=measure*")

    tab_to(page, "tbody tr:first-child a")
    title = page.locator("tbody tr:first-child a").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/measures/*")
    assert page.locator("h1").inner_text().startswith(title)

    tab_to(page, "main a[href^='/policies/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/policies/*")
    assert page.locator("h2", has_text="文件里的措施").is_visible()


def test_an_unsure_question_is_led_to_a_topic_without_javascript(browser: Browser, address: str) -> None:
    window = watched(browser, address, script=False)
    page = window.open("/projects")

    page.fill("header input[name=q]", "今天天气怎么样")
    page.click("header button")
    assert page.locator("h2", has_text="没有把握").is_visible()
    page.click(".topics a[href$='topic=land']")
    assert page.locator("select[name=topic]").input_value() == "land"
    assert page.locator("tbody tr").count() > 3
    window.context.close()
    assert window.faults == []


def test_the_focus_is_always_seen(window: Watched) -> None:
    page = window.open("/projects")

    for _ in range(14):
        page.keyboard.press("Tab")
        style = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth")  # fmt: skip
        assert style == "solid3px"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways_fails_contrast_or_loads_from_elsewhere(
    browser: Browser, address: str, path: str, width: int
) -> None:
    window = watched(browser, address, width=width)
    page = window.open(path)
    for details in page.locator("details").all():
        details.evaluate("e => { e.open = true }")

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    window.context.close()
    assert window.faults == []


def test_everything_works_without_javascript(browser: Browser, address: str) -> None:
    window = watched(browser, address, script=False)
    page = window.open("/projects")

    page.select_option("select[name=tier]", "T10")
    page.click("button[type=submit]")
    page.click("tbody tr:first-child a")
    assert page.locator("h2", has_text="先问什么").is_visible()
    page.click("#rest + details summary, section:has(#rest) summary")
    assert page.locator("section:has(#rest) details li").first.is_visible()
    window.context.close()
    assert window.faults == []


def test_the_roadmap_is_reached_with_the_keyboard_and_printed_on_wide_paper(window: Watched) -> None:
    page = window.open("/demo/D002")

    tab_to(page, ".summary a[href$='/roadmap']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/demo/D002/roadmap")
    assert page.locator(".roadmap thead th").all_inner_texts()[1].startswith("现在")
    tab_to(page, ".roadmap .lead-cell a")

    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert page.locator(".roadmap tbody").last.is_visible()
    assert page.locator(".roadmap").evaluate("e => getComputedStyle(e).page") == "wide"


def test_a_row_is_a_link_wherever_it_is_clicked(window: Watched) -> None:
    page = window.open("/projects")

    box = page.locator("tbody tr").nth(2).locator("td[data-h=行业]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    page.wait_for_url("**/projects/P003")


def test_the_demonstration_banner_is_seen_before_anything_else(window: Watched) -> None:
    page = window.open("/demo/D002")

    banner = page.locator(".demo")
    assert banner.is_visible()
    assert "示范数据" in banner.inner_text()
    box = banner.bounding_box()
    assert box is not None
    assert box["y"] < 120


PICTURE = ROOT / "docs" / "match.png"


@pytest.fixture
def picture_settings(tmp_path: Path, shipped_in: Callable[[Path], Settings]) -> Settings:
    return shipped_in(tmp_path)


@pytest.fixture
def shipped(picture_settings: Settings) -> Iterator[str]:
    yield from serving(picture_settings)


def test_the_picture_of_the_readme_is_made(
    browser: Browser, shipped: str, picture_settings: Settings, tmp_path: Path
) -> None:
    """Written to docs/match.png when POLICY_MATCH_PICTURE is set, so that a plain test run changes no file."""
    target = PICTURE if "POLICY_MATCH_PICTURE" in os.environ else tmp_path / "match.png"
    page = watched(browser, shipped, width=1000).open(pictured(picture_settings))

    page.screenshot(path=str(target), clip={"x": 0, "y": 0, "width": 1000, "height": 700})

    assert 20 * 1024 < target.stat().st_size < 150 * 1024
    assert PICTURE.stat().st_size < 150 * 1024


def shown_well(match: Match) -> tuple[bool, bool, int, str]:
    """Cash before other amounts, then about six conditions with facts that have a day."""
    dated = sum(reason.observed_on is not None for reason in match.reasons)
    is_cash = match.amount is not None and match.amount.kind == "cash"
    is_plain = all(reason.truth is Truth.TRUE for reason in match.reasons)
    return is_cash, is_plain, dated - abs(len(match.reasons) - 6), match.rule.id


def pictured(settings: Settings) -> str:
    """The eligible match that shows most, of the demonstration library if there is one."""
    held: Libraries = create_app(settings).state.opened.today()
    library: Library = held.demo or held.real
    lines = library.matching.lines(verdicts=frozenset({Verdict.ELIGIBLE}))
    best = max(lines, key=shown_well)
    return f"/{'demo' if library.is_demo else 'projects'}/{best.subject.id}/{best.rule.id}"


def test_the_picture_of_the_readme_is_small_where_it_is() -> None:
    assert not Path(PICTURE).exists() or PICTURE.stat().st_size < 150 * 1024
