"""Open the way in through a service elsewhere, such as 政企通, by the settings POLICY_MATCH_OIDC_*."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policy_match.errors import Issue, UsageError
from policy_match.exchange.oidc import Claims, Provider, Registration, check_issuer
from policy_match.lifecycle.table import LifecycleTable
from policy_match.secret import Secret
from policy_match.settings import Settings
from policy_match.workflows.add_account import JOB

_ISSUER, _ROLES = "POLICY_MATCH_OIDC_ISSUER", "POLICY_MATCH_OIDC_ROLES"


@dataclass(frozen=True, slots=True)
class Reading:
    """How claims are read. `roles`: role of each value of the role claim; `strong`: words of `amr` and `acr` that stand for
    a second factor."""

    role_claim: str
    firm_claim: str
    region_claim: str
    roles: Mapping[str, str]
    strong: frozenset[str]

    def told_roles(self, claims: Claims) -> frozenset[str]:
        """The roles that the claims tell of; what the settings do not name is none."""
        return frozenset(self.roles[word] for word in claims.of(self.role_claim) if word in self.roles)

    def is_strong(self, claims: Claims) -> bool:
        """Whether the service asked for a second factor that counts here."""
        return not self.strong.isdisjoint((*claims.of("amr"), *claims.of("acr")))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The way in. `name`: what people call the service; `key`: holds a sign-in under way together, 32 bytes."""

    name: str
    provider: Provider
    reading: Reading
    key: bytes = field(repr=False)


def registration_of(settings: Settings) -> Registration | None:
    """How we are registered; None where nothing is set. UsageError OIDC_SETTINGS for half of it, OIDC_ISSUER."""
    own_secret = "" if settings.oidc_client_secret is None else settings.oidc_client_secret.get_secret_value()
    issuer, client_id = settings.oidc_issuer.strip(), settings.oidc_client_id.strip()
    if not (issuer or client_id or own_secret):
        return None
    parts = {
        _ISSUER: issuer, "POLICY_MATCH_OIDC_CLIENT_ID": client_id, "POLICY_MATCH_OIDC_CLIENT_SECRET": own_secret,
    }  # fmt: skip
    lacking = [name for name, part in parts.items() if not part]
    if lacking:
        what = f"从别处登录只设了一半，缺 {'、'.join(lacking)}"
        raise UsageError(Issue("OIDC_SETTINGS", what, lacking[0], "", "三项一起设，或者都不设"))
    return Registration(check_issuer(issuer, _ISSUER), client_id, own_secret)


def open_elsewhere(settings: Settings, table: LifecycleTable, secret: Secret) -> Elsewhere | None:
    """The way in; None where none is set. UsageError OIDC_SETTINGS for half of one or a role that there is not, OIDC_ISSUER."""
    registration = registration_of(settings)
    if registration is None:
        return None
    reading = Reading(
        settings.oidc_role_claim, settings.oidc_firm_claim, settings.oidc_region_claim,
        _roles(settings.oidc_roles, table), frozenset(_parts(settings.oidc_strong_amr)),
    )  # fmt: skip
    return Elsewhere(settings.oidc_name, Provider(registration), reading, secret.key("oidc-sign-in"))


def _roles(setting: str, table: LifecycleTable) -> Mapping[str, str]:
    """Role by value of the claim, from a JSON object or `value=role,…`; a value stands once."""
    known = [role for role in table.roles if role != JOB]
    found: dict[str, str] = {}
    for value, role in _pairs(setting.strip()):
        if not value or value in found or role not in known:
            what = f"“{value[:40]}={str(role)[:40]}”不对"
            hint = "每个值写一次，对应一个角色，如 legal_person=enterprise"
            raise UsageError(Issue("OIDC_SETTINGS", what, _ROLES, "、".join(known), hint))
        found[value] = role
    return found


def _pairs(setting: str) -> Iterable[tuple[str, str]]:
    if not setting.startswith("{"):
        parts = (part.partition("=") for part in _parts(setting))
        return [(value.strip(), role.strip()) for value, _, role in parts]
    try:
        # Pairs, not a dict: a value that is written twice is to be told.
        read = json.loads(setting, object_pairs_hook=list)
    except ValueError as error:
        hint = '写成 {"legal_person": "enterprise"}，或 legal_person=enterprise'
        raise UsageError(Issue("OIDC_SETTINGS", "不是完整的 JSON", _ROLES, "", hint)) from error
    return [(value, role if isinstance(role, str) else "") for value, role in read]


def _parts(setting: str) -> Iterator[str]:
    return (part.strip() for part in setting.split(",") if part.strip())
