"""Read `rules/schemes/*.yaml` strictly, a file per version of a scheme, and refuse what could not be computed.

Refused with file and line: a fact, point or unit that does not exist, figures whose units do not fit, a fact that may be
used for statistics alone, weights that are not 1 together, a number without the letter of its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from policy_match.authoring.findings import Findings
from policy_match.authoring.scheme_indices import IndexReader
from policy_match.authoring.scheme_names import SchemeNames
from policy_match.authoring.scheme_shape import WrittenJobs, WrittenScheme, WrittenStage, WrittenYearly
from policy_match.authoring.scheme_terms import TermReader
from policy_match.authoring.shape import read_shape
from policy_match.errors import Issue, RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.words import Of
from policy_match.strict_yaml import read_text

_MODELS: Mapping[Of, type[WrittenScheme]] = {
    Of.PROJECT: WrittenYearly,
    Of.JOBS: WrittenJobs,
    Of.COHORT: WrittenStage,
}


def load_schemes(folder: Path, vocabulary: Vocabulary, table: LifecycleTable) -> tuple[Scheme, ...]:
    """Every version of every scheme, by id and version; RuleError with every fault of every file as `file:line`."""
    found: list[Scheme] = []
    issues: list[Issue] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found.append(read_scheme(path.read_text("utf-8"), f"{folder.name}/{path.name}", vocabulary, table))
        except RuleError as error:
            issues += error.issues
    found.sort(key=lambda one: (one.id, one.version))
    for one, other in pairwise(found):
        if (one.id, one.version) == (other.id, other.version):
            what = f"方案 {one.id} 第{one.version}版写了两次"
            issues.append(Issue("SCHEME_TWICE", what, folder.name, "一个版本一个文件", "改版本号"))
    if issues:
        raise RuleError(*issues)
    return tuple(found)


def read_scheme(text: str, shown_as: str, vocabulary: Vocabulary, table: LifecycleTable) -> Scheme:
    """One scheme from its text; RuleError with every fault."""
    findings = Findings(read_text(text, shown_as))
    written = None if findings.document.issues else _shape(findings)
    names = SchemeNames(findings, vocabulary, table)
    scheme = None if written is None else _scheme(written, findings, names, text)
    issues = (*findings.document.issues, *findings.issues)
    if scheme is None or issues:
        raise RuleError(*issues)
    return scheme


def _shape(findings: Findings) -> WrittenScheme | None:
    data = findings.document.data
    of = data.get("of") if isinstance(data, dict) else None
    if not isinstance(of, str) or of not in list(Of):
        findings.refuse("SHAPE", "of：值不在允许的范围内", ("of",), "、".join(Of), "改用允许的值")
        return None
    return read_shape(_MODELS[Of(of)], findings)


def _scheme(written: WrittenScheme, findings: Findings, names: SchemeNames, text: str) -> Scheme:
    of = Of(written.of)
    reader = IndexReader(of, findings, names)
    inputs = {one.id: reader.input(one, ("inputs", place)) for place, one in enumerate(written.inputs)}
    names.once("inputs", [one.id for one in written.inputs])
    names.once("indices", [one.id for one in written.indices])
    indices = tuple(reader.index(one, ("indices", place), inputs) for place, one in enumerate(written.indices))
    weights = sum((index.weight for index in indices), Fraction(0))
    if weights not in ((1,) if of is Of.PROJECT else (0, 1)):
        findings.refuse("SCHEME_WEIGHTS", f"权重合计为 {weights}", ("indices",), "合计为 1", "改权重")
    told = _sources(findings.document.data, "")
    sources = tuple(dict.fromkeys((what.removeprefix(f"{written.name} "), letter) for what, letter in told))
    terms = TermReader(findings, names).terms(written)
    return Scheme(written.id, written.version, written.name, of, inputs, indices, terms, sources, text)


def _sources(data: object, name: str) -> Iterator[tuple[str, str]]:
    """Every letter of a source with what it is of, in the order of the file."""
    if isinstance(data, dict):
        own = str(data.get("name") or data.get("id") or "")
        here = f"{name} {own}".strip() if own and own not in name else name
        if isinstance(data.get("source"), str):
            yield here, str(data["source"])
        for key, value in data.items():
            if isinstance(value, (dict, list)):
                yield from _sources(value, here if isinstance(value, list) else f"{here} {key}".strip())
    elif isinstance(data, list):
        for value in data:
            yield from _sources(value, name)
