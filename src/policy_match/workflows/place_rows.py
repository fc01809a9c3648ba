"""Find the project and the firm that a row of a register speaks of.

Certain keys first: 库内编号, 项目代码, any other number that one project alone holds; then the same firm (by
credit code) with the very same name. Anything less certain is a new project and a question to a person,
never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.exchange.intake_rows import Firm as TextFirm
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given
from policy_match.linkage.names import plain, project_name
from policy_match.store import subjects
from policy_match.store.tables import Key, Subject

NAME_KEY = "NAME"
_BY_NAME = "名称:"
ALIKE = 88  # domain specification §2.5


@dataclass
class Places:
    """What one library holds, by everything that a row may call it; grows as rows are placed."""

    session: Session
    library: str
    by_code: dict[tuple[str, str], Subject] = field(default_factory=dict)
    by_key: dict[tuple[str, str], Subject] = field(default_factory=dict)
    names: dict[int, set[str]] = field(default_factory=dict)
    of_firm: dict[int, list[Subject]] = field(default_factory=dict)
    _rows: dict[int, Subject] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, library: str) -> Places:
        """All subjects and current numbers of a library."""
        places = cls(session, library)
        places._rows = {row.id: row for row in session.scalars(select(Subject).where(Subject.library == library))}
        for row in places._rows.values():
            places._index(row)
        asked = select(Key).where(Key.library == library, Key.valid_through.is_(None)).order_by(Key.id)
        for key in session.scalars(asked):
            owner = places._rows[key.subject_id]
            if key.kind == NAME_KEY:
                places.names.setdefault(id(owner), set()).add(plain(key.value))
            else:
                places.by_key.setdefault((key.kind, key.value), owner)
        return places

    def _index(self, row: Subject) -> None:
        self.by_code[(row.kind, row.code)] = row
        firm = self._rows.get(row.enterprise_id or 0)
        if row.kind == Kind.PROJECT and firm is not None:
            self.of_firm.setdefault(id(firm), []).append(row)

    def survivor(self, row: Subject) -> Subject:
        """The subject that now stands for this one."""
        while row.survivor_id is not None:
            row = self._rows[row.survivor_id]
        return row

    def holder(self, given: Given) -> Subject | None:
        """Who has a number today."""
        found = self.by_key.get((given.kind, given.value))
        return None if found is None else self.survivor(found)

    def project(self, row: IntakeRow, firm: Subject | None) -> Subject | None:
        """The project of a row; None if nothing certain names one."""
        if row.code is not None and (found := self.by_code.get((Kind.PROJECT, row.code))) is not None:
            return self.survivor(found)
        for given in row.keys:
            if given.kind in subjects.EXCLUSIVE and (held := self.holder(given)) is not None:
                return held
        if firm is None or row.name is None or row.firm is None or row.firm.uscc is None:
            return None
        same = [one for one in self.of_firm.get(id(firm), ()) if plain(one.name or "") == plain(row.name)]
        return self.survivor(same[0]) if len(same) == 1 and not self._contradicts(row, same[0]) else None

    def _contradicts(self, row: IntakeRow, project: Subject) -> bool:
        """A project code of the row beside another one that the project has."""
        ours = {
            value for (kind, value), owner in self.by_key.items() if kind == subjects.PROJECT_CODE and owner is project
        }
        theirs = {given.value for given in row.keys if given.kind == subjects.PROJECT_CODE}
        return bool(ours and theirs and not ours & theirs)

    def firm(self, told: TextFirm) -> Subject | None:
        """The firm of a row, by credit code; by name only where the row has no code."""
        if told.uscc is not None and (held := self.holder(Given(subjects.CREDIT_CODE, told.uscc))) is not None:
            return held
        if told.uscc is not None or told.code is not None:
            return self.by_code.get((Kind.ENTERPRISE, told.code or told.uscc or ""))
        return self.by_code.get((Kind.ENTERPRISE, code_of_name(told.name or "")))

    def add_firm(self, told: TextFirm, at: datetime, code: str | None = None) -> Subject:
        """A firm that is new to the library."""
        return self.add_subject(
            Kind.ENTERPRISE, code or told.code or told.uscc or code_of_name(told.name or ""), told.name, at
        )

    def add_project(self, code: str, row: IntakeRow, firm: Subject | None, at: datetime) -> Subject:
        """A project that is new to the library."""
        project = self.add_subject(Kind.PROJECT, code, row.name, at)
        project.extra = dict(row.extra)
        if firm is not None:
            self.of_firm.setdefault(id(firm), []).append(project)
        return project

    def add_subject(self, kind: Kind, code: str, name: str | None, at: datetime) -> Subject:
        """A subject that is new to the library."""
        row = Subject(library=self.library, kind=kind.value, code=code, name=name, created_at=at, row_version=1)
        self.by_code[(kind, code)] = row
        return row

    def note_key(self, given: Given, subject: Subject) -> None:
        """A number that a subject has from now on."""
        self.by_key[(given.kind, given.value)] = subject

    def is_known_name(self, firm: Subject, name: str) -> bool:
        """Whether a firm is or was called so."""
        return plain(name) == plain(firm.name or name) or plain(name) in self.names.get(id(firm), ())

    def alike(self, project: Subject, firm: Subject | None, numbers: Iterable[Given] = ()) -> Iterator[Subject]:
        """Other projects of the firm that may be the same one or a phase of it: alike by name, or with the same contract or lot."""
        shared = {self.by_key.get((given.kind, given.value)) for given in numbers}
        own = project_name(project.name or "")
        for other in self.of_firm.get(id(firm), ()) if firm is not None else ():
            if other is project or other.survivor_id is not None:
                continue
            score = fuzz.token_set_ratio(own.core, project_name(other.name or "").core)
            if score >= ALIKE or other in shared:
                yield other


def code_of_name(name: str) -> str:
    """What a firm without credit code is called by: its plain name."""
    return f"{_BY_NAME}{plain(name)}"[:60]


def is_name_only(code: str) -> bool:
    """Whether a firm is known by its name alone."""
    return code.startswith(_BY_NAME)
