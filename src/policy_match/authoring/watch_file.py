"""Read `rules/watch.yaml` strictly: facts and kinds of project that exist, amounts with their unit, a source for each number."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.lifecycle_shape import Source
from policy_match.authoring.shape import read_shape
from policy_match.dates import Period, parse_period
from policy_match.eligibility.schema import Name, Say, Strict
from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.watch import AboveScale, Piece, WatchRules
from policy_match.strict_yaml import read_file
from policy_match.units import parse_money, parse_ratio

_SOME = Field(min_length=1)


class _Sections(Strict):
    sections: list[Annotated[str, Field(pattern="^[A-T]$")]] = _SOME
    source: Source


class _Limit(Strict):
    value: Say
    source: Source


class _Day(Strict):
    value: int = Field(ge=1, le=28)
    source: Source


class _AboveScale(Strict):
    industries: _Sections
    flag: Name
    revenue: list[Name] = _SOME
    line: _Limit
    near: _Limit
    seen_within: _Limit
    apply_by_day: _Day
    others: _Limit


class _Piece(Strict):
    name: Say
    any: list[Say] = _SOME
    for_: list[Name] = Field(default=[], alias="for")


class _EntryEvidence(Strict):
    source: Source
    pieces: list[_Piece] = _SOME
    note: Say


class _Watch(Strict):
    schema_: Literal["watch/1"] = Field(alias="schema")
    above_scale: _AboveScale
    entry_evidence: _EntryEvidence


def load_watch(path: Path, vocabulary: Vocabulary, table: LifecycleTable) -> WatchRules:
    """Read the file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_Watch, findings)
    rules = None if written is None else _rules(written, findings, vocabulary, table)
    issues = (*findings.document.issues, *findings.issues)
    if rules is None or issues:
        raise RuleError(*issues)
    return rules


def _rules(written: _Watch, findings: Findings, vocabulary: Vocabulary, table: LifecycleTable) -> WatchRules:
    evidence = written.entry_evidence
    for place, piece in enumerate(evidence.pieces):
        for at, variant in enumerate(piece.for_):
            if variant not in table.variants:
                path = ("entry_evidence", "pieces", place, "for", at)
                findings.refuse("WATCH_NAME", f"没有项目类型“{variant}”", path, "、".join(table.variants), "改名")
    return WatchRules(
        above_scale=_above_scale(written.above_scale, findings, vocabulary),
        pieces=tuple(Piece(p.name, frozenset(p.any), frozenset(p.for_)) for p in evidence.pieces),
        pieces_source=evidence.source,
        pieces_note=evidence.note,
    )


def _above_scale(written: _AboveScale, findings: Findings, vocabulary: Vocabulary) -> AboveScale:
    _facts([written.flag], ("flag",), "flag", findings, vocabulary)
    _facts(written.revenue, ("revenue",), "money", findings, vocabulary)
    line = findings.read(("above_scale", "line", "value"), lambda: parse_money(written.line.value))
    near = findings.read(("above_scale", "near", "value"), lambda: parse_ratio(written.near.value))
    within = findings.read(("above_scale", "seen_within", "value"), lambda: parse_period(written.seen_within.value))
    limits = ("industries", "line", "near", "seen_within", "apply_by_day", "others")
    return AboveScale(
        sections=frozenset(written.industries.sections),
        flag=written.flag,
        revenue=tuple(written.revenue),
        line_fen=line or 0,
        near=Fraction(near or 0),
        seen_within=within or Period(0, 0),
        apply_by=written.apply_by_day.value,
        others=written.others.value,
        sources=tuple((name, getattr(written, name).source) for name in limits),
    )


def _facts(names: Sequence[str], key: tuple[str], kind: str, findings: Findings, vocabulary: Vocabulary) -> None:
    for place, name in enumerate(names):
        path = ("above_scale", *key) if key == ("flag",) else ("above_scale", *key, place)
        if name not in vocabulary:
            findings.refuse("WATCH_FACT", f"没有事实“{name}”", path, "rules/facts.yaml 中的事实", "核对名称")
        elif vocabulary[name].type.value != kind:
            findings.refuse("WATCH_FACT", f"事实“{name}”的类型不对", path, kind, "换一个事实")
