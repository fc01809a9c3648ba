"""Journey J8 in a real browser: a file of the 工改 system says that a project was finished, the match that this proves waits
for the office, and once the office agreed one message lies in the inbox of the firm. The rounds run beside the service, as
they do on one machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page
from pydantic import SecretStr
from watching import ROOT, Watched, serving, watched

from policy_match.ranking.decisions import review_id
from policy_match.settings import Settings
from policy_match.store.push_tables import Message
from policy_match.workflows.dispatch_messages import Post
from policy_match.workflows.run_round import Rounds
from policy_match.workflows.run_worker import push_beside
from policy_match_api.app import create_app
from policy_match_api.serve import PUSH_SECONDS
from policy_match_api.who import COOKIE

sys.path.insert(0, str(ROOT / "tests" / "library"))

from announcing import FIRM
from msjx import rule_folders
from pushing import HANDLER, contact, person
from reviewing import EQ, MEASURE, by, code_named
from rows import CODE, E1, LIBRARY, point, row, seen, taken
from signed_in import Door
from starlette.testclient import TestClient

pytestmark = pytest.mark.browser
EVIDENCE = ROOT / "docs" / "evidence" / "journey-j8.md"
NAME = "示范设备项目"
FILE = f"""项目代码,事项,受理日期,办结日期,办理结果,证照号,更新日期
{CODE},联合竣工验收,2025-03-17,2025-03-28,通过,示范验收2025-1,2025-03-31
"""


@dataclass(frozen=True, slots=True)
class House:
    """The service with its rounds beside it, and what stands behind it."""

    address: str
    settings: Settings
    door: Door

    def window(self, browser: Browser, actor: str) -> Watched:
        """A window of somebody who is signed in, without scripts."""
        window = watched(browser, self.address, width=1366, script=False)
        token = self.door.signed_in(actor).cookies[COOKIE]
        window.context.add_cookies([{"name": COOKIE, "value": token, "url": self.address}])
        return window


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An invented measure for finished projects over a project that is being built; its firm has a handler."""
    rules, corpus = rule_folders(tmp_path, more={"eq_device.v1.yaml": MEASURE.replace("开工", "竣工")})
    settings = Settings(
        now=by("x").now, database_url=f"sqlite:///{tmp_path / 'library.db'}", rules=rules, corpus=corpus,
        cache=tmp_path / "cache", secret=SecretStr("an installation of tests, nowhere else 7"), lookups_per_minute=0,
    )  # fmt: skip
    app = create_app(settings, demo=False)
    door = Door.of(TestClient(app))
    reached = [point("SIGNED", "2023-09-20"), point("APPROVED", "2023-12-20"), point("STARTED", "2024-03-20")]
    told = {"district": "320412", "total_investment": "12亿元", "industry_code": "3670", "project_kind": "新招引"}
    project = row(door.archive, NAME, uscc=E1, firm=FIRM, code=CODE, when=door.now, facts=told, points=reached)
    sized = (seen(door.archive, "enterprise_size", "medium", "ENT", door.now),)
    taken(door.archive, replace(project, firm_observations=sized), when=door.now)
    person(door.archive)
    contact(door.archive)
    rounds = Rounds.of(Post(door.archive, {}, "", "test", lambda: door.now), None, goes_on=True)
    beside = Thread(target=push_beside, args=(rounds,), kwargs={"every": PUSH_SECONDS}, daemon=True)
    beside.start()
    for address in serving(app):
        yield House(address, settings, door)
    rounds.stopping.set()
    beside.join(30)
    door.archive.database.close()


def taken_in(house: House, file: Path) -> str:
    """What the command says that takes a file of the 工改 system in, in a process of its own."""
    given = house.settings
    variables = {
        "NOW": given.now.isoformat() if given.now else "", "DATABASE_URL": given.database_url, "RULES": given.rules,
        "CORPUS": given.corpus, "CACHE": given.cache, "SECRET": given.secret.get_secret_value() if given.secret else "",
    }  # fmt: skip
    command = [
        str(Path(sys.executable).with_name("policy-match")),
        "import",
        "GG",
        str(file),
        "--by",
        "importer",
        "--strict",
    ]
    environment = os.environ | {f"POLICY_MATCH_{name}": str(value) for name, value in variables.items()}
    ran = subprocess.run(
        [*command, "--library", LIBRARY], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


def until(page: Page, path: str, is_there: Callable[[Page], bool]) -> float:
    """Look at a page again and again until what is waited for is there; how many seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < 60:
        page.goto(path)
        if is_there(page):
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(page.inner_text("main"))


def messages(page: Page) -> int:
    """How many messages the inbox that is shown holds."""
    return page.locator("main a[href^='/messages/']:not([href='/messages/settings'])").count()


def test_j8_a_file_of_the_permit_system_becomes_one_message_in_the_inbox_of_the_firm(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    firm, office = house.window(browser, HANDLER), house.window(browser, "district-320412")
    project = code_named(house.door.archive, NAME)
    review, own = f"/reviews/{review_id((project, EQ))}", f"/projects/{project}"
    assert messages(firm.open("/messages")) == 0
    page = office.open(own)
    assert "阶段开工" in page.inner_text("main") and page.locator(f"a[href='{review}']").count() == 0

    (tmp_path / "gg.csv").write_text(FILE, "utf-8-sig")
    assert "变更 1" in taken_in(house, tmp_path / "gg.csv")
    page = office.open(own)
    stage = until(page, house.address + own, lambda shown: "阶段竣工" in shown.inner_text("main"))
    found = until(page, f"{house.address}/today", lambda shown: shown.locator(f"a[href='{review}']").count() > 0)
    assert messages(firm.open("/messages")) == 0

    page.click(f"a[href='{review}']")
    page.get_by_role("button", name="认领").click()
    page.wait_for_url("**done=claim")
    page.get_by_role("button", name="确认").first.click()
    page.wait_for_url("**done=confirm")
    inbox = until(firm.page, f"{house.address}/messages", lambda shown: messages(shown) > 0)

    assert messages(firm.page) == 1
    assert "消息，1 条未读" in firm.open("/firm").content()
    firm.open("/messages").click("main a[href^='/messages/']:not([href='/messages/settings'])")
    text = firm.page.inner_text("main")
    assert "示范设备补助" in text and "项目阶段：竣工" in text and "主管单位已审核确认" in text
    assert "条未读" not in firm.open("/firm").content()

    # However often the rounds go on, nothing more comes of it.
    time.sleep(3 * PUSH_SECONDS)
    with house.door.archive.database.reading() as session:
        assert [one.recipient_id for one in session.query(Message)] == [HANDLER]
    for window in (firm, office):
        window.context.close()
        assert window.faults == []
    if "POLICY_MATCH_PICTURE" in os.environ:
        note(stage, found, inbox)


def note(stage: float, found: float, inbox: float) -> None:
    """Write down how long each part took; a plain test run changes no file."""
    rows = [
        ("阶段在项目页上变为竣工", stage),
        ("匹配出现在经办的“我的一天”里", found),
        ("审核之后消息到企业收件箱", inbox),
    ]
    lines = [f"| {what} | {seconds:.2f} |" for what, seconds in rows]
    total = sum(seconds for _, seconds in rows)
    EVIDENCE.write_text(
        "# J8：从工改系统的一份文件到企业收件箱\n\n"
        "`POLICY_MATCH_PICTURE=1` 时由 tests/browser/test_j8_browser.py 写下：文件导入之后各一步等了多久（秒，不含经办看和按的时间）。"
        f"推送随服务运行，每 {PUSH_SECONDS:g} 秒一轮。\n\n| 等什么 | 秒 |\n|---|---|\n"
        + "\n".join(lines) + f"\n| 合计 | {total:.2f} |\n",
        "utf-8",
    )  # fmt: skip
