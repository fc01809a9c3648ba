"""A run as text: what was read and what came of it, each as canonical JSON, and one hash over them with the scheme.

The same run gives the same bytes on every machine: keys are sorted, fractions are written as they are (103/3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import orjson
from pydantic import TypeAdapter

from policy_match.schemes.cohorts import Group, Member
from policy_match.schemes.figures import Project
from policy_match.schemes.yearly import Results


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run read: the last day of its year, and the projects by code."""

    last_day: date
    projects: tuple[Project, ...]


_INPUTS, _RESULTS = TypeAdapter(Inputs), TypeAdapter(Results)
_MEMBERS, _GROUPS = TypeAdapter(tuple[Member, ...]), TypeAdapter(tuple[Group, ...])


def inputs_text(inputs: Inputs) -> str:
    """Canonical JSON of what was read."""
    return _canonical(_INPUTS.dump_python(inputs, mode="json"))


def results_text(results: Results) -> str:
    """Canonical JSON of what came of it."""
    return _canonical(_RESULTS.dump_python(results, mode="json"))


def read_inputs(text: str) -> Inputs:
    """What was read, from its text."""
    return _INPUTS.validate_json(text)


def read_results(text: str) -> Results:
    """What came of it, from its text."""
    return _RESULTS.validate_json(text)


def members_text(members: tuple[Member, ...]) -> str:
    """Canonical JSON of the projects of a cohort."""
    return _canonical(_MEMBERS.dump_python(members, mode="json"))


def groups_text(groups: tuple[Group, ...]) -> str:
    """Canonical JSON of what came of a cohort."""
    return _canonical(_GROUPS.dump_python(groups, mode="json"))


def read_members(text: str) -> tuple[Member, ...]:
    """The projects of a cohort, from their text."""
    return _MEMBERS.validate_json(text)


def read_groups(text: str) -> tuple[Group, ...]:
    """What came of a cohort, from its text."""
    return _GROUPS.validate_json(text)


def content_hash(scheme_text: str, inputs: str, results: str) -> str:
    """SHA-256 over the three texts, each with its length before it."""
    digest = hashlib.sha256()
    for text in (scheme_text, inputs, results):
        raw = text.encode()
        digest.update(f"{len(raw)}\n".encode() + raw)
    return digest.hexdigest()


def _canonical(plain: object) -> str:
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS).decode()
