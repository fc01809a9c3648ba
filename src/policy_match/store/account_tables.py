"""The tables of signing in: accounts, sessions, keys for programs, delegations, and identities from elsewhere.

Of passwords, tokens and keys only hashes are kept, of a second factor the sealed secret. Instants are UTC, days local.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class Account(Base):
    """The log-in of one actor. `login`: folded (access/passwords.py). `password_hash`: None signs in from elsewhere only.

    `failed`: instants of the wrong tries that still count, ISO 8601. `totp_last_step`: the step of the last code that was
    used. `totp_confirmed`: a code has shown that the authenticator has the secret; until then it asks for nothing.
    """

    __tablename__ = "accounts"

    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"), primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    password_set_at: Mapped[datetime | None] = mapped_column(Instant)
    must_change: Mapped[bool]
    failed: Mapped[list[str]] = mapped_column(JSON)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_confirmed: Mapped[bool]
    totp_last_step: Mapped[int | None]
    is_demo: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class SessionRow(Base):
    """Somebody signed in. `ends_at`: the latest end; an earlier one follows from `last_seen_at`.

    `second_factor_at`: when a code was last given. `for_actor_id`: for whom it acts by a delegation. `client`: where from.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "actor_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    second_factor_at: Mapped[datetime | None] = mapped_column(Instant)
    for_actor_id: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    client: Mapped[str] = mapped_column(String(200))


class ApiKey(Base):
    """A key by which a program acts as an actor, in one library, through `ends_on` (local day, included).

    `id` is public, `key_hash` of the whole key. `fixed_now`: its clock, for keys of tests alone. `last_used_on`: noted
    once a day.
    """

    __tablename__ = "api_keys"
    __table_args__ = (Index(None, "actor_id"),)

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    name: Mapped[str] = mapped_column(String(60))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    library: Mapped[str] = mapped_column(String(10))
    fixed_now: Mapped[datetime | None] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    ends_on: Mapped[date]
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_on: Mapped[date | None]


class Delegation(Base):
    """Somebody acts for somebody else of the same role, area and firm, from `since` through `through` (local days)."""

    __tablename__ = "delegations"
    __table_args__ = (Index(None, "from_actor"), Index(None, "to_actor"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    from_actor: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    to_actor: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    since: Mapped[date]
    through: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)


class Identity(Base):
    """Who an actor is at another service that signs people in: its `issuer` and its name for the person."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index(None, "actor_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    linked_at: Mapped[datetime] = mapped_column(Instant)
