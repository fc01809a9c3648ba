"""Read `rules/look_back.yaml` strictly: a share, a least number, results by their own names, a cause of tickets that exists."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.lifecycle_shape import Source
from policy_match.authoring.shape import read_shape
from policy_match.dispatch.look_back import LookBackRules, Proposal, Result
from policy_match.eligibility.schema import Name, Say, Strict
from policy_match.errors import RuleError
from policy_match.lifecycle.table import LifecycleTable
from policy_match.strict_yaml import read_file
from policy_match.units import parse_ratio


class _Share(Strict):
    value: Say
    source: Source


class _Least(Strict):
    value: int = Field(ge=1)
    source: Source


class _Result(Strict):
    id: Name
    name: Say
    differs: bool = False
    proposes: Literal["correct", "withdraw"] | None = None


class _Ticket(Strict):
    cause: Say
    source: Source


class _LookBack(Strict):
    schema_: Literal["look_back/1"] = Field(alias="schema")
    reading: Say
    share: _Share
    at_least: _Least
    results: list[_Result] = Field(min_length=2)
    ticket: _Ticket


def load_look_back(path: Path, table: LifecycleTable) -> LookBackRules:
    """Read the file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_LookBack, findings)
    rules = None if written is None else _rules(written, findings, table)
    issues = (*findings.document.issues, *findings.issues)
    if rules is None or issues:
        raise RuleError(*issues)
    return rules


def _rules(written: _LookBack, findings: Findings, table: LifecycleTable) -> LookBackRules:
    share = findings.read(("share", "value"), lambda: parse_ratio(written.share.value))
    if share is not None and not 0 < share <= 1:
        findings.refuse("LOOK_BACK_SHARE", f"“{written.share.value}”不是比例", ("share", "value"), "大于0、不超过100%")
    _results(written, findings)
    if written.ticket.cause not in table.tickets.causes:
        allowed = "、".join(table.tickets.causes)
        findings.refuse("LOOK_BACK_CAUSE", f"没有问题类别“{written.ticket.cause}”", ("ticket", "cause"), allowed)
    return LookBackRules(
        share=Fraction(share or 0),
        at_least=written.at_least.value,
        results=tuple(_result(one) for one in written.results),
        cause=written.ticket.cause,
        sources=tuple((name, getattr(written, name).source) for name in ("share", "at_least", "ticket")),
    )


def _results(written: _LookBack, findings: Findings) -> None:
    seen: set[str] = set()
    for place, one in enumerate(written.results):
        if {one.id, one.name} & seen:
            findings.refuse("LOOK_BACK_TWICE", f"结果“{one.name}”写了两次", ("results", place), "每种一次")
        if one.proposes is not None and not one.differs:
            what = f"结果“{one.name}”提请更正，却不算不符"
            findings.refuse("LOOK_BACK_RESULT", what, ("results", place), "differs: true，或不写 proposes")
        seen |= {one.id, one.name}


def _result(one: _Result) -> Result:
    return Result(one.id, one.name, one.differs, None if one.proposes is None else Proposal(one.proposes))
