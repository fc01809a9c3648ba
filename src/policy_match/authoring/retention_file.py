"""Read `rules/retention.yaml` strictly: how long the records of each kind are kept that may be deleted at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.lifecycle_shape import Source
from policy_match.authoring.shape import read_shape
from policy_match.dates import Period, parse_period
from policy_match.eligibility.schema import Say, Strict
from policy_match.errors import RuleError
from policy_match.strict_yaml import read_file

Kind = Literal["attempts", "trials"]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Records of one kind by name, and for how long they are kept."""

    name: str
    period: Period


class _Kept(Strict):
    name: Say
    for_: Say = Field(alias="for")
    source: Source


class _Retention(Strict):
    schema_: Literal["retention/1"] = Field(alias="schema")
    reading: Say
    keep: dict[Kind, _Kept]


def load_retention(path: Path) -> Mapping[Kind, Keeping]:
    """What is deleted after which time; a kind that is not written is kept. RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_Retention, findings)
    found: dict[Kind, Keeping] = {}
    for kind, one in ({} if written is None else written.keep).items():
        period = findings.read(("keep", kind, "for"), partial(parse_period, one.for_))
        if period is not None and period.months + period.days <= 0:
            what = f"“{one.for_}”不是可以等的时间：马上删去，就没有留过"
            findings.refuse("RETENTION_PERIOD", what, ("keep", kind, "for"), "1天以上，如 2年、90天")
        elif period is not None:
            found[kind] = Keeping(one.name, period)
    issues = (*findings.document.issues, *findings.issues)
    if issues:
        raise RuleError(*issues)
    return found
