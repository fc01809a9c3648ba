"""Reference lists of the corpus: GB/T 4754-2017."""

from __future__ import annotations

import csv
from pathlib import Path

from policy_match.identifiers import IndustryTree


def load_industries(path: Path) -> IndustryTree:
    """Read corpus/taxonomies/industries.csv (code, name, section, level, parent; UTF-8)."""
    with path.open(encoding="utf-8", newline="") as lines:
        return IndustryTree.from_rows(csv.DictReader(lines))
