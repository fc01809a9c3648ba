"""Proofs for tests: a case, a release with the test's own copy of a rule, and the chain that holds it, all invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Evidence, NoApplication, Verified
from policy_match.entitlement.evidence import Held, read_facts
from policy_match.entitlement.proof import (
    CaseHead,
    Cut,
    ExclusionSeen,
    ExclusionsSeen,
    Link,
    Proving,
    body,
    canonical,
    hash_of,
    proof_text,
)
from policy_match.facts.cells import Cell
from policy_match.facts.derive import derive_all
from policy_match.facts.table import FactTable
from policy_match.release import Release, digest
from policy_match.release import canonical as canonical_piece
from policy_match.salted import Salted

Proof: TypeAlias = dict[str, Any]
START = "0" * 64
SOURCE = "ENT"


def piece_of(rule: Rule) -> str:
    return f"rules/measures/{rule.level}/{rule.package}/{rule.measure.key}.yaml"


def payable(rule: Rule, rulebook: Rulebook, release: Release) -> tuple[Rule, Release]:
    """The rule as if it had been verified on the page and accepted one register for every fact, in rule and release."""
    facts = read_facts(rule, rulebook.vocabulary)
    plan = {
        "evidence": {fact: {"from": [SOURCE], "max_age_days": 30} for fact in facts},
        "consent": "required",
        "notice_working_days": 5,
    }
    verified = {"conditions": "page", "benefit": "page"}
    written = json.loads(release.pieces[piece_of(rule)]) | {
        "mode": "msjx", "no_application": plan, "verified": verified, "status": "active",
    }  # fmt: skip
    written.pop("fair_competition", None)
    measure = rule.measure.model_copy(
        update={
            "mode": "msjx",
            "status": "active",
            "fair_competition": None,
            "verified": Verified.model_validate(verified),
            "no_application": NoApplication(
                evidence={fact: Evidence.model_validate(entry) for fact, entry in plan["evidence"].items()},  # type: ignore[attr-defined]
                consent="required",
                notice_working_days=5,
            ),
        }
    )
    pieces = {**release.pieces, piece_of(rule): canonical_piece(written)}
    return replace(rule, measure=measure), Release(release.engine, pieces)


def with_source(cells: Mapping[str, Cell], as_of: date) -> dict[str, Cell]:
    """Given cells as the register says them, the day before."""
    day = as_of - timedelta(days=1)
    return {
        fact: replace(cell, source=SOURCE, observed_on=day)
        for fact, cell in cells.items()
        if cell.value is not None and not cell.derived
    }


def held_of(cells: Mapping[str, Cell], rulebook: Rulebook, as_of: date) -> Held:
    known = derive_all(cells, rulebook.vocabulary, as_of)
    return Held(FactTable(rulebook.vocabulary, [known]), 0, as_of)


def proving_of(
    rule: Rule, rulebook: Rulebook, release: Release, held: Held, *,
    entries: tuple[ExclusionSeen, ...] = (), paid: Mapping[int, int] | None = None,
) -> Proving:  # fmt: skip
    """Everything a proof is made of; the ledger knows `paid` of each cap, by its place."""
    caps = rule.measure.benefit.caps if rule.measure.benefit is not None else []
    from policy_match.units import parse_money

    at = datetime.combine(held.as_of, time(4), UTC)
    cuts = tuple(Cut(place, "", parse_money(cap.amount), (paid or {}).get(place, 0)) for place, cap in enumerate(caps))
    return Proving(
        head=CaseHead("MX-2026-000001", "real", "91320412MA0000000X", "示范企业甲", None, "2026"),
        release=release,
        rulebook=rulebook,
        rule=rule,
        held=held,
        known_at=at,
        exclusions=ExclusionsSeen(at, {"CREDIT": at}, entries),
        cuts=cuts,
    )


def chained(proof_hash: str, start: str = START) -> list[Link]:
    """Three steps of a case, the second of which holds the proof."""
    links: list[Link] = []
    for seq, held in enumerate(("", proof_hash, ""), start=1):
        row = {
            "case": 1, "seq": seq, "at": f"2026-05-0{seq}T02:00:00.000000+00:00", "actor": "示范经办", "action": "check",
            "from": None, "to": "M0", "body": canonical({"proof": held} if held else {}),
            "prev_hash": links[-1].row_hash if links else start,
        }  # fmt: skip
        links.append(Link(row, digest(canonical(row))))
    return links


def proof_of(proving: Proving, opened: Mapping[str, Salted] | None = None) -> dict[str, Any]:
    """The proof file as data."""
    written = body(proving)
    found: dict[str, Any] = json.loads(proof_text(written, proving.release, chained(hash_of(written)), opened or {}))
    return found


def rehashed(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The proof with every hash that whoever changes it can make anew: texts, manifest, body, and the whole chain."""
    again = deepcopy(dict(proof))
    manifest = json.loads(again["manifest"])
    manifest["pieces"] |= {name: digest(text) for name, text in again["texts"].items()}
    again["manifest"] = canonical(manifest)
    again["body"]["release"] = digest(again["manifest"])
    again["chain"] = [
        {"row": dict(link.row), "row_hash": link.row_hash} for link in chained(digest(canonical(again["body"])))
    ]
    return again
