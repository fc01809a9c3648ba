"""Whatever is changed in a proof, the verifier notices; a head kept outside notices even a chain made anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
from entitlement.proofs import START, Proof, chained, held_of, payable, proof_of, proving_of, rehashed, with_source

from policy_match import verify_proof
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.entitlement.proof import ExclusionSeen, canonical, hash_of
from policy_match.facts.read import read_cell
from policy_match.release import Release, digest
from policy_match.salted import Salted
from policy_match.verify_proof import Refused

DAY = date(2025, 12, 15)
REFUND = "job_stabilisation_refund"
FACTS: dict[str, object] = {
    "registered_region": "320412",
    "unemployment_ins_months": 24,
    "insured_staff": 120,
    "layoff_rate": "2%",
    "industry_code": "C3562",
    "entity_type": "企业法人",
    "staff_total": 250,
    "revenue_last": "5000万元",
    "unemployment_ins_paid_last_year": "10万元",
    "blacklisted": False,
}
OLD = ExclusionSeen(
    "wages", "示范〔2024〕1号", "示范局", "示范条例第一条", "CREDIT", date(2024, 1, 1), date(2024, 12, 31), None, ()
)
Change = Callable[[Proof], None]


@pytest.fixture(scope="module")
def refund(rulebook: Rulebook, release: Release) -> tuple[Rule, Release]:
    """稳岗返还 as if verified on the page."""
    return payable(rulebook.at(REFUND, DAY), rulebook, release)


@pytest.fixture(scope="module")
def proof(rulebook: Rulebook, refund: tuple[Rule, Release]) -> Proof:
    """A proof that agrees: a medium firm by staff and revenue gets 60 % of 10 万元 back."""
    return made(rulebook, refund)


def made(rulebook: Rulebook, refund: tuple[Rule, Release], **facts: object) -> Proof:
    known = {fact: value for fact, value in (FACTS | facts).items() if value is not None}
    cells = {
        fact: read_cell(rulebook.vocabulary[fact], value, rulebook.vocabulary)  # type: ignore[arg-type]
        for fact, value in known.items()
    }
    held = held_of(with_source(cells, DAY), rulebook, DAY)
    return proof_of(proving_of(*refund[:1], rulebook, refund[1], held, entries=(OLD,)))


def head_of(proof: Proof) -> str:
    return str(proof["chain"][-1]["row_hash"])


def text_changed(proof: Proof, end: str, old: str, new: str) -> None:
    (name,) = [name for name in proof["texts"] if name.endswith(end)]
    assert old in proof["texts"][name]
    proof["texts"][name] = proof["texts"][name].replace(old, new)


def fact(name: str, **changed: object) -> Change:
    return lambda proof: proof["body"]["facts"][name].update(changed)


def decision(**changed: object) -> Change:
    return lambda proof: proof["body"]["decision"].update(changed)


def text(end: str, old: str, new: str) -> Change:
    return lambda proof: text_changed(proof, end, old, new)


def test_a_proof_that_nobody_touched_agrees(proof: Proof) -> None:
    verify_proof.verify(proof)
    verify_proof.verify(proof, head_of(proof))

    assert proof["body"]["decision"]["amount_fen"] == 600_000_00 // 10
    assert verify_proof.decide(proof)["conditions"] == {
        "not_excluded.blacklisted": "true", "in_jiangsu": "true", "paid_months": "true", "layoffs": "true",
        "as_large": "false", "household": "false", "large": "false",
    }  # fmt: skip


def large_assumed(proof: Proof) -> None:
    """The rule takes for granted that the firm is large, and the decision follows."""
    written = '"large":{"fact":"enterprise_size","op":"is","value":"large"}'
    text_changed(proof, f"{REFUND}.v1.yaml", written, '"large":{"assumed":"x"}')
    proof["body"]["decision"]["conditions"]["large"] = "true"
    proof["body"]["decision"].update(amount_fen=3_000_000, pay_fen=3_000_000)


def contradicted(proof: Proof) -> None:
    """A register says large, the figures say small, and the decision believes the register."""
    proof["body"]["facts"]["enterprise_size"] = proof["body"]["facts"]["entity_type"] | {"value": "large"}
    proof["body"]["decision"]["conditions"]["large"] = "true"
    proof["body"]["decision"].update(amount_fen=3_000_000, pay_fen=3_000_000)


# What is changed, and whether the decision no longer follows even from hashes that are all made anew.
CHANGES: dict[str, tuple[Change, bool]] = {
    "a fact, to more money": (fact("unemployment_ins_paid_last_year", value=20_000_000), True),
    "a fact, without effect": (fact("insured_staff", value=121), False),
    "the source, to the firm's own word": (fact("layoff_rate", source="SELF"), True),
    "the source, to statistics": (fact("layoff_rate", source="FAI"), True),
    "the day of a fact, to one too old": (fact("blacklisted", observed_on="2025-11-01"), True),
    "the day of a fact, to one day too old": (fact("layoff_rate", observed_on="2025-11-14"), True),
    "the day of a fact, to the last one that counts": (fact("layoff_rate", observed_on="2025-11-15"), False),
    "the day of a fact, to tomorrow": (fact("blacklisted", observed_on="2025-12-16"), True),
    "when a fact came in": (fact("blacklisted", received_at="2026-01-01T00:00:00.000000+00:00"), True),
    "a fact is taken away": (lambda proof: proof["body"]["facts"].pop("layoff_rate"), True),
    "the amount": (decision(amount_fen=6_000_001), True),
    "what is paid": (decision(pay_fen=6_000_001), True),
    "the verdict": (decision(verdict="unknown"), True),
    "the truth of a condition": (lambda proof: proof["body"]["decision"]["conditions"].update(large="true"), True),
    "the steps in words": (decision(steps=[]), False),
    "the beneficiary": (lambda proof: proof["body"]["case"]["beneficiary"].update(code="91320412MA0000001X"), False),
    "the day of the decision, to after the rule": (lambda proof: proof["body"]["case"].update(as_of="2026-01-01"), True),
    "the purpose": (lambda proof: proof["body"]["case"].update(purpose="statistics"), True),
    "the version": (lambda proof: proof["body"]["case"].update(version=2), True),
    "the release, by its engine": (lambda proof: proof.update(manifest=proof["manifest"].replace('"engine":"test"', '"engine":"x"')), False),
    "a rate of the rule": (text(f"{REFUND}.v1.yaml", '"60%"', '"90%"'), True),
    "a threshold of the rule": (text(f"{REFUND}.v1.yaml", '"12个月"', '"36个月"'), True),
    "how the rule was seen": (text(f"{REFUND}.v1.yaml", '"benefit":"page"', '"benefit":"copy"'), True),
    "the mode of the rule": (text(f"{REFUND}.v1.yaml", '"mode":"msjx"', '"mode":"apply"'), True),
    "a doubt of fair competition": (text(f"{REFUND}.v1.yaml", '"mode":"msjx"', '"fair_competition":{"flag":true,"note":"x"},"mode":"msjx"'), True),
    "a part of the rule that nobody proves": (large_assumed, True),
    "a fact that contradicts what it is derived from": (contradicted, True),
    "the promise, to a ceiling": (text(f"{REFUND}.v1.yaml", '"kind":"cash"', '"kind":"cash","promise":"ceiling"'), True),
    "the kind, to what is no money": (text(f"{REFUND}.v1.yaml", '"kind":"cash"', '"kind":"tax"'), True),
    "the id inside the rule": (text(f"{REFUND}.v1.yaml", f'"id":"{REFUND}"', '"id":"other"'), True),
    "a fact that needs an authorisation": (text("facts.yaml#layoff_rate", '"label":', '"needs_authorisation":true,"label":'), True),
    "an accepted register": (text(f"{REFUND}.v1.yaml", '"layoff_rate":{"from":["ENT"]', '"layoff_rate":{"from":["FIN"]'), True),
    "a definition": (text("not_excluded.yaml", '"value":false', '"value":true'), True),
    "a class of size": (text("facts.yaml#enterprise_size", '"1000人","300人"', '"200人","100人"'), False),
    "a class of size, to large": (text("facts.yaml#enterprise_size", '"40000万元","2000万元"', '"4000万元","2000万元"'), False),
    "what a register may be used for": (text("facts.yaml#", '"ENT":"企业数字档案库"', '"ENT":{"name":"x","only_for":["statistics"]}'), True),
    "a text is taken away": (lambda proof: proof["texts"].pop("rules/facts.yaml#layoff_rate"), True),
    "an entry of an exclusion list is taken away": (lambda proof: proof["body"]["exclusions"]["entries"].clear(), False),
    "an entry that excludes": (lambda proof: proof["body"]["exclusions"]["entries"][0].update(through=None), True),
    "an entry of a kind nobody knows": (lambda proof: proof["body"]["exclusions"]["entries"][0].update(kind="x"), True),
    "the form of the proof": (lambda proof: proof.update(schema="proof/3"), True),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed(proof: Proof, name: str) -> None:
    changed = deepcopy(proof)
    CHANGES[name][0](changed)

    assert not agrees(changed)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_with_every_hash_made_anew_is_noticed_by_the_decision_or_by_a_head_kept_outside(
    proof: Proof, name: str
) -> None:
    change, is_decisive = CHANGES[name]
    changed = deepcopy(proof)
    change(changed)
    changed = rehashed(changed)

    assert agrees(changed) is not is_decisive
    assert not agrees(changed, head_of(proof))


def agrees(proof: Proof, head: str | None = None) -> bool:
    """As the command tells it: anything that cannot be read is no agreement either."""
    try:
        verify_proof.verify(proof, head)
    except (Refused, KeyError):
        return False
    return True


# chain


def test_a_step_changed_or_out_of_order_or_left_out_is_noticed(proof: Proof) -> None:
    for change in (
        lambda chain: chain.reverse(),
        lambda chain: chain.pop(1),
        lambda chain: chain[0]["row"].update(actor="别人"),
        lambda chain: chain[1]["row"].update(prev_hash=START),
        lambda chain: chain.clear(),
    ):
        changed = deepcopy(proof)
        change(changed["chain"])
        with pytest.raises(Refused):
            verify_proof.verify(changed)


def test_a_head_kept_outside_is_one_of_the_step_that_holds_the_proof_or_of_a_later_one(proof: Proof) -> None:
    first, own, last = (link["row_hash"] for link in proof["chain"])

    verify_proof.verify(proof, own)
    verify_proof.verify(proof, last)
    with pytest.raises(Refused, match="库外留存"):
        verify_proof.verify(proof, first)


def test_a_chain_cut_short_no_longer_reaches_the_head_kept_outside(proof: Proof) -> None:
    changed = deepcopy(proof)
    changed["chain"].pop()

    verify_proof.verify(changed)
    with pytest.raises(Refused, match="库外留存"):
        verify_proof.verify(changed, head_of(proof))


def test_a_chain_that_begins_in_the_middle_is_read_and_one_that_holds_another_proof_is_not(proof: Proof) -> None:
    later = deepcopy(proof)
    later["chain"].pop(0)
    verify_proof.verify(later)

    other = deepcopy(proof)
    other["chain"] = [{"row": dict(link.row), "row_hash": link.row_hash} for link in chained("1" * 64)]
    with pytest.raises(Refused, match="办件记录里的哈希"):
        verify_proof.verify(other)


def test_the_first_step_of_a_case_follows_nothing(proof: Proof) -> None:
    changed = deepcopy(proof)
    links = chained(hash_of(proof["body"]), start="1" * 64)
    changed["chain"] = [{"row": dict(link.row), "row_hash": link.row_hash} for link in links]

    with pytest.raises(Refused, match="第 1 步接不上"):
        verify_proof.verify(changed)


# values that are sealed in the steps and opened beside them


def with_opened(proof: Proof, **told: str) -> Proof:
    """The proof whose last step holds the mark of an account, opened; `told`: what is said instead of its salt or value."""
    account = Salted.of("3204110012345678")
    held = deepcopy(proof)
    row = held["chain"][2]["row"]
    row["body"] = canonical({"account": account.mark})
    held["chain"][2]["row_hash"] = digest(canonical(row))
    held["opened"] = {account.mark: {"salt": account.salt, "value": account.value} | told}
    return held


def test_what_is_opened_agrees_with_the_step_that_holds_its_mark_and_may_stay_closed(proof: Proof) -> None:
    opened = with_opened(proof)
    closed = opened | {"opened": {}}

    assert opened["schema"] == "proof/2"
    verify_proof.verify(opened)
    verify_proof.verify(closed)


def test_another_account_than_the_confirmed_one_is_noticed(proof: Proof) -> None:
    for change in ({"value": "3204110012345679"}, {"salt": "0" * 32}):
        with pytest.raises(Refused, match="打开的内容与办件记录里的哈希不符"):
            verify_proof.verify(with_opened(proof, **change))


def test_salt_and_value_are_not_cut_at_another_place(proof: Proof) -> None:
    opened = with_opened(proof)
    for said in opened["opened"].values():
        said.update(salt=said["salt"] + said["value"][0], value=said["value"][1:])

    with pytest.raises(Refused, match="打开的内容"):
        verify_proof.verify(opened)


def test_a_value_that_stands_in_no_step_is_noticed(proof: Proof) -> None:
    stranger = Salted.of("3204110012345678")
    changed = proof | {"opened": {stranger.mark: {"salt": stranger.salt, "value": stranger.value}}}

    with pytest.raises(Refused, match="打开的内容"):
        verify_proof.verify(changed)


def test_a_proof_of_before_values_were_sealed_is_read_as_before(proof: Proof) -> None:
    older = deepcopy(proof)
    older["schema"] = "proof/1"
    older.pop("opened")

    verify_proof.verify(older, head_of(older))


# exclusion lists: the look is on 2025-12-15


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"through": "2025-12-14"}, True),
        ({"through": "2025-12-15"}, False),
        ({"through": None, "ended_on": "2025-12-15"}, True),
        ({"through": None, "ended_on": "2025-12-16"}, False),
        ({"through": None, "since": "2025-12-15"}, False),
        ({"through": None, "since": "2025-12-16"}, True),
        ({"through": None, "measures": [REFUND]}, False),
        ({"through": None, "measures": ["cz_hnte_award"]}, True),
        ({"through": None, "kind": "abnormal"}, True),
        ({"through": None, "kind": "dishonest"}, False),
    ],
)
def test_an_entry_of_an_exclusion_list_counts_for_its_days_measures_and_kind(
    proof: Proof, changed: dict[str, object], expected: bool
) -> None:
    listed = deepcopy(proof)
    listed["body"]["exclusions"]["entries"][0].update(changed)

    assert agrees(rehashed(listed)) is expected


def test_an_authorised_fact_counts_again(proof: Proof) -> None:
    changed = deepcopy(proof)
    text_changed(changed, "facts.yaml#layoff_rate", '"label":', '"needs_authorisation":true,"label":')
    changed["body"]["facts"]["layoff_rate"]["authorised_by"] = "示范授权1号"

    assert agrees(rehashed(changed))


# what may not be paid


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"layoff_rate": "5.5%"}, 6_000_000),
        ({"layoff_rate": "5.6%"}, None),
        ({"insured_staff": 30, "layoff_rate": "20%"}, 6_000_000),
        ({"insured_staff": 31, "layoff_rate": "20%"}, None),
        ({"unemployment_ins_months": 11}, None),
        ({"blacklisted": True}, None),
        ({"staff_total": 1000, "revenue_last": "40000万元"}, 3_000_000),
        ({"staff_total": 1000, "revenue_last": "39999万元"}, 6_000_000),
        ({"staff_total": 999, "revenue_last": None}, None),
        ({"staff_total": None}, None),
        ({"staff_total": None, "revenue_last": "299万元"}, 6_000_000),
        ({"industry_code": "L7263"}, 3_000_000),
        ({"industry_code": "L72"}, None),
        ({"entity_type": "个体工商户", "industry_code": None}, 6_000_000),
        ({"insured_staff": None}, 6_000_000),
        ({"insured_staff": None, "layoff_rate": "10%"}, None),
        ({"unemployment_ins_paid_last_year": "100.01元"}, 6001),
        ({"unemployment_ins_paid_last_year": {"low": "9万元", "high": "10万元"}}, None),
    ],
)
def test_the_refund_is_what_its_clauses_say_or_refused(
    rulebook: Rulebook, refund: tuple[Rule, Release], facts: dict[str, object], expected: int | None
) -> None:
    found = made(rulebook, refund, **facts)

    assert agrees(found) is (expected is not None)
    if expected is not None:
        assert verify_proof.decide(found)["amount_fen"] == expected


def test_what_the_ledger_has_paid_before_is_taken_off_the_cap(rulebook: Rulebook, release: Release) -> None:
    day = date(2024, 6, 19)
    rule, own = payable(rulebook.at("cz_hnte_award", day), rulebook, release)
    facts = {"registered_region": "320412", "hnte_event": "首次认定高企", "recognised_on": "2023-09-20"}
    cells = {name: read_cell(rulebook.vocabulary[name], value, rulebook.vocabulary) for name, value in facts.items()}
    held = held_of(with_source(cells, day), rulebook, day)
    wan = 10**6
    for paid, expected in ((0, 20 * wan), (180 * wan, 20 * wan), (185 * wan, 15 * wan), (200 * wan, 0)):
        found = proof_of(proving_of(rule, rulebook, own, held, paid={0: paid}))
        verify_proof.verify(found)
        assert (found["body"]["decision"]["amount_fen"], found["body"]["decision"]["pay_fen"]) == (20 * wan, expected)
        for change in (
            lambda cut: cut.update(paid_fen=0, left_fen=100 * wan),
            lambda cut: cut.update(limit_fen=300 * wan, left_fen=300 * wan),
        ):
            changed = deepcopy(found)
            change(changed["body"]["decision"]["cuts"][0])
            assert not agrees(rehashed(changed))
        changed = deepcopy(found)
        changed["body"]["decision"]["cuts"].clear()
        assert not agrees(rehashed(changed))


# the command


def test_the_command_says_what_agrees_or_the_first_thing_that_does_not(
    proof: Proof, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof, ensure_ascii=False), encoding="utf-8")
    assert verify_proof.main([str(file), "--head", head_of(proof)]) == 0
    assert "通过：MX-2026-000001 示范企业甲" in capsys.readouterr().out

    assert verify_proof.main([str(file)]) == 0
    assert "没有给出库外留存的哈希" in capsys.readouterr().out

    assert verify_proof.main([str(file), "--head", "0" * 64]) == 2
    assert "不通过：从写进证明的那一步起，没有库外留存的哈希" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"schema": "proof/1"}', b"[" * 100_000])
def test_what_cannot_be_read_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(content)

    assert verify_proof.main([str(file)]) == 2
    assert verify_proof.main([str(tmp_path / "none.json")]) == 2
    assert verify_proof.main([]) == 2
    assert verify_proof.main([str(file), "--other", "x"]) == 2


def test_the_verifier_is_one_short_file_that_needs_nothing_of_policy_match() -> None:
    source = Path(verify_proof.__file__).read_text("utf-8")

    assert len(source.splitlines()) < 300
    assert "policy_match" not in source.replace("policy_match 的", "")
