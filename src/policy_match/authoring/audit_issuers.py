"""Issuers of a registered document: bodies of the list, among them the one whose series its number is of.

A number is 前缀〔年份〕序号号, or an announcement that begins with the names of its issuers
(财政部 税务总局公告2023年第7号). A number that nobody saw says nothing; a corpus without a
list leaves issuers and numbers free.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import process

from policy_match.authoring.audit_names import INVENTED, audit_name
from policy_match.authoring.findings import Findings
from policy_match.eligibility.documents import PolicyDocument
from policy_match.facts.taxonomies import Taxonomies

_LIST = "corpus/taxonomies/issuers.yaml"
_SERIES = re.compile(r"(?P<prefix>[^\s\d〔〕]+)〔\d{4}〕\d+号")
_ANNOUNCED = re.compile(r"(?P<names>[^\d〔〕]+)公告\d{4}年第\d+号")


def audit_issuers(document: PolicyDocument, lists: Taxonomies, findings: Findings) -> None:
    """Every issuer is on the list by its one name, and those that the number itself names are among them."""
    issuers = document.issuers or []
    if not lists.issuers or any(name.startswith(INVENTED) for name in issuers):
        return
    for index, name in enumerate(issuers):
        audit_name("ISSUER", name, lists.issuer_names, _LIST, ("issuers", index), findings)
    # A misspelt issuer may be the one that the number names: that fault is told once.
    if document.number is not None and all(name in lists.issuer_names for name in issuers):
        one_names = None if document.issuers is None else [lists.issuer_names[name] for name in issuers]
        _numbered(document.number, one_names, lists, findings)


def _numbered(number: str, issuers: Sequence[str] | None, lists: Taxonomies, findings: Findings) -> None:
    if (found := _SERIES.fullmatch(number)) is not None:
        _series(found["prefix"], issuers, lists, findings)
    elif (found := _ANNOUNCED.fullmatch(number)) is not None:
        _among([lists.issuer_names.get(name, name) for name in found["names"].split()], issuers or [], findings)
    else:
        allowed = "前缀〔年份〕序号号，或“单位 单位公告年份年第序号号”"
        what = f"文号“{number[:40]}”的写法不对"
        findings.refuse("DOCUMENT_NUMBER", what, ("number",), allowed, "照文件抄写，年份用六角括号〔〕")


def _series(prefix: str, issuers: Sequence[str] | None, lists: Taxonomies, findings: Findings) -> None:
    """The body whose prefix it is, is an issuer; a prefix that no body has is let be where nobody saw the issuers."""
    owner = lists.issuer_series.get(prefix)
    if owner is not None:
        _among([owner], issuers or [], findings)
    elif issuers is not None:
        near = [match for match, _, _ in process.extract(prefix[:20], list(lists.issuer_series), limit=3)]
        allowed = "、".join(f"{match}（{lists.issuer_series[match]}）" for match in near)
        hint = f"改正文号；确是新的前缀，先写进 {_LIST} 中这家单位的 series"
        findings.refuse("ISSUER_SERIES", f"名录中没有文号前缀“{prefix}”", ("number",), allowed, hint)


def _among(owners: Sequence[str], issuers: Sequence[str], findings: Findings) -> None:
    missing = "、".join(owner for owner in owners if owner not in issuers)
    if missing:
        what = f"文号是“{missing}”的，发文单位里没有它"
        findings.refuse("ISSUER_SERIES", what, ("issuers",), missing, "把它写进 issuers，或改正文号")
