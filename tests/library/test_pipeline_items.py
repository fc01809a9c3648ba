"""Items of pipelines on both databases: the scenarios of listing and of postings, sameness, versions, references, imports."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from care import filled
from hypothesis import given, settings
from hypothesis import strategies as st
from pipelines import LATER, POSTING, TRAINING, by, entries, item, lines, listed, moved, opened, shown
from reporting import FIRMS
from rows import LIBRARY, audited, codes, day, told
from sqlalchemy import func, select

from policy_match.errors import Conflict, FactError, NotFound, PolicyMatchError, UsageError
from policy_match.exchange.refusals import write_refusals
from policy_match.pipelines.moves import next_steps
from policy_match.store.push_tables import Message
from policy_match.workflows.import_items import import_items
from policy_match.workflows.list_items import Narrowed, list_items, narrowed, rows_of
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.move_item import ItemMove, move_item
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_item import NewItem, open_item
from policy_match.workflows.open_pipelines import open_pipelines
from policy_match.workflows.read_records import View
from policy_match.workflows.report_channels import channels_report, count_channels
from policy_match.workflows.report_items import items_report

ROOT = Path(__file__).resolve().parents[2]
E1 = FIRMS["E1"]
FILED, ACCEPTED = shown(("辅导备案公示", "示范1")), shown(("受理通知", "示范2"))


def candidate(archive: Archive) -> str:
    """E1 with its two steps of scenario S-32."""
    filled(archive, "P01", "P02")
    number = opened(archive, "listing", E1, "2025-05-08", who="finance", step="辅导备案", evidence=FILED).number
    moved(archive, "listing", number, "申报受理", "2025-11-20", who="finance", evidence=ACCEPTED)
    return number


def test_s32_a_listing_candidate_was_196_days_in_step_and_a_district_finds_nothing(archive: Archive) -> None:
    number = candidate(archive)

    stays = [(name, days) for name, _, days in item(archive, "listing", number, "finance").stays]
    assert stays == [("辅导备案", 196), ("申报受理", 0)]
    assert [line.days for line in lines(archive, "listing", "finance", "2025-11-19")] == [195]
    for ask in (
        lambda: listed(archive, "listing", "district-320412"),
        lambda: item(archive, "listing", number, "district-320412"),
    ):
        with pytest.raises(NotFound) as refused:
            ask()
        assert told(refused.value) == {"PIPELINE_UNKNOWN"}


def test_the_report_of_listing_counts_steps_and_days_and_names_firms_to_the_finance_unit_alone(
    archive: Archive,
) -> None:
    number = candidate(archive)

    own = items_report(archive, "listing", by("finance"), day("2025-11-20"))
    lead = items_report(archive, "listing", by("development"), day("2025-11-20"))

    step = {row["step"]: row for row in lead.content["steps"]}["filed"]  # type: ignore[union-attr, index, call-overload]
    assert (step["left"], step["left_median_days"]) == (1, 196)  # type: ignore[index, call-overload]
    assert "rows" in own.content and "rows" not in lead.content
    told_to_lead = repr(lead)
    assert number not in told_to_lead and E1 not in told_to_lead and "示范" not in told_to_lead


def test_what_is_price_sensitive_stands_on_the_item_alone_and_no_message_is_sent(archive: Archive) -> None:
    number = candidate(archive)
    moved(archive, "listing", number, "", "2025-11-20", {"拟上市板块": "科创板", "说明": "示范机密"}, who="finance")

    seen = listed(archive, "listing", "finance")
    report = items_report(archive, "listing", by("finance"), day("2025-11-20"))
    chain = [line.detail for action in ("pipeline.open", "pipeline.move") for line in audited(archive, action)]

    assert item(archive, "listing", number, "finance").said == {"拟上市板块": "科创板", "说明": "示范机密"}
    assert rows_of(seen, seen.lines).rows[0].keys() & {"field_board", "field_note"} == set()
    assert not narrowed(seen, Narrowed(words="示范机密"))
    for text in (repr(report), *chain):
        assert "示范机密" not in text and "科创板" not in text
    with archive.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_s31_a_posting_told_twice_in_a_week_is_one_and_one_for_men_is_refused(archive: Archive) -> None:
    filled(archive, "P01")
    first = opened(archive, "job_posting", E1, "2025-03-24", POSTING, who="labour")
    again = opened(archive, "job_posting", E1, "2025-03-30", POSTING | {"人数": "9人"}, who="labour")
    next_week = opened(archive, "job_posting", E1, "2025-03-31", POSTING, who="labour")

    with pytest.raises(UsageError) as refused:
        opened(archive, "job_posting", E1, said=POSTING | {"要求": "限男性，能倒班"}, who="labour")

    assert (first.is_new, again.is_new, next_week.is_new) == (True, False, True)
    assert again.number == first.number != next_week.number
    assert told(refused.value) == {"JOB_DISCRIM"}
    assert [line.position.said["headcount"] for line in lines(archive, "job_posting", "labour")] == ["20", "20"]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("限男性", True), ("女性优先", True), ("35岁以下", True), ("年龄不超过40", True), ("本地户籍优先", True), ("籍贯常州", True),
        ("不限男女，不限籍贯", False), ("能倒班，有叉车证", False),
    ],
)  # fmt: skip
def test_sex_age_and_origin_are_refused_in_a_posting(archive: Archive, text: str, refused: bool) -> None:
    filled(archive, "P01")
    said = POSTING | {"要求": text}

    if refused:
        with pytest.raises(UsageError) as error:
            opened(archive, "job_posting", E1, said=said, who="labour")
        assert told(error.value) == {"JOB_DISCRIM"} and entries(archive) == 0
    else:
        assert opened(archive, "job_posting", E1, said=said, who="labour").is_new


def test_a_posting_expires_after_its_last_day(archive: Archive) -> None:
    filled(archive, "P01")
    opened(archive, "job_posting", E1, said=POSTING, who="labour")

    assert [line.states for line in lines(archive, "job_posting", "labour", "2025-06-30")] == [("open",)]
    assert [line.states for line in lines(archive, "job_posting", "labour", "2025-07-01")] == [("expired",)]
    assert listed(archive, "job_posting", "labour", "2025-07-01").counts.sums["headcount"].total == 20


def test_the_same_move_twice_is_one_entry_and_the_older_version_is_told(archive: Archive) -> None:
    number = opened(archive, "training_session", on="2025-03-01", said=TRAINING, who="commerce").number

    first = moved(archive, "training_session", number, "举办", "2025-03-20", who="commerce", seen=1)
    again = moved(archive, "training_session", number, "举办", "2025-03-20", who="commerce", seen=1)
    with pytest.raises(Conflict) as refused:
        moved(archive, "training_session", number, "", "2025-03-21", {"主题": "别的"}, who="commerce", seen=1)

    assert ((first.is_new, first.row_version), (again.is_new, again.row_version)) == ((True, 2), (False, 2))
    assert told(refused.value) == {"PIPELINE_SEEN"}
    assert entries(archive) == 2 and len(audited(archive, "pipeline.move")) == 1


def test_an_illegal_move_changes_nothing_and_names_the_legal_ones(archive: Archive) -> None:
    number = opened(archive, "training_session", on="2025-03-01", said=TRAINING, who="commerce", step="举办").number

    with pytest.raises(Conflict) as refused:
        moved(archive, "training_session", number, "计划", "2025-03-20", who="commerce")

    assert told(refused.value) == {"PIPELINE_MOVE"}
    assert entries(archive) == 1 and audited(archive, "pipeline.move") == []
    assert item(archive, "training_session", number, "commerce").line.row_version == 1


@given(st.lists(st.integers(0, 30), max_size=6))
@settings(max_examples=10, deadline=None)
def test_whatever_is_asked_an_item_stays_at_a_step_of_its_file(one_archive: Archive, choices: list[int]) -> None:
    pipeline = open_pipelines(one_archive)["training_session"]
    asker = by("commerce")
    topic = {**TRAINING, "主题": f"示范{entries(one_archive)}"}
    number = open_item(one_archive, NewItem("training_session", "", day("2025-03-01"), topic), asker).number
    for choice in choices:
        before, wrote = item(one_archive, "training_session", number, "commerce"), entries(one_archive)
        step = pipeline.steps[choice % len(pipeline.steps)]
        legal = next_steps(before.line.position, pipeline)
        asked = ItemMove("training_session", number, step.id, day("2025-03-01"), {}, (), "示范")
        try:
            move_item(one_archive, asked, asker)
        except PolicyMatchError:
            assert step not in legal
            assert (item(one_archive, "training_session", number, "commerce"), entries(one_archive)) == (before, wrote)
        else:
            assert item(one_archive, "training_session", number, "commerce").line.position.step == step.id


def test_an_item_refers_to_subjects_units_and_other_items_that_are_there(archive: Archive) -> None:
    project = filled(archive, "P01")["P01"]
    event = opened(
        archive, "promotion_event", said={"活动": "示范大会", "地点": "上海", "渠道": "招商活动", "主办和协办单位": "商务局"}
        | {"主办和协办单位": "市商务局，市科技局"}, who="commerce",
    ).number  # fmt: skip
    lead = {"项目简称": "示范线索", "渠道": "招商活动", "招商活动": event, "入库项目": project}

    number = opened(archive, "lead", said=lead, who="commerce", step="签约入库").number

    assert item(archive, "lead", number, "commerce").line.position.said["project"] == project
    assert item(archive, "promotion_event", event, "commerce").said["主办和协办单位"] == "市商务局、市科技局"
    wrong = {"招商活动": "HD-2025-00009", "入库项目": "CZ-1", "牵头和配合单位": "南京市某局", "颜色": "红"}
    with pytest.raises(UsageError) as refused:
        opened(archive, "lead", said={"项目简称": "另一条", "渠道": "招商活动"} | wrong, who="commerce")
    assert told(refused.value) == {"PIPELINE_ITEM_UNKNOWN", "SUBJECT_UNKNOWN", "UNIT_UNKNOWN", "PIPELINE_FIELD"}


@pytest.mark.parametrize(
    ("kind", "subject", "code"),
    [
        ("training_session", E1, "PIPELINE_SUBJECT"),
        ("job_posting", "", "PIPELINE_SUBJECT"),
        ("job_posting", "91320411MAYYYY024C", "SUBJECT_UNKNOWN"),
        ("financing_need", E1, "SUBJECT_UNKNOWN"),
    ],
)
def test_an_item_is_of_what_its_file_says(archive: Archive, kind: str, subject: str, code: str) -> None:
    filled(archive, "P01")

    with pytest.raises(PolicyMatchError) as refused:
        opened(
            archive,
            kind,
            subject,
            who={"training_session": "commerce", "financing_need": "finance"}.get(kind, "labour"),
        )

    assert told(refused.value) == {code} and entries(archive) == 0


def test_numbers_go_up_by_kind_and_year(archive: Archive) -> None:
    numbers = [
        opened(archive, "training_session", on=f"2025-03-0{n}", said=TRAINING, who="commerce").number for n in (1, 2)
    ]
    station = {"国内或境外": "境外", "国家": "德国", "城市": "慕尼黑", "形式": "驻点"}

    assert numbers == ["PX-2025-00001", "PX-2025-00002"]
    assert opened(archive, "station", said=station, who="commerce").number == "ZD-2025-00001"


def test_a_file_of_many_keeps_the_good_rows_and_gives_the_bad_ones_back(archive: Archive, tmp_path: Path) -> None:
    filled(archive, "P01")
    file = tmp_path / "岗位.csv"
    header = "信用代码,日期,岗位名称,技能等级,人数,工作地点,月薪下限,月薪上限,有效期至,要求"
    good = f"{E1},2025-03-24,示范装配工,中级工,20人,武进,6000元,9000元,2025-06-30,"
    rows = [
        good, good,
        f"{E1},2025-03-24,示范钳工,高级工,2人,武进,8000元,9000元,2025-06-30,限男性",
        f"{E1},2025-03-24,示范焊工,特级工,两个,武进,8000,9000元,2025-06-30,",
        "91320411MAYYYY024C,2025-03-24,示范电工,中级工,2人,武进,8000元,9000元,2025-06-30,",
        f"{E1},,示范电工,中级工,2人,武进,8000元,9000元,2025-06-30,",
    ]  # fmt: skip
    file.write_text("\n".join([header, *rows]), "utf-8")

    done = import_items(archive, "job_posting", file, by("labour"))
    again = import_items(archive, "job_posting", file, by("labour"))
    write_refusals(tmp_path / "errors.csv", done.refusals)

    assert (len(done.new), done.same, {one.row for one in done.refusals}) == (1, 1, {4, 5, 6, 7})
    assert (again.new, again.same, entries(archive)) == ([], 2, 1)
    with (tmp_path / "errors.csv").open(encoding="utf-8-sig", newline="") as lines_back:
        back = [(row["行号"], row["列"], row["代码"]) for row in csv.DictReader(lines_back)]
    assert ("4", "要求", "JOB_DISCRIM") in back and ("6", "信用代码", "SUBJECT_UNKNOWN") in back
    assert {code for row, _, code in back if row == "5"} >= {"CHOICE", "UNIT_MISSING"}
    assert ("7", "日期", "CELL_EMPTY") in back


def test_a_column_that_nobody_knows_refuses_the_whole_file(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "培训.csv"
    file.write_text("日期,主题,颜色\n2025-03-01,示范,红\n", "utf-8")

    with pytest.raises(UsageError) as refused:
        import_items(archive, "training_session", file, by("commerce"))

    assert told(refused.value) == {"COLUMN_UNKNOWN"} and entries(archive) == 0


def test_a_quarter_without_a_training_is_flagged_and_a_planned_one_is_none(archive: Archive) -> None:
    for on in ("2025-02-10", "2025-08-08"):
        opened(archive, "training_session", on=on, said=TRAINING, who="commerce", step="举办")
    opened(archive, "training_session", on="2025-05-05", said=TRAINING, who="commerce")

    found = listed(archive, "training_session", "commerce").quarters
    flagged = [
        grid
        for grid in items_report(archive, "training_session", by("commerce"), day("2025-11-20")).grids
        if grid.title == "各季度"
    ]

    assert [(one.quarter, one.times) for one in found] == [(1, 1), (2, 0), (3, 1), (4, 0)]
    assert [one.is_lacking and one.is_over for one in found] == [False, True, False, False]
    assert [row[1] for row in flagged[0].rows] == ["1次", "缺", "1次", "本季尚无"]


def test_a_second_notice_on_one_pair_is_counted_as_a_breach_and_each_side_has_its_clock(archive: Archive) -> None:
    project = filled(archive, "P01")["P01"]
    number = opened(archive, "parallel_review", project, "2025-03-01", who="resources").number

    def go(to: str, on: str, said: dict[str, str] | None = None, **more: object) -> None:
        moved(archive, "parallel_review", number, to, on, said, who="resources", **more)  # type: ignore[arg-type]

    both = {"用地申请号": "示范地1", "用林申请号": "示范林1"}
    go("一并受理", "2025-03-03", both, evidence=shown(("受理通知", "示范受1")))
    go("一次告知", "2025-03-05", {"告知的补正内容": "示范补正"}, reason="材料不齐")
    assert item(archive, "parallel_review", number, "resources").line.warnings == ()
    go("一并受理", "2025-03-10", evidence=shown(("受理通知", "示范受1")))
    go("一次告知", "2025-03-12", {"告知的补正内容": "示范补正二"}, reason="材料仍不齐")
    go("", "2025-03-13", {"用地办结日": "2025-03-23"})

    found = item(archive, "parallel_review", number, "resources", "2025-03-31")
    assert found.line.warnings == ("“一次告知”2次，超过1次",)
    assert found.clocks == {"用地": 20, "用林": 28}
    assert next(stay.since for name, stay, _ in found.stays if name == "一并受理") == date(2025, 3, 3)


@pytest.mark.parametrize(("planned", "told_"), [("2025-06-01", ()), ("2025-06-02", ("计划送电晚于需要用电",))])
def test_power_planned_later_than_needed_is_told(archive: Archive, planned: str, told_: tuple[str, ...]) -> None:
    project = filled(archive, "P01")["P01"]
    asked = {
        "需要用电的日期": "2025-06-01",
        "容量": "2000千伏安",
        "计划送电的日期": planned,
        "接电成本压降额": "30万元",
    }
    number = opened(archive, "power_request", project, said=asked, who="power").number

    found = item(archive, "power_request", number, "power")

    assert found.line.warnings == told_
    assert found.said["接电成本压降额"] == "30万元"
    assert listed(archive, "power_request", "power").counts.sums["cost_saved"].total == 30_000_000


def test_leads_are_kept_apart_from_the_counts_of_the_library(archive: Archive) -> None:
    filled(archive, "P01")

    def projects() -> list[str]:
        with archive.database.reading() as session:
            return [row.code for row in list_standings(session, archive, LIBRARY, View.of(LATER.date(), None, LATER))]

    before = projects()
    opened(archive, "lead", said={"项目简称": "示范线索", "渠道": "基金招商"}, who="commerce")

    assert projects() == before == codes(archive)


def test_projects_are_counted_by_the_channel_event_and_station_of_their_lead(archive: Archive) -> None:
    project = filled(archive, "P01", "P02", "P03")
    station = opened(
        archive, "station", said={"国内或境外": "国内", "城市": "上海", "形式": "小分队"}, who="commerce"
    ).number
    for code, more in (("P01", {"渠道": "驻点招商", "招商驻点": station}), ("P02", {"渠道": "展会招商"})):
        said = {"项目简称": f"示范{code}", "入库项目": project[code], **more}
        opened(archive, "lead", said=said, who="commerce", step="签约入库")
    opened(archive, "lead", said={"项目简称": "示范丁", "渠道": "基金招商"}, who="commerce")

    found = count_channels(archive, by("commerce"), day("2025-11-20"), None)
    report = channels_report(archive, by("commerce"), day("2025-11-20"), None)

    assert found.projects == 3
    assert found.by["channel"] == {"展会招商": 1, "驻点招商": 1, None: 1}
    assert found.by["station"] == {station: 1, None: 2} and found.by["event"] == {None: 3}
    assert report.grids[0].rows == (("展会招商", "1"), ("驻点招商", "1"), ("未知", "1"))
    own = count_channels(archive, by("district-320412"), day("2025-11-20"), None)
    assert (own.projects, own.by["channel"]) == (1, {"驻点招商": 1, None: 0})


def test_a_list_is_narrowed_by_step_state_and_words(archive: Archive) -> None:
    project = filled(archive, "P01", "P02")
    for code, on in (("P01", "2025-11-01"), ("P02", "2025-11-15")):
        opened(
            archive, "financing_need", project[code], on, {"需求金额": "500万元", "用途": f"示范{code}"}, who="finance"
        )
    seen = listed(archive, "financing_need", "finance")

    def left(**filters: str) -> list[str]:
        return [line.subject for line in narrowed(seen, Narrowed(**filters))]

    assert left() == left(step="raised") == [project["P01"], project["P02"]]
    assert left(state="overdue") == [project["P01"]] and left(words="示范P02") == [project["P02"]]
    assert left(step="paid") == [] == left(words="没有的词")
    for wrong in ({"step": "nowhere"}, {"state": "nowhere"}):
        with pytest.raises(UsageError) as refused:
            left(**wrong)
        assert told(refused.value) == {"PARAM_VALUE"}


def test_a_new_pipeline_is_added_by_a_file_alone(archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules" / "pipelines", tmp_path / "pipelines")
    text = (tmp_path / "pipelines" / "talent_event.yaml").read_text("utf-8")
    (tmp_path / "pipelines" / "open_day.yaml").write_text(
        text.replace("id: talent_event", "id: open_day")
        .replace("prefix: RH", "prefix: KF")
        .replace("人才活动", "开放日"),
        "utf-8",
    )
    own = replace(archive, rules=tmp_path)
    said = {"活动": "示范开放日", "地点": "武进", "主办和协办单位": "市人社局"}

    number = opened(own, "open_day", said=said, who="labour").number
    moved(own, "open_day", number, "举办", "2025-04-02", {"参加企业": "12家"}, who="labour")

    assert number == "KF-2025-00001"
    (line,) = list_items(own, "open_day", by("labour"), day("2025-11-20")).lines
    assert (line.position.step, line.states) == ("held", ("over",))
    with pytest.raises(NotFound):
        listed(archive, "open_day", "labour")


def test_an_item_is_not_there_before_it_was_opened(archive: Archive) -> None:
    number = opened(archive, "training_session", on="2025-03-01", said=TRAINING, who="commerce").number

    assert lines(archive, "training_session", "commerce", "2025-02-28") == ()
    with pytest.raises(NotFound) as refused:
        item(archive, "training_session", number, "commerce", "2025-02-28")
    assert told(refused.value) == {"PIPELINE_NOT_YET"}


@pytest.mark.parametrize(
    "more", [{"reason": "示范\x07"}, {"reason": "长" * 501}, {"evidence": shown(("辅导备案公示", "\x00"))}]
)
def test_what_nothing_prints_and_what_is_too_long_is_kept_nowhere(archive: Archive, more: dict[str, object]) -> None:
    filled(archive, "P01")
    asked = NewItem("listing", E1, day("2025-05-08"), step="filed", evidence=FILED)

    with pytest.raises(FactError) as refused:
        open_item(archive, replace(asked, **more), by("finance"))  # type: ignore[arg-type]

    assert told(refused.value) <= {"CONTROL_CHARACTER", "TEXT_TOO_LONG"} and entries(archive) == 0


def test_a_number_that_is_none_is_not_there(archive: Archive) -> None:
    for number in ("", "SS-2025-1", "\x00", "ss-2025-00001", "SS-2025-00001"):
        with pytest.raises(NotFound) as refused:
            item(archive, "listing", number, "finance")
        assert told(refused.value) == {"PIPELINE_ITEM_UNKNOWN"}


def test_nothing_said_is_nothing_to_add(archive: Archive) -> None:
    number = opened(archive, "training_session", on="2025-03-01", said=TRAINING, who="commerce").number

    with pytest.raises(UsageError) as refused:
        moved(archive, "training_session", number, "", "2025-03-02", {"主题": " "}, who="commerce")

    assert told(refused.value) == {"PIPELINE_LACKS"}
