"""The closed sets of the push: triggers, what a message is, channels, states. Domain specification §6."""

from __future__ import annotations

from enum import StrEnum
from typing import get_args

from policy_match.eligibility.schema_words import Family


class Trigger(StrEnum):
    """Why a pair or a case was looked at again."""

    NEW_MEASURE = "TR1"
    MEASURE_CHANGED = "TR2"
    POINT = "TR3"
    FACT = "TR4"
    DEADLINE = "TR5"
    DECIDABLE = "TR6"
    TIME = "TR7"
    CASE = "TR8"
    SENDER = "TR9"
    EXCLUSION = "TR10"


TRIGGER_NAMES = {
    Trigger.NEW_MEASURE: "新政策生效",
    Trigger.MEASURE_CHANGED: "政策有变化",
    Trigger.POINT: "项目到了新的阶段",
    Trigger.FACT: "数据有变化",
    Trigger.DEADLINE: "申报期将止",
    Trigger.DECIDABLE: "补齐了缺少的数据",
    Trigger.TIME: "时间满足了条件",
    Trigger.CASE: "免申即享办理",
    Trigger.SENDER: "部门通知",
    Trigger.EXCLUSION: "资格状态有变化",
}


class Content(StrEnum):
    """What a message is about: with recipient, subject and measure it tells whether the same was said before."""

    MATCH = "match"
    UPDATE = "update"
    RECALL = "recall"
    DEADLINE = "deadline"
    CASE = "case"
    NOTICE = "notice"
    EXCLUSION = "exclusion"
    DIGEST = "digest"


CONTENT_NAMES = {
    Content.MATCH: "可享政策",
    Content.UPDATE: "政策更新",
    Content.RECALL: "更正通知",
    Content.DEADLINE: "截止提醒",
    Content.CASE: "免申即享",
    Content.NOTICE: "部门通知",
    Content.EXCLUSION: "资格提示",
    Content.DIGEST: "汇总",
}


class Channel(StrEnum):
    """How a message goes. `inbox` stays in the house; every other one sends nothing until somebody switches it on."""

    INBOX = "inbox"
    GATEWAY = "gateway"
    SMS = "sms"
    EMAIL = "email"
    FILE = "file"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


CHANNEL_NAMES = {
    Channel.INBOX: "站内消息",
    Channel.GATEWAY: "政企通",
    Channel.SMS: "短信",
    Channel.EMAIL: "电子邮件",
    Channel.FILE: "文件交换",
    Channel.WECOM: "企业微信",
    Channel.DINGTALK: "钉钉",
    Channel.FEISHU: "飞书",
}


class MessageState(StrEnum):
    """How far a message is. `held`: somebody has to let it go; `waiting`: for the next digest; `out`: its deliveries tell."""

    HELD = "held"
    WAITING = "waiting"
    OUT = "out"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


MESSAGE_STATE_NAMES = {
    MessageState.HELD: "等人放行",
    MessageState.WAITING: "等下次汇总",
    MessageState.OUT: "已交发送",
    MessageState.SUPPRESSED: "不发",
    MessageState.EXPIRED: "已过期，不发",
    MessageState.CANCELLED: "已取消",
    MessageState.RECALLED: "已更正",
}


class DeliveryState(StrEnum):
    """How far one message is on one channel (§6.6). `retry`: failed for now; `unknown`: sent, perhaps taken, no answer."""

    PENDING = "pending"
    HELD = "held"
    SENDING = "sending"
    RETRY = "retry"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    ACKED = "acked"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RECALLED = "recalled"


DELIVERY_STATE_NAMES = {
    DeliveryState.PENDING: "待发",
    DeliveryState.HELD: "到时再发",
    DeliveryState.SENDING: "正在发",
    DeliveryState.RETRY: "等待重试",
    DeliveryState.UNKNOWN: "不知是否送达",
    DeliveryState.SENT: "已发出",
    DeliveryState.DELIVERED: "已送达",
    DeliveryState.READ: "已读",
    DeliveryState.ACKED: "已回应",
    DeliveryState.FAILED: "发送失败",
    DeliveryState.SUPPRESSED: "不发",
    DeliveryState.EXPIRED: "已过期，不发",
    DeliveryState.CANCELLED: "已取消",
    DeliveryState.RECALLED: "已更正",
}


class Withheld(StrEnum):
    """Why something is not sent."""

    CONSENT = "consent"
    DUPLICATE = "duplicate"
    CAP = "cap"
    SIDE_STATE = "side_state"
    CONTACT_LEFT = "contact_left"
    CHANNEL_OFF = "channel_off"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    WEEKLY = "weekly"


WITHHELD_NAMES = {
    Withheld.CONSENT: "没有同意或已退订",
    Withheld.DUPLICATE: "同样的内容不久前发过",
    Withheld.CAP: "超过每天或每周的条数，并入汇总",
    Withheld.SIDE_STATE: "项目已暂停、终止或合并",
    Withheld.CONTACT_LEFT: "联系人已不代表企业",
    Withheld.CHANNEL_OFF: "渠道没有开通",
    Withheld.DISMISSED: "收件人已去掉这一条",
    Withheld.WITHDRAWN: "依据已撤回",
    Withheld.WEEKLY: "收件人选了每周汇总",
}


class Reply(StrEnum):
    """What a firm answers to a message (§6.7)."""

    SEEN = "seen"
    INTERESTED = "interested"
    HELP = "help"
    NOT_FOR_US = "not_for_us"
    WRONG_FACTS = "wrong_facts"


REPLY_NAMES = {
    Reply.SEEN: "已知悉",
    Reply.INTERESTED: "有意申请",
    Reply.HELP: "需要帮助",
    Reply.NOT_FOR_US: "不适用",
    Reply.WRONG_FACTS: "数据更正",
}


class Consent(StrEnum):
    """What a contact said of a channel and a topic."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class Frequency(StrEnum):
    """How often somebody wants to be told of a topic; who said nothing is told daily."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


FREQUENCY_NAMES = {Frequency.DAILY: "每天汇总", Frequency.WEEKLY: "每周汇总", Frequency.OFF: "不收"}


class ContactRole(StrEnum):
    """In which quality somebody speaks for a firm."""

    HANDLER = "handler"
    LEGAL = "legal"


CONTACT_ROLE_NAMES = {ContactRole.HANDLER: "经办人", ContactRole.LEGAL: "法定代表人"}

CONSENT_NAMES = {Consent.GRANTED: "同意", Consent.DENIED: "不同意", Consent.WITHDRAWN: "已退订"}


EVERY_CHANNEL = "*"
"""In a consent: of all channels; what is said of them is a `Frequency`."""
EVERY_TOPIC = "*"
"""In a consent: of all topics. A topic is the family of a measure (奖补, 税收 …), `CASE_TOPIC` or `NOTICE_TOPIC`."""
CASE_TOPIC, NOTICE_TOPIC = "免申即享", "部门通知"
TOPICS = (*get_args(Family), CASE_TOPIC, NOTICE_TOPIC)
"""Every topic, in the order in which people choose among them."""


class Asked(StrEnum):
    """What messages and their answers ask of people, as codes of doubts (store/doubts.py)."""

    HELP_ASKED = "HELP_ASKED"
    NOT_FOR_US = "NOT_FOR_US"
    CALL_FIRM = "CALL_FIRM"
    CONTACT_MISSING = "CONTACT_MISSING"


ASKED_NAMES = {
    Asked.HELP_ASKED: "企业需要帮助",
    Asked.NOT_FOR_US: "企业说不适用",
    Asked.CALL_FIRM: "电话联系企业",
    Asked.CONTACT_MISSING: "补充联系人",
}
