"""The register of documents that measures stand in: `corpus/documents/…`.

Number, issuers and address of a document live here and nowhere else. Issuers come
from this list, never from a web copy; an address is official (*.gov.cn) or absent.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from policy_match.eligibility.schema import Say, Strict, refused

OFFICIAL_URL = re.compile(r"https?://([a-z0-9-]+\.)*gov\.cn(/\S*)?")
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
