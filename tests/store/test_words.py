"""Subjects are found by whole words, all of them, on either database alike; what a user types is never a query."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from policy_match.store import words
from policy_match.store.database import Database, migrate
from policy_match.store.subjects import add
from policy_match.store.words import are_stale, subjects_with

NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)
HOSTILE = (
    "*",
    '"',
    "电*",
    '电池" OR "芯片',
    "电池 OR 芯片",
    "NEAR(电池 芯片)",
    "-电池",
    "tokens:电池",
    "'); DROP TABLE x; --",
    "%",
    "&|!",
)


def kept(database: Database, said: dict[str, words.Words], library: str = "real") -> dict[str, int]:
    """Projects with these words by field; their row ids by code."""
    with database.writing() as session:
        ids = {code: add(session, library, "project", code=code, name=code, at=NOW).id for code in said}
        words.keep(session, {ids[code]: own for code, own in said.items()}, cut_by="one")
    return ids


def found(database: Database, *wanted: str, library: str = "real") -> list[int]:
    with database.reading() as session:
        return subjects_with(session, library, wanted)


def test_every_word_must_occur_in_some_field_and_ids_come_in_order(database: Database) -> None:
    ids = kept(
        database,
        {
            "P2": {"name": ["电池", "结构件"]},
            "P1": {"name": ["电池"], "products": ["结构件", "tesla"]},
            "P3": {"name": ["电池"]},
        },
    )

    assert found(database, "电池", "结构件") == [ids["P2"], ids["P1"]]
    assert found(database, "tesla", "电池", "电池") == [ids["P1"]]
    assert found(database, "电池") == [ids["P2"], ids["P1"], ids["P3"]]
    assert found(database, "芯片", "电池") == []


def test_a_part_of_a_word_is_another_word(database: Database) -> None:
    kept(database, {"P1": {"name": ["电池组", "batteries"]}})

    assert [found(database, word) for word in ("电池", "电", "battery", "batter")] == [[], [], [], []]
    assert len(found(database, "电池组", "batteries")) == 1


@pytest.mark.parametrize("number", ["1.5", "5%", "3.5万", "2025", "5.5%"])
def test_a_number_with_its_marks_is_one_word(database: Database, number: str) -> None:
    ids = kept(database, {"P1": {"name": [number]}, "P2": {"name": ["1", "5", "3", "5万", "20", "25", "55", "万"]}})

    assert found(database, number) == [ids["P1"]]


@pytest.mark.parametrize("typed", HOSTILE)
def test_signs_of_a_query_are_no_query(database: Database, typed: str) -> None:
    kept(database, {"P1": {"name": ["电池"]}, "P2": {"name": ["芯片"]}, "P3": {"name": ["or", "near"]}})

    assert set(found(database, typed, "电池")) <= {1}
    assert found(database, typed, "芯片", "电池") == []
    assert len(found(database, "or")) == 1


def test_a_project_is_found_by_the_words_of_its_firm_and_of_its_own_library_only(database: Database) -> None:
    with database.writing() as session:
        firm = add(session, "real", "enterprise", code="E1", name="甲", at=NOW)
        project = add(session, "real", "project", code="P1", name="乙", at=NOW, enterprise_id=firm.id)
        words.keep(session, {firm.id: {"name": ["示范"]}, project.id: {"name": ["电池"]}}, cut_by="one")

    assert found(database, "示范") == [firm.id, project.id]
    assert found(database, "示范", "电池") == [project.id]
    assert found(database, "电池", library="demo") == []


def test_words_put_in_place_of_others_are_the_only_ones(database: Database) -> None:
    ids = kept(database, {"P1": {"name": ["电池"], "content": ["产线"]}})
    with database.writing() as session:
        words.keep(session, {ids["P1"]: {"name": ["芯片"]}}, cut_by="one")

    assert (found(database, "电池"), found(database, "产线"), found(database, "芯片")) == ([], [], [ids["P1"]])


def test_no_words_are_no_question(database: Database) -> None:
    with database.reading() as session, pytest.raises(ValueError, match="no words"):
        subjects_with(session, "real", [])


def test_a_block_that_raises_leaves_no_words(database: Database) -> None:
    ids = kept(database, {"P1": {"name": ["电池"]}})

    def fail() -> None:
        with database.writing() as session:
            words.keep(session, {ids["P1"]: {"name": ["芯片"]}}, cut_by="one")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert (found(database, "电池"), found(database, "芯片")) == ([ids["P1"]], [])


def test_words_are_stale_where_there_are_none_or_others_cut_them(database: Database) -> None:
    def stale(version: str) -> bool:
        with database.reading() as session:
            return are_stale(session, version)

    assert not stale("one")
    with database.writing() as session:
        add(session, "real", "project", code="P0", name=None, at=NOW)
    assert not stale("one")
    with database.writing() as session:
        nameless = add(session, "real", "project", code="P", name="甲", at=NOW).id
    assert stale("one")
    with database.writing() as session:
        words.keep(session, {nameless: {"name": []}}, cut_by="one")
    assert (stale("one"), stale("two"), stale("a"), stale("z")) == (False, True, True, True)
    kept(database, {"P1": {"name": ["电池"]}})
    with database.writing() as session:
        words.keep(session, {nameless: {"name": []}}, cut_by="two")
    assert (stale("one"), stale("two")) == (True, True)


def test_many_subjects_take_as_many_statements_as_few(database: Database) -> None:
    with database.writing() as session:
        ids = [add(session, "real", "project", code=f"P{n}", name=None, at=NOW).id for n in range(400)]
    counts = []
    for some in (ids[:2], ids):
        asked: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *told, asked=asked: asked.append(told[2]))
        with database.writing() as session:
            words.keep(session, {one: {"name": ["电池", f"w{one}"], "content": ["产线"]} for one in some}, cut_by="one")
        counts.append(len([one for one in asked if "subject_words" in one]))

    assert found(database, "电池") == ids
    assert counts[0] == counts[1] <= 2


def test_an_older_archive_keeps_its_subjects_and_has_no_words_yet(address: str) -> None:
    empty = create_engine(address)
    with empty.connect() as connection:
        migrate(connection, "0005")
        connection.execute(
            text(
                "INSERT INTO subjects (id, library, kind, code, name, extra, created_at, row_version)"
                " VALUES (1, 'real', 'project', 'P', '示范电池项目', '{}', '2025-01-01 00:00:00', 1)"
            )
        )
        migrate(connection)
        connection.commit()

    with Session(empty) as session:
        assert are_stale(session, "one")
        words.keep(session, {1: {"name": ["电池"]}}, cut_by="one")
        assert subjects_with(session, "real", ["电池"]) == [1]
    empty.dispose()
