"""Every entry is accounted for, once; the grade of a measure says what of it has been seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from policy_match.authoring.clause_counts import ClauseState, clause_counts, clause_line, clause_state
from policy_match.authoring.completeness import Completeness, Want, completeness, end_is_seen, wants
from policy_match.authoring.coverage import Corpus, CorpusOnly, Coverage, Entry, Kind, Package, Parts, coverage_of
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Effective
from policy_match.workflows.cover_entries import coverage_data, open_coverage
from policy_match.workflows.coverage_page import coverage_page, coverage_tables

ROOT = Path(__file__).resolve().parents[2]


def entry(name: str, fills: str | None = None) -> Entry:
    return Entry(name, f"{name}的名称", fills, f"entries/a.yaml:{name}")


def kept(name: str, kind: Kind = Kind.PROCESS, of: str | None = None) -> CorpusOnly:
    return CorpusOnly(name, kind, "示例", of, f"entries/corpus_only.yaml:{name}")


def package(name: str = "CX20", parts: Parts | None = None) -> Package:
    return Package(name, f"{name}的名称", parts, f"entries/packages.yaml:{name}")


def covered(
    rules: list[Rule],
    entries: list[Entry] | None = None,
    reasons: list[CorpusOnly] | None = None,
    packages: list[Package] | None = None,
) -> Coverage:
    """The coverage of these rules, which all stand in the package CX20."""
    corpus = Corpus(tuple(entries or ()), tuple(reasons or ()), tuple([package()] if packages is None else packages))
    return coverage_of(corpus, rules)


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


def test_with_one_row_of_the_amount_unseen_it_is_a_b_even_if_the_rest_was_seen_on_the_page(rulebook: Rulebook) -> None:
    found = seen(rulebook.versions("cz_design_centre_award_2021")[-1])

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

    found = covered([first, second], entries, [kept("P")])

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
    found = covered([seen(rule, data_ids=data_ids)], entries, reasons)

    assert [said in fault.what for fault in found.faults] == [True]
    assert found.faults[0].where


def test_a_measure_is_graded_by_its_newest_version_that_decides(rule: Rule) -> None:
    old, new = seen(rule, version=1), seen(rule, version=2, benefit="unseen")
    draft = seen(rule, version=3, status="draft")

    assert covered([old, new]).grades() == {Completeness.A: 0, Completeness.B: 1, Completeness.C: 0}
    assert [r.measure.version for r in covered([old, new, draft]).newest] == [2]
    assert covered([draft]).grades()[Completeness.C] == 1


def test_a_draft_gives_its_topics_and_family_no_measure(rule: Rule) -> None:
    decides, draft = covered([rule]), covered([seen(rule, status="draft")])

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


def test_a_part_counts_once_its_entry_or_the_one_that_says_the_same_has_a_measure(rule: Rule) -> None:
    parts = Parts(4, "项细则", ("R1", "R2", "R3", "R4"))
    entries = [entry("R1"), entry("R2"), entry("R3"), entry("R4"), entry("A", fills="R1"), entry("B")]
    reasons = [kept("R2", Kind.DUPLICATE, "B"), kept("R3", Kind.DUPLICATE, "R4"), kept("R4", Kind.FRAMEWORK)]

    found = covered([seen(rule, data_ids=("A", "B"))], entries, reasons, [package(parts=parts)])

    assert found.faults == ()
    (seen_parts,) = found.parts_seen().values()
    assert (seen_parts.seen, [one.id for one in seen_parts.without]) == (2, ["R3", "R4"])


def test_parts_that_nobody_has_listed_are_counted_by_the_measures_past_ones_included(rule: Rule) -> None:
    packages = [package("CX20", Parts(30, "条", ())), package("CY30", Parts(30, "条", ()))]
    old, new = seen(rule, version=1), replace(seen(rule, version=2), package="CY30")

    found = covered([old, new], packages=packages)

    assert {one.id: parts.seen for one, parts in found.parts_seen().items()} == {"CX20": 1, "CY30": 1}
    assert {one.id: len(rules) for one, rules in found.by_package().items()} == {"CX20": 0, "CY30": 1}


def test_a_package_that_is_not_registered_and_a_part_without_an_entry_are_faults(rule: Rule) -> None:
    (package_fault,) = covered([rule], packages=[package("CY30")]).faults[-1:]
    (part_fault,) = covered([seen(rule)], packages=[package(parts=Parts(1, "条", ("X",)))]).faults

    assert "没有名为“CX20”的文件包" in package_fault.what and package_fault.allowed == "CY30"
    assert "没有编号为“X”的条目" in part_fault.what


def test_every_clause_is_counted_once_by_what_became_of_it(rule: Rule, rulebook: Rulebook) -> None:
    draft = seen(rule, status="draft")
    clauses = len(rule.measure.clauses)

    assert clause_counts([rule, draft]) == {
        ClauseState.ENCODED: clauses,
        ClauseState.HUMAN: 0,
        ClauseState.ASSUMED: 0,
        ClauseState.UNNEEDED: 0,
        ClauseState.OPEN: clauses,
    }
    assert clause_line([rule]) == f"条款 {clauses} 条：写成条件或待遇 {clauses}。"
    shared = rulebook.versions("cz_title_award")[-1]
    asked = [clause for clause in shared.measure.clauses if "earlier_title" in clause.by]
    assert [clause_state(clause, shared) for clause in asked] == [ClauseState.HUMAN]
    shipped = clause_counts(rulebook.rules)
    assert all(shipped.values()) and sum(shipped.values()) == sum(len(one.measure.clauses) for one in rulebook.rules)


def test_the_readme_carries_the_tables_of_the_coverage() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert coverage_tables(open_coverage(ROOT / "rules", ROOT / "corpus")) in readme
