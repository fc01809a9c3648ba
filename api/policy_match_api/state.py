"""What the service holds while it runs: settings, and both libraries decided on the days that were asked for."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock

from fastapi import Request

from policy_match.settings import Settings
from policy_match.workflows.open_libraries import Libraries

DAYS_KEPT = 4


class Opened:
    """Libraries by day; rules and subjects are read once, at the start. Safe to use from several threads."""

    def __init__(self, libraries: Libraries, settings: Settings) -> None:
        self.settings = settings
        self._first = libraries
        self._days: OrderedDict[date, Libraries] = OrderedDict({libraries.as_of: libraries})
        self._lock = Lock()

    def today(self) -> Libraries:
        """Decided today, in Asia/Shanghai: a service that runs over midnight decides anew."""
        return self.on(self.settings.today())

    def on(self, day: date) -> Libraries:
        """Decided on a day; the days asked for last are kept."""
        with self._lock:
            found = self._days.pop(day, None) or self._first.on(day)
            self._days[day] = found
            if len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)
            return found


def opened(request: Request) -> Opened:
    """The state of the running service."""
    state = request.app.state.opened
    if not isinstance(state, Opened):
        raise TypeError(type(state).__name__)
    return state
