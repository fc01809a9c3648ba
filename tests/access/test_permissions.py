"""Every cell of the matrix of domain specification §10.1 is tried, allowed and refused, with a session and with a key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scripts.write_permissions import PLACE, document

from policy_match.access.key_scopes import KeyScope
from policy_match.access.permissions import Permissions, Reach, Right
from policy_match.access.viewer import ANYBODY, Means, Viewer
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.errors import Forbidden, RuleError
from policy_match.exchange.permissions_file import load_permissions
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.workflows.open_rules import open_vocabulary

ROOT = Path(__file__).resolve().parents[2]
# The columns of §10.1 in its order; 其他部门 by one of them.
ROLES = ("development", "commerce", "industry", "data", "labour", "district", "park", "treasury", "statistics",
         "enterprise", "auditor", "admin")  # fmt: skip
# r: read, w: write, a: approve, with how far: A all, O own, B as ranges; "-": nothing. One word a column, as in §10.1.
# Where the file gives more or less than §10.1 the reason stands beside the row.
MATRIX = {
    "projects": "rAwA rAwA rAwA rAwA rAwA rOwO rOwO rA rA rOwO rA -",  # 数据局 and others keep tickets and ledgers of their own
    "advance": "wAaA wAaA wAaA - - wO - - - - rA -",
    "correct": "wAaA wA wA wA - wO - - - - rA -",
    "sources": "rAwA rAwA rAwA rAwAaA wO wO - - wO wO rA wA",
    "facts": "rB rB rA - rB rB - - - rO rA -",  # 数据局 sees no values; 财政 sees them in a case alone
    "fai": "- - - - - - - - rAwA - rA -",
    "rules": "rAwOaO rAwOaO rAwOaO rA rAwOaO rAwOaO - rA rA - rA -",  # 发改委 owns measures itself; what is in force may be read
    "matches": "rA rA rA - rA rO rO - - rO rA -",
    "reviews": "rAwO rOwO rOwO - rOwO rOwO - - - - rA -",
    "cases": "rOwOaO rOwOaO rOwOaO - rOwOaO rOwOaO wO rA - rOwO rA -",
    "payments": "- - - - - - - rAwAaA - - rA -",
    "consent": "- - - - - - - - - rOwO rA -",
    # §10.1 has the listing pipeline alone; each file of rules/pipelines narrows it (tests/library/test_pipeline_rights.py).
    "pipelines": "rAwA rAwA rAwA - rAwA rOwO rOwO rA - rOwO rA -",
    "push": "rA rOwO rOwO rAwO rOwO rOwO - - - rOwO rA -",
    "months": "rAaA rA rA rA rA rO rO rA rA - rA -",
    "evaluation": "rAaA - rAwA rA rA rO - - - rOwO rA -",
    "look_backs": "rAwA rAwA rAwA rA rA rOwO - - - - rA -",
    "export": "rA rA rA - rA rO - rA rA - rA -",
    "users": "- - - - - - - - - - rA rAwAaA",
}
LETTERS = {"r": Right.READ, "w": Right.WRITE, "a": Right.APPROVE}
REACHES = {"A": Reach.ALL, "O": Reach.OWN, "B": Reach.BAND}
CELLS = [
    (capability, role, right, word)
    for capability, row in MATRIX.items()
    for role, word in zip(ROLES, row.split(), strict=True)
    for right in Right
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return open_vocabulary(ROOT / "rules", ROOT / "corpus")


@pytest.fixture(scope="module")
def table() -> LifecycleTable:
    return load_lifecycle(ROOT / "rules" / "lifecycle.yaml")


@pytest.fixture(scope="module")
def permissions(table: LifecycleTable, vocabulary: Vocabulary) -> Permissions:
    return load_permissions(ROOT / "rules" / "permissions.yaml", table, vocabulary)


def signed_in(role: str) -> Viewer:
    return Viewer("x", "经办人", role, Means.SESSION, is_strong=True)


def expected(word: str, right: Right) -> Reach | None:
    letters = dict(zip(word[::2], word[1::2], strict=False)) if word != "-" else {}
    found = {LETTERS[letter]: REACHES[far] for letter, far in letters.items()}
    return found.get(right)


@pytest.mark.parametrize(("capability", "role", "right", "word"), CELLS)
def test_every_cell_allows_or_refuses_as_the_matrix_says(
    capability: str, role: str, right: Right, word: str, permissions: Permissions
) -> None:
    viewer, wanted = signed_in(role), expected(word, right)

    assert permissions.reach(viewer, capability, right) is wanted
    if wanted is None:
        with pytest.raises(Forbidden) as refused:
            permissions.require(viewer, capability, right)
        assert refused.value.issues[0].code == "PERMISSION"
    else:
        assert permissions.require(viewer, capability, right) is wanted


def test_every_capability_of_the_file_is_in_the_matrix_and_everybody_may_look_up(permissions: Permissions) -> None:
    assert set(permissions.capabilities) == {*MATRIX, "lookup"}
    for role in (*ROLES, "visitor"):
        assert permissions.reach(replace(ANYBODY, role=role), "lookup", Right.READ) is Reach.ALL


@pytest.mark.parametrize("capability", [name for name in MATRIX if name != "users"])
def test_whoever_is_not_signed_in_reads_what_is_public_and_does_nothing(
    capability: str, permissions: Permissions
) -> None:
    public = {"projects", "facts", "rules", "matches", "cases", "export"}
    reads = permissions.reach(ANYBODY, capability, Right.READ)

    assert reads is (Reach.PUBLIC if capability in public else None)
    for right in (Right.WRITE, Right.APPROVE):
        with pytest.raises(Forbidden) as refused:
            permissions.require(ANYBODY, capability, right)
        assert "登录" in (refused.value.issues[0].hint or "")


def test_a_role_that_nobody_wrote_down_may_nothing(permissions: Permissions) -> None:
    stranger = replace(signed_in("importer"), role="somebody")

    assert all(permissions.reach(stranger, name, right) is None for name in permissions.capabilities for right in Right)


@pytest.mark.parametrize("scopes", [frozenset({scope}) for scope in KeyScope] + [frozenset()])
def test_a_key_does_what_its_scopes_say_and_never_approves_exports_or_administers(
    scopes: frozenset[KeyScope], permissions: Permissions
) -> None:
    for capability, row in permissions.capabilities.items():
        for role in row.cells:
            holder = replace(signed_in(role), means=Means.KEY, key_scopes=scopes)
            for right in Right:
                found = permissions.reach(holder, capability, right)
                if right is Right.APPROVE or row.needs_second_factor:
                    assert found is None
                elif capability == "push":
                    assert found is (row.cells[role].reach.get(right) if "subscribe" in scopes else None)
                else:
                    assert found is (row.cells[role].reach.get(right) if right.value in scopes else None)


@pytest.mark.parametrize(
    ("capability", "role", "right"),
    [("payments", "treasury", Right.APPROVE), ("export", "development", Right.READ), ("users", "admin", Right.WRITE)],
)
def test_approving_exporting_and_administration_ask_for_a_fresh_code(
    capability: str, role: str, right: Right, permissions: Permissions
) -> None:
    weak = replace(signed_in(role), is_strong=False)

    with pytest.raises(Forbidden) as refused:
        permissions.require(weak, capability, right)

    assert refused.value.issues[0].code == "SECOND_FACTOR"
    assert permissions.require(replace(weak, is_strong=True), capability, right) is not None


def test_the_administrator_has_no_business_right_and_nobody_else_administers(permissions: Permissions) -> None:
    business = {name for name, row in permissions.capabilities.items() if "admin" in row.cells}
    assert business == {"lookup", "sources", "users"}
    writers = {role for role, cell in permissions.capabilities["users"].cells.items() if Right.WRITE in cell.reach}
    assert writers == {"admin"}


def test_the_auditor_reads_everything_and_changes_nothing(permissions: Permissions) -> None:
    for name in permissions.capabilities:
        assert permissions.reach(signed_in("auditor"), name, Right.READ) is Reach.ALL
        assert permissions.reach(signed_in("auditor"), name, Right.WRITE) is None
        assert permissions.reach(signed_in("auditor"), name, Right.APPROVE) is None


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        ("  - revenue_last", "  - revenue_lst", "PERMISSION_NAME"),
        ("public_sources: [PUBLIC,", "public_sources: [PUBLIK,", "PERMISSION_NAME"),
        ("departments: [resources,", "departments: [resurces,", "PERMISSION_NAME"),
        ("      park: {read: own, write: own, only: 进展、走访}", "      parc: {read: own}", "PERMISSION_ROLE"),
        ("      treasury: {read: all}\n", "      labour: {read: all}\n", "PERMISSION_ROLE"),
        ("    actions: [doubt, msjx_exclude, roll]", "    actions: [doubts, msjx_exclude, roll]", "PERMISSION_NAME"),
        ("      treasury: {read: all, write: all, approve: all}", "      treasury: {read: all}", "PERMISSION_DRIFT"),
        ("read: band", "read: bands", "SHAPE"),
        ("    second_factor: true", "    second_facter: true", "KEY_UNKNOWN"),
    ],
)
def test_a_file_that_means_nothing_or_contradicts_the_lifecycle_is_refused_with_its_line(
    written: str, instead: str, code: str, table: LifecycleTable, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    text = (ROOT / "rules" / "permissions.yaml").read_text("utf-8")
    assert written in text
    path = tmp_path / "permissions.yaml"
    path.write_text(text.replace(written, instead, 1), "utf-8")

    with pytest.raises(RuleError) as refused:
        load_permissions(path, table, vocabulary)

    assert code in {issue.code for issue in refused.value.issues}
    assert all("permissions.yaml:" in issue.where for issue in refused.value.issues)


def test_the_document_is_what_the_file_says() -> None:
    assert PLACE.read_text("utf-8") == document()
