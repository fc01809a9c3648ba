"""Which subjects of a library somebody sees: all, those of an area, those of a firm, or what anybody may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policy_match.access.permissions import Reach
from policy_match.access.viewer import Viewer
from policy_match.facts.cells import Possible
from policy_match.facts.subjects import Kind, Subject
from policy_match.identifiers import region_path


@dataclass(frozen=True, slots=True)
class Scope:
    """How far somebody sees. `everything`: the whole library; else what is public (nothing where it `is_closed`) and,
    where named, an area or a firm.

    `shows`: what becomes of sensitive figures, as in Reach; None: they are not shown.
    """

    everything: bool = False
    is_closed: bool = False
    region: str | None = None
    firm: str | None = None
    shows: Reach | None = None


FIRM = "enterprise"
NOTHING = Scope(is_closed=True)


def scope_of(viewer: Viewer, projects: Reach | None, facts: Reach | None) -> Scope:
    """The scope of a viewer by the reach of reading projects and sensitive facts."""
    if projects is Reach.ALL:
        return Scope(everything=True, shows=facts)
    if projects is Reach.OWN:
        # Whoever speaks for a firm also has its area, and sees the firm alone: nothing while no firm is named.
        is_of_firm = viewer.role == FIRM or viewer.firm is not None
        return Scope(region=None if is_of_firm else viewer.region, firm=viewer.firm, shows=facts)
    return Scope(shows=facts)


def visible(subjects: Sequence[Subject], scope: Scope, public: Iterable[str]) -> tuple[Subject, ...]:
    """The subjects that a scope holds, in their order. `public`: ids of those that anybody may see.

    A firm is seen in an area where it is registered there or has a project there; a project in the area of its site.
    A subject whose area is not known is in no area.
    """
    if scope.everything:
        return tuple(subjects)
    known = frozenset(public)
    firms = {scope.firm} if scope.firm is not None else set()
    if scope.firm is not None:
        firms |= {name for one in subjects if scope.firm in _names(one) for name in _names(one)}
    elif scope.region is not None:
        firms = {one.enterprise for one in subjects if one.enterprise is not None and _lies_in(one, scope.region)}
    return tuple(
        one
        for one in subjects
        if one.id in known
        or (scope.region is not None and _lies_in(one, scope.region))
        or not firms.isdisjoint(_names(one))
        or (scope.firm is not None and one.enterprise in firms)
    )


def _names(subject: Subject) -> frozenset[str]:
    """The id and credit code by which a firm is known; nothing for a project."""
    if subject.kind is not Kind.ENTERPRISE:
        return frozenset()
    return frozenset(name for name in (subject.id, subject.enterprise) if name is not None)


def _lies_in(subject: Subject, region: str) -> bool:
    cell = subject.cells.get("registered_region" if subject.kind is Kind.ENTERPRISE else "district")
    value = None if cell is None else cell.value
    code = value.single if isinstance(value, Possible) else None
    return code is not None and region in region_path(code)
