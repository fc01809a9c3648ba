"""The lifecycle file is read strictly, another one needs no code, and its words are those of the facts and the units."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lives import day, event, state

from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.clocks import Watched, lights
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tiers import tier_of
from policy_match.lifecycle.words import Colour
from policy_match.units import parse_money
from policy_match.working_days import WorkingDays

SHIPPED = Path(__file__).parents[2] / "rules" / "lifecycle.yaml"
TEXT = SHIPPED.read_text(encoding="utf-8")

# What is written instead of what, the code, and a part of the line at which the fault must be told.
BAD = [
    ("to: SIGNED\n", "to: SINGED\n", "LIFECYCLE_POINT", "to: SINGED"),
    ("from: APPROVED\n    to: STARTED", "from: SIGNED\n    to: STARTED", "LIFECYCLE_SKIP", "to: STARTED"),
    ("from: APPROVED\n    to: STARTED", "from: COMPLETED\n    to: STARTED", "LIFECYCLE_SKIP", "to: STARTED"),
    ("    leaves_out: [SIGNED]\n", "", "LIFECYCLE_SKIP", "to: APPROVED\n    who: [{role: development}, {role: industry}"),
    ("leaves_out: [SIGNED]", "leaves_out: [SIGNED, STARTED]", "LIFECYCLE_SKIP", "to: APPROVED\n    leaves_out"),
    ("after: SIGNED, name: 签约至立项, lead: commerce,", "after: SIGNED, name: 签约至立项,", "SHAPE", "name: 签约至立项"),
    ("name: 签约至立项, lead: commerce", "name: 签约至立项, lead: trade", "LIFECYCLE_ROLE", "lead: trade"),
    ("lead: commerce, stage: ATTRACT", "lead: commerce, stage: EARLY", "LIFECYCLE_STAGE", "stage: EARLY"),
    ("lead: commerce, stage: ATTRACT", "lead: commerce", "LIFECYCLE_STAGE", "name: 签约至立项"),
    ("after: STARTED, name: 开工至竣工", "after: APPROVED, name: 开工至竣工", "LIFECYCLE_INTERVAL", "name: 开工至竣工"),
    ("stops: [APPROVED], yellow: 90天, red: 180天, ", "stops: [APPROVED], ", "LIFECYCLE_BOUND", "id: signed_approved"),
    ("stops: [APPROVED], yellow: 90天", "stops: [APPROVED], yellow: 180天", "LIFECYCLE_BOUND", "yellow: 180天, red: 180天"),
    ("stops: [APPROVED], yellow: 90天", "stops: [APPROVED], yellow: 90工时", "TERM_FORMAT", "yellow: 90工时"),
    ("stops: [APPROVED], yellow: 90天", "stops: [APPROVED], yellow: 90", "SHAPE", "yellow: 90, red"),
    ("starts: [SIGNED], stops: [APPROVED]", "starts: [SIGNED], stops: [filed]", "LIFECYCLE_DAY", "stops: [filed]"),
    ('starts: ["planned:STARTED"]', 'starts: ["planned:update"]', "LIFECYCLE_DAY", "planned:update"),
    ("goes_to: [commerce], source: D}", "goes_to: [city], source: D}", "LIFECYCLE_ROLE", "goes_to: [city]"),
    ("goes_to: [commerce], source: D}", "goes_to: [commerce]}", "SHAPE", "id: signed_approved"),
    ("goes_to: [commerce], source: D}", "goes_to: [commerce], source: X}", "SHAPE", "source: X"),
    ("{id: approved_started,", "{id: signed_approved,", "LIFECYCLE_TWICE", "name: 立项至开工, starts"),
    ("yellow: {at_least: 10}, red: {more_than: 30}, ", "", "LIFECYCLE_BOUND", "id: annual_investment"),
    ("yellow: {at_least: 10}", "yellow: {around: 10}", "SHAPE", "yellow: {around: 10}"),
    ("yellow: {at_least: 10}", "yellow: {at_least: 10, at_most: 20}", "LIFECYCLE_BOUND", "at_most: 20"),
    ('yellow: {less_than: "80%"}', 'yellow: {less_than: "80"}', "RATIO_SUSPECT", 'less_than: "80"'),
    ("for: [upgrade_equipment]}\n      - {name: 到货佐证", "for: [upgrade]}\n      - {name: 到货佐证", "LIFECYCLE_VARIANT", "for: [upgrade]}"),
    ("reason_for: [new]", "reason_for: [old]", "LIFECYCLE_VARIANT", "reason_for: [old]"),
    ("batches: [[STARTED, COMPLETED]]", "batches: [[APPROVED, COMPLETED]]", "LIFECYCLE_SKIP", "batches:"),
    ("early: physical_start", "early: works_begun", "LIFECYCLE_STEP", "early: works_begun"),
    ("  - {id: PRODUCING, name: 投产,", "  - {id: COMPLETED, name: 投产,", "LIFECYCLE_TWICE", "{id: COMPLETED, name: 投产"),
    ("  - event: UNMERGE\n    name: 撤销并库\n    from: [MERGED]\n    who: [{role: development}, {role: data}, {role: lead}]\n    reason: true\n", "", "LIFECYCLE_SIDE", "side_moves:"),
    ("    from: [PAUSED]\n    to: ACTIVE\n", "    from: [PAUSED]\n", "LIFECYCLE_SIDE", "event: RESUME"),
    ("from: [PAUSED]", "from: [ASLEEP]", "SHAPE", "from: [ASLEEP]"),
    ("confirm: district}]\n    evidence:", "confirm: area}]\n    evidence:", "LIFECYCLE_ROLE", "confirm: area"),
    ("held: 24个月", "held: 24个工作日", "TERM_UNIT", "held: 24个工作日"),
    ("due: 5个工作日", "due: 5天", "TERM_UNIT", "due: 5天"),
    ("upcoming: {within: 30天", "upcoming: {within: 1个月", "TERM_UNIT", "within: 1个月"),
    ("from: 30亿元}", "from: 60亿元}", "LIFECYCLE_TIER", "from: 50亿元"),
    ("from: 30亿元}", "from: 30}", "SHAPE", "from: 30}"),
    ('from: 30亿元}', 'from: "30"}', "UNIT_MISSING", 'from: "30"'),
    ("- {point: PRODUCING, owner: industry}", "- {point: PRODUCING, owner: nobody}", "LIFECYCLE_ROLE", "owner: nobody"),
    ("- {point: PRODUCING, owner: industry}", "- {owner: industry}", "LIFECYCLE_STEP", "- {owner: industry}"),
    ("to: [construction_permit, phase_permit]", "to: [permit]", "LIFECYCLE_STEP", "to: [permit]"),
    ("completed: COMPLETED", "completed: DONE", "LIFECYCLE_POINT", "completed: DONE"),
    ('late: {days: 2, time: "12:00"}', 'late: {days: 2, time: "24:00"}', "SHAPE", '"24:00"'),
    ("{name: 土地, owner: resources, unit: 亩}", "{name: 土地, unit: 亩}", "SHAPE", "{name: 土地, unit"),
    ("{name: 资金, owner: finance", "{name: 资金, owner: bank", "LIFECYCLE_ROLE", "{name: 资金, owner: bank"),
    ("{name: 用林, owner", "{name: 土地, owner", "LIFECYCLE_TWICE", "{name: 土地, owner: resources, unit: 亩}\n    - {name: 资金"),
    ("confirm: [agent, enterprise]\n  excuse", "confirm: []\n  excuse", "SHAPE", "confirm: []"),
    ("  tour: [development]", "  tour: [planning]", "LIFECYCLE_ROLE", "tour: [planning]"),
    ("overall: development", "overall: mayor", "LIFECYCLE_ROLE", "overall: mayor"),
    ('city: "320400"', 'city: "常洲"', "REGION_UNKNOWN", 'city: "常洲"'),
    ("observed_only: [PUBLIC, READING]", "observed: [PUBLIC, READING]", "KEY_UNKNOWN", "observed: [PUBLIC"),
    ("schema: lifecycle/1", "schema: lifecycle/2", "SHAPE", "schema: lifecycle/2"),
    ("batches: [[STARTED, COMPLETED]]", "batches: [[STARTED, COMPLETED]]\nbatches: []", "YAML_DUPLICATE", "batches: []"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "at"), BAD, ids=lambda part: part[:24].strip() if isinstance(part, str) else None
)
def test_a_broken_file_is_refused_with_its_fault_at_its_line(
    old: str, new: str, code: str, at: str, tmp_path: Path
) -> None:
    assert TEXT.count(old) >= 1, "the shipped file no longer holds this"
    broken = TEXT.replace(old, new, 1)
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "lifecycle.yaml").write_text(broken, encoding="utf-8")
    line = broken[: broken.index(at)].count("\n") + 1

    with pytest.raises(RuleError) as caught:
        load_lifecycle(folder / "lifecycle.yaml")

    issues = caught.value.issues
    assert (f"rules/lifecycle.yaml:{line}", code) in [(issue.where, issue.code) for issue in issues]
    assert all(re.search(r"[\u4e00-\u9fff]", issue.what) and (issue.allowed or issue.hint) for issue in issues)


def test_a_point_that_nothing_leads_to_is_refused(tmp_path: Path) -> None:
    start = TEXT.index("  - id: T5\n")
    broken = TEXT[:start] + TEXT[TEXT.index("# 发现得晚时") :]
    (tmp_path / "lifecycle.yaml").write_text(broken, encoding="utf-8")

    with pytest.raises(RuleError) as caught:
        load_lifecycle(tmp_path / "lifecycle.yaml")

    assert [issue.what for issue in caught.value.issues] == ["没有到“投产”的办理，项目走不到这一点"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    broken = TEXT.replace("reason_for: [new]", "reason_for: [old]").replace("due: 5个工作日", "due: 5天")
    (tmp_path / "lifecycle.yaml").write_text(broken, encoding="utf-8")

    with pytest.raises(RuleError) as caught:
        load_lifecycle(tmp_path / "lifecycle.yaml")

    assert {issue.code for issue in caught.value.issues} == {"LIFECYCLE_VARIANT", "TERM_UNIT"}


def test_another_lifecycle_needs_no_code(six_points: LifecycleTable, calendar: WorkingDays) -> None:
    log = [event("TALKED", "2025-01-01"), event("SIGNED", "2025-01-02"), event("APPROVED", "2025-01-31")]

    def colour(as_of: str) -> Colour:
        watched = Watched(state(six_points, *log, as_of=as_of), "any")
        (light,) = lights(watched, six_points, day(as_of), calendar)
        return light.colour

    assert [point.name for point in six_points.points] == ["洽谈", "签约", "立项", "供地", "开工", "建成"]
    assert [colour(on) for on in ("2025-02-09", "2025-02-10", "2025-02-27", "2025-02-28")] == [
        Colour.GREEN,
        Colour.YELLOW,
        Colour.YELLOW,
        Colour.RED,
    ]
    tier = tier_of(parse_money("5亿元"), six_points)
    assert tier is not None and tier.id == "T5"


def test_points_and_kinds_are_the_words_of_the_facts(table: LifecycleTable, vocabulary: Vocabulary) -> None:
    assert tuple(point.name for point in table.points) == vocabulary["stage"].options
    assert {variant.kind for variant in table.variants.values()} == set(vocabulary["project_kind"].options)
    assert {*table.targets.levels, table.land_quota.level} <= set(vocabulary["major_level"].options)
    assert table.observed_only <= set(vocabulary.registers)
    sources = {who.source for move in table.transitions for who in move.who if who.source is not None}
    assert sources == {"TZXM", "GG"} <= set(vocabulary.registers)


def test_city_units_are_those_of_the_list_of_units(table: LifecycleTable, vocabulary: Vocabulary) -> None:
    city = {role.name for role in table.roles.values() if not role.own_area} - {"系统导入", "系统管理员", "审计"}

    assert city <= set(vocabulary.taxonomies.units)


def test_leads_are_those_of_the_notice(table: LifecycleTable) -> None:
    leads = {interval.name: (table.roles[interval.lead].name, interval.source) for interval in table.intervals.values()}

    assert leads == {
        "签约之前": ("市商务局", "D"),
        "签约至立项": ("市商务局", "N"),
        "立项至开工": ("市发改委", "N"),
        "开工至竣工": ("市发改委", "N"),
        "竣工至投产": ("市工信局", "N"),
        "投产之后": ("市工信局", "D"),
    }


def test_completion_opens_the_growth_library_and_production_does_not(table: LifecycleTable) -> None:
    assert {point.id: point.opens for point in table.points if point.opens} == {"COMPLETED": ("growth_library",)}


def test_every_step_and_light_has_a_unit(table: LifecycleTable) -> None:
    assert all(step.owner in table.roles for step in table.milestones)
    assert all(light.goes_to for light in (*table.clocks, *table.gauges))


def test_the_name_of_a_planned_day_says_so(table: LifecycleTable) -> None:
    assert [table.name(place) for place in ("STARTED", "planned:STARTED", "listed", "update")] == [
        "开工",
        "计划开工",
        "列统",
        "进展更新",
    ]


def test_a_point_is_found_by_either_name(table: LifecycleTable) -> None:
    assert [table.point_of(name) for name in ("竣工", "COMPLETED", "收尾")] == ["COMPLETED", "COMPLETED", None]
