"""Organisation as data, its liaisons, and what it lacks."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from care import by, filled, with_agent
from rows import LIBRARY, audited, day, told

from policy_match.errors import Forbidden, NotFound, RuleError, UsageError
from policy_match.exchange.organisation import load_organisation
from policy_match.identifiers import DISTRICTS
from policy_match.lifecycle.table import LEAD
from policy_match.workflows.list_gaps import NO_AGENT, NO_LIAISON, NO_PRIMARY, STALE, Gap, list_gaps
from policy_match.workflows.name_liaison import Liaison, check_liaison, name_liaison
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_organisation import open_organisation
from policy_match.workflows.read_records import View

TEXT = (Path(__file__).resolve().parents[2] / "rules" / "organisation.yaml").read_text("utf-8")
DAY = day("2025-03-31")


def written(archive: Archive, text: str, folder: Path) -> Archive:
    """The archive with other words in its organisation."""
    (folder / "organisation.yaml").write_text(text, encoding="utf-8")
    return replace(archive, rules=folder)


def liaison(archive: Archive, unit: str, holder: str = "张三", **more: object) -> str:
    asked = {"since": day("2025-01-06")} | more
    return name_liaison(archive, Liaison(unit, holder, **asked), by())  # type: ignore[arg-type]


def gaps(archive: Archive, about: str, on: str = "2025-03-31") -> list[str]:
    return [gap.what for gap in list_gaps(archive, LIBRARY, View(day(on))) if gap.about == about]


def test_the_groups_are_marked_as_our_reading_and_hold_the_three_leads(one_archive: Archive) -> None:
    organisation = open_organisation(one_archive)

    assert "我们的读法" in organisation.reading
    groups = {group.id: group.units for group in organisation.groups}
    assert (groups["G1"], set(groups["G3"])) == (("市发改委",), {"市商务局", "市发改委", "市工信局"})
    assert not set(groups["GX"]) & set(groups["G3"])
    assert set(organisation.levels) == {"CITY", "DISTRICT", "PARK", "TOWN"}


def test_nothing_that_somebody_must_do_is_without_a_unit(one_archive: Archive) -> None:
    organisation, table = open_organisation(one_archive), one_archive.table
    owners = [step.owner for step in table.milestones]
    owners += [cause.owner for cause in table.tickets.causes.values() if cause.owner != LEAD]

    assert [(role, region) for role in owners for region in DISTRICTS if not organisation.unit_of(role, region)] == []
    assert organisation.unit_of("district", "320412") == "武进区人民政府"
    assert organisation.unit_of("district", None) is None


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ("G1: {meaning: 总牵头, units: [市发改委]}", "G1: {meaning: 总牵头, units: [市发展委]}", "ORG_UNIT", "G1:"),
        ("  power: 国网常州供电公司\n", "", "ORG_EMPTY", "responsibility:"),
        ("  finance: 市金融监管局\n", '  finance: ""\n', "SHAPE", "finance:"),
        ("  labour: 市人社局", "  workers: 市人社局", "ORG_ROLE", "workers:"),
        ("  power: 国网常州供电公司", "  district: 国网常州供电公司", "ORG_ROLE", "district:"),
        ("  - {region: 天宁区, unit: 天宁区人民政府, level: DISTRICT}\n", "", "ORG_EMPTY", "areas:"),
        ("region: 天宁区,", "region: 天宁市,", "REGION_UNKNOWN", "天宁市"),
        ("unit: 钟楼区人民政府, level: DISTRICT", "unit: 钟楼区人民政府, level: VILLAGE", "SHAPE", "VILLAGE"),
        ("TOWN: 乡镇和街道}", "TOWN: 乡镇和街道}\ntowns: []", "KEY_UNKNOWN", "towns:"),
    ],
)
def test_a_broken_organisation_is_refused_with_its_fault_at_its_line(
    one_archive: Archive, tmp_path: Path, old: str, new: str, code: str, at: str
) -> None:
    assert TEXT.count(old) == 1
    broken = TEXT.replace(old, new)
    line = broken[: broken.index(at)].count("\n") + 1

    with pytest.raises(RuleError) as caught:
        open_organisation(written(one_archive, broken, tmp_path))

    assert (code, str(line)) in [(issue.code, issue.where.rpartition(":")[2]) for issue in caught.value.issues]
    assert all(re.search(r"[\u4e00-\u9fff]", issue.what) for issue in caught.value.issues)


def test_groups_are_edited_without_code(one_archive: Archive, tmp_path: Path) -> None:
    edited = TEXT.replace("units: [市商务局, 市发改委, 市工信局]", "units: [市商务局, 市数据局]")

    groups = {g.id: g.units for g in open_organisation(written(one_archive, edited, tmp_path)).groups}

    assert groups["G3"] == ("市商务局", "市数据局")


def test_a_folder_without_the_file_says_so(one_archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_organisation(tmp_path / "organisation.yaml", one_archive.table, one_archive.vocabulary.taxonomies)


def test_a_unit_has_one_primary_liaison_and_others_beside(archive: Archive) -> None:
    assert gaps(archive, "市财政局") == [NO_LIAISON]

    liaison(archive, "常州市财政局", "李四", is_primary=False)
    beside = gaps(archive, "市财政局")
    liaison(archive, "市财政局")
    liaison(archive, "市财政局", "王五", since=day("2025-02-10"))

    assert (beside, gaps(archive, "市财政局")) == ([NO_PRIMARY], [])
    assert check_liaison(archive, "市财政局", by()) == 2


def test_a_liaison_is_confirmed_for_90_days(archive: Archive) -> None:
    liaison(archive, "武进区")

    before = [gaps(archive, "武进区人民政府", on) for on in ("2025-04-05", "2025-04-06")]
    check_liaison(archive, "武进区人民政府", by("district-320412", "2025-04-06"))

    assert before == [[], [STALE]]
    assert [gaps(archive, "武进区人民政府", on) for on in ("2025-07-04", "2025-07-05")] == [[], [STALE]]
    assert [line.actor for line in audited(archive, "liaison.check")] == ["district-320412"]


def test_a_district_keeps_its_own_liaisons_and_no_others(archive: Archive) -> None:
    name_liaison(archive, Liaison("武进区", "张三", DAY), by("district-320412"))
    name_liaison(archive, Liaison("市生态环境局", "李四", DAY), by("ecology"))

    for who, unit in (("district-320412", "溧阳市"), ("ecology", "市财政局"), ("agent-320412", "市财政局")):
        with pytest.raises(Forbidden) as refused:
            name_liaison(archive, Liaison(unit, "王五", DAY), by(who))
        assert told(refused.value) == {"CARE_ROLE"}


def test_an_unknown_unit_no_name_and_nobody_to_confirm_are_told_so(archive: Archive) -> None:
    with pytest.raises(NotFound) as unit:
        liaison(archive, "市旅游局")
    with pytest.raises(UsageError) as name:
        liaison(archive, "市财政局", " ")
    with pytest.raises(UsageError) as long:
        liaison(archive, "市财政局", "张" * 61)
    with pytest.raises(NotFound) as nobody:
        check_liaison(archive, "市财政局", by())

    assert [told(one.value) for one in (unit, name, long, nobody)] == [
        {"UNIT_UNKNOWN"}, {"TEXT_MISSING"}, {"TEXT_TOO_LONG"}, {"LIAISON_NONE"},
    ]  # fmt: skip


def test_a_project_is_listed_when_its_agent_is_missing_for_more_than_five_working_days(archive: Archive) -> None:
    codes = filled(archive, "P10", "P02")
    with_agent(archive, codes["P02"])

    def vacant(on: str) -> list[Gap]:
        return [gap for gap in list_gaps(archive, LIBRARY, View(day(on))) if gap.what == NO_AGENT]

    entered = day("2025-03-31")
    assert vacant("2025-04-08") == []
    assert [(gap.about, gap.since) for gap in vacant("2025-04-09")] == [(codes["P10"], entered)]
    with_agent(archive, codes["P10"], "2025-04-09")
    assert vacant("2025-04-09") == []
