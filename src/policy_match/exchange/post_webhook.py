"""Send a message to an address that the installation allows, and to no other.

Only hosts of POLICY_MATCH_WEBHOOK_HOSTS are called; without the setting nothing leaves the house. The name is resolved
once, here, and that very address is called, so that it cannot become another one in between. Addresses under which
clouds and networks answer to themselves are refused whatever the name. Redirects are not followed, proxies not used.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx2

from policy_match.errors import Issue, UsageError
from policy_match.exchange.webhook import Message

SETTING = "POLICY_MATCH_WEBHOOK_HOSTS"
SECONDS = 5.0
_LONGEST = 500
# Answers to the machine itself in public clouds, and IPv4 inside IPv6, which would hide one of those.
_CLOSED = tuple(
    ip_network(written) for written in ("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::254/128", "64:ff9b::/96", "2002::/16")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending: the status of the answer, None without one, and what it means in words."""

    status: int | None
    text: str

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and 200 <= self.status < 300


def hosts_of(setting: str) -> frozenset[str]:
    """The hosts that a setting lists, with commas."""
    return frozenset(part.strip().lower() for part in setting.split(",") if part.strip())


def check_url(written: str, hosts: frozenset[str]) -> httpx2.URL:
    """The address; UsageError WEBHOOK_OFF without any host, WEBHOOK_URL for what is none, WEBHOOK_HOST for one not listed."""
    if not hosts:
        hint = f"请管理员在 {SETTING} 中写上可以通知的主机"
        raise UsageError(Issue("WEBHOOK_OFF", "本系统没有开放向外通知", "url", "", hint))
    try:
        url = httpx2.URL(written)
    except (httpx2.InvalidURL, UnicodeError):
        url = httpx2.URL("")
    port = 443 if url.port is None else url.port
    is_address = url.scheme in ("https", "http") and url.host and 0 < port < 2**16 and len(written) <= _LONGEST
    if not is_address or url.userinfo or url.fragment:
        what = f"“{written[:60]}”不是可以通知的网址"
        raise UsageError(Issue("WEBHOOK_URL", what, "url", "https://主机/路径，不带用户名", "改正网址"))
    if url.host.lower() not in hosts:
        hint = f"改用列出的主机，或请管理员把它加进 {SETTING}"
        raise UsageError(
            Issue("WEBHOOK_HOST", f"不允许通知主机“{url.host[:60]}”", "url", "、".join(sorted(hosts)), hint)
        )
    return url


def post(message: Message, written: str, hosts: frozenset[str]) -> Outcome:
    """Send once, within five seconds for each step; what `check_url` refuses is raised, everything else is an outcome."""
    url = check_url(written, hosts)
    try:
        addresses = _resolved(url)
        for address in addresses[:-1]:
            # Nothing has been sent where no connection came about: the next address of the host may be reached.
            with suppress(httpx2.ConnectError):
                return _sent(message, url, address)
        return _sent(message, url, addresses[-1])
    except _Closed as closed:
        return Outcome(None, f"没有发送：{closed} 是本机、链路或云平台自用的地址")
    except socket.gaierror:
        return Outcome(None, f"没有发送：找不到主机 {url.host}")
    except httpx2.TimeoutException:
        return Outcome(None, f"对方 {SECONDS:.0f} 秒内没有回答，不知道是否收到")
    except (httpx2.TransportError, OSError) as error:
        return Outcome(None, f"连不上对方（{type(error).__name__}）")


class _Closed(Exception):
    """The address is one of those that are never called."""


def _resolved(url: httpx2.URL) -> list[str]:
    """The addresses of the host, each once; _Closed if any of them may not be called."""
    port = url.port or (443 if url.scheme == "https" else 80)
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(_name(url), port, type=socket.SOCK_STREAM)]
    for address in found:
        if is_closed(address, url.host):
            raise _Closed(address)
    return list(dict.fromkeys(found))


def _name(url: httpx2.URL) -> str:
    """The host as the network writes it, Chinese names in their ASCII form."""
    return url.raw_host.decode("ascii")


def is_closed(address: str, host: str) -> bool:
    """Whether an address may not be called. This machine may be where the host is written as its address or `localhost`."""
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback:
        return host != "localhost" and host.strip("[]") != address
    unfit = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    return unfit or any(found in network for network in _CLOSED)


def _sent(message: Message, url: httpx2.URL, address: str) -> Outcome:
    headers = {**message.headers, "host": url.netloc.decode(), "user-agent": "policy-match"}
    with (
        httpx2.Client(verify=ssl.create_default_context(), trust_env=False, timeout=SECONDS) as client,
        client.stream(
            "POST", url.copy_with(host=address), content=message.body, headers=headers,
            extensions={"sni_hostname": _name(url)},
        ) as answer,
    ):  # fmt: skip
        return Outcome(answer.status_code, _meaning(answer.status_code))


def _meaning(status: int) -> str:
    if 200 <= status < 300:
        return "对方已收到"
    if 300 <= status < 400:
        return f"对方要求转到别的地址（{status}），没有跟随"
    return f"对方没有接受（{status}）"
