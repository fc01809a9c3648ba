"""The register of documents that measures stand in: `corpus/documents/…`.

Number, issuers and address of a document live here and nowhere else. Issuers come
from this list, never from a web copy; an address is official (*.gov.cn) or absent.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from policy_match.eligibility.schema import Strict


class Span(Strict):
    """Validity of a document; `through`: a day, `open`, or `unknown` (有效期未见)."""

    from_: str | None = Field(default=None, alias="from")
    through: str = "unknown"
    note: str | None = None


class DocumentClause(Strict):
    """One article in our own words."""

    article: str
    says: str


class PolicyDocument(Strict):
    """One document; `number: null` with `number_unseen: true` prints 文号未见."""

    schema_: Literal["document/1"] = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    title: str
    number: str | None
    number_unseen: bool = False
    issuers: list[str] | None
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
        if (self.number is None) != self.number_unseen:
            raise ValueError("number 为 null 时写 number_unseen: true；有文号时不写")
        return self

    @property
    def shown_number(self) -> str:
        """The document number, or 文号未见."""
        return self.number or "文号未见"
