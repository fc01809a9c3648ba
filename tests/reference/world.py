"""What the reference evaluator knows of facts, industries and places, read straight from the data files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "320402": "320400",
    "320404": "320400",
    "320411": "320400",
    "320412": "320400",
    "320413": "320400",
    "320481": "320400",
    "320405": "320400",
    "320482": "320400",
    "320483": "320400",
    "JK": "320400",
    "320400": "320000",
    "320000": "000000",
}


@dataclass(frozen=True)
class FactKind:
    """Type, options and unit of one fact."""

    type: str
    options: tuple[str, ...]
    unit: str
    of: str


@cache
def facts() -> dict[str, FactKind]:
    """Every fact of rules/facts.yaml."""
    entries = yaml.safe_load((ROOT / "rules" / "facts.yaml").read_text("utf-8"))["facts"]
    return {
        name: FactKind(e["type"], tuple(map(str, e.get("options", []))), str(e.get("unit", "")), str(e.get("of", "")))
        for name, e in entries.items()
    }


@cache
def industry_codes() -> frozenset[str]:
    """Every code of GB/T 4754-2017 with its section letter."""
    with (ROOT / "corpus" / "taxonomies" / "industries.csv").open(encoding="utf-8") as lines:
        return frozenset(
            row["code"] if row["code"] == row["section"] else row["section"] + row["code"]
            for row in csv.DictReader(lines)
        )


@cache
def classes_under(code: str) -> frozenset[str]:
    """The finest classes under a code."""
    under = {other for other in industry_codes() if other.startswith(code)}
    return frozenset(c for c in under if not any(other != c and other.startswith(c) for other in under))


def full_code(written: str) -> str:
    """A code with its section letter."""
    return written if written in industry_codes() else next(c for c in industry_codes() if c[1:] == written)


def surroundings(place: str) -> set[str]:
    """A place and all it lies in."""
    if place == "000000":
        return {place}
    if place in PLACES:
        return {place} | surroundings(PLACES[place])
    if place.endswith("0000"):
        return {place, "000000"}
    parent = place[:2] + "0000" if place.endswith("00") else place[:4] + "00"
    return {place} | surroundings(parent)
