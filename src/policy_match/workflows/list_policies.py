"""The documents that measures stand in: which a reader asks for, and one of them in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.identifiers import region_name, region_path
from policy_match.text.lookup import bare
from policy_match.workflows.narrow_search import force_key
from policy_match.workflows.search_policies import document_in_force
from policy_match.workflows.show_match import Plain


@dataclass(frozen=True, slots=True)
class Asked:
    """What the documents are narrowed to; None: not narrowed. `text` is looked for in title and number, whatever the brackets.

    `region`: a code, what holds there is kept. `in_force`: true, false or unknown.
    """

    package: str | None = None
    level: str | None = None
    region: str | None = None
    in_force: str | None = None
    text: str | None = None


def list_policies(rulebook: Rulebook, asked: Asked, as_of: date) -> tuple[PolicyDocument, ...]:
    """The documents asked for, by id."""
    every = sorted(rulebook.documents.values(), key=lambda document: document.id)
    return tuple(document for document in every if _is_asked(document, asked, rulebook, as_of))


def _is_asked(document: PolicyDocument, asked: Asked, rulebook: Rulebook, as_of: date) -> bool:
    if asked.package is not None and asked.package not in packages_of(document, rulebook):
        return False
    if asked.level not in (None, document.level):
        return False
    if asked.region is not None and document.region not in region_path(asked.region):
        return False
    if asked.in_force is not None and asked.in_force != force_key(document_in_force(document, as_of)):
        return False
    if asked.text is None:
        return True
    wanted = bare(asked.text)
    return any(wanted and wanted in bare(name) for name in (document.title, document.number or ""))


def packages_of(document: PolicyDocument, rulebook: Rulebook) -> tuple[str, ...]:
    """The packages of a document: its own, and those that its measures are filed in; sorted."""
    filed = {rule.package for rule in rules_in(document, rulebook)}
    return tuple(sorted(filed if document.package is None else filed | {document.package}))


def rules_in(document: PolicyDocument, rulebook: Rulebook) -> tuple[Rule, ...]:
    """The measures that stand in a document, each in its newest version there, by id."""
    found = {
        rule.id: rule for rule in rulebook.rules if rule.document.id == document.id and rule.measure.status != "draft"
    }
    return tuple(found[id] for id in sorted(found))


def policy_data(document: PolicyDocument, rulebook: Rulebook, as_of: date) -> dict[str, Plain]:
    """One document as it is written to JSON; null is unknown, clauses are in our own words."""
    effective = document.effective
    clauses: list[Plain] = [{"article": clause.article, "says": clause.says} for clause in document.clauses]
    measures: list[Plain] = [
        {
            "id": rule.id,
            "version": rule.measure.version,
            "title": rule.measure.title,
            "topics": list(rule.measure.topics),
            "in_force": rule.in_force(as_of),
        }
        for rule in rules_in(document, rulebook)
    ]
    return {
        "id": document.id,
        "title": document.title,
        "number": document.number,
        "issuers": None if document.issuers is None else list(document.issuers),
        "level": document.level,
        "region": document.region,
        "region_name": region_name(document.region),
        "packages": list(packages_of(document, rulebook)),
        "issued_on": document.issued_on,
        "effective": {"from": effective.from_, "through": effective.through, "note": effective.note},
        "in_force": document_in_force(document, as_of),
        "replaces": list(document.replaces),
        "replaced_by": document.replaced_by,
        "official_url": document.official_url,
        "seen": document.seen,
        "clauses": clauses,
        "unseen": list(document.unseen),
        "notes": list(document.notes),
        "measures": measures,
    }


def validity_text(document: PolicyDocument) -> str:
    """From when to when a document is in force, and what of it nobody saw."""
    begin = "施行日未见" if document.effective.from_ is None else f"自{document.effective.from_}起"
    ends = {"open": "长期有效", "unknown": "终止日未见"}
    return f"{begin}，{ends.get(document.effective.through, f'至{document.effective.through}')}"
