"""What a registered document owes its readers: dates in their order, a region, and documents that are there.

A measure is in force on no day on which its document surely is not.
"""

from __future__ import annotations

from collections.abc import Collection

from policy_match.authoring.findings import Findings, Place
from policy_match.dates import parse_date
from policy_match.eligibility.documents import PolicyDocument, Span
from policy_match.eligibility.validity import Validity
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


def audit_within(validity: Validity, document: PolicyDocument, findings: Findings) -> None:
    """Days on which a measure is surely in force and its document surely not; ends nobody has seen say nothing."""
    span = document.effective
    hint = f"改正日期；个别条款另有起止的，把 {document.id} 登记的施行期写全，在 note 中说明"
    first = None if span.from_ is None else parse_date(span.from_).low
    if first is not None and validity.sure_from < first:
        what = f"施行期早于文件：文件自 {span.from_} 起施行"
        findings.refuse("DOCUMENT_SPAN", what, ("effective", "from"), f"{span.from_} 或以后", hint)
    last = None if span.through in ("open", "unknown") else parse_date(span.through).high
    if last is not None and (validity.sure_through is None or validity.sure_through > last):
        what = f"施行期晚于文件：文件施行到 {span.through} 为止"
        findings.refuse("DOCUMENT_SPAN", what, ("effective", "through"), f"{span.through} 或以前", hint)


def _end_of(span: Span) -> None:
    last = parse_date(span.through).high
    first = None if span.from_ is None else parse_date(span.from_).low
    if first is not None and last is not None and last < first:
        raise FactError(Issue("EFFECTIVE", "有效期截止早于开始", "", "through 不早于 from", "检查两个日期"))
