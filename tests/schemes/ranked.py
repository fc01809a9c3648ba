"""Invented projects for the pure tests of schemes: figures in words, one line to vary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

from policy_match.authoring.scheme_file import read_scheme
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.figures import Given, Project
from policy_match.schemes.scheme import Scheme

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "rules" / "schemes"
LAST_DAY = date(2025, 12, 31)
MU = Fraction(2000, 3)
WAN = 10**6
# §7.6: 30/25, 500/450, 800/1000, 0.90/1, 1.00/1 on 100 亩.
WORKED = {
    "tax": 3_000 * WAN, "output": 80_000 * WAN, "investment": 50_000 * WAN, "land": 100 * MU,
    "designed": Fraction(80_000 * WAN) / Fraction(9, 10), "agreed": 3_000 * WAN,
}  # fmt: skip


def scheme_text(name: str) -> str:
    """The text of a shipped file."""
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


def shipped(name: str, known: tuple[Vocabulary, LifecycleTable]) -> Scheme:
    """A shipped scheme."""
    return read_scheme(scheme_text(name), f"schemes/{name}.yaml", *known)


def given(value: int | Fraction | None) -> Given:
    """A figure, or none with who could give it."""
    return (
        Given(None, note="没有数", who="企业数字档案库") if value is None else Given(Fraction(value), str(value), "ENT")
    )


def project(code: str, *, district: str | None = "320412", **over: int | Fraction | None) -> Project:
    """A project of the worked check that has produced for long; `over`: inputs that differ, None: missing."""
    inputs: Mapping[str, int | Fraction | None] = {**WORKED, **over}
    return Project(
        code, f"示范项目{code}", district, f"示范企业{code}", "新招引", True, date(2022, 6, 1), ("C",),
        {name: given(value) for name, value in inputs.items()},
    )  # fmt: skip


def scored(code: str, tenths: int, district: str | None = "320412") -> Project:
    """A project whose 亩均税收 alone differs: a tenth of 25万元/亩 is 3.5 points, as long as it is below the cap."""
    tax = Fraction(tenths, 10) * 2_500 * WAN
    return project(code, district=district, tax=tax, agreed=tax or 1)
