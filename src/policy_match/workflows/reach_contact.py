"""Where a contact is reached on a channel: phone, e-mail and gateway account lie sealed in their row."""

from __future__ import annotations

from policy_match.errors import Conflict
from policy_match.push.words import Channel
from policy_match.store.push_tables import Contact
from policy_match.workflows.open_archive import Archive

_FIELDS = {Channel.SMS: "phone", Channel.EMAIL: "email", Channel.GATEWAY: "gateway_account"}


def about_contact(row: Contact, field: str) -> str:
    """What a sealed value of a contact is bound to; the row has its number already."""
    return f"contact/{row.id}/{field}"


def address_of(archive: Archive, contact: Contact, channel: str) -> str | None:
    """The address of a contact on a channel; None where it has none there, or the value cannot be opened any more."""
    field = _FIELDS.get(Channel(channel))
    sealed = None if field is None else getattr(contact, field)
    if field is None or sealed is None:
        return None
    try:
        return archive.sealer.open(sealed, about_contact(contact, field))
    except Conflict:
        return None
