"""BI-75: who saves an older version is told who did what to the record since, and when."""

from __future__ import annotations

import pytest
from rows import LIBRARY, NOW, advance, at, day, pause, point, proof, read, row, taken, with_signed

from policy_match.errors import Conflict
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.open_archive import Archive

P = "CZ-2025-00001"


def refused(archive: Archive, seen: int) -> str:
    """What somebody is told who records with that version in hand."""
    with pytest.raises(Conflict) as stale:
        advance(archive, P, "STARTED", "2025-03-01", "development", seen=seen)
    assert {issue.code for issue in stale.value.issues} == {"LC_STALE"}
    return stale.value.issues[0].what


def test_only_what_came_after_the_version_that_was_seen_is_told_in_its_order(archive: Archive) -> None:
    with_signed(archive)
    seen = read(archive, P).row_version
    advance(archive, P, "APPROVED", "2024-09-25", "development", now=at("2025-03-28"))
    pause(archive, P, "development-2")

    assert refused(archive, seen) == (
        "数据已被他人（市发改委经办1 2025-03-28 10:00 登记立项；市发改委经办2 2025-03-31 10:00 暂停）修改，请刷新"
    )
    assert refused(archive, seen + 1) == "数据已被他人（市发改委经办2 2025-03-31 10:00 暂停）修改，请刷新"
    assert read(archive, P).state.side == "PAUSED"


def test_corrections_are_told_and_of_many_changes_the_last_five(archive: Archive) -> None:
    with_signed(archive)
    seen = read(archive, P).row_version
    advance(archive, P, "APPROVED", "2024-09-25", "development")
    correction = Correction(P, "APPROVED", day("2024-09-26"), "日期抄错", proof("备案证", "改"))
    correct_event(archive, LIBRARY, correction, by="development", second="development-2", now=NOW)
    for on in ("2025-03-25", "2025-03-27"):
        pause(archive, P, "development", on=on)
        resumed = Aside(P, EventKind.RESUME, day(on), proof("复工报告 现场照片", on), "")
        move_aside(archive, LIBRARY, resumed, by="development", now=NOW)

    what = refused(archive, seen)

    assert (what.count("；"), "登记立项" in what, "更正记录" in what, what.count("暂停")) == (4, False, True, 2)


def test_a_project_of_the_same_number_in_the_other_library_is_not_told_of(archive: Archive) -> None:
    with_signed(archive)
    with_signed(archive, "demo")
    seen = read(archive, P).row_version
    advance(archive, P, "APPROVED", "2024-09-25", "development-3", library="demo")
    advance(archive, P, "APPROVED", "2024-09-25", "development")

    assert "经办3" not in refused(archive, seen)


def test_a_version_from_the_future_is_stale_too(archive: Archive) -> None:
    taken(archive, row(archive, points=[point("SIGNED", "2024-09-20")]))

    assert refused(archive, 9) == "数据已被他人修改，请刷新"
