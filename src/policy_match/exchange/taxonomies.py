"""Reference lists of the corpus: GB/T 4754-2017, owner units, issuers, honours and titles, tracks of the notice.

The YAML lists are read strictly: unknown keys, a name or series that two entries share, regions and
industry codes that do not exist, tracks that are not the options of the fact are refused,
each with its line. A corpus without a list has none.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Say, Strict
from policy_match.errors import FactError, RuleError
from policy_match.facts.taxonomies import TRACK, Honour, Issuer, Taxonomies, Track, Unit, Validity
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import IndustryTree, canonical_region
from policy_match.strict_yaml import read_file

_Level = Literal["national", "province", "city", "district", "zone"]


class _WrittenUnit(Strict):
    name: Say
    full_name: Say | None = None
    other_names: list[Say] = []
    level: _Level
    region: Say
    role: Say | None = None


class _WrittenUnits(Strict):
    schema_: Literal["units/1"] = Field(alias="schema")
    units: list[_WrittenUnit] = Field(min_length=1)


class _WrittenIssuer(Strict):
    name: Say
    short_name: Say | None = None
    other_names: list[Say] = []
    level: _Level
    series: list[Say] = []


class _WrittenIssuers(Strict):
    schema_: Literal["issuers/1"] = Field(alias="schema")
    issuers: list[_WrittenIssuer] = Field(min_length=1)


class _WrittenValidity(Strict):
    years: int = Field(ge=1)
    seen: Literal["page", "copy", "recalled"]
    source: Say


class _WrittenHonour(Strict):
    name: Say
    other_names: list[Say] = []
    level: _Level | None
    granted_by: Say | None = None
    validity: _WrittenValidity | None = None


class _WrittenHonours(Strict):
    schema_: Literal["honours/1"] = Field(alias="schema")
    honours: list[_WrittenHonour] = Field(min_length=1)


class _WrittenTrack(Strict):
    name: Say
    industries: list[Say] = Field(min_length=1)
    words: list[Say] = Field(min_length=1)


class _WrittenTracks(Strict):
    schema_: Literal["tracks/1"] = Field(alias="schema")
    reading: Say
    tracks: list[_WrittenTrack] = Field(min_length=1)


_Written = TypeVar("_Written", _WrittenUnits, _WrittenIssuers, _WrittenHonours, _WrittenTracks)


def load_industries(path: Path) -> IndustryTree:
    """Read corpus/taxonomies/industries.csv (code, name, section, level, parent; UTF-8)."""
    with path.open(encoding="utf-8", newline="") as lines:
        return IndustryTree.from_rows(csv.DictReader(lines))


def load_taxonomies(folder: Path, vocabulary: Vocabulary) -> Taxonomies:
    """Read units, issuers, honours and tracks of corpus/taxonomies; RuleError with every fault by file and line.

    A file that is not there is an empty list.
    """
    opened: list[Findings] = []
    units = _open(folder / "units.yaml", _WrittenUnits, opened)
    issuers = _open(folder / "issuers.yaml", _WrittenIssuers, opened)
    honours = _open(folder / "honours.yaml", _WrittenHonours, opened)
    tracks = _open(folder / "tracks.yaml", _WrittenTracks, opened)
    found = Taxonomies(
        units={} if units is None else _units(*units),
        issuers={} if issuers is None else _issuers(*issuers),
        honours={} if honours is None else _honours(*honours),
        tracks={} if tracks is None else _tracks(*tracks, vocabulary),
        reading="" if tracks is None else tracks[0].reading,
    )
    issues = [issue for findings in opened for issue in (*findings.document.issues, *findings.issues)]
    if issues:
        raise RuleError(*issues)
    return found


def _open(path: Path, model: type[_Written], opened: list[Findings]) -> tuple[_Written, Findings] | None:
    if not path.is_file():
        return None
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    opened.append(findings)
    read = None if findings.document.issues else read_shape(model, findings)
    return None if read is None else (read, findings)


def _units(written: _WrittenUnits, findings: Findings) -> dict[str, Unit]:
    names = [[u.name, *([u.full_name] if u.full_name else []), *u.other_names] for u in written.units]
    _each_once("units", names, findings)
    found: dict[str, Unit] = {}
    for place, u in enumerate(written.units):
        region = findings.read(("units", place, "region"), lambda u=u: canonical_region(u.region))  # type: ignore[misc]
        if region is not None:
            found[u.name] = Unit(u.name, u.level, region, u.full_name, tuple(u.other_names), u.role)
    return found


def _issuers(written: _WrittenIssuers, findings: Findings) -> dict[str, Issuer]:
    short = [([b.short_name] if b.short_name else []) + b.other_names for b in written.issuers]
    _each_once(
        "issuers", [[b.name, *names, *b.series] for b, names in zip(written.issuers, short, strict=True)], findings
    )
    return {
        b.name: Issuer(b.name, b.level, tuple(names), tuple(b.series))
        for b, names in zip(written.issuers, short, strict=True)
    }


def _honours(written: _WrittenHonours, findings: Findings) -> dict[str, Honour]:
    _each_once("honours", [[h.name, *h.other_names] for h in written.honours], findings)
    return {
        h.name: Honour(
            name=h.name,
            level=h.level,
            granted_by=h.granted_by,
            other_names=tuple(h.other_names),
            validity=None if (v := h.validity) is None else Validity(v.years, v.source, v.seen),
        )
        for h in written.honours
    }


def _tracks(written: _WrittenTracks, findings: Findings, vocabulary: Vocabulary) -> dict[str, Track]:
    _each_once("tracks", [[track.name] for track in written.tracks], findings)
    options = vocabulary[TRACK].options
    for place, track in enumerate(written.tracks):
        if track.name not in options:
            hint = "改名，或先改 rules/facts.yaml 的选项"
            findings.refuse(
                "TRACK", f"“{track.name}”不是事实“赛道”的选项", ("tracks", place, "name"), "、".join(options), hint
            )
        for index, code in enumerate(track.industries):
            _check_code(code, vocabulary.industries, findings, ("tracks", place, "industries", index))
    missing = [option for option in options if option not in {track.name for track in written.tracks}]
    if missing:
        what = f"赛道“{'、'.join(missing)}”没有对应的行业代码和产品词"
        findings.refuse("TRACK", what, ("tracks",), "、".join(options), "为每个赛道写一项")
    return {track.name: Track(track.name, tuple(track.industries), tuple(track.words)) for track in written.tracks}


def _check_code(code: str, industries: IndustryTree, findings: Findings, place: Place) -> None:
    """A code is written in full, with its section letter: a name or a bare number is refused with the code meant."""
    try:
        meant = industries.canonical(code)
    except FactError as error:
        findings.take(place, error)
        return
    if meant != code:
        findings.refuse("INDUSTRY_UNKNOWN", f"行业“{code}”没有写成带门类字母的代码", place, meant, f"写成 {meant}")


def _each_once(key: str, names: Sequence[Iterable[str]], findings: Findings) -> None:
    """Every name, one or other, belongs to one entry and is written once."""
    first: dict[str, int] = {}
    for place, group in enumerate(names):
        for name in group:
            if name in first:
                line = findings.document.line((key, first[name]))
                hint = "删去重复的，或改成能区分的名称"
                findings.refuse(
                    "DUPLICATE_NAME", f"名称“{name}”重复，已见于第 {line} 行", (key, place), "每个名称一次", hint
                )
            first.setdefault(name, place)
