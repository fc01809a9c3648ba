"""One round of what the push does by itself: decide anew, say what the day asks for, send what is due.

Several workers may run rounds at once. Each part is of its own transactions, and what another worker has done is not done
again; a part that fails is told and does not keep the others from their work.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from threading import Event

from policy_match.dates import local_day
from policy_match.push.words import DELIVERY_STATE_NAMES, DeliveryState
from policy_match.ranking.scoring import Ordering
from policy_match.store import messages
from policy_match.store.push_tables import PushRun
from policy_match.workflows.announce_changes import announce_changes
from policy_match.workflows.daily_push import daily_push
from policy_match.workflows.dispatch_messages import JOB, Post, dispatch_messages
from policy_match.workflows.drop_old import drop_old
from policy_match.workflows.follow_up import follow_up
from policy_match.workflows.library_names import DEMO, REAL, TITLES
from policy_match.workflows.open_growth_tickets import open_growth_tickets
from policy_match.workflows.read_records import View
from policy_match.workflows.rematch import Rematching
from policy_match.workflows.write_entry import By

log = logging.getLogger("policy_match.worker")
CHECK = "check"
Part = tuple[str, Callable[[], str]]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did, a line for each part that did something; `failed`: the parts that ended with an error."""

    told: tuple[str, ...]
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds of one worker, one after the other. `stopping`: what has begun is ended, and nothing new begins."""

    post: Post
    rematching: Rematching = field(repr=False)
    stopping: Event = field(default_factory=Event, repr=False)

    @classmethod
    def of(cls, post: Post, ordering: Ordering | None, *, goes_on: bool) -> Rounds:
        """The rounds of an archive. `ordering`: with texts, else nothing is relevant enough to go out by itself.

        `goes_on`: the process lives for days, and keeps what it read from round to round.
        """
        return cls(post, Rematching(post.archive, announce_changes, ordering, holds=goes_on))

    def run(self) -> Round:
        """One round."""
        told, failed = list[str](), list[str]()
        for name, part in self._parts():
            if self.stopping.is_set():
                break
            try:
                line = part()
            except Exception:
                log.exception("%s 没有办成", name)
                failed.append(name)
                continue
            if line:
                told.append(f"{name}：{line}")
        return Round(tuple(told), tuple(failed))

    def _parts(self) -> Iterator[Part]:
        for library in (REAL, DEMO):
            yield f"{TITLES[library]}重新匹配", partial(self._rematch, library)
            yield f"{TITLES[library]}每日全量核对", partial(self._check, library)
            yield f"{TITLES[library]}推送", partial(self._push, library)
            yield f"{TITLES[library]}回访", partial(self._follow, library)
        yield "发送", self._dispatch

    def _rematch(self, library: str) -> str:
        looked_at = changed = 0
        more = True
        while more and not self.stopping.is_set():
            found = self.rematching.rematch(library, self.post.clock())
            looked_at, changed, more = looked_at + found.looked_at, changed + found.changed, found.more
        return f"看了 {looked_at} 个主体，{changed} 项结论有变化" if looked_at else ""

    def _check(self, library: str) -> str:
        """Once a day everything is decided anew, and must find nothing; what it finds all the same is told, and logged. Then
        the monthly figures are looked at, and with the real library records go that are older than they have to be."""
        database, now = self.post.archive.database, self.post.clock()
        with database.reading() as session:
            last = messages.earlier_runs(session, library, CHECK, 1)
        if last and local_day(last[0].at) == local_day(now):
            return ""
        found = self.rematching.rematch_all(library, now)
        with database.writing() as session:
            counts = {"subjects": found.looked_at, "missed": found.missed}
            messages.add_run(session, PushRun(library=library, kind=CHECK, at=now, counts=counts, held=False))
        if found.missed:
            log.error("%s：逐项重新匹配漏了 %d 项变化", TITLES[library], found.missed)
        opened = open_growth_tickets(self.post.archive, View(local_day(now)), None, By(library, JOB, now))
        gone = drop_old(self.post.archive, now) if library == REAL else {}
        told = [f"漏了 {found.missed} 项变化，已补上"] if found.missed else []
        told += [f"登记新增长点问题单 {len(opened)} 张"] if opened else []
        return "、".join((*told, *(f"删去 {number} 条{name}" for name, number in gone.items())))

    def _push(self, library: str) -> str:
        found = daily_push(self.post.archive, library, self.post.clock())
        told = {
            "条消息": found.sent.messages, "条提醒": found.reminders, "件电话任务": found.calls, "份汇总": found.digests,
            "条到期不发": found.expired,
        }  # fmt: skip
        parts = [f"{number} {what}" for what, number in told.items() if number]
        if found.sent.run is not None:
            parts.append(f"比平常多得多，整批留下等人放行（第 {found.sent.run} 批）")
        return "、".join(parts)

    def _follow(self, library: str) -> str:
        found = follow_up(self.post.archive, library, self.post.clock())
        told = {"条改用别的渠道再发": found.second, "件请人打电话": found.calls}
        return "、".join(f"{number} {what}" for what, number in told.items() if number)

    def _dispatch(self) -> str:
        return _counted(dispatch_messages(self.post, self.stopping))


def _counted(found: Counter[DeliveryState]) -> str:
    return "、".join(f"{DELIVERY_STATE_NAMES[state]} {number}" for state, number in sorted(found.items()))
