"""What `extract` writes: document.yaml, a registration for corpus/documents, and draft measures; all texts, no files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.taxonomies import Taxonomies
from policy_match.identifiers import REGIONS
from policy_match.strict_yaml import Data
from policy_match.text.extract.candidates import Candidate
from policy_match.text.extract.draft import drafts_of
from policy_match.text.extract.extraction import Extraction
from policy_match.text.extract.figures import Figure
from policy_match.units import format_count, format_money, format_ratio
from policy_match.workflows.draft_files import measure_id_of, measure_of, span_of

_LEVEL_REGIONS = {"national": "000000", "province": "320000"}
_HEADER = """\
# 草稿：由程序从“{source}”读出，未经核对，不作判断。写法见 docs/rule-authoring.zh.md。
# topics、family、mode、target 是按字面暂填的，都要改；owner_unit 没有填。place 是读自哪一条，登记以后可以留着。
# judged、shared 是程序没有读成条件的部分：逐条对照原文，能写成事实的改写，写不成的留给人判断。
"""
_REGISTER_HEADER = "# 由程序从“{source}”读出，未经核对。核对以后放进 corpus/documents，补上 package 和网址。\n"


@dataclass(frozen=True, slots=True)
class Written:
    """Texts by the path below the output folder.

    `document_id`: of the register, an old one where the number is known. `to_read`: articles that a draft leaves to people.
    """

    files: dict[str, str]
    document_id: str
    is_registered: bool
    to_read: tuple[str, ...]


def write_texts(extraction: Extraction, source: str, rulebook: Rulebook, today: date) -> Written:
    """Every text of an extraction; no registration where the number is registered, no drafts where the issuer is foreign."""
    known = registered(extraction, rulebook)
    document_id = known or document_id_of(extraction)
    files = {"document.yaml": dumped(_document(extraction, source))}
    to_read: dict[str, None] = {}
    if not is_foreign(extraction):
        if known is None:
            record = _registration(extraction, document_id, source, rulebook)
            files[f"documents/{document_id}.yaml"] = _REGISTER_HEADER.format(source=source) + dumped(record)
        taken = {rule.id for rule in rulebook.rules}
        for draft in drafts_of(extraction, rulebook.vocabulary):
            measure_id = measure_id_of(document_id, draft.place, taken)
            taken.add(measure_id)
            to_read |= dict.fromkeys(draft.to_read)
            written = measure_of(draft, measure_id, extraction, document_id=document_id, rulebook=rulebook, today=today)
            files[f"measures/{measure_id}.v1.yaml"] = _HEADER.format(source=source) + dumped(written)
    order = [clause.article for clause in extraction.clauses if clause.article in to_read]
    return Written(files, document_id, known is not None, tuple(order))


def is_foreign(extraction: Extraction) -> bool:
    """Whether a body or number on the page is not ours: then nothing is drafted."""
    return any(one.code == "foreign_issuer" for one in extraction.warnings)


def registered(extraction: Extraction, rulebook: Rulebook) -> str | None:
    """The document of the register with the same number; None without one."""
    number = extraction.head.number
    return next((one.id for one in rulebook.documents.values() if number is not None and one.number == number), None)


def document_id_of(extraction: Extraction) -> str:
    """An id as the register forms them: first letters of the series, year, serial (常政办发〔2024〕37号: czbf-2024-37).

    A document without a number is called by a hash of its title and text.
    """
    from pypinyin import Style, lazy_pinyin  # late: it reads a large table, half a second of the start of a service

    found = re.fullmatch(r"([^〔\d]+)(?:〔(\d{4})〕|(\d{4})年第)(\d+)号", extraction.head.number or "")
    if found is not None:
        letters = "".join(lazy_pinyin(found[1], style=Style.FIRST_LETTER, errors="ignore"))
        return f"{letters[:30] or 'doc'}-{found[2] or found[3]}-{found[4]}"
    text = "\n".join((extraction.head.title or "", *extraction.body))
    return f"doc-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def dumped(data: Data) -> str:
    """A mapping as the strict loader reads it: Chinese as it is, no folding, no anchors."""
    return yaml.dump(data, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10**9)


class _Plain(yaml.SafeDumper):
    """Texts that look like numbers or dates are quoted, nothing is written by reference."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _document(extraction: Extraction, source: str) -> Data:
    head = extraction.head
    return {
        "schema": "extraction/1",
        "source": source,
        "number": head.number,
        "issuer": "、".join(head.issuers) or None,
        "title": head.title,
        "issued_on": head.issued_on,
        "effective_from": head.term.begins,
        "through": extraction.through,
        "clauses": [
            {
                "article": clause.article,
                "text": clause.text,
                "candidates": [_candidate(one) for one in extraction.found[clause.article]],
            }
            for clause in extraction.clauses
        ],
        "unnumbered": list(extraction.loose),
        "warnings": [{"code": one.code, "message": one.message} for one in extraction.warnings],
    }


def _candidate(one: Candidate) -> Data:
    shown: dict[str, Data] = {"kind": one.kind, "text": one.text, "span": [one.start, one.end]}
    if one.means:
        shown["means"] = one.means
    if one.figure is not None:
        shown |= {"op": one.figure.relation, "value": _value(one.figure)}
        if one.figure.label:
            shown["of"] = one.figure.label
    return shown


def _value(figure: Figure) -> str:
    if figure.kind == "ratio":
        return format_ratio(figure.value)
    if figure.kind in ("money", "foreign"):
        return format_money(figure.value).removesuffix("元") + figure.unit
    return format_count(figure.value, figure.unit)


def _registration(extraction: Extraction, document_id: str, source: str, rulebook: Rulebook) -> Data:
    head, lists = extraction.head, rulebook.vocabulary.taxonomies
    issuers: list[Data] = [name for name in head.issuers if name in lists.issuers]
    has_all = bool(issuers) and len(issuers) == len(head.issuers)
    level = lists.issuers[str(issuers[0])].level if issuers else "city"
    fits = head.number is not None and _is_number_of(head.number, issuers, has_all, lists)
    unseen: list[Data] = [] if has_all else ["发文单位（名录里没有，或没有见到）"]
    return {
        "schema": "document/1",
        "id": document_id,
        "title": head.title or "标题未见",
        "number": head.number if fits else None,
        "number_unseen": not fits,
        "issuers": issuers if has_all else None,
        "level": level,
        "region": _LEVEL_REGIONS.get(level) or _region(str(issuers[0]) if issuers else ""),
        "issued_on": head.issued_on,
        "effective": span_of(extraction),
        "seen": "copy",
        "unseen": unseen,
        "notes": [
            f"由程序从 {source} 读出，未经核对",
            *([] if fits or head.number is None else [f"页面上的文号是 {head.number}，前缀与名录对不上"]),
        ],
    }


def _is_number_of(number: str, issuers: Sequence[Data], has_all: bool, lists: Taxonomies) -> bool:
    """Whether a number may be registered with these issuers: a prefix on the list is of one of them, an announcement names them."""
    prefix = re.split(r"[〔\d]", number, maxsplit=1)[0]
    if prefix.endswith("公告") and "〔" not in number:
        named = prefix.removesuffix("公告").split()
        return has_all and all(lists.issuer_names.get(name, name) in issuers for name in named)
    owner = lists.issuer_series.get(prefix)
    return owner in issuers if owner is not None else not has_all


def _region(issuer: str) -> str:
    """The region that an issuer's name begins with; the city for its own bodies."""
    named = [
        (name, code)
        for code, (name, _, historic) in REGIONS.items()
        if not historic and code not in ("000000", "320000")
    ]
    inside = [code for name, code in sorted(named, key=lambda one: -len(one[0])) if issuer.startswith(name)]
    return inside[0] if inside else "320400"
