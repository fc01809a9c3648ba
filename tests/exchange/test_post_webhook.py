"""Messages leave the house for the hosts that are listed, for no address of the network's own, and never twice."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from receiving import Receiver, receiving
from standardwebhooks import Webhook

from policy_match.errors import UsageError
from policy_match.exchange import post_webhook
from policy_match.exchange.post_webhook import check_url, hosts_of, is_closed, post
from policy_match.exchange.webhook import secret_of, signed

HOSTS = hosts_of("127.0.0.1, receiver.example")
SECRET = secret_of(bytes(32))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real receiver on this machine."""
    with receiving() as made:
        yield made


def message(body: str = '{"type":"test","note":"示范"}') -> post_webhook.Message:
    return signed("msg_1", datetime.now(UTC), body.encode(), SECRET)


def code(written: str, hosts: frozenset[str] = HOSTS) -> str:
    with pytest.raises(UsageError) as refused:
        check_url(written, hosts)
    return refused.value.issues[0].code


def test_a_message_arrives_once_as_it_was_signed(receiver: Receiver) -> None:
    outcome = post(message(), receiver.url, HOSTS)

    ((path, headers, body),) = receiver.got
    assert (path, outcome.status, outcome.is_delivered) == ("/hook?of=1", 204, True)
    assert Webhook(SECRET).verify(body, headers) == {"type": "test", "note": "示范"}
    assert headers["host"] == receiver.url.split("/")[2]
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "word"), [(302, "没有跟随"), (307, "没有跟随"), (410, "没有接受"), (500, "没有接受")]
)
def test_what_is_not_accepted_is_told_and_a_redirect_not_followed(receiver: Receiver, status: int, word: str) -> None:
    receiver.status = status

    outcome = post(message(), receiver.url, HOSTS)

    assert (outcome.status, outcome.is_delivered, word in outcome.text) == (status, False, True)
    assert len(receiver.got) == 1


def test_a_receiver_that_does_not_answer_in_time_leaves_it_open_whether_it_got_it(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_webhook, "SECONDS", 0.2)
    receiver.seconds = 0.6

    outcome = post(message(), receiver.url, HOSTS)

    assert (outcome.status, outcome.is_delivered) == (None, False)
    assert "不知道是否收到" in outcome.text


def certificate(folder: Path, name: str) -> Path:
    """A certificate of that name alone, signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "server.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + plain)
    return file


@pytest.mark.parametrize(("name", "status"), [("localhost", 204), ("other.example", None)])
def test_a_secured_receiver_is_known_by_its_name_though_its_address_is_called(
    name: str, status: int | None, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path, name)
    secured = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(file)
    receiver.server.socket = secured.wrap_socket(receiver.server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    outcome = post(message(), f"https://localhost:{receiver.server.server_port}/", hosts_of("localhost"))

    assert outcome.status == status
    assert len(receiver.got) == (0 if status is None else 1)


def test_nobody_at_the_address_is_an_outcome(receiver: Receiver) -> None:
    assert "连不上" in post(message(), "http://127.0.0.1:9/", HOSTS).text


def test_a_name_that_is_nobodys_is_an_outcome() -> None:
    outcome = post(message(), "https://nobody.invalid/", hosts_of("nobody.invalid"))

    assert (outcome.status, outcome.text) == (None, "没有发送：找不到主机 nobody.invalid")


def test_a_proxy_of_the_surroundings_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert post(message(), receiver.url, HOSTS).is_delivered


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest", "http://[fe80::1]/", "http://0.0.0.0/", "http://100.100.100.200/"]
)
def test_addresses_of_the_network_itself_are_not_called_even_where_they_are_listed(address: str) -> None:
    host = address.removeprefix("http://").split("/")[0].strip("[]")

    outcome = post(message(), address, frozenset({host}))

    assert (outcome.status, outcome.text.startswith("没有发送")) == (None, True)


@pytest.mark.parametrize(
    ("address", "host", "closed"),
    [
        ("127.0.0.1", "127.0.0.1", False),
        ("127.0.0.1", "localhost", False),
        ("::1", "localhost", False),
        ("127.0.0.1", "receiver.example", True),
        ("::ffff:127.0.0.1", "receiver.example", True),
        ("::ffff:169.254.169.254", "receiver.example", True),
        ("64:ff9b::a9fe:a9fe", "receiver.example", True),
        ("2002:a9fe:a9fe::1", "receiver.example", True),
        ("168.63.129.16", "receiver.example", True),
        ("224.0.0.1", "receiver.example", True),
        ("255.255.255.255", "receiver.example", True),
        ("10.1.2.3", "receiver.example", False),
        ("192.168.1.1", "receiver.example", False),
        ("::ffff:10.1.2.3", "receiver.example", False),
        ("2001:db9::1", "receiver.example", False),
    ],
)
def test_a_name_may_lead_into_the_office_network_but_not_to_this_machine_or_the_networks_own(
    address: str, host: str, closed: bool
) -> None:
    assert is_closed(address, host) is closed


def test_only_listed_hosts_are_allowed_and_without_a_list_none() -> None:
    assert check_url("https://Receiver.example/x", HOSTS).host == "receiver.example"
    assert check_url("http://127.0.0.1:8080/", HOSTS).port == 8080
    assert code("https://other.example/") == "WEBHOOK_HOST"
    assert code("https://receiver.example.evil.example/") == "WEBHOOK_HOST"
    assert code("https://receiver.example/", hosts_of(" , ")) == "WEBHOOK_OFF"


@pytest.mark.parametrize(
    "written",
    [
        "", "receiver.example", "ftp://receiver.example/", "javascript:alert(1)", "https://", "https://receiver.example:0/",
        "https://receiver.example:99999/", "https://user:pw@receiver.example/", "https://receiver.example/#a",
        "https://receiver.example/\n", "https://receiver.example/" + "a" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(written: str) -> None:
    assert code(written) == "WEBHOOK_URL"
