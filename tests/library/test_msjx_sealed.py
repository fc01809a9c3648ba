"""Accounts, names and contacts of people are in the database sealed only, and everybody who is entitled still gets them."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msjx import (
    ACCOUNT,
    APPROVER,
    FIRM,
    FIRST,
    HOLDER,
    by,
    found,
    noticed,
    to_approved,
    verified,
    with_firm,
    with_lists,
    with_money,
)
from paying import exported, failed_row, paid_row, receipts
from rows import E2, LIBRARY
from sqlalchemy import delete, func, select, update

from policy_match import verify_proof
from policy_match.cli import main
from policy_match.errors import Conflict
from policy_match.sealing import Sealer
from policy_match.secret import Secret
from policy_match.store import cases, dump, sealed_values
from policy_match.store.case_tables import Objection, SealedValue
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.back_up import back_up
from policy_match.workflows.confirm_case import Consent, confirm_case, decline_case
from policy_match.workflows.export_payments import kept_batch
from policy_match.workflows.list_objections import print_objections
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.object_case import NewObjection, answer_objection, claim_omission, object_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.prove_case import proof_of, replay
from policy_match.workflows.reconfirm_case import reconfirm_case
from policy_match.workflows.seal_value import CLOSED, told_of_other_key
from policy_match.workflows.show_case import case_data

PHONE, ASKER, PERSON, PROVED = "13812345678", "示范异议人", "示范负责人", "示范核验：电话13987654321"
PRIVATE = (ACCOUNT, PHONE, ASKER, PERSON, PROVED, "13987654321")
CASE = "MX-2025-000001"


def consent(archive: Archive, on: str) -> None:
    confirm_case(archive, CASE, Consent(PERSON, PROVED, HOLDER, ACCOUNT), by(FIRM, on))


def whole_case(archive: Archive, folder: Path) -> None:
    """One case through everything that names somebody: an objection, a refusal, a returned payment, and money at last."""
    with_firm(archive)
    with_money(archive)
    found(archive)
    verified(archive, CASE)
    noticed(archive, CASE)
    said = object_case(archive, CASE, NewObjection(ASKER, PHONE, "示范名单有误"), by(FIRST, "2025-06-04"))
    answer_objection(archive, said.id, "rejected", "示范核对无误", by("science-3", "2025-06-05"))
    claim_omission(archive, E2, "gx_first_hnte", NewObjection(ASKER, PHONE, "示范应享未享"), by(FIRST, "2025-06-05"))
    move_cases(archive, by(FIRST, "2025-06-11"))
    consent(archive, "2025-06-13")
    lists_and_approval(archive, "2025-06-13")
    exported(archive)
    receipts(archive, folder, failed_row(f"{CASE}-1"))
    reconfirm_case(archive, CASE, by(FIRST, "2025-06-17"))
    consent(archive, "2025-06-18")
    lists_and_approval(archive, "2025-06-18")
    exported(archive, "2025-06-18")
    kept_batch(archive, "BF-2025-000002", by("treasury", "2025-06-18"))
    receipts(archive, folder, paid_row(f"{CASE}-2", on="2025-06-19"), on="2025-06-19")


def lists_and_approval(archive: Archive, on: str) -> None:
    with_lists(archive, on)
    approve_case(archive, CASE, by(APPROVER, on))


@pytest.fixture
def paid(paying: Archive, tmp_path: Path) -> Archive:
    whole_case(paying, tmp_path)
    return paying


def cells(archive: Archive) -> Iterator[tuple[str, str, str]]:
    """Every value of every column of every table, as a backup would write it."""
    with archive.database.snapshot() as session:
        for table in dump.tables_of(session.connection()):
            for row in dump.rows_of(session, table):
                yield from ((table.name, name, str(value)) for name, value in row.items())


def other(archive: Archive) -> Archive:
    """The same database, opened with another secret."""
    return replace(archive, sealer=Sealer.of(Secret("another one")))


def erase(archive: Archive, about: str) -> None:
    with archive.database.writing() as session:
        session.execute(delete(SealedValue).where(SealedValue.about == about))


def shown(archive: Archive) -> str:
    with archive.database.reading() as session:
        return json.dumps(case_data(session, archive.sealer, LIBRARY, CASE), ensure_ascii=False)


def code(refused: pytest.ExceptionInfo[Conflict]) -> str:
    return refused.value.issues[0].code


def test_nothing_in_the_database_holds_an_account_or_a_contact_in_clear(paid: Archive, tmp_path: Path) -> None:
    every = [*cells(paid)]

    assert [cell for cell in every if any(private in cell[2] for private in PRIVATE)] == []
    assert {table for table, _, value in every if "sealed:" in value} == {
        "case_steps", "objections", "payment_batches", "sealed_values",
    }  # fmt: skip
    back_up(paid.database, tmp_path / "backup.zip", by(FIRST, "2025-06-20").now)
    files = [tmp_path / "backup.zip", *tmp_path.glob("library.db*")]
    assert [file for file in files for private in PRIVATE if private.encode() in file.read_bytes()] == []


def test_the_search_of_the_test_above_finds_what_is_in_clear(paid: Archive) -> None:
    with paid.database.writing() as session:
        session.execute(update(Objection).values(contact=PHONE))

    assert {(table, name) for table, name, value in cells(paid) if PHONE in value} == {("objections", "contact")}


def test_the_file_for_the_treasury_names_holder_and_account_each_time_the_same(paying: Archive) -> None:
    to_approved(paying)

    sent = exported(paying).batch
    again = kept_batch(paying, "BF-2025-000001", by("treasury", "2025-07-01"))

    assert sent == again
    (row,) = csv.DictReader(io.StringIO(again.content, newline=""))
    assert (row["户名"], row["账号"], row["金额（分）"]) == (HOLDER, ACCOUNT, "20000000")


def test_the_officer_sees_who_confirmed_and_the_last_digits_alone(
    paid: Archive, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    told = shown(paid)
    print_objections(paid, LIBRARY, waiting=False, form="json")
    listed = capfdbinary.readouterr().out.decode()

    assert PERSON in told and PROVED in told and HOLDER in told and ASKER in told
    assert "************5678" in told and "*******5678" in listed and ASKER in listed
    assert ACCOUNT not in told and PHONE not in told + listed and "sealed:" not in told + listed
    assert '"chain": "完整"' in told


def test_who_declines_is_sealed_too(paying: Archive) -> None:
    with_firm(paying)
    found(paying)
    verified(paying, CASE)
    noticed(paying, CASE)
    move_cases(paying, by(FIRST, "2025-06-11"))

    decline_case(paying, CASE, PERSON, "示范不需要", by(FIRM, "2025-06-12"))

    assert [cell for cell in cells(paying) if PERSON in cell[2]] == []
    assert PERSON in shown(paying)


def test_the_proof_opens_what_is_sealed_and_a_stranger_checks_it_against_the_chain(paid: Archive) -> None:
    proof = json.loads(proof_of(paid, LIBRARY, CASE))

    verify_proof.verify(proof)
    replay(paid, LIBRARY, CASE)
    assert proof["schema"] == "proof/2"
    values = sorted(told["value"] for told in proof["opened"].values())
    assert values == sorted([ACCOUNT, HOLDER, PERSON, PROVED] * 2)
    assert ACCOUNT not in json.dumps(proof["chain"])
    for told in proof["opened"].values():
        told["value"] = told["value"].replace(ACCOUNT, "3204110012345679")
    with pytest.raises(verify_proof.Refused, match="打开的内容"):
        verify_proof.verify(proof)


def test_once_a_value_is_erased_chain_and_proof_still_hold_and_nothing_is_paid_to_it(paying: Archive) -> None:
    to_approved(paying)

    erase(paying, f"case/{LIBRARY}/{CASE}/account")

    assert '"chain": "完整"' in shown(paying) and CLOSED in shown(paying)
    proof = json.loads(proof_of(paying, LIBRARY, CASE))
    verify_proof.verify(proof)
    assert ACCOUNT not in json.dumps(proof)
    sent = exported(paying)
    assert sent.batch is None
    assert [(left.number, left.why) for left in sent.left_out] == [(CASE, "封存的内容已经不在")]


def test_with_another_secret_nothing_is_opened_and_everything_else_goes_on(paid: Archive) -> None:
    stranger = other(paid)

    told = told_of_other_key(stranger.database, stranger.sealer)
    assert told_of_other_key(paid.database, paid.sealer) is None
    assert told is not None and told.startswith("密钥不是原来的：12 项封存的内容")
    assert stranger.sealer.key_id in told and "POLICY_MATCH_SECRET" in told
    assert PERSON not in shown(stranger) and ASKER not in shown(stranger) and CLOSED in shown(stranger)
    verify_proof.verify(json.loads(proof_of(stranger, LIBRARY, CASE)))
    with pytest.raises(Conflict) as refused:
        kept_batch(stranger, "BF-2025-000001", by("treasury", "2025-07-01"))
    assert code(refused) == "SEAL_OTHER_KEY"


def test_with_another_secret_an_approved_case_waits_until_the_firm_has_confirmed_anew(paying: Archive) -> None:
    to_approved(paying)

    sent = exported(other(paying))

    assert sent.batch is None and "另一个密钥" in sent.left_out[0].why
    assert exported(paying).cases == 1


def test_where_the_secret_is_lost_the_firm_confirms_anew_and_is_paid(paying: Archive) -> None:
    to_approved(paying)
    with pytest.raises(Conflict, match="账户没有问题"):
        reconfirm_case(paying, CASE, by(FIRST, "2025-06-13"))
    stranger = other(paying)

    reconfirm_case(stranger, CASE, by(FIRST, "2025-06-13"))
    consent(stranger, "2025-06-13")
    lists_and_approval(stranger, "2025-06-13")
    sent = exported(stranger)

    assert sent.batch is not None and ACCOUNT in sent.batch.content


def test_the_account_of_another_case_cannot_be_put_in_the_place_of_one(paying: Archive) -> None:
    to_approved(paying)
    with paying.database.writing() as session:
        stranger = paying.sealer.seal("0" * 32 + "6222000000000001", f"case/{LIBRARY}/{CASE}/account")
        session.execute(update(SealedValue).where(SealedValue.about.endswith("/account")).values(sealed=stranger))

    sent = exported(paying)

    assert sent.batch is None
    assert [left.why for left in sent.left_out] == ["封存的内容与记录里的哈希不符"]


def test_an_account_of_before_values_were_sealed_is_still_paid(paying: Archive) -> None:
    to_approved(paying)
    with paying.database.writing() as session:
        case = cases.by_number(session, LIBRARY, CASE)
        steps = cases.steps_of(session, case)
        place = next(at for at, step in enumerate(steps) if step.action == "confirm")
        steps[place].body = json.dumps({**cases.body_of(steps[place]), "holder": HOLDER, "account": ACCOUNT})
        for before, step in zip(steps[place - 1 :], steps[place:], strict=False):
            step.prev_hash = before.row_hash
            step.row_hash = cases.hash_of(step)

    sent = exported(paying)

    assert sent.batch is not None and ACCOUNT in sent.batch.content
    assert "************5678" in shown(paying)


def test_an_order_that_fails_leaves_no_sealed_value_behind(paying: Archive) -> None:
    with_firm(paying)
    found(paying)

    with pytest.raises(Conflict):
        confirm_case(paying, CASE, Consent(PERSON, PROVED, HOLDER, ACCOUNT), by(FIRM, "2025-06-13"))

    with paying.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SealedValue)) == 0


def test_a_mark_that_nobody_kept_is_none(paying: Archive) -> None:
    with paying.database.reading() as session:
        assert sealed_values.sealed_text(session, "sealed:" + "0" * 64) is None
        assert sealed_values.count_besides(session, paying.sealer.prefix) == 0


def test_a_restore_tells_when_the_secret_is_not_the_one_that_sealed(
    paid: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    back_up(paid.database, tmp_path / "backup.zip", by(FIRST, "2025-06-20").now)

    def restored(name: str) -> str:
        monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", f"sqlite:///{tmp_path / name}")
        monkeypatch.setattr(sys, "argv", ["policy-match", "restore", str(tmp_path / "backup.zip")])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in (0, None)
        return capfd.readouterr().err

    assert "密钥" not in restored("same.db")
    monkeypatch.setenv("POLICY_MATCH_SECRET", "Zq8Lw2Nf6Rj1Tb5Yk9Xc3Vm7Hd4Pg0Sa")
    assert "密钥不是原来的：12 项封存的内容" in restored("other.db")
