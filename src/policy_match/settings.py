"""Settings from POLICY_MATCH_* and the places of rules and corpus.

In a checkout rules/ and corpus/ are the folders beside src/; in an installed wheel
they lie inside the package.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

LOCAL = ZoneInfo("Asia/Shanghai")
_PACKAGE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """POLICY_MATCH_NOW (ISO 8601) fixes the clock; POLICY_MATCH_RULES and _CORPUS replace the shipped folders.

    POLICY_MATCH_DATABASE_URL: the library, a SQLite file under var/ unless another one or PostgreSQL is named.
    POLICY_MATCH_CACHE: the folder of what can be built anew, such as the search index; only our account may write there.
    POLICY_MATCH_SECRET: the secret of the installation (secret.py); without one SQLite keeps its own in the cache.
    POLICY_MATCH_KEEP_MISSES: whether questions without a sure answer are kept (off), in the same folder.
    POLICY_MATCH_LOOKUPS_PER_MINUTE, _MATCHES_PER_MINUTE, _LOGINS_PER_MINUTE: how often one client may ask; 0 is no limit.
    POLICY_MATCH_TRUSTED_PROXIES: addresses or networks, with commas, whose X-Forwarded-For and -Proto are believed (none).
    POLICY_MATCH_LOG: a line for every request on stderr, as text or JSON (off); faults are told in any case.
    POLICY_MATCH_METRICS: whether /metrics answers; auto: where the service listens on this machine alone, and not through a proxy.
    POLICY_MATCH_WEBHOOK_HOSTS: the hosts, with commas, that subscriptions may name; without any nothing is sent out.
    POLICY_MATCH_OIDC_ISSUER, _OIDC_CLIENT_ID, _OIDC_CLIENT_SECRET: the service elsewhere that signs people in; all or none.
    POLICY_MATCH_OIDC_NAME: what people call it. _OIDC_ROLE_CLAIM, _OIDC_FIRM_CLAIM, _OIDC_REGION_CLAIM: where it says who comes.
    POLICY_MATCH_OIDC_ROLES: role by value of the role claim, as JSON or value=role,…; without any, only linked accounts get in.
    POLICY_MATCH_OIDC_STRONG_AMR: words of amr or acr, with commas, that stand for a second factor (none).
    POLICY_MATCH_PUBLIC_URL: the address before the paths of the pages, for the links in messages; without it there are none.
    POLICY_MATCH_GATEWAY_URL, _GATEWAY_SECRET: where messages to the city's platform go, and the secret that signs them.
    POLICY_MATCH_SMS_URL, _SMS_KEY: the gateway for SMS, and what we are known by there.
    POLICY_MATCH_SMTP_HOST, _SMTP_PORT, _SMTP_TLS, _SMTP_USER, _SMTP_PASSWORD, _SMTP_FROM: the mail server and our address.
    POLICY_MATCH_FILE_DROP: the folder from which another system fetches messages.
    POLICY_MATCH_WECOM_URL, _DINGTALK_URL, _FEISHU_URL: whole addresses of the robots of group chats; _DINGTALK_SECRET, _FEISHU_SECRET.
    A channel whose address is not set cannot be switched on, and one that nobody switched on sends nothing.
    POLICY_MATCH_STOP_SECONDS: how long requests that have begun may take to end once the service is told to stop.
    """

    model_config = SettingsConfigDict(env_prefix="POLICY_MATCH_")

    now: datetime | None = None
    rules: Path | None = None
    corpus: Path | None = None
    database_url: str = "sqlite:///var/policy_match.db"
    cache: Path = Path("var")
    secret: SecretStr | None = None
    keep_misses: bool = False
    log: Literal["off", "plain", "json"] = "off"
    metrics: Literal["auto", "on", "off"] = "auto"
    stop_seconds: int = Field(default=20, ge=1, le=3600)
    lookups_per_minute: int = Field(default=600, ge=0)
    matches_per_minute: int = Field(default=60, ge=0)
    logins_per_minute: int = Field(default=10, ge=0)
    trusted_proxies: str = ""
    webhook_hosts: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_role_claim: str = "roles"
    oidc_firm_claim: str = "uscc"
    oidc_region_claim: str = ""
    oidc_roles: str = ""
    oidc_name: str = "政企通"
    oidc_strong_amr: str = ""
    public_url: str = ""
    gateway_url: str = ""
    gateway_secret: SecretStr | None = None
    sms_url: str = ""
    sms_key: SecretStr | None = None
    smtp_host: str = ""
    smtp_port: int = Field(default=465, ge=1, le=65535)
    smtp_tls: Literal["tls", "starttls", "none"] = "tls"
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_from: str = ""
    file_drop: Path | None = None
    wecom_url: str = ""
    dingtalk_url: str = ""
    dingtalk_secret: SecretStr | None = None
    feishu_url: str = ""
    feishu_secret: SecretStr | None = None

    def instant(self) -> datetime:
        """Now by the injected clock, UTC; a fixed clock without zone is Asia/Shanghai."""
        now = self.now or datetime.now(LOCAL)
        return (now if now.tzinfo else now.replace(tzinfo=LOCAL)).astimezone(UTC)

    def today(self) -> date:
        """Today in Asia/Shanghai by the injected clock."""
        return self.instant().astimezone(LOCAL).date()

    @property
    def rules_dir(self) -> Path:
        """The rule folder in use."""
        return self.rules or _shipped("rules")

    @property
    def corpus_dir(self) -> Path:
        """The corpus folder in use."""
        return self.corpus or _shipped("corpus")


def _shipped(name: str) -> Path:
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parents[1] / name
