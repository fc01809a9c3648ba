"""Open the archive: the database of the projects, with the vocabulary, lifecycle and calendar that give it meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from policy_match.access.permissions import Permissions
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.entitlement.terms import Terms
from policy_match.errors import Issue, UsageError
from policy_match.exchange.calendars import load_calendars
from policy_match.exchange.entitlement_file import load_terms
from policy_match.exchange.permissions_file import load_permissions
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.lifecycle.table import LifecycleTable
from policy_match.sealing import Sealer
from policy_match.secret import Secret
from policy_match.store import audit, words
from policy_match.store.actors import missing
from policy_match.store.database import Database, open_database
from policy_match.store.tables import Actor
from policy_match.workflows.cut_words import Cutter
from policy_match.workflows.note_words import note_all
from policy_match.workflows.open_rules import open_vocabulary
from policy_match.workflows.read_release import Shelf
from policy_match.working_days import WorkingDays

FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Archive:
    """An open database and what its contents mean; `rules` is the folder that says so, `cutter` cuts texts into words.

    `sealer` seals what the database must not hold in clear. `link_key`: signs the links of messages. `shelf`: the rules that decide, as releases; they may be others than
    those of the folder.
    """

    database: Database
    vocabulary: Vocabulary = field(repr=False)
    table: LifecycleTable = field(repr=False)
    calendar: WorkingDays = field(repr=False)
    terms: Terms = field(repr=False)
    permissions: Permissions = field(repr=False)
    rules: Path
    cutter: Cutter = field(repr=False)
    sealer: Sealer = field(repr=False)
    shelf: Shelf = field(repr=False)
    link_key: bytes = field(repr=False)


def open_archive(url: str, rules: Path, corpus: Path, cache: Path | None = None, *, secret: Secret) -> Archive:
    """Connect, migrate, and see to it that every role of the lifecycle has somebody to act for it.

    The words by which subjects are found are cut where an older archive has none, or the words of the lexicon changed.
    `cache`: the folder of what can be built anew. UsageError if the database cannot be opened, RuleError or FactError if the rules do not load.
    """
    vocabulary = open_vocabulary(rules, corpus)
    for name in ("lifecycle.yaml", "entitlement.yaml", "permissions.yaml", "calendar"):
        if not (rules / name).exists():
            raise UsageError(Issue("FOLDER", f"没有 {name}", str(rules), name, "检查规则目录是否完整"))
    table = load_lifecycle(rules / "lifecycle.yaml")
    calendar = load_calendars(rules / "calendar")
    terms = load_terms(rules / "entitlement.yaml")
    permissions = load_permissions(rules / "permissions.yaml", table, vocabulary)
    database = open_database(url)
    with database.reading() as session:
        lacking = missing(session, offices(table))
    if lacking:
        with database.writing() as session:
            session.add_all(missing(session, offices(table)))
    cutter = Cutter.of(corpus, cache)
    _see_to_words(database, vocabulary, cutter)
    return Archive(
        database,
        vocabulary,
        table,
        calendar,
        terms,
        permissions,
        rules,
        cutter,
        Sealer.of(secret),
        Shelf(rules, corpus, cache),
        secret.key("message-links"),
    )


def _see_to_words(database: Database, vocabulary: Vocabulary, cutter: Cutter) -> None:
    with database.reading() as session:
        stale = words.are_stale(session, cutter.version)
    if stale:
        with database.writing() as session:
            note_all(session, vocabulary, cutter)


def last_change(archive: Archive) -> int:
    """Number of the newest audit row of a change: whatever is recorded writes one, so that a change is seen by it."""
    with archive.database.reading() as session:
        return audit.last_change(session)


def has_changed_since(archive: Archive, change: int, actor: str) -> bool:
    """Whether an actor recorded anything since a change."""
    with archive.database.reading() as session:
        return audit.has_changed_since(session, change, actor)


def offices(table: LifecycleTable) -> tuple[Actor, ...]:
    """Three actors per role, per area where the role is of an area: `development`, `development-2`, `district-320412`, …

    Three, because two verify what a third one approves (workflows/approve_case.py).
    """
    found = []
    for role in table.roles.values():
        for region in DISTRICTS if role.own_area else (None,):
            code = role.id if region is None else f"{role.id}-{region}"
            name = role.name if region is None else f"{region_name(region)}（{role.name}）"
            for place, mark in enumerate(("", "-2", "-3"), start=1):
                person = f"{name}经办{place}"
                found.append(Actor(id=code + mark, name=person, role=role.id, region=region, valid_from=FIRST_DAY))
    return tuple(found)
