"""Brand, office and forms of address of what goes out, read from `rules/letterhead.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Say, Strict
from policy_match.errors import RuleError
from policy_match.strict_yaml import read_file

_MONTH = "{month}"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on outward texts. `dispatch`: title of the monthly dispatch; `circular`: title of the 通报, with {month}."""

    brand: str
    library: str
    office: str
    dispatch: str
    circular: str
    addressees: str
    closing: str

    def circular_title(self, month: str) -> str:
        """The title of the 通报 of a month in words."""
        return self.circular.replace(_MONTH, month)


class _Written(Strict):
    schema_: Literal["letterhead/1"] = Field(alias="schema")
    brand: Say
    library: Say
    office: Say
    dispatch: Say
    circular: Say
    addressees: Say
    closing: Say


def load_letterhead(path: Path) -> Letterhead:
    """Read the file; RuleError with every fault by file and line."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_Written, findings)
    if written is not None and _MONTH not in written.circular:
        findings.refuse("LETTERHEAD_MONTH", "通报标题没有写月份的位置", ("circular",), _MONTH, "在标题中写上 {month}")
    issues = (*findings.document.issues, *findings.issues)
    if written is None or issues:
        raise RuleError(*issues)
    return Letterhead(**written.model_dump(exclude={"schema_"}))
