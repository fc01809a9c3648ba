"""The errors of the package, one small tree.

    PolicyMatchError
    ├── FactError      a value, name or code cannot be read
    ├── RuleError      a rule folder cannot be loaded
    ├── UsageError     a command or request is wrong as a whole
    ├── NotFound       something asked for by name does not exist
    ├── Conflict       what is asked contradicts what is recorded, or somebody was faster
    └── Forbidden      who asks may not do this

Each carries issues: what is wrong, where, what is allowed, what to do, in Chinese.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault. `where`: file:line, row and column, or id; `allowed` and `hint` may be empty."""

    code: str
    what: str
    where: str = ""
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """One line: where: what；允许：…；怎么办：…"""
        text = f"{self.where}: {self.what}" if self.where else self.what
        text += f"；允许：{self.allowed}" if self.allowed else ""
        return text + (f"；怎么办：{self.hint}" if self.hint else "")


class PolicyMatchError(Exception):
    """Base of all errors that users are told about."""

    def __init__(self, *issues: Issue | str) -> None:
        self.issues = tuple(issue if isinstance(issue, Issue) else Issue("ERROR", issue) for issue in issues)
        super().__init__("\n".join(str(issue) for issue in self.issues))


class FactError(PolicyMatchError):
    """A value, name or code cannot be read."""


class RuleError(PolicyMatchError):
    """A rule folder cannot be loaded; holds every fault of every file."""


class UsageError(PolicyMatchError):
    """A command or request is wrong as a whole: nothing was done."""


class NotFound(PolicyMatchError):
    """Something asked for by name does not exist."""


class Conflict(PolicyMatchError):
    """What is asked contradicts what is recorded, or somebody else was faster."""


class Forbidden(PolicyMatchError):
    """Who asks is not entitled to it."""
