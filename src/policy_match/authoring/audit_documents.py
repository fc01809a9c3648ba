"""What a registered document owes its readers: dates in their order, a region, and documents that are there."""

from __future__ import annotations

from collections.abc import Collection

from policy_match.authoring.findings import Findings, Place
from policy_match.dates import parse_date
from policy_match.eligibility.documents import PolicyDocument, Span
from policy_match.errors import FactError, Issue
from policy_match.identifiers import canonical_region


def audit_document(document: PolicyDocument, known: Collection[str], findings: Findings) -> None:
    """Dates, region and the documents that it names; `known`: every id of the register."""
    findings.read(("region",), lambda: canonical_region(document.region))
    for path, written in ((("issued_on",), document.issued_on), (("effective", "from"), document.effective.from_)):
        if written is not None:
            findings.read(path, lambda written=written: parse_date(written))  # type: ignore[misc]
    if document.effective.through not in ("open", "unknown"):
        findings.read(("effective", "through"), lambda: _end_of(document.effective))
    others: list[tuple[Place, str]] = [(("replaces", index), other) for index, other in enumerate(document.replaces)]
    if document.replaced_by is not None:
        others.append((("replaced_by",), document.replaced_by))
    for place, other in others:
        if other not in known or other == document.id:
            findings.refuse("DOCUMENT", f"没有登记的文件“{other}”", place, "corpus/documents 中的编号", "先登记该文件")


def _end_of(span: Span) -> None:
    last = parse_date(span.through).high
    first = None if span.from_ is None else parse_date(span.from_).low
    if first is not None and last is not None and last < first:
        raise FactError(Issue("EFFECTIVE", "有效期截止早于开始", "", "through 不早于 from", "检查两个日期"))
