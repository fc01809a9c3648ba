"""Read `rules/entitlement.yaml` strictly: terms in working days, kinds of exclusion, a source for each number."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.lifecycle_shape import Source
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Name, Say, Strict
from policy_match.entitlement.terms import ExclusionKind, Terms
from policy_match.errors import RuleError
from policy_match.strict_yaml import read_file

_Days = Annotated[int, Field(ge=1, le=250)]


class _Consent(Strict):
    working_days: _Days
    reminders: list[_Days]
    source: Source


class _Term(Strict):
    working_days: _Days
    source: Source


class _Seen(Strict):
    value: int = Field(ge=0, le=30)
    source: Source


class _Exclusion(Strict):
    id: Name
    name: Say
    effect: Literal["exclude", "warn"]


class _Entitlement(Strict):
    schema_: Literal["entitlement/1"] = Field(alias="schema")
    consent: _Consent
    objection: _Term
    payment: _Term
    exclusions_seen_days: _Seen
    exclusions: list[_Exclusion] = Field(min_length=1)


def load_terms(path: Path) -> Terms:
    """Read the file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_Entitlement, findings)
    if written is not None:
        _check(written, findings)
    issues = (*findings.document.issues, *findings.issues)
    if written is None or issues:
        raise RuleError(*issues)
    return Terms(
        consent_days=written.consent.working_days,
        reminders=tuple(written.consent.reminders),
        objection_days=written.objection.working_days,
        payment_days=written.payment.working_days,
        exclusions_seen_days=written.exclusions_seen_days.value,
        exclusions={one.id: ExclusionKind(one.id, one.name, one.effect) for one in written.exclusions},
        sources={
            "consent": written.consent.source,
            "objection": written.objection.source,
            "payment": written.payment.source,
            "exclusions_seen_days": written.exclusions_seen_days.source,
        },
    )


def _check(written: _Entitlement, findings: Findings) -> None:
    reminders = written.consent.reminders
    if reminders != sorted(set(reminders)) or (reminders and reminders[-1] >= written.consent.working_days):
        allowed = f"从早到晚，都早于第 {written.consent.working_days} 个工作日"
        findings.refuse("TERM_REMINDERS", "提醒的日子不对", ("consent", "reminders"), allowed, "改提醒的日子")
    seen: set[str] = set()
    for place, one in enumerate(written.exclusions):
        if one.id in seen:
            path = ("exclusions", place, "id")
            findings.refuse("DUPLICATE_ID", f"种类“{one.id}”重复", path, "每个编号一次", "改号或合并")
        seen.add(one.id)
