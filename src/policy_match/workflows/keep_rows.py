"""Keep the rows of one batch: each taken whole or not at all, all of them written together in the caller's transaction.

Whom a row speaks of is found by `place_rows.py`, what it says of points and figures is judged by `judge_points.py`
and `judge_figures.py`, and `write_rows.py` writes what came of it. A refused row leaves nothing of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Issue
from policy_match.exchange.intake_rows import Doubt, IntakeRow
from policy_match.exchange.intake_text import row_to_text
from policy_match.exchange.refusals import Refusal
from policy_match.facts.assemble import NOTHING, Assembled, assemble
from policy_match.facts.cells import Possible
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given, is_filed_in, region_name
from policy_match.lifecycle.clocks import Mark
from policy_match.lifecycle.milestones import Milestone
from policy_match.store import doubts, log, subjects
from policy_match.store.current import Known
from policy_match.store.doubts import Question
from policy_match.store.tables import Actor, Batch, Subject
from policy_match.store.waiting import Record, wait
from policy_match.units import Band
from policy_match.workflows.judge_figures import UNIT_SUSPECT, weigh
from policy_match.workflows.judge_firms import ARCHIVES, FIRM_CHANGED, UNKNOWN, gone, unknown_firms, unknown_issue
from policy_match.workflows.judge_points import Points, Refused
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import NAME_KEY, OPENS, Places, code_of_firm, is_name_only
from policy_match.workflows.write_rows import Writer, Writing

_LONGEST = {"库内编号": 60, "编号": 120, "佐证种类": 60}


@dataclass
class Kept:
    """What became of the rows. `opened`: codes of new subjects; `changed`, `same`: of those that were there; `waiting`:
    records without a project."""

    opened: list[str] = field(default_factory=list)
    changed: int = 0
    same: int = 0
    waiting: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


class Keeping:
    """The rows of one batch against one library. Use once: `expect` them all, `take` each, then `write`."""

    def __init__(
        self, session: Session, archive: Archive, batch: Batch, who: Actor, rows: Sequence[IntakeRow]
    ) -> None:  # fmt: skip
        self.session, self.archive, self.batch, self.who = session, archive, batch, who
        self.now, self.today = batch.received_at, local_day(batch.received_at)
        self.places = Places.load(session, batch.library, rows)
        self.points = Points(session, archive, batch, who)
        self.kept = Kept()
        self._said = log.Said({})
        self._writing: dict[int, Writing] = {}
        self._questions: list[Question] = []
        self._waiting: list[IntakeRow] = []
        self._unknown_firms: frozenset[str] = frozenset()
        self._asked_about = doubts.unanswered(session, batch.library, UNKNOWN) if batch.source == ARCHIVES else {}
        self._units = doubts.answers(session, batch.library, UNIT_SUSPECT)
        self._codes = _codes(subjects.next_project_code(session, batch.library, self.today.year))

    def expect(self, rows: Sequence[IntakeRow]) -> list[int]:
        """Hear of all rows before the first is taken; the row ids of the projects and firms that they speak of.

        What happened to these projects, and what else is asked of the library for each row, is read at once.
        """
        self.places.expect(rows)
        found: set[int] = set()
        firms: set[str] = set()
        placed: list[tuple[IntakeRow, Subject | None]] = []
        for row in rows:
            firm = None if row.firm is None else self.places.firm(row.firm)
            project = None if row.kind is Kind.ENTERPRISE else self.places.project(row, firm, self.batch.source)
            found |= {one.id for one in (firm, project) if one is not None}
            firms |= set() if row.firm is None else {code_of_firm(row.firm) if firm is None else firm.code}
            placed.append((row, project))
        projects = {project.id: project for _, project in placed if project is not None}
        self._said = log.every_entry(self.session, [*projects.values()])
        self._unknown_firms = unknown_firms(self.session, self.batch.library, firms)
        self.points.expect(placed, self._said)
        return sorted(found)

    def take(self, row: IntakeRow, known: dict[int, Known]) -> None:
        """Judge a row and note what is to be written; a refusal is noted and leaves nothing of the row."""
        try:
            _check_lengths(row)
            if row.kind is Kind.ENTERPRISE:
                self._take_firm(row, known)
            elif row.kind is Kind.PERSON:
                self._take_person(row, known)
            else:
                self._take_project(row, known)
        except Refused as refused:
            value = row.name or row.code or row.record or ""
            self.kept.refusals += [
                Refusal(row.row, "", value, issue.code, issue.what, issue.allowed, issue.hint)
                for issue in refused.issues
            ]

    def write(self) -> Kept:
        """Write all that was noted, in bulk."""
        writer = Writer(self.session, self.archive, self.batch, self.who)
        writer.write([*self._writing.values()])
        self.kept.asked += writer.ask(self._questions)
        wait(
            self.session, self.batch, [Record(_number(row)[:120], row.name, row_to_text(row)) for row in self._waiting]
        )
        self.kept.waiting = len(self._waiting)
        return self.kept

    # one row

    def _take_firm(self, row: IntakeRow, known: dict[int, Known]) -> None:
        if row.firm is None:
            raise Refused(Issue("USCC_MISSING", "没有统一社会信用代码", "", "18位代码", "补上后重新提交"))
        firm = self.places.firm(row.firm)
        is_new = firm is None
        firm = firm or self.places.add_firm(row.firm, self.now, row.code)
        writing = self._write(firm, is_new=is_new)
        self._name_firm(firm, row, writing)
        self._numbers(row, firm, writing)
        self._observe(row, firm, row.firm_observations or row.observations, writing, known)
        if self.batch.source == ARCHIVES:
            self._vouch(firm)
        self._count(writing, is_new=is_new)

    def _take_person(self, row: IntakeRow, known: dict[int, Known]) -> None:
        firm = None if row.firm is None else self.places.firm(row.firm)
        code = row.code or self._next_code()
        person = self.places.by_code.get((Kind.PERSON, code))
        is_new = person is None
        person = person or self.places.add_subject(Kind.PERSON, code, row.name, self.now)
        writing = self._write(person, firm=firm, is_new=is_new)
        self._observe(row, person, row.observations, writing, known)
        self._count(writing, is_new=is_new)

    def _take_project(self, row: IntakeRow, known: dict[int, Known]) -> None:
        firm = None if row.firm is None else self.places.firm(row.firm)
        project = self.places.project(row, firm, self.batch.source)
        if project is None and self.batch.source not in OPENS:
            self._let_wait(row)
            return
        self._check_place(row, project, firm)
        judged = self.points.judge(row, project, founded=self._founded(row, firm, known))
        is_new = project is None
        firm = self._firm_of(row, firm, known)
        project = project or self.places.add_project(row.code or self._next_code(), row, firm, self.now)
        writing = self._write(project, firm=self._kept_firm(project, firm), is_new=is_new)
        if is_new:
            self._ask_about_likeness(row, project, firm)
        self.points.note(project, judged)
        writing.entries += judged.events
        writing.changed |= bool(judged.events)
        self._numbers(row, project, writing)
        self._observe(row, project, (*row.observations, *judged.told), writing, known)
        self._log(row, project, writing)
        for code, key, what, value in judged.questions:
            self._ask(project, code, f"{project.code}|{key}", f"{project.code} {what}", value)
        self._doubt(row, project, known)
        self._count(writing, is_new=is_new)

    def _next_code(self) -> str:
        """The next 库内编号 that no row gave to its project."""
        return next(code for code in self._codes if (Kind.PROJECT, code) not in self.places.by_code)

    def _let_wait(self, row: IntakeRow) -> None:
        if not _number(row):
            what = "既没有编号也没有名称，找不到所说的项目"
            raise Refused(Issue("ROW_UNNAMED", what, "", "项目代码、来源的记录编号或项目名称", "补上后重新提交"))
        self._waiting.append(row)

    def _check_place(self, row: IntakeRow, project: Subject | None, firm: Subject | None) -> None:
        """LC_KEY_TAKEN for a number of another project, PROJECT_UNCLEAR where nothing tells namesakes apart."""
        for given in row.keys:
            holder = self.places.holder(given) if given.kind in subjects.EXCLUSIVE else None
            if holder is not None and holder is not project:
                what = f"项目代码 {given.value} 已属于 {holder.code}，请先做重复核验"
                raise Refused(Issue("LC_KEY_TAKEN", what, "", "", "核对代码；确为同一项目的，办理并库"))
        if self.places.is_unclear(row, firm):
            what = "库中或本文件中有同名项目，这一行没有编号可以分辨"
            hint = "写上库内编号、项目代码或统一社会信用代码；是另一个项目的，改写名称"
            raise Refused(Issue("PROJECT_UNCLEAR", what, "", "", hint))
        taken = project is None and any((kind, row.code) in self.places.by_code for kind in Kind)
        if taken and row.code is not None:
            raise Refused(Issue("CODE_TAKEN", f"编号“{row.code}”已属于一个企业或个人", "", "", "改用项目自己的编号"))

    def _write(self, subject: Subject, *, firm: Subject | None = None, is_new: bool) -> Writing:
        writing = self._writing.setdefault(id(subject), Writing(subject, is_new=is_new))
        if firm is not None:
            is_same = subject.enterprise_id == firm.id is not None if writing.firm is None else writing.firm is firm
            writing.changed |= not is_same
            writing.firm = firm
        return writing

    def _count(self, writing: Writing, *, is_new: bool) -> None:
        if is_new:
            self.kept.opened.append(writing.subject.code)
        elif writing.changed:
            self.kept.changed += 1
        else:
            self.kept.same += 1
        writing.changed = False

    # numbers and names

    def _numbers(self, row: IntakeRow, subject: Subject, writing: Writing) -> None:
        before = self.places.project_codes(subject)
        for given in row.keys:
            if self.places.has(subject, given):
                continue
            other = self.places.project_codes(subject) if given.kind == subjects.PROJECT_CODE else set()
            if other and (before or not writing.is_new):
                what = f"{subject.code} 已有项目代码 {min(other)}，来源又给出 {given.value}"
                self._ask(subject, "CODE_CHANGED", f"{subject.code}|{given.value}", what, given.value)
                continue
            writing.keys.append(given)
            writing.changed = True
            self.places.note_key(given, subject)

    def _firm_of(self, row: IntakeRow, firm: Subject | None, known: dict[int, Known]) -> Subject | None:
        """The firm of a project's row, with what the row says of it."""
        if row.firm is None:
            return None
        is_new = firm is None
        firm = firm or self.places.add_firm(row.firm, self.now)
        writing = self._write(firm, is_new=is_new)
        self._name_firm(firm, row, writing)
        self._observe(row, firm, row.firm_observations, writing, known)
        word = gone(self._fact("status", row, firm, known))
        shown = row.firm.uscc or row.firm.name or firm.code
        if word is not None:
            self.kept.warned.append(f"第{row.row}行 企业 {shown} 登记状态为“{word}”，不能立项和兑付")
        if row.firm.uscc is not None and firm.code in self._unknown_firms:
            self._ask(firm, UNKNOWN, firm.code, unknown_issue(shown).what, shown)
        return firm

    def _kept_firm(self, project: Subject, firm: Subject | None) -> Subject | None:
        """The firm that a row gives its project; None, and a question, where the project has another one."""
        writing = self._writing.get(id(project))
        own = self.places.firm_of(project) if writing is None or writing.firm is None else writing.firm
        if firm is None or own is None or own is firm:
            return firm
        what = f"{project.code} 的企业在库中是{_shown(own)}，来源写作{_shown(firm)}；答复之前仍算原企业的项目"
        self._ask(project, FIRM_CHANGED, f"{project.code}|{own.code}|{firm.code}", what, firm.code)
        return None

    def _vouch(self, firm: Subject) -> None:
        """The enterprise archives know the firm now: whoever was asked need not answer."""
        doubt = self._asked_about.pop(firm.code, None)
        if doubt is not None:
            doubts.settle(self.session, doubt, "accepted", by=self.who.id, at=self.now, note="档案库已有该企业")

    def _name_firm(self, firm: Subject, row: IntakeRow, writing: Writing) -> None:
        """Credit code and name of a firm. A new name is taken from the system of record, with the old one kept; from
        anybody else it is a question."""
        told = row.firm
        given = None if told is None or told.uscc is None else Given(subjects.CREDIT_CODE, told.uscc)
        if given is not None and self.places.holder(given) is None:
            writing.keys.append(given)
            self.places.note_key(given, firm)
        if told is None or told.name is None or self.places.is_known_name(firm, told.name):
            return
        if firm.name is None or self.batch.source == ARCHIVES:
            writing.keys += [] if firm.name is None else [Given(NAME_KEY, firm.name)]
            writing.changed = writing.is_named = True
            self.places.rename(firm, told.name, self.now)
        else:
            what = f"{firm.code} 在库中叫“{firm.name}”，来源写作“{told.name}”"
            self._ask(firm, "NAME_CONFLICT", f"{firm.code}|{told.name}", what, told.name)

    def _ask_about_likeness(self, row: IntakeRow, project: Subject, firm: Subject | None) -> None:
        for other in self.places.alike(project, firm, row.keys):
            pair = "|".join(sorted((project.code, other.code)))
            what = f"“{project.name}”与 {other.code}“{other.name}”可能是同一项目或其分期"
            self._ask(project, "DUP_SUSPECT", pair, what, other.code)

    # facts, steps, questions

    def _observe(
        self,
        row: IntakeRow,
        subject: Subject,
        observations: Iterable[Observation],
        writing: Writing,
        known: dict[int, Known],
    ) -> None:
        vocabulary = self.archive.vocabulary
        before = known.get(subject.id or 0, {})
        found = weigh(vocabulary, subject, observations, known=before, answers=self._units)
        writing.observations += found.observations
        writing.changed |= found.changed
        self._questions += [replace(one, what=f"第{row.row}行 {one.what}") for one in found.questions]
        self.kept.warned += [f"第{row.row}行 {what}" for what in found.warnings]

    def _fact(self, name: str, row: IntakeRow, subject: Subject | None, known: dict[int, Known]) -> Assembled:
        """One fact of a subject by what is known and what the row says."""
        before = () if subject is None else known.get(subject.id or 0, {}).get(name, ())
        said = (one for one in (*row.observations, *row.firm_observations) if one.fact == name)
        every = (*before, *said)
        spec, vocabulary = self.archive.vocabulary[name], self.archive.vocabulary
        return assemble(spec, every, vocabulary, self.today, Purpose.SERVICE) if every else NOTHING

    def _founded(self, row: IntakeRow, firm: Subject | None, known: dict[int, Known]) -> date | None:
        cell = self._fact("registered_on", row, firm, known).cell
        value = cell.value if cell.value is not None else cell.last_seen
        return date.fromordinal(int(value.low)) if isinstance(value, Band) and value.low is not None else None

    def _log(self, row: IntakeRow, project: Subject, writing: Writing) -> None:
        """Steps and marks that say something else than the last word of this source."""
        said: tuple[log.Entry, ...] = (*row.milestones, *row.marks)
        before: list[log.Entry] = []
        if project.id is not None and said:
            before += self._said.of(Milestone, project.id)
            before += self._said.of(Mark, project.id)
        last = {_topic(entry): entry for entry in (*before, *writing.entries)}
        for entry in said:
            if last.get(_topic(entry)) != entry:
                writing.entries.append(entry)
                writing.changed = True

    def _doubt(self, row: IntakeRow, project: Subject, known: dict[int, Known]) -> None:
        for doubt in row.doubts:
            key = f"{project.code}|{doubt.column}|{doubt.value}"
            self._ask(project, doubt.issue.code, key, f"第{row.row}行 {doubt.column}：{doubt.issue.what}", doubt.value)
        self.kept.warned += [_told(row, doubt) for doubt in row.warnings]
        if all(doubt.issue.code != "PCODE_REGION_MISMATCH" for doubt in row.warnings):
            self.kept.warned += self._elsewhere(row, project, known)

    def _elsewhere(self, row: IntakeRow, project: Subject, known: dict[int, Known]) -> Iterator[str]:
        """A project code of another region than the site: the site counts."""
        value = self._fact("district", row, project, known).cell.value
        site = value.single if isinstance(value, Possible) else None
        for given in row.keys:
            if given.kind == subjects.PROJECT_CODE and site is not None and not is_filed_in(given.value[5:11], site):
                region = region_name(given.value[5:11])
                yield f"第{row.row}行 项目代码 {given.value} 属于{region}，项目在{region_name(site)}，统计以所在地为准"

    def _ask(self, subject: Subject, code: str, key: str, what: str, value: str) -> None:
        self._questions.append(Question(subject, code, key, what, value))


def _check_lengths(row: IntakeRow) -> None:
    """TEXT_TOO_LONG for a number that the library has no room for."""
    written = [("库内编号", row.code or ""), *(("编号", given.value) for given in row.keys)]
    for piece in (piece for point in row.points for piece in point.evidence):
        written += [("佐证种类", piece.kind), ("编号", piece.id)]
    for what, text in written:
        if len(text) > _LONGEST[what]:
            shown = f"{what}“{text[:20]}…”有 {len(text)} 个字"
            raise Refused(Issue("TEXT_TOO_LONG", shown, "", f"不超过 {_LONGEST[what]} 个字", "核对这一列是否填错"))


def _shown(firm: Subject) -> str:
    return f"“{firm.name}”" if firm.name is not None and is_name_only(firm.code) else f"“{firm.name or ''}”{firm.code}"


def _number(row: IntakeRow) -> str:
    """What a record that waits is called by; empty if nothing names it."""
    return row.record or next((given.value for given in row.keys), row.name or "")


def _codes(first: str) -> Iterator[str]:
    """库内编号 from this one on."""
    return (f"{first[:-5]}{number:05d}" for number in range(int(first[-5:]), 100_000))


def _topic(entry: log.Entry) -> tuple[str, ...]:
    """What an entry is about, and by whom: its last word is the one that counts."""
    return type(entry).__name__, str(getattr(entry, "kind", "")), str(getattr(entry, "source", ""))


def _told(row: IntakeRow, doubt: Doubt) -> str:
    return f"第{row.row}行 {doubt.column}“{doubt.value}”：{doubt.issue.what}"
