"""J4 and J6 in a real browser: an official page becomes a rule that decides, by three people; an auditor checks a proof and looks back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_browser import CONTRAST, NAMELESS
from watching import ROOT, Watched, serving, watched

from policy_match.access.passwords import DEMO_PASSWORD
from policy_match.access.second_factor import DEMO_SECRET, code_at
from policy_match.settings import Settings

pytestmark = pytest.mark.browser
PICTURES = {"authoring": ROOT / "docs" / "authoring.png", "release": ROOT / "docs" / "release.png"}
DOCUMENT = """常州市人民政府办公室文件
常政办发〔2026〕99号
关于示范设备更新的若干措施（示范，不是真的文件）
第一条 对企业设备投入500万元以上的，按设备投入的8%给予奖励，单个项目最高300万元。
第二条 本措施自2026年1月1日起施行，有效期至2027年12月31日。
常州市人民政府办公室
2025年12月20日
"""
FIRST = "czbf-2026-99-1"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Settings:
    """The shipped libraries with the history of the demonstration, and its accounts."""
    made = shipped_in(tmp_path_factory.mktemp("authoring"))
    return made.model_copy(update={"logins_per_minute": 0, "lookups_per_minute": 0})


@pytest.fixture(scope="module")
def office(settings: Settings) -> Iterator[str]:
    """The service."""
    yield from serving(settings)


class People:
    """Windows of accounts of the demonstration, each signed in; nothing may go wrong in any of them."""

    def __init__(self, browser: Browser, office: str, settings: Settings) -> None:
        self.browser, self.office, self.settings = browser, office, settings
        self.windows: list[Watched] = []

    def of(self, role: str, *, strong: bool = False) -> Page:
        window = watched(self.browser, self.office, width=1366)
        self.windows.append(window)
        page = window.open("/login?next=/account")
        page.locator("main input[name=login]").fill(f"demo-{role}")
        page.locator("main input[name=password]").fill(DEMO_PASSWORD)
        pressed(page, page.locator("main form").first.locator("button"))
        if strong:
            page.fill("form[action='/account/code'] input[name=code]", code_at(DEMO_SECRET, self.settings.instant()))
            pressed(page, page.locator("form[action='/account/code'] button"))
        return page

    def close(self) -> None:
        for window in self.windows:
            window.context.close()
        faults = [fault for window in self.windows for fault in window.faults]
        # A download ends the request for a page.
        assert [one for one in faults if "/proof?" not in one] == []


@pytest.fixture
def people(browser: Browser, office: str, settings: Settings) -> Iterator[People]:
    made = People(browser, office, settings)
    yield made
    made.close()


def pressed(page: Page, button: object) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation(timeout=60_000):
        button.click()  # type: ignore[attr-defined]


def looks_well(page: Page) -> None:
    """Fits the screen, is legible, and everything has a name."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert page.evaluate(CONTRAST) == [], page.url
    assert [one for one in page.evaluate(NAMELESS) if 'type="hidden"' not in one] == [], page.url


def picture(page: Page, name: str, folder: Path) -> None:
    """Written to docs/ when POLICY_MATCH_PICTURE is set, so that a plain test run changes no file."""
    target = PICTURES[name] if "POLICY_MATCH_PICTURE" in os.environ else folder / f"{name}.png"
    page.screenshot(path=str(target), clip={"x": 0, "y": 0, "width": 1366, "height": 768})
    assert target.stat().st_size < 200 * 1024


def test_j4_a_document_becomes_a_rule_that_decides(people: People, tmp_path: Path) -> None:
    (tmp_path / "文件.txt").write_text(DOCUMENT, "utf-8")
    page = people.of("industry")
    page.click("nav >> text=规则编写")
    looks_well(page)
    page.set_input_files("input[type=file]", tmp_path / "文件.txt")
    pressed(page, page.get_by_role("button", name="读出条款"))
    assert "已起草" in page.inner_text("[role=status]")

    page.fill("[name='document/package']", "DEMOEQUIP")
    assert page.input_value("[name='conditions/equipment_investment/value']") == "500"
    page.fill("[name='new/0']", "所在辖市区")
    pressed(page, page.get_by_role("button", name="加条件").first)
    page.select_option("[name='conditions/district/op']", "within_region")
    page.fill("[name='conditions/district/value']", "常州市")
    page.select_option("[name='conditions/equipment_investment/can_change']", "enterprise")
    pressed(page, page.get_by_role("button", name="删去条件 judged"))
    assert "边界用例有 0 行" in page.inner_text("label:has([name='conditions/equipment_investment/fact'])")
    for side, verdict in (("at", "eligible"), ("under", "ineligible"), ("missing", "unknown")):
        page.select_option(f"[name='boundaries/equipment_investment/{side}']", verdict)
    by = page.locator("[name='clauses/0/by']")
    by.fill(by.input_value() + "、stacking")
    page.click("#others summary")
    rest = page.locator("[name=rest]")
    rest.fill(rest.input_value() + "\nstacking: {unwritten: 文件没有写能否同享}")
    pressed(page, page.get_by_role("button", name="保存").first)
    looks_well(page)
    page.evaluate("document.querySelector('#conditions').scrollIntoView({behavior: 'instant'})")
    picture(page, "authoring", tmp_path)
    assert "万元" in page.inner_text("section[aria-labelledby=effect]")

    pressed(page, page.get_by_role("link", name="问程序"))
    page.check("[name='take/0']")
    page.fill("[name='name/0']", "刚好500万元")
    page.select_option("[name='verdict/0']", "eligible")
    page.fill("[name='amount/0']", "40万元")
    pressed(page, page.get_by_role("button", name="加入勾选的算例"))
    assert "没有错误" in page.inner_text("section[aria-labelledby=lacks]")
    page.fill("[name=reason]", "新文件，示范")
    pressed(page, page.get_by_role("button", name="提交给另外两人批准"))
    proposal = page.url.split("?")[0].removeprefix(people.office)
    assert "已提出" in page.inner_text("[role=status]")
    looks_well(page)

    for role, said in (("commerce", "还要一个人批准"), ("development", "两个人都已批准")):
        page = people.of(role, strong=True)
        page.goto(people.office + proposal)
        assert FIRST in page.inner_text("#texts ~ section >> nth=1")
        if role == "commerce":
            picture(page, "release", tmp_path)
        pressed(page, page.get_by_role("button", name="批准", exact=True))
        assert said in page.inner_text("[role=status]")
    page.goto(f"{people.office}/demo/D102/{FIRST}")
    assert "设备投入" in page.inner_text("main") and "第一条" in page.inner_text("main")


def test_j6_an_auditor_verifies_a_proof_and_rechecks_the_past(people: People, tmp_path: Path) -> None:
    page = people.of("auditor", strong=True)
    page.goto(people.office + "/audit/recheck")
    assert "回头看" in page.inner_text("main") and page.locator("tbody tr").count() > 0
    looks_well(page)
    page.locator("tbody a[href*='/msjx/MX-']").first.click()
    page.wait_for_load_state()
    page.fill("section[aria-labelledby=proof] input[name=reason]", "抽查")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载证明文件").click()
    proof = tmp_path / "证明.proof.json"
    download.value.save_as(proof)

    page.goto(people.office + "/audit/proof")
    looks_well(page)
    page.set_input_files("input[type=file]", proof)
    pressed(page, page.get_by_role("button", name="核验"))
    assert "通过" in page.inner_text("#found") and "不通过" not in page.inner_text("#found")
    assert "重新判定和计算都一致" in page.inner_text("section[aria-labelledby=found]")

    proof.write_text(proof.read_text("utf-8").replace('"pay_fen":', '"pay_fen":1', 1), "utf-8")
    page.set_input_files("input[type=file]", proof)
    pressed(page, page.get_by_role("button", name="核验"))
    assert "不通过" in page.inner_text("#found")
