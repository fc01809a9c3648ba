"""Accounts of the city's platform become contacts where a person of the firm signs in with that very account."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pushing import HANDLER, LEGAL, by, contact, person
from reviewing import with_project
from rows import E1, E2, LIBRARY, audited, firm_row, taken

from policy_match.push.words import Channel
from policy_match.store import contacts
from policy_match.store.account_tables import Account, Identity
from policy_match.store.push_tables import Contact
from policy_match.workflows.end_contact import end_contact
from policy_match.workflows.import_register import import_register
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.reach_contact import address_of
from policy_match.workflows.take_in import Taken

ISSUER = "https://zqt.changzhou.gov.cn"


@pytest.fixture
def firm(archive: Archive) -> Archive:
    """A firm and a person of it, whose account of the platform is zqt-1."""
    with_project(archive)
    person(archive)
    linked(archive, HANDLER, "zqt-1")
    return archive


def linked(archive: Archive, actor: str, account: str) -> None:
    with archive.database.writing() as session:
        session.add(Identity(issuer=ISSUER, subject=account, actor_id=actor, linked_at=by(actor).now))


def brought(archive: Archive, folder: Path, *rows: str, on: str = "2025-03-31") -> Taken:
    file = folder / f"zqt-{len(rows)}-{on}.csv"
    file.write_text("统一社会信用代码,企业名称,账号,经办人,手机号\n" + "\n".join(rows) + "\n", encoding="utf-8")
    now = by("data", on).now
    return import_register(archive, LIBRARY, "ZQT", file, by="data", now=now, strict=False, may_shrink=True)


def rows_of(archive: Archive) -> list[Contact]:
    with archive.database.reading() as session:
        return contacts.every(session, LIBRARY)


def test_an_account_that_somebody_of_the_firm_signs_in_with_becomes_a_contact_once(
    firm: Archive, tmp_path: Path
) -> None:
    first = brought(firm, tmp_path, f"{E1},示范设备有限公司,zqt-1,张某,13800000000")
    second = brought(firm, tmp_path, f"{E1},示范设备有限公司,zqt-1,张某,13800000000", on="2025-04-01")

    (row,) = rows_of(firm)
    assert (row.actor_id, row.role, row.topics, row.since, row.source) == (
        HANDLER, "handler", None, date(2025, 3, 31), "ZQT",
    )  # fmt: skip
    assert address_of(firm, row, Channel.GATEWAY) == "zqt-1"
    assert row.phone is None
    assert first.notes[-1].endswith("新增 1 个")
    assert second.notes[-1].endswith("新增 0 个")
    assert len(audited(firm, "contact.add")) == 1


def test_an_account_of_nobody_here_or_of_another_firms_person_makes_no_contact(firm: Archive, tmp_path: Path) -> None:
    taken(firm, firm_row(firm, E2, "示范氢能有限公司"), source="ENT")
    linked(firm, person(firm, "handler-e2", E2), "zqt-2")

    brought(
        firm, tmp_path, f"{E1},示范设备有限公司,zqt-2,李某,13800000000", f"{E1},示范设备有限公司,zqt-9,王某,13800000000"
    )

    assert rows_of(firm) == []


def test_who_is_a_contact_already_stays_and_is_reached_by_the_account_too(firm: Archive, tmp_path: Path) -> None:
    contact(firm, role="legal", topics=("税收",))

    brought(firm, tmp_path, f"{E1},示范设备有限公司,zqt-1,张某,13800000000")

    (row,) = rows_of(firm)
    assert (row.role, row.topics) == ("legal", ["税收"])
    assert address_of(firm, row, Channel.GATEWAY) == "zqt-1"


@pytest.mark.parametrize("on", ["2025-03-31", "2025-04-01"])
def test_a_contact_that_was_ended_is_not_brought_back_by_a_file_that_still_lists_it(
    firm: Archive, tmp_path: Path, on: str
) -> None:
    person(firm, LEGAL)
    end_contact(firm, contact(firm), "离职", by("data"))

    brought(firm, tmp_path, f"{E1},示范设备有限公司,zqt-1,张某,13800000000", on=on)

    (row,) = rows_of(firm)
    assert row.until == date(2025, 3, 31)


def test_who_may_not_sign_in_any_more_becomes_no_contact(firm: Archive, tmp_path: Path) -> None:
    with firm.database.writing() as session:
        session.get_one(Account, HANDLER).closed_at = by(HANDLER).now

    brought(firm, tmp_path, f"{E1},示范设备有限公司,zqt-1,张某,13800000000")

    assert rows_of(firm) == []
