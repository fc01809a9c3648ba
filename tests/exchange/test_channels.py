"""Each channel against a real server on this machine: what goes over the line, and what each answer means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mailing import MailServer, mail_server
from posting import Office, office
from standardwebhooks import Webhook

from policy_match.exchange.channels import http_call, smtp
from policy_match.exchange.channels.carrier import Letter
from policy_match.exchange.channels.file_drop import FileDrop
from policy_match.exchange.channels.gateway import Gateway
from policy_match.exchange.channels.robots import Robot
from policy_match.exchange.channels.sms import Sms
from policy_match.exchange.channels.smtp import Smtp
from policy_match.exchange.webhook import secret_of
from policy_match.push.delivery import Taken
from policy_match.push.words import Channel

AT = datetime.now(UTC).replace(microsecond=0)
LETTER = Letter("m-1", "13900000000", "“示范补助”：待确认", "正文一行\n第二行", "您有一项政策待确认", AT)
SECRET = secret_of(b"s" * 32)


@pytest.fixture
def there() -> Iterator[Office]:
    with office() as found:
        yield found


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_the_gateway_gets_a_webhook_that_its_own_library_verifies_and_whose_id_is_the_messages(there: Office) -> None:
    outcome = Gateway(there.url, SECRET).send(replace(LETTER, at=datetime.now(UTC).replace(microsecond=0)))

    (got,) = there.got
    told = Webhook(SECRET).verify(got.body, got.headers)
    assert outcome.taken is Taken.YES
    assert got.headers["webhook-id"] == "m-1"
    assert told["data"] == {
        "client_msg_id": "m-1", "account": "13900000000", "title": LETTER.title, "body": LETTER.body,
    }  # fmt: skip


def test_the_gateway_is_asked_by_the_id_in_the_path_and_the_question_is_signed_too(there: Office) -> None:
    there.known.add("m-1")
    gateway = Gateway(f"{there.url}/?of=1", SECRET)

    assert [gateway.ask(one, AT).taken for one in ("m-1", "m-2")] == [Taken.YES, Taken.NOT_NOW]
    assert [got.path for got in there.got] == ["/messages/m-1?of=1", "/messages/m-2?of=1"]
    signed = Webhook(SECRET).sign("m-1", AT, "")
    assert there.got[0].headers["webhook-signature"] == signed


@pytest.mark.parametrize("status", [500, 501, 302, 403, 429])
def test_an_answer_that_says_nothing_of_the_message_leaves_it_unknown(there: Office, status: int) -> None:
    there.asked_status = status
    assert Gateway(there.url, SECRET).ask("m-1", AT).taken is Taken.PERHAPS


@pytest.mark.parametrize(
    ("status", "taken"),
    [(200, Taken.YES), (204, Taken.YES), (400, Taken.NEVER), (410, Taken.NEVER), (422, Taken.NEVER),
     (401, Taken.NOT_NOW), (404, Taken.NOT_NOW), (429, Taken.NOT_NOW), (503, Taken.NOT_NOW), (302, Taken.NOT_NOW),
     (500, Taken.PERHAPS), (502, Taken.PERHAPS), (504, Taken.PERHAPS), (None, Taken.PERHAPS)],
)  # fmt: skip
def test_what_the_answers_to_an_sms_mean(there: Office, status: int | None, taken: Taken) -> None:
    there.status = status
    outcome = Sms(there.url, "k").send(LETTER)
    assert (outcome.taken, outcome.status) == (taken, status)
    assert len(there.got) == 1


def test_an_sms_is_its_id_phone_and_short_text_and_the_key_goes_with_it(there: Office) -> None:
    Sms(there.url, "k").send(LETTER)
    (got,) = there.got
    assert got.told == {"client_msg_id": "m-1", "phone": "13900000000", "text": "您有一项政策待确认"}
    assert got.headers["authorization"] == "Bearer k"


def test_an_answer_that_does_not_come_in_time_leaves_it_unknown(there: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_call, "SECONDS", 0.2)
    there.seconds = 0.6
    assert Sms(there.url, "").send(LETTER).taken is Taken.PERHAPS


def test_where_nobody_listens_nothing_was_sent() -> None:
    sms = Sms(f"http://127.0.0.1:{closed_port()}/messages", "")
    assert sms.send(LETTER).taken is Taken.NOT_NOW
    assert sms.ask("m-1", AT).taken is Taken.PERHAPS


@pytest.mark.parametrize("url", ["", "no address", "ftp://127.0.0.1/x", "http://"])
def test_an_address_that_is_none_is_an_outcome_and_no_error(url: str) -> None:
    assert Sms(url, "").send(LETTER).taken is Taken.NOT_NOW


def test_only_who_knows_a_message_again_gets_it_again(tmp_path: Path) -> None:
    again = {
        "gateway": Gateway("", SECRET).is_repeatable, "file": FileDrop(tmp_path).is_repeatable,
        "sms": Sms("", "").is_repeatable, "mail": Smtp("", 25, "none", "").is_repeatable,
        "robot": Robot(Channel.WECOM, "").is_repeatable,
    }  # fmt: skip
    assert again == {"gateway": True, "file": True, "sms": False, "mail": False, "robot": False}


def test_a_file_is_there_whole_under_the_id_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    drop = FileDrop(tmp_path)
    assert drop.ask("m-1", AT).taken is Taken.PERHAPS
    assert [drop.send(LETTER).taken, drop.send(LETTER).taken] == [Taken.YES, Taken.YES]

    (path,) = tmp_path.iterdir()
    assert (path.name, drop.ask("m-1", AT).taken) == ("m-1.json", Taken.YES)
    assert orjson.loads(path.read_bytes()) == {
        "client_msg_id": "m-1", "to": "13900000000", "title": LETTER.title, "body": LETTER.body,
        "short": LETTER.short, "at": AT.isoformat(),
    }  # fmt: skip


def test_a_folder_that_is_not_there_is_for_now(tmp_path: Path) -> None:
    assert FileDrop(tmp_path / "gone").send(LETTER).taken is Taken.NOT_NOW


def robot(there: Office, channel: Channel, secret: str = "") -> Robot:
    return Robot(channel, f"{there.url}?key=1", secret)


def test_wecom_gets_its_form(there: Office) -> None:
    there.answer = b'{"errcode": 0, "errmsg": "ok"}'
    assert robot(there, Channel.WECOM).send(LETTER).taken is Taken.YES
    assert there.got[0].told == {"msgtype": "text", "text": {"content": f"{LETTER.title}\n{LETTER.body}"}}


def test_dingtalk_gets_its_form_and_its_signature_in_the_address(there: Office) -> None:
    there.answer = b'{"errcode": 0, "errmsg": "ok"}'
    robot(there, Channel.DINGTALK, "SEC1").send(LETTER)

    asked = parse_qs(urlsplit(there.got[0].path).query)
    moment = str(int(AT.timestamp() * 1000))
    digest = hmac.new(b"SEC1", f"{moment}\nSEC1".encode(), hashlib.sha256).digest()
    assert asked == {"key": ["1"], "timestamp": [moment], "sign": [base64.b64encode(digest).decode()]}
    assert there.got[0].told["msgtype"] == "text"


def test_feishu_gets_its_form_and_its_signature_in_the_body(there: Office) -> None:
    there.answer = b'{"code": 0, "msg": "success"}'
    assert robot(there, Channel.FEISHU, "SEC2").send(LETTER).taken is Taken.YES

    moment = str(int(AT.timestamp()))
    digest = hmac.new(f"{moment}\nSEC2".encode(), b"", hashlib.sha256).digest()
    assert there.got[0].told == {
        "msg_type": "text", "content": {"text": f"{LETTER.title}\n{LETTER.body}"}, "timestamp": moment,
        "sign": base64.b64encode(digest).decode(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "taken"),
    [(b'{"errcode": 45009}', Taken.NOT_NOW), (b'{"code": 11232}', Taken.NOT_NOW), (b'{"StatusCode": 0}', Taken.YES),
     (b"ok", Taken.PERHAPS), (b"[]", Taken.PERHAPS), (b'{"code": "0"}', Taken.PERHAPS)],
)  # fmt: skip
def test_robots_answer_200_whatever_happens_and_the_code_in_it_tells(
    there: Office, answer: bytes, taken: Taken
) -> None:
    there.answer = answer
    assert robot(there, Channel.FEISHU).send(LETTER).taken is taken


def mailer(server: MailServer, security: smtp.Security = "none", **more: str) -> Smtp:
    return Smtp("localhost", server.port, security, "push@example.gov.cn", **more)


def mail_of(server: MailServer) -> EmailMessage:
    (_, _, text) = server.mails[0]
    found = message_from_bytes(text, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_mail_has_its_text_and_its_id_and_goes_to_one_address(mail: MailServer) -> None:
    letter = Letter("m-1", "firm@example.com", "标题\n第二行", "正文\n二", "", AT)
    assert mailer(mail).send(letter).taken is Taken.YES

    found = mail_of(mail)
    assert (found["Subject"], found["To"], found["Message-ID"]) == (
        "标题 第二行",
        "firm@example.com",
        "<m-1@example.gov.cn>",
    )
    assert found.get_content() == "正文\n二\n"
    assert [line.partition(":")[2].split(" ")[0] for line in mail.mails[0][:2]] == [
        "<push@example.gov.cn>",
        "<firm@example.com>",
    ]


@pytest.mark.parametrize(
    ("refuse", "taken"),
    [({"RCPT": "550 nobody"}, Taken.NEVER), ({"RCPT": "450 later"}, Taken.NOT_NOW), ({"MAIL": "451 busy"}, Taken.NOT_NOW),
     ({".": "554 spam"}, Taken.NEVER), ({".": "452 full"}, Taken.NOT_NOW), ({"AUTH": "535 who"}, Taken.NOT_NOW)],
)  # fmt: skip
def test_what_a_mail_server_refuses_is_for_now_or_for_good(
    mail: MailServer, refuse: dict[str, str], taken: Taken
) -> None:
    mail.refuse = refuse
    more = {"user": "u", "password": "p"} if "AUTH" in refuse else {}
    assert mailer(mail, **more).send(LETTER).taken is taken
    assert mail.mails == []


def test_an_address_that_the_line_cannot_carry_fails_for_good(mail: MailServer) -> None:
    assert mailer(mail).send(replace(LETTER, to="经办@example.cn")).taken is Taken.NEVER
    assert mail.mails == []


def test_a_mail_server_that_goes_away_in_the_middle_of_the_text_leaves_it_unknown(mail: MailServer) -> None:
    mail.hangs = True
    server = mailer(mail)
    assert [server.send(LETTER).taken, server.ask("m-1", AT).taken] == [Taken.PERHAPS, Taken.PERHAPS]


def test_without_a_mail_server_nothing_was_sent() -> None:
    assert Smtp("127.0.0.1", closed_port(), "none", "a@b.cn").send(LETTER).taken is Taken.NOT_NOW


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` with its key, signed by itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(AT - timedelta(days=1)).not_valid_after(AT + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        key.private_bytes(*form) + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_goes_encrypted_to_who_shows_a_certificate_that_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, security: smtp.Security
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with mail_server(context, from_start=security == "tls") as server:
        assert mailer(server, security).send(LETTER).taken is Taken.NOT_NOW
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert mailer(server, security, user="u", password="p").send(LETTER).taken is Taken.YES
        assert (len(server.mails), len(server.signed_in)) == (1, 1)


def test_starttls_with_a_server_that_cannot_encrypt_sends_nothing(mail: MailServer) -> None:
    assert mailer(mail, "starttls").send(LETTER).taken is Taken.NOT_NOW
    assert mail.mails == []
