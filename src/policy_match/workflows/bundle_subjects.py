"""Bundle a file of subjects: a line each, the projects of one firm solved together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from policy_match.benefits.ledger import Paid
from policy_match.exchange.paid_rows import PaidRows, read_paid
from policy_match.exchange.screen import write_lines
from policy_match.exchange.subjects import Loaded, read_subjects
from policy_match.workflows.choose_bundle import Bundle, bundled, households
from policy_match.workflows.match import Matching
from policy_match.workflows.match_file import check_place, chosen_form
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.show_bundle import bundle_data, screen_lines

FORMS = ("jsonl", "table")


@dataclass(frozen=True, slots=True)
class Bundled:
    """What was read of the two files, and what of them was refused."""

    loaded: Loaded
    paid: PaidRows


def bundle_file(
    path: Path, *, rules: Path, corpus: Path, as_of: date, paid: Path | None, out: Path | None, form: str | None
) -> Bundled:
    """Write the best set of every subject of a file, in its order, after the payments of a ledger.

    UsageError for a file or format that cannot be used. The output file appears whole or not at all.
    """
    form = chosen_form(form, out, FORMS)
    check_place(out, path)
    rulebook = open_rulebook(rules, corpus)
    ledger = PaidRows((), (), ()) if paid is None else read_paid(paid, rulebook.ids)
    if paid is not None:
        check_place(out, paid)
    loaded = read_subjects(path, rulebook.vocabulary)
    bundles = bundles_of(Matching(rulebook, loaded.subjects, as_of), ledger.payments)
    if form == "jsonl":
        write_lines((orjson.dumps(bundle_data(bundle, name)) + b"\n" for name, bundle in bundles), out)
    else:
        lines = (line for name, bundle in bundles for line in screen_lines(bundle, name))
        write_lines((line.encode() + b"\n" for line in lines), out)
    return Bundled(loaded, ledger)


def bundles_of(matching: Matching, paid: Sequence[Paid]) -> Iterator[tuple[str, Bundle]]:
    """Each subject in its order with the set of its firm, solved when the first of the firm comes."""
    together = {row: rows for rows in households(matching.subjects) for row in rows}
    solved: dict[tuple[int, ...], Bundle] = {}
    for row, subject in enumerate(matching.subjects):
        rows = together[row]
        if rows not in solved:
            solved[rows] = bundled(matching, rows, paid)
        yield subject.id, solved[rows]
        if row == rows[-1]:
            del solved[rows]
