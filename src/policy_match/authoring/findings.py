"""The faults of one file, each at the line of the entry it speaks of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from policy_match.errors import FactError, Issue
from policy_match.strict_yaml import Document, Step

Place: TypeAlias = tuple[Step, ...]
_Read = TypeVar("_Read")
MANUAL = "按 docs/rule-authoring.zh.md 改写这一处"


class Findings:
    """Collects what is wrong with one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.issues: list[Issue] = []

    def refuse(self, code: str, what: str, path: Place, allowed: str = "", hint: str = "") -> None:
        """Add a fault of the entry at `path`; without allowed values and advice the manual is named."""
        self.issues.append(Issue(code, what, self.document.where(path), allowed, hint or ("" if allowed else MANUAL)))

    def take(self, path: Place, error: FactError, about: str = "") -> None:
        """Add the faults of an error that does not know its place; `about` names the entry."""
        for issue in error.issues:
            self.refuse(issue.code, about + issue.what, path, issue.allowed, issue.hint)

    def read(self, path: Place, parse: Callable[[], _Read], about: str = "") -> _Read | None:
        """What `parse` reads; None, and its faults added, where it raises FactError."""
        try:
            return parse()
        except FactError as error:
            self.take(path, error, about)
            return None
