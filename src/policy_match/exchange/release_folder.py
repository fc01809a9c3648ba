"""Read a rule folder and its corpus into a release, and write a release out as folders that the loader reads.

What decides is in it: measures, definitions, calendars, `facts.yaml`, `lifecycle.yaml`, `entitlement.yaml`, documents
and taxonomies. What only orders (`ranking.yaml`), takes in or shows is not. `facts.yaml` is one piece per fact,
`rules/facts.yaml#<fact>`, and one for its head and the order of facts, `rules/facts.yaml#`: whoever shows a decision can show the facts that it used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from policy_match.errors import Issue, RuleError
from policy_match.release import Release, canonical
from policy_match.strict_yaml import Data, read_file

_RULES = ("facts.yaml", "lifecycle.yaml", "entitlement.yaml", "measures", "definitions", "calendar")
_CORPUS = ("documents", "taxonomies")
_FACTS = "rules/facts.yaml"


def files_of(rules: Path, corpus: Path) -> dict[str, Path]:
    """The files that decide, by their name in a release (`rules/…`, `corpus/…`), in the order of names."""
    roots = [(f"rules/{part}", rules / part) for part in _RULES] + [
        (f"corpus/{part}", corpus / part) for part in _CORPUS
    ]
    found = {name: path for root, place in roots for name, path in _files(root, place)}
    return dict(sorted(found.items()))


def _files(root: str, place: Path) -> Iterator[tuple[str, Path]]:
    if place.is_file():
        yield root, place
    for path in place.rglob("*") if place.is_dir() else ():
        if path.suffix in (".yaml", ".csv") and path.is_file():
            yield f"{root}/{path.relative_to(place).as_posix()}", path


def read_release(rules: Path, corpus: Path, engine: str) -> Release:
    """The release that two folders are; RuleError with every fault of every file as `file:line`."""
    pieces: dict[str, str] = {}
    issues: list[Issue] = []
    for name, path in files_of(rules, corpus).items():
        if path.suffix == ".csv":
            pieces[name] = canonical(path.read_text("utf-8-sig"))
            continue
        document = read_file(path, shown_as=name)
        issues += document.issues
        pieces |= _split(name, document.data)
    if issues:
        raise RuleError(*issues)
    return Release(engine, pieces)


def _split(name: str, data: Data) -> dict[str, str]:
    if name != _FACTS or not isinstance(data, dict) or not isinstance(facts := data.get("facts"), dict):
        return {name: canonical(data)}
    head: Data = {**data, "facts": [*facts]}
    return {f"{_FACTS}#": canonical(head)} | {f"{_FACTS}#{fact}": canonical(entry) for fact, entry in facts.items()}


def write_release(release: Release, folder: Path) -> tuple[Path, Path]:
    """Write the files of a release under a folder; the places of its rules and of its corpus."""
    for name, text in _files_in(release.pieces):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return folder / "rules", folder / "corpus"


def _files_in(pieces: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    head = pieces.get(f"{_FACTS}#")
    if head is not None:
        data = json.loads(head)
        there = [fact for fact in data.pop("facts") if f"{_FACTS}#{fact}" in pieces]
        facts = ",".join(f"{canonical(fact)}:{pieces[f'{_FACTS}#{fact}']}" for fact in there)
        yield _FACTS, f'{canonical(data).removesuffix("}")},"facts":{{{facts}}}}}'
    for name, text in pieces.items():
        if not name.startswith(f"{_FACTS}#"):
            yield name, str(json.loads(text)) if name.endswith(".csv") else text
