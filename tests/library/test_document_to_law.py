"""A document becomes law by the commands: page, drafts, cases, difference in yuan, two signatures, in force on a day, undone."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import law
import pytest
import yaml
from releasing import EQ, ROOT, at, by, folder, measure, proposed, shelved
from rows import row, seen, taken

from policy_match.benefits.budget import Cost
from policy_match.cli import main
from policy_match.errors import Forbidden
from policy_match.exchange.subjects import read_subjects
from policy_match.release import Activation
from policy_match.workflows.activate_rules import Step, approve_release, record_first
from policy_match.workflows.library_names import REAL
from policy_match.workflows.match import Matching
from policy_match.workflows.match_library import match_library
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.simulate_draft import Drafts, simulate
from policy_match.workflows.weigh_rules import Weighing

Run = Callable[..., tuple[int, str, str]]
PAGES = ROOT / "tests" / "data" / "pages"
EQUIPMENT, SERVICE = "czg-2026-930-5", "czg-2026-930-19"
DRAFTED = sorted(f"czg-2026-930-{article}.v1.yaml" for article in (5, 7, 8, 11, 14, 15, 17, 18))
MEASURES = law.part(law.completion(), "measures")
FIRM = {"registered_region": "320412", "blacklisted": False}
PLACE = {"district": "320412", "industry_code": "C3562", "total_investment": "2亿元"}
LOAN = {"loan_signed_on": "2027-01-01", "central_interest_subsidy": False, "fixed_asset_loan": "5000万元"}
SUBJECTS = (
    {
        "id": "示范一厂",
        "kind": "enterprise",
        "facts": FIRM
        | {"rd_by_year": ["300万元", "400万元", "500万元"], "revenue_by_year": ["1亿元", "1亿元", "1亿元"]}
        | {"rd_last": "500万元", "insured_net_increase": 30, "scale_entry_event": "无"}
        | {"hnte_event": "首次认定高企", "recognised_on": "2027-01-01"},
    },
    {
        "id": "示范一厂设备",
        "enterprise": "示范一厂",
        "facts": PLACE | LOAN | {"stage": "竣工", "equipment_investment": "3000万元", "loan_rate": "4%"},
    },
    {"id": "示范二厂", "kind": "enterprise", "facts": FIRM | {"blacklisted": True}},
    {
        "id": "示范二厂厂房",
        "enterprise": "示范二厂",
        "facts": PLACE | LOAN | {"stage": "开工", "equipment_investment": "3000万元", "loan_rate": "6%"},
    },
)
PROJECT = PLACE | {
    "stage": "竣工",
    "equipment_investment": "3000万元",
    "equipment_loan": "3000万元",
    "blacklisted": "false",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the walk happens: what the page became, the rules in use, the copy that is worked on, the register."""

    extracted: Path
    rules: Path
    draft: Path
    corpus: Path

    @property
    def place(self) -> Path:
        """The folder of the document's measures in the copy."""
        return self.draft / "measures" / "city" / "SF"


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A rule folder in use, and a copy of it to work on, with nothing of the document yet."""
    place = tmp_path_factory.mktemp("law")
    rules = folder(place, measure())
    shutil.copytree(ROOT / "rules" / "definitions", rules / "definitions")
    shutil.copytree(rules, place / "draft")
    return Desk(place / "extracted", rules, place / "draft", place / "corpus")


@pytest.fixture
def run(laid: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command at 10:00 of a day; `rules`: the rule folder of the program."""

    def run(*arguments: object, on: str = "2026-11-29", rules: Path = laid.rules) -> tuple[int, str, str]:
        monkeypatch.setenv("POLICY_MATCH_RULES", str(rules))
        monkeypatch.setenv("POLICY_MATCH_CORPUS", str(laid.corpus))
        monkeypatch.setenv("POLICY_MATCH_NOW", f"{on}T10:00:00+08:00")
        monkeypatch.setattr(sys, "argv", ["policy-match", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(str(ended.value.code or 0)), said.out, said.err

    return run


@pytest.fixture
def filed(laid: Desk, run: Run) -> Desk:
    """The page read, the registration and the drafts put into the folders, the service started by hand."""
    if not laid.extracted.exists():
        assert run("extract", PAGES / "thirty.html", "--out", laid.extracted)[0] == 0
        law.filed(laid.extracted, laid.draft, laid.corpus)
        assert run("rules", "new", SERVICE, "--document", "czg-2026-930", rules=laid.draft)[0] == 0
    return laid


@pytest.fixture
def complete(filed: Desk) -> Desk:
    """Every measure written out, with its cases."""
    law.written(filed.place)
    return filed


@pytest.fixture
def in_use(archive: Archive, laid: Desk) -> Archive:
    """An archive that begins with the rule folder in use, with one project entered on 28 December."""
    made = shelved(archive, laid.rules)
    record_first(made, at("2026-12-01"))
    when = at("2026-12-28")
    clean = (seen(made, "blacklisted", "否", "DEPT", when),)
    entered = row(made, "示范设备项目", source="DEPT", when=when, facts=PROJECT, firm_observations=clean)
    taken(made, entered, source="DEPT", when=when)
    return made


def agreed(archive: Archive, number: int, on: str) -> Activation:
    """Two of 市工信局 agree."""
    approve_release(archive, number, by("industry", on, "11:00"))
    return approve_release(archive, number, by("industry-2", on, "12:00")).activation


def lines(archive: Archive, as_of: str, on: str, out: Path) -> dict[str, dict[str, object]]:
    """The match lines of a day that are eligible, by measure."""
    view = View.of(date.fromisoformat(as_of), None, at(on, "13:00"))
    match_library(archive, REAL, view, measures=None, verdicts=["eligible"], out=out, form="jsonl")
    found = {line["measure"]: line for line in map(json.loads, out.read_text("utf-8").splitlines())}
    out.unlink()
    return found


def test_s43_a_page_becomes_a_registration_and_a_draft_for_each_clause_that_gives(filed: Desk, run: Run) -> None:
    document = yaml.safe_load((filed.extracted / "document.yaml").read_text("utf-8"))

    articles = [clause["article"] for clause in document["clauses"] if clause["article"].endswith("条")]
    assert (len(articles), document["number"], document["effective_from"]) == (30, "常政规〔2026〕930号", "2027-01-01")
    assert sorted(path.name for path in (filed.extracted / "measures").iterdir()) == DRAFTED
    assert run("rules", "check", rules=filed.draft)[0] == 0


def test_what_nobody_completed_cannot_be_made_active(filed: Desk, run: Run, tmp_path: Path) -> None:
    hurried = tmp_path / "hurried"
    shutil.copytree(filed.draft, hurried)
    shutil.copy(filed.extracted / "measures" / f"{EQUIPMENT}.v1.yaml", hurried / "measures" / "city" / "SF")
    law.edit(hurried / "measures" / "city" / "SF" / f"{EQUIPMENT}.v1.yaml", {"status": "active"})

    code, _, told = run("rules", "check", rules=hurried)

    assert code == 2
    assert f"{EQUIPMENT}.v1.yaml" in told


def test_cases_are_drafted_a_first_one_and_then_those_that_are_wanting(filed: Desk, run: Run) -> None:
    path = filed.place / f"{EQUIPMENT}.v1.yaml"
    hand = law.part(MEASURES, EQUIPMENT)
    law.written(filed.place, cases=False)
    (first,) = yaml.safe_load(run("rules", "suggest-cases", path)[1])
    law.edit(path, {"cases": [hand["cases"][0]], "boundaries": hand["boundaries"]})  # type: ignore[index]
    wanting = yaml.safe_load(run("rules", "suggest-cases", path)[1])
    law.written(filed.place)

    assert (first["as_of"], first["expect"]) == ("2027-01-01", {"verdict": None, "amount": None})
    assert first["facts"] == hand["cases"][0]["facts"]  # type: ignore[index,call-overload]
    assert {name for case in wanting for name in case["facts"]} == {
        "stage", "industry_code", "district", "blacklisted", "equipment_investment",
    }  # fmt: skip
    assert all(case["like"] == "刚够" and case["expect"]["verdict"] is None for case in wanting)
    assert run("rules", "suggest-cases", path)[1] == "# 现有用例已能发现每一处变异\n"


def test_the_completed_rules_are_faultless_and_every_mutant_is_noticed(complete: Desk, run: Run) -> None:
    checked = run("rules", "check", rules=complete.draft)
    code, said, _ = run("rules", "test", "--measures", ",".join(MEASURES), "--format", "json", rules=complete.draft)

    proofs = [json.loads(line) for line in said.splitlines()]
    assert (checked[0], code) == (0, 0)
    assert {proof["id"]: proof["grade"] for proof in proofs} == dict.fromkeys(MEASURES, "A")


def test_the_difference_is_known_in_yuan_before_anything_is_in_force(complete: Desk, run: Run, tmp_path: Path) -> None:
    subjects = tmp_path / "subjects.jsonl"
    subjects.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in SUBJECTS), "utf-8")

    code, said, told = run(
        "simulate", complete.draft, "--subjects", subjects, "--as-of", "2026-12-01", "--format", "json"
    )

    found = json.loads(said)
    assert code == 0
    assert "自 2027-01-01 起施行，这里按已经施行测算" in told
    assert [one["id"] for one in found["drafts"]] == sorted(MEASURES, key=lambda one: str(one))
    # 设备 1500万×8% + 1000万×10%，研发 500万×5%，高企 20万，用工 30×1000，贷款 5000万×1%；保险未填，0 至上限 50万。
    assert (found["low_fen"], found["high_fen"]) == (318_0000_00, 368_0000_00)
    assert (found["gained"], found["lost"], found["before"]["high_fen"]) == (6, 0, 0)


def test_s43_it_is_in_force_on_its_day_by_two_signatures_and_undone_the_same_way(
    in_use: Archive, complete: Desk, tmp_path: Path
) -> None:
    out = tmp_path / "lines.jsonl"
    step = proposed(in_use, complete.draft, by(on="2026-12-28"), since=date(2027, 1, 1))
    waiting = lines(in_use, "2027-01-01", "2026-12-28", out)
    with pytest.raises(Forbidden, match="提出人不能批准自己的提案"):
        approve_release(in_use, step.activation.id, by(on="2026-12-28", hour="10:30"))
    new = agreed(in_use, step.activation.id, "2026-12-28")
    eve, day = lines(in_use, "2026-12-31", "2027-01-01", out), lines(in_use, "2027-01-01", "2027-01-01", out)
    old = in_use.shelf.hash
    undone = proposed(in_use, old[:12], by(on="2027-01-03"))
    agreed(in_use, undone.activation.id, "2027-01-03")
    back, still = lines(in_use, "2027-01-03", "2027-01-03", out), lines(in_use, "2027-01-02", "2027-01-03", out)

    assert (new.release, new.since, new.approved_at) == (
        step.activation.release,
        date(2027, 1, 1),
        at("2026-12-28", "12:00"),
    )
    assert cost_of(step) == (None, 220_0000_00)
    assert cost_of(undone) == (220_0000_00, None)
    assert waiting.keys() == eve.keys() == back.keys() == {EQ}
    assert day.keys() == still.keys() == {EQ, EQUIPMENT}
    assert {line["release"] for line in (*waiting.values(), *eve.values(), *back.values())} == {old}
    assert {line["release"] for line in (*day.values(), *still.values())} == {new.release}
    assert law.part(day[EQUIPMENT], "amount")["high_fen"] == 220_0000_00  # type: ignore[arg-type]


def cost_of(step: Step) -> tuple[int | None, int | None]:
    """What the award for equipment costs before and after, 分; None where the rules have no such measure."""
    (found,) = (one for one in step.change.found.costs if one.measure == EQUIPMENT)
    return tuple(None if cost is None else cost.high_fen for cost in (found.before, found.after))  # type: ignore[return-value]


def test_s43_the_notice_is_registered_already_and_its_services_cost_nothing(
    laid: Desk, run: Run, tmp_path: Path
) -> None:
    code, said, _ = run("extract", PAGES / "notice.txt", "--out", tmp_path / "notice")
    drafts = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((tmp_path / "notice" / "measures").iterdir())]
    rulebook = open_rulebook(ROOT / "rules", ROOT / "corpus")
    ours = [rule for rule in rulebook.rules if rule.measure.document.id == "czbf-2024-37"]
    subjects = read_subjects(ROOT / "corpus" / "demo" / "subjects.jsonl", rulebook.vocabulary).subjects
    matching = Matching(rulebook, subjects, date(2026, 11, 28))
    found = simulate(Drafts(rulebook, tuple((None, rule) for rule in ours)), Weighing(matching, matching), {})

    assert code == 0
    assert "文件登记：已有 czbf-2024-37" in said
    assert not (tmp_path / "notice" / "documents").exists()
    assert {(draft["benefit"]["kind"], draft["mode"], draft["status"]) for draft in drafts} == {
        ("service", "service", "draft")
    }
    assert len(drafts) == 8 and len(ours) > len(drafts)
    assert found.weighed.total.gained > 0
    assert found.weighed.total.cost == Cost()
