"""The channels that the settings name: only what has an address can be switched on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr
from standardwebhooks import Webhook

from policy_match.errors import Issue, UsageError
from policy_match.exchange.channels.carrier import Carrier
from policy_match.exchange.channels.file_drop import FileDrop
from policy_match.exchange.channels.gateway import Gateway
from policy_match.exchange.channels.robots import Robot
from policy_match.exchange.channels.sms import Sms
from policy_match.exchange.channels.smtp import Smtp
from policy_match.push.words import Channel
from policy_match.settings import Settings

NEEDS = {
    Channel.GATEWAY: ("GATEWAY_URL", "GATEWAY_SECRET"),
    Channel.SMS: ("SMS_URL",),
    Channel.EMAIL: ("SMTP_HOST", "SMTP_FROM"),
    Channel.FILE: ("FILE_DROP",),
    Channel.WECOM: ("WECOM_URL",),
    Channel.DINGTALK: ("DINGTALK_URL",),
    Channel.FEISHU: ("FEISHU_URL",),
}
"""The settings without which a channel has no address."""


def open_channels(given: Settings) -> Mapping[Channel, Carrier]:
    """The channels that can send, by the settings; nothing is connected yet. UsageError SETTING for what cannot sign."""
    _check_secret(_text(given.gateway_secret))
    return {channel: carrier for channel, carrier in _every(given) if _is_set(given, channel)}


def _check_secret(secret: str) -> None:
    try:
        if secret:
            Webhook(secret)
    except ValueError:
        what, allowed = "政企通的签名密钥读不了", "whsec_ 加 Base64"
        raise UsageError(Issue("SETTING", what, "POLICY_MATCH_GATEWAY_SECRET", allowed, "与政企通核对密钥")) from None


def _is_set(given: Settings, channel: Channel) -> bool:
    return all(getattr(given, name.lower()) for name in NEEDS[channel])


def _every(given: Settings) -> Iterator[tuple[Channel, Carrier]]:
    yield Channel.GATEWAY, Gateway(given.gateway_url, _text(given.gateway_secret))
    yield Channel.SMS, Sms(given.sms_url, _text(given.sms_key))
    password = _text(given.smtp_password)
    yield (
        Channel.EMAIL,
        Smtp(given.smtp_host, given.smtp_port, given.smtp_tls, given.smtp_from, given.smtp_user, password),
    )
    if given.file_drop is not None:
        yield Channel.FILE, FileDrop(given.file_drop)
    yield Channel.WECOM, Robot(Channel.WECOM, given.wecom_url)
    yield Channel.DINGTALK, Robot(Channel.DINGTALK, given.dingtalk_url, _text(given.dingtalk_secret))
    yield Channel.FEISHU, Robot(Channel.FEISHU, given.feishu_url, _text(given.feishu_secret))


def _text(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
