"""Settings from POLICY_MATCH_* and the places of rules and corpus.

In a checkout rules/ and corpus/ are the folders beside src/; in an installed wheel
they lie inside the package.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic_settings import BaseSettings, SettingsConfigDict

LOCAL = ZoneInfo("Asia/Shanghai")
_PACKAGE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """POLICY_MATCH_NOW (ISO 8601) fixes the clock; POLICY_MATCH_RULES and _CORPUS replace the shipped folders.

    POLICY_MATCH_DATABASE_URL: the library, a SQLite file under var/ unless another one or PostgreSQL is named.
    POLICY_MATCH_CACHE: the folder of what can be built anew, such as the search index; only our account may write there.
    POLICY_MATCH_KEEP_MISSES: whether questions without a sure answer are kept (off), in the same folder.
    """

    model_config = SettingsConfigDict(env_prefix="POLICY_MATCH_")

    now: datetime | None = None
    rules: Path | None = None
    corpus: Path | None = None
    database_url: str = "sqlite:///var/policy_match.db"
    cache: Path = Path("var")
    keep_misses: bool = False

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
