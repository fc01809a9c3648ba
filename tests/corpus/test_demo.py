"""The demonstration library: reproducible, invented in every name and code, coherent, and enough to show every measure."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from showing import TODAY, lacking

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.cells import Cause, Cell, Item, Items, Possible
from policy_match.facts.read import usable
from policy_match.facts.subjects import Kind, Subject, known_facts
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import DISTRICTS, check_uscc
from policy_match.units import Band
from policy_match.workflows.match import Matching

ROOT = Path(__file__).resolve().parents[2]
SCRIPT, LIBRARY = ROOT / "scripts" / "make_demo.py", ROOT / "corpus" / "demo" / "subjects.jsonl"
SOURCE = ROOT / "corpus" / "sources" / "demo.yaml"
YI = 10**10


@pytest.fixture(scope="module")
def demo(vocabulary: Vocabulary) -> dict[str, Subject]:
    """The library as the product reads it, no row refused."""
    loaded = read_subjects(LIBRARY, vocabulary)
    assert (loaded.refusals, loaded.notes) == ((), ())
    return {subject.id: subject for subject in loaded.subjects}


def test_every_active_version_has_a_subject_for_each_kind_of_answer(
    rulebook: Rulebook, demo: dict[str, Subject]
) -> None:
    lacks = lacking(rulebook, list(demo.values()))

    assert lacks == [], "\n".join(f"{key}: {kind}" for key, kind in lacks)


def test_what_no_subject_shows_is_named(rulebook: Rulebook, demo: dict[str, Subject]) -> None:
    lacks = lacking(rulebook, [demo["D022"]])

    kinds = {kind for key, kind in lacks if key == "hightech_enterprise.v1"}
    assert kinds == {"eligible", "ineligible", "near_miss"}


@pytest.mark.parametrize("day", [TODAY, date(2027, 11, 25)])
def test_forty_pairs_and_more_are_eligible_with_an_amount_now_and_a_year_later(
    rulebook: Rulebook, demo: dict[str, Subject], day: date
) -> None:
    matching = Matching(rulebook, list(demo.values()), day)

    lines = matching.lines(verdicts=frozenset({Verdict.ELIGIBLE}))

    assert sum(line.amount is not None and line.amount.high_fen != 0 for line in lines) >= 40


# the file


def test_the_script_makes_the_library_byte_for_byte(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), str(SOURCE), str(tmp_path / "again.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "again.jsonl").read_bytes() == LIBRARY.read_bytes()


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{kind: enterprise, name: 常州某某有限公司}", "D001 的名称应以“示范”开头"),
        ("{kind: enterprise, name: 示范甲, without: [status]}", "D001 没有可去掉的事实：status"),
        ("{kind: enterprise, name: 示范甲, facts: {statu: 存续}}", "statu"),
    ],
)
def test_a_source_that_cannot_be_taken_is_refused_and_nothing_is_written(
    tmp_path: Path, written: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "demo.yaml", tmp_path / "subjects.jsonl"
    source.write_text(f"profiles: {{}}\nsubjects:\n  D001: {written}\n", encoding="utf-8")

    code = runpy.run_path(str(SCRIPT))["main"]([str(source), str(target)])

    assert code == 2
    assert told in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize("command", ["match", "facts", "ask"])
def test_the_commands_take_every_row(
    command: str, tmp_path: Path, called: Callable[[Sequence[str], Path], subprocess.CompletedProcess[str]]
) -> None:
    done = called([command, str(LIBRARY), "--as-of", TODAY.isoformat()], tmp_path)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    key = "subject" if command == "match" else "id"
    assert {line[key] for line in lines} == {
        json.loads(line)["id"] for line in LIBRARY.read_text(encoding="utf-8").splitlines()
    }


# what it holds


def option(subject: Subject, fact: str) -> str | None:
    """The known option of a choice, flag or code of the subject's own line or its firm's."""
    value = subject.cells[fact].value if fact in subject.cells else None
    return value.single if isinstance(value, Possible) else None


def exactly(subject: Subject, fact: str) -> int | None:
    """The number of a fact that is known exactly: money in 分, dates as ordinals."""
    value = subject.cells[fact].value if fact in subject.cells else None
    return int(value.low) if isinstance(value, Band) and value.is_exact and value.low is not None else None


def of_kind(demo: Mapping[str, Subject], kind: Kind) -> list[Subject]:
    return [subject for subject in demo.values() if subject.kind is kind]


def names(subject: Subject, fact: str) -> set[str]:
    value = subject.cells[fact].value if fact in subject.cells else None
    return {item.name for item in value.items} if isinstance(value, Items) else set()


def test_every_subject_shows_that_it_is_invented(demo: dict[str, Subject]) -> None:
    assert all((subject.name or "").startswith("示范") for subject in demo.values())
    assert all(subject.id[0] == "D" for subject in demo.values())


def test_credit_codes_are_valid_unique_and_of_the_reserved_range(demo: dict[str, Subject]) -> None:
    codes = [subject.enterprise or "" for subject in of_kind(demo, Kind.ENTERPRISE)]

    assert len(set(codes)) == len(codes)
    assert all(check_uscc(code) == code and code[8:14] == "MAYYYY" for code in codes)


def test_projects_and_persons_belong_to_firms_of_the_library(demo: dict[str, Subject]) -> None:
    firms = {firm.id for firm in of_kind(demo, Kind.ENTERPRISE)}
    others = [subject for subject in demo.values() if subject.kind is not Kind.ENTERPRISE and subject.enterprise]

    assert {subject.enterprise for subject in others} <= firms
    assert len(others) >= 30


def test_the_library_spans_districts_stages_kinds_tiers_sizes_and_tracks(
    demo: dict[str, Subject], vocabulary: Vocabulary
) -> None:
    projects, firms = of_kind(demo, Kind.PROJECT), of_kind(demo, Kind.ENTERPRISE)
    sums = {exactly(project, "total_investment") for project in projects}
    sizes = {known_facts(firm, vocabulary, TODAY)["enterprise_size"].value for firm in firms}

    assert {option(project, "district") for project in projects} >= set(DISTRICTS)
    assert {option(firm, "registered_region") for firm in firms} >= set(DISTRICTS)
    assert {option(project, "stage") for project in projects} >= set(vocabulary["stage"].options)
    assert {option(project, "project_kind") for project in projects} >= {"新招引", "技改"}
    assert set().union(*(names(project, "track") for project in projects)) == set(vocabulary["track"].options)
    assert sizes >= {Possible.only(size) for size in ("large", "medium", "small", "micro")}
    for yi in (1, 10, 30, 50, 100):
        assert any(yi * YI <= (sum_ or 0) for sum_ in sums)
        assert any(yi * YI > (sum_ or 0) >= yi * YI * 995 // 1000 for sum_ in sums), f"{yi}亿元之下"
        assert yi * YI in sums


def test_figures_of_a_project_agree_with_one_another(demo: dict[str, Subject]) -> None:
    falling = ("total_investment", "equipment_investment", "equipment_loan")
    for project in of_kind(demo, Kind.PROJECT):
        known = [value for fact in falling if (value := exactly(project, fact)) is not None]
        loan, total = exactly(project, "fixed_asset_loan"), exactly(project, "total_investment")

        assert known == sorted(known, reverse=True), project.id
        assert loan is None or total is None or (exactly(project, "equipment_loan") or 0) <= loan <= total, project.id


def test_dates_of_a_project_are_in_order_and_end_with_its_stage(
    demo: dict[str, Subject], vocabulary: Vocabulary
) -> None:
    stages = vocabulary["stage"].options
    facts = ("signed_on", "approved_on", "started_on", "completed_on", "produced_on")
    for project in of_kind(demo, Kind.PROJECT):
        dates = {fact: project.cells[fact].value for fact in facts if fact in project.cells}
        days = [(band.low, band.high) for band in dates.values() if isinstance(band, Band)]
        stage = option(project, "stage")

        assert all(low is not None and high is not None and high <= TODAY.toordinal() for low, high in days)
        assert days == sorted(days), project.id
        assert not dates or max(map(facts.index, dates)) == stages.index(stage or ""), project.id


def test_nothing_is_dated_after_the_day_on_which_it_was_taken_down(demo: dict[str, Subject]) -> None:
    for subject in demo.values():
        for fact, cell in subject.cells.items():
            ends = [item.granted for item in items(cell)] + ([cell.value] if fact.endswith("_on") else [])
            latest = max((band.high or 0 for band in ends if isinstance(band, Band)), default=0)

            assert cell.observed_on is None or latest <= cell.observed_on.toordinal(), (subject.id, fact)


def test_loans_are_paid_out_after_their_contract_and_approval(demo: dict[str, Subject]) -> None:
    for project in of_kind(demo, Kind.PROJECT):
        steps = ("approved_on", "loan_signed_on", "loan_issued_on")
        days = [day for fact in steps if (day := exactly(project, fact)) is not None]

        assert days == sorted(days), project.id


def test_yearly_figures_of_a_firm_agree_with_one_another(demo: dict[str, Subject], vocabulary: Vocabulary) -> None:
    firms = [firm for firm in of_kind(demo, Kind.ENTERPRISE) if "revenue_by_year" in firm.cells]
    for firm in firms:
        known = {name: cell.value for name, cell in known_facts(firm, vocabulary, TODAY).items()}

        assert known["sales_last"] == known["revenue_last"] == known["annual_sales"], firm.id
        rd = [exactly(firm, fact) or 0 for fact in ("rd_prev", "rd_last", "rd_total_2y")]
        assert "rd_prev" not in firm.cells or rd[0] + rd[1] == rd[2], firm.id
        assert (exactly(firm, "main_revenue") or 0) <= (exactly(firm, "revenue_last") or 0), firm.id
        assert (exactly(firm, "sci_staff") or 0) <= (exactly(firm, "staff_total") or 0), firm.id
        assert known["staff_year_average"] == known["staff_total"], firm.id
        assert known["assets_year_average"] == known["total_assets"], firm.id
    assert len(firms) >= 18


def causes(demo: Mapping[str, Subject], vocabulary: Vocabulary, day: date) -> set[tuple[str, str, Cause | None]]:
    """Every fact that was said and may not be used on a day, with its cause."""
    found = set()
    for subject in demo.values():
        for fact, cell in subject.cells.items():
            fresh = usable(vocabulary[fact], cell, day, vocabulary)
            if cell.value is not None and fresh.value is None:
                found.add((subject.id, fact, fresh.cause))
    return found


def test_nothing_goes_stale_that_was_not_stale_from_the_start(demo: dict[str, Subject], vocabulary: Vocabulary) -> None:
    now, later = causes(demo, vocabulary, TODAY), causes(demo, vocabulary, date(2036, 11, 25))

    assert now == later
    assert {cause for _, _, cause in now} == {Cause.STALE, Cause.PURPOSE, Cause.WEAK_SOURCE}


def test_some_subjects_show_conflicts_bands_coarse_codes_and_partial_dates(
    demo: dict[str, Subject], vocabulary: Vocabulary
) -> None:
    known = {subject.id: known_facts(subject, vocabulary, TODAY) for subject in demo.values()}
    cells = [cell for facts in known.values() for cell in facts.values()]
    bands = [cell.value for cell in cells if isinstance(cell.value, Band) and not cell.value.is_exact]

    assert any(cell.cause is Cause.CONFLICT for cell in cells)
    assert any(option(subject, "industry_code") == "C38" for subject in demo.values())
    assert any(exactly(project, "signed_on") is None and "signed_on" in project.cells for project in demo.values())
    assert len(bands) >= 5


def test_some_titles_end_within_the_quarter(demo: dict[str, Subject]) -> None:
    ends = [
        item.through.high - TODAY.toordinal()
        for firm in of_kind(demo, Kind.ENTERPRISE)
        for item in items(firm.cells.get("honours"))
        if item.through is not None and item.through.high is not None
    ]

    assert any(0 <= days <= 90 for days in ends)
    assert any(days < 0 for days in ends)


def items(cell: Cell | None) -> tuple[Item, ...]:
    return cell.value.items if cell is not None and isinstance(cell.value, Items) else ()


def test_every_fact_has_a_register_and_one_of_those_that_may_give_it(
    demo: dict[str, Subject], vocabulary: Vocabulary
) -> None:
    for subject in demo.values():
        for fact, cell in subject.cells.items():
            assert cell.source in (*vocabulary[fact].registers, "FAI", "TEXT"), (subject.id, fact)
