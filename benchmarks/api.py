"""The whole API against its own description, with Schemathesis: what the document says is what is answered.

`make campaign NAME=api` sends some hundred requests an operation; `make test` does it with a few. No answer is 5xx; status,
content type and body are as declared; what the description rules out is refused. A text that is allowed by its type
may still be refused as no date or no measure, with 400: the description does not repeat the library.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from policy_match.settings import Settings
from policy_match_api.app import create_app

SEED = 20261129
EXAMPLES = 300
REFUSED = ["2xx", "3xx", "400", "401", "403", "404", "409", "413", "422", "429"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a run sent and found; `failures`: each with the operation and the request, the same fault of an operation once."""

    operations: int
    requests: int
    statuses: dict[int, int]
    failures: tuple[str, ...]
    seconds: float


def main() -> tuple[int, list[str]]:
    """Run at full size; the exit code is 1 if anything was found."""
    with TemporaryDirectory() as folder:
        tried = run(app_in(Path(folder)), EXAMPLES)
    statuses = "、".join(f"{status}: {count:,}" for status, count in tried.statuses.items())
    lines = [
        f"- seed {SEED}; {tried.operations} operations, {tried.requests:,} requests, {tried.seconds / 60:.0f} minutes",
        f"- answers by status: {statuses}",
        f"- checks failed: {len(tried.failures)}",
        *(f"  - {failure.splitlines()[0]}" for failure in tried.failures),
    ]
    print("\n\n".join(tried.failures), file=sys.stderr)
    return int(bool(tried.failures)), lines


def app_in(folder: Path) -> FastAPI:
    """The service over the shipped libraries on a fixed day, with an archive of its own and no limit of requests."""
    return create_app(
        Settings(
            now=datetime(2026, 3, 10, 9, 0),
            database_url=f"sqlite:///{folder / 'library.db'}",
            lookups_per_minute=0,
            matches_per_minute=0,
            logins_per_minute=0,
        )
    )


def run(app: FastAPI, examples: int, key: str | None = None, *, edges: bool = True) -> Tried:
    """Every operation with `examples` requests that fit the description and as many that do not, and with every edge case
    where `edges`; by the holder of a key, else by a visitor."""
    started = time.monotonic()
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=_config(examples, key, edges=edges))
    labels: set[str] = set()
    statuses: Counter[int] = Counter()
    failures: dict[tuple[str, str], str] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures[str(event), ""] = str(getattr(event, "value", event))
        if not isinstance(event, events.ScenarioFinished):
            continue
        labels.add(event.label or "")
        statuses.update(one.response.status_code for one in event.recorder.interactions.values() if one.response)
        for case, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    told = f"{event.label}: {failure.title}\n{failure.message}\n{check.failure_info.code_sample}"
                    failures.setdefault((event.label or case, failure.title), told)
    return Tried(
        len(labels),
        statuses.total(),
        dict(sorted(statuses.items())),
        tuple(failures.values()),
        time.monotonic() - started,
    )


def _config(examples: int, key: str | None, *, edges: bool) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "headers": {} if key is None else {"Authorization": f"Bearer {key}"},
            "seed": SEED,
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED}},
            "phases": {"stateful": {"enabled": False}, "coverage": {"enabled": edges}},
        }
    )
