"""The proof of one decision to pay: everything that a stranger needs to decide it again, as canonical JSON.

A proof has a body (whose case, which facts, what was decided) that names its release by
hash, and the texts of that release which the decision reads. The hash of the body stands in a step of the
case; the body holds the hash of the manifest, and the manifest that of every text, so the
texts need not be kept twice. `verify_proof.py` reads what `proof_text` writes; docs/verify.md describes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from policy_match.benefits.formula import Computing
from policy_match.benefits.steps import steps
from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.entitlement.evidence import Decided, Held, decided_with, proved_facts, read_facts
from policy_match.facts.stored import Plain, to_plain
from policy_match.release import Release, digest
from policy_match.salted import Salted

SCHEMA = "proof/2"
_TRUTHS = {1: "true", 0: "unknown", -1: "false"}


@dataclass(frozen=True, slots=True)
class CaseHead:
    """Whose case it is. `beneficiary`: credit code or the library's own id; `period`: what the benefit is for."""

    number: str
    library: str
    beneficiary: str
    beneficiary_name: str
    project: str | None
    period: str


@dataclass(frozen=True, slots=True)
class ExclusionSeen:
    """An entry of an exclusion list that names the beneficiary, in force or not. `measures`: () for all of them.

    `kind`: of rules/entitlement.yaml; `through`: last day; `ended_on`: the first day on which it excludes no more.
    """

    kind: str
    record: str
    issuer: str
    basis: str
    source: str
    since: date
    through: date | None
    ended_on: date | None
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExclusionsSeen:
    """The look into the exclusion lists. `at`: when; `complete_at`: when each source was last complete; none is an answer."""

    at: datetime
    complete_at: Mapping[str, datetime]
    entries: tuple[ExclusionSeen, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What the ledger leaves of an amount. `cap`: place of the cap in the benefit, None: another reason, in words in `why`.

    分: no more than `limit_fen` less `paid_fen`, which was paid before, is left. Every cap of a benefit has its cut.
    """

    cap: int | None
    why: str
    limit_fen: int
    paid_fen: int

    @property
    def left_fen(self) -> int:
        """What is left, never below zero."""
        return max(self.limit_fen - self.paid_fen, 0)


@dataclass(frozen=True, slots=True)
class Proving:
    """What a proof is made of. `rule` of `rulebook`, which was read from `release`; `held`: facts for the purpose payout."""

    head: CaseHead
    release: Release
    rulebook: Rulebook
    rule: Rule
    held: Held
    known_at: datetime
    exclusions: ExclusionsSeen
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A step of the case: `row`: all that is hashed, with `seq`, `prev_hash` and `body` (a JSON text); `row_hash`."""

    row: Mapping[str, Plain]
    row_hash: str


def body(proving: Proving) -> dict[str, Plain]:
    """The proof without texts and chain. Only proved facts are in it, and the answer is what follows from them alone."""
    rule, held = proving.rule, proving.held
    proved = proved_facts(rule, held)
    decided = decided_with(rule, held, proved)
    return {
        "case": _case(proving),
        "release": proving.release.hash,
        "pieces": [*pieces_of(rule, proving.rulebook, proving.release, held.as_of)],
        "facts": {fact: _fact(held, fact) for fact in proved},
        "exclusions": _exclusions(proving.exclusions),
        "decision": _decision(rule, decided, proving.cuts),
    }


def hash_of(body: Mapping[str, Plain]) -> str:
    """SHA-256 of the canonical text of a body: what the step of the case holds as `proof`."""
    return digest(canonical(dict(body)))


def proof_text(body: Mapping[str, Plain], release: Release, links: Sequence[Link], opened: Mapping[str, Salted]) -> str:
    """The whole proof file. `links`: steps of the case in their order, one of which holds `hash_of(body)` as `proof`.

    `opened`: what sealed values of the steps say, by their marks; a value that is left out stays closed.

    ValueError where the release is another one, or a text that the body names is not in it.
    """
    names = body["pieces"]
    if body["release"] != release.hash or not isinstance(names, list):
        raise ValueError("the body was not decided by this release")
    missing = [name for name in names if str(name) not in release.pieces]
    if missing:
        raise ValueError(f"not in the release: {missing}")
    chain: list[Plain] = [{"row": dict(link.row), "row_hash": link.row_hash} for link in links]
    whole: dict[str, Plain] = {
        "schema": SCHEMA,
        "body": dict(body),
        "manifest": release.manifest,
        "texts": {str(name): release.pieces[str(name)] for name in names},
        "chain": chain,
        "opened": {mark: {"salt": one.salt, "value": one.value} for mark, one in opened.items()},
    }
    return canonical(whole)


def canonical(plain: Plain) -> str:
    """The one JSON text of data: keys in order, no spaces, UTF-8."""
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def pieces_of(rule: Rule, rulebook: Rulebook, release: Release, as_of: date) -> tuple[str, ...]:
    """Names of every text that the decision stands on, sorted; the working days of the year where the release has them."""
    calendar = f"rules/calendar/{as_of.year}.yaml"
    return tuple(sorted({*_pieces(rule, rulebook), *([calendar] if calendar in release.pieces else [])}))


def _pieces(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    yield _measure_piece(rule)
    yield f"corpus/documents/{rule.document.id}.yaml"
    yield from (f"rules/definitions/{name}.yaml" for name in _definitions(rule.measure.use, rulebook))
    yield from ("rules/facts.yaml#", "rules/entitlement.yaml")
    yield from (f"rules/facts.yaml#{fact}" for fact in read_facts(rule, rulebook.vocabulary))
    if rule.measure.effective.through == "superseded":
        later = [r for r in rulebook.rules if r.id == rule.id and r.measure.version > rule.measure.version]
        yield _measure_piece(later[0]) if later else f"corpus/documents/{rule.document.replaced_by}.yaml"


def _measure_piece(rule: Rule) -> str:
    return f"rules/measures/{rule.level}/{rule.package}/{rule.measure.key}.yaml"


def _definitions(used: Sequence[str], rulebook: Rulebook) -> Iterator[str]:
    for name in used:
        yield name
        yield from _definitions(rulebook.definitions[name].use, rulebook)


def _case(proving: Proving) -> Plain:
    head, measure = proving.head, proving.rule.measure
    return {
        "number": head.number,
        "library": head.library,
        "measure": measure.id,
        "version": measure.version,
        "beneficiary": {"code": head.beneficiary, "name": head.beneficiary_name},
        "project": head.project,
        "period": head.period,
        "as_of": proving.held.as_of.isoformat(),
        "known_at": _instant(proving.known_at),
        "purpose": "payout",
    }


def _fact(held: Held, fact: str) -> Plain:
    cell, seen = held.table.cell(held.row, fact), held.seen.get(fact)
    chosen = None if seen is None else seen.chosen
    if cell.value is None or cell.observed_on is None:
        raise ValueError(f"{fact} is not proved")
    return {
        "value": to_plain(cell.value),
        "source": cell.source,
        "observed_on": cell.observed_on.isoformat(),
        "received_at": None if chosen is None else _instant(chosen.received_at),
        "record": None if chosen is None else chosen.record,
        "authorised_by": None if chosen is None else chosen.authorised_by,
    }


def _exclusions(seen: ExclusionsSeen) -> Plain:
    entries: list[Plain] = []
    for entry in sorted(seen.entries, key=lambda entry: (entry.kind, entry.record, entry.since)):
        written: dict[str, Plain] = {
            name: part.isoformat() if isinstance(part, date) else part for name, part in asdict(entry).items()
        }
        entries.append(written | {"measures": [*entry.measures]})
    complete: dict[str, Plain] = {source: _instant(at) for source, at in seen.complete_at.items()}
    on = local_day(seen.at).isoformat()
    return {"at": _instant(seen.at), "on": on, "complete_at": complete, "entries": entries}


def _decision(rule: Rule, decided: Decided, cuts: Sequence[Cut]) -> Plain:
    truths: dict[str, Plain] = {
        name: _TRUTHS[int(decided.deciding.truths(condition.node)[0])] for name, condition in rule.conditions.items()
    }
    written: list[Plain] = [
        {"cap": c.cap, "why": c.why, "limit_fen": c.limit_fen, "paid_fen": c.paid_fen, "left_fen": c.left_fen}
        for c in cuts
    ]
    return {
        "verdict": decided.verdict.value,
        "conditions": truths,
        "amount_fen": decided.fen,
        "steps": [] if decided.fen is None else [*steps(Computing(decided.deciding, rule), 0)],
        "cuts": written,
        "pay_fen": None if decided.fen is None else min([decided.fen, *(cut.left_fen for cut in cuts)]),
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
