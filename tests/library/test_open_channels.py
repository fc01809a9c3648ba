"""A channel is there where the settings say where it is, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from policy_match.errors import UsageError
from policy_match.exchange.webhook import secret_of
from policy_match.push.words import Channel
from policy_match.settings import Settings
from policy_match.workflows.open_channels import NEEDS, open_channels
from policy_match.workflows.switch_channel import SWITCHED

SECRET = SecretStr(secret_of(b"s" * 32))


def channels(**given: object) -> set[Channel]:
    return set(open_channels(Settings(**given)))  # type: ignore[arg-type]


def test_without_settings_there_is_no_channel() -> None:
    assert channels() == set()


def test_each_channel_is_there_with_all_that_it_needs_and_not_with_less(tmp_path: Path) -> None:
    assert channels(gateway_url="http://127.0.0.1/") == set()
    assert channels(gateway_url="http://127.0.0.1/", gateway_secret=SECRET) == {Channel.GATEWAY}
    assert channels(smtp_host="localhost") == set()
    assert channels(smtp_host="localhost", smtp_from="a@b.cn") == {Channel.EMAIL}
    assert channels(file_drop=tmp_path, sms_url="http://127.0.0.1/") == {Channel.FILE, Channel.SMS}
    robots = channels(wecom_url="http://a/", dingtalk_url="http://a/", feishu_url="http://a/")
    assert robots == {Channel.WECOM, Channel.DINGTALK, Channel.FEISHU}


def test_a_secret_that_cannot_sign_is_told_at_the_start() -> None:
    with pytest.raises(UsageError, match="POLICY_MATCH_GATEWAY_SECRET"):
        channels(gateway_secret=SecretStr("whsec_abcde"))


def test_every_channel_that_can_be_switched_says_what_it_needs() -> None:
    assert set(SWITCHED) == NEEDS.keys()
    names = {name.lower() for needed in NEEDS.values() for name in needed}
    assert names <= Settings.model_fields.keys()
