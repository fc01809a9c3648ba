"""The lexicon's files: every fault is refused with its line, and the shipped one is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_match.errors import RuleError
from policy_match.exchange.lexicon import load_lexicon
from policy_match.text.lexicon import Ask, Lexicon, ShortName
from policy_match.text.searchable import Searchable
from policy_match.workflows.open_index import open_index
from policy_match.workflows.show_measure import TOPIC_NAMES


def write(folder: Path, **files: str) -> Path:
    (folder / "topics").mkdir(exist_ok=True)
    for name, text in files.items():
        path = (
            folder / "topics" / f"{name}.yaml"
            if name in TOPIC_NAMES
            else folder / f"{name}.{'jsonl' if name == 'graded' else 'yaml'}"
        )
        path.write_text(text, "utf-8")
    return folder


LAND = "schema: lexicon_topic/1\ntopic: land\nwords: [拿地]\n"


def test_every_topic_has_words_and_questions(lexicon: Lexicon) -> None:
    assert set(lexicon.words) == set(TOPIC_NAMES)
    asked = {topic for ask in lexicon.asks for topic in ask.relevant}
    assert asked == set(TOPIC_NAMES)
    assert all(len(words) >= 40 for words in lexicon.words.values())


def test_words_questions_and_names_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        land=LAND + "asks: [要块地, {ask: 地和电都要, also: [energy_power], also_weak: [fast_permit]}]\n",
        names="schema: lexicon_names/1\nnames: [{name: 甲, target: x}, {name: 乙, means: 丙}]\n",
        elsewhere="schema: lexicon_elsewhere/1\nasks: [下雨吗]\n",
        graded='{"qid": "1", "query": "地", "relevant": {"land": 2}}\n',
    )
    found = load_lexicon(tmp_path)
    assert found.words == {"land": ("拿地",)}
    assert found.asks == (
        Ask("要块地", {"land": 2}),
        Ask("地和电都要", {"land": 2, "energy_power": 2, "fast_permit": 1}),
        Ask("下雨吗", {}),
    )
    assert found.graded == (Ask("地", {"land": 2}),)
    assert found.names == (ShortName("甲", target="x"), ShortName("乙", means="丙"))


def test_a_corpus_without_a_lexicon_has_an_empty_one(tmp_path: Path) -> None:
    assert load_lexicon(tmp_path) == Lexicon({}, (), (), ())


@pytest.mark.parametrize(
    ("files", "code", "where"),
    [
        ({"land": LAND + "word: [x]\n"}, "extra_forbidden", "land.yaml:4"),
        ({"land": LAND.replace("land", "ip")}, "LEXICON_FILE", "land.yaml:2"),
        ({"land": LAND.replace("land", "lnad")}, "literal_error", "land.yaml:2"),
        ({"land": "schema: lexicon_topic/1\ntopic: land\nwords: [拿地, 拿地]\n"}, "LEXICON_TWICE", "land.yaml:3"),
        ({"land": LAND + "asks:\n  - 地\n  - 地\n"}, "LEXICON_TWICE", "land.yaml:6"),
        ({"land": "schema: lexicon_topic/1\ntopic: land\nwords: []\n"}, "too_short", "land.yaml:3"),
        ({"land": "["}, "", "land.yaml"),
        ({"names": "schema: lexicon_names/1\nnames: [{name: 甲}]\n"}, "LEXICON_NAME", "names.yaml:2"),
        (
            {"names": "schema: lexicon_names/1\nnames: [{name: 甲, target: a, means: b}]\n"},
            "LEXICON_NAME",
            "names.yaml:2",
        ),
        ({"elsewhere": "schema: lexicon_elsewhere/1\nasks: [雨, 雨]\n"}, "LEXICON_TWICE", "elsewhere.yaml:2"),
        ({"graded": '{"qid": "1", "query": "地", "relevant": {"land": 3}}\n'}, "LEXICON_GRADED", "graded.jsonl:1"),
        ({"graded": '{"qid": "1", "query": "地", "relevant": {}}\n{"qid"'}, "LEXICON_GRADED", "graded.jsonl:2"),
    ],
)
def test_a_fault_is_refused_where_it_stands(tmp_path: Path, files: dict[str, str], code: str, where: str) -> None:
    with pytest.raises(RuleError) as refused:
        load_lexicon(write(tmp_path, **files))
    assert where in str(refused.value)
    assert code.isupper() is False or code in {issue.code for issue in refused.value.issues}


def test_a_name_of_nothing_we_hold_is_refused(tmp_path: Path) -> None:
    from policy_match.workflows.open_index import _check_targets

    entry = Searchable("x", "measure", "示例", ("land",), "320400", (), "示例")
    _check_targets(Lexicon({}, (), (), (ShortName("甲", target="x"),)), (entry,))
    with pytest.raises(RuleError, match="甲→y"):
        _check_targets(Lexicon({}, (), (), (ShortName("甲", target="y"),)), (entry,))


def test_an_index_is_built_once_for_the_same_content(rulebook, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    corpus = tmp_path / "corpus"
    write(_made(corpus / "lexicon"), land=LAND + "asks: [要块地]\n", ip=LAND.replace("land", "ip") + "asks: [专利]\n")
    cache = tmp_path / "cache"
    first = open_index(rulebook, corpus, cache)
    stored = list(cache.glob("search-*.pickle"))
    assert len(stored) == 1
    made = stored[0].stat().st_mtime_ns
    again = open_index(rulebook, corpus, cache)
    assert stored[0].stat().st_mtime_ns == made
    assert again.search("要块地") == first.search("要块地")
    write(corpus / "lexicon", land=LAND + "asks: [要块地, 租厂房]\n")
    open_index(rulebook, corpus, cache)
    assert [path.name for path in cache.glob("search-*.pickle")] != [stored[0].name]
    assert len(list(cache.glob("search-*.pickle"))) == 1


def test_a_folder_that_cannot_be_written_is_no_error(rulebook, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    corpus = tmp_path / "corpus"
    write(_made(corpus / "lexicon"), land=LAND + "asks: [要块地]\n", ip=LAND.replace("land", "ip") + "asks: [专利]\n")
    (tmp_path / "file").write_text("x")
    assert open_index(rulebook, corpus, tmp_path / "file" / "cache").search("要块地").hits


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
