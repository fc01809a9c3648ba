"""A release written out and read back is the same one, and decides the same, to the byte, as the folder it was read from."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import orjson
import pytest

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import RuleError
from policy_match.exchange.release_folder import files_of, read_release, write_release
from policy_match.exchange.subjects import read_subjects
from policy_match.exchange.taxonomies import load_industries
from policy_match.facts.vocabulary_file import load_vocabulary
from policy_match.release import Release
from policy_match.text.searchable import searchables
from policy_match.workflows.match import Matching
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.read_release import Shelf, compiled
from policy_match.workflows.show_match import match_data

ROOT = Path(__file__).resolve().parents[2]
RULES, CORPUS = ROOT / "rules", ROOT / "corpus"


@pytest.fixture(scope="module")
def shipped() -> Release:
    """The shipped rules and corpus as a release."""
    return read_release(RULES, CORPUS, "1")


@pytest.fixture(scope="module")
def again(shipped: Release) -> Rulebook:
    """The rulebook of its texts."""
    return compiled(shipped)


def lines(rulebook: Rulebook, file: Path, day: date) -> list[bytes]:
    subjects = read_subjects(file, rulebook.vocabulary).subjects
    matching = Matching(rulebook, subjects, day, open_ordering(RULES))
    return [orjson.dumps(match_data(match, day)) for match in matching.lines(all_reasons=True)]


def test_a_release_written_out_is_read_back_as_the_same(shipped: Release, tmp_path: Path) -> None:
    again = read_release(*write_release(shipped, tmp_path), "1")

    assert (again.hash, again.pieces) == (shipped.hash, dict(shipped.pieces))


@pytest.mark.parametrize("day", ["2024-12-31", "2026-11-27"])
def test_the_shipped_rules_decide_the_same_from_their_release_to_the_byte(
    rulebook: Rulebook, again: Rulebook, day: str
) -> None:
    on, demo = date.fromisoformat(day), CORPUS / "demo" / "subjects.jsonl"

    assert lines(again, demo, on) == lines(rulebook, demo, on)


def test_pages_and_search_say_the_same_from_a_release(rulebook: Rulebook, again: Rulebook) -> None:
    assert [*again.vocabulary.facts] == [*rulebook.vocabulary.facts]
    assert again.vocabulary.facts == rulebook.vocabulary.facts
    assert repr(searchables(again)) == repr(searchables(rulebook))
    assert [rule.measure for rule in again.rules] == [rule.measure for rule in rulebook.rules]


def test_everything_that_decides_is_a_piece_and_a_fact_is_one_of_its_own(shipped: Release) -> None:
    names = set(shipped.pieces)

    assert {"rules/lifecycle.yaml", "rules/entitlement.yaml", "rules/calendar/2025.yaml"} <= names
    assert {"corpus/taxonomies/industries.csv", "corpus/documents/czbf-2024-37.yaml"} <= names
    assert {"rules/facts.yaml#", "rules/facts.yaml#total_investment"} <= names
    assert "rules/facts.yaml" not in names
    measures = {*(RULES / "measures").rglob("*.yaml")}
    assert len([name for name in names if name.startswith("rules/measures/")]) == len(measures)


def test_the_pieces_of_a_few_facts_make_a_vocabulary_of_these(shipped: Release, tmp_path: Path) -> None:
    kept = ("rules/facts.yaml#", "rules/facts.yaml#district", "rules/facts.yaml#agreed_investment")
    few = {name: text for name, text in shipped.pieces.items() if name in kept or name.startswith("corpus/taxonomies")}
    rules, corpus = write_release(Release("1", few), tmp_path)

    vocabulary = load_vocabulary(rules / "facts.yaml", load_industries(corpus / "taxonomies" / "industries.csv"))
    assert {*vocabulary.facts} == {"district", "agreed_investment"}


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    for name, written in (("a", "x: 1\nx: 2\n"), ("b", "x: yes\n")):
        path = tmp_path / "rules" / "calendar" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written, encoding="utf-8")

    with pytest.raises(RuleError) as refused:
        read_release(tmp_path / "rules", tmp_path / "corpus", "1")
    assert [issue.where for issue in refused.value.issues] == ["rules/calendar/a.yaml:2", "rules/calendar/b.yaml:1"]


def test_the_hash_of_a_folder_is_looked_up_by_its_bytes_and_found_anew_when_they_change(tmp_path: Path) -> None:
    rules, cache = tmp_path / "rules", tmp_path / "cache"
    (rules / "calendar").mkdir(parents=True)
    cache.mkdir()
    shutil.copy(RULES / "calendar" / "2025.yaml", rules / "calendar")

    first, looked_up = (Shelf(rules, tmp_path / "corpus", cache) for _ in range(2))
    assert first.hash == looked_up.hash == first.release.hash
    assert "release" not in vars(looked_up)
    assert [*files_of(rules, tmp_path / "corpus")] == ["rules/calendar/2025.yaml"]

    shutil.copy(RULES / "calendar" / "2024.yaml", rules / "calendar")
    assert Shelf(rules, tmp_path / "corpus", cache).hash not in (first.hash, "")
    assert Shelf(rules, tmp_path / "corpus").hash == Shelf(rules, tmp_path / "corpus", cache).hash
