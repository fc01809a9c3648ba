"""Proof files, replay and the look back over what was paid, left out and shut out; measures that are stopped (S-25)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from msjx import FIRST, GX, by, found, state, to_approved, verified, with_firm
from rows import E1, E2, LIBRARY

from policy_match.errors import Conflict
from policy_match.store.case_tables import CaseStep, Exclusion, Payment, Proof
from policy_match.workflows.choose_bundle import bundled, household_of
from policy_match.workflows.leave_case import cancel_case
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import open_library
from policy_match.workflows.prove_case import proof_of, replay
from policy_match.workflows.read_records import View
from policy_match.workflows.recheck_cases import recheck_cases
from policy_match.workflows.stop_rule import NewStop, stop_rule
from policy_match.workflows.verify_case import verify_case


def excluded(archive: Archive, since: str, *, code: str = E2, ended: str | None = None) -> int:
    """An entry of the list of dishonest firms; its number."""
    with archive.database.writing() as session:
        row = Exclusion(
            library=LIBRARY, code=code, kind="dishonest", record="示范失信1", issuer="示范法院", basis="示范依据",
            since=date.fromisoformat(since), ended_on=None if ended is None else date.fromisoformat(ended),
            source="CREDIT", recorded_at=by("data", since).now, actor_id="data",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def ended(archive: Archive, entry: int, on: str, told: str) -> None:
    """The entry was struck from a day on, as was told on another day."""
    with archive.database.writing() as session:
        row = session.get_one(Exclusion, entry)
        row.ended_on, row.ended_at = date.fromisoformat(on), by("data", told).now


def test_a_verified_case_has_a_proof_that_a_stranger_replays(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    with pytest.raises(Conflict) as none:
        proof_of(paying, LIBRARY, number)
    assert none.value.issues[0].code == "PROOF_NONE"
    verified(paying, number)
    proof = json.loads(proof_of(paying, LIBRARY, number))
    assert proof["body"]["decision"]["pay_fen"] == 20_000_000
    assert set(proof["body"]["facts"]) == {"registered_region", "hnte_event", "recognised_on", "blacklisted"}
    assert "20万元" in replay(paying, LIBRARY, number)


@pytest.mark.parametrize("what", ["proof", "step"])
def test_a_proof_or_step_changed_in_the_database_is_not_replayed(paying: Archive, what: str) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    verified(paying, number)
    with paying.database.writing() as session:
        if what == "proof":
            kept = session.query(Proof).one()
            kept.body = kept.body.replace("首次认定高企", "再次认定高企")
        else:
            step = session.query(CaseStep).filter_by(action="verify").one()
            step.body = step.body.replace("20000000", "30000000")
    with pytest.raises(Conflict) as refused:
        replay(paying, LIBRARY, number)
    assert refused.value.issues[0].code == "PROOF_REFUSED"


def test_an_excluded_firm_ends_by_the_law_it_rests_on_and_comes_back_once_struck(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    entry = excluded(paying, "2025-06-01")
    verify_case(paying, number, by(FIRST, "2025-06-03"))
    assert state(paying, number) == "X2"
    assert found(paying, "2025-06-04").passed == {"仍在排除名单上": 1}
    ended(paying, entry, "2025-06-05", "2025-06-05")
    again = found(paying, "2025-06-05").opened
    assert len(again) == 1
    assert verified(paying, again[0], "2025-06-05").state == "M1"


def test_the_look_back_tells_in_yuan_what_would_now_be_otherwise(paying: Archive) -> None:
    number = to_approved(paying)
    with paying.database.writing() as session:
        from policy_match.store import cases

        case = cases.by_number(session, LIBRARY, number)
        case.state = "M7"
    later = by(FIRST, "2025-09-01")
    assert [(one.case, one.outcome) for one in recheck_cases(paying, later)] == [(number, "unchanged")]
    with_firm(paying, E1, "示范电池有限公司", on="2025-06-02", registered_region="ENT:320412")
    with_firm(paying, on="2025-06-03", hnte_event="DEPT:再次认定高企")
    told = recheck_cases(paying, later)
    assert [(one.case, one.beneficiary, one.outcome, one.was_fen, one.now_fen) for one in told] == [
        (number, E2, "would_not", 20_000_000, 0),
        (None, E1, "left_out", 0, 20_000_000),
    ]


def test_an_exclusion_that_was_wrong_from_the_start_shows_as_left_out(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    entry = excluded(paying, "2025-06-01")
    verify_case(paying, number, by(FIRST, "2025-06-03"))
    assert [one.outcome for one in recheck_cases(paying, by(FIRST, "2025-06-04"))] == ["unchanged"]
    ended(paying, entry, "2025-06-01", "2025-07-01")
    told = recheck_cases(paying, by(FIRST, "2025-07-02"))
    assert [(one.case, one.outcome, one.now_fen) for one in told] == [(number, "left_out", 20_000_000)]


def test_s25_a_measure_that_is_stopped_cancels_its_open_cases(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    book = paying.shelf.folder
    stop_rule(paying, book, NewStop(GX, 1, "文件已撤回", date(2025, 6, 1)), by(FIRST, "2025-06-04"))
    move_cases(paying, by(FIRST, "2025-06-04"))
    assert state(paying, number) == "X9"
    assert found(paying, "2025-06-04").opened == ()


def test_a_cancelled_case_says_why_and_stays_away_while_the_facts_are_the_same(paying: Archive) -> None:
    with_firm(paying)
    number = found(paying).opened[0]
    cancel_case(paying, number, "企业已迁出", by(FIRST, "2025-06-03"))
    assert state(paying, number) == "X9"
    assert found(paying).passed == {"事实没有变，上次撤销": 1}


def test_what_was_paid_is_taken_from_the_best_set_of_the_firm(paying: Archive) -> None:
    with_firm(paying)
    view = View.of(date(2025, 6, 3), None, by(FIRST, "2025-06-03").now)
    with paying.database.reading() as session:
        before = open_library(session, paying, LIBRARY, view)
    with paying.database.writing() as session:
        session.add(
            Payment(
                library=LIBRARY, reference="示范凭证", measure=GX, beneficiary=f"enterprise:{E2}", period="2024-11-06",
                paid_on=date(2025, 6, 2), amount_fen=20_000_000, source="FIN", recorded_at=by(FIRST, "2025-06-02").now,
            )
        )  # fmt: skip
    with paying.database.reading() as session:
        after = open_library(session, paying, LIBRARY, view)
    sums = [bundled(one.matching, household_of(one.matching.subjects, 0), one.paid).high_fen for one in (before, after)]
    assert sums == [20_000_000, 0]
