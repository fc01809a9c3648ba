"""Who sees which subjects, and how much of a figure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.access.permissions import Reach
from policy_match.access.scope import NOTHING, Scope, scope_of, visible
from policy_match.access.viewer import ANYBODY, Means, Viewer
from policy_match.facts.cells import Possible, Series, known_cell
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.veil import OFF, Veil
from policy_match.facts.vocabulary import Vocabulary
from policy_match.units import Band
from policy_match.workflows.open_rules import open_vocabulary

ROOT = Path(__file__).resolve().parents[2]
WAN = 10_000 * 100


def subject(name: str, kind: Kind, region: str | None, firm: str | None = None) -> Subject:
    fact = "registered_region" if kind is Kind.ENTERPRISE else "district"
    cells = {} if region is None else {fact: known_cell(Possible.only(region), "DISTRICT", None)}
    return Subject(name, kind, cells, enterprise=firm)


EVERY = (
    subject("F1", Kind.ENTERPRISE, "320412", "USCC1"),
    subject("F2", Kind.ENTERPRISE, "320411", "USCC2"),
    subject("F3", Kind.ENTERPRISE, None, "USCC3"),
    subject("A1", Kind.PROJECT, "320412", "F1"),
    subject("A2", Kind.PROJECT, "320412", "F2"),
    subject("B1", Kind.PROJECT, "320481", "F1"),
    subject("C1", Kind.PROJECT, None, "F3"),
    subject("P1", Kind.PERSON, None, "F2"),
)


def seen(scope: Scope, public: frozenset[str] = frozenset()) -> set[str]:
    return {one.id for one in visible(EVERY, scope, public)}


def test_an_area_holds_its_projects_its_firms_and_the_firms_of_its_projects() -> None:
    assert seen(Scope(region="320412")) == {"F1", "F2", "A1", "A2"}
    assert seen(Scope(region="320481")) == {"F1", "B1"}
    assert seen(Scope(region="320402")) == set()


def test_a_subject_whose_area_is_not_known_is_in_no_area() -> None:
    assert all("C1" not in seen(Scope(region=code)) for code in ("320402", "320404", "320411", "320412", "320481"))


@pytest.mark.parametrize("name", ["F1", "USCC1"])
def test_a_firm_sees_itself_and_its_projects_by_either_of_its_names(name: str) -> None:
    assert seen(Scope(firm=name)) == {"F1", "A1", "B1"}


def test_what_is_public_is_seen_beside_the_own_and_alone() -> None:
    assert seen(Scope(firm="USCC1"), frozenset({"A2"})) == {"F1", "A1", "B1", "A2"}
    assert seen(Scope(), frozenset({"A2"})) == {"A2"}
    assert seen(Scope()) == set()
    assert seen(NOTHING) == set()
    assert seen(Scope(everything=True)) == {one.id for one in EVERY}


def test_somebody_of_a_firm_sees_the_firm_and_not_its_area() -> None:
    owner = Viewer("e", "企业", "enterprise", Means.SESSION, region="320412", firm="USCC1")

    assert scope_of(owner, Reach.OWN, Reach.OWN) == Scope(firm="USCC1", shows=Reach.OWN)
    assert scope_of(replace(owner, firm=None), Reach.OWN, Reach.OWN) == Scope(shows=Reach.OWN)
    assert scope_of(ANYBODY, Reach.PUBLIC, Reach.PUBLIC) == Scope(shows=Reach.PUBLIC)
    assert scope_of(owner, None, None) == Scope()


def test_somebody_with_own_scope_and_neither_area_nor_firm_sees_nothing_that_is_not_public() -> None:
    nobody = Viewer("d", "经办人", "district", Means.SESSION)

    assert seen(scope_of(nobody, Reach.OWN, Reach.BAND)) == set()


@cache
def shipped() -> Vocabulary:
    return open_vocabulary(ROOT / "rules", ROOT / "corpus")


@pytest.fixture
def vocabulary() -> Vocabulary:
    return shipped()


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (0, "0万元至100万元"),
        (100 * WAN - 1, "0万元至100万元"),
        (100 * WAN, "100万元至500万元"),
        (3_000 * WAN, "2000万元至5000万元"),
        (2_000_000 * WAN, "不低于100亿元"),
        (-1, "不高于0万元"),
    ],
)
def test_a_covered_figure_is_shown_as_the_range_it_lies_in(figure: int, text: str, vocabulary: Vocabulary) -> None:
    veil = Veil(frozenset({"revenue_last"}), as_range=True)

    assert veil.text(vocabulary["revenue_last"], Band.exact(figure), vocabulary).replace("0元", "0万元") == text


def test_without_a_right_to_ranges_a_covered_figure_is_not_shown(vocabulary: Vocabulary) -> None:
    veil = Veil(frozenset({"revenue_last"}))

    assert veil.shown(vocabulary["revenue_last"], Band.exact(1)) is None
    assert veil.text(vocabulary["revenue_last"], Band.exact(1), vocabulary) == "不显示"
    assert veil.shown(vocabulary["staff_total"], Band.exact(1)) == Band.exact(1)
    assert OFF.shown(vocabulary["revenue_last"], Band.exact(1)) == Band.exact(1)


def test_what_is_no_figure_has_no_range(vocabulary: Vocabulary) -> None:
    veil = Veil(frozenset({"tax_credit_grade"}), as_range=True)

    assert veil.text(vocabulary["tax_credit_grade"], Possible.only("A"), vocabulary) == "不显示"


@given(low=st.integers(-(10**14), 10**15), more=st.integers(0, 10**14))
def test_the_range_always_holds_the_figure_and_never_names_it(low: int, more: int) -> None:
    vocabulary = shipped()
    veil = Veil(frozenset({"revenue_by_year"}), as_range=True)

    shown = veil.shown(vocabulary["revenue_by_year"], Series((Band(low, low + more), Band(None, None))))

    assert isinstance(shown, Series)
    first, second = shown.entries
    assert (first.low is None or first.low <= low) and (first.high is None or first.high > low + more)
    assert second == Band(None, None)


def test_a_ratio_is_shown_in_tenths(vocabulary: Vocabulary) -> None:
    veil = Veil(frozenset({"profit_margin_mean_2y"}), as_range=True)

    assert veil.shown(vocabulary["profit_margin_mean_2y"], Band.exact(Fraction(17, 100))) == Band(
        Fraction(1, 10), Fraction(2, 10)
    )
