"""Open the two libraries: the real projects and the invented demonstration subjects.

They are two objects that no function adds up: every count, list and line is of
one library. What is shown of the demonstration library is called 示范数据.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.refusals import Loaded
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.subjects import Subject
from policy_match.workflows.match import Matching
from policy_match.workflows.open_rules import open_rulebook

REAL, DEMO = "real", "demo"
TITLES = {REAL: "真实项目库", DEMO: "示范库"}


@dataclass(frozen=True)
class Library:
    """One library matched on one day. `name`: real or demo; everything it holds belongs to that one."""

    name: str
    matching: Matching

    @property
    def title(self) -> str:
        """The name that people read."""
        return TITLES[self.name]

    @property
    def is_demo(self) -> bool:
        """Whether the subjects are invented."""
        return self.name == DEMO

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each subject by its id."""
        return {subject.id: row for row, subject in enumerate(self.matching.subjects)}


@dataclass(frozen=True, slots=True)
class Libraries:
    """Both libraries over one rulebook on one day; `demo` is None where it was left out or is not there."""

    rulebook: Rulebook
    as_of: date
    real: Library
    demo: Library | None
    notes: tuple[str, ...] = ()

    def on(self, day: date) -> Libraries:
        """The same subjects and rules, decided on another day."""
        demo = None if self.demo is None else _matched(DEMO, self.rulebook, self.demo.matching.subjects, day)
        return Libraries(
            self.rulebook, day, _matched(REAL, self.rulebook, self.real.matching.subjects, day), demo, self.notes
        )

    @property
    def every(self) -> tuple[Library, ...]:
        """The libraries that are open, the real one first."""
        return (self.real,) if self.demo is None else (self.real, self.demo)


def open_libraries(rules: Path, corpus: Path, as_of: date, *, demo: bool = True) -> Libraries:
    """Read rules and subjects and decide every pair of each library.

    A demonstration file that is missing is a note, a real one UsageError; rows that cannot be read are
    left out and noted, RuleError if the rules do not load.
    """
    rulebook = open_rulebook(rules, corpus)
    real = read_subjects(corpus / "projects.csv", rulebook.vocabulary)
    notes = list(_refused("projects.csv", real))
    invented, path = None, corpus / "demo" / "subjects.jsonl"
    if demo and path.is_file():
        loaded = read_subjects(path, rulebook.vocabulary)
        notes += _refused("demo/subjects.jsonl", loaded)
        invented = _matched(DEMO, rulebook, loaded.subjects, as_of)
    elif demo:
        notes.append("没有示范库文件 demo/subjects.jsonl：只打开真实项目库")
    return Libraries(rulebook, as_of, _matched(REAL, rulebook, real.subjects, as_of), invented, tuple(notes))


def _matched(name: str, rulebook: Rulebook, subjects: Sequence[Subject], as_of: date) -> Library:
    matching = Matching(rulebook, subjects, as_of)
    for measure_id in rulebook.ids:
        matching.decision(measure_id)
    return Library(name, matching)


def _refused(name: str, loaded: Loaded) -> list[str]:
    return [
        f"{name} 第{refusal.row}行未读入：{refusal.column} {refusal.what}；{refusal.hint}"
        for refusal in loaded.refusals
    ]
