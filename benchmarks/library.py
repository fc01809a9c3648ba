"""The library at size, on SQLite and PostgreSQL: import of many projects, and reading them back as a fact table.

`make campaign NAME=library` runs it in full: 10,000 projects with 60 facts each, every twentieth fact said by the
firm too. The peer inserts the very same rows with a plain SQLAlchemy `executemany` into the same table, ready made,
without looking for what is there already and without today's view; the peer of reading fetches those rows and makes
nothing of them. The whole intake takes the same projects as the rows of one file, each with its firm, its 项目代码 and a
signed contract: every row is placed, judged and written, all in one transaction. The figures are elapsed seconds, because
a server works for them, and beside them the seconds that this process was computing.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from importlib import import_module
from os import getloadavg
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeAlias, TypeVar

from sqlalchemy import insert, select

from benchmarks.report import machine
from policy_match.exchange.intake_rows import Firm, Intake, IntakeRow, ToldPoint
from policy_match.facts.assemble import cells_of
from policy_match.facts.cells import Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.derive import derive_all
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.subjects import Kind
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import NUMERIC, FactSpec, FactType, Vocabulary
from policy_match.identifiers import Given
from policy_match.lifecycle.events import Evidence
from policy_match.secret import Secret
from policy_match.store.bulk import making_many
from policy_match.store.database import Database, open_database
from policy_match.store.facts import Kept, keep, known_cells
from policy_match.store.tables import Actor, Fact, Subject
from policy_match.units import Band
from policy_match.workflows.open_archive import open_archive
from policy_match.workflows.open_rules import open_vocabulary
from policy_match.workflows.take_in import Delivery, take_in

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261126
SUBJECTS, FACTS = 10_000, 60
TWICE = 0.05
AS_OF = date(2026, 1, 1)
RECEIVED = datetime(2025, 12, 31, 4, tzinfo=UTC)
ROUNDS = 3
COMPARED = 50
LOG = Fact.metadata.tables["facts"]
COLUMNS = NUMERIC | {FactType.FLAG, FactType.CHOICE, FactType.INDUSTRY, FactType.REGION, FactType.SET}
Said: TypeAlias = dict[int, list[Observation]]
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one run took. `computing`: of this process alone, without the server and without waiting."""

    elapsed: float
    computing: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One round: ours, then the peer's. `said_columns`: every column of the fact table of what was said."""

    taken_in: Seconds
    imported: Seconds
    imported_again: Seconds
    cells: Seconds
    said_columns: Seconds
    derived: Seconds
    columns: Seconds
    peer_imported: Seconds
    peer_read: Seconds


def main() -> list[str]:
    """Every round on both databases; the lines of the result. AssertionError if what is read is not what was said."""
    vocabulary = open_vocabulary(ROOT / "rules", ROOT / "corpus")
    said = observed(vocabulary, SUBJECTS)
    rounds: dict[str, list[Figures]] = {"PostgreSQL": [], "SQLite": []}
    with databases() as fresh:
        for number in range(ROUNDS):
            for name in rounds:
                print(f"round {number + 1} of {ROUNDS}, {name}", file=sys.stderr, flush=True)
                rounds[name].append(measured(fresh[name], said, vocabulary))
    return [
        f"- {machine()}",
        f"- {SUBJECTS:,} projects, {FACTS} facts each, {sum(map(len, said.values())):,} observations; seed {SEED}",
        f"- middle of {ROUNDS} interleaved rounds: elapsed seconds (of them computing in this process)",
        f"- load average {' '.join(f'{load:.1f}' for load in getloadavg())} over the last 1, 5 and 15 minutes, our own included",
        "",
        *table(rounds),
    ]


def table(rounds: dict[str, list[Figures]]) -> list[str]:
    """The figures as Markdown, one column a database."""
    middle = {
        name: {field.name: _middle([getattr(one, field.name) for one in found]) for field in fields(Figures)}
        for name, found in rounds.items()
    }
    import_ratio = {
        name: median(one.imported.elapsed / one.peer_imported.elapsed for one in found)
        for name, found in rounds.items()
    }
    read_ratio = {
        name: median(one.cells.elapsed / one.peer_read.elapsed for one in found) for name, found in rounds.items()
    }
    lines = [f"| | {' | '.join(rounds)} |", f"|---|{'---|' * len(rounds)}"]
    for key, words in WORDS.items():
        shown = (f"{one[key].elapsed:.2f} ({one[key].computing:.2f})" for one in middle.values())
        lines.append(f"| {words} | {' | '.join(shown)} |")
    for words, ratio in (("import, ours to the peer", import_ratio), ("cells, ours to the peer", read_ratio)):
        lines.append(f"| {words} | {' | '.join(f'{one:.2f}×' for one in ratio.values())} |")
    return lines


def _middle(runs: Sequence[Seconds]) -> Seconds:
    return Seconds(median(one.elapsed for one in runs), median(one.computing for one in runs))


WORDS = {
    "taken_in": "whole intake of the projects as rows of one file",
    "imported": "observations of all of them into an empty library",
    "imported_again": "the same import again, nothing new",
    "cells": "cells of all facts of all projects on a day",
    "said_columns": "every column of the fact table of what was said",
    "derived": "derived facts added (18 a project, most with all inputs)",
    "columns": "every column of the fact table with the derived facts",
    "peer_imported": "peer: executemany of the same rows",
    "peer_read": "peer: the rows fetched",
}


@contextmanager
def databases() -> Iterator[dict[str, Callable[[], str]]]:
    """What makes the address of an empty database, by kind; the server is the one that the tests use."""
    sys.path.append(str(ROOT / "tests" / "store"))
    servers = import_module("servers")
    with TemporaryDirectory(prefix="policy_match_") as folder, servers.postgresql() as server:
        numbers = iter(range(10**6))
        yield {
            "SQLite": lambda: f"sqlite:///{folder}/{next(numbers)}.db",
            "PostgreSQL": lambda: str(servers.emptied_database(server, f"bench_{next(numbers)}")),
        }


def measured(fresh: Callable[[], str], said: Said, vocabulary: Vocabulary) -> Figures:
    """One round on databases of one kind, ours first; AssertionError if what is read is not what was said."""
    ours, peer = (with_subjects(fresh(), said) for _ in range(2))
    taken_in = intake_seconds(fresh(), said)
    imported, _ = timed(lambda: keep_all(ours, said, vocabulary), expected=Kept(sum(map(len, said.values())), 0))
    again, _ = timed(lambda: keep_all(ours, said, vocabulary).new, expected=0)
    with ours.reading() as session, making_many():
        read, cells = timed(lambda: known_cells(session, list(said), vocabulary, as_of=AS_OF, purpose=Purpose.SERVICE))
        said_columns, _ = timed(lambda: built(FactTable(vocabulary, [*cells.values()])))
        derived, rows = timed(lambda: [derive_all(own, vocabulary, AS_OF) for own in cells.values()])
        columns, _ = timed(lambda: built(FactTable(vocabulary, rows)))
    for number in [*said][:COMPARED]:
        known = {name: [o for o in said[number] if o.fact == name] for name in {o.fact for o in said[number]}}
        if cells[number] != cells_of(known, vocabulary, AS_OF, Purpose.SERVICE):
            raise AssertionError(f"what is read of subject {number} is not what was said of it")
    peer_imported, peer_read = peer_seconds(ours, peer)
    ours.close()
    peer.close()
    return Figures(taken_in, imported, again, read, said_columns, derived, columns, peer_imported, peer_read)


def built(table: FactTable) -> int:
    """Build every column that a condition may read; how many."""
    names = [name for name, spec in table.vocabulary.facts.items() if spec.type in COLUMNS]
    return len([table.column(name) for name in names])


def intake_seconds(address: str, said: Said) -> Seconds:
    """The whole intake into an empty library; AssertionError if a row is refused or a subject is missing."""
    archive = open_archive(address, ROOT / "rules", ROOT / "corpus", secret=Secret("of a run that nobody keeps"))
    rows = tuple(_row(number, own, archive.vocabulary) for number, own in said.items())
    delivery = Delivery("DISTRICT", "projects.csv", Intake(rows, (), (), "0" * 64), "importer")
    seconds, taken = timed(lambda: take_in(archive, "real", delivery, RECEIVED))
    archive.database.close()
    if (taken.new, taken.refusals) != (len(rows), ()):
        raise AssertionError(f"{taken.new} of {len(rows)} projects are new, {taken.refusals[:1]}")
    return seconds


def _row(number: int, own: Sequence[Observation], vocabulary: Vocabulary) -> IntakeRow:
    """What is said of a project as one row with its firm, its 项目代码 and the day of a signed contract."""
    of_firm = {name for name, spec in vocabulary.facts.items() if spec.subject == "enterprise"}
    signed = ToldPoint("SIGNED", AS_OF - timedelta(days=300), (Evidence("投资协议", f"X{number}"),))
    return IntakeRow(
        row=number,
        kind=Kind.PROJECT,
        code=None,
        name=f"示范项目{number}",
        keys=(Given("XMDM", f"2501-320412-89-01-{number:06d}"),),
        firm=Firm(f"91320412MA{number:08d}", f"示范企业{number}"),
        observations=tuple(one for one in own if one.fact not in of_firm),
        firm_observations=tuple(one for one in own if one.fact in of_firm),
        points=(signed,),
    )


def with_subjects(address: str, said: Said) -> Database:
    """An open database that holds the subjects and somebody who acts."""
    database = open_database(address)
    with database.writing() as session:
        session.add(Actor(id="bench", name="基准", role="job", valid_from=AS_OF))
        session.flush()
        session.add_all(Subject(id=n, library="real", kind="project", code=f"P{n}", created_at=RECEIVED) for n in said)
    return database


def keep_all(database: Database, said: Said, vocabulary: Vocabulary) -> Kept:
    """The import, in one transaction."""
    with database.writing() as session:
        return keep(session, said, vocabulary, actor_id="bench")


def peer_seconds(ours: Database, peer: Database) -> tuple[Seconds, Seconds]:
    """Seconds of the peer for inserting the rows of our log and for fetching them."""
    columns = [column for column in LOG.c if column.name != "id"]
    with ours.reading() as session:
        rows = [dict(row) for row in session.execute(select(*columns).order_by(LOG.c.id)).mappings()]

    def put() -> None:
        with peer.writing() as session:
            session.connection().execute(insert(LOG), rows)

    def fetch() -> int:
        with peer.reading() as session:
            return len(session.connection().execute(select(*columns)).all())

    inserted, _ = timed(put)
    fetched, _ = timed(fetch, expected=len(rows))
    return inserted, fetched


def timed(run: Callable[[], _Found], *, expected: _Found | None = None) -> tuple[Seconds, _Found]:
    """What one run takes and comes to; AssertionError if that is not what is expected."""
    gc.collect()
    start, computing = time.perf_counter(), time.process_time()
    found = run()
    seconds = Seconds(time.perf_counter() - start, time.process_time() - computing)
    if expected is not None and found != expected:
        raise AssertionError(f"{found}, expected {expected}")
    return seconds, found


def observed(vocabulary: Vocabulary, subjects: int) -> Said:
    """What is said of subjects 1 to `subjects`, 60 facts each; the same arguments give the same."""
    dice = random.Random(SEED)  # noqa: S311  # nothing secret
    specs = [vocabulary[name] for name in chosen_facts(vocabulary)]
    return {number: _said_of(number, specs, vocabulary, dice) for number in range(1, subjects + 1)}


def chosen_facts(vocabulary: Vocabulary) -> list[str]:
    """Facts that others are derived from, then those of projects, until there are 60."""
    inputs = [name for derived in vocabulary.order for name in vocabulary.base_inputs(derived)]
    own = [name for name, spec in vocabulary.facts.items() if spec.subject in ("project", "both")]
    return [name for name in dict.fromkeys([*own, *inputs]) if name not in vocabulary.order][:FACTS]


def _said_of(number: int, specs: Sequence[FactSpec], vocabulary: Vocabulary, dice: random.Random) -> list[Observation]:
    """One record of each register, which says what the register is the authority for; sometimes another one of the firm."""
    days = {source: AS_OF - timedelta(days=dice.randint(0, 40)) for source in vocabulary.sources}
    found = []
    for spec in specs:
        source = (spec.registers or ("DEPT",))[0]
        value = _value(spec, vocabulary, dice)
        found.append(Observation(spec.name, value, source, days[source], RECEIVED, record=f"{source}{number}"))
        if dice.random() < TWICE and source != "SELF":
            other = _value(spec, vocabulary, dice) if dice.random() < 0.3 else value
            found.append(Observation(spec.name, other, "SELF", days["SELF"], RECEIVED))
    return found


def _value(spec: FactSpec, vocabulary: Vocabulary, dice: random.Random) -> Value:
    kind = spec.type
    if kind is FactType.FLAG:
        return Possible.only(dice.choice(("true", "false")))
    if kind is FactType.CHOICE:
        return Possible.only(dice.choice(spec.options))
    if kind is FactType.INDUSTRY:
        return Possible.only(dice.choice(sorted(vocabulary.industries.names)))
    if kind is FactType.REGION:
        return Possible.only(dice.choice(("320402", "320411", "320412", "320413", "320481")))
    if kind is FactType.SET:
        return Items(tuple(Item(f"称号{dice.randint(1, 40)}") for _ in range(dice.randint(0, 3))))
    if kind is FactType.TEXT:
        return Text(f"建设内容{dice.randint(1, 10**6)}")
    if kind is FactType.SERIES:
        return Series(tuple(_figure(dice) for _ in range(3)))
    if kind is FactType.PAIRS:
        return Pairs(tuple((_figure(dice), _figure(dice)) for _ in range(4)))
    if kind is FactType.RATIO:
        number = Fraction(dice.randint(0, 1000), 1000)
        return Band.exact(number.numerator if number.denominator == 1 else number)
    if kind is FactType.DATE:
        return Band.exact(AS_OF.toordinal() - dice.randint(0, 1500))
    return _figure(dice)


def _figure(dice: random.Random) -> Band:
    low = dice.randint(1, 10**9) * 100
    return Band.exact(low) if dice.random() < 0.97 else Band(low, low * 2)
