"""Exactly what of a message goes out on each channel, links included, before it does."""

from __future__ import annotations

from collections.abc import Mapping

from policy_match.push.wording import sms_parts
from policy_match.push.words import CHANNEL_NAMES, Channel
from policy_match.store.push_tables import Delivery
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.show_message import explain_message
from policy_match.workflows.write_entry import By
from policy_match.workflows.write_letter import LetterWriter


def preview_message(archive: Archive, number: int, pages: str, by: By) -> Mapping[str, str]:
    """The text by the name of the channel; `pages`: the address before the paths of the pages, empty for no links.

    NotFound MESSAGE_UNKNOWN, Forbidden PUSH_ROLE.
    """
    message = explain_message(archive, number, by).shown.message
    writer, found = LetterWriter(archive, pages, by.now), {}
    for channel in Channel:
        if channel is Channel.INBOX:
            found[CHANNEL_NAMES[channel]] = f"{message.title}\n{message.body}"
            continue
        letter = writer.letter(message, Delivery(client_msg_id="", channel=channel.value), None)
        is_sms = channel is Channel.SMS
        text = f"{letter.short}\n（{sms_parts(letter.short)} 条）" if is_sms else f"{letter.title}\n{letter.body}"
        found[CHANNEL_NAMES[channel]] = text
    return found
