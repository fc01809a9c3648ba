"""A rule folder around one file of `tests/rules/bad/`, and the errors that the file says it must give.

A file carries its expectation itself: `# <- CODE` at the end of every line at which an
error must be reported. `# as: PATH` in its first lines puts it elsewhere than in the
place of the sound measure, which then stands beside it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from policy_match.authoring.load import load_rulebook
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, RuleError
from policy_match.facts.vocabulary import Vocabulary

BAD = Path(__file__).parent / "bad"
SHIPPED = Path(__file__).parents[2] / "rules"
MEASURE = "rules/measures/city/INVENTED/invented_award.v1.yaml"
DOCUMENT = """schema: document/1
id: {id}
title: 示例文件
number: "示〔2025〕1号"
issuers: [示例局]
level: city
region: "320400"
seen: page
effective: {{from: "2025-01-01", through: unknown}}
"""
_MARK = re.compile(r"# <- ([A-Z_]+)\s*$")
_AS = re.compile(r"# as: (\S+)\s*$", re.MULTILINE)


def folder_with(place: Path, files: Iterable[Path] = ()) -> Path:
    """A folder with the shipped definitions, two documents, the sound measure, and the given files; its path."""
    shutil.copytree(SHIPPED / "definitions", place / "rules" / "definitions")
    for document in ("invented-2025-1", "invented-2026-2"):
        _write(place / "corpus" / "documents" / f"{document}.yaml", DOCUMENT.format(id=document).encode())
    _write(place / MEASURE, (BAD / "base.yaml").read_bytes())
    for file in files:
        _write(place / target_of(file), file.read_bytes())
    return place


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def target_of(file: Path) -> str:
    """Where a file stands in the folder."""
    found = _AS.search(file.read_bytes().decode("utf-8", errors="replace")[:400])
    return MEASURE if found is None else found[1]


def expected_of(file: Path) -> list[tuple[str, str]]:
    """(file:line, code) of every error that the file says it must give, in the order of the lines."""
    shown = target_of(file)
    lines = file.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")
    marks = ((number, _MARK.search(line)) for number, line in enumerate(lines, start=1))
    return [(f"{shown}:{number}", mark[1]) for number, mark in marks if mark is not None]


def issues_of(place: Path, vocabulary: Vocabulary) -> list[Issue]:
    """Every error of the folder; none if it loads."""
    try:
        load(place, vocabulary)
    except RuleError as error:
        return list(error.issues)
    return []


def load(place: Path, vocabulary: Vocabulary) -> Rulebook:
    """Load the folder."""
    return load_rulebook(place / "rules", place / "corpus" / "documents", vocabulary)
