"""What industry classes are learned from: product words, made-up projects, real projects and their tracks as read.

corpus/lexicon/products.csv (code, words), made_up_projects.jsonl (code, text), tracks_graded.csv (project, tracks, why), and
corpus/projects.csv. An unknown class, track or project is refused with its line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from policy_match.errors import FactError, Issue, RuleError
from policy_match.identifiers import IndustryTree
from policy_match.text.industry import Example, Lessons
from policy_match.text.project_text import ProjectText
from policy_match.text.track import ReadTracks

_CLASS_LENGTH = 5  # C3841


def load_lessons(corpus: Path, industries: IndustryTree) -> Lessons:
    """Read all lessons; RuleError with every fault by file and line. A missing file is an empty one."""
    faults: list[Issue] = []
    names = {code: industries.name(code) for code in industries.names if len(code) == _CLASS_LENGTH}

    def code_of(written: str, where: str) -> str | None:
        try:
            return industries.canonical(written)
        except FactError as error:
            faults.extend(Issue(issue.code, issue.what, where, issue.allowed, issue.hint) for issue in error.issues)
            return None

    words = {
        code: tuple(row["words"].split(";"))
        for where, row in _rows(corpus / "lexicon" / "products.csv")
        if (code := code_of(row["code"], where)) is not None
    }
    made_up = [
        Example(ProjectText(content=str(row["text"])), code)
        for where, row in _lines(corpus / "lexicon" / "made_up_projects.jsonl")
        if (code := code_of(str(row["code"]), where)) is not None and _is_class(code, names, where, faults)
    ]
    real = [
        Example(text_of(row), code, row["企业名称"])
        for where, row in _rows(corpus / "projects.csv")
        if row["国民经济行业代码"] and (code := code_of(row["国民经济行业代码"], where)) in names
    ]
    if faults:
        raise RuleError(*faults)
    return Lessons(names, words, made_up, [example for example in real if example.code])


def load_read_tracks(corpus: Path, tracks: Mapping[str, object], industries: IndustryTree) -> list[ReadTracks]:
    """The tracks of real projects as read; RuleError for a project or track that does not exist."""
    projects = {row["项目编号"]: row for _, row in _rows(corpus / "projects.csv")}
    found: list[ReadTracks] = []
    faults: list[Issue] = []
    for where, row in _rows(corpus / "lexicon" / "tracks_graded.csv"):
        named = tuple(name for name in row["tracks"].split(";") if name)
        project = projects.get(row["project"])
        if project is None or any(name not in tracks for name in named):
            faults.append(
                Issue(
                    "TRACK",
                    f"没有这个项目或赛道：{row['project']} {row['tracks']}",
                    where,
                    "、".join(tracks),
                    "改正这一行",
                )
            )
            continue
        written = project["国民经济行业代码"]
        found.append(ReadTracks(text_of(project).whole(), industries.canonical(written) if written else None, named))
    if faults:
        raise RuleError(*faults)
    return found


def text_of(row: Mapping[str, str]) -> ProjectText:
    """The text of one row of projects.csv."""
    return ProjectText(row["x_行业原文"], row["项目名称"], row["建设内容"])


def _is_class(code: str, names: Mapping[str, str], where: str, faults: list[Issue]) -> bool:
    if code not in names:
        faults.append(Issue("INDUSTRY", f"“{code}”不是四位小类", where, "小类代码，如 3841", "写到小类"))
    return code in names


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                yield f"{path.name}:{number}", row


def _lines(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    if path.is_file():
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            yield f"{path.name}:{number}", orjson.loads(line)
