"""The change feed: everything that was done, once, in its order, to whoever may see it, and never what was written."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from msjx import found, with_firm
from rows import CODE, E2, LATER_CODE, LIBRARY, NOW, advance, codes, point, row, taken, with_signed
from sqlalchemy import delete, func, select

from policy_match.errors import Forbidden, UsageError
from policy_match.store import audit
from policy_match.store.case_tables import Case
from policy_match.store.doubts import raise_doubt
from policy_match.store.subjects import by_code
from policy_match.store.tables import Actor, Audit, Subject
from policy_match.workflows import list_changes as feed
from policy_match.workflows.join_projects import merge_projects
from policy_match.workflows.list_changes import KINDS, MOST, Change, Changes, list_changes
from policy_match.workflows.open_archive import Archive

P, Q = "CZ-2025-00001", "CZ-2025-00002"


def everything(_: Change) -> bool:
    return True


def news(
    archive: Archive,
    cursor: str | None = None,
    *,
    library: str = LIBRARY,
    sees: Callable[[Change], bool] = everything,
    limit: int = MOST,
) -> Changes:
    return list_changes(archive, library, cursor, sees, limit=limit)


def told(found: Changes) -> list[tuple[str, str, str | None]]:
    return [(change.kind, change.action, change.subject) for change in found.changes]


def note(
    archive: Archive,
    *,
    kind: str = "project",
    about: str = P,
    library: str | None = LIBRARY,
    result: str = "done",
    detail: Mapping[str, str] | None = None,
) -> int:
    """A row of the chain by itself; its number."""
    with archive.database.writing() as session:
        who = session.get_one(Actor, "development")
        return audit.record(
            session, who, "test", object_kind=kind, object_id=about, at=NOW, library=library, result=result,
            detail={"value": "示范秘密", **(detail or {})},
        ).seq  # fmt: skip


def test_what_was_done_is_told_from_the_first_change_on_and_after_a_cursor_only_what_is_new(archive: Archive) -> None:
    with_signed(archive)
    first = news(archive)
    advance(archive, P, "APPROVED", "2024-09-25", "development")

    after = news(archive, first.cursor)

    assert told(first) == [("batch", "import", None)]
    assert told(after) == [("project", "event.point", P)]
    assert [(one.seq, one.at, one.library, one.id) for one in after.changes] == [(2, NOW, LIBRARY, P)]


def test_where_nothing_is_new_the_cursor_stays_good(archive: Archive) -> None:
    empty = news(archive)
    again = news(archive, empty.cursor)
    with_signed(archive)

    assert (empty.changes, empty.more, again) == ((), False, empty)
    assert told(news(archive, again.cursor)) == [("batch", "import", None)]


def test_pages_follow_each_other_without_gap_or_repetition(archive: Archive) -> None:
    numbers = [note(archive) for _ in range(7)]
    pages, cursor, more = list[list[int]](), None, True

    while more:
        page = news(archive, cursor, limit=3)
        pages.append([change.seq for change in page.changes])
        cursor, more = page.cursor, page.more

    assert pages == [numbers[:3], numbers[3:6], numbers[6:]]


def test_what_the_asker_may_not_see_is_passed_over_and_does_not_come_up_later(archive: Archive) -> None:
    with_signed(archive)
    taken(
        archive,
        row(
            archive, "示范乙", uscc=E2, firm="示范乙公司", code=LATER_CODE, points=[point("SIGNED", "2024-09-20", "乙")]
        ),
    )

    for one in (P, Q):
        advance(archive, one, "APPROVED", "2024-09-25", "development")

    def own(change: Change) -> bool:
        return change.subject == Q

    seen = news(archive, sees=own)

    assert told(seen) == [("project", "event.point", Q)]
    assert news(archive, seen.cursor).changes == ()


def test_a_long_run_of_hidden_changes_is_passed_over_in_parts(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_LOOKED_AT", 3)
    for _ in range(4):
        note(archive)
    last = note(archive, kind="month", about="real 2025-03")

    def months(change: Change) -> bool:
        return change.kind == "month"

    first = news(archive, sees=months)
    second = news(archive, first.cursor, sees=months)

    assert (first.changes, first.more) == ((), True)
    assert ([change.seq for change in second.changes], second.more) == ([last], False)


def test_refusals_signing_in_and_the_other_library_are_not_told(archive: Archive) -> None:
    with_signed(archive)
    start = news(archive).cursor
    for result in ("forbidden", "refused", "same"):
        note(archive, result=result)
    note(archive, kind="access")
    note(archive, kind="request")
    note(archive, library="demo")
    note(archive, library=None)
    with pytest.raises(Forbidden):
        advance(archive, P, "APPROVED", "2024-09-25", "statistics")

    assert news(archive, start).changes == ()


def test_of_two_projects_with_one_number_each_is_told_in_its_own_library(archive: Archive) -> None:
    with_signed(archive)
    with_signed(archive, "demo")

    assert {change.library for change in news(archive, library="demo").changes} == {"demo"}
    assert [change.seq for change in news(archive).changes] == [1]


def test_no_value_of_a_change_is_told(archive: Archive) -> None:
    note(archive)

    assert "示范秘密" not in repr(news(archive))


def test_a_case_belongs_to_its_project_and_else_to_whom_it_pays(paying: Archive) -> None:
    with_firm(paying)
    found(paying)
    with paying.database.writing() as session:
        case = session.scalars(select(Case)).one()
        pays = session.get_one(Subject, case.beneficiary_id)
        project = Subject(library=LIBRARY, kind="project", code="CZ-1", name="示范", created_at=NOW, row_version=1)
        session.add(project)
        session.flush()
        without, number = told(news(paying)), case.number
        case.project_id = project.id

    assert ("case", "msjx.find", pays.code) in without
    assert ("case", "msjx.find", "CZ-1") in told(news(paying))
    assert number in {change.id for change in news(paying).changes}


def test_a_review_belongs_to_the_subject_of_its_match_and_a_doubt_to_whom_it_is_about(archive: Archive) -> None:
    with_signed(archive)
    with archive.database.writing() as session:
        subject = by_code(session, LIBRARY, P)
        doubt = raise_doubt(session, LIBRARY, "TEST", "1", what="示范", value="1", at=NOW, subject=subject)
        general = raise_doubt(session, LIBRARY, "TEST", "2", what="示范", value="2", at=NOW)
    note(archive, kind="review", about="R-1", detail={"subject": P, "measure": "tech_sme"})
    note(archive, kind="doubt", about=str(doubt.id))
    note(archive, kind="doubt", about=str(general.id))

    found = [(change.kind, change.subject) for change in news(archive).changes]

    assert found[1:] == [("review", P), ("doubt", P), ("doubt", None)]


def test_a_merged_project_belongs_to_what_it_went_into(archive: Archive) -> None:
    with_signed(archive)
    taken(archive, row(archive, "示范乙", code=LATER_CODE, points=[point("SIGNED", "2024-09-20", "乙")]))
    assert codes(archive) == [P, Q]
    merge_projects(archive, LIBRARY, Q, P, reason="同一项目", by="data", now=NOW)

    merged = [change for change in news(archive).changes if change.action == "event.merge"]

    assert [(change.id, change.subject) for change in merged] == [(Q, P)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cursor: cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
        lambda cursor: cursor + "!",
        lambda cursor: "项目",
        lambda cursor: base64.urlsafe_b64encode(b"1").decode(),
        lambda cursor: base64.urlsafe_b64encode(b"-1.0123456789abcdef").decode(),
        lambda cursor: base64.urlsafe_b64encode(b"99.0123456789abcdef").decode(),
        lambda cursor: base64.urlsafe_b64encode(b"9" * 40 + b".0123456789abcdef").decode(),
    ],
    ids=["mark", "sign", "text", "no mark", "negative", "beyond", "huge"],
)
def test_a_wrong_cursor_is_refused(archive: Archive, spoil: Callable[[str], str]) -> None:
    with_signed(archive)

    with pytest.raises(UsageError, match="cursor") as refused:
        news(archive, spoil(news(archive).cursor))

    assert refused.value.issues[0].code == "CURSOR_INVALID"


def test_a_cursor_is_good_for_its_library_alone(archive: Archive) -> None:
    with_signed(archive)

    with pytest.raises(UsageError):
        news(archive, news(archive).cursor, library="demo")


def test_after_a_restore_to_an_earlier_state_the_cursor_is_refused_instead_of_skipping_changes(
    archive: Archive,
) -> None:
    note(archive)
    cursor = news(archive).cursor
    with archive.database.writing() as session:
        session.execute(delete(Audit))
    note(archive, about=Q)

    with pytest.raises(UsageError):
        news(archive, cursor)


def test_a_reader_beside_two_writers_gets_every_change_once_and_in_order(archive: Archive) -> None:
    each, got, cursor = 20, list[int](), None
    writers = [threading.Thread(target=lambda: [note(archive) for _ in range(each)]) for _ in range(2)]
    for writer in writers:
        writer.start()

    while any(writer.is_alive() for writer in writers) or news(archive, cursor).changes:
        page = news(archive, cursor, limit=5)
        got += [change.seq for change in page.changes]
        cursor = page.cursor

    for writer in writers:
        writer.join()
    assert got == list(range(1, 2 * each + 1))


def test_a_writer_waits_for_the_one_before_so_that_no_smaller_number_appears_later(archive: Archive) -> None:
    numbers = list[int]()
    second = threading.Thread(target=lambda: numbers.append(note(archive)))
    with archive.database.writing() as session:
        who = session.get_one(Actor, "development")
        first = audit.record(session, who, "test", object_kind="project", object_id=P, at=NOW, library=LIBRARY).seq
        second.start()
        second.join(0.5)
        waited, before = second.is_alive(), news(archive)
    second.join()

    after = news(archive, before.cursor)

    assert (waited, before.changes) == (True, ())
    assert [change.seq for change in after.changes] == [first, *numbers] == [1, 2]


def test_every_kind_of_object_that_is_audited_is_told_or_left_out_on_purpose() -> None:
    src = Path(feed.__file__).parents[1]
    text = "".join(path.read_text() for path in src.rglob("*.py"))
    written = {part.split('"')[0] for part in text.split('object_kind="')[1:]}
    noted = {part.split(', "')[1].split('"')[0] for part in text.split(".note(")[1:] if part.startswith('"')}

    assert {"project", "case", "batch"} <= written
    assert written | noted <= KINDS.keys() | LEFT_OUT


LEFT_OUT = {"request", "access", "subscription", "channel", "matches", "pipeline", "roll", "records"}


def test_every_change_is_in_the_chain_once(archive: Archive) -> None:
    with_signed(archive)
    with archive.database.reading() as session:
        rows = session.scalar(select(func.count()).select_from(Audit))

    assert rows == len(news(archive).changes)
    assert CODE != LATER_CODE
