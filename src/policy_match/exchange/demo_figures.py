"""Read the invented monthly figures of the demonstration library: the last twelve months before it is opened, oldest first.

All are figures of the month alone; those of the year so far are added up from them.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Name, Strict
from policy_match.errors import RuleError
from policy_match.strict_yaml import read_file

MONTHS = 12
_Months = Annotated[list[int | Decimal | None], Field(min_length=MONTHS, max_length=MONTHS)]


class DemoFigures(Strict):
    """`figures`: by project and indicator, 万元, % or 万千瓦时 a month; null: nobody told it. `source`: who did."""

    schema_: Literal["demo_indicators/1"] = Field(alias="schema")
    source: Annotated[str, Field(pattern="^[A-Z]+$")]
    figures: dict[str, dict[Name, _Months]]


def load_demo_figures(path: Path) -> DemoFigures:
    """The figures of a file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(DemoFigures, findings)
    issues = (*findings.document.issues, *findings.issues)
    if written is None or issues:
        raise RuleError(*issues)
    return written
