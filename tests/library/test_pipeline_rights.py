"""Who sees and who changes which pipeline: what is outside somebody's scope is not there, and every refusal is noted."""

from __future__ import annotations

import pytest
from care import filled
from pipelines import POSTING, TRAINING, by, entries, item, lines, listed, moved, opened, shown
from reporting import FIRMS
from rows import audited, day, told

from policy_match.access.permissions import Right
from policy_match.errors import Forbidden, NotFound
from policy_match.store.tables import Actor
from policy_match.workflows.list_items import list_pipelines
from policy_match.workflows.open_archive import FIRST_DAY, Archive
from policy_match.workflows.open_pipelines import open_pipelines, reach_of
from policy_match.workflows.report_channels import count_channels

E1, E2 = FIRMS["E1"], FIRMS["E2"]
FILED = shown(("辅导备案公示", "示范1"))


def firm(archive: Archive, code: str) -> str:
    """An actor of a firm."""
    with archive.database.writing() as session:
        actor_id = f"firm-{code[2:8]}"
        session.merge(
            Actor(
                id=actor_id, name="示范企业经办", role="enterprise", region=code[2:8], firm=code, valid_from=FIRST_DAY
            )
        )
    return actor_id


def test_the_listing_pipeline_is_seen_by_the_finance_unit_the_firm_itself_and_the_auditor(archive: Archive) -> None:
    filled(archive, "P01", "P02")
    own, other = firm(archive, E1), firm(archive, E2)
    number = opened(archive, "listing", E1, who="finance", step="filed", evidence=FILED).number

    for who in ("finance", "auditor", own):
        assert item(archive, "listing", number, who).line.number == number
    assert listed(archive, "listing", other).counts.items == 0
    with pytest.raises(NotFound) as refused:
        item(archive, "listing", number, other)
    assert told(refused.value) == {"PIPELINE_ITEM_UNKNOWN"}


@pytest.mark.parametrize("who", ["development", "industry"])
def test_who_sees_counts_alone_has_no_items(archive: Archive, who: str) -> None:
    filled(archive, "P01")
    number = opened(archive, "listing", E1, who="finance", step="filed", evidence=FILED).number

    seen = listed(archive, "listing", who)

    assert (seen.counts.items, seen.lines, seen.shows_items, seen.may_write) == (1, (), False, False)
    with pytest.raises(NotFound):
        item(archive, "listing", number, who)


@pytest.mark.parametrize(
    "who",
    ["commerce", "data", "labour", "district-320412", "park-320412", "agent-320412", "treasury", "statistics", "admin"],
)
def test_for_everybody_else_there_is_no_such_pipeline(archive: Archive, who: str) -> None:
    with pytest.raises(NotFound) as refused:
        listed(archive, "listing", who)

    assert told(refused.value) == {"PIPELINE_UNKNOWN"}
    assert "listing" not in refused.value.issues[0].allowed
    assert "listing" not in {one.pipeline.id for one in list_pipelines(archive, by(who), day("2025-11-20"))}


def test_a_hidden_pipeline_and_one_that_is_not_there_are_answered_alike(archive: Archive) -> None:
    answers = []
    for kind in ("listing", "nowhere"):
        with pytest.raises(NotFound) as refused:
            listed(archive, kind, "district-320412")
        answers.append(str(refused.value).replace(kind, "?"))

    assert answers[0] == answers[1]


def test_an_area_sees_and_changes_what_lies_in_it_alone(archive: Archive) -> None:
    filled(archive, "P01", "P02")
    here = opened(archive, "job_posting", E1, said=POSTING, who="district-320412").number
    there = opened(archive, "job_posting", E2, said=POSTING, who="labour").number

    assert [line.number for line in lines(archive, "job_posting", "district-320412")] == [here]
    assert [line.number for line in lines(archive, "job_posting", "district-320411")] == [there]
    assert {line.number for line in lines(archive, "job_posting", "labour")} == {here, there}
    for ask in (
        lambda: item(archive, "job_posting", there, "district-320412"),
        lambda: moved(archive, "job_posting", there, "招满", "2025-04-02", who="district-320412"),
    ):
        with pytest.raises(NotFound) as refused:
            ask()
        assert told(refused.value) == {"PIPELINE_ITEM_UNKNOWN"}
    with pytest.raises(NotFound) as refused:
        opened(archive, "job_posting", E2, said=POSTING, who="district-320412")
    with pytest.raises(NotFound) as unknown:
        opened(archive, "job_posting", FIRMS["E7"], said=POSTING, who="district-320412")
    assert str(refused.value) == str(unknown.value).replace(FIRMS["E7"], E2)
    assert told(refused.value) == {"SUBJECT_UNKNOWN"} and entries(archive) == 2


def test_what_is_of_no_subject_lies_where_it_was_opened(archive: Archive) -> None:
    own = opened(archive, "training_session", said=TRAINING, who="district-320412").number
    city = opened(archive, "training_session", said=TRAINING | {"主题": "全市"}, who="commerce").number

    assert [line.number for line in lines(archive, "training_session", "district-320412")] == [own]
    assert lines(archive, "training_session", "district-320411") == ()
    assert {line.number for line in lines(archive, "training_session", "commerce")} == {own, city}


def test_a_firm_tells_of_its_own_jobs_and_of_nobody_elses(archive: Archive) -> None:
    filled(archive, "P01", "P02")
    who = firm(archive, E1)

    assert opened(archive, "job_posting", E1, said=POSTING, who=who).is_new
    with pytest.raises(NotFound):
        opened(archive, "job_posting", E2, said=POSTING, who=who)
    with pytest.raises(Forbidden):
        opened(archive, "listing", E1, who=who)


def test_who_reads_and_does_not_write_is_refused_and_that_is_noted(archive: Archive) -> None:
    number = opened(archive, "training_session", said=TRAINING, who="commerce").number

    with pytest.raises(Forbidden) as refused:
        moved(archive, "training_session", number, "取消", "2025-04-02", who="auditor", reason="示范")

    assert told(refused.value) == {"PIPELINE_ROLE"}
    assert [line.actor for line in audited(archive, "care.refused")] == ["auditor"] and entries(archive) == 1


def test_each_role_reaches_as_far_as_the_matrix_says_and_no_file_goes_beyond_it(archive: Archive) -> None:
    for pipeline in open_pipelines(archive).values():
        for right, roles in (
            (Right.READ, pipeline.rights.reads | pipeline.rights.counts),
            (Right.WRITE, pipeline.rights.writes),
        ):
            for role in roles:
                assert reach_of(archive, Actor(id=role, name=role, role=role), right) is not None, (pipeline.id, role)


def test_sources_are_for_those_who_see_leads(archive: Archive) -> None:
    with pytest.raises(NotFound) as refused:
        count_channels(archive, by("treasury"), day("2025-11-20"), None)

    assert told(refused.value) == {"PIPELINE_UNKNOWN"}


def test_every_write_leaves_a_row_that_holds_nothing_said(archive: Archive) -> None:
    number = opened(archive, "training_session", said=TRAINING, who="commerce").number
    moved(archive, "training_session", number, "举办", "2025-04-02", who="commerce")

    rows = [line for action in ("pipeline.open", "pipeline.move") for line in audited(archive, action)]

    assert [(line.actor, line.object_id) for line in rows] == [("commerce", number)] * 2
    assert all("示范培训" not in line.detail for line in rows) and '"topic"' in rows[0].detail
