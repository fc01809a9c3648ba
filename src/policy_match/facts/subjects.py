"""Subjects: projects, enterprises and persons with what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from policy_match.facts.cells import Cell
from policy_match.facts.derive import derive_all
from policy_match.facts.read import usable
from policy_match.facts.vocabulary import Vocabulary


class Kind(StrEnum):
    """What a subject is."""

    PROJECT = "project"
    ENTERPRISE = "enterprise"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject as given. `enterprise`: id or USCC of the enterprise that a project or person belongs to."""

    id: str
    kind: Kind
    cells: Mapping[str, Cell]
    name: str | None = None
    enterprise: str | None = None
    enterprise_name: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.id


def default_kind(facts: Iterable[str], vocabulary: Vocabulary) -> Kind:
    """Person if any person fact is given, else project if any project fact is, else enterprise."""
    subjects = {vocabulary[name].subject for name in facts}
    for kind in (Kind.PERSON, Kind.PROJECT):
        if kind.value in subjects:
            return kind
    return Kind.ENTERPRISE


def joined(subjects: Iterable[Subject], vocabulary: Vocabulary) -> tuple[Subject, ...]:
    """Give each project the facts of its enterprise; its own line comes first. An unknown enterprise adds nothing."""
    every = tuple(subjects)
    firms: dict[str, Subject] = {}
    for subject in every:
        if subject.kind is Kind.ENTERPRISE:
            firms[subject.id] = subject
            if subject.enterprise is not None:
                firms.setdefault(subject.enterprise, subject)
    return tuple(_with_firm(subject, firms, vocabulary) for subject in every)


def _with_firm(subject: Subject, firms: Mapping[str, Subject], vocabulary: Vocabulary) -> Subject:
    firm = firms.get(subject.enterprise or "")
    if firm is None or subject.kind is Kind.ENTERPRISE:
        return subject
    inherited = {name: cell for name, cell in firm.cells.items() if vocabulary[name].subject in ("enterprise", "both")}
    return replace(subject, cells=inherited | dict(subject.cells), enterprise_name=subject.enterprise_name or firm.name)


def known_facts(subject: Subject, vocabulary: Vocabulary, as_of: date) -> dict[str, Cell]:
    """What may be used of a subject on a day: fresh facts and all that is derived from them."""
    fresh = {name: usable(vocabulary[name], cell, as_of, vocabulary) for name, cell in subject.cells.items()}
    return derive_all(fresh, vocabulary, as_of)
