"""A document becomes law by the commands: page, drafts, cases, difference in yuan, two signatures, in force on a day, undone."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import law
import pytest
import yaml
from releasing import EQ, ROOT, folder, measure
from servers import emptied_database

from policy_match.cli import main

Run = Callable[..., tuple[int, str, str]]
PAGES = ROOT / "tests" / "data" / "pages"
NOTICE = ROOT / "corpus" / "documents" / "czbf-2024-37.yaml"
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
PROJECT = PLACE | {"stage": "竣工", "equipment_investment": "3000万元", "equipment_loan": "3000万元"}


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


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty database of each kind, that the commands find."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'law.db'}"
    else:
        address = emptied_database(request.getfixturevalue("server"), "law")
    monkeypatch.setenv("POLICY_MATCH_DATABASE_URL", address)


def given(facts: dict[str, str]) -> list[str]:
    return [word for name, value in facts.items() for word in ("--fact", f"{name}={value}")]


def with_project(run: Run) -> str:
    """One project of a firm, entered on 28 December; its code."""
    named = ("--name", "示范设备项目", "--firm", "示范一厂", "--source", "DEPT", "--fact", "blacklisted=false")
    code, said, _ = run("project", "add", *named, *given(PROJECT), on="2026-12-28")
    assert code == 0
    return said.strip()


def agreed(run: Run, number: int, on: str) -> str:
    """Two of 市工信局 agree; what the second is told."""
    assert run("rules", "approve", number, "--by", "industry", on=on)[0] == 0
    code, said, _ = run("rules", "approve", number, "--by", "industry-2", on=on)
    assert code == 0
    return said


def lines(run: Run, as_of: str, on: str) -> dict[str, dict[str, object]]:
    """The match lines of a day that are eligible, by measure."""
    said = run("library", "match", "--as-of", as_of, "--verdicts", "eligible", on=on)[1]
    return {line["measure"]: line for line in map(json.loads, said.splitlines())}


def paid(line: dict[str, object]) -> object:
    amount = line["amount"]
    return amount["high_fen"] if isinstance(amount, dict) else None


def test_a_page_becomes_a_registration_and_a_draft_for_each_clause_that_gives(filed: Desk, run: Run) -> None:
    document = yaml.safe_load((filed.extracted / "document.yaml").read_text("utf-8"))

    articles = [clause["article"] for clause in document["clauses"] if clause["article"].endswith("条")]
    assert (len(articles), document["number"], document["effective_from"]) == (30, "常政规〔2026〕930号", "2027-01-01")
    assert sorted(path.name for path in (filed.extracted / "measures").iterdir()) == DRAFTED
    assert "8份草稿不判断" in run("rules", "check", rules=filed.draft)[1].replace(" ", "")


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


@pytest.mark.usefixtures("empty")
def test_it_is_in_force_on_its_day_by_two_signatures_and_undone_the_same_way(complete: Desk, run: Run) -> None:
    project = with_project(run)
    proposed = run(
        "rules", "activate", complete.draft, "--from", "2027-01-01", "--reason", "示范新政策", "--by", "development",
        on="2026-12-28",
    )  # fmt: skip
    waiting = lines(run, "2027-01-01", "2026-12-28")
    own = run("rules", "approve", 2, "--by", "development", on="2026-12-28")
    second = agreed(run, 2, "2026-12-28")
    eve, day = lines(run, "2026-12-31", "2027-01-01"), lines(run, "2027-01-01", "2027-01-01")
    first, new = [json.loads(line) for line in run("rules", "releases", "--format", "json")[1].splitlines()]
    undone = run(
        "rules", "activate", str(first["hash"])[:12], "--reason", "退回", "--by", "development", on="2027-01-03"
    )
    agreed(run, 3, "2027-01-03")
    back, still = lines(run, "2027-01-03", "2027-01-03"), lines(run, "2027-01-02", "2027-01-03")

    assert (proposed[0], own[0], undone[0]) == (0, 4, 0)
    assert f"{EQUIPMENT} 需资金：没有这项 → 220万元" in proposed[1]
    assert f"{EQUIPMENT} 需资金：220万元 → 没有这项" in undone[1]
    assert f"已批准第 2 号：规则版本 {str(new['hash'])[:12]} 自 2027-01-01 起施行" in second
    assert waiting.keys() == eve.keys() == back.keys() == {EQ}
    assert day.keys() == still.keys() == {EQ, EQUIPMENT}
    assert {line["release"] for line in (*eve.values(), *back.values())} == {first["hash"]}
    assert {line["release"] for line in (*day.values(), *still.values())} == {new["hash"]}
    assert (day[EQUIPMENT]["subject"], paid(day[EQUIPMENT])) == (project, 220_0000_00)
