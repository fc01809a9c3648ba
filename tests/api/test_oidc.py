"""Signing in from elsewhere, against a real OpenID provider: who gets in, as whom, and everything that is refused."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from providing import Provider, Told, agree, begin, claims_in, providing, sign_in, signed
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from policy_match.access.second_factor import code_at, new_secret
from policy_match.errors import UsageError
from policy_match.exchange import oidc
from policy_match.exchange.intake_rows import Firm, Intake, IntakeRow
from policy_match.facts.subjects import Kind
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store.account_tables import Account, Identity, SessionRow
from policy_match.store.tables import Actor, Audit
from policy_match.workflows.add_account import NewAccount, Person, add_account
from policy_match.workflows.check_code import about_secret
from policy_match.workflows.close_account import close_account
from policy_match.workflows.link_identity import link_identity, unlink_identities
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_elsewhere import open_elsewhere
from policy_match.workflows.take_in import Delivery, take_in
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app
from policy_match_api.limits import Limits
from policy_match_api.state import Opened

# The provider's own use of its library, nothing of ours.
pytestmark = pytest.mark.filterwarnings(
    "ignore:get_jwt_config:DeprecationWarning", "ignore:authlib.jose:authlib.deprecate.AuthlibDeprecationWarning"
)
E1, E2, NOBODY = "91320412MAYYYY0160", "91320411MAYYYY024C", "91320402MAYYYY0326"
FIRM = {"roles": ["legal_person"], "uscc": E1, "name": "示范经办"}
SECRET = "secret-of-the-tests-9Kq2xV7mZr4TnB"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as made:
        yield made


@pytest.fixture(scope="module")
def service(corpus: Path, tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> FastAPI:
    """A service by the real clock, as the provider has no other one, with two firms and a project of each."""
    folder = tmp_path_factory.mktemp("oidc")
    settings = Settings(
        corpus=corpus, database_url=f"sqlite:///{folder / 'own.db'}", cache=folder, lookups_per_minute=0,
        logins_per_minute=0, oidc_issuer=provider.issuer, oidc_client_id="policy-match", oidc_strong_amr="otp",
        oidc_client_secret=SecretStr(SECRET), oidc_roles="legal_person=enterprise,dev_officer=development",
    )  # fmt: skip
    app = create_app(settings, demo=False)
    archive, now = archive_of(app), opened(app).settings.instant()
    rows = [
        IntakeRow(2 + place, Kind.PROJECT, None, f"{name}的项目", (), Firm(code, name))
        for place, (code, name) in enumerate(((E1, "示范电池有限公司"), (E2, "示范氢能有限公司")))
    ]
    take_in(archive, "real", Delivery("DISTRICT", "示范.csv", Intake(tuple(rows), (), (), "示范"), "importer"), now)
    return app


@pytest.fixture
def client(service: FastAPI, provider: Provider) -> Iterator[TestClient]:
    """A browser of its own; the provider tells the truth again afterwards."""
    yield TestClient(service, follow_redirects=False)
    provider.forge, provider.published, provider.down = None, [], set()


def opened(app: FastAPI) -> Opened:
    held: Opened = app.state.opened
    return held


def archive_of(app: FastAPI) -> Archive:
    return opened(app).archive


def by_admin(app: FastAPI) -> By:
    return By("real", "admin", opened(app).settings.instant())


def officer(app: FastAPI, login: str, role: str = "development") -> str:
    """An officer with an account whose password has been changed already."""
    add_account(archive_of(app), NewAccount(login, login, Person("示范经办", role)), by_admin(app))
    with archive_of(app).database.writing() as session:
        session.get_one(Account, login).must_change = False
    return login


def linked(app: FastAPI, issuer: str, subject: str) -> Actor | None:
    with archive_of(app).database.reading() as session:
        found = session.scalars(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)).first()
        return None if found is None else session.get_one(Actor, found.actor_id)


def noted(app: FastAPI) -> list[Audit]:
    with archive_of(app).database.reading() as session:
        return list(session.scalars(select(Audit).order_by(Audit.seq)))


def shift(app: FastAPI, monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Set the clock of the service."""
    settings = opened(app).settings
    monkeypatch.setattr(opened(app), "settings", settings.model_copy(update={"now": settings.instant() + by}))


def refused(answer: object, code: str, status: int = 403) -> str:
    """The page of a refusal, with the form to try again, and no session."""
    page = str(answer.text)  # type: ignore[attr-defined]
    alert = page.partition('role="alert">')[2].partition("</p>")[0]
    assert (answer.status_code, f"（{code}）" in alert) == (status, True), alert  # type: ignore[attr-defined]
    assert 'role="alert"' in page and 'action="/login"' in page
    assert "pm_session" not in str(answer.headers)  # type: ignore[attr-defined]
    return page


# who gets in


def test_a_firm_of_the_library_gets_an_actor_of_its_own_once_and_sees_its_own_project(
    client: TestClient, service: FastAPI, provider: Provider
) -> None:
    provider.know("firm-1", **FIRM)

    answer = sign_in(client, "firm-1", next="/projects?library=real")

    assert (answer.status_code, answer.headers["location"]) == (303, "/projects?library=real")
    who = linked(service, provider.issuer, "firm-1")
    assert who is not None
    assert (who.role, who.firm, who.region, who.name) == ("enterprise", E1, "320412", "示范电池有限公司（示范经办）")
    seen = client.get("/projects?library=real&limit=200").text
    assert ("示范电池有限公司的项目" in seen, "示范氢能有限公司的项目" in seen) == (True, False)
    assert sign_in(TestClient(service, follow_redirects=False), "firm-1").status_code == 303
    again = linked(service, provider.issuer, "firm-1")
    assert again is not None and again.id == who.id
    actions = [row.action for row in noted(service) if row.actor == who.id]
    assert actions == ["account.join", "sign_in", "sign_in"]


def test_whoever_is_not_signed_in_sees_neither_project(client: TestClient) -> None:
    seen = client.get("/projects?library=real&limit=200").text

    assert "示范电池有限公司的项目" not in seen and "示范氢能有限公司的项目" not in seen


def test_a_linked_officer_signs_in_and_whatever_the_claims_say_stays_the_one_linked(
    client: TestClient, service: FastAPI, provider: Provider
) -> None:
    login = officer(service, "li.fagai")
    link_identity(archive_of(service), login, provider.issuer, "officer-1", by_admin(service))
    provider.know("officer-1", roles=["dev_officer", "legal_person"], uscc=E1)

    assert sign_in(client, "officer-1").headers["location"] == "/account"

    assert "市发改委" in client.get("/account").text
    assert "示范氢能有限公司的项目" in client.get("/projects?library=real&limit=200").text


def test_an_officer_whom_nobody_linked_is_refused_with_what_to_ask_for_and_that_is_noted(
    client: TestClient, service: FastAPI, provider: Provider
) -> None:
    provider.know("officer-<2>", roles=["dev_officer"])

    page = refused(sign_in(client, "officer-<2>"), "OIDC_UNKNOWN")

    assert "account link" in page and "officer-&lt;2&gt;" in page
    last = noted(service)[-1]
    assert (last.action, last.result, last.actor) == ("sign_in.refused", "forbidden", "visitor")
    assert json.loads(last.detail)["subject"] == "officer-<2>"
    assert linked(service, provider.issuer, "officer-<2>") is None


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"uscc": E1}, "还没有关联"),
        ({"roles": ["other"], "uscc": E1}, "还没有关联"),
        ({"roles": ["legal_person"]}, "没有说是哪个企业"),
        ({"roles": ["legal_person"], "uscc": E1[:-1] + "1"}, "没有说是哪个企业"),
        ({"roles": ["legal_person"], "uscc": [E1, E2]}, "没有说是哪个企业"),
        ({"roles": ["legal_person"], "uscc": NOBODY}, f"没有企业 {NOBODY}"),
    ],
)
def test_a_firm_without_role_or_valid_code_or_not_in_the_library_is_refused(
    client: TestClient, service: FastAPI, provider: Provider, claims: Told, said: str
) -> None:
    provider.know("stranger", **claims)

    assert said in refused(sign_in(client, "stranger"), "OIDC_UNKNOWN")
    assert linked(service, provider.issuer, "stranger") is None


@pytest.mark.parametrize(
    "claims", [{"roles": ["legal_person"], "uscc": E2}, {"roles": ["legal_person"]}, {"roles": [], "uscc": E1}]
)
def test_whoever_comes_again_with_another_firm_or_without_firm_or_role_is_refused_and_noted(
    client: TestClient, service: FastAPI, provider: Provider, claims: Told
) -> None:
    provider.know("firm-2", **FIRM)
    assert sign_in(client, "firm-2").status_code == 303
    before = linked(service, provider.issuer, "firm-2")
    provider.know("firm-2", **claims)

    refused(sign_in(TestClient(service, follow_redirects=False), "firm-2"), "OIDC_DIFFERS")

    who = linked(service, provider.issuer, "firm-2")
    assert who is not None and before is not None and (who.id, who.firm) == (before.id, E1)
    last = noted(service)[-1]
    assert (last.action, last.result, last.actor) == ("sign_in.refused", "forbidden", who.id)


def test_once_unlinked_a_person_comes_again_as_a_new_one_and_the_session_has_ended(
    client: TestClient, service: FastAPI, provider: Provider
) -> None:
    provider.know("firm-3", **FIRM)
    assert sign_in(client, "firm-3").status_code == 303
    first = linked(service, provider.issuer, "firm-3")
    assert first is not None

    assert unlink_identities(archive_of(service), first.id, "换了单位", by_admin(service)) == 1

    assert client.get("/account").headers["location"].startswith("/login")
    provider.know("firm-3", **FIRM | {"uscc": E2})
    assert sign_in(client, "firm-3").status_code == 303
    second = linked(service, provider.issuer, "firm-3")
    assert second is not None and (second.id != first.id, second.firm) == (True, E2)


def test_a_closed_account_stays_closed_from_elsewhere(client: TestClient, service: FastAPI, provider: Provider) -> None:
    provider.know("firm-4", **FIRM)
    sign_in(client, "firm-4")
    who = linked(service, provider.issuer, "firm-4")
    assert who is not None
    close_account(archive_of(service), who.id, "注销", by_admin(service))

    refused(sign_in(client, "firm-4"), "ACCOUNT_CLOSED")


@pytest.mark.parametrize(("told", "is_strong"), [({}, False), ({"amr": ["pwd"]}, False), ({"amr": ["pwd", "otp"]}, True), ({"acr": "otp"}, True)])  # fmt: skip
def test_only_what_the_settings_name_stands_for_a_second_factor(
    client: TestClient, service: FastAPI, provider: Provider, told: Told, is_strong: bool
) -> None:
    login = officer(service, f"strong.{len(noted(service))}")
    link_identity(archive_of(service), login, provider.issuer, login, by_admin(service))
    provider.know(login, roles=["dev_officer"], **told)

    sign_in(client, login)

    with archive_of(service).database.reading() as session:
        row = session.scalars(select(SessionRow).where(SessionRow.actor_id == login)).one()
        assert (row.second_factor_at is not None) is is_strong


def test_a_second_factor_that_was_enrolled_here_is_still_asked_for(
    client: TestClient, service: FastAPI, provider: Provider
) -> None:
    archive, login, secret = archive_of(service), officer(service, "zhao.code"), new_secret()
    link_identity(archive, login, provider.issuer, login, by_admin(service))
    with archive.database.writing() as session:
        account = session.get_one(Account, login)
        account.totp_secret, account.totp_confirmed = archive.sealer.seal(secret, about_secret(login)), True
    provider.know(login, roles=["dev_officer"])
    sign_in(client, login)

    before = client.get("/account").text
    client.post("/account/code", data={"code": code_at(secret, opened(service).settings.instant())})

    assert ("15 分钟内已输入" in before, "15 分钟内已输入" in client.get("/account").text) == (False, True)


# the way there


def test_the_way_there_carries_state_nonce_and_the_challenge_of_a_verifier_that_only_the_token_request_tells(
    client: TestClient, provider: Provider
) -> None:
    provider.know("firm-5", **FIRM)

    address = begin(client)

    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.issuer}/oauth2/authorize?")
    assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == (
        "code",
        "policy-match",
        "S256",
    )
    assert asked["redirect_uri"] == "http://testserver/login/oidc/callback"
    assert min(len(asked["state"]), len(asked["nonce"])) >= 43
    assert client.get(agree(address, sub="firm-5")).status_code == 303
    form = [form for path, form in provider.asked if path == "/oauth2/token"][-1]
    verifier = form["code_verifier"][0]
    assert urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode() == asked["code_challenge"]
    assert verifier not in address
    again = parse_qs(urlsplit(begin(client)).query)
    assert (again["state"] != [asked["state"]], again["nonce"] != [asked["nonce"]]) == (True, True)


def test_the_cookie_is_out_of_reach_of_scripts_lasts_ten_minutes_and_is_gone_afterwards(
    client: TestClient, provider: Provider
) -> None:
    provider.know("firm-6", **FIRM)
    answer = client.get("/login/oidc")

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("pm_oidc=")
    assert all(part in cookie for part in ("httponly", "samesite=lax", "max-age=600", "path=/login/oidc"))
    done = client.get(agree(answer.headers["location"], sub="firm-6"))
    assert any(one.startswith('pm_oidc="";') for one in done.headers.get_list("set-cookie"))
    assert "pm_oidc" not in client.cookies
    secure = TestClient(client.app, base_url="https://testserver", follow_redirects=False).get("/login/oidc")
    assert "secure" in secure.headers["set-cookie"].lower()


@pytest.mark.parametrize("next", ["https://elsewhere.invalid/", "//elsewhere.invalid/", "/" + "长" * 2000])
def test_nobody_is_sent_on_to_another_site_nor_kept_waiting_by_a_long_address(
    client: TestClient, provider: Provider, next: str
) -> None:
    provider.know("firm-7", **FIRM)

    assert sign_in(client, "firm-7", next=next).headers["location"] == "/"


def test_the_button_is_there_only_where_the_way_is_open(
    client: TestClient, service: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get("/login?next=/msjx").text
    assert '<a class="button" href="/login/oidc?next=%2Fmsjx">用政企通登录</a>' in page
    assert "不退出政企通" in page

    monkeypatch.setitem(service.state._state, "elsewhere", None)

    assert "政企通" not in client.get("/login").text
    assert client.get("/login/oidc").status_code == client.get("/login/oidc/callback").status_code == 404


def test_both_ways_count_as_tries_to_sign_in(
    client: TestClient, service: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service.state._state, "limits", Limits(Settings(logins_per_minute=2)))

    assert [client.get(path).status_code for path in ("/login/oidc", "/login/oidc/callback")] == [303, 403]
    assert client.get("/login/oidc").status_code == 429
    assert client.get("/login/oidc/callback").status_code == 429


def test_signing_out_ends_the_session_here(client: TestClient, provider: Provider) -> None:
    provider.know("firm-8", **FIRM)
    sign_in(client, "firm-8")
    assert client.get("/account").status_code == 200

    client.post("/logout")

    assert client.get("/account").headers["location"].startswith("/login")


# the way back


def test_what_the_provider_or_the_person_does_not_agree_to_is_told(client: TestClient) -> None:
    address = begin(client)
    # RFC 6749 §4.1.2.1 has the state in the refusal too; this provider forgets it.
    back = f"{agree(address, action='deny')}&state={parse_qs(urlsplit(address).query)['state'][0]}"

    assert "没有同意" in refused(client.get(back), "OIDC_REFUSED")


def test_a_state_that_is_not_the_one_of_this_browser_is_refused_before_the_provider_is_asked(
    client: TestClient, service: FastAPI, provider: Provider
) -> None:
    provider.know("firm-9", **FIRM)
    back, times = agree(begin(client), sub="firm-9"), provider.times("/oauth2/token")

    refused(TestClient(service, follow_redirects=False).get(back), "OIDC_STATE")
    begin(client)
    refused(client.get(back), "OIDC_STATE")

    assert provider.times("/oauth2/token") == times


def test_a_cookie_that_was_changed_is_refused(client: TestClient) -> None:
    back = agree(begin(client), sub="firm-9")
    cookie = client.cookies["pm_oidc"]
    head, told, signature = cookie.split(".")
    other = urlsafe_b64encode(json.dumps(claims_in(cookie) | {"next": "/x"}).encode()).rstrip(b"=").decode()
    client.cookies.clear()

    for forged in (f"{head}.{other}.{signature}", f"{head}.{told}.", "x", ""):
        refused(client.get(back, headers={"Cookie": f"pm_oidc={forged}"}), "OIDC_STATE")


def test_a_callback_that_comes_again_is_refused_here_and_with_the_cookie_kept_by_the_provider(
    client: TestClient, provider: Provider
) -> None:
    provider.know("firm-10", **FIRM)
    back = agree(begin(client), sub="firm-10")
    cookie = client.cookies["pm_oidc"]
    assert client.get(back).status_code == 303

    refused(client.get(back), "OIDC_STATE")
    page = refused(client.get(back, headers={"Cookie": f"pm_oidc={cookie}"}), "OIDC_REFUSED")

    assert "invalid_grant" in page


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (11, 403)])
def test_ten_minutes_after_the_beginning_it_is_too_late(
    client: TestClient, service: FastAPI, provider: Provider, monkeypatch: pytest.MonkeyPatch, minutes: int, status: int
) -> None:
    provider.know("firm-11", **FIRM)
    back = agree(begin(client), sub="firm-11")
    cookie = client.cookies["pm_oidc"]
    shift(service, monkeypatch, timedelta(minutes=minutes))

    assert client.get(back, headers={"Cookie": f"pm_oidc={cookie}"}).status_code == status


# tokens


def test_a_token_for_another_sign_in_is_refused(client: TestClient, provider: Provider) -> None:
    provider.know("firm-12", **FIRM)
    address = begin(client)
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]

    answer = client.get(agree(address.replace(nonce, "of-another-sign-in"), sub="firm-12"))

    assert "nonce" in refused(answer, "OIDC_TOKEN")


@pytest.mark.parametrize(("by", "said"), [(timedelta(hours=2), "已过期"), (timedelta(hours=-1), "iat")])
def test_a_token_that_has_expired_or_is_of_the_future_is_refused_and_noted(
    client: TestClient,
    service: FastAPI,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    by: timedelta,
    said: str,
) -> None:
    provider.know("firm-13", **FIRM)
    shift(service, monkeypatch, by)

    assert said in refused(sign_in(client, "firm-13"), "OIDC_TOKEN")
    last = noted(service)[-1]
    assert (last.action, last.actor, said in str(last.reason)) == ("sign_in.refused", "visitor", True)


def unsigned(claims: Told) -> str:
    parts = ({"alg": "none", "typ": "JWT", "kid": "ours"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def by_our_secret(claims: Told) -> str:
    return jwt.encode({"alg": "HS256", "kid": "ours"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"])


def cut_short(claims: Told) -> str:
    return signed(claims)[:-8] + "AAAAAAAA"


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (unsigned, "签名不对"),
        (by_our_secret, "签名不对"),
        (cut_short, "签名不对"),
        (lambda claims: "no token", "签名不对"),
        (lambda claims: signed(claims | {"aud": "another-client"}), "aud 不符"),
        (lambda claims: signed(claims | {"aud": ["policy-match", "x"], "azp": "x"}), "azp 不符"),
        (lambda claims: signed(claims | {"iss": "http://localhost:1"}), "iss 不符"),
        (lambda claims: signed({k: v for k, v in claims.items() if k != "nonce"}), "nonce 不符"),
        (lambda claims: signed({k: v for k, v in claims.items() if k != "exp"}), "exp 不符"),
        (lambda claims: signed(claims | {"sub": "x" * 201}), "sub"),
        (lambda claims: signed(claims | {"sub": ""}), "sub"),
        (lambda claims: signed(claims | {"sub": ["firm-14"]}), "sub"),
    ],
)
def test_a_token_that_is_not_signed_for_us_is_refused(
    client: TestClient, service: FastAPI, provider: Provider, forge: Callable[[Told], str], said: str
) -> None:
    provider.know("firm-14", **FIRM)
    provider.tamper(forge)

    assert said in refused(sign_in(client, "firm-14"), "OIDC_TOKEN")
    assert linked(service, provider.issuer, "firm-14") is None


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_the_same_token_unharmed_lets_in(client: TestClient, provider: Provider, algorithm: str) -> None:
    provider.know("firm-15", **FIRM)
    provider.tamper(lambda claims: signed(claims, alg=algorithm))

    assert sign_in(client, "firm-15").status_code == 303


def test_an_unknown_key_is_asked_for_once_and_one_that_is_published_meanwhile_is_taken(
    client: TestClient, provider: Provider
) -> None:
    provider.know("firm-16", **FIRM)
    sign_in(client, "firm-16")
    key, before = RSAKey.generate_key(2048, parameters={"kid": "new"}), provider.times("/jwks")
    provider.forge = lambda claims: signed(claims, key)

    assert "密钥" in refused(sign_in(client, "firm-16"), "OIDC_TOKEN")
    assert provider.times("/jwks") == before + 1
    provider.published = [key]
    assert sign_in(client, "firm-16").status_code == 303
    assert sign_in(client, "firm-16").status_code == 303
    assert provider.times("/jwks") == before + 2


# a provider that is not there


def test_a_provider_that_cannot_be_reached_is_told_at_once_with_503(
    client: TestClient, service: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = oidc.Provider(oidc.Registration("http://localhost:1", "policy-match", SECRET))
    monkeypatch.setitem(service.state._state, "elsewhere", replace(service.state.elsewhere, provider=gone))

    assert "登录名和密码" in refused(client.get("/login/oidc"), "OIDC_DOWN", 503)


def test_a_provider_that_fails_on_the_way_back_is_told_with_503(client: TestClient, provider: Provider) -> None:
    provider.know("firm-17", **FIRM)
    back = agree(begin(client), sub="firm-17")
    provider.down = {"/oauth2/token"}

    refused(client.get(back), "OIDC_DOWN", 503)


def test_a_provider_that_calls_itself_otherwise_is_not_used(
    client: TestClient, service: FastAPI, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = oidc.Provider(oidc.Registration(provider.issuer + "/", "policy-match", SECRET))
    monkeypatch.setitem(service.state._state, "elsewhere", replace(service.state.elsewhere, provider=other))

    assert "与设置的不同" in refused(client.get("/login/oidc"), "OIDC_DOWN", 503)


# settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"oidc_client_id": ""}, "缺 POLICY_MATCH_OIDC_CLIENT_ID"),
        ({"oidc_client_secret": None}, "缺 POLICY_MATCH_OIDC_CLIENT_SECRET"),
        ({"oidc_issuer": "", "oidc_client_id": ""}, "缺 POLICY_MATCH_OIDC_ISSUER、POLICY_MATCH_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://sso.invalid"}, "https://主机"),
        ({"oidc_issuer": "https://user@sso.invalid"}, "https://主机"),
        ({"oidc_roles": "legal_person=king"}, "development、"),
        ({"oidc_roles": "legal_person=importer"}, "development、"),
        ({"oidc_roles": "a=data,a=finance"}, "每个值写一次"),
        ({"oidc_roles": '{"a": "data", "a": "finance"}'}, "每个值写一次"),
        ({"oidc_roles": '{"a": ["data"]}'}, "每个值写一次"),
        ({"oidc_roles": '{"a": "data"'}, "JSON"),
    ],
)
def test_settings_that_are_half_or_wrong_are_refused_with_what_is_allowed(
    service: FastAPI, settings: dict[str, str], said: str
) -> None:
    own, table = opened(service).settings.model_copy(update=settings), archive_of(service).table

    with pytest.raises(UsageError, match=said):
        open_elsewhere(own, table, open_secret(own))


def test_a_service_that_is_half_set_up_does_not_start(service: FastAPI) -> None:
    with pytest.raises(UsageError, match="只设了一半"):
        create_app(opened(service).settings.model_copy(update={"oidc_client_id": ""}), demo=False)


def test_roles_may_be_written_as_json_and_nothing_set_is_no_way_in(service: FastAPI) -> None:
    own, table = opened(service).settings, archive_of(service).table
    secret = open_secret(own)

    made = open_elsewhere(own.model_copy(update={"oidc_roles": '{"法人": "enterprise"}'}), table, secret)

    assert made is not None and made.reading.roles == {"法人": "enterprise"}
    assert SECRET not in repr(made.provider.registration)
    assert open_elsewhere(Settings(), table, secret) is None
