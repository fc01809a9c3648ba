"""Pairs decided anew only where something may have changed: what is kept, what is told, and that nothing is missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from reviewing import EQ, by, ordering_of, with_project
from rows import LIBRARY, at
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.push.pairs import decoded
from policy_match.ranking.push import Fate
from policy_match.store.push_tables import OpenPairs, PairChange, Touched
from policy_match.store.subjects import by_code
from policy_match.store.tables import Audit
from policy_match.workflows.changed_pairs import Changed
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.read_records import View
from policy_match.workflows.rematch import Rematching
from policy_match.workflows.stop_rule import NewStop, stop_rule

NOW = by("importer", "10:00").now


@dataclass
class Heard:
    """Whoever announces, and keeps what it was given."""

    changes: list[Changed] = field(default_factory=list)

    def __call__(
        self, _session: Session, _archive: Archive, _library: str, changes: Sequence[Changed], _now: datetime
    ) -> None:
        self.changes += changes

    def lately(self) -> list[tuple[str, str, str | None, str | None]]:
        """Measure, trigger, before and after of what was heard since this was asked last."""
        found = [(c.row.measure, c.row.trigger, c.row.was, c.row.now) for c in self.changes]
        self.changes.clear()
        return found


def begun(archive: Archive, **facts: str) -> tuple[str, Rematching, Heard]:
    """A project whose pairs were decided once."""
    code, heard = with_project(archive, **facts), Heard()
    rematching = Rematching(archive, heard, ordering_of(archive))
    assert rematching.rematch(LIBRARY, NOW).first
    return code, rematching, heard


def tell(archive: Archive, code: str, when: datetime = NOW, **facts: str) -> None:
    tell_facts(archive, LIBRARY, code, Told(facts=facts), "development", when)


def standing(archive: Archive, code: str, measure: str = EQ) -> str | None:
    """The verdict that is kept of a pair; None: refused."""
    with archive.database.reading() as session:
        subject = by_code(session, LIBRARY, code)
        assert subject is not None
        pair = decoded(session.get_one(OpenPairs, subject.id).pairs).get(measure)
        return None if pair is None else pair.verdict.value


def counted(archive: Archive, table: type[Touched] | type[PairChange] | type[OpenPairs]) -> int:
    with archive.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_first_time_nothing_is_told_and_everything_is_kept(reviewing: Archive) -> None:
    code, _, heard = begun(reviewing)
    assert heard.lately() == []
    assert standing(reviewing, code) == "eligible"
    assert counted(reviewing, Touched) == 0
    assert counted(reviewing, PairChange) == 0


def test_a_fact_that_alters_a_verdict_is_one_change_of_one_pair(reviewing: Archive) -> None:
    code, rematching, heard = begun(reviewing)
    tell(reviewing, code, total_investment="5000万元", track="低空经济")
    found = rematching.rematch(LIBRARY, NOW)
    assert (EQ, "TR4", "eligible", "ineligible") in heard.lately()
    assert found.looked_at == 1
    assert standing(reviewing, code) is None


def test_a_fact_that_leaves_verdict_and_amount_as_they_are_tells_nothing(reviewing: Archive) -> None:
    code, rematching, heard = begun(reviewing)
    tell(reviewing, code, total_investment="13亿元")
    found = rematching.rematch(LIBRARY, NOW)
    assert (found.looked_at, found.changed) == (1, 0)
    assert heard.lately() == []


def test_the_same_again_writes_no_row(reviewing: Archive) -> None:
    _, rematching, heard = begun(reviewing)
    assert rematching.rematch(LIBRARY, NOW).written == 0
    again = rematching.rematch_all(LIBRARY, NOW)
    assert (again.written, again.changed, again.missed) == (0, 0, 0)
    assert heard.lately() == []


def test_what_becomes_decidable_says_so(reviewing: Archive) -> None:
    code, rematching, heard = begun(reviewing, total_investment="0.5亿元~2亿元")
    assert standing(reviewing, code) == "unknown"
    tell(reviewing, code, total_investment="2亿元")
    rematching.rematch(LIBRARY, NOW)
    assert (EQ, "TR6", "unknown", "eligible") in heard.lately()


def test_a_stopped_measure_is_told_as_a_change_of_the_measure(reviewing: Archive) -> None:
    code, rematching, heard = begun(reviewing)
    rulebook = rulebook_in_force(reviewing, LIBRARY, View(NOW.date()))
    stop_rule(reviewing, rulebook, NewStop(EQ, 1, "示范停用"), by("industry"))
    found = rematching.rematch(LIBRARY, NOW)
    assert [one for one in heard.lately() if one[0] == EQ] == [(EQ, "TR2", "eligible", "unknown")]
    assert found.looked_at >= 1
    assert standing(reviewing, code) == "unknown"


def test_a_new_project_tells_what_it_may_have_and_not_what_is_unknown(reviewing: Archive) -> None:
    _, rematching, heard = begun(reviewing)
    with_project(reviewing, name="示范二期项目", firm="示范二期有限公司", when=NOW)
    rematching.rematch(LIBRARY, NOW)
    told = heard.lately()
    assert (EQ, "TR3", None, "eligible") in told
    assert {now for _, _, _, now in told} <= {"eligible", "needs_human"}


def test_a_change_comes_with_the_match_and_what_happens_to_it(reviewing: Archive) -> None:
    code, rematching, heard = begun(reviewing, total_investment="0.5亿元~2亿元")
    tell(reviewing, code, total_investment="2亿元")
    rematching.rematch(LIBRARY, NOW)
    (change,) = [one for one in heard.changes if one.row.measure == EQ]
    assert change.subject.id == code
    assert change.explained is not None
    amount = change.explained().amount
    assert amount is not None
    assert change.row.now_high_fen == amount.high_fen == 20_0000_00
    assert change.fate in (Fate.PUSHED, Fate.REVIEWED)


def test_whoever_cannot_announce_leaves_everything_as_it_was(reviewing: Archive) -> None:
    code, rematching, _ = begun(reviewing)
    tell(reviewing, code, total_investment="5000万元", track="低空经济")

    def fails(*_: object) -> None:
        raise OSError("no room")

    rematching.announce = fails
    with pytest.raises(OSError, match="no room"):
        rematching.rematch(LIBRARY, NOW)
    assert standing(reviewing, code) == "eligible"
    assert counted(reviewing, PairChange) == 0
    assert counted(reviewing, Touched) > 0
    heard = rematching.announce = Heard()
    rematching.rematch(LIBRARY, NOW)
    assert (EQ, "TR4", "eligible", "ineligible") in heard.lately()


def test_a_round_follows_so_many_notes_and_says_that_more_are_left(reviewing: Archive) -> None:
    code, rematching, _ = begun(reviewing)
    for investment in ("13亿元", "14亿元", "15亿元"):
        tell(reviewing, code, total_investment=investment)
    assert rematching.rematch(LIBRARY, NOW, most=2).more
    assert not rematching.rematch(LIBRARY, NOW, most=2).more
    assert counted(reviewing, Touched) == 0


def test_every_change_leaves_a_row_in_the_audit_chain(reviewing: Archive) -> None:
    code, rematching, _ = begun(reviewing)
    tell(reviewing, code, total_investment="5000万元", track="低空经济")
    rematching.rematch(LIBRARY, NOW)
    with reviewing.database.reading() as session:
        rows = session.scalars(select(Audit.action).where(Audit.object_kind == "matches").order_by(Audit.seq))
        assert list(rows) == ["match.first", "match.change"]


def test_a_state_grows_old_on_its_day_and_not_before(reviewing: Archive) -> None:
    """A fact that may be a year old at most: the last day it counts, the day after it is unknown."""
    code, rematching, heard = begun(reviewing)
    with reviewing.database.reading() as session:
        subject = by_code(session, LIBRARY, code)
        assert subject is not None
        look_on = session.get_one(OpenPairs, subject.id).look_on
    assert look_on is not None
    before = at((look_on - timedelta(days=1)).isoformat())
    assert rematching.rematch(LIBRARY, before).looked_at == 0
    assert rematching.rematch_all(LIBRARY, before).missed == 0
    assert rematching.rematch(LIBRARY, at(look_on.isoformat())).looked_at == 1
    assert {trigger for _, trigger, _, _ in heard.lately()} <= {"TR1", "TR2", "TR7"}
