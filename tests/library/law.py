"""What a person does to the drafts of a document: the registration filed, stand-ins replaced, cases written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import cast

import yaml

from policy_match.strict_yaml import Data
from policy_match.workflows.extract_files import dumped

Parts = dict[str, Data]
COMPLETION = Path(__file__).resolve().parents[1] / "data" / "law" / "thirty.yaml"


def completion() -> Parts:
    """What is written by hand for the invented document of thirty articles."""
    return cast(Parts, yaml.safe_load(COMPLETION.read_text("utf-8")))


def part(of: Parts, name: str) -> Parts:
    """One part of it that is a mapping."""
    return cast(Parts, of[name])


def filed(extracted: Path, rules: Path, corpus: Path) -> Path:
    """The registration with its package in the corpus, the drafts in the rule folder; their folder."""
    (draft,) = (extracted / "documents").iterdir()
    edit(Path(shutil.copy(draft, corpus / "documents")), part(completion(), "document"))
    place = rules / "measures" / "city" / "SF"
    shutil.copytree(extracted / "measures", place)
    for name in cast(list[str], completion()["dropped"]):
        (place / f"{name}.v1.yaml").unlink()
    return place


def written(place: Path, *, cases: bool = True) -> None:
    """Every measure of the document as a person completes it, with or without its cases: then it stays a draft."""
    done = completion()
    for name, parts in part(done, "measures").items():
        told = part(done, "every") | cast(Parts, parts)
        if not cases:
            told |= {"status": "draft", "cases": None}
        edit(place / f"{name}.v1.yaml", told)


def edit(path: Path, parts: Parts) -> None:
    """Replace whole parts of a YAML file; null takes one away."""
    kept = yaml.safe_load(path.read_text("utf-8")) | parts
    path.write_text(dumped({name: value for name, value in kept.items() if value is not None}), "utf-8")
