"""What a draft would do: counted once for each beneficiary, equal to the sum of single explanations, never zero for unknown."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.benefits.budget import Cost, Tally, firm_cap
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import RuleError, UsageError
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.vocabulary import Vocabulary
from policy_match.workflows.group_subjects import groupings_of
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.simulate_draft import simulate_file
from policy_match.workflows.weigh_rules import Weighing

ROOT = Path(__file__).resolve().parents[2]
RULES, CORPUS = ROOT / "rules", ROOT / "corpus"
HNTE = RULES / "measures/district/WUJIN/wujin_hnte_award.v1.yaml"
DAY = date(2023, 6, 15)
WAN = 10**6
OPEN = (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN)
Told = dict[str, object]


def firm(number: int, event: str | None = "首次认定高企", region: str | None = "320412") -> Told:
    given = {"registered_region": region, "hnte_event": event}
    return {"id": f"E{number}", "kind": "enterprise", "facts": {k: v for k, v in given.items() if v is not None}}


def project(number: int, of: str, **facts: object) -> Told:
    return {"id": f"P{number}", "kind": "project", "enterprise": of, "facts": {"stage": "开工"} | facts}


def library(place: Path, *subjects: Told) -> Path:
    path = place / "subjects.jsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in subjects), "utf-8")
    return path


def drafted(place: Path, *edits: tuple[str, str], of: Path = HNTE) -> Path:
    """A shipped measure file with some texts changed, under another name and elsewhere."""
    text = of.read_text("utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    path = place / "我的草案.yaml"
    path.write_text(text, "utf-8")
    return path


def told(capsys: pytest.CaptureFixture[bytes], draft: Path, subjects: Path, as_of: date = DAY) -> dict[str, object]:
    simulate_file(draft, subjects, rules=RULES, corpus=CORPUS, as_of=as_of, out=None, form="json")
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


# against single explanations


def singly(matches: Iterable[Match], cap: int | None) -> tuple[set[str], Cost]:
    """Who is eligible and what it costs, one explanation after the other."""
    of: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        of[match.beneficiary].append(match)
    firms: dict[str, list[tuple[int, int]]] = defaultdict(list)
    unknown = 0
    for key, own in of.items():
        held = [one for one in own if one.verdict in OPEN]
        if not held or held[0].rule.measure.benefit is None or held[0].rule.measure.benefit.kind != "cash":
            continue
        unknown += any(one.amount is None or one.amount.high_fen is None for one in held)
        lows = [one.amount.low_fen for one in held if one.amount is not None and one.verdict is Verdict.ELIGIBLE]
        highs = [one.amount.high_fen or 0 for one in held if one.amount is not None]
        subject = own[0].subject
        whose = key if cap is None else subject.enterprise or subject.enterprise_name or key
        firms[whose].append((max(lows, default=0), max(highs, default=0)))
    most = float("inf") if cap is None else cap
    ends = [tuple(min(most, sum(column)) for column in zip(*pairs, strict=True)) for pairs in firms.values()]
    eligible = {key for key, own in of.items() if any(one.verdict is Verdict.ELIGIBLE for one in own)}
    return eligible, Cost(int(sum(low for low, _ in ends)), int(sum(high for _, high in ends)), unknown)


@pytest.fixture(scope="module")
def demo(rulebook: Rulebook, vocabulary: Vocabulary) -> Matching:
    subjects = read_subjects(CORPUS / "demo" / "subjects.jsonl", vocabulary).subjects
    return Matching(rulebook, subjects, date(2026, 3, 10))


def matches_of(matching: Matching, rule: Rule) -> list[Match]:
    decision = matching.deciding.decide(rule)
    rows = [row for row, one in enumerate(matching.subjects) if matching.concerns(rule, one.kind)]
    return [matching.match(decision, row) for row in rows]


def test_counts_and_cost_of_every_shipped_measure_are_those_of_single_explanations(demo: Matching) -> None:
    weighing, paid = Weighing(demo, demo), 0
    for measure in demo.rulebook.ids:
        rule = demo.rulebook.at(measure, demo.as_of)
        eligible, cost = singly(matches_of(demo, rule), firm_cap(rule))
        found = weighing.tally(None, rule)
        assert (measure, found.gained, found.eligible, found.cost) == (measure, len(eligible), len(eligible), cost)
        paid += cost.low_fen > 0
    assert paid >= 3


def test_gained_and_lost_between_versions_are_those_of_single_explanations(demo: Matching) -> None:
    weighing, moved = Weighing(demo, demo), 0
    for measure in demo.rulebook.ids:
        versions = demo.rulebook.versions(measure)
        for old, new in pairwise(versions):
            had, has = (singly(matches_of(demo, rule), None)[0] for rule in (old, new))
            found = weighing.tally(old, new)
            assert (measure, found.gained, found.lost) == (measure, len(has - had), len(had - has))
            moved += found.gained + found.lost
    assert moved > 0


def test_the_groups_of_each_way_add_up_to_the_whole(demo: Matching) -> None:
    weighing = Weighing(demo, demo)
    groupings = groupings_of(demo.table, load_lifecycle(RULES / "lifecycle.yaml"))
    for measure in demo.rulebook.ids:
        found = weighing.weigh(None, demo.rulebook.at(measure, demo.as_of), groupings)
        for way, groups in found.by.items():
            assert (measure, way, sum(groups.values(), Tally())) == (measure, way, found.total)


# drafts


def test_a_draft_replaces_the_measure_of_its_id(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    subjects = library(tmp_path, firm(1), firm(2, region="320411"), firm(3, "整体迁入"))
    draft = drafted(
        tmp_path,
        ('value: "320412"', 'value: "320411"'), ("45万元", "60万元"), ("status: active", "status: draft"),
        ("version: 1\n", "version: 7\n"), ("changes: [{version: 1", "changes: [{version: 7"),
    )  # fmt: skip

    found = told(capsysbinary, draft, subjects)

    assert found["drafts"] == [{"id": "wujin_hnte_award", "version": 7, "replaces": 1}]
    assert (found["gained"], found["lost"], found["eligible"], found["subjects"]) == (1, 1, 1, 3)
    assert (found["low_fen"], found["high_fen"]) == (60 * WAN, 60 * WAN)
    assert found["before"] == {
        "eligible": 1, "low_fen": 45 * WAN, "high_fen": 45 * WAN, "known_high_fen": 45 * WAN, "amount_unknown": 0,
    }  # fmt: skip
    districts = found["by"]["district"]
    assert [(name, one["gained"], one["lost"]) for name, one in districts.items()] == [
        ("新北区", 1, 0),
        ("武进区", 0, 1),
    ]


def test_a_draft_with_a_new_id_is_new(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    draft = drafted(tmp_path, ("id: wujin_hnte_award", "id: wujin_new_award"))

    found = told(capsysbinary, draft, library(tmp_path, firm(1), firm(2)))

    assert found["drafts"] == [{"id": "wujin_new_award", "version": 1, "replaces": None}]
    assert (found["gained"], found["lost"], found["low_fen"]) == (2, 0, 90 * WAN)
    assert found["before"]["eligible"] == found["before"]["high_fen"] == 0


def test_a_draft_that_begins_later_is_weighed_as_if_it_had_begun(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    subjects = library(tmp_path, firm(1))
    draft = drafted(tmp_path, ('from: "2022"', 'from: "2030-01-01"'), (', seen_in_force_on: ["2023-11-20"]', ""), ("status: active", "status: draft"))  # fmt: skip

    loaded = simulate_file(draft, subjects, rules=RULES, corpus=CORPUS, as_of=DAY, out=None, form="json")

    assert json.loads(capsysbinary.readouterr().out)["eligible"] == 1
    assert loaded.notes == ("wujin_hnte_award.v1 自 2030-01-01 起施行，这里按已经施行测算",)


def test_of_a_folder_only_what_differs_is_weighed_and_a_draft_where_it_was_changed(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    text = HNTE.read_text("utf-8").replace("45万元", "60万元")
    (folder / HNTE.relative_to(RULES)).write_text(text, "utf-8")
    (path,) = (one for one in (folder / "measures").rglob("*.yaml") if "\nstatus: draft" in one.read_text("utf-8"))
    title = re.search(r"\ntitle: (.+)", text := path.read_text("utf-8"))
    assert title is not None
    path.write_text(text.replace(title[1], "改过的名称"), "utf-8")

    found = told(capsysbinary, folder, library(tmp_path, firm(1)))

    assert {one["id"] for one in found["drafts"]} == {"wujin_hnte_award", path.name.partition(".")[0]}
    assert (found["low_fen"], found["before"]["low_fen"]) == (60 * WAN, 45 * WAN)


def test_a_draft_of_an_older_version_stands_beside_the_one_that_supersedes_it(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], rulebook: Rulebook
) -> None:
    old = next(
        rule for rule in rulebook.rules
        if rule.measure.effective.through == "superseded" and rule is not rulebook.versions(rule.id)[-1]
    )  # fmt: skip
    file = RULES / "measures" / old.level / old.package / f"{old.measure.key}.yaml"
    day = date.fromordinal(old.validity.sure_from)

    found = told(capsysbinary, drafted(tmp_path, of=file), library(tmp_path, firm(1)), day)

    assert found["drafts"] == [{"id": old.id, "version": old.measure.version, "replaces": old.measure.version}]
    assert (found["gained"], found["lost"]) == (0, 0)


def test_unknown_facts_make_an_interval_and_never_a_zero(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    subjects = library(tmp_path, firm(1), firm(2, event=None), firm(3, region=None), firm(4, region="320400"))

    found = told(capsysbinary, drafted(tmp_path), subjects)

    assert (found["eligible"], found["unknown"]) == (1, 3)
    # E2 may have any of 10, 45 and 20 万元; E3 and E4 may have 45.
    assert (found["low_fen"], found["high_fen"]) == (45 * WAN, 4 * 45 * WAN)
    assert found["by"]["tier"] == {"未知": found["by"]["tier"]["未知"]}


def test_an_amount_without_an_upper_end_leaves_the_total_without_one(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    draft = drafted(tmp_path, ("choose: {by: hnte_event, rows: [{is: 新进入高企培育库, fixed: \"10万元\"}, {is: 首次认定高企, fixed: \"45万元\"}, {is: 再次认定高企, fixed: \"20万元\"}]}", 'of: revenue_last\n  rate: "1%"'),
                    *((f', amount: "{amount}万元"', "") for amount in (10, 45, 20)))  # fmt: skip
    rich = firm(2)
    rich["facts"]["revenue_last"] = "1亿元"

    found = told(capsysbinary, draft, library(tmp_path, firm(1), rich))

    assert (found["eligible"], found["amount_unknown"]) == (2, 1)
    assert (found["low_fen"], found["high_fen"], found["known_high_fen"]) == (100 * WAN, None, 100 * WAN)


def test_two_projects_of_one_firm_count_its_award_once(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    subjects = library(tmp_path, firm(1), project(1, "E1"), project(2, "E1", total_investment="12亿元"), firm(2))

    found = told(capsysbinary, drafted(tmp_path, ("id: wujin_hnte_award", "id: wujin_new_award")), subjects)

    assert (found["gained"], found["subjects"], found["low_fen"], found["high_fen"]) == (2, 4, 90 * WAN, 90 * WAN)


def test_an_award_of_a_firm_is_counted_where_the_firm_is_registered(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    facts = {"registered_region": "320412", "hnte_event": "首次认定高企", "district": "溧阳市"}
    subjects = library(tmp_path, {"id": "P1", "kind": "project", "enterprise": "E9", "facts": facts})

    found = told(capsysbinary, drafted(tmp_path), subjects)

    assert list(found["by"]["district"]) == ["武进区"]


def test_a_firm_that_one_project_names_by_code_and_another_by_id_is_one(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    code = "91320412MAYYYY0160"
    subjects = library(tmp_path, firm(1) | {"enterprise": code}, project(1, "E1"), project(2, code))

    found = told(capsysbinary, drafted(tmp_path, ("id: wujin_hnte_award", "id: wujin_new_award")), subjects)

    assert (found["gained"], found["low_fen"]) == (1, 45 * WAN)


def test_a_cap_per_enterprise_holds_over_its_projects(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    rounding = '  rounding: {to: "1元", mode: floor}'
    capped = f'  caps: [{{amount: "60万元", per: enterprise_year}}]\n{rounding}'
    draft = drafted(tmp_path, ("target: enterprise", "target: project"), ("id: wujin_hnte_award", "id: wujin_project"), (rounding, capped))  # fmt: skip
    subjects = library(tmp_path, firm(1), project(1, "E1"), project(2, "E1"), project(3, "E2"))
    other = {"registered_region": "320412", "hnte_event": "再次认定高企"}
    with subjects.open("a", encoding="utf-8") as file:
        file.write(json.dumps(project(4, "E3", **other), ensure_ascii=False) + "\n")

    found = told(capsysbinary, draft, subjects)

    # E1 and its two projects share 60; P3 knows nothing of its firm and may have 45; P4 has 20.
    assert (found["eligible"], found["unknown"]) == (4, 1)
    assert (found["low_fen"], found["high_fen"]) == (80 * WAN, 125 * WAN)


def test_a_measure_for_persons_counts_persons(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    draft = drafted(tmp_path, ("target: enterprise", "target: person"), ("id: wujin_hnte_award", "id: wujin_person"))
    people: list[Told] = [firm(number) | {"kind": "person", "id": f"R{number}"} for number in (1, 2)]

    found = told(capsysbinary, draft, library(tmp_path, firm(1), *people))

    assert (found["gained"], found["subjects"]) == (2, 3)


def test_a_faulty_draft_is_refused_with_its_file_and_line(tmp_path: Path) -> None:
    draft = drafted(tmp_path, ("op: one_of", "op: one_off"))
    line = next(n for n, text in enumerate(draft.read_text("utf-8").splitlines(), start=1) if "one_off" in text)

    with pytest.raises(RuleError) as refused:
        simulate_file(draft, library(tmp_path, firm(1)), rules=RULES, corpus=CORPUS, as_of=DAY, out=None, form=None)

    assert [issue.where for issue in refused.value.issues] == [f"{draft}:{line}"]


def test_a_draft_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="没有这个草案"):
        simulate_file(tmp_path / "x.yaml", library(tmp_path, firm(1)), rules=RULES, corpus=CORPUS, as_of=DAY, out=None, form=None)  # fmt: skip


def test_people_read_a_table_and_excel_opens_the_workbook(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    subjects, draft, out = library(tmp_path, firm(1)), drafted(tmp_path), tmp_path / "测算.xlsx"

    simulate_file(draft, subjects, rules=RULES, corpus=CORPUS, as_of=DAY, out=None, form=None)
    simulate_file(draft, subjects, rules=RULES, corpus=CORPUS, as_of=DAY, out=out, form=None)

    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert (
        lines[0] == "测算，以 2023-06-15 为准，1 个主体：《武进区高新技术企业奖励》（wujin_hnte_award.v1，替换第 1 版）"
    )
    assert lines[2] == "  合计  0  0  1  1  0  0  45万元  45万元  0"
    book = CalamineWorkbook.from_path(out)
    assert book.sheet_names == ["合计", "按地区", "按投资体量", "按行业", "按企业规模"]
    assert book.get_sheet_by_name("按地区").to_python()[2][:2] == ["武进区", "0"]
