"""The stand-alone verifier decides every shipped rule as the engine does, from the text alone, or refuses it by name."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from entitlement.proofs import Proof, held_of, payable, proof_of, proving_of, with_source

from policy_match import verify_proof
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.cells import Cell
from policy_match.proving.situations import situations_of
from policy_match.release import Release

# What a measure may use and the verifier does not read: such a measure is not paid without application.
UNREAD = {"within", "age_at_least", "growth_at_least", "years_between", "mean_of_pairs", "interest", "facility", "switch", "unseen"}  # fmt: skip


def proofs(
    rulebook: Rulebook, release: Release, seed: int | None = None, every: int = 1
) -> Iterator[tuple[str, Rule, Proof]]:
    """A proof of each case and boundary of every n-th shipped measure; with a seed, some facts are taken from others."""
    for written in rulebook.rules[::every]:
        rule, own = payable(written, rulebook, release)
        situations = situations_of(written, rulebook.vocabulary)
        values = [(fact, cell) for situation in situations for fact, cell in situation.cells.items()]
        for number, situation in enumerate(situations):
            cells, as_of = with_source(situation.cells, situation.as_of), situation.as_of
            if seed is not None:
                cells = mixed(cells, values, as_of, random.Random(f"{seed} {written.measure.key} {number}"))
            proof = proof_of(proving_of(rule, rulebook, own, held_of(cells, rulebook, as_of)))
            yield f"{rule.measure.key} {situation.name} {as_of}", rule, proof


def mixed(
    cells: dict[str, Cell], values: list[tuple[str, Cell]], as_of: date, chance: random.Random
) -> dict[str, Cell]:
    """Facts of one case with up to three of another, and up to three taken away."""
    found = {**cells, **with_source(dict(chance.choices(values, k=3)), as_of)}
    gone = chance.sample([*found], k=min(len(found), chance.randrange(4)))
    return {fact: cell for fact, cell in found.items() if fact not in gone}


def agree(proof: Proof, where: str) -> str:
    """The verdict on which both agree, or what the verifier refuses by name."""
    said = proof["body"]["decision"]
    try:
        found = verify_proof.decide(proof)
    except verify_proof.Refused as refused:
        (name,) = re.findall(r"^不能核验的.*“(\w+)”", str(refused))
        assert name in UNREAD, where
        return f"refused {name}"
    verdict = said["verdict"].replace("needs_human", "unknown")
    assert found == {"verdict": verdict, "conditions": said["conditions"], "amount_fen": said["amount_fen"]}, where
    return str(found["verdict"])


def agree_without(proof: Proof) -> str:
    """What the verifier decides from the facts that are left."""
    try:
        return str(verify_proof.decide(proof)["verdict"])
    except verify_proof.Refused:
        return "refused"


def test_every_case_of_every_shipped_measure_comes_out_the_same(rulebook: Rulebook, release: Release) -> None:
    found: Counter[str] = Counter()
    read: set[str] = set()
    for where, rule, proof in proofs(rulebook, release):
        answer = agree(proof, where)
        found[answer] += 1
        if not answer.startswith("refused"):
            read.add(rule.measure.key)
    assert min(found[verdict] for verdict in ("eligible", "ineligible", "unknown", "not_in_force")) > 150
    assert len(read) > 0.8 * len(rulebook.rules)
    assert {rule.measure.key for rule in rulebook.rules if rule.measure.mode == "msjx"} <= read


def test_mixed_facts_come_out_the_same(rulebook: Rulebook, release: Release) -> None:
    found = Counter(agree(proof, where) for where, _, proof in proofs(rulebook, release, seed=20261128, every=3))

    assert min(found[verdict] for verdict in ("eligible", "ineligible", "unknown", "not_in_force")) > 50


def test_taking_evidence_away_never_makes_a_yes(rulebook: Rulebook, release: Release) -> None:
    for where, _, proof in proofs(rulebook, release, every=4):
        if agree(proof, where) not in ("ineligible", "unknown", "not_in_force"):
            continue
        for fact in [*proof["body"]["facts"]]:
            kept = proof["body"]["facts"].pop(fact)
            assert agree_without(proof) != "eligible", f"{where} {fact}"
            proof["body"]["facts"][fact] = kept
