"""Links to a service elsewhere, on both databases: who makes them, who comes in by them, and that a firm is made once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Barrier, Thread

import pytest
from rows import E1, E2, firm_row, taken
from signing import NOW, account, admin, at, noted, person, ready
from sqlalchemy import func, select

from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError, UsageError
from policy_match.exchange.oidc import Claims, Provider, Registration, Trip, check_issuer
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given
from policy_match.store import subjects
from policy_match.store.account_tables import Account, Identity
from policy_match.workflows.begin_session import NewSession
from policy_match.workflows.close_account import close_account
from policy_match.workflows.link_identity import link_identity, unlink_identities
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_elsewhere import Elsewhere, Reading
from policy_match.workflows.sign_in_elsewhere import Arrival, sign_in_elsewhere
from policy_match.workflows.who_asks import session_of
from policy_match.workflows.write_entry import By

ISSUER = "http://127.0.0.1:9000"
ROLES = {"legal_person": "enterprise", "officer": "development"}


class Vouching(Provider):
    """A service that vouches for one person, whatever the code."""

    def __init__(self, subject: str, words: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(Registration(ISSUER, "policy-match", ""))
        self._claims = Claims(ISSUER, subject, words)

    def claims(self, code: str, trip: Trip, redirect_uri: str, now: datetime) -> Claims:
        """What it vouches for."""
        return self._claims


def come(archive: Archive, subject: str, minutes: float = 0, *, region: str = "", **words: str) -> NewSession:
    """Come back from the service after so many minutes; `region`: the claim of the district, where there is one."""
    told = {name: (word,) for name, word in words.items()} | ({"area": (region,)} if region else {})
    reading = Reading("roles", "uscc", "area", ROLES, frozenset())
    elsewhere = Elsewhere("政企通", Vouching(subject, told), reading, b"")
    return sign_in_elsewhere(archive, elsewhere, Arrival("code", Trip.begun(), ISSUER), at(minutes))


def with_firms(archive: Archive) -> None:
    """Two invented firms in the real library."""
    taken(archive, firm_row(archive, E1, "示范电池有限公司"), firm_row(archive, E2, "示范氢能有限公司"), source="ENT")


def test_a_link_lets_in_as_the_holder_of_the_account_and_of_no_other(archive: Archive) -> None:
    login, other = ready(archive), ready(archive)

    link_identity(archive, login, ISSUER, " 10001 ", admin())

    begun = come(archive, "10001", 1, roles="officer")
    assert (begun.actor.id, begun.ends_at, begun.needs_code) == (login, at(721), False)
    assert session_of(archive, begun.token, at(2)) is not None
    with pytest.raises(Conflict, match="先用 account unlink"):
        link_identity(archive, other, ISSUER, "10001", admin(2))
    with pytest.raises(Conflict, match="不必再办"):
        link_identity(archive, login, ISSUER, "10001", admin(2))
    with pytest.raises(Forbidden) as refusal:
        come(archive, "10002", 3, roles="officer")
    assert refusal.value.issues[0].code == "OIDC_UNKNOWN"
    assert [row.action for row in noted(archive)][-3:] == ["identity.link", "sign_in", "sign_in.refused"]


def test_only_administrators_link_and_only_accounts_that_are_open_to_addresses_that_are_safe(archive: Archive) -> None:
    login, closed = ready(archive), ready(archive)
    close_account(archive, closed, "调离", admin())

    with pytest.raises(Forbidden, match="不办账号和密钥"):
        link_identity(archive, login, ISSUER, "10001", By("real", "development", NOW))
    with pytest.raises(NotFound, match="没有账号"):
        link_identity(archive, "nobody", ISSUER, "10001", admin())
    with pytest.raises(Conflict, match="已停用"):
        link_identity(archive, closed, ISSUER, "10001", admin())
    for subject in ("", "1" * 201):
        with pytest.raises(UsageError):
            link_identity(archive, login, ISSUER, subject, admin())
    for issuer in ("", "http://sso.invalid", "ftp://sso.invalid", "https://sso.invalid/?x=1", "https://" + "x" * 200):
        with pytest.raises(UsageError, match="不是登录服务的地址"):
            link_identity(archive, login, issuer, "10001", admin())
    with archive.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Identity)) == 0
    assert check_issuer("http://localhost:9000", "") and check_issuer("http://[::1]:9000", "")
    assert check_issuer(" https://sso.invalid/realm ", "") == "https://sso.invalid/realm"


def test_once_the_link_is_taken_back_the_session_has_ended_and_nobody_comes_in_by_it(archive: Archive) -> None:
    login = ready(archive)
    link_identity(archive, login, ISSUER, "10001", admin())
    token = come(archive, "10001", 1, roles="officer").token

    assert unlink_identities(archive, login, "换岗", admin(2)) == 1

    assert session_of(archive, token, at(3)) is None
    with pytest.raises(Forbidden):
        come(archive, "10001", 3, roles="officer")
    assert unlink_identities(archive, login, "再办一次", admin(4)) == 0


def test_a_role_that_the_settings_name_must_be_told_each_time_others_need_not(archive: Archive) -> None:
    named, other = ready(archive), ready(archive, person("data"))
    link_identity(archive, named, ISSUER, "10001", admin())
    link_identity(archive, other, ISSUER, "10002", admin())

    with pytest.raises(Forbidden) as refusal:
        come(archive, "10001", 1)

    assert refusal.value.issues[0].code == "OIDC_DIFFERS"
    assert come(archive, "10002", 1).actor.id == other
    assert come(archive, "10002", 1, roles="legal_person", uscc=E1).actor.id == other


def test_a_firm_gets_an_actor_of_the_area_that_is_told_or_that_its_code_names(archive: Archive) -> None:
    with_firms(archive)

    first = come(archive, "20001", roles="legal_person", uscc=E1.lower(), name="示范" * 40).actor
    second = come(archive, "20002", roles="legal_person", uscc=E1, region="常州经开区").actor
    third = come(archive, "20003", roles="legal_person", uscc=E1, region="北京市").actor

    assert [(one.role, one.firm, one.region) for one in (first, second, third)] == [
        ("enterprise", E1, "320412"), ("enterprise", E1, "JK"), ("enterprise", E1, "320412"),
    ]  # fmt: skip
    assert len({first.id, second.id, third.id}) == 3
    assert len(first.name) == 60 and first.name.startswith("示范电池有限公司（示范")
    kept = account(archive, first.id)
    assert (kept.password_hash, kept.must_change, kept.is_demo) == (None, False, False)


def test_a_firm_that_comes_twice_at_once_is_made_once(archive: Archive) -> None:
    with_firms(archive)
    together, came = Barrier(4), []

    def one() -> None:
        together.wait()
        came.append(come(archive, "30001", roles="legal_person", uscc=E1).actor.id)

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(came), len(set(came))) == (4, 1)
    with archive.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_a_firm_of_the_demonstration_and_a_project_with_a_credit_code_let_nobody_in(archive: Archive) -> None:
    taken(archive, firm_row(archive, E1, "示范电池有限公司"), source="ENT", library="demo")
    with archive.database.writing() as session:
        project = subjects.add(session, "real", Kind.PROJECT, code="CZ-2026-00001", name="示范项目", at=NOW)
        subjects.add_key(session, project, Given(subjects.CREDIT_CODE, E2), source="DISTRICT", at=NOW)

    for code in (E1, E2):
        with pytest.raises(PolicyMatchError) as refusal:
            come(archive, "40001", roles="legal_person", uscc=code)
        assert refusal.value.issues[0].what == f"项目库里没有企业 {code}"
