"""Switch a channel on or off: an administrator does, and the audit chain tells. On a new installation every one is off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy_match.access.terms import ADMIN
from policy_match.errors import Conflict, Forbidden, Issue, UsageError
from policy_match.push.words import CHANNEL_NAMES, Channel
from policy_match.store import audit, deliveries
from policy_match.store.actors import actor
from policy_match.store.push_tables import ChannelSwitch
from policy_match.workflows.administer import require_real
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_channels import NEEDS
from policy_match.workflows.write_entry import By

SWITCHED = [channel for channel in Channel if channel is not Channel.INBOX]


@dataclass(frozen=True, slots=True)
class Switch:
    """How a channel stands. `is_set`: whether the installation has an address for it; `by`, `at`: the last switch."""

    channel: Channel
    is_on: bool
    is_set: bool
    by: str | None
    at: datetime | None


def switch_channel(archive: Archive, written: str, is_on: bool, by: By, *, there: Collection[Channel]) -> Channel:
    """Switch a channel, by code or name. `there`: the channels that have an address.

    UsageError CHANNEL, CHANNEL_UNSET; Conflict CHANNEL_SAME; NotFound ACTOR_UNKNOWN; Forbidden CHANNEL_ADMIN, DEMO_ADMIN.
    """
    channel = channel_of(written)
    with noting_forbidden(archive, "channel.switch", channel, by.actor, by.now), archive.database.writing() as session:
        who = actor(session, by.actor, by.today)
        if who.role != ADMIN:
            what = f"“{who.name}”不开通、关闭渠道"
            raise Forbidden(Issue("CHANNEL_ADMIN", what, "--by", "系统管理员", "请系统管理员办理"))
        require_real(session, who, channel)
        if is_on and channel not in there:
            needed = "、".join(f"POLICY_MATCH_{name}" for name in NEEDS[channel])
            what = f"“{CHANNEL_NAMES[channel]}”还没有设置地址"
            raise UsageError(Issue("CHANNEL_UNSET", what, channel, needed, "先设好这些环境变量，再开通"))
        if deliveries.is_on(session, channel) == is_on:
            what = f"“{CHANNEL_NAMES[channel]}”已经{'开通' if is_on else '关闭'}"
            raise Conflict(Issue("CHANNEL_SAME", what, channel))
        deliveries.add_switch(session, ChannelSwitch(channel=channel, is_on=is_on, actor_id=who.id, at=by.now))
        action = "channel.on" if is_on else "channel.off"
        audit.record(session, who, action, object_kind="channel", object_id=channel, at=by.now)
    return channel


def channel_of(written: str) -> Channel:
    """A channel that can be switched, by code or name; UsageError CHANNEL."""
    for channel in SWITCHED:
        if written.strip() in (channel.value, CHANNEL_NAMES[channel]):
            return channel
    allowed = "、".join(f"{channel} {CHANNEL_NAMES[channel]}" for channel in SWITCHED)
    raise UsageError(Issue("CHANNEL", f"没有渠道“{written[:20]}”", "渠道", allowed, "改用列出的"))


def list_channels(archive: Archive, there: Collection[Channel]) -> Sequence[Switch]:
    """How every channel stands."""
    found = []
    with archive.database.reading() as session:
        for channel in SWITCHED:
            last = deliveries.last_switch(session, channel)
            by, at = (None, None) if last is None else (last.actor_id, last.at)
            found.append(Switch(channel, last is not None and last.is_on, channel in there, by, at))
    return found
