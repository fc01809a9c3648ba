"""Robots of group chats: WeCom (企业微信), DingTalk (钉钉), Feishu (飞书). Everybody in the group reads what they say.

The address is the whole one that the group shows, or that of the own installation of the chat. DingTalk and Feishu sign with
HMAC-SHA256 over time and secret, each in its own way. None can be asked later, and none knows a message that comes twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote_plus

import orjson

from policy_match.exchange.channels.carrier import Letter
from policy_match.exchange.channels.http_call import Answer, Call, called, outcome_of
from policy_match.push.delivery import Outcome, Taken
from policy_match.push.words import Channel

Body = Mapping[str, "str | Mapping[str, str]"]


@dataclass(frozen=True, slots=True)
class Robot:
    """`channel`: whose form it speaks; `secret`: empty where the group wants no signature."""

    channel: Channel
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    is_repeatable: bool = False

    def send(self, letter: Letter) -> Outcome:
        """Say it in the group."""
        url, body = _FORMS[self.channel](self, letter)
        answer = called(Call("POST", url, {"content-type": "application/json"}, orjson.dumps(body)))
        return _meaning(answer)

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """Nobody can tell."""
        return Outcome(Taken.PERHAPS, "群机器人不能查询，不知道是否发出")


def _wecom(robot: Robot, letter: Letter) -> tuple[str, Body]:
    return robot.url, {"msgtype": "text", "text": {"content": _text(letter)}}


def _dingtalk(robot: Robot, letter: Letter) -> tuple[str, Body]:
    """The signature is of milliseconds and secret by the secret, and goes in the address."""
    url, moment = robot.url, str(int(letter.at.timestamp() * 1000))
    if robot.secret:
        sign = _base64_hmac(robot.secret, f"{moment}\n{robot.secret}")
        url += f"{'&' if '?' in url else '?'}timestamp={moment}&sign={quote_plus(sign)}"
    return url, {"msgtype": "text", "text": {"content": _text(letter)}}


def _feishu(robot: Robot, letter: Letter) -> tuple[str, Body]:
    """The signature is of nothing by seconds and secret, and goes in the body."""
    body: dict[str, str | Mapping[str, str]] = {"msg_type": "text", "content": {"text": _text(letter)}}
    if robot.secret:
        moment = str(int(letter.at.timestamp()))
        body |= {"timestamp": moment, "sign": _base64_hmac(f"{moment}\n{robot.secret}", "")}
    return robot.url, body


_FORMS: dict[Channel, Callable[[Robot, Letter], tuple[str, Body]]] = {
    Channel.WECOM: _wecom,
    Channel.DINGTALK: _dingtalk,
    Channel.FEISHU: _feishu,
}


def _text(letter: Letter) -> str:
    return f"{letter.title}\n{letter.body}"


def _base64_hmac(key: str, said: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()).decode()


def _meaning(answer: Answer) -> Outcome:
    """They answer 200 whatever happens; the code in the body tells. Only 0 is yes, and most others pass: too often, busy."""
    outcome = outcome_of(answer)
    if outcome.taken is not Taken.YES:
        return outcome
    code = _code(answer.body)
    if code is None:
        return Outcome(Taken.PERHAPS, "机器人的回答看不懂，不知道是否发出", answer.status)
    if code == 0:
        return outcome
    return Outcome(Taken.NOT_NOW, f"机器人现在不发（代码 {code}）", answer.status)


def _code(body: bytes) -> int | None:
    """`errcode` of WeCom and DingTalk, `code` of Feishu, `StatusCode` of its older form."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    found = [told[name] for name in ("errcode", "code", "StatusCode") if name in told] if isinstance(told, dict) else []
    return found[0] if found and isinstance(found[0], int) else None
