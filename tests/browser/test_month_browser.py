"""J3 in a real browser: a month from the workbook of a district to the 通报."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Page
from test_browser import CONTRAST, NAMELESS
from watching import ROOT, Watched, serving, watched

from policy_match.access.passwords import DEMO_PASSWORD
from policy_match.access.second_factor import DEMO_SECRET, code_at
from policy_match.settings import Settings

sys.path.insert(0, str(ROOT / "tests" / "library"))

from filling import filled

pytestmark = pytest.mark.browser
PICTURE = ROOT / "docs" / "month.png"
MONTH = "/reports/2026-10"
SPENT = "本月完成投资"


class Office:
    """The service, and the code that everybody's authenticator shows."""

    def __init__(self, address: str, settings: Settings) -> None:
        self.address, self.code = address, code_at(DEMO_SECRET, settings.instant())

    def entered(self, browser: Browser, login: str, *, strong: bool, width: int = 1366, script: bool = True) -> Watched:
        """A window of somebody who signed in, with a code or without."""
        window = watched(browser, self.address, width=width, script=script)
        page = window.open("/login?next=/reports")
        page.fill("main input[name=login]", login)
        page.fill("main input[name=password]", DEMO_PASSWORD)
        page.fill("main input[name=code]", self.code if strong else "")
        page.keyboard.press("Enter")
        page.wait_for_url(self.address + "/reports")
        page.wait_for_load_state("networkidle")
        return window


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Iterator[Office]:
    """The shipped libraries with the history of the demonstration, on 28 November 2026."""
    settings = shipped_in(tmp_path_factory.mktemp("month")).model_copy(update={"lookups_per_minute": 0})
    for address in serving(settings):
        yield Office(address, settings)


def taken(page: Page, press: Callable[[], None], folder: Path) -> Path:
    """The file that a press downloads, under the name that it is given."""
    with page.expect_download() as download:
        press()
    place = folder / download.value.suggested_filename
    download.value.save_as(place)
    return place


def hand_in(page: Page, file: Path) -> str:
    """Hand a file in and say what the page answers."""
    page.set_input_files("input[type=file]", file)
    with page.expect_navigation():
        page.get_by_role("button", name="上传").click()
    return page.inner_text("main")


def test_j3_a_month_from_the_workbook_of_a_district_to_the_circular(
    browser: Browser, office: Office, tmp_path: Path
) -> None:
    district = office.entered(browser, "demo-district-320412", strong=True, script=False)
    page = district.page
    page.click("nav >> text=报表")
    page.click("main >> text=2026-10")
    assert "没有收到" in page.inner_text("main tbody")
    book = taken(page, lambda: page.click("text=下载"), tmp_path)
    assert book.name == "2026-10 武进区 项目月报.xlsx"

    first = {"D101": {SPENT: "4200"}, "D121": {SPENT: "大概3000"}, "D127": {SPENT: "150", "形象进度": "设备安装"}}
    sheet = tmp_path / "武进十月.xlsx"
    sheet.write_bytes(filled(book.read_bytes(), first))
    said = hand_in(page, sheet)
    assert "1 行没收" in said and "不是确切的金额" in said
    errors = taken(page, lambda: page.click("text=下载错误文件"), tmp_path)
    assert errors.name == "武进十月.errors.csv"
    (line,) = csv.DictReader(errors.read_text("utf-8-sig").splitlines())
    assert (line["行号"], line["列"], line["值"]) == ("5", "本月完成投资（万元）", "大概3000")

    sheet.write_bytes(filled(sheet.read_bytes(), {"D121": {SPENT: "3000"}}))
    page.click("main >> text=2026-10 的页面")
    assert "都已收下" in hand_in(page, sheet)
    page.click(".crumbs >> text=2026-10")
    assert "已收到" in page.inner_text("main tbody") and "共 2 份" in page.inner_text("main tbody")
    assert district.context.request.get(f"{office.address}{MONTH}/check").status == 403
    district.context.close()
    assert district.faults == []

    lead = office.entered(browser, "demo-development", strong=False)
    page = lead.open(MONTH)
    came = {one.split("\t")[0]: one for one in page.inner_text("main tbody").split("\n") if "\t" in one}
    assert "已收到" in came["武进区"] and "没有收到" in came["溧阳市"]
    page.screenshot(path=str(picture(tmp_path)), clip={"x": 0, "y": 0, "width": 1366, "height": 768})
    assert picture(tmp_path).stat().st_size < 200 * 1024
    page.click("text=封存前检查和封存")
    asked = page.inner_text("main")
    assert "示范飞行器总装基地项目" in asked and "在建，本月完成投资未报" in asked
    assert "示范协作机器人产业园项目" not in asked
    page.get_by_role("link", name="先输动态口令").click()
    page.fill("input[name=code]", office.code)
    page.click("form[action='/account/code'] button")
    page.wait_for_load_state("networkidle")
    page = lead.open(f"{MONTH}/check")
    page.click("text=封存 2026-10")
    page.wait_for_url(f"**{MONTH}/report?done=closed")
    assert "已封存" in page.inner_text("h1")
    assert "本月完成投资" in page.inner_text("article")

    page.fill("input[name=reason]", "印发")
    circular = taken(page, lambda: page.click("text=下载通报"), tmp_path)
    assert circular.name == "2026-10 通报.docx"
    text = "\n".join(one.text for one in Document(str(circular)).paragraphs)
    assert "0.735亿元" in text  # 4,200 + 3,000 + 150 万元
    lead.context.close()
    # A form that is answered with a file leaves the page where it is.
    assert [one for one in lead.faults if "report.docx" not in one] == []


def picture(folder: Path) -> Path:
    """In docs/ when POLICY_MATCH_PICTURE is set, so that a plain test run changes no file."""
    return PICTURE if "POLICY_MATCH_PICTURE" in os.environ else folder / PICTURE.name


def test_the_pages_fit_the_screen_are_legible_and_everything_has_a_name(browser: Browser, office: Office) -> None:
    window = office.entered(browser, "demo-development", strong=False)
    page = window.page

    for path in ("/reports", MONTH, f"{MONTH}/check", f"{MONTH}/report"):
        window.open(path)
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
        assert page.evaluate(CONTRAST) == [], path
        assert [one for one in page.evaluate(NAMELESS) if 'type="hidden"' not in one] == [], path
    window.context.close()
    assert window.faults == []
