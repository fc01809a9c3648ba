"""What can be found: measures and documents as text, with the names and numbers they are asked for by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from policy_match.eligibility.documents import PolicyDocument
from policy_match.eligibility.rulebook import Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Searchable:
    """One measure or document. `region`: where it holds, a code. `numbers`: document numbers it is asked for by."""

    id: str
    kind: Literal["measure", "document"]
    title: str
    topics: tuple[str, ...]
    region: str
    numbers: tuple[str, ...]
    text: str


def searchables(rulebook: Rulebook) -> tuple[Searchable, ...]:
    """The newest version of every measure, then every document, each by id."""
    newest = [rulebook.versions(id)[-1] for id in sorted(rulebook.ids)]
    topics: dict[str, dict[str, None]] = {}
    for rule in newest:
        topics.setdefault(rule.document.id, {}).update(dict.fromkeys(rule.measure.topics))
    documents = (
        _document(document, tuple(topics.get(document.id, ())))
        for document in sorted(rulebook.documents.values(), key=lambda document: document.id)
    )
    return (*(_measure(rule) for rule in newest), *documents)


def _measure(rule: Rule) -> Searchable:
    measure, document = rule.measure, rule.document
    said = [clause.says or "" for clause in measure.clauses]
    return Searchable(
        id=measure.id,
        kind="measure",
        title=measure.title,
        topics=tuple(measure.topics),
        region=document.region,
        numbers=() if document.number is None else (document.number,),
        text="。".join([measure.title, *said]),
    )


def _document(document: PolicyDocument, topics: tuple[str, ...]) -> Searchable:
    return Searchable(
        id=document.id,
        kind="document",
        title=document.title,
        topics=topics,
        region=document.region,
        numbers=() if document.number is None else (document.number,),
        text="。".join([document.title, *(clause.says for clause in document.clauses)]),
    )
