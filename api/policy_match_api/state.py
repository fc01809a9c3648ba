"""What the service holds while it runs: settings, the archive, and both libraries decided on the days that were asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from threading import Lock

from fastapi import Request

from policy_match.access.viewer import Viewer
from policy_match.eligibility.decide import Batch
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, RuleError, UsageError
from policy_match.facts.subjects import Subject
from policy_match.settings import Settings
from policy_match.text.answer import Answer
from policy_match.text.index import SearchIndex
from policy_match.workflows.classify_text import Classified, Models, open_models
from policy_match.workflows.library_names import REAL
from policy_match.workflows.note_miss import note_miss
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_index import cached_index, open_index
from policy_match.workflows.open_libraries import Libraries, Library, open_libraries
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.open_release import OpenRelease, deciding_rulebook
from policy_match.workflows.order_by_text import order_by_text
from policy_match.workflows.read_records import View
from policy_match.workflows.see_library import scope_in
from policy_match.workflows.suggest_industry import suggested_industry
from policy_match_api.decided import Days, Decided

log = logging.getLogger("policy_match.service")


class Opened:
    """Libraries by day, read anew once anything was recorded since. Safe to use from several threads."""

    def __init__(self, archive: Archive, settings: Settings, *, own: Rulebook | None = None, demo: bool = True) -> None:
        """`own`: the rulebook of the program's folder, if it was read already (`deciding_rulebook`)."""
        self.archive, self.settings = archive, settings
        self._own, self._demo = own, demo
        self._days = Days(archive, self._decided)
        release = self.release(settings.today())
        # Frozen when the service starts: orders do not change because somebody searched.
        self._index = cached_index(release.rulebook, settings.corpus_dir, settings.cache)
        self._index_of = release.release
        self._models: Models | None = None
        self._batch: tuple[Rulebook, Batch] | None = None
        self.had_demo = False
        self._opening = Lock()
        self.ordering = order_by_text(open_ordering(archive.rules), self._index)

    def today(self) -> Libraries:
        """Decided today, in Asia/Shanghai: a service that runs over midnight decides anew."""
        return self.on(self.settings.today())

    def on(self, day: date) -> Libraries:
        """Decided on a day; the days asked for last are kept until something is recorded. For the service itself alone:
        requests are answered from `seen_on`."""
        return self._days.on(day).libraries

    def seen_on(self, day: date, viewer: Viewer) -> Libraries:
        """The same as far as a viewer sees, with all that they recorded; what one scope sees is kept as long."""
        return self._seen(self._days.on(day, viewer.actor), viewer)

    def last_seen_on(self, day: date, viewer: Viewer) -> Libraries:
        """The same as it was decided last, whatever was recorded since: for those who write, and do not wait to read."""
        return self._seen(self._days.held(day) or self._days.on(day, viewer.actor), viewer)

    def _seen(self, decided: Decided, viewer: Viewer) -> Libraries:
        def seen(library: Library) -> Library:
            return decided.seen(library, scope_in(library.name, viewer, self.archive.permissions))

        whole = decided.libraries
        return replace(whole, real=seen(whole.real), demo=None if whole.demo is None else seen(whole.demo))

    def release(self, day: date) -> OpenRelease:
        """What decides of real projects on a day: the release in force, what was stopped suspended."""
        view = View.of(day, None, self.settings.instant())
        with self.archive.database.reading() as session:
            return deciding_rulebook(session, self.archive.shelf, REAL, view, own=self._own)

    def batch(self, rulebook: Rulebook, day: date) -> Batch:
        """The rules of a day compiled together, kept for the rulebook and the day asked for last."""
        kept = self._batch
        if kept is None or kept[0] is not rulebook or kept[1].as_of != day:
            rules = [rulebook.at(measure, day) for measure in rulebook.ids]
            kept = self._batch = rulebook, Batch(rules, day)
        return kept[1]

    def index(self) -> SearchIndex:
        """The search index of the rules of today, opened when first asked for; UsageError SEARCH_CLOSED where the lexicon has a fault.

        Under a lock of its own: while it is built, which takes half a minute, everything else answers.
        """
        held = self._days.held(self.settings.today())
        wanted = self.release(self.settings.today()).release if held is None else held.libraries.real.release
        with self._opening:
            if self._index is None or self._index_of != wanted:
                release = self.release(self.settings.today())
                try:
                    self._index = open_index(release.rulebook, self.settings.corpus_dir, self.settings.cache)
                    self._index_of = release.release
                except RuleError as error:
                    hint = "请管理员运行 policy-match search，按提示改正词库后重新启动"
                    raise UsageError(Issue("SEARCH_CLOSED", "现在不能查：词库有错", "", "", hint)) from error
            return self._index

    @property
    def search_is_open(self) -> bool:
        """Whether questions are answered without waiting for the index."""
        return self._index is not None

    def weigh(self) -> None:
        """Weigh what may come before people today, so that nobody's first look waits for it."""
        for library in self.today().every:
            for subject in library.rows:
                library.weighed.of(subject)

    def learn_industry(self) -> None:
        """Open the models that suggest an industry; until then pages show no suggestion. RuleError for a faulty lexicon."""
        self._models = open_models(self.settings.corpus_dir, self.archive.vocabulary, self.settings.cache)

    def suggestion(self, subject: Subject) -> Classified | None:
        """What industry a project may belong to, where its code is not known."""
        return suggested_industry(self._models, subject)

    def nearest(self, clause: str, sentences: Sequence[str]) -> tuple[str, ...]:
        """Sentences that speak of what a clause speaks of, the nearest first; none while the index is not open."""
        return () if self._index is None else self._index.nearest(clause, sentences)

    def note(self, answer: Answer) -> None:
        """Keep a question without a sure answer where the office wants it kept; the reader never waits for a full disk."""
        if not self.settings.keep_misses:
            return
        try:
            note_miss(answer, self.settings.cache, self.settings.today())
        except OSError:
            log.warning("a missed question could not be kept", exc_info=True)

    def _decided(self, day: date, before: Libraries | None) -> Libraries:
        now = self.settings.instant()
        found = open_libraries(
            self.archive, self._own, day, now, demo=self._demo, ordering=self.ordering, before=before
        )
        self.had_demo = found.demo is not None
        return found


def opened(request: Request) -> Opened:
    """The state of the running service."""
    state = request.app.state.opened
    if not isinstance(state, Opened):
        raise TypeError(type(state).__name__)
    return state
