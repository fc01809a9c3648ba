"""The shipped schemes, read once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from ranked import ROOT, shipped

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.scheme import Scheme


@pytest.fixture(scope="session")
def known(vocabulary: Vocabulary) -> tuple[Vocabulary, LifecycleTable]:
    """Vocabulary and lifecycle."""
    return vocabulary, load_lifecycle(ROOT / "rules" / "lifecycle.yaml")


@pytest.fixture(scope="session")
def yearly(known: tuple[Vocabulary, LifecycleTable]) -> Scheme:
    """The first version of the yearly evaluation."""
    return shipped("input_output.v1", known)


@pytest.fixture(scope="session")
def uncapped(yearly: Scheme) -> Scheme:
    """The same with a cap that nobody reaches, so that forty projects have forty scores."""
    return replace(yearly, indices=tuple(replace(index, cap=Fraction(100)) for index in yearly.indices))


@pytest.fixture(scope="session")
def stage(known: tuple[Vocabulary, LifecycleTable]) -> Scheme:
    """The first version of the stage evaluation."""
    return shipped("stage.v1", known)


@pytest.fixture(scope="session")
def employment(known: tuple[Vocabulary, LifecycleTable]) -> Scheme:
    """The first version of the assessment of jobs."""
    return shipped("employment.v1", known)
