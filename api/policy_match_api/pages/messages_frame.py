"""What the pages of messages have in common: who asks, their tabs, what was done or refused, and the words of all of them."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from policy_match.access.permissions import Reach, Right
from policy_match.access.scope import FIRM
from policy_match.access.viewer import Means
from policy_match.errors import Forbidden, Issue, PolicyMatchError
from policy_match.push.words import (
    CHANNEL_NAMES,
    CONTENT_NAMES,
    DELIVERY_STATE_NAMES,
    MESSAGE_STATE_NAMES,
    REPLY_NAMES,
    TRIGGER_NAMES,
    WITHHELD_NAMES,
    Reply,
)
from policy_match.workflows.at_review import local_minute
from policy_match.workflows.library_names import REAL
from policy_match.workflows.push_rights import LINKS_SYSTEMS, PUSH
from policy_match.workflows.write_entry import By
from policy_match_api.error_codes import status_of
from policy_match_api.pages.projects import head_of
from policy_match_api.pages.render import page
from policy_match_api.seen import Seen

PLACE, SETTINGS, SENT, NOTICE = "/messages", "/messages/settings", "/messages/sent", "/messages/notice"
HELD, QUEUE, FIGURES = f"{SENT}/held", f"{SENT}/queue", f"{SENT}/figures"
DONE = {
    Reply.SEEN.value: "已记下：已知悉。",
    Reply.INTERESTED.value: "已记下：有意申请。它不代替申报，申报仍按政策写明的办法。",
    Reply.HELP.value: "已转有关单位，会有人联系您。",
    Reply.NOT_FOR_US.value: "已记下：不适用。原因已转审核的单位。",
    Reply.WRONG_FACTS.value: "已收到，由来源单位核对；核对以前数据和结论不变。",
    "dismissed": "已去掉，不再提醒。原因已转审核的单位。",
    "release": "已放行，马上发出。",
    "cancel": "已停发。",
    "retry": "已放回队列，下一轮发送。",
    "notice": "已登记，下一轮发送；比平常多得多的，等人放行。",
    "saved": "已保存，马上生效；已经排队还没发的也按新的设置。",
}
# The workflows speak to the command line; these are the same things on a page.
_WORDS = {
    "用 push list 查编号": "从消息列表进入", "用 push held list 查看": "回到“等人放行”重新查看", "用 push queue 查看": "回到发送队列重新查看",
    "确认没有收到的加 --again": "确认没有收到的勾选“对方没有收到，照样重发”", "--note": "说明", "--reason": "原因", "--fact": "哪项数据",
    "--people": "人数", "--seen": "看到的条数", "--title": "标题", "--text": "正文", "--sender": "发送单位", "--measure": "措施",
    "--channel": "渠道", "--topic": "主题", "--state": "选择", "--by": "经办人",
}  # fmt: skip
_NAMES: Mapping[str, object] = {
    "reply_names": REPLY_NAMES,
    "channel_names": CHANNEL_NAMES,
    "content_names": CONTENT_NAMES,
    "delivery_names": DELIVERY_STATE_NAMES,
    "state_names": MESSAGE_STATE_NAMES,
    "trigger_names": TRIGGER_NAMES,
    "withheld_names": WITHHELD_NAMES,
}


def own_by(state: Seen) -> By:
    """Who asks for his own; Forbidden PERMISSION for whoever is not signed in."""
    if state.viewer.means is not Means.SESSION:
        raise Forbidden(Issue("PERMISSION", f"“{state.viewer.name}”没有自己的消息", PUSH, "", "请先登录"))
    return By(state.viewer.library or REAL, state.viewer.actor, state.now)


def office_by(state: Seen, right: Right = Right.READ) -> By:
    """An office that sees what was sent; Forbidden PERMISSION for a firm, whose inbox is all that is for it."""
    state.require(PUSH, right)
    if state.viewer.role == FIRM:
        what = f"“{state.viewer.name}”只看自己收到的消息"
        raise Forbidden(Issue("PERMISSION", what, PUSH, "", "从“消息”进入"))
    return own_by(state)


def may_write_notices(state: Seen) -> bool:
    """Whether somebody is of an office that tells firms things of its own."""
    return state.may(PUSH, Right.WRITE) is not None and state.viewer.role not in (FIRM, LINKS_SYSTEMS)


def in_words(text: str) -> str:
    """What a workflow says to the command line, as it reads on a page."""
    for written, word in _WORDS.items():
        text = text.replace(written, word)
    return text


def shown(
    request: Request,
    state: Seen,
    template: str,
    context: Mapping[str, object],
    *,
    refusal: PolicyMatchError | None = None,
) -> Response:
    """A page of messages with its tabs, what was done and what was refused, and the words that all of them use."""
    library = state.library(state.viewer.library or REAL)
    issue = None if refusal is None else refusal.issues[0]
    head = {
        **head_of(library),
        "tabs": _tabs(state),
        "said": DONE.get(request.query_params.get("done", ""), "") if issue is None else "",
        "issue": issue,
        "in_words": in_words,
        "minute": local_minute,
        **_NAMES,
    }
    status = 200 if refusal is None else status_of(refusal.issues[0].code, refusal)
    return page(request, template, {**head, **context}, status)


def _tabs(state: Seen) -> list[tuple[str, str]]:
    """The pages that the viewer may see: address and name."""
    reach = None if state.viewer.role == FIRM else state.may(PUSH)
    every = (
        (PLACE, "收到的", True),
        (SETTINGS, "订阅设置", True),
        (SENT, "发出的", reach is not None),
        (HELD, "等人放行", reach is not None and state.may("reviews") is not None),
        (QUEUE, "发送队列", reach is Reach.ALL),
        (FIGURES, "效果统计", reach is not None),
        (NOTICE, "发通知", may_write_notices(state)),
    )
    return [(address, name) for address, name, is_theirs in every if is_theirs]
