"""Find the project and the firm that a row of a register speaks of.

Certain keys first: 库内编号, 项目代码, any other number that one project alone holds or held, a record that somebody
linked before; then the same firm with the very same name. Anything less certain is a new project and a question
to a person, never a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from rapidfuzz import fuzz
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from policy_match.exchange.intake_rows import Firm as TextFirm
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given
from policy_match.linkage.names import plain, project_name
from policy_match.store import subjects
from policy_match.store.tables import Key, Subject

NAME_KEY = "NAME"
# Sources whose rows open projects; the others only speak of those that are there.
OPENS = frozenset({"DISTRICT", "PUBLIC", "DEPT"})
_CONTRACT, _LOT = "HTBH", "BDCDY"
_BY_NAME, _LONGEST = "名称:", 60
_FEW = 100
ALIKE = 88  # domain specification §2.5


@dataclass
class Places:
    """What one library holds, by everything that a row may call it; grows as rows are placed.

    `held`: the numbers that each subject has, by the subject's identity; `ended`: those that it had, which still lead
    to it while nobody else has them. A merged subject's numbers are those of its survivor.
    """

    session: Session
    library: str
    by_code: dict[tuple[str, str], Subject] = field(default_factory=dict)
    owners: dict[Given, list[Subject]] = field(default_factory=dict)
    held: dict[int, set[Given]] = field(default_factory=dict)
    ended: dict[Given, Subject] = field(default_factory=dict)
    names: dict[int, set[str]] = field(default_factory=dict)
    firms_by_name: dict[str, list[Subject]] = field(default_factory=dict)
    of_firm: dict[int, list[Subject]] = field(default_factory=dict)
    _crowded: Counter[tuple[str, str]] = field(default_factory=Counter)
    _rows: Mapping[int, Subject] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, library: str, rows: Sequence[IntakeRow] = ()) -> Places:
        """All subjects and numbers of a library; those alone that a few `rows` lead to where these are all that is asked of it
        and each names a project that is there by its code and no firm: what a person enters by hand does not wait for the rest.
        """
        told, keys = select(Subject).where(Subject.library == library), select(Key).where(Key.library == library)
        wanted = _led_to(session, library, rows)
        if wanted is not None:
            told, keys = told.where(Subject.id.in_(wanted)), keys.where(Key.subject_id.in_(wanted))
        there = {row.id: row for row in session.scalars(told)}
        places = cls(session, library, _rows=there)
        for row in there.values():
            places._index(row)
        for key in session.scalars(keys.order_by(Key.id)):
            places._index_key(key, places.survivor(there[key.subject_id]))
        return places

    def _index(self, row: Subject) -> None:
        self.by_code[(row.kind, row.code)] = row
        if row.kind == Kind.ENTERPRISE and row.name is not None:
            self.firms_by_name.setdefault(plain(row.name), []).append(row)
        if row.kind == Kind.PROJECT:
            self.of_firm.setdefault(id(self._rows.get(row.enterprise_id or 0)), []).append(row)

    def _index_key(self, key: Key, owner: Subject) -> None:
        given = Given(key.kind, key.value)
        if key.kind == NAME_KEY:
            self.names.setdefault(id(owner), set()).add(plain(key.value))
            self.firms_by_name.setdefault(plain(key.value), []).append(owner)
        elif key.valid_through is None:
            self.note_key(given, owner)
        else:
            self.ended[given] = owner

    def survivor(self, row: Subject) -> Subject:
        """The subject that now stands for this one."""
        while row.survivor_id is not None:
            row = self._rows[row.survivor_id]
        return row

    def holder(self, given: Given) -> Subject | None:
        """Who has a number today, or had it last."""
        return next(iter(self.owners.get(given, ())), None) or self.ended.get(given)

    def has(self, subject: Subject, given: Given) -> bool:
        """Whether a number is or was the subject's."""
        return given in self.held.get(id(subject), ()) or self.ended.get(given) is subject

    def project_codes(self, project: Subject) -> set[str]:
        """The project codes that a project has today."""
        return {given.value for given in self.held.get(id(project), ()) if given.kind == subjects.PROJECT_CODE}

    def project(self, row: IntakeRow, firm: Subject | None, source: str) -> Subject | None:
        """The project of a row; None if nothing certain names one."""
        if row.code is not None and (found := self.by_code.get((Kind.PROJECT, row.code))) is not None:
            return self.survivor(found)
        certain = [given for given in row.keys if given.kind in subjects.EXCLUSIVE]
        certain += [] if row.record is None else [linked_record(source, row.record)]
        held = next((held for given in certain if (held := self.holder(given)) is not None), None)
        held = self._only_holder(row) if held is None else held
        if held is not None or (firm is None and row.firm is not None):
            return held
        has_code = row.firm is not None and row.firm.uscc is not None
        same = self._namesakes(row, firm) if row.code is None and (has_code or source in OPENS) else []
        return same[0] if len(same) == 1 and not self._contradicts(row, same[0]) else None

    def _only_holder(self, row: IntakeRow) -> Subject | None:
        """The one project that has the permits, meters and other numbers of the row; None if several have, or nobody.

        A contract or a lot may be shared by projects, so neither names one.
        """
        numbers = [given for given in row.keys if given.kind not in (*subjects.EXCLUSIVE, _CONTRACT, _LOT)]
        found = {id(one): one for given in numbers for one in self.owners.get(given, ())}
        one = next(iter(found.values()), None)
        return one if one is not None and len(found) == 1 and not self._contradicts(row, one) else None

    def is_unclear(self, row: IntakeRow, firm: Subject | None) -> bool:
        """Whether a row without numbers is told apart by its name alone, and several projects or rows have that name."""
        if row.code is not None or any(given.kind in subjects.EXCLUSIVE for given in row.keys):
            return False
        same = self._namesakes(row, firm) if firm is not None or row.firm is None else []
        has_code = row.firm is not None and row.firm.uscc is not None
        return len(same) > 1 or (not has_code and self._crowded[_called(row)] > 1)

    def expect(self, rows: Iterable[IntakeRow]) -> None:
        """The rows that are to come: of several with one name, those without numbers are not clear."""
        self._crowded.update(_called(row) for row in rows if row.kind is Kind.PROJECT)

    def _namesakes(self, row: IntakeRow, firm: Subject | None) -> list[Subject]:
        """Projects of the same firm (or, like the row, of no known firm) with the very same name."""
        if row.name is None:
            return []
        name = plain(row.name)
        same = (self.survivor(one) for one in self.of_firm.get(id(firm), ()) if plain(one.name or "") == name)
        return list({id(one): one for one in same}.values())

    def _contradicts(self, row: IntakeRow, project: Subject) -> bool:
        """A project code of the row beside another one that the project has."""
        ours = self.project_codes(project)
        theirs = {given.value for given in row.keys if given.kind == subjects.PROJECT_CODE}
        return bool(ours and theirs and not ours & theirs)

    def firm(self, told: TextFirm) -> Subject | None:
        """The firm of a row: by credit code; else the only one of its very name, if no other credit code speaks against it."""
        if told.uscc is not None and (held := self.holder(Given(subjects.CREDIT_CODE, told.uscc))) is not None:
            return held
        if (found := self.by_code.get((Kind.ENTERPRISE, told.code or told.uscc or ""))) is not None:
            return found
        if told.code is not None or told.name is None:
            return None
        same = {id(one): one for one in self.firms_by_name.get(plain(told.name), ())}
        fitting = [one for one in same.values() if told.uscc is None or not self._has_credit_code(one)]
        if len(fitting) == 1:
            return fitting[0]
        return None if told.uscc is not None else self.by_code.get((Kind.ENTERPRISE, code_of_name(told.name)))

    def firm_of(self, project: Subject) -> Subject | None:
        """The firm that the library holds of a project."""
        return self._rows.get(project.enterprise_id or 0)

    def _has_credit_code(self, firm: Subject) -> bool:
        return any(given.kind == subjects.CREDIT_CODE for given in self.held.get(id(firm), ()))

    def add_firm(self, told: TextFirm, at: datetime, code: str | None = None) -> Subject:
        """A firm that is new to the library."""
        return self.add_subject(Kind.ENTERPRISE, code or code_of_firm(told), told.name, at)

    def add_project(self, code: str, row: IntakeRow, firm: Subject | None, at: datetime) -> Subject:
        """A project that is new to the library."""
        project = self.add_subject(Kind.PROJECT, code, row.name, at)
        project.extra = dict(row.extra)
        self.of_firm.setdefault(id(firm), []).append(project)
        return project

    def add_subject(self, kind: Kind, code: str, name: str | None, at: datetime) -> Subject:
        """A subject that is new to the library."""
        row = Subject(library=self.library, kind=kind.value, code=code, name=name, created_at=at, row_version=1)
        self.by_code[(kind, code)] = row
        if kind is Kind.ENTERPRISE and name is not None:
            self.firms_by_name.setdefault(plain(name), []).append(row)
        return row

    def note_key(self, given: Given, subject: Subject) -> None:
        """A number that a subject has from now on."""
        self.owners.setdefault(given, []).append(subject)
        self.held.setdefault(id(subject), set()).add(given)

    def is_known_name(self, firm: Subject, name: str) -> bool:
        """Whether a firm is or was called so."""
        return plain(name) == plain(firm.name or "") or plain(name) in self.names.get(id(firm), ())

    def rename(self, firm: Subject, name: str, at: datetime) -> None:
        """A firm is called so from now on, and is still found by what it was called before."""
        if firm.name is not None:
            self.names.setdefault(id(firm), set()).add(plain(firm.name))
        if firm.id is None:
            firm.name = name
        else:
            subjects.change(self.session, firm, subjects.NAME, name, at=at)
        self.firms_by_name.setdefault(plain(name), []).append(firm)

    def alike(self, project: Subject, firm: Subject | None, numbers: Iterable[Given]) -> Iterator[Subject]:
        """Other projects that may be the same one or a phase of it: of one firm and alike by name or on the same lot, or
        under the same contract."""
        shared = [other for given in numbers if given.kind == _CONTRACT for other in self.owners.get(given, ())]
        if firm is not None:
            lots = [other for given in numbers if given.kind == _LOT for other in self.owners.get(given, ())]
            own = project_name(project.name or "")
            for other in self.of_firm.get(id(firm), ()):
                score = fuzz.token_set_ratio(own.core, project_name(other.name or "").core)
                shared += [other] if score >= ALIKE or other in lots else []
        for other in {id(one): one for one in shared}.values():
            if other is not project and other.survivor_id is None:
                yield other


def _led_to(session: Session, library: str, rows: Sequence[IntakeRow]) -> set[int] | None:
    """The projects that rows name by code, whoever has or had a number of theirs, what was merged into these or they into,
    and the firms of all; None where the rows need the whole library.
    """
    by_code = [row.code for row in rows if row.kind is Kind.PROJECT and row.firm is None and row.code is not None]
    if not 0 < len(rows) == len(by_code) <= _FEW:
        return None
    codes = {*by_code}
    of_library = Subject.library == library
    named = select(Subject.id).where(of_library, Subject.kind == Kind.PROJECT.value, Subject.code.in_(codes))
    found = {*session.scalars(named)}
    if len(found) < len(codes):
        return None
    for kind, value in {(given.kind, given.value) for row in rows for given in row.keys}:
        holders = select(Key.subject_id).where(Key.library == library, Key.kind == kind, Key.value == value)
        found |= {*session.scalars(holders)}
    beyond = found
    while beyond:
        near = or_(Subject.id.in_(beyond), Subject.survivor_id.in_(beyond))
        links = session.execute(select(Subject.id, Subject.survivor_id, Subject.enterprise_id).where(of_library, near))
        reached = {one for link in links for one in link if one is not None}
        beyond = reached - found
        found |= reached
    return found


def _called(row: IntakeRow) -> tuple[str, str]:
    return plain(row.name or ""), "" if row.firm is None else plain(row.firm.name or row.firm.uscc or "")


def linked_record(source: str, record: str) -> Given:
    """The number under which a project is known to a source once somebody linked the record."""
    return Given(f"REC_{source}", record[:120])


def code_of_firm(told: TextFirm) -> str:
    """What a firm is called by that a row brings into the library."""
    return told.code or told.uscc or code_of_name(told.name or "")


def code_of_name(name: str) -> str:
    """What a firm without credit code is called by: its plain name, a long one cut and told apart by its hash."""
    text = f"{_BY_NAME}{plain(name)}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 9]}…{sha256(text.encode()).hexdigest()[:8]}"


def is_name_only(code: str) -> bool:
    """Whether a firm is known by its name alone."""
    return code.startswith(_BY_NAME)
