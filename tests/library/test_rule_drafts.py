"""Drafts of rules: started from a page or a measure, written by their author alone, judged as a file, handed in for two others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from releasing import EQ, amount, at, by, folder, measure, opened, shelved, verdict, with_project
from rows import audited

from policy_match.errors import Conflict, Forbidden, NotFound, RuleError, UsageError
from policy_match.store import releases
from policy_match.strict_yaml import read_text
from policy_match.workflows.activate_rules import approve_release, record_first
from policy_match.workflows.draft_fields import Object, part, parts
from policy_match.workflows.fill_draft import add_cases
from policy_match.workflows.library_names import DEMO, REAL
from policy_match.workflows.open_archive import Archive, last_change
from policy_match.workflows.read_draft import Checked, Draft, check_authored, find_draft, find_drafts
from policy_match.workflows.read_records import View
from policy_match.workflows.save_draft import close_draft, read_source, save_draft
from policy_match.workflows.start_draft import copy_draft, start_from_document, start_from_measure
from policy_match.workflows.submit_draft import Wish, submit_draft
from policy_match.workflows.suggest_draft_cases import propose_cases
from policy_match.workflows.weigh_draft import weigh_draft

DAY = "2025-05-20"
PAGE = """常州市人民政府办公室文件
常政办发〔2025〕99号
关于示例设备贷款奖励的若干措施
第一条 对企业设备贷款500万元以上的，按设备贷款的10%给予奖励，单个项目最高200万元。
第二条 对新认定的企业，给予一次性奖励50万元。
第三条 本措施自2025年1月1日起施行，有效期至2027年12月31日。
常州市人民政府办公室
2024年12月20日
"""


@pytest.fixture
def small(archive: Archive, tmp_path: Path) -> Archive:
    """An archive that begins with one version of one measure."""
    made = shelved(archive, folder(tmp_path / "own", measure()))
    record_first(made, at("2025-01-02"))
    return made


def draft_of(archive: Archive, number: int, library: str = REAL) -> Draft:
    with archive.database.reading() as session:
        return find_draft(session, library, number)


def checked(archive: Archive, number: int) -> Checked:
    return check_authored(archive, draft_of(archive, number), View(date.fromisoformat(DAY)))


def began(archive: Archive, way: str = "next", who: str = "industry") -> int:
    (number,) = start_from_measure(archive, EQ, way, by(who, DAY)).numbers
    return number


def written(archive: Archive, number: int, data: Object, who: str = "industry") -> None:
    draft = draft_of(archive, number)
    save_draft(archive, number, data, draft.document, seen=draft.row_version, by=by(who, DAY))


def ready(archive: Archive, way: str = "same", **changed: str) -> int:
    """A draft that lacks nothing."""
    number = began(archive, way)
    data = draft_of(archive, number).measure
    text = measure(2 if way == "next" else 1, **({"begins": "2025-06-01"} if way == "next" else {}) | changed)
    new = read_text(text, "x").data
    assert isinstance(new, dict)
    written(archive, number, {**data, **new, "status": "draft"})
    return number


def test_a_draft_of_the_next_version_begins_after_the_one_in_force_and_lacks_a_word_on_why(small: Archive) -> None:
    number = began(small)
    draft = draft_of(small, number)

    assert (draft.id, draft.version, draft.state, draft.author) == (EQ, 2, "编写中", "industry")
    assert draft.measure["status"] == "draft"
    (issue,) = checked(small, number).issues
    assert (issue.code, "待填" in issue.what) == ("PLACEHOLDER", True)
    assert issue.where.startswith(f"rules/measures/city/NOTICE/{EQ}.v2.yaml:") or f"{EQ}.v2.yaml:" in issue.where


def test_a_page_gives_a_draft_for_each_clause_that_gives_something_with_the_registration(small: Archive) -> None:
    begun = start_from_document(small, "page.txt", PAGE.encode(), by("industry", DAY))
    first = draft_of(small, begun.numbers[0])

    assert len(begun.numbers) == 2
    assert part(first.measure, "benefit")["kind"] == "cash"
    assert first.document is not None and first.document["number"] == "常政办发〔2025〕99号"
    assert checked(small, first.number).rule is not None
    again = start_from_document(small, "page.txt", PAGE.encode(), by("industry", DAY))
    ids = {draft_of(small, one).id for one in (*begun.numbers, *again.numbers)}
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("page.exe", b"x", "DOCUMENT_KIND"),
        ("page.txt", b" ", "DOCUMENT_EMPTY"),
        ("page.txt", "说明".encode(), "DRAFT_NONE"),
    ],
)
def test_what_is_no_page_starts_nothing_and_is_called_by_its_own_name(
    small: Archive, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(UsageError) as refused:
        start_from_document(small, name, content, by("industry", DAY))

    assert refused.value.issues[0].code == code
    assert refused.value.issues[0].where == name
    with small.database.reading() as session:
        assert find_drafts(session, REAL) == ()


def test_only_its_author_writes_a_draft_and_nobody_over_what_they_have_not_seen(small: Archive) -> None:
    number = began(small)
    data = draft_of(small, number).measure

    with pytest.raises(Forbidden, match="草案是"):
        save_draft(small, number, data, None, seen=1, by=by("industry-2", DAY))
    save_draft(small, number, data | {"title": "新名称"}, None, seen=1, by=by("industry", DAY))
    with pytest.raises(Conflict, match="别处又保存过"):
        save_draft(small, number, data, None, seen=1, by=by("industry", DAY))

    assert draft_of(small, number).title == "新名称"
    assert draft_of(small, number).row_version == 2


def test_who_may_not_draft_the_measure_or_any_rule_starts_nothing(small: Archive) -> None:
    with pytest.raises(Forbidden):
        began(small, who="talent")
    with pytest.raises(Forbidden):
        began(small, who="treasury")
    with pytest.raises(UsageError, match=EQ):
        start_from_measure(small, "eq_awrd", "next", by("industry", DAY))


def test_drafts_stay_in_their_library_and_change_nothing_that_is_decided(small: Archive) -> None:
    before = last_change(small)
    number = began(small)
    written(small, number, draft_of(small, number).measure)

    with pytest.raises(NotFound):
        draft_of(small, number, DEMO)
    assert last_change(small) == before
    assert len(audited(small, "rule.draft")) == len(audited(small, "rule.draft_save")) == 1


def test_a_draft_that_was_given_up_is_listed_no_more_and_cannot_be_written(small: Archive) -> None:
    number = began(small)
    close_draft(small, number, by("industry", DAY))

    with small.database.reading() as session:
        assert find_drafts(session, REAL) == ()
    with pytest.raises(Conflict, match="已放弃"):
        close_draft(small, number, by("industry", DAY))


def test_a_whole_text_must_be_yaml_of_the_same_measure_and_version(small: Archive) -> None:
    number = began(small)
    text = draft_of(small, number).text

    assert (
        read_source(text.replace("\n", "\r\n"), number, small, by("industry", DAY)) == draft_of(small, number).measure
    )
    for wrong, code in (
        (text.replace("version: 2", "version: 3", 1), "DRAFT_ID"),
        ("a: [", "YAML_SYNTAX"),
        ("- a", "DRAFT_ID"),
    ):
        with pytest.raises(UsageError) as refused:
            read_source(wrong, number, small, by("industry", DAY))
        assert refused.value.issues[0].code == code


def test_faults_name_the_line_of_the_field_that_they_are_about(small: Archive) -> None:
    number = ready(small)
    data = draft_of(small, number).measure
    written(
        small, number, {**data, "conditions": {"equipment": {"fact": "no_such", "op": "at_least", "value": "500万元"}}}
    )

    found = checked(small, number)
    (issue,) = (one for one in found.issues if one.code == "FACT_UNKNOWN")
    line = int(issue.where.rpartition(":")[2])
    assert found.document.lines[("conditions", "equipment", "fact")] == line
    assert found.rulebook is None and found.rule is None


def test_a_draft_is_weighed_against_what_it_replaces_and_nothing_is_stored(small: Archive) -> None:
    code = with_project(small)
    number = ready(small, least="5000万元")
    before = last_change(small)

    simulation = weigh_draft(checked(small, number), opened(small, DAY))

    assert simulation is not None
    assert (simulation.weighed.total.lost, simulation.weighed.total.gained) == (1, 0)
    assert simulation.weighed.total.before.low_fen > simulation.weighed.total.cost.low_fen == 0
    assert last_change(small) == before
    assert verdict(opened(small, DAY), code) == "eligible"


def test_cases_are_proposed_without_their_answers_and_never_while_one_comes_out_otherwise(small: Archive) -> None:
    number = ready(small)
    data = draft_of(small, number).measure
    written(small, number, {key: value for key, value in data.items() if key != "cases"})
    (first,) = propose_cases(checked(small, number))
    assert (first.like, first.facts, first.as_of) == ("", {"equipment_loan": "500万元"}, "2024-09-01")

    case: Object = {
        "name": "一",
        "as_of": first.as_of,
        "facts": first.facts,
        "expect": {"verdict": "eligible", "amount": "50万元"},
    }
    written(small, number, add_cases(draft_of(small, number).measure, [case]))
    more = propose_cases(checked(small, number))
    assert more and all(one.like for one in more) and any("equipment_loan" in one.facts for one in more)

    wrong: Object = {**case, "name": "二", "expect": {"verdict": "ineligible"}}
    written(small, number, add_cases(draft_of(small, number).measure, [wrong]))
    assert [failure.situation for failure in checked(small, number).failures] == ["二"]
    assert propose_cases(checked(small, number)) == ()


def test_a_draft_handed_in_decides_after_two_others_agreed_and_not_before(small: Archive) -> None:
    code = with_project(small)
    number = ready(small, cap="1万元")

    step = submit_draft(small, number, Wish("上限下调"), by("industry", DAY))

    assert draft_of(small, number).state == "待批准"
    assert [rule.measure.key for rule in step.change.touched] == [f"{EQ}.v1", f"{EQ}.v1"] or step.change.touched
    with pytest.raises(Forbidden, match="提出人"):
        approve_release(small, step.activation.id, by("industry", DAY))
    approve_release(small, step.activation.id, by("industry-2", DAY))
    before = amount(opened(small, DAY), code)
    approve_release(small, step.activation.id, by("industry-3", DAY))
    assert draft_of(small, number).state == "已批准"
    assert amount(opened(small, DAY), code) == 100_0000 != before


def test_the_version_before_ends_where_the_next_one_begins(small: Archive) -> None:
    number = ready(small, "next", cap="300万元", begins="2025-06-01")

    step = submit_draft(small, number, Wish("新的一版", date(2025, 5, 20)), by("industry", DAY))
    for who in ("industry-2", "industry-3"):
        approve_release(small, step.activation.id, by(who, DAY))

    with small.database.reading() as session:
        rules = small.shelf.rulebook(session, step.activation.release).versions(EQ)
    assert [rule.measure.version for rule in rules] == [1, 2]
    assert rules[0].validity.last == date(2025, 5, 31).toordinal()


def test_nothing_is_handed_in_while_something_is_lacking(small: Archive) -> None:
    number = began(small)
    with pytest.raises(RuleError, match="还没有填"):
        submit_draft(small, number, Wish("太早"), by("industry", DAY))

    other = ready(small)
    data = draft_of(small, other).measure
    cases = [part(data, "cases", at_) for at_, _ in enumerate(parts(data, "cases"))]
    cases[0]["expect"] = {"verdict": "ineligible"}
    written(small, other, {**data, "cases": [*cases]})
    with pytest.raises(UsageError, match="不符"):
        submit_draft(small, other, Wish("算例错"), by("industry", DAY))
    with pytest.raises(UsageError, match="没有写原因"):
        submit_draft(small, ready(small, cap="2万元"), Wish(" "), by("industry", DAY))
    assert draft_of(small, other).state == "编写中"


def test_what_was_handed_in_goes_on_as_another_draft(small: Archive) -> None:
    number = ready(small, cap="1万元")
    submit_draft(small, number, Wish("上限下调"), by("industry", DAY))

    with pytest.raises(Conflict, match="待批准"):
        written(small, number, draft_of(small, number).measure)
    (again,) = copy_draft(small, number, by("industry", DAY)).numbers
    assert draft_of(small, again).measure == draft_of(small, number).measure
    assert draft_of(small, again).is_open


def test_a_new_measure_brings_the_registration_of_its_document_into_the_release(small: Archive) -> None:
    number = start_from_document(small, "page.txt", PAGE.encode(), by("industry", DAY)).numbers[0]
    draft = draft_of(small, number)
    assert draft.document is not None
    text = read_text(measure(), "x").data
    assert isinstance(text, dict)
    document_id = str(draft.document["id"])
    new: Object = {
        **text,
        "id": draft.id,
        "status": "draft",
        "document": {"id": document_id},
        "effective": {"from": "2025-01-01", "through": "2027-12-31"},
    }
    new = {
        **new,
        "stacking": {"unwritten": "文件没有写能否同享"},
        "cases": [{**part(new, "cases", 0), "as_of": "2025-05-20"}, {**part(new, "cases", 1), "as_of": "2025-05-20"}],
    }
    save_draft(small, number, new, draft.document, seen=1, by=by("industry", DAY))
    with pytest.raises(UsageError, match="文件包"):
        submit_draft(small, number, Wish("新文件"), by("industry", DAY))

    save_draft(small, number, new, {**draft.document, "package": "NEWDOC"}, seen=2, by=by("industry", DAY))
    step = submit_draft(small, number, Wish("新文件"), by("industry", DAY))

    with small.database.reading() as session:
        names = releases.texts(session, step.activation.release)
    assert f"corpus/documents/{document_id}.yaml" in names
    assert f"rules/measures/city/NEWDOC/{draft.id}.v1.yaml" in names
