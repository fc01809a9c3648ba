"""Files of pipelines: what is refused with its line, and what each shipped one says of its requirement."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import BORROWED, ROOT, allowed, shipped, written

from policy_match.authoring.pipeline_checks import Allowed
from policy_match.authoring.pipeline_file import load_pipelines
from policy_match.errors import RuleError, UsageError
from policy_match.pipelines.kinds import Of, Pipeline, Sort, Type
from policy_match.pipelines.moves import is_needed
from policy_match.workflows.open_pipelines import check_pipelines
from policy_match.workflows.open_rules import open_vocabulary


def faults(folder: Path, text: str, name: str = "borrowed", roles: Allowed | None = None) -> list[tuple[str, str]]:
    """Code and line of every fault; each says something in Chinese and what is allowed or to do."""
    with pytest.raises(RuleError) as refused:
        load_pipelines(written(folder, text, name), roles or allowed())
    for issue in refused.value.issues:
        assert issue.where.startswith(f"rules/pipelines/{name}.yaml:") and (issue.allowed or issue.hint), issue
        assert str(folder) not in str(issue)
    return [(issue.code, issue.where.rpartition(":")[2]) for issue in refused.value.issues]


def test_the_invented_file_is_sound(tmp_path: Path) -> None:
    found = load_pipelines(written(tmp_path), allowed())["borrowed"]

    assert [step.sort for step in found.steps][-2:] == [Sort.PAUSE, Sort.END]
    assert (found.of, found.expires, found.every_quarter) == (Of.NONE, "until", "lent")
    assert found.rights.counts == {"development"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("schema: pipeline/1", "schema: pipeline/2", "SHAPE"),
        ("id: borrowed", "id: lending", "PIPELINE_NAME"),
        ("of: none", "of: person", "SHAPE"),
        ("prefix: JY", "prefix: jy", "SHAPE"),
        ("limit: {days: 5, source: D}", "limit: {days: 5}", "SHAPE"),
        ("limit: {days: 5, source: D}", "limit: {days: 0, source: D}", "SHAPE"),
        ("id: read, name: 阅读", "id: asked, name: 阅读", "PIPELINE_TWICE"),
        ("id: price, name: 押金", "id: title, name: 押金", "PIPELINE_TWICE"),
        ("to: read}", "to: nowhere}", "PIPELINE_NAME"),
        ("from: lost", "from: nowhere", "PIPELINE_NAME"),
        ("opens_at: [asked, lent]", "opens_at: [asked, lost]", "PIPELINE_NAME"),
        ("needed_at: held", "needed_at: nowhere", "PIPELINE_NAME"),
        ("options: [纸书, 录音], ", "", "PIPELINE_NAME"),
        ("type: money}", "type: money, options: [甲]}", "PIPELINE_NAME"),
        ("type: money}", "type: money, pipeline: borrowed}", "PIPELINE_NAME"),
        ("type: money}", "type: item, pipeline: nowhere}", "PIPELINE_NAME"),
        ("type: money}", "type: coins}", "SHAPE"),
        ("unit: 页, ", "", "PIPELINE_NAME"),
        ("when: {kind: [纸书]}", "when: {kind: [电影]}", "PIPELINE_NAME"),
        ("when: {kind: [纸书]}", "when: {title: [纸书]}", "PIPELINE_NAME"),
        ("same: [title, opened_week]", "same: [title, week]", "PIPELINE_NAME"),
        ("expires: until", "expires: title", "PIPELINE_NAME"),
        ("fields: [title, note]", "fields: [title, price]", "PIPELINE_NAME"),
        ("code: BOOK_WORDS", "code: words", "SHAPE"),
        ("until: back_on}", "until: title}", "PIPELINE_NAME"),
        ("step: lent, until", "step: nowhere, until", "PIPELINE_NAME"),
        ("after: due_on", "after: price", "PIPELINE_NAME"),
        ("period: quarter", "period: fortnight", "SHAPE"),
        ("step: lent, source: D", "step: nowhere, source: D", "PIPELINE_NAME"),
        ("count_by: [kind]", "count_by: [note]", "PIPELINE_NAME"),
        ("sums: [price]", "sums: [title]", "PIPELINE_NAME"),
        ("reads: [labour", "reads: [mayor", "PIPELINE_NAME"),
        ("counts_only: [development]", "counts_only: [mayor]", "PIPELINE_NAME"),
        ("writes: [labour, district]", "writes: [finance, district]", "PIPELINE_NAME"),
        ("writes: [labour, district]", "writes: [auditor]", "PIPELINE_NAME"),
        ("group: 示范\n", "", "SHAPE"),
        ("sums: [price]", "sums: [price]\ncolour: 红", "KEY_UNKNOWN"),
        ("sums: [price]", "sums: [price]\ncredits: {project: title, by: [kind]}", "PIPELINE_NAME"),
    ],
)
def test_a_wrong_part_is_refused_at_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert BORROWED.count(old) == 1, old
    broken = BORROWED.replace(old, new)
    line = 1 + next(
        place
        for place, (one, other) in enumerate(zip(BORROWED.splitlines(), [*broken.splitlines(), ""], strict=False))
        if one != other
    )

    found = faults(tmp_path, broken)

    assert code in {one for one, _ in found}
    if new and "\n" not in new:
        assert (code, str(line)) in found


def test_a_unit_in_charge_must_be_on_the_list_and_goes_by_its_one_name(tmp_path: Path) -> None:
    text = BORROWED.replace("options: [纸书, 录音]", "options: [{name: 纸书, owner: 示范局}, 录音]")
    units = Allowed(allowed().readers, allowed().writers, {"市示范局": "市示范局"})

    assert faults(tmp_path, text, roles=units) == [("PIPELINE_NAME", "19")]
    known = Allowed(allowed().readers, allowed().writers, {"示范局": "市示范局"})
    found = load_pipelines(written(tmp_path, text), known)["borrowed"]
    assert found.field("kind").owners == {"纸书": "市示范局"} and found.field("kind").options == ("纸书", "录音")


def test_numbers_of_two_pipelines_never_begin_alike(tmp_path: Path) -> None:
    written(tmp_path)

    assert faults(tmp_path, BORROWED.replace("id: borrowed", "id: other"), "other") == [("PIPELINE_TWICE", "6")]


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, BORROWED.replace("expires: until", "expires: title"))
    place = written(tmp_path, "schema: pipeline/1\n", "other")

    with pytest.raises(RuleError) as refused:
        load_pipelines(place, allowed())

    assert {issue.where.partition(":")[0] for issue in refused.value.issues} == {
        "rules/pipelines/borrowed.yaml", "rules/pipelines/other.yaml",
    }  # fmt: skip


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pipelines"):
        load_pipelines(tmp_path / "pipelines", allowed())


# the shipped files


def needed(pipeline: Pipeline, step: str, **said: str) -> set[str]:
    """The fields that must be said by the time of a step."""
    return {one.id for one in pipeline.fields if is_needed(one, step, said, pipeline)}


def test_every_shipped_pipeline_ends_and_everybody_who_writes_also_reads() -> None:
    for pipeline in shipped().values():
        assert len(pipeline.way) >= 2 and pipeline.rights.writes <= pipeline.rights.reads, pipeline.id
        assert "auditor" in pipeline.rights.reads and not pipeline.rights.reads & pipeline.rights.counts, pipeline.id
        assert not {"admin", "visitor"} & (pipeline.rights.reads | pipeline.rights.writes), pipeline.id


def test_the_listing_steps_are_those_of_the_specification() -> None:
    listing = shipped()["listing"]

    assert [step.name for step in listing.way] == [
        "意向", "入库后备", "股改", "辅导备案", "辅导验收", "申报受理", "问询或审核", "过会", "注册", "发行上市",
    ]  # fmt: skip
    assert {step.name: step.sort for step in listing.steps if step.sort is not Sort.WAY} == {
        "中止": Sort.PAUSE, "终止或撤回": Sort.END,
    }  # fmt: skip
    assert (listing.rights.reads, listing.rights.counts, listing.rights.writes) == (
        {"finance", "enterprise", "auditor"}, {"development", "industry"}, {"finance"},
    )  # fmt: skip
    assert all(one.is_sensitive for one in listing.fields) and listing.of is Of.ENTERPRISE


def test_financing_needs_and_meetings_each_have_a_state_of_their_own() -> None:
    need, meeting = shipped()["financing_need"], shipped()["financing_meeting"]

    assert need.of is Of.PROJECT and needed(need, "raised") == {"amount", "use"}
    assert [step.name for step in need.way] == ["提出", "推送金融机构", "对接洽谈", "授信或投决", "放款或出资"]
    assert [step.name for step in meeting.way] == ["计划", "召开"]


def test_a_platform_is_a_channel_of_products_and_of_needs() -> None:
    for kind in ("finance_product", "financing_need"):
        assert (shipped()[kind].field("platform").type, shipped()[kind].field("platform").pipeline) == (
            Type.ITEM,
            "finance_platform",
        )
        assert "platform" in shipped()[kind].count_by


def test_an_adviser_is_assigned_to_a_project() -> None:
    adviser = shipped()["finance_adviser"]

    assert adviser.of is Of.PROJECT and needed(adviser, "assigned") == {"adviser", "employer"}


def test_a_government_fund_is_named_and_other_capital_stands_beside_it() -> None:
    need = shipped()["financing_need"]

    assert "fund" in needed(need, "paid", instrument="政府投资基金") and "fund" not in needed(
        need, "paid", instrument="其他"
    )
    assert {"social_capital", "industrial_capital"} <= set(need.sums) and "建议" in need.reading


def test_joint_training_names_its_institution() -> None:
    assert needed(shipped()["joint_training"], "talks") == {"institution"}


def test_talent_events_are_recorded_with_their_units() -> None:
    event = shipped()["talent_event"]

    assert needed(event, "held") == {"name", "place", "units", "firms"} and "units" in event.count_by


def test_the_five_talent_services_have_an_owner_each_and_no_room_for_family_data() -> None:
    service = shipped()["talent_service"]
    field = service.field("service")

    assert field.options == ("医疗", "社会保险", "住房", "配偶安置", "子女教育") == tuple(field.owners)
    assert {one.type for one in service.fields} == {Type.CHOICE, Type.MONTH} and service.of is Of.ENTERPRISE
    assert all(not step.evidence and (step.sort is Sort.WAY or step.reasons) for step in service.steps)
    assert "talent_class" in needed(service, "asked")


def test_the_four_employment_services_are_requests_with_states_and_counts() -> None:
    service = shipped()["employment_service"]

    assert service.field("service").options == ("定向招聘", "劳务对接", "职业技能培训", "养老保险关系转移接续")
    assert service.count_by == ("service",) and service.sums == ("headcount",)
    assert [step.name for step in service.way] == ["提出", "受理", "办结"]


def test_a_posting_says_title_level_heads_pay_and_last_day() -> None:
    posting = shipped()["job_posting"]

    assert needed(posting, "posted") == {"title", "level", "headcount", "site", "pay_low", "pay_high", "until"}
    assert posting.field("start_on").type is Type.DAY
    assert posting.same == ("subject", "title", "site", "pay_low", "pay_high", "opened_week")
    assert {one.code for one in posting.banned} == {"JOB_DISCRIM"}


def test_promotion_events_and_leads_have_the_channels_of_the_notice() -> None:
    channels = {"展会招商", "基金招商", "以商引商", "链主招商", "产业招商", "科技招商", "人才招商", "资本招商"}

    for kind in ("promotion_event", "lead"):
        assert channels < set(shipped()[kind].field("channel").options) and "channel" in shipped()[kind].count_by


def test_a_referral_names_who_referred_and_a_chain_its_leader() -> None:
    lead = shipped()["lead"]

    assert needed(lead, "heard", channel="以商引商") - needed(lead, "heard") == {"referrer"}
    assert needed(lead, "heard", channel="链主招商") - needed(lead, "heard") == {"chain_leader"}
    assert lead.field("referrer").type is lead.field("chain_leader").type is Type.ENTERPRISE


def test_an_event_is_owned_by_several_units() -> None:
    event = shipped()["promotion_event"]

    assert event.field("units").type is Type.UNITS and "units" in needed(event, "planned")


def test_stations_lie_in_the_places_of_the_notice() -> None:
    station = shipped()["station"]

    assert station.field("scope").options == ("国内", "境外")
    assert station.field("country").options == ("德国", "法国", "瑞士", "日本", "其他")
    assert needed(station, "planned", scope="境外") == {"scope", "country", "city", "form"}
    assert needed(station, "planned", scope="国内") == {"scope", "city", "form"}
    assert station.field("form").options == ("驻点", "小分队")


def test_a_training_is_due_each_quarter_and_tells_who_came() -> None:
    training = shipped()["training_session"]

    assert training.every_quarter == "held" and "attendees" in needed(training, "held")


def test_staff_records_hold_work_alone_and_leaders_name_the_document() -> None:
    staff = shipped()["staff_record"]

    assert {one.id for one in staff.fields} == {"name", "unit", "duty", "leader", "basis"}
    assert needed(staff, "serving", leader="是") - needed(staff, "serving", leader="否") == {"basis"}
    assert staff.field("name").is_sensitive and "leader" in staff.count_by


def test_a_secondment_goes_from_somewhere_to_somewhere_between_two_days() -> None:
    secondment = shipped()["secondment"]

    assert needed(secondment, "sent") == {"name", "direction", "from_unit", "to_unit", "from_on", "through_on"}
    assert secondment.field("direction").options == ("上挂", "下派")


def test_land_and_forest_are_one_pair_with_one_day_and_two_clocks() -> None:
    pair = shipped()["parallel_review"]

    assert {"land_no", "forest_no"} <= needed(pair, "accepted")
    assert {clock.step for clock in pair.clocks} == {"accepted"} and len(pair.clocks) == 2
    assert pair.step("noticed").most == 1


def test_every_limit_and_every_period_says_where_it_comes_from() -> None:
    limited = [
        step for one in shipped().values() for step in one.steps if step.limit is not None or step.most is not None
    ]

    assert limited and all(step.source in ("N", "L", "P", "D") for step in limited)


def test_the_guide_names_every_shipped_pipeline() -> None:
    guide = (ROOT / "docs" / "pipelines.zh.md").read_text("utf-8")

    assert [one.id for one in shipped().values() if f"`{one.id}`" not in guide or one.name not in guide] == []


def test_checking_the_rules_reads_the_pipelines_too(tmp_path: Path) -> None:
    for part in (ROOT / "rules").iterdir():
        if part.name != "pipelines":
            (tmp_path / part.name).symlink_to(part)
    vocabulary = open_vocabulary(tmp_path, ROOT / "corpus")
    check_pipelines(tmp_path, vocabulary)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "borrowed.yaml").write_text(BORROWED.replace("[labour, district]", "[auditor]"), "utf-8")

    with pytest.raises(RuleError) as refused:
        check_pipelines(tmp_path, vocabulary)

    (issue,) = refused.value.issues
    assert issue.code == "PIPELINE_NAME" and issue.where.endswith("/pipelines/borrowed.yaml:38"), issue
