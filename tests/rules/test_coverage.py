"""Every entry is accounted for, once; the grade of a measure says what of it has been seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from policy_match.authoring.completeness import Completeness, Want, completeness, end_is_seen, wants
from policy_match.authoring.coverage import CorpusOnly, Entry, Kind, coverage_of
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Effective
from policy_match.workflows.cover_entries import coverage_data, coverage_page, open_coverage

ROOT = Path(__file__).resolve().parents[2]


def entry(name: str, fills: str | None = None) -> Entry:
    return Entry(name, f"{name}的名称", fills, f"entries/a.yaml:{name}")


def kept(name: str, kind: Kind = Kind.PROCESS, of: str | None = None) -> CorpusOnly:
    return CorpusOnly(name, kind, "示例", of, f"entries/corpus_only.yaml:{name}")


@pytest.fixture(scope="module")
def rule(rulebook: Rulebook) -> Rule:
    """A measure of which everything is seen."""
    return seen(rulebook.versions("cz_hnte_award")[-1])


def seen(
    rule: Rule,
    *,
    conditions: str = "page",
    benefit: str = "page",
    document: str = "page",
    through: str = "2030-12-31",
    seen_on: tuple[str, ...] = (),
    status: str = "active",
    data_ids: tuple[str, ...] = (),
    **changes: object,
) -> Rule:
    verified = rule.measure.verified.model_copy(update={"conditions": conditions, "benefit": benefit})
    effective = Effective.model_validate({"from": "2023", "through": through, "seen_in_force_on": list(seen_on)})
    update = {"verified": verified, "effective": effective, "status": status, "data_ids": list(data_ids), **changes}
    source = rule.document.model_copy(update={"seen": document})
    return replace(rule, measure=rule.measure.model_copy(update=update), document=source)


@pytest.mark.parametrize("by", ["page", "copy"])
def test_a_measure_of_which_everything_was_seen_is_complete(rule: Rule, by: str) -> None:
    found = seen(rule, conditions=by, benefit=by, document=by)

    assert (completeness(found), wants(found)) == (Completeness.A, ())


def test_a_recognition_needs_no_amount_and_a_standing_rule_no_end(rule: Rule) -> None:
    assert completeness(seen(rule, benefit="none", through="open")) is Completeness.A


@pytest.mark.parametrize("benefit", ["unseen", "recalled"])
def test_without_the_amount_seen_the_conditions_alone_make_a_b(rule: Rule, benefit: str) -> None:
    found = seen(rule, benefit=benefit)

    assert (completeness(found), wants(found)) == (Completeness.B, (Want.AMOUNT,))


def test_what_is_recalled_is_never_complete(rule: Rule) -> None:
    found = seen(rule, conditions="recalled", document="recalled")

    assert (completeness(found), wants(found)) == (Completeness.B, (Want.DOCUMENT, Want.CONDITIONS))


def test_an_end_nobody_saw_needs_a_day_on_which_the_measure_was_seen_in_force(rule: Rule) -> None:
    without, witnessed = seen(rule, through="unknown"), seen(rule, through="unknown", seen_on=("2024-06-19",))

    assert (completeness(without), wants(without)) == (Completeness.B, (Want.VALIDITY,))
    assert (completeness(witnessed), end_is_seen(witnessed)) == (Completeness.A, False)
    assert end_is_seen(seen(rule, through="superseded"))


def test_a_draft_decides_nothing_and_is_corpus_only(rule: Rule) -> None:
    assert completeness(seen(rule, status="draft")) is Completeness.C


def test_an_entry_is_carried_out_by_its_measures_and_by_those_of_an_entry_that_fills_it(rule: Rule) -> None:
    first, second = seen(rule, data_ids=("A", "B"), version=2), seen(rule, data_ids=("B",), version=1)
    entries = [entry("T"), entry("A", fills="T"), entry("B"), entry("P")]

    found = coverage_of(entries, [kept("P")], [first, second])

    assert found.faults == ()
    versions = {fate.entry.id: [one.measure.version for one in fate.rules] for fate in found.fates}
    assert versions == {"T": [2], "A": [2], "B": [1, 2], "P": []}
    assert [fate.entry.id for fate in found.by_kind()[Kind.PROCESS]] == ["P"]


@pytest.mark.parametrize(
    ("entries", "reasons", "data_ids", "said"),
    [
        ([entry("A"), entry("X")], [], ("A",), "条目“X”没有交代"),
        ([entry("A")], [kept("A")], ("A",), "条目“A”已有措施"),
        ([entry("A")], [], ("A", "X"), "没有编号为“X”的条目"),
        ([entry("A")], [kept("X")], ("A",), "没有编号为“X”的条目"),
        ([entry("A"), entry("B")], [kept("B", Kind.DUPLICATE, "X")], ("A",), "没有编号为“X”的条目"),
        ([entry("A", fills="X")], [], ("A",), "没有编号为“X”的条目"),
    ],
)
def test_an_entry_lost_or_told_twice_and_a_name_that_does_not_exist_are_faults(
    rule: Rule, entries: list[Entry], reasons: list[CorpusOnly], data_ids: tuple[str, ...], said: str
) -> None:
    found = coverage_of(entries, reasons, [seen(rule, data_ids=data_ids)])

    assert [said in fault.what for fault in found.faults] == [True]
    assert found.faults[0].where


def test_a_measure_is_graded_by_its_newest_version_that_decides(rule: Rule) -> None:
    old, new = seen(rule, version=1), seen(rule, version=2, benefit="unseen")
    draft = seen(rule, version=3, status="draft")

    assert coverage_of([], [], [old, new]).grades() == {Completeness.A: 0, Completeness.B: 1, Completeness.C: 0}
    assert [r.measure.version for r in coverage_of([], [], [old, new, draft]).newest] == [2]
    assert coverage_of([], [], [draft]).grades()[Completeness.C] == 1


def test_a_draft_gives_its_topics_and_family_no_measure(rule: Rule) -> None:
    decides, draft = coverage_of([], [], [rule]), coverage_of([], [], [seen(rule, status="draft")])

    assert set(draft.bare_topics()) - set(decides.bare_topics()) == set(rule.measure.topics)
    assert rule.measure.family in coverage_data(draft)["summary"]["families_without"]  # type: ignore[call-overload,index]
    assert rule.measure.family not in coverage_data(decides)["summary"]["families_without"]  # type: ignore[call-overload,index]


def test_every_shipped_entry_is_accounted_for_and_the_document_says_so() -> None:
    found = open_coverage(ROOT / "rules", ROOT / "corpus")

    assert found.faults == ()
    assert (ROOT / "docs" / "coverage.zh.md").read_text("utf-8") == coverage_page(found)
    assert sum(found.grades().values()) == len(found.newest)
    for groups in (found.by_package(), found.by_family()):
        assert sum(len(rules) for rules in groups.values()) == len(found.newest)
