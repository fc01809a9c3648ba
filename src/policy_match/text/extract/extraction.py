"""An official page, read: the one entrance. Pure; the same page and lists give the same extraction."""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.facts.taxonomies import Taxonomies
from policy_match.identifiers import IndustryTree
from policy_match.text.extract.candidates import Candidate, Reader
from policy_match.text.extract.clauses import Clause, part
from policy_match.text.extract.flags import warnings_of
from policy_match.text.extract.head import Head, head_of
from policy_match.text.extract.layout import lay_out, signatures
from policy_match.text.extract.page import Page
from policy_match.text.extract.relations import said_of_numbers
from policy_match.text.extract.suspicions import Flag


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a page says. `loose`: lines of the document that belong to no clause. `found`: candidates by article."""

    head: Head
    clauses: tuple[Clause, ...]
    loose: tuple[str, ...]
    found: dict[str, tuple[Candidate, ...]]
    warnings: tuple[Flag, ...]
    body: tuple[str, ...]

    @property
    def through(self) -> str | None:
        """The last day: by the text, or the day of repeal where the header says one that is earlier or the text none."""
        ends, repealed = self.head.term.ends, self.head.repealed_on
        return min(day for day in (ends, repealed) if day is not None) if ends or repealed else None


def extract(page: Page, lists: Taxonomies, industries: IndustryTree) -> Extraction:
    """Read a page with the lists of the corpus."""
    layout = lay_out(page)
    head = head_of(page, layout, lists)
    closing = {at for one in signatures(layout.body) for at in one.lines}
    parted = part(layout.body, closing)
    reader = Reader(lists, industries, said_of_numbers("\n".join(layout.body)))
    return Extraction(
        head=head,
        clauses=parted.clauses,
        loose=tuple(line for _, line in parted.loose),
        found={clause.article: reader.read(clause.text) for clause in parted.clauses},
        warnings=warnings_of(page, layout, head, parted, lists=lists),
        body=layout.body,
    )
