"""Clients of the service as somebody: signed in, with a fresh code or without, or with a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from starlette.testclient import TestClient

from policy_match.access.tokens import hash_of, new_key
from policy_match.store.account_tables import Account, ApiKey
from policy_match.store.tables import Actor
from policy_match.workflows.begin_session import begin_session
from policy_match.workflows.open_archive import Archive
from policy_match_api.who import COOKIE

FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Door:
    """The service and its archive."""

    client: TestClient
    archive: Archive

    @classmethod
    def of(cls, client: TestClient) -> Door:
        """The door of a client."""
        opened = client.app.state.opened  # type: ignore[attr-defined]
        return cls(client, opened.archive)

    @property
    def now(self) -> datetime:
        """The instant of the service's clock."""
        found: datetime = self.client.app.state.opened.settings.instant()  # type: ignore[attr-defined]
        return found

    def signed_in(self, actor: str, *, strong: bool = False) -> TestClient:
        """A client with the session of an actor that is in office."""
        with self.archive.database.writing() as session:
            account = session.get(Account, actor)
            if account is None:
                account = Account(
                    actor_id=actor, login=actor, must_change=False, failed=[], totp_confirmed=False, is_demo=False,
                    made_at=self.now,
                )  # fmt: skip
                session.add(account)
                session.flush()
            token = begin_session(session, account, self.now, strong=strong, client="test").token
        return TestClient(self.client.app, cookies={COOKIE: token})

    def with_key(self, actor: str, scopes: list[str], library: str = "real", **more: object) -> TestClient:
        """A client with a key of an actor."""
        key_id, key = new_key()
        with self.archive.database.writing() as session:
            session.add(
                ApiKey(
                    id=key_id, key_hash=hash_of(key), actor_id=actor, name="test", scopes=scopes, library=library,
                    made_at=self.now, made_by="admin", ends_on=date(2099, 1, 1), **more,
                )
            )  # fmt: skip
        return TestClient(self.client.app, headers={"Authorization": f"Bearer {key}"})

    def add_actor(self, actor: str, role: str, *, region: str | None = None, firm: str | None = None) -> str:
        """Somebody in office who was not there."""
        with self.archive.database.writing() as session:
            if session.get(Actor, actor) is None:
                session.add(Actor(id=actor, name=actor, role=role, region=region, firm=firm, valid_from=FIRST_DAY))
        return actor
