"""A draft beside the release in force: what it is, what `rules check` says of it, the rule that it makes, what it replaces.

The folder of the release is laid out with the draft in its place, so that one loader judges files and drafts alike.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from policy_match.authoring.findings import Place
from policy_match.authoring.load import DRAFTS, LEVELS, load_rulebook
from policy_match.authoring.rule_text import rule_text
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import Issue, NotFound, RuleError
from policy_match.exchange.release_folder import write_release
from policy_match.proving.completions import needless_unknowns
from policy_match.proving.prove import Failure, Proving
from policy_match.release import Activation, Release
from policy_match.store import drafts, releases
from policy_match.store.actors import names
from policy_match.store.draft_tables import DraftRow
from policy_match.strict_yaml import Document, read_text
from policy_match.workflows.draft_fields import Object, at, part, shown
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.read_release import read_texts

STANDING = frozenset({"open", "unknown"})
"""Ends of a version that would still be in force when the next one begins."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft as it is kept. `measure`, `document`: what its texts say; `document` None: the document is registered."""

    number: int
    library: str
    author: str
    author_name: str
    title: str
    source: str
    measure: Object
    document: Object | None
    row_version: int
    changed_at: datetime
    activation: Activation | None
    is_closed: bool

    @property
    def id(self) -> str:
        """Id of the measure."""
        return shown(self.measure.get("id"))

    @property
    def version(self) -> int:
        """Version of the measure."""
        written = self.measure.get("version")
        return written if isinstance(written, int) else 1

    @property
    def key(self) -> str:
        """`id.v2`: the name of its file."""
        return f"{self.id}.v{self.version}"

    @property
    def text(self) -> str:
        """The rule file, as a draft."""
        return rule_text(self.measure)

    @property
    def is_open(self) -> bool:
        """Whether its author may still write it."""
        return self.activation is None and not self.is_closed

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        if self.is_closed:
            return "已放弃"
        if self.activation is None:
            return "编写中"
        return "待批准" if self.activation.approved_at is None else "已批准"


@dataclass(frozen=True)
class Checked:
    """A draft in the release in force. `document`: the text that was checked, with its lines; `issues`: all that it still lacks.

    `rule` None: it cannot be read as a rule yet, else what it decides, whether or not something is lacking; `rulebook`:
    the release with it, None while anything is lacking. `replaced`: the version that decides now, None for a new measure.
    """

    draft: Draft
    place: str
    document: Document
    issues: tuple[Issue, ...]
    rule: Rule | None
    rulebook: Rulebook | None
    now: Rulebook
    replaced: Rule | None
    release: Release

    @cached_property
    def places(self) -> tuple[tuple[Place, Issue], ...]:
        """Each fault with the path of the entry that it is about; an empty path for what is of another file, or of the whole."""
        deepest: dict[int, Place] = {}
        for path, line in self.document.lines.items():
            if len(path) >= len(deepest.get(line, ())):
                deepest[line] = path
        found = []
        for issue in self.issues:
            file, _, line_text = issue.where.rpartition(":")
            found.append((deepest.get(int(line_text), ()) if file == self.place else (), issue))
        return tuple(found)

    @cached_property
    def failures(self) -> tuple[Failure, ...]:
        """Cases and boundaries that come out other than their author says; none while they cannot be read, or are lacking."""
        if self.rule is None or not self.can_be_played:
            return ()
        return Proving(self.rule, self.now.vocabulary).failures()

    @property
    def can_be_played(self) -> bool:
        """Whether there are cases, and neither they nor the boundaries have a fault."""
        has_cases = self.rule is not None and bool(self.rule.measure.cases)
        return has_cases and not any(place[:1] in (("cases",), ("boundaries",)) for place, _ in self.places)


def find_drafts(session: Session, library: str) -> tuple[Draft, ...]:
    """The drafts of a library that were not given up, those written last first."""
    known = {one.id: one for one in releases.activations(session, library)}
    people = names(session)
    return tuple(_draft(row, people, known) for row in drafts.of_library(session, library))


def find_draft(session: Session, library: str, number: int) -> Draft:
    """One draft; NotFound DRAFT_UNKNOWN."""
    row = drafts.by_number(session, library, number)
    if row is None:
        raise NotFound(Issue("DRAFT_UNKNOWN", f"没有第 {number} 号草案", "草案", "", "从“规则编写”的列表进入"))
    known = {one.id: one for one in releases.activations(session, library)}
    return _draft(row, names(session), known)


def _draft(row: DraftRow, people: dict[str, str], known: dict[int, Activation]) -> Draft:
    return Draft(
        number=row.id,
        library=row.library,
        author=row.author,
        author_name=people[row.author],
        title=row.title,
        source=row.source,
        measure=_object(row.text),
        document=None if row.document is None else _object(row.document),
        row_version=row.row_version,
        changed_at=row.changed_at,
        activation=None if row.activation_id is None else known[row.activation_id],
        is_closed=row.closed_at is not None,
    )


def _object(text: str) -> Object:
    data = read_text(text, "draft").data
    if not isinstance(data, dict):
        raise TypeError(type(data).__name__)
    return data


def check_authored(archive: Archive, draft: Draft, view: View) -> Checked:
    """Judge a draft as `rules check` would judge the folder in force with it, were it active."""
    with archive.database.reading() as session:
        deciding = deciding_rulebook(session, archive.shelf, draft.library, view)
        base = read_texts(session, archive.shelf, deciding.release)
    now = deciding.rulebook
    replaced = now.at(draft.id, view.as_of) if draft.id in now.ids else None
    with laid_out(base, draft) as (folder, place):
        text = (folder / place).read_text("utf-8")
        document = read_text(text, place)
        rulebook, issues = _loaded(folder, now)
        rule = _own(rulebook, draft)
        if rule is None:
            rule = _alone(folder, place, draft, now)
        else:
            waits = [
                Issue(
                    "NEEDLESS_UNKNOWN",
                    f"用例“{one.case}”的结论在等一个无关紧要的事实",
                    f"{place}:1",
                    "",
                    "改写条件怎样组合",
                )
                for one in needless_unknowns(rule, now.vocabulary)
            ]
            issues = (*issues, *waits)
    return Checked(draft, place, document, issues, rule, None if issues else rulebook, now, replaced, base)


@contextmanager
def laid_out(base: Release, draft: Draft) -> Iterator[tuple[Path, str]]:
    """A folder with the release and the draft in it, active, and the place of its file below that folder.

    The version before it ends where it begins, unless that ends by itself.
    """
    with TemporaryDirectory(prefix="policy_match_draft_") as name:
        folder = Path(name)
        write_release(base, folder)
        place = place_of(folder, draft)
        _write_document(folder, draft)
        _end_before(folder, draft)
        for old in (folder / "rules" / "measures").rglob(f"{draft.key}.yaml"):
            old.unlink()
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(rule_text(draft.measure | {"status": "active"}), encoding="utf-8")
        yield folder, place


def place_of(folder: Path, draft: Draft) -> str:
    """Where the file of a draft belongs: by the level and package of its document."""
    written = shown(at(draft.measure, ("document", "id")))
    registered = next((folder / "corpus" / "documents").rglob(f"{written}.yaml"), None) if _is_word(written) else None
    document = draft.document or ({} if registered is None else _object(registered.read_text("utf-8")))
    level, package = shown(document.get("level")), shown(document.get("package"))
    level = level if level in LEVELS else "city"
    return f"rules/measures/{level}/{package if _is_word(package) else DRAFTS}/{draft.key}.yaml"


def _is_word(text: str) -> bool:
    return text.replace("-", "").replace("_", "").isalnum()


def _write_document(folder: Path, draft: Draft) -> None:
    """The registration that comes with a draft, unless the document was registered meanwhile."""
    written = None if draft.document is None else shown(draft.document.get("id"))
    if draft.document is None or written is None or not _is_word(written):
        return
    place = folder / "corpus" / "documents" / f"{written}.yaml"
    if not any((folder / "corpus" / "documents").rglob(place.name)):
        place.write_text(rule_text(draft.document), encoding="utf-8")


def _end_before(folder: Path, draft: Draft) -> None:
    """The version that stands when the draft begins is superseded by it."""
    found = {
        int(path.stem.rpartition(".v")[2]): path
        for path in (folder / "rules" / "measures").rglob(f"{draft.id}.v*.yaml")
    }
    older = [version for version in found if version < draft.version]
    if not older:
        return
    path = found[max(older)]
    data = _object(path.read_text("utf-8"))
    through, begins = shown(at(data, ("effective", "through"))), shown(at(draft.measure, ("effective", "from")))
    if through in STANDING or (through != "superseded" and through >= begins):
        part(data, "effective")["through"] = "superseded"
        path.write_text(rule_text(data), encoding="utf-8")


def _loaded(folder: Path, now: Rulebook) -> tuple[Rulebook | None, tuple[Issue, ...]]:
    try:
        return load_rulebook(folder / "rules", folder / "corpus" / "documents", now.vocabulary), ()
    except RuleError as error:
        return None, error.issues


def _alone(folder: Path, place: str, draft: Draft, now: Rulebook) -> Rule | None:
    """The rule of a draft that lacks what its author owes, without the other measures; None if it cannot be read at all."""
    keep = (folder / place).read_bytes()
    shutil.rmtree(folder / "rules" / "measures")
    (folder / place).parent.mkdir(parents=True)
    (folder / place).write_bytes(keep)
    try:
        book = load_rulebook(folder / "rules", folder / "corpus" / "documents", now.vocabulary, audited=False)
    except RuleError:
        return None
    return _own(book, draft)


def _own(book: Rulebook | None, draft: Draft) -> Rule | None:
    rules = () if book is None else book.rules
    return next((rule for rule in rules if rule.measure.key == draft.key), None)
