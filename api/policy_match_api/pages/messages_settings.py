"""订阅设置: what one wants to be told, on which channel, how often. It holds at once and touches neither eligibility nor a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from policy_match.errors import PolicyMatchError
from policy_match.push.consent import BY_TERMS, CONSENT_TEXT, CONSENT_TEXTS
from policy_match.push.words import (
    CASE_TOPIC,
    EVERY_CHANNEL,
    EVERY_TOPIC,
    FREQUENCY_NAMES,
    NOTICE_TOPIC,
    TOPICS,
    Channel,
    Consent,
)
from policy_match.workflows.give_consent import Choice, Standing, frequencies, give_consent, standings
from policy_match.workflows.switch_channel import list_channels
from policy_match_api.pages.firm import to_sign_in
from policy_match_api.pages.messages_frame import SETTINGS, own_by, shown
from policy_match_api.pages.render import link
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
HOW = "消息设置页"
# Channels of a person or of the firm's account; the others are shown once somebody switched them on.
_PERSONAL = (Channel.INBOX, Channel.GATEWAY, Channel.SMS, Channel.EMAIL)
CHANNEL_MEANS = {
    Channel.INBOX: "登录本系统就能看到，默认接收",
    Channel.GATEWAY: "发到企业的政企通账号，默认接收",
    Channel.SMS: "发到登记的手机，不写金额；您同意才发",
    Channel.EMAIL: "发到登记的邮箱；您同意才发",
    Channel.FILE: "写成文件交给平台，默认接收",
    Channel.WECOM: "发到企业微信群；您同意才发",
    Channel.DINGTALK: "发到钉钉群；您同意才发",
    Channel.FEISHU: "发到飞书群；您同意才发",
}
TOPIC_MEANS = {
    "奖补": "奖励和补助资金", "税收": "税费减免、加计扣除", "金融": "贷款贴息、担保、基金", "人才": "人才奖励、住房、培训",
    "用工": "招聘、稳岗、用工补贴", "用地": "用地和厂房", "用电": "用电和用能", "环境": "环评、排污和绿色制造", "审批": "审批服务",
    "创新": "研发和科技创新", "产业": "产业扶持", "市场": "市场开拓", "上市": "上市和并购", "认定": "资质和荣誉认定",
    CASE_TOPIC: "不用申报的政策：确认意愿、结果、到账", NOTICE_TOPIC: "部门的活动和服务",
}  # fmt: skip


class SettingsForm(BaseModel):
    """What is ticked, as `channel:topic`, of the channels that the page showed; `every`: one channel and state for all topics.

    `often`: how often, as `topic:frequency`.
    """

    model_config = ConfigDict(extra="forbid")

    channels: list[str] = Field(default_factory=list, max_length=20)
    on: list[str] = Field(default_factory=list, max_length=400)
    every: str = Field(default="", max_length=30)
    often: list[str] = Field(default_factory=list, max_length=40)


@router.get(SETTINGS)
def settings(request: Request, state: Seen = Depends(seen)) -> Response:
    """What one wants to be told on which channel."""
    if not state.viewer.actor:
        return to_sign_in(request)
    return _settings(request, state)


@router.post(SETTINGS)
def save(request: Request, given: Annotated[SettingsForm, Form()], state: Seen = Depends(seen)) -> Response:
    """Record what is new of it."""
    by = own_by(state)
    try:
        give_consent(state.archive, _choices(given, standings(state.archive, by)), by)
    except PolicyMatchError as refusal:
        return _settings(request, state, refusal)
    return RedirectResponse(link(SETTINGS, done="saved"), 303)


def _choices(given: SettingsForm, now: tuple[Standing, ...]) -> list[Choice]:
    """What is said anew: a tick that was not there is a consent, one that is gone ends it."""
    if given.every:
        channel, _, word = given.every.partition(":")
        return [Choice(channel, EVERY_TOPIC, word, HOW)]
    changed = [
        (one, f"{one.channel}:{one.topic}" in given.on)
        for one in now
        if one.channel in given.channels and one.agreed != (f"{one.channel}:{one.topic}" in given.on)
    ]
    words = {True: Consent.GRANTED.value, False: Consent.WITHDRAWN.value}
    said = [Choice(one.channel.value, one.topic, words[wanted], HOW) for one, wanted in changed]
    return [*said, *(_how_often(one) for one in given.often)]


def _how_often(written: str) -> Choice:
    topic, _, word = written.partition(":")
    return Choice(EVERY_CHANNEL, topic, word, HOW)


def _settings(request: Request, state: Seen, refusal: PolicyMatchError | None = None) -> Response:
    by = own_by(state)
    found = standings(state.archive, by)
    switched = {one.channel for one in list_channels(state.archive, ()) if one.is_on} | {Channel.INBOX}
    channels = [channel for channel in Channel if channel in _PERSONAL or channel in switched]
    context = {
        "channels": channels,
        "switched": switched,
        "allowed": {(one.channel, one.topic) for one in found if one.agreed},
        "often": frequencies(state.archive, by),
        "frequency_names": FREQUENCY_NAMES,
        "channel_means": CHANNEL_MEANS,
        "topic_means": TOPIC_MEANS,
        "topics": TOPICS,
        "by_terms": BY_TERMS,
        "case_topic": CASE_TOPIC,
        "consent_text": CONSENT_TEXTS[CONSENT_TEXT],
        "consent_version": CONSENT_TEXT,
    }
    return shown(request, state, "message_settings.html", context, refusal=refusal)
