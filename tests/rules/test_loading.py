"""Loading a folder: all errors of all files at once, in order, and none that another one causes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bad_rules import BAD, DOCUMENT, MEASURE, SHIPPED, folder_with, issues_of, load

from policy_match.authoring.load import load_rulebook
from policy_match.errors import Issue, RuleError
from policy_match.exchange.taxonomies import load_industries
from policy_match.facts.vocabulary import Vocabulary
from policy_match.facts.vocabulary_file import load_vocabulary

BASE = (BAD / "base.yaml").read_text(encoding="utf-8")
Edit = tuple[str, str]


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    """The shipped facts, read without the shipped measures."""
    industries = SHIPPED.parent / "corpus" / "taxonomies" / "industries.csv"
    return load_vocabulary(SHIPPED / "facts.yaml", load_industries(industries))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the sound measure."""
    return folder_with(tmp_path)


def edited(*edits: Edit) -> str:
    """The sound measure with some of its text replaced."""
    text = BASE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def applied_for(text: str) -> str:
    """The same measure without payment on government data alone, so that new facts need no register."""
    plan = text[text.index("no_application:\n") : text.index("boundaries:\n")]
    return text.replace(plan, "").replace("mode: msjx", "mode: apply")


def put(folder: Path, path: str, text: str) -> Path:
    """Write one file of the folder."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def codes(issues: list[Issue]) -> list[tuple[str, str]]:
    """Place and code of each error."""
    return [(issue.where, issue.code) for issue in issues]


def test_all_errors_of_all_files_are_told_by_file_and_line_as_numbers(folder: Path, words: Vocabulary) -> None:
    put(
        folder,
        MEASURE,
        edited(("deciding: [staff]", "deciding: [people]"), ("id: invented-2025-1", "id: nowhere")),
    )
    put(folder, "rules/definitions/group.yaml", "schema: definition/1\nid: group\n")
    put(folder, "corpus/documents/invented-2026-2.yaml", DOCUMENT.format(id="other"))

    issues = issues_of(folder, words)

    assert codes(issues) == [
        ("corpus/documents/invented-2026-2.yaml:2", "FILE_NAME"),
        ("rules/definitions/group.yaml:1", "SHAPE"),
        ("rules/definitions/group.yaml:1", "SHAPE"),
        ("rules/definitions/group.yaml:1", "SHAPE"),
        (f"{MEASURE}:11", "DOCUMENT"),
        (f"{MEASURE}:99", "CASE"),
    ]


def test_several_errors_of_one_file_are_told_together(folder: Path, words: Vocabulary) -> None:
    put(
        folder,
        MEASURE,
        edited(
            ("fact: insured_staff", "fact: insured_staf"),
            ('version: 1, date: "2026-01-10"', 'version: 1, date: "2026"'),
            ("insured_staff: 150", "insured_staff: 150辆"),
        ),
    )

    found = codes(issues_of(folder, words))

    assert [code for _, code in found] == ["FACT_UNKNOWN", "UNIT_UNKNOWN", "DATE_FORMAT"]


def test_one_bad_file_refuses_the_whole_folder(folder: Path, words: Vocabulary) -> None:
    put(
        folder,
        "rules/measures/city/INVENTED/invented_other.v1.yaml",
        edited(("id: invented_award", "id: invented_other"), ("status: active", "status: on_trial")),
    )

    with pytest.raises(RuleError) as caught:
        load(folder, words)

    assert len(caught.value.issues) == 1
    assert "on_trial" not in str(caught.value.issues[0].allowed)
    assert "draft、active、suspended、repealed" in caught.value.issues[0].allowed


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([('through: "2027-12-31"', "through: unknown"), ("status: active", "status: draft")], id="a draft of which no day in force was seen"),
        pytest.param([('yearly: {from: "09-01", through: "10-31"}', 'yearly: {from: "11-01", through: "01-31"}')], id="a yearly window over the turn of the year"),
        pytest.param([('apply_window:\n  yearly: {from: "09-01", through: "10-31"}\n', "")], id="a window nobody has seen"),
        pytest.param([("\n", "\r\n")], id="lines that end in CRLF"),
        pytest.param([("owner_unit: 示例局", "owner_unit: null")], id="an owner nobody has seen"),
        pytest.param([("verified: {conditions: page, benefit: page}", 'verified: {conditions: page, benefit: page, by: 张三, on: "2026-01-10"}')], id="verified by a person"),
        pytest.param([("    - stage\n    - equipment\n", "    - at_least: {n: 2, of: [stage, equipment]}\n")], id="at least two of two"),
        pytest.param([("    - stage\n    - equipment\n", '    - rows: {by: revenue_last, rows: [{less_than: "1亿元", then: stage}, {then: equipment}]}\n'), ("    blacklisted: {from", "    revenue_last: {from: [ENT], max_age_days: 366}\n    blacklisted: {from")], id="a group table"),
        pytest.param([("    - stage\n    - equipment\n", "    - if_applicable: {when: stage, then: equipment}\n")], id="a condition asked only where another holds")
    ],
)  # fmt: skip
def test_what_the_language_allows_loads(edits: list[Edit], folder: Path, words: Vocabulary) -> None:
    (folder / MEASURE).write_bytes(edited(*edits).encode())

    assert issues_of(folder, words) == []


def benefit(text: str) -> str:
    """The sound measure with another form of amount."""
    tiers = BASE[BASE.index("  tiers:\n") : BASE.index("  caps:\n")]
    return applied_for(edited((tiers, text), (', amount: "220万元"', ""), (', amount: "500万元"}}', "}}")))


@pytest.mark.parametrize(
    "text",
    [
        '  of: equipment_investment\n  rate: "8%"\n  floor: "1万元"\n  cap: "50万元"\n',
        '  increment: {of: revenue_last, over: rd_last, rate: "5%"}\n',
        '  interest: {principal: equipment_loan, rate: "2%", from: loan_issued_on, to: completed_on}\n',
        '  per_unit: {of: insured_staff, amount: "1000元", times: 12}\n',
        '  top_up: {to: "100万元", less: equipment_loan}\n',
        '  sum_of:\n    one: {of: equipment_investment, rate: "1%"}\n    two: {fixed: "10万元"}\n',
        '  best_of:\n    - {fixed: "10万元"}\n    - {of: equipment_loan, rate: "2%"}\n',
        '  choose:\n    by: enterprise_size\n    rows: [{is: large, fixed: "20万元"}, {is: medium, fixed: "10万元"}]\n',
        '  of: equipment_investment\n  choose:\n    when: [{condition: staff, rate: "8%"}, {otherwise: true, rate: "6%"}]\n',
    ],
)
def test_every_form_of_amount_loads(text: str, folder: Path, words: Vocabulary) -> None:
    put(folder, MEASURE, benefit(text))

    assert issues_of(folder, words) == []


def test_an_unreadable_successor_does_not_make_its_predecessor_wrong(folder: Path, words: Vocabulary) -> None:
    put(folder, MEASURE, edited(('through: "2027-12-31"', "through: superseded")))
    put(folder, MEASURE.replace("v1", "v2"), edited(("version: 1", "version: 2"), ("family: 奖补", "family: 奖金")))

    assert codes(issues_of(folder, words)) == [(MEASURE.replace("v1", "v2") + ":8", "SHAPE")]


def test_the_next_version_supersedes_to_the_day(folder: Path, words: Vocabulary) -> None:
    put(folder, MEASURE, edited(('through: "2027-12-31"', "through: superseded")))
    put(
        folder,
        MEASURE.replace("v1", "v2"),
        edited(("version: 1", "version: 2"), ('from: "2025-01-01"', 'from: "2026-03-01"')),
    )

    first, second = load(folder, words).rules

    assert first.validity.sure_through == second.validity.first - 1


def test_a_document_that_replaces_its_own_supersedes_a_measure(folder: Path, words: Vocabulary) -> None:
    put(folder, MEASURE, edited(('through: "2027-12-31"', "through: superseded")))
    put(
        folder,
        "corpus/documents/invented-2025-1.yaml",
        DOCUMENT.format(id="invented-2025-1") + "replaced_by: invented-2026-2\n",
    )
    put(
        folder,
        "corpus/documents/invented-2026-2.yaml",
        DOCUMENT.format(id="invented-2026-2").replace("2025-01-01", "2026-07-01"),
    )

    (rule,) = load(folder, words).rules

    assert rule.validity.last is not None
    assert rule.validity.last == rule.validity.sure_through


def test_an_error_in_a_definition_is_told_once_however_many_use_it(folder: Path, words: Vocabulary) -> None:
    shutil.copy(folder / MEASURE, folder / MEASURE.replace("award", "second"))
    put(folder, MEASURE.replace("award", "second"), edited(("id: invented_award", "id: invented_second")))
    put(
        folder,
        "rules/definitions/not_excluded.yaml",
        (SHIPPED / "definitions/not_excluded.yaml").read_text().replace("fact: blacklisted", "fact: blaklisted"),
    )

    found = issues_of(folder, words)

    assert codes(found) == [("rules/definitions/not_excluded.yaml:7", "FACT_UNKNOWN")]


def test_a_circle_of_definitions_is_told_once(folder: Path, words: Vocabulary) -> None:
    text = "schema: definition/1\nid: {id}\ntitle: 示例\nsource: 示例\nuse: [{other}]\nconditions:\n  sme: {{fact: is_sme, op: is, value: true}}\nholds_when: {{all: [sme, {other}]}}\n"
    put(folder, "rules/definitions/first.yaml", text.format(id="first", other="second"))
    put(folder, "rules/definitions/second.yaml", text.format(id="second", other="first"))

    assert codes(issues_of(folder, words)) == [("rules/definitions/first.yaml:5", "DEFINITION")]


def test_a_threshold_of_a_definition_wants_a_boundary_line_in_one_measure(folder: Path, words: Vocabulary) -> None:
    path = "rules/definitions/not_excluded.yaml"
    put(
        folder,
        path,
        (SHIPPED / "definitions/not_excluded.yaml")
        .read_text()
        .replace(
            "holds_when: {all: [",
            '  sales: {fact: revenue_last, op: at_least, value: "1亿元"}\nholds_when: {all: [sales, ',
        ),
    )
    evidence = ("    blacklisted: {from", "    revenue_last: {from: [ENT], max_age_days: 366}\n    blacklisted: {from")
    put(folder, MEASURE, edited(evidence))

    before = codes(issues_of(folder, words))
    put(
        folder,
        MEASURE,
        edited(
            evidence,
            (
                "boundaries:\n",
                "boundaries:\n  not_excluded.sales: {at: eligible, under: ineligible, missing: unknown}\n",
            ),
        ),
    )

    assert before == [(f"{path}:8", "BOUNDARY")]
    assert issues_of(folder, words) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text, ["STACKING_MISSING"]),
        (lambda text: text.replace("of: equipment_investment", "of: equipment_loan"), []),
        (lambda text: text.replace("status: active", "status: draft"), []),
        (lambda text: text.replace('through: "2027-12-31"', 'through: "2025-12-31"').replace('from: "2025-01-01"', 'from: "2025-03-01"').replace("2025-", "2024-"), []),
    ],
    ids=["one base", "two bases", "one is a draft", "never in force together"],
)  # fmt: skip
def test_two_measures_on_one_base_say_how_they_combine(
    change: Callable[[str], str], expected: list[str], folder: Path, words: Vocabulary
) -> None:
    alone = edited(("stacking:\n  once: project\n  scope: 同一项目\n", ""), ("by: [stacking]", "none: 见附件"))
    put(folder, MEASURE, alone)
    document = DOCUMENT.format(id="invented-2025-1").replace("2025-01-01", "2024-01-01")
    put(folder, "corpus/documents/invented-2025-1.yaml", document)
    other = change(applied_for(alone.replace("id: invented_award", "id: invented_second")))
    put(folder, MEASURE.replace("award", "second"), other.replace("id: invented-2024-1", "id: invented-2025-1"))

    assert [issue.code for issue in issues_of(folder, words)] == expected


@pytest.mark.parametrize(
    ("document_through", "through", "found"),
    [
        ("2027-12-31", "2027-12-31", []),
        ("2027-12-30", "2027-12-31", ["DOCUMENT_SPAN"]),
        ("2027-12", "2027-12-31", []),
        ("2027-12-31", "2028", ["DOCUMENT_SPAN"]),
        ("2027-06-30", "2027", []),
        ("2027-12-31", "open", ["DOCUMENT_SPAN"]),
        ("open", "open", []),
        ("unknown", "2027-12-31", []),
    ],
)
def test_a_measure_is_surely_in_force_on_no_day_after_its_document(
    document_through: str, through: str, found: list[str], folder: Path, words: Vocabulary
) -> None:
    document = DOCUMENT.format(id="invented-2025-1").replace("through: unknown", f'through: "{document_through}"')
    put(folder, "corpus/documents/invented-2025-1.yaml", document)
    put(folder, MEASURE, edited(('through: "2027-12-31"', f'through: "{through}"')))

    assert [issue.code for issue in issues_of(folder, words)] == found


def test_a_group_needs_two_measures_and_a_lone_member_is_told_which_groups_there_are(
    folder: Path, words: Vocabulary
) -> None:
    def member(name: str, group: str) -> None:
        grouped = edited(("id: invented_award", f"id: {name}"), ("  once: project\n", f"  exclusive: {group}\n"))
        put(folder, f"rules/measures/city/INVENTED/{name}.v1.yaml", grouped)

    member("invented_award", "equipment")
    member("invented_loan", "equipment")
    together = issues_of(folder, words)
    member("invented_prize", "equipmnt")
    (alone,) = issues_of(folder, words)

    assert together == []
    assert alone.code == "STACKING_ALONE"
    assert "invented_prize.v1.yaml" in alone.where
    assert alone.allowed == "equipment（invented_award、invented_loan）"


def test_a_group_is_not_judged_while_a_file_cannot_be_read(folder: Path, words: Vocabulary) -> None:
    grouped = ("  once: project\n", "  exclusive: equipment\n")
    put(folder, MEASURE, edited(grouped))
    other = edited(grouped, ("id: invented_award", "id: invented_loan"), ("family: 奖补", "family: 奖金"))
    put(folder, "rules/measures/city/INVENTED/invented_loan.v1.yaml", other)

    assert [issue.code for issue in issues_of(folder, words)] == ["SHAPE"]


def test_an_unknown_key_is_told_with_the_keys_that_its_place_knows(folder: Path, words: Vocabulary) -> None:
    put(folder, MEASURE, edited(("    op: at_least\n    value", "    operator: at_least\n    op: at_least\n    value")))

    (issue,) = issues_of(folder, words)

    assert issue.code == "KEY_UNKNOWN"
    assert {"fact", "op", "value", "except", "can_change"} <= set(issue.allowed.split("、"))


def test_a_draft_may_lack_what_its_author_still_owes(folder: Path, words: Vocabulary) -> None:
    put(
        folder,
        MEASURE,
        edited(
            ("by: [staff]", "none: 待写"),
            ("boundaries:\n  equipment: {at: eligible, under: ineligible, missing: unknown}\n", "boundaries:\n"),
        ),
    )

    strict = [issue.code for issue in issues_of(folder, words)]
    draft = load_rulebook(folder / "rules", folder / "corpus" / "documents", words, audited=False)

    assert strict == ["BOUNDARY", "CLAUSE_MISSING"]
    assert len(draft.rules) == 1


def test_a_folder_without_measures_is_refused(folder: Path, words: Vocabulary) -> None:
    (folder / MEASURE).unlink()

    assert [issue.code for issue in issues_of(folder, words)] == ["FOLDER"]


def test_a_file_that_is_too_large_is_refused(folder: Path, words: Vocabulary) -> None:
    put(folder, MEASURE, BASE + "# " + "x" * (256 * 1024))

    assert codes(issues_of(folder, words)) == [(f"{MEASURE}:1", "YAML_SIZE")]


def test_one_id_in_two_folders_of_the_register_is_refused(folder: Path, words: Vocabulary) -> None:
    put(folder, "corpus/documents/more/invented-2025-1.yaml", DOCUMENT.format(id="invented-2025-1"))

    assert codes(issues_of(folder, words)) == [("corpus/documents/more/invented-2025-1.yaml:2", "DUPLICATE_ID")]


@pytest.mark.parametrize(
    ("host", "found"),
    [("www.changzhou.gov.cn", []), ("gov.cn", []), ("gov.cn.example.org", ["SHAPE"]), ("fakegov.cn", ["SHAPE"])],
)
def test_only_official_pages_are_addresses_of_documents(
    host: str, found: list[str], folder: Path, words: Vocabulary
) -> None:
    address = f'official_url: "https://{host}/art/7.html"\n'
    put(folder, "corpus/documents/invented-2025-1.yaml", DOCUMENT.format(id="invented-2025-1") + address)

    assert [issue.code for issue in issues_of(folder, words)] == found
