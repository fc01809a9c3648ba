"""A message as it goes out on a channel: its text, and the links with which its recipient opens it and ends its topic.

Links stand in it where the installation says under which address its pages are reached (POLICY_MATCH_PUBLIC_URL). An SMS
that would become too long with a link goes without it; a group chat gets none, since a link is one person's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from policy_match.exchange.channels.carrier import Letter
from policy_match.push.words import Channel
from policy_match.store.push_tables import Delivery, Message
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.unsubscribe import read_path, unsubscribe_path

SMS_LONGEST = 201
"""Characters of three parts of a long SMS, 67 each."""
_IN_GROUPS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """`pages`: the address before the paths of the pages, empty where no links are wanted; `at`: when it goes out."""

    archive: Archive
    pages: str
    at: datetime

    def letter(self, message: Message, delivery: Delivery, to: str | None) -> Letter:
        """What goes to the address `to`."""
        links = list(self._links(message, Channel(delivery.channel)))
        body = "\n".join([message.body.rstrip(), *links])
        return Letter(delivery.client_msg_id, to, message.title, body, _short(message.short, links), self.at)

    def _links(self, message: Message, channel: Channel) -> Iterator[str]:
        pages = self.pages.rstrip("/")
        if not pages or channel in _IN_GROUPS:
            return
        yield f"查看：{pages}{read_path(self.archive, message, channel, self.at)}"
        if not message.mandatory:
            yield f"退订：{pages}{unsubscribe_path(self.archive, message, channel)}"


def _short(text: str, links: list[str]) -> str:
    for link in links:
        longer = f"{text} {link}"
        if len(longer) <= SMS_LONGEST:
            text = longer
    return text
