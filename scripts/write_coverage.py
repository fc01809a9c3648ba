"""Write the generated parts of the documents: docs/coverage.zh.md, and the coverage tables in README.md (`make coverage`)."""

from __future__ import annotations

import re
from pathlib import Path

from policy_match.workflows.cover_entries import open_coverage
from policy_match.workflows.coverage_page import coverage_page, coverage_tables

ROOT = Path(__file__).resolve().parents[1]
BETWEEN = re.compile(r"(<!-- coverage: make coverage -->\n).*?(\n<!-- end of coverage -->)", re.DOTALL)


def main() -> None:
    """Rewrite both files from the rules and entries as they stand."""
    found = open_coverage(ROOT / "rules", ROOT / "corpus")
    (ROOT / "docs" / "coverage.zh.md").write_text(coverage_page(found), "utf-8")
    readme = ROOT / "README.md"
    text, places = BETWEEN.subn(lambda m: m[1] + coverage_tables(found) + m[2], readme.read_text("utf-8"))
    if places != 1:
        raise SystemExit("README.md lacks the two coverage comments, or has them twice")
    readme.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
