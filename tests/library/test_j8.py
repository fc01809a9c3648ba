"""Journey J8: a register says that a project was finished, and the firm finds one message in its inbox once an office agreed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from announcing import FIRM
from msjx import rule_folders
from pushing import HANDLER, contact, person
from pydantic import SecretStr
from reviewing import EQ, MEASURE, by, code_named
from rows import CODE, E1, LIBRARY, point, row, seen, taken
from signed_in import Door
from sqlalchemy import select
from starlette.testclient import TestClient

from policy_match.ranking.decisions import review_id
from policy_match.settings import Settings
from policy_match.store.push_tables import Message, PairChange
from policy_match.workflows.dispatch_messages import Post
from policy_match.workflows.import_register import import_register
from policy_match.workflows.run_round import Rounds
from policy_match_api.app import create_app

NAME = "示范设备项目"
FILE = f"""项目代码,事项,受理日期,办结日期,办理结果,证照号,更新日期
{CODE},联合竣工验收,2025-03-17,2025-03-28,通过,示范验收2025-1,2025-03-31
"""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """The service by an invented measure for finished projects, over a project that is being built; its firm has a handler."""
    rules, corpus = rule_folders(tmp_path, more={"eq_device.v1.yaml": MEASURE.replace("开工", "竣工")})
    settings = Settings(
        now=by("x").now, database_url=f"sqlite:///{tmp_path / 'library.db'}", rules=rules, corpus=corpus,
        cache=tmp_path / "cache", secret=SecretStr("an installation of tests, nowhere else 7"), lookups_per_minute=0,
        matches_per_minute=0,
    )  # fmt: skip
    made = Door.of(TestClient(create_app(settings, demo=False), follow_redirects=False))
    reached = [point("SIGNED", "2023-09-20"), point("APPROVED", "2023-12-20"), point("STARTED", "2024-03-20")]
    told = {"district": "320412", "total_investment": "12亿元", "industry_code": "3670", "project_kind": "新招引"}
    project = row(made.archive, NAME, uscc=E1, firm=FIRM, code=CODE, when=made.now, facts=told, points=reached)
    sized = (seen(made.archive, "enterprise_size", "medium", "ENT", made.now),)
    taken(made.archive, replace(project, firm_observations=sized), when=made.now)
    person(made.archive)
    contact(made.archive)
    yield made
    made.archive.database.close()


def client(door: Door, actor: str) -> TestClient:
    """A client of somebody that follows no redirect by itself."""
    made = door.signed_in(actor)
    made.follow_redirects = False
    return made


def words(text: str) -> str:
    """What a page says, without marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def inbox(firm: TestClient) -> list[str]:
    """The addresses of the messages in an inbox."""
    return re.findall(r'<a href="(/messages/\d+)"', firm.get("/messages").text)


def waiting(office: TestClient, project: str) -> list[str]:
    """What an office has to look at of a project: the addresses of its reviews."""
    found = office.get("/api/v1/reviews").json()["reviews"]
    return [f"/reviews/{one['id']}" for one in found if one["subject"] == project]


def changes(door: Door) -> list[tuple[str | None, str | None, str]]:
    """Verdict before and after, and why: everything that changed of the measure."""
    with door.archive.database.reading() as session:
        rows = session.scalars(select(PairChange).where(PairChange.measure == EQ))
        return [(one.was, one.now, one.trigger) for one in rows]


def test_j8_a_finished_project_becomes_one_message_in_the_inbox_of_its_firm(door: Door, tmp_path: Path) -> None:
    firm, office = client(door, HANDLER), client(door, "district-320412")
    rounds = Rounds.of(Post(door.archive, {}, "", "test", lambda: door.now), None, goes_on=True)
    project = code_named(door.archive, NAME)
    review = f"/reviews/{review_id((project, EQ))}"

    def round_() -> None:
        assert rounds.run().failed == ()

    round_()
    assert changes(door) == [] and inbox(firm) == []
    assert waiting(office, project) == []

    # The register of permits says that the joint acceptance passed: the stage moves, and the match is proved.
    (tmp_path / "gg.csv").write_text(FILE, "utf-8-sig")
    read = import_register(
        door.archive, LIBRARY, "GG", tmp_path / "gg.csv", by="importer", now=door.now, strict=True, may_shrink=False
    )
    assert (read.changed, read.asked, read.refusals) == (1, (), ())
    round_()
    assert "竣工" in words(office.get(f"/projects/{project}").text)
    assert changes(door) == [(None, "eligible", "TR3")] and inbox(firm) == []

    # It waits for the office, which agrees.
    assert waiting(office, project) == [review]
    assert office.post(f"{review}/claim", data={}).status_code == 303
    version = re.search(r'name="row_version" value="(\d+)"', office.get(review).text)
    assert version is not None
    agreed = office.post(f"{review}/decision", data={"decision": "CONFIRM", "row_version": version[1]})
    assert agreed.status_code == 303, words(agreed.text)
    round_()

    (message,) = inbox(firm)
    assert "消息，1 条未读" in firm.get("/firm").text
    text = words(firm.get(message).text)
    assert "示范设备补助" in text and "项目阶段：竣工" in text and "主管单位已审核确认" in text
    assert "条未读" not in firm.get("/firm").text

    # However often the rounds go on, nothing more comes of it.
    round_()
    with door.archive.database.reading() as session:
        assert [one.recipient_id for one in session.scalars(select(Message))] == [HANDLER]
    assert inbox(firm) == [message]
