"""What the service holds while it runs: settings, the archive, and both libraries decided on the days that were asked for."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock

from fastapi import Request

from policy_match.eligibility.rulebook import Rulebook
from policy_match.settings import Settings
from policy_match.workflows.open_archive import Archive, last_change
from policy_match.workflows.open_libraries import Libraries, open_libraries

DAYS_KEPT = 4


class Opened:
    """Libraries by day, read anew once anything was recorded since. Safe to use from several threads."""

    def __init__(self, archive: Archive, rulebook: Rulebook, settings: Settings, *, demo: bool = True) -> None:
        self.archive, self.settings = archive, settings
        self._rulebook, self._demo = rulebook, demo
        self._days: OrderedDict[date, Libraries] = OrderedDict()
        self._change = last_change(archive)
        self._lock = Lock()

    def today(self) -> Libraries:
        """Decided today, in Asia/Shanghai: a service that runs over midnight decides anew."""
        return self.on(self.settings.today())

    def on(self, day: date) -> Libraries:
        """Decided on a day; the days asked for last are kept until something is recorded."""
        with self._lock:
            change = last_change(self.archive)
            if change != self._change:
                self._days.clear()
                self._change = change
            found = self._days.pop(day, None) or self._decided(day)
            self._days[day] = found
            if len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)
            return found

    def _decided(self, day: date) -> Libraries:
        return open_libraries(self.archive, self._rulebook, day, self.settings.instant(), demo=self._demo)


def opened(request: Request) -> Opened:
    """The state of the running service."""
    state = request.app.state.opened
    if not isinstance(state, Opened):
        raise TypeError(type(state).__name__)
    return state
