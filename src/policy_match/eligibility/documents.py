"""The register of documents that measures stand in: `corpus/documents/…`.

Number, issuers and address of a document live here and nowhere else. Issuers come
from this list, never from a web copy; an address is official (*.gov.cn) or absent.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field, model_validator

from policy_match.dates import parse_date
from policy_match.eligibility.findings import Findings, Place
from policy_match.eligibility.schema import Say, Strict, refused
from policy_match.errors import FactError, Issue
from policy_match.identifiers import canonical_region

_NO_NUMBER = frozenset(["未见", "未知", "不详", "无", "待查", "待补", "文号未见"])


class Span(Strict):
    """Validity of a document; `through`: a day, `open`, or `unknown` (有效期未见)."""

    from_: str | None = Field(default=None, alias="from")
    through: str = "unknown"
    note: str | None = None


class DocumentClause(Strict):
    """One article in our own words."""

    article: Say
    says: Say


class PolicyDocument(Strict):
    """One document; `number: null` with `number_unseen: true` prints 文号未见; an issuer nobody saw is null."""

    schema_: Literal["document/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    title: Say
    number: Say | None
    number_unseen: bool = False
    issuers: list[Say] | None
    level: Literal["national", "province", "city", "district", "zone"]
    region: str
    package: str | None = None
    issued_on: str | None = None
    effective: Span = Span()
    replaces: list[str] = []
    replaced_by: str | None = None
    official_url: str | None = Field(default=None, pattern=r"^https?://([a-z0-9-]+\.)*gov\.cn(/|$)")
    seen: Literal["page", "copy", "recalled"]
    clauses: list[DocumentClause] = []
    unseen: list[str] = []
    notes: list[str] = []

    @model_validator(mode="after")
    def _numbered(self) -> PolicyDocument:
        if self.number in _NO_NUMBER:
            raise refused(f"“{self.number}”不是文号", "文号", "没见过的写 number: null 和 number_unseen: true")
        if (self.number is None) != self.number_unseen:
            what = "有文号却写了 number_unseen" if self.number_unseen else "没有文号也没有写 number_unseen"
            raise refused(what, "number: 文号，或 number: null 加 number_unseen: true", "两种写法选一种")
        return self

    @property
    def shown_number(self) -> str:
        """The document number, or 文号未见."""
        return self.number or "文号未见"


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
