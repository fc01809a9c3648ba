"""Figures for Prometheus: requests, how long they take, what runs, how far the database has come; no id of anything.

Labels are the templates of our addresses, methods, classes of status and names of libraries, so that their number is bounded.
Several worker processes keep their counts in files of one folder (PROMETHEUS_MULTIPROC_DIR, set by serve.py), which
whichever of them is asked adds up.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from policy_match.store.database import Database
from policy_match.workflows.watch_store import watch_store

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one service. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        own = CollectorRegistry()
        self._folder = os.environ.get(FOLDER)
        self._requests = Counter(
            "policy_match_requests", "Requests that ended.", ("route", "method", "status"), registry=own
        )
        self._seconds = Histogram(
            "policy_match_request_seconds", "How long requests took.", ("route",), registry=own, buckets=_SECONDS
        )
        self._running = Gauge(
            "policy_match_requests_in_flight", "Requests that run now.", registry=own, multiprocess_mode="livesum"
        )
        self._memory = Gauge(
            "policy_match_memory_bytes", "Memory in use, all processes.", registry=own, multiprocess_mode="livesum"
        )
        self._shown = CollectorRegistry() if self._folder else own
        if self._folder:
            MultiProcessCollector(self._shown, self._folder)  # type: ignore[no-untyped-call]
        self._shown.register(_Store(database))

    def begin(self) -> None:
        """A request has come."""
        self._running.inc()

    def end(self, method: str, route: str, status: int | None, seconds: float) -> None:
        """A request has ended; `status` None: nothing was sent."""
        self._running.dec()
        self._requests.labels(route, method, "none" if status is None else f"{status // 100}xx").inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        self._memory.set(memory())
        if self._folder:
            _forget_dead(Path(self._folder))
        return generate_latest(self._shown)


class _Store(Collector):
    """Asked when somebody asks us: so that the figures are those of the database and not of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[Metric]:
        yield from ()

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("policy_match_database_up", "Whether the database can be read.")
        try:
            watched = watch_store(self._database)
        except SQLAlchemyError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        yield GaugeMetricFamily("policy_match_last_change", "Newest audit row.", value=watched.last_change)
        subjects = GaugeMetricFamily("policy_match_subjects", "Subjects of a library.", labels=("library", "kind"))
        for labels, count in watched.subjects.items():
            subjects.add_metric(labels, count)
        yield subjects


def memory() -> int:
    """Bytes of this process that stand in memory."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * resource.getpagesize()


def _forget_dead(folder: Path) -> None:
    """Leave out what processes that are no more had in flight; what they counted stays counted."""
    for path in folder.glob("gauge_livesum_*.db"):
        process = int(path.stem.rpartition("_")[2])
        if not Path(f"/proc/{process}").exists():
            mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]
