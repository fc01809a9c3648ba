"""A new draft: it lies in its place, holds every part, passes the check, and nothing is written where it is refused."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from policy_match.eligibility.schema import Measure
from policy_match.errors import RuleError, UsageError
from policy_match.workflows.check_rules import check_rules
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.start_rule import Wish, draft, start_rule

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "corpus"
SHIPPED = Path("measures/national/STANDARD/above_scale_industry.v1.yaml")
TODAY = date(2026, 8, 31)
SAID = Wish(document="czbf-2025-6")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rule folder with one measure."""
    folder = tmp_path / "rules"
    (folder / SHIPPED).parent.mkdir(parents=True)
    shutil.copy(ROOT / "rules" / "facts.yaml", folder)
    shutil.copy(ROOT / "rules" / SHIPPED, folder / SHIPPED)
    return folder


def start(rules: Path, measure_id: str = "new_award", wish: Wish = SAID) -> Path:
    return start_rule(measure_id, wish, rules=rules, corpus=CORPUS, today=TODAY)


def test_the_shipped_rules_pass_the_check_with_a_new_draft_among_them(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))

    place = start(rules)

    assert place == rules / "measures" / "city" / "CZ2025" / "new_award.v1.yaml"
    rulebook = check_rules(rules, CORPUS)
    (draft,) = [rule for rule in rulebook.rules if rule.id == "new_award"]
    assert draft.measure.status == "draft"
    assert "new_award" not in rulebook.ids


def test_every_registered_document_gives_a_draft_that_loads(rules: Path) -> None:
    documents = open_rulebook(rules, CORPUS).documents

    for number, document in enumerate(documents.values()):
        place = (rules / SHIPPED).with_name(f"draft_{number}.v1.yaml")
        place.write_text(draft(f"draft_{number}", document, "示范措施", TODAY), "utf-8")

    drafted = [rule for rule in check_rules(rules, CORPUS).rules if rule.measure.status == "draft"]
    assert sorted(rule.document.id for rule in drafted) == sorted(documents)


def test_every_part_of_a_measure_is_in_the_file_below_a_chinese_comment(rules: Path) -> None:
    lines = start(rules).read_text("utf-8").splitlines()

    keys = [line.partition(":")[0] for line in lines if line[0].isalpha()]
    assert keys == [field.alias or name for name, field in Measure.model_fields.items()]
    own_words = {"schema", "id", "title", "next_review_on"}
    for above, line in pairwise(lines):
        if line[0].isalpha() and line.partition(":")[0] not in own_words:
            assert above.startswith("#"), line


def test_what_the_author_has_to_write_is_refused_once_the_draft_is_in_force(rules: Path) -> None:
    place = start(rules)
    text = place.read_text("utf-8")
    left = [number for number, line in enumerate(text.splitlines(), 1) if "待填" in line and line[0] != "#"]
    seen = text.replace("through: unknown", "through: open")
    place.write_text(seen.replace("status: draft", "status: active"), "utf-8")

    with pytest.raises(RuleError) as caught:
        check_rules(rules, CORPUS)

    found = [int(i.where.rpartition(":")[2]) for i in caught.value.issues if i.code == "PLACEHOLDER"]
    assert len(left) > 4
    assert found == left


def test_a_new_package_is_taken_from_the_document_that_names_it(rules: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(CORPUS / "taxonomies", corpus / "taxonomies")
    shutil.copytree(CORPUS / "documents", corpus / "documents")
    path = corpus / "documents" / "scale-industry.yaml"
    path.write_text(path.read_text("utf-8") + "package: SCALE\n", "utf-8")

    wish = Wish(document="scale-industry")
    place = start_rule("new_award", wish, rules=rules, corpus=corpus, today=TODAY)

    assert place.parent.name == "SCALE"


def test_dates_come_from_the_clock_and_the_document_and_what_is_unseen_stays_unseen(rules: Path) -> None:
    start(rules, wish=Wish(document="czbf-2025-6", level="district", package="STANDARD", title='"甲": #1 {乙}'))

    rule = next(rule for rule in open_rulebook(rules, CORPUS).rules if rule.id == "new_award")
    measure = rule.measure
    assert (rule.level, rule.package, measure.title) == ("district", "STANDARD", '"甲": #1 {乙}')
    assert (measure.reviewed_on, measure.next_review_on) == ("2026-08-31", "2027-02-28")
    assert (measure.effective.from_, measure.effective.through) == ("2025-02-01", "2028-01-31")
    assert (measure.owner_unit, measure.verified.conditions, measure.verified.benefit) == (None, "recalled", "unseen")


def test_a_package_with_one_document_is_enough(rules: Path) -> None:
    assert start(rules, wish=Wish(package="CZ2025")).parent.name == "CZ2025"


@pytest.mark.parametrize(
    ("measure_id", "wish", "told"),
    [
        ("New", SAID, "格式不对"),
        ("ab", SAID, "3 至 61 个字符"),
        ("../../../etc", SAID, "格式不对"),
        ("new_award\n", SAID, "格式不对"),
        ("above_scale_industry", SAID, "已有这个编号的措施"),
        ("new_award", Wish(), "没有写依据哪份文件"),
        ("new_award", Wish(package="CX20"), "czbf-2023-13"),
        ("new_award", Wish(package="CZ20"), "允许：CZ2025"),
        ("new_award", Wish(document="czbf-2025-7"), "czbf-2025-6"),
        ("new_award", Wish(document="scale-industry"), "corpus/documents/scale-industry.yaml 加一行 package: 包名"),
        ("new_award", Wish(document="scale-industry"), "新包另在 corpus/entries/packages.yaml 登记"),
        ("new_award", Wish(document="czbf-2025-6", package="../CZ2025"), "格式不对"),
        ("new_award", Wish(document="czbf-2025-6", package="SHINY"), "czbf-2025-6.yaml 加一行 package: SHINY"),
        ("new_award", Wish(document="czbf-2025-6", level="cty"), "允许：city"),
        ("new_award", Wish(document="czbf-2025-6", title=" "), "名称是空的"),
        ("new_award", Wish(document="czbf-2025-6", title="甲\n乙"), "不可见的字符"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(measure_id: str, wish: Wish, told: str, rules: Path) -> None:
    before = sorted(rules.rglob("*"))

    with pytest.raises(UsageError, match=told):
        start(rules, measure_id, wish)

    assert sorted(rules.rglob("*")) == before


def test_a_second_start_leaves_the_first_file_alone(rules: Path) -> None:
    place = start(rules)
    written = place.read_text("utf-8")

    with pytest.raises(UsageError, match="已有这个编号"):
        start(rules, wish=Wish(document="czbf-2025-6", level="zone"))

    assert place.read_text("utf-8") == written
