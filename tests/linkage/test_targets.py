"""Links right, true pairs shown, few to a person: on the carried sample and on fresh worlds made with a seed."""

from __future__ import annotations

import csv
import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from linkage.dirt import world
from policy_match.exchange.project_rows import read_project_rows
from policy_match.linkage.compare import compare
from policy_match.linkage.link import link
from policy_match.linkage.normalise import Profile
from policy_match.linkage.records import Answer, Comparison, Decision

DATA = Path(__file__).resolve().parents[1] / "data"
PRECISION, SHOWN, REVIEWED = 0.995, 0.97, 0.25


def check(answers: list[Answer], truth: dict[str, str | None]) -> None:
    """The three targets."""
    links = [answer for answer in answers if answer.decision is Decision.LINK]
    pairs = [answer for answer in answers if truth[answer.other_id] is not None]
    right = sum(truth[answer.other_id] == answer.library_id for answer in links)
    shown = sum(truth[answer.other_id] == answer.library_id for answer in pairs)
    reviewed = sum(answer.decision is Decision.REVIEW for answer in answers)
    assert right >= PRECISION * len(links), [a for a in links if truth[a.other_id] != a.library_id]
    assert shown >= SHOWN * len(pairs)
    assert reviewed <= REVIEWED * len(answers)
    assert len(links) >= len(pairs) / 2


def test_the_carried_sample_meets_the_targets() -> None:
    with (DATA / "linkage_truth_dev.csv").open(encoding="utf-8-sig") as source:
        truth = {row["messy_id"]: row["project_id"] or None for row in csv.DictReader(source)}

    answers = link(
        read_project_rows(DATA / "library_for_linkage.csv").records,
        read_project_rows(DATA / "projects_messy_dev.csv").records,
    )

    assert len(answers) == len(truth) == 60
    check(answers, truth)


@pytest.mark.parametrize(("seed", "unknown_share"), [(20260301, 0.12), (20260302, 0.3)])
def test_fresh_worlds_meet_the_targets(seed: int, unknown_share: float) -> None:
    made = world(seed, 1500, unknown_share)

    check(link(made.library, made.others), made.truth)


TAILS = (
    "南区项目", "续建项目", "新增产线项目", "码头工程", "(2031)", "4号车间", "检测中心", "储能电站", "八期", "Ⅸ期", "(七期)扩建项目",
    "配套宿舍及食堂工程", "屋顶分布式光伏发电项目", "搬迁项目", "数字化车间", "总部大楼",
)  # fmt: skip


@pytest.mark.parametrize("tail", TAILS)
def test_another_work_beside_each_project_is_never_linked_without_a_code(tail: str) -> None:
    library = read_project_rows(DATA / "library_for_linkage.csv").records
    others = [
        replace(row, id=f"M{row.id}", name=row.name.removesuffix("项目") + tail, project_code="", source="工改系统")
        for row in library
    ]

    assert [answer for answer in link(library, others) if answer.decision is Decision.LINK] == []


def test_a_world_is_the_same_for_the_same_seed_and_has_strangers_of_every_kind() -> None:
    made = world(7, 600, 0.5)

    assert made == world(7, 600, 0.5)
    kinds = {done.split(";")[0] for identity, done in made.done.items() if made.truth[identity] is None}
    assert kinds == {"phase", "extension", "support", "sister", "works", "namesake", "other"}


def test_of_a_large_library_a_record_is_compared_with_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(3, 1000)
    copies = [
        replace(row, id=f"{row.id}-{copy}", name=row.name[:2] + letter + row.name[2:], project_code="")
        for copy, letter in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅")
        for row in made.library
    ][: 3000 - len(made.library)]

    compared = []

    def counted(row: Profile, record: Profile) -> Comparison:
        compared.append(1)
        return compare(row, record)

    monkeypatch.setattr(importlib.import_module("policy_match.linkage.link"), "compare", counted)
    answers = link([*made.library, *copies], made.others)

    assert len(answers) == 1000
    assert 0 < len(compared) < 0.01 * 1000 * 3000
