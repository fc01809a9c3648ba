"""A firm says that a fact of its own is wrong: a question is opened, on both databases, by nobody but the firm."""

from __future__ import annotations

from datetime import date

import pytest
from msjx import HOLDER, by, with_firm
from rows import E1, E2, LIBRARY, codes, row, taken
from sqlalchemy import select

from policy_match.errors import Conflict, FactError, Forbidden, NotFound, UsageError
from policy_match.facts.cells import Possible
from policy_match.store import doubts, objections, subjects
from policy_match.store.case_tables import Objection
from policy_match.store.tables import Actor, Audit
from policy_match.workflows.dispute_fact import Disputed, dispute_fact, disputes_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_party import read_party
from policy_match.workflows.read_records import View
from policy_match.workflows.settle_doubt import settle_doubt

OWNER, OTHER = by("owner", "2025-06-03"), by("other", "2025-06-03")
SAID = Disputed(E2, "注册地", "武进区", "上月已迁址")


@pytest.fixture
def firms(paying: Archive) -> Archive:
    """Two firms, each with somebody who speaks for it."""
    with_firm(paying)
    with_firm(paying, E1, "示范电池有限公司")
    with paying.database.writing() as session:
        for name, firm in (("owner", E2), ("other", E1)):
            if session.get(Actor, name) is None:
                session.add(
                    Actor(
                        id=name, name=name, role="enterprise", region=firm[2:8], firm=firm, valid_from=date(2000, 1, 1)
                    )
                )
    return paying


def region_of(archive: Archive) -> str | None:
    """What decides of the firm's region now."""
    with archive.database.reading() as session:
        firm = subjects.by_code(session, LIBRARY, E2)
        assert firm is not None
        cell = (
            read_party(session, archive, firm, None, View.of(OWNER.today, None, OWNER.now))
            .seen["registered_region"]
            .cell
        )
    return cell.value.single if isinstance(cell.value, Possible) else None


def test_the_word_of_a_firm_is_a_question_and_the_register_stays_in_force(firms: Archive) -> None:
    doubt = dispute_fact(firms, SAID, OWNER)

    assert (doubt.code, doubt.value, doubt.settled_at) == ("FACT_DISPUTED", "registered_region", None)
    assert doubt.what == "企业提出注册地应为“武进区”：上月已迁址"
    assert region_of(firms) == "320411"
    with firms.database.reading() as session:
        noted = session.scalars(select(Audit).where(Audit.action == "fact.dispute")).one()
        assert (noted.actor, noted.object_id) == ("owner", str(doubt.id))

    settle_doubt(firms, LIBRARY, doubt.id, "accepted", by="development", now=OWNER.now)
    assert region_of(firms) == "320411"


def test_the_same_is_asked_once_and_not_again_once_it_was_answered(firms: Archive) -> None:
    first, second = dispute_fact(firms, SAID, OWNER), dispute_fact(firms, SAID, OWNER)
    other = dispute_fact(firms, Disputed(E2, "registered_region", "", "登记机关写错"), OWNER)

    assert first.id == second.id != other.id
    settle_doubt(firms, LIBRARY, first.id, "refused", by="development", now=OWNER.now, note="登记未变更")
    with pytest.raises(Conflict) as refusal:
        dispute_fact(firms, SAID, OWNER)
    assert refusal.value.issues[0].code == "REVIEW_ANSWERED" and "登记未变更" in refusal.value.issues[0].what
    with firms.database.reading() as session:
        firm = subjects.by_code(session, LIBRARY, E2)
        assert firm is not None
        assert [one.id for one in disputes_of(session, LIBRARY, [firm.id])] == [other.id, first.id]


def test_nobody_speaks_for_another_firm_and_the_attempt_is_noted(firms: Archive) -> None:
    for who in (OTHER, by("district-320411", "2025-06-03"), by("development", "2025-06-03")):
        with pytest.raises(Forbidden):
            dispute_fact(firms, SAID, who)

    with firms.database.reading() as session:
        assert doubts.still_open(session, LIBRARY) == []
        refused = session.scalars(select(Audit).where(Audit.action == "fact.dispute")).all()
        assert [one.result for one in refused] == ["forbidden"] * 3


def test_a_project_is_spoken_for_by_its_firm_and_a_fact_of_the_firm_is_asked_of_the_firm(firms: Archive) -> None:
    taken(firms, row(firms, uscc=E2, firm=HOLDER, facts={"district": "320411", "total_investment": "12亿元"}))
    (project,) = codes(firms)

    own = dispute_fact(firms, Disputed(project, "总投资", "15亿元", ""), OWNER)
    inherited = dispute_fact(firms, Disputed(project, "注册地", "武进区", ""), OWNER)
    with firms.database.reading() as session:
        rows = subjects.by_ids(session, [own.subject_id or 0, inherited.subject_id or 0])
    assert [rows[own.subject_id or 0].code, rows[inherited.subject_id or 0].code] == [project, E2]
    with pytest.raises(Forbidden):
        dispute_fact(firms, Disputed(project, "总投资", "15亿元", ""), OTHER)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (Disputed(E2, "注册地", " ", ""), UsageError),
        (Disputed(E2, "注册地", "", "字" * 501), UsageError),
        (Disputed(E2, "注册地点", "武进区", ""), FactError),
        (Disputed(E2, "注册地", "火星", ""), FactError),
        (Disputed("P404", "注册地", "武进区", ""), NotFound),
    ],
)
def test_what_says_nothing_or_cannot_be_true_is_refused_and_opens_no_question(
    firms: Archive, asked: Disputed, error: type[Exception]
) -> None:
    with pytest.raises(error):
        dispute_fact(firms, asked, OWNER)

    with firms.database.reading() as session:
        assert doubts.still_open(session, LIBRARY) == []


def test_what_a_firm_objected_is_found_by_its_accounts_the_newest_first(firms: Archive) -> None:
    with firms.database.writing() as session:
        for who in ("owner", "other", "owner"):
            said = Objection(
                library=LIBRARY, measure="gx_first_hnte", name="", contact="", says=who, received_at=OWNER.now,
                recorded_by=who, due_on=OWNER.today,
            )  # fmt: skip
            objections.add(session, said)
    with firms.database.reading() as session:
        found = objections.of_firm(session, LIBRARY, E2)
    assert [one.says for one in found] == ["owner", "owner"] and found[0].id > found[1].id
