"""What the texts of a proposed release say otherwise than those in force, line by line, for who is to agree to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from policy_match.authoring.rule_text import in_order, rule_text
from policy_match.release import Activation
from policy_match.store import releases
from policy_match.strict_yaml import read_text
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.read_release import read_texts

_AROUND = 3


@dataclass(frozen=True, slots=True)
class TextChange:
    """One file that came, went or changed. `lines`: a mark (+, -, blank, or @ for a gap) and the line."""

    name: str
    kind: str
    lines: tuple[tuple[str, str], ...]


def compare_texts(archive: Archive, asked: Activation, view: View) -> tuple[TextChange, ...]:
    """The files that differ from the release that decides on the day, by name; RuleError if a text was changed."""
    library = DEMO if asked.is_demo else REAL
    with archive.database.reading() as session:
        now = deciding_rulebook(session, archive.shelf, library, view).release
        before, after = releases.texts(session, now), releases.texts(session, asked.release)
        if before == after:
            return ()
        old, new = (read_texts(session, archive.shelf, one).pieces for one in (now, asked.release))
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return tuple(_change(name, old.get(name), new.get(name)) for name in names)


def _change(name: str, old: str | None, new: str | None) -> TextChange:
    kind = "新增" if old is None else "删去" if new is None else "改动"
    first, second = _readable(name, old), _readable(name, new)
    return TextChange(name, kind, tuple(_marked(unified_diff(first, second, lineterm="", n=_AROUND))))


def _readable(name: str, text: str | None) -> list[str]:
    """A kept text as its author would read it; a table as it is."""
    if text is None:
        return []
    data = read_text(text, name).data
    if isinstance(data, str):
        return data.splitlines()
    return rule_text(in_order(data) if isinstance(data, dict) else data).splitlines()


def _marked(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.startswith(("---", "+++")):
            continue
        yield ("@", "") if line.startswith("@@") else (line[:1], line[1:])
