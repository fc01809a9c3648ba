"""Both libraries decided on the days that were asked for, and what each scope sees of them.

Once anything was recorded they are decided anew. Where that takes long, who recorded nothing is answered meanwhile as it
stood before, so that one write does not have every reader wait; who recorded something waits, and sees it.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from threading import Lock, Thread
from typing import TypeAlias, TypeVar

from policy_match.access.scope import NOTHING, Scope
from policy_match.workflows.open_archive import Archive, has_changed_since, last_change
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match.workflows.see_library import public_subjects, see_library

DAYS_KEPT = 4
SCOPES_KEPT = 32
PATIENCE = 0.3
"""Seconds of processor time that deciding may take and everybody still waits for it."""
_Key = TypeVar("_Key")
_Held = TypeVar("_Held")
Sight: TypeAlias = "tuple[str, Scope]"
log = logging.getLogger("policy_match.service")


class Decided:
    """Both libraries of one day as of a change. `seconds`: of processor time that it took. Safe to use from several threads."""

    def __init__(self, archive: Archive, libraries: Libraries, change: int, seconds: float) -> None:
        self.libraries, self.change, self.seconds = libraries, change, seconds
        self._archive = archive
        self._seen: OrderedDict[Sight, Library] = OrderedDict()
        self._asked: set[Sight] = set()
        self._public: frozenset[str] | None = None
        self._public_before: frozenset[str] | None = None
        self._lock, self._making = Lock(), Lock()

    def seen(self, library: Library, scope: Scope) -> Library:
        """One of the libraries as far as a scope goes, made when first asked for; those asked for last are kept."""
        sight = library.name, scope
        with self._lock:
            self._asked.add(sight)
            found = self._seen.get(sight)
            if found is not None:
                self._seen.move_to_end(sight)
        return found or self._made(library, scope)

    def take_over(self, before: Decided) -> None:
        """Keep what was weighed of the subjects of which nothing changed, and who was public."""
        self._public_before = before._public
        named = {library.name: library for library in before.libraries.every}
        for library in self.libraries.every:
            if library.name in named:
                library.weighed.take_over(named[library.name].weighed)

    def prepare(self, before: Decided) -> None:
        """Make what was asked for of an earlier state, so that nobody waits for it."""
        named = {library.name: library for library in self.libraries.every}
        with before._lock:
            asked = [sight for sight in before._seen if sight in before._asked]
        for name, scope in asked:
            if name in named:
                self._made(named[name], scope)

    def _made(self, library: Library, scope: Scope) -> Library:
        sight = library.name, scope
        with self._making:
            found = self._seen.get(sight)
            if found is None:
                permissions = self._archive.permissions
                found = see_library(library, scope, self._public_in(library, scope), permissions)
                with self._lock:
                    _keep(self._seen, sight, found, SCOPES_KEPT)
            return found

    def _public_in(self, library: Library, scope: Scope) -> frozenset[str]:
        if library.is_demo or scope == NOTHING:
            return frozenset()
        if self._public is None:
            with self._archive.database.reading() as session:
                self._public = public_subjects(session, library, self._archive.permissions, self._public_before)
        return self._public


class Days:
    """The libraries of the days asked for last. Safe to use from several threads."""

    def __init__(self, archive: Archive, decide: Callable[[date, Libraries | None], Libraries]) -> None:
        """`decide` is given what it decided of the day before, if that is held."""
        self._archive, self._decide = archive, decide
        self._held: OrderedDict[date, Decided] = OrderedDict()
        self._renewing: set[date] = set()
        self._lock, self._deciding = Lock(), Lock()

    def on(self, day: date, actor: str = "") -> Decided:
        """A day as everything recorded has it; where deciding takes long, at least as what `actor` recorded has it."""
        change = last_change(self._archive)
        held = self.held(day)
        if held is None:
            return self._decided(day, change)
        if held.change >= change:
            return held
        if held.seconds <= PATIENCE or (actor and has_changed_since(self._archive, held.change, actor)):
            return self._decided(day, change)
        self._renew(day, change)
        return held

    def held(self, day: date) -> Decided | None:
        """A day as it was decided last, whatever was recorded since; None if it is not kept."""
        with self._lock:
            found = self._held.get(day)
            if found is not None:
                self._held.move_to_end(day)
            return found

    def _decided(self, day: date, change: int) -> Decided:
        """Decide a day, unless another thread did so meanwhile and saw that change."""
        with self._deciding:
            before = self.held(day)
            if before is not None and before.change >= change:
                return before
            newest, begun = last_change(self._archive), time.thread_time()
            libraries = self._decide(day, None if before is None else before.libraries)
            found = Decided(self._archive, libraries, newest, time.thread_time() - begun)
            if before is not None:
                found.take_over(before)
            if before is not None and found.seconds > PATIENCE:
                found.prepare(before)
            with self._lock:
                _keep(self._held, day, found, DAYS_KEPT)
            return found

    def _renew(self, day: date, change: int) -> None:
        """Decide a day beside the requests, once at a time."""
        with self._lock:
            if day in self._renewing:
                return
            self._renewing.add(day)
        Thread(target=self._renewed, args=(day, change), daemon=True).start()

    def _renewed(self, day: date, change: int) -> None:
        try:
            self._decided(day, change)
        except Exception:
            # Whoever asks next waits for it, and is told why it cannot be had.
            log.exception("libraries could not be decided anew")
            with self._lock:
                self._held.pop(day, None)
        finally:
            with self._lock:
                self._renewing.discard(day)


def _keep(kept: OrderedDict[_Key, _Held], key: _Key, held: _Held, most: int) -> None:
    """Keep something as the one asked for last, and let go what was not asked for longest."""
    kept[key] = held
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
