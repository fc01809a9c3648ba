"""A library as a running worker holds it between rounds: subjects, their cells and their pairs, of one day.

It is a copy of what the database says, for speed alone: a measure that changes is decided for everybody without reading
everybody. It counts while nobody else has written a round (`Matched.round`), and is thrown away otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from policy_match.facts.cells import Cell
from policy_match.facts.subjects import Subject
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary
from policy_match.store.open_pairs import Kept
from policy_match.workflows.match import Matching


@dataclass
class Held:
    """The subjects of a library, each in its place; `round`: after which round of the library it was so, on `day`
    and by the facts and definitions of the mark `common`."""

    round: int
    day: date
    common: str
    ids: list[int] = field(default_factory=list, repr=False)
    subjects: list[Subject] = field(default_factory=list, repr=False)
    cells: list[Mapping[str, Cell]] = field(default_factory=list, repr=False)
    kept: list[Kept] = field(default_factory=list, repr=False)
    _places: dict[int, int] = field(default_factory=dict, repr=False)
    _table: FactTable | None = field(default=None, repr=False)

    def put(self, ids: Sequence[int], matching: Matching, kept: Mapping[int, Kept]) -> None:
        """Take up subjects that were decided, new ones or in the place of what was there; ids in the order of the matching."""
        self._table = None
        for row, one in enumerate(ids):
            place = self._places.setdefault(one, len(self.ids))
            if place == len(self.ids):
                self.ids.append(one)
                self.subjects.append(matching.subjects[row])
                self.cells.append(matching.table.cells[row])
                self.kept.append(kept[one])
            else:
                self.subjects[place], self.cells[place] = matching.subjects[row], matching.table.cells[row]
                self.kept[place] = kept[one]

    def note(self, one: int, kept: Kept) -> None:
        """Only the pairs of a subject are others now."""
        self.kept[self._places[one]] = kept

    def table(self, vocabulary: Vocabulary) -> FactTable:
        """Their facts as columns, which are built when they are read."""
        if self._table is None or self._table.vocabulary is not vocabulary:
            self._table = FactTable(vocabulary, self.cells)
        return self._table
