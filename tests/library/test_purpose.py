"""A fact of statistics is closed to every other purpose, and whoever asks for it leaves a row of the audit chain."""

from __future__ import annotations

import json

import pytest
from rows import LIBRARY, NOW, audited, day, row, taken

from policy_match.errors import NotFound
from policy_match.facts.cells import Cause
from policy_match.facts.observations import Purpose
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_record import open_record
from policy_match.workflows.read_records import Record, View

P = "CZ-2025-00001"


def opened(archive: Archive, purpose: Purpose, by: str = "development") -> Record:
    view = View.of(day("2025-03-31"), None, NOW, purpose)
    return open_record(archive, LIBRARY, P, view, by=by, now=NOW)


def with_statistics(archive: Archive) -> None:
    taken(archive, row(archive))
    facts = {"fai_planned_total": "11.8亿元"}
    taken(archive, row(archive, None, uscc=None, firm=None, source="FAI", facts=facts), source="FAI")


@pytest.mark.parametrize("purpose", [Purpose.PAYOUT, Purpose.REVIEW, Purpose.EVALUATION, Purpose.SERVICE])
def test_bi41_a_fact_of_statistics_is_unknown_for_any_other_purpose_and_the_attempt_is_audited(
    archive: Archive, purpose: Purpose
) -> None:
    with_statistics(archive)

    record = opened(archive, purpose)

    cell = record.fact("fai_planned_total").cell
    assert (cell.value, cell.cause) == (None, Cause.PURPOSE)
    (line,) = audited(archive, "fact.closed")
    assert (line.actor, line.object_id, line.result) == ("development", P, "forbidden")
    assert json.loads(line.detail) == {"purpose": purpose.value, "facts": ["fai_planned_total"]}
    assert record.whole("total_investment") == 12 * 10**10


def test_bi41_statistics_may_read_it_and_leaves_no_row(archive: Archive) -> None:
    with_statistics(archive)

    record = opened(archive, Purpose.STATISTICS, by="statistics")

    assert record.whole("fai_planned_total") == 118 * 10**9
    assert audited(archive, "fact.closed") == []


def test_bi41_nothing_is_audited_where_nothing_is_closed(archive: Archive) -> None:
    taken(archive, row(archive))

    opened(archive, Purpose.PAYOUT)

    assert audited(archive, "fact.closed") == []


def test_nobody_opens_a_record_without_a_name(archive: Archive) -> None:
    with_statistics(archive)

    with pytest.raises(NotFound):
        opened(archive, Purpose.PAYOUT, by="somebody")
