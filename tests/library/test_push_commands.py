"""`push …` for messages, contacts and consents: what is printed, the exit codes, and what a demonstration begins with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store import consents, contacts
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.reach_contact import address_of
from policy_match.workflows.seed_contacts import seed_contacts

Called = Callable[[str, Path], CompletedProcess[str]]
FIRM, STRANGER = "demo-enterprise-d045", "demo-enterprise-d001"


@pytest.fixture(scope="module")
def demo(shipped_in: Callable[[Path], Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The shipped libraries, the demonstration with its contacts: 永钰 has been asked about a case."""
    return shipped_in(tmp_path_factory.mktemp("push"))


@pytest.fixture
def run(
    demo: Settings, called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str]]:
    """A `push` command in the demonstration library as somebody: exit code, and what is said."""
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", demo.database_url)
    monkeypatch.setenv("POLICY_MATCH_NOW", "2026-11-28T09:00:00+08:00")

    def run(command: str, by: str = "demo-development") -> tuple[int, str]:
        done = called(f"push {command} --library demo --by {by}", tmp_path)
        return done.returncode, done.stdout + done.stderr

    return run


Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def archive(demo: Settings) -> Archive:
    """The same archive, to be looked at."""
    return open_archive(demo.database_url, demo.rules_dir, demo.corpus_dir, demo.cache, secret=open_secret(demo))


def own_message(run: Run) -> int:
    """The number of the message about the case of the firm."""
    rows = [json.loads(line) for line in run("list --format json", FIRM)[1].splitlines()]
    (number,) = [row["id"] for row in rows if row["content"] == "case"]
    return int(number)


def test_a_demonstration_begins_with_invented_contacts_that_agreed_or_did_not(archive: Archive, demo: Settings) -> None:
    with archive.database.reading() as session:
        rows = contacts.every(session, DEMO)
        said = {row.actor_id: consents.of_actor(session, DEMO, row.actor_id)[0].state for row in rows}
        phones = {address_of(archive, row, "sms") for row in rows}

    assert {row.role for row in rows} == {"handler", "legal"}
    assert set(said.values()) == {"granted", "denied"}
    assert {row.source for row in rows} == {"示范"}
    assert all(phone is not None and phone.startswith("1000000") for phone in phones)
    assert seed_contacts(archive, demo.instant()) == 0


def test_a_firm_that_was_asked_finds_the_message_in_its_inbox_with_why(run: Run) -> None:
    number = own_message(run)
    code, said = run(f"show {number}", FIRM)

    assert code == 0
    assert "请确认是否享受" in said
    assert "为什么发给他：您是“示范永钰齿轮有限公司”的经办人" in said
    assert "站内消息：已发出" in said
    assert "message.make" in said and "message.send" in said
    assert run(f"show {number}", STRANGER)[0] == 2
    assert run(f"show {number}", "demo-admin")[0] == 4


def test_the_preview_is_what_each_channel_gets(run: Run) -> None:
    said = run(f"preview {own_message(run)}")[1]

    assert all(f"【{name}】" in said for name in ("站内消息", "政企通", "短信", "电子邮件", "钉钉"))
    sms = said.split("【短信】\n")[1].split("\n\n")[0]
    assert "（1 条）" in sms
    assert "万元" not in sms


def test_a_recipient_answers_and_others_cannot(run: Run) -> None:
    number = own_message(run)

    assert run(f"ack {number} 已知悉", FIRM) == (0, "已回应：已知悉\n")
    assert run(f"ack {number} 已知悉", STRANGER)[0] == 2
    assert run(f"ack {number} 好的", FIRM)[0] == 2
    assert run(f"dismiss {number} --reason 不相关", FIRM)[0] == 3
    code, said = run("stats --format json")
    assert code == 0
    assert [json.loads(line)["acked"] for line in said.splitlines() if "job_stabilisation_refund" in line] == [1]


def test_one_unsubscribes_and_subscribes_again_for_oneself(run: Run) -> None:
    assert run("unsubscribe --channel 站内消息 --topic 奖补", FIRM) == (0, "站内消息，“奖补”：已退订\n")
    assert run("consent --channel inbox --topic 奖补 --state granted", FIRM) == (0, "站内消息，“奖补”：同意\n")
    assert run("unsubscribe --channel 飞鸽", FIRM)[0] == 2


def test_contacts_are_listed_with_the_last_figures_added_and_ended_by_whoever_keeps_them(run: Run) -> None:
    code, listed = run("contact list --format json", FIRM)
    (row,) = [json.loads(line) for line in listed.splitlines()]

    assert code == 0
    assert (row["firm"], row["role_name"], row["state"]) == ("D045", "经办人", "在任")
    assert row["phone"].startswith("****") and len(row["phone"]) == 8
    assert run(f"contact end {row['id']} --reason 调岗", STRANGER)[0] == 4
    assert run("contact list --firm D045", "demo-commerce")[1].endswith("共 0 条\n")
    assert run(f"contact end {row['id']} --reason 调岗", FIRM)[0] == 0
    assert run(f"contact end {row['id']} --reason 调岗", FIRM)[0] == 3
    added = f"contact add D045 --actor {FIRM} --role 法定代表人 --topics 奖补,税收 --since 2026-11-29"
    assert run(added, FIRM)[0] == 0
    assert run(f"{added} --phone 123", FIRM)[0] == 2


def test_a_notice_is_seen_first_and_sent_with_the_number_seen(run: Run) -> None:
    words = "notice --title 对接会 --text 周五两点 --sender 市科技局 --reason 您是高新技术企业"
    code, seen = run(words, "demo-science")

    assert code == 0
    assert "将发给 " in seen and "市科技局：对接会" in seen
    people = seen.split("家企业的 ")[1].split(" 人")[0]
    assert run(f"{words} --people {int(people) + 1}", "demo-science")[0] == 3
    assert run(words, "demo-data")[0] == 4
    assert run(f"{words} --people {people}", "demo-science")[1].startswith(f"已登记 {people} 条")
