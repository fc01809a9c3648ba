"""Five thousand verdicts change in one night: everybody gets one digest with every entry, the most valuable first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from pushing import person
from reviewing import EQ, by, library_of, ordering_of
from rows import E1, E2, E3, E4, LIBRARY, day, row, taken
from sqlalchemy import select

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.facts.subjects import Subject
from policy_match.ranking.push import Fate
from policy_match.store import audit, open_pairs, subjects
from policy_match.store.push_tables import Delivery, Message, PairChange
from policy_match.workflows import announce_changes as announcing
from policy_match.workflows.add_contact import NewContact, add_contact
from policy_match.workflows.changed_pairs import Changed
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.read_records import View
from policy_match.workflows.send_waiting import Sent, send_waiting

AMOUNT = Amount("cash", 0, 0, "", True, "exact", "once")
FIRMS = (E1, E2, E3, E4)
PROJECTS = 25
NIGHT = by("importer", "02:00").now


def of_firms(archive: Archive) -> None:
    """Four firms with 25 projects and one handler each."""
    rows = [
        row(
            archive,
            f"示范{uscc[-3:]}第{number}项目",
            number=number + 2,
            uscc=uscc,
            firm=f"示范{uscc[-4:]}公司",
            code=None,
        )
        for uscc in FIRMS
        for number in range(PROJECTS)
    ]
    taken(archive, *rows)
    for uscc in FIRMS:
        person(archive, f"handler-{uscc[-4:]}", uscc)
        add_contact(archive, NewContact(uscc, f"handler-{uscc[-4:]}", "handler"), by("data"))


def measures(archive: Archive) -> int:
    """Fifty on SQLite; a tenth of it on PostgreSQL, where the same is only slower."""
    return 50 if archive.database.engine.dialect.name == "sqlite" else 5


def changes(archive: Archive) -> Iterator[tuple[Subject, Match]]:
    """Each project eligible under many measures, each worth another sum."""
    found = [one for one in library_of(archive) if one.kind == "project"]
    matching = Matching(
        rulebook_in_force(archive, LIBRARY, View(day("2025-03-31"))), found, day("2025-03-31"), ordering_of(archive)
    )
    decision = matching.decision(EQ)
    for place, subject in enumerate(found):
        match = matching.match(decision, place)
        for number in range(measures(archive)):
            measure = match.rule.measure.model_copy(update={"id": f"eq_{number:02d}", "title": f"示范补助{number:02d}"})
            fen = 1_000_000 * (1 + (number * 37 + place * 11) % 997)
            amount = None if number == 0 else replace(AMOUNT, low_fen=fen, high_fen=fen, text=f"{fen // 10**6}万元")
            rule = replace(match.rule, measure=measure)
            yield subject, replace(match, rule=rule, verdict=Verdict.ELIGIBLE, near=None, amount=amount)


def told(archive: Archive, now: datetime) -> Sent:
    """All of them announced at once, and sent."""
    with archive.database.writing() as session:
        audit.take_turn(session)
        codes = {one.code: one.id for one in subjects.every(session, LIBRARY, "project")}
        changed = [
            Changed(
                PairChange(
                    library=LIBRARY, subject_id=codes[subject.id], measure=match.rule.id, now_version=1, now="eligible",
                    excluded=False, trigger="TR7", release="0" * 64, matched_on=day("2025-03-31"), at=now,
                ),
                subject, match.rule, Fate.PUSHED, (), partial(_same, match),
            )
            for subject, match in changes(archive)
        ]  # fmt: skip
        open_pairs.add_changes(session, [one.row for one in changed])
        assert announcing.announce_changes(session, archive, LIBRARY, changed, now).waiting == len(changed)
        return send_waiting(session, archive, LIBRARY, now)


def _same(match: Match) -> Match:
    return match


def test_five_thousand_changes_are_one_digest_each_and_none_is_lost(
    reviewing: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "is_sampled", lambda _passed, _coming: True)
    of_firms(reviewing)
    sent = told(reviewing, NIGHT)
    each = PROJECTS * measures(reviewing)
    assert (sent.messages, sent.entries, sent.later) == (4, 4 * each, 0)
    with reviewing.database.reading() as session:
        reached = session.scalars(select(Message).join(Delivery, Delivery.message_id == Message.id)).all()
        assert sorted(one.recipient_id for one in reached) == sorted(f"handler-{uscc[-4:]}" for uscc in FIRMS)
        for digest in reached:
            entries = session.scalars(select(Message).where(Message.digest_id == digest.id)).all()
            assert len(entries) == each
            assert {one.recipient_id for one in entries} == {digest.recipient_id}
            lines = [line for line in digest.body.splitlines() if line[0].isdigit()]
            assert len(lines) == each
            by_value = sorted(entries, key=lambda one: (one.value_fen is None, -(one.value_fen or 0), one.id))
            assert [line.split(". ")[1].split("（")[0] for line in lines] == [one.title for one in by_value]
            assert digest.title == f"{each}项政策待确认"
