"""Projects and firms are found by words of what they are called, were called and make, as it stands today."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rows import E1, E2, LATER_CODE, LIBRARY, NOW, advance, at, day, doubt_number, firm_row, point, row, seen, taken
from sqlalchemy import delete, event, select

from policy_match.errors import UsageError
from policy_match.exchange.intake_rows import Intake
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.store import subjects
from policy_match.store.tables import SubjectWords
from policy_match.workflows.cut_words import Cutter
from policy_match.workflows.enter_by_hand import Told, add_project, tell_facts
from policy_match.workflows.find_words import found_by_words, ids_also_named, ids_by_words
from policy_match.workflows.join_projects import merge_projects, unmerge_project
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.note_words import note_words
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.read_records import View
from policy_match.workflows.settle_doubt import settle_doubt
from policy_match.workflows.take_in import Delivery, take_in

ROOT = Path(__file__).resolve().parents[2]
P, Q = "CZ-2025-00001", "CZ-2025-00002"
TODAY = View(day("2025-03-31"))
SIGNED = point("SIGNED", "2024-08-20")


def found(archive: Archive, text: str, view: View = TODAY, library: str = LIBRARY) -> set[str]:
    return set(ids_by_words(archive, library, text, view))


def listed(archive: Archive, text: str, view: View = TODAY) -> list[str]:
    with archive.database.reading() as session:
        among = found_by_words(session, archive, LIBRARY, text, view)
        return [one.code for one in list_standings(session, archive, LIBRARY, view, among)]


def noted(archive: Archive) -> set[tuple[int, str, str]]:
    with archive.database.reading() as session:
        return {(one.subject_id, one.field, one.tokens) for one in session.scalars(select(SubjectWords))}


def told(archive: Archive, code: str, source: str = "DISTRICT", when: str = "2025-03-31", **facts: str) -> None:
    names = {"content": "建设内容", "products": "主要产品"}
    tell_facts(
        archive, LIBRARY, code, Told({names[k]: v for k, v in facts.items()}, source=source), "development", at(when)
    )


def test_words_of_two_characters_and_english_ones_are_found_wherever_they_stand(archive: Archive) -> None:
    taken(
        archive,
        row(archive, "示范电池结构件项目"),
        row(archive, "示范芯片项目", number=3, uscc=E2, firm="示范氢能公司", code=LATER_CODE),
    )
    told(archive, P, content="新建厂房，购置 Tesla 产线", products="电芯外壳")

    assert listed(archive, "电池 结构件") == [P]
    assert listed(archive, "结构件，TESLA、外壳") == [P]
    assert listed(archive, "氢能") == listed(archive, "芯片 氢能") == [Q]
    assert listed(archive, "示范") == [P, Q]
    assert listed(archive, "芯片 结构件") == []
    assert found(archive, "氢能") == {Q, E2}
    assert found(archive, "氢能", library="demo") == set()


def test_a_renamed_firm_and_its_projects_are_found_by_both_names(archive: Archive) -> None:
    taken(archive, row(archive, firm="示范轴承有限公司"))
    taken(archive, firm_row(archive, E1, "示范机器人有限公司", status="存续"), source="ENT")

    assert found(archive, "轴承") == found(archive, "机器人") == {P, E1}


def test_a_name_that_a_person_accepts_is_found(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]), row(archive, number=3, firm="示范轴承公司", facts={}))
    assert found(archive, "轴承") == set()

    settle_doubt(archive, LIBRARY, doubt_number(archive, "NAME_CONFLICT"), "accepted", by="data", now=NOW)

    assert found(archive, "轴承") == {P, E1}


def test_the_name_of_a_firm_that_comes_later_is_found(archive: Archive) -> None:
    taken(archive, row(archive, firm=None))
    taken(archive, row(archive, facts={}, firm="示范轴承公司"))

    assert found(archive, "轴承") == {P, E1}


def test_the_last_word_of_each_source_counts_and_what_it_said_before_is_not_found(archive: Archive) -> None:
    taken(archive, row(archive))
    told(archive, P, content="齿轮产线", when="2025-03-01")
    told(archive, P, content="轴承产线", when="2025-03-31")
    told(archive, P, content="减速器产线", source="DEPT")
    assert (found(archive, "齿轮"), found(archive, "轴承"), found(archive, "减速器")) == (set(), {P}, {P})

    told(archive, P, content="丝杠产线")

    assert (found(archive, "轴承"), found(archive, "丝杠")) == (set(), {P})


def test_texts_told_with_a_point_are_found_and_those_of_a_refused_one_are_not(archive: Archive) -> None:
    taken(archive, row(archive))
    with pytest.raises(UsageError):
        advance(archive, P, "SIGNED", "2025-03-03", "commerce", shown="", facts={"主要产品": "轴承"})
    assert found(archive, "轴承") == set()

    advance(archive, P, "SIGNED", "2025-03-03", "commerce", facts={"主要产品": "丝杠"})

    assert found(archive, "丝杠") == {P}


@pytest.mark.parametrize("text", ["", "  ", "*", '"', "项目", "公司 的", "-- ；'", "🔋"])
def test_a_text_without_a_word_to_look_for_is_refused(archive: Archive, text: str) -> None:
    with pytest.raises(UsageError, match="没有可查的词"):
        found(archive, text)

    assert ids_also_named(archive, LIBRARY, text, TODAY) == frozenset()


def test_too_many_words_are_refused(archive: Archive) -> None:
    many = " ".join(f"word{letter}{other}" for letter in "abcde" for other in "abcd")
    assert len(archive.cutter.words(many)) == 20
    assert found(archive, many) == set()

    with pytest.raises(UsageError, match="21 个可查的词"):
        found(archive, f"{many} 电池")


@pytest.mark.parametrize(
    "text", ['电池" OR "芯片', "电池*", "NEAR(电池, 芯片)", "-电池 芯片", "name:芯片 电池", "') OR 1=1 --电池芯片"]
)
def test_signs_of_a_query_are_no_query(archive: Archive, text: str) -> None:
    taken(archive, row(archive), row(archive, "示范芯片项目", number=3, uscc=E2, firm="示范氢能公司", code=LATER_CODE))

    assert found(archive, text) == ({P, E1} if text == "电池*" else set())


def test_a_batch_that_fails_leaves_no_words(archive: Archive) -> None:
    taken(archive, row(archive))
    before = noted(archive)
    late = row(archive, "示范轴承项目", number=3, code=LATER_CODE, uscc=E2, firm="示范轴承公司")
    unknown = replace(row(archive, "示范另一项目", number=4), code="CZ-2025-09999")
    batch = Delivery("DISTRICT", "f.csv", Intake((late, unknown), (), (), "f"), "importer", strict=True)
    written: list[str] = []
    event.listen(archive.database.engine, "before_cursor_execute", lambda *told: written.append(told[2]))

    with pytest.raises(UsageError, match="没有这个编号"):
        take_in(archive, LIBRARY, batch, NOW)

    assert any("subject_words" in one for one in written)
    assert found(archive, "轴承") == set()
    assert noted(archive) == before


def test_the_words_of_many_rows_are_written_at_once(archive: Archive) -> None:
    counts = []
    for first, size in ((0, 5), (1000, 120)):
        rows = [
            replace(
                row(archive, f"示范轴承{n}号项目", number=n, code=None, uscc=None, firm=f"示范丝杠{n}号公司"),
                firm_observations=(),
            )
            for n in range(first, first + size)
        ]
        asked: list[str] = []
        event.listen(archive.database.engine, "before_cursor_execute", lambda *told, asked=asked: asked.append(told[2]))
        taken(archive, *rows)
        counts.append(len([one for one in asked if "subject_words" in one]))

    assert len(found(archive, "轴承")) == 125
    assert len(found(archive, "丝杠")) == 250
    assert counts[0] == counts[1] <= 2


def test_the_words_of_a_merged_project_lead_to_the_one_that_stands_for_it(archive: Archive) -> None:
    taken(archive, row(archive, "示范电芯项目", points=[SIGNED]))
    taken(archive, row(archive, "示范轴承项目", code=LATER_CODE, points=[SIGNED]), when=at("2025-03-10"))
    assert listed(archive, "轴承") == [Q]

    merge_projects(archive, LIBRARY, Q, P, reason="同一项目", by="data", now=NOW)

    assert listed(archive, "轴承") == [P]
    assert listed(archive, "轴承", View(day("2025-03-30"), at("2025-03-30"))) == [Q]
    unmerge_project(archive, LIBRARY, Q, reason="两个项目", by="data", now=NOW)
    assert listed(archive, "轴承") == [Q]


def test_the_words_of_today_find_a_project_as_it_was(archive: Archive) -> None:
    taken(archive, row(archive, points=[SIGNED]), when=at("2025-03-01"))
    told(archive, P, content="轴承产线")

    assert listed(archive, "轴承", View(day("2025-03-02"), at("2025-03-02"))) == [P]
    assert listed(archive, "轴承", View(day("2025-02-01"), at("2025-02-01"))) == []


def test_an_archive_that_has_no_words_yet_has_them_once_it_is_opened(archive: Archive) -> None:
    taken(archive, row(archive))
    told(archive, P, content="轴承产线")
    before = noted(archive)
    with archive.database.writing() as session:
        session.execute(delete(SubjectWords))
    assert found(archive, "轴承") == set()

    again = open_archive(_address(archive), ROOT / "rules", ROOT / "corpus", secret=open_secret(Settings()))

    assert found(again, "轴承") == {P}
    assert noted(again) == before
    again.database.close()


def test_a_changed_lexicon_cuts_all_words_anew_and_one_with_a_fault_stops_nobody(
    archive: Archive, tmp_path: Path
) -> None:
    taken(archive, row(archive, "示范飞天小陀螺项目"))
    corpus = tmp_path / "corpus"
    shutil.copytree(ROOT / "corpus", corpus)
    names = corpus / "lexicon" / "names.yaml"
    names.write_text(names.read_text("utf-8") + "  - {name: 飞天小陀螺, means: 创新}\n", "utf-8")

    again = open_archive(_address(archive), ROOT / "rules", corpus, secret=open_secret(Settings()))

    assert "飞天小陀螺" in again.cutter.words("飞天小陀螺")
    assert found(again, "飞天小陀螺") == {P}
    again.database.close()
    names.write_text("oops", "utf-8")
    faulty = open_archive(_address(archive), ROOT / "rules", corpus, secret=open_secret(Settings()))
    assert found(faulty, "陀螺") == {P}
    faulty.database.close()
    open_archive(_address(archive), ROOT / "rules", ROOT / "corpus", secret=open_secret(Settings())).database.close()


def _name(archive: Archive) -> None:
    taken(archive, firm_row(archive, E1, "示范机器人有限公司", status="存续"), source="ENT")


def _accept(archive: Archive) -> None:
    taken(archive, row(archive, firm="示范轴承公司", facts={}))
    settle_doubt(archive, LIBRARY, doubt_number(archive, "NAME_CONFLICT"), "accepted", by="data", now=NOW)


def _add(archive: Archive) -> None:
    facts = {"总投资": "2亿元", "项目类型": "新招引", "所在辖市区": "武进区", "主要产品": "轴承"}
    add_project(archive, LIBRARY, Told(facts, "示范丝杠项目", firm_name="示范丝杠公司"), "development", NOW)


def _import(archive: Archive) -> None:
    said = (*row(archive).observations, seen(archive, "content", "轴承产线", "DISTRICT"))
    taken(
        archive, replace(row(archive, "示范丝杠项目", code=LATER_CODE, uscc=E2, firm="示范丝杠公司"), observations=said)
    )


def _advance(archive: Archive) -> None:
    advance(archive, P, "SIGNED", "2025-03-03", "commerce", facts={"主要产品": "丝杠"})


@pytest.mark.parametrize(
    "way", [_name, _accept, _add, _import, _advance, lambda archive: told(archive, P, content="轴承")]
)
def test_every_way_in_leaves_the_words_that_cutting_all_anew_gives(
    archive: Archive, way: Callable[[Archive], None]
) -> None:
    taken(archive, row(archive))
    first = noted(archive)

    way(archive)

    left = noted(archive)
    with archive.database.writing() as session:
        note_words(session, archive.vocabulary, archive.cutter, subjects.every_id(session))
    assert left == noted(archive) != first


def test_the_cutter_gives_each_word_once_and_cuts_no_more_than_it_promises() -> None:
    cutter = Cutter.of(ROOT / "corpus")

    assert cutter.words("电池 电池") == ["电池"]
    assert cutter.words("轴承" + " " * 19_998 + "电池") == ["轴承"]
    assert cutter.words("轴承" + " " * 19_996 + "电池") == ["轴承", "电池"]


def _address(archive: Archive) -> str:
    return archive.database.engine.url.render_as_string(hide_password=False)
