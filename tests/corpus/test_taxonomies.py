"""The lists of names: read strictly, true to the standards and the rules, and used where people meet them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from policy_match.authoring.audit_names import INVENTED
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema import FactCondition
from policy_match.errors import RuleError
from policy_match.exchange.taxonomies import load_taxonomies
from policy_match.facts.cells import Cell, Items, Text, Value
from policy_match.facts.read import Json, read_cell, read_text_cell
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import DISTRICTS, REGIONS, canonical_region, region_name, region_path
from policy_match.workflows.hint_tracks import track_hints
from policy_match.workflows.match import Matching
from policy_match.workflows.show_measure import grants_text, owner_text

LISTS = Path(__file__).resolve().parents[2] / "corpus" / "taxonomies"
NAMES = ("units.yaml", "issuers.yaml", "honours.yaml", "tracks.yaml")
DAY = date(2025, 6, 15)


def asked_honours(rulebook: Rulebook) -> Iterator[str]:
    conditions = [c for rule in rulebook.rules for c in rule.measure.conditions.values()]
    conditions += [c for definition in rulebook.definitions.values() for c in definition.conditions.values()]
    for condition in conditions:
        if isinstance(condition, FactCondition) and condition.fact == "honours":
            yield from map(str, condition.value if isinstance(condition.value, list) else [condition.value])


def project(vocabulary: Vocabulary, **facts: Json) -> Subject:
    return Subject(
        "P1", Kind.PROJECT, {n: read_cell(vocabulary[n], w, vocabulary) for n, w in facts.items()}, "示范项目"
    )


# what the shipped lists hold


def test_every_list_is_there_and_holds_the_three_stage_leads_of_the_notice(vocabulary: Vocabulary) -> None:
    lists = vocabulary.taxonomies

    assert all((LISTS / name).is_file() for name in NAMES)
    assert len(lists.units) >= 20
    assert len(lists.honours) >= 45
    for unit, stage in (("市商务局", "签约至立项"), ("市发改委", "立项至竣工"), ("市工信局", "竣工至投产")):
        assert stage in (lists.units[unit].role or "")


def test_tracks_are_the_seven_of_the_notice_with_codes_of_the_standard(vocabulary: Vocabulary) -> None:
    tracks, industries = vocabulary.taxonomies.tracks, vocabulary.industries

    assert tuple(tracks) == vocabulary["track"].options
    assert len(tracks) == 7
    codes = [code for track in tracks.values() for code in track.industries]
    assert all(code in industries.names for code in codes)
    assert len(set(codes)) < len(codes), "the mapping is many-to-many: a code may belong to several tracks"
    assert "我们的理解" in vocabulary.taxonomies.reading


def test_names_that_rules_use_are_the_one_name_of_each_thing(rulebook: Rulebook) -> None:
    lists = rulebook.vocabulary.taxonomies
    owners = {u for rule in rulebook.rules for u in (rule.measure.owner_unit or "").split("、") if u}
    granted = {rule.measure.grants for rule in rulebook.rules} - {None}

    assert len(owners) >= 15
    assert owners <= lists.units.keys()
    assert not any(name.startswith(INVENTED) for name in owners)
    assert set(asked_honours(rulebook)) | granted <= lists.honours.keys()
    assert len(set(asked_honours(rulebook))) >= 40


def test_a_validity_says_where_it_was_seen_and_what_was_not_seen_has_none(vocabulary: Vocabulary) -> None:
    honours = vocabulary.taxonomies.honours

    assert {name: h.validity.years for name, h in honours.items() if h.validity is not None} == {
        "高新技术企业": 3,
        "创新型中小企业": 3,
        "专精特新中小企业": 3,
        "专精特新“小巨人”企业": 3,
    }
    assert "凭记忆" in honours["高新技术企业"].text
    assert "见于官方页面" in honours["专精特新中小企业"].text
    assert "有效期未见" in honours["中国质量奖"].text


# honours of subjects


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("高企", "高新技术企业"),
        ("国家高新技术企业", "高新技术企业"),
        ('专精特新"小巨人"企业', "专精特新“小巨人”企业"),
        ("省级专精特新小巨人企业", "省级专精特新小巨人企业"),
        ("江苏省首台(套)重大装备", "江苏省首台（套）重大装备"),
        ("某协会优秀企业", "某协会优秀企业"),
    ],
)
def test_an_honour_known_by_another_name_is_read_by_its_one_name(
    written: str, name: str, vocabulary: Vocabulary
) -> None:
    spec = vocabulary["honours"]

    for value in (
        read_cell(spec, [written], vocabulary).value,
        read_cell(spec, [{"name": f" {written} ", "year": "2024"}], vocabulary).value,
        read_text_cell(spec, f"{written}@2024", None, vocabulary),
    ):
        assert isinstance(value, Items)
        assert [item.name for item in value.items] == [name]


def test_only_honours_are_renamed_and_an_end_that_is_not_known_stays_unknown(vocabulary: Vocabulary) -> None:
    listed = read_cell(vocabulary["lists"], ["高企"], vocabulary).value
    titled = read_cell(vocabulary["honours"], [{"name": "高企", "granted_on": "2024-11-06"}], vocabulary).value

    assert isinstance(listed, Items)
    assert listed.items[0].name == "高企"
    assert isinstance(titled, Items)
    assert titled.items[0].through is None


def test_a_title_by_its_other_name_decides_like_the_title_itself(rulebook: Rulebook) -> None:
    def verdict(name: str) -> Verdict:
        honours: Json = [{"name": name, "granted_on": "2024-09-02", "valid_through": "2027-09-01"}]
        cells = {"honours": read_cell(rulebook.vocabulary["honours"], honours, rulebook.vocabulary)}
        matching = Matching(rulebook, [Subject("E1", Kind.ENTERPRISE, cells)], DAY)
        return matching.decision("little_giant_central_award").verdicts[0]

    assert verdict('国家级专精特新"小巨人"企业') == verdict("专精特新“小巨人”企业") != verdict("某协会优秀企业")


# development zones


def test_development_zones_lie_in_their_district_and_are_written_by_name() -> None:
    zones = {code for code in REGIONS if not code.isdigit()} - {"JK"}

    assert len(zones) >= 10
    for code in zones:
        district = region_path(code)[-2]
        assert district in DISTRICTS
        assert code not in DISTRICTS
        assert canonical_region(region_name(code)) == canonical_region(code) == code
        assert canonical_region(f"常州市{region_name(code)}") == code
    assert region_path("WJ-GX") == ("000000", "320000", "320400", "320412", "WJ-GX")


@pytest.mark.parametrize(
    ("written", "code"),
    [("常州国家高新区", "320411"), ("常州高新区", "320411"), ("武进高新区", "WJ-GX"), ("江苏中关村", "LY-ZGC")],
)
def test_zones_are_read_by_their_other_names(written: str, code: str) -> None:
    assert canonical_region(written) == code


@pytest.mark.parametrize("written", ["全", "高新区", "开发区", "武进区高新区"])
def test_a_name_that_is_no_place_or_several_is_refused(written: str) -> None:
    with pytest.raises(Exception, match="不认识的地区"):
        canonical_region(written)


@pytest.mark.parametrize(
    ("place", "verdict"),
    [
        ("武进国家高新区", Verdict.ELIGIBLE),
        ("武进区", Verdict.ELIGIBLE),
        ("金坛经开区", Verdict.INELIGIBLE),
        ("常州市", Verdict.UNKNOWN),
    ],
)
def test_a_project_in_a_zone_is_in_its_district(place: str, verdict: Verdict, rulebook: Rulebook) -> None:
    subject = project(rulebook.vocabulary, district=place, in_open_power_zone=True)

    matching = Matching(rulebook, [subject], date(2024, 8, 16))

    assert matching.decision("wujin_open_door_power").verdicts == (verdict,)


# what people see


def test_owner_units_are_told_with_full_name_and_part_in_the_notice(rulebook: Rulebook) -> None:
    lists = rulebook.vocabulary.taxonomies
    measures = {rule.measure.owner_unit: rule.measure for rule in rulebook.rules}

    assert (
        owner_text(measures["市工信局"], lists) == "市工信局（常州市工业和信息化局；招推服方案中：竣工至投产阶段牵头）"
    )
    assert owner_text(measures["武进区科技局"], lists) == "武进区科技局"
    assert owner_text(measures["溧阳市商务局、溧阳市工信局"], lists) == "溧阳市商务局、溧阳市工信局"
    assert owner_text(measures[None], lists) == "未见"


def test_a_recognition_tells_how_long_its_title_holds(rulebook: Rulebook) -> None:
    measure = rulebook.at("hightech_enterprise", DAY).measure

    assert grants_text(measure, rulebook.vocabulary.taxonomies) == (
        "“高新技术企业”（国家级，有效期3年（国科发火〔2016〕32号，凭记忆））"
    )


def test_a_track_is_hinted_from_code_and_words_with_its_grounds(vocabulary: Vocabulary) -> None:
    hints = track_hints(project(vocabulary, industry_code="C3849", content="年产氢燃料电池和储氢瓶"), vocabulary)

    assert [(hint.track, hint.why) for hint in hints] == [
        ("氢能", ("行业代码C3849", "“氢燃料”", "“燃料电池”", "“储氢”")),
        ("新一代固态电池", ("行业代码C3849",)),
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"industry_code": "C13", "content": "年产豆制品"},
        {"industry_code": "C38"},
        {"industry_code": "C3841", "track": ["氢能"]},
        {"industry_code": "C3841", "track": []},
    ],
)
def test_no_track_is_hinted_without_grounds_or_where_it_is_known(
    facts: dict[str, Json], vocabulary: Vocabulary
) -> None:
    assert track_hints(project(vocabulary, **facts), vocabulary) == ()


def test_a_firm_has_no_track_and_latin_words_are_found_in_any_case(vocabulary: Vocabulary) -> None:
    text: Value = Text("EVTOL整机")

    assert track_hints(Subject("E1", Kind.ENTERPRISE, {"content": Cell(text)}), vocabulary) == ()
    assert [h.track for h in track_hints(Subject("P1", Kind.PROJECT, {"content": Cell(text)}), vocabulary)] == [
        "低空经济"
    ]


def test_a_hint_decides_nothing(rulebook: Rulebook) -> None:
    subject = project(rulebook.vocabulary, industry_code="C3963", content="低空经济无人机")

    matching = Matching(rulebook, [subject], DAY)

    assert track_hints(subject, rulebook.vocabulary)[0].track == "低空经济"
    assert matching.table.cell(0, "track").value is None


# faults


def test_a_body_that_owns_measures_and_issues_documents_has_one_full_name(vocabulary: Vocabulary) -> None:
    lists = vocabulary.taxonomies
    both = [
        (unit, lists.issuers[lists.issuer_names[unit.name]])
        for unit in lists.units.values()
        if unit.name in lists.issuer_names
    ]

    assert len(both) >= 5
    for unit, body in both:
        assert body.level == unit.level
        assert unit.full_name in (None, body.name)


def test_every_issuer_issues_a_registered_document_or_stands_in_an_entry(
    rulebook: Rulebook, vocabulary: Vocabulary
) -> None:
    used = {name for document in rulebook.documents.values() for name in document.issuers or ()}
    entries = "".join(path.read_text("utf-8") for path in (LISTS.parent / "entries").glob("*.yaml"))

    for body in vocabulary.taxonomies.issuers.values():
        assert body.name in used or any(name in entries for name in (body.name, *body.other_names)), body.name
        for prefix in body.series:
            numbers = "".join(document.number or "" for document in rulebook.documents.values())
            assert f"{prefix}〔" in entries + numbers, prefix


def broken(tmp_path: Path, name: str, old: str, new: str) -> Path:
    folder = tmp_path / "taxonomies"
    shutil.copytree(LISTS, folder)
    text = (folder / name).read_text("utf-8")
    assert text.count(old) == 1, old
    (folder / name).write_text(text.replace(old, new), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "told"),
    [
        ("units.yaml", "{name: 市数据局, ", "{name: 市数据局, tel: 12345, ", "KEY_UNKNOWN", "other_names"),
        ("units.yaml", "name: 市住建局", "name: 市市监局", "DUPLICATE_NAME", "市市监局"),
        ("units.yaml", "{name: 市统计局, level: city", "{name: 市统计局, level: town", "SHAPE", "national"),
        ("units.yaml", '溧阳市商务局, level: district, region: "320481"', '溧阳市商务局, level: district, region: 溧阴市', "REGION_UNKNOWN", "溧阳市"),
        ("units.yaml", "schema: units/1", "schema: units/2", "SHAPE", "units/1"),
        ("issuers.yaml", "{name: 财政部, level", "{name: 财政部, phone: 12345, level", "KEY_UNKNOWN", "short_name"),
        ("issuers.yaml", "short_name: 工信部, ", "short_name: 科技部, ", "DUPLICATE_NAME", "科技部"),
        ("issuers.yaml", "series: [常政办发]", "series: [常政办发, 常政发]", "DUPLICATE_NAME", "常政发"),
        ("issuers.yaml", "{name: 税务总局, level: national}", "{name: 税务总局}", "SHAPE", "level"),
        ("honours.yaml", "other_names: [高企, ", "other_names: [高企, 中国质量奖, ", "DUPLICATE_NAME", "中国质量奖"),
        ("honours.yaml", "years: 3, seen: recalled, source: 国科发火〔2016〕32号", "years: 0, seen: recalled, source: 国科发火〔2016〕32号", "SHAPE", "years"),
        ("honours.yaml", "years: 3, seen: recalled, source: 国科发火〔2016〕32号", "years: 3, seen: recalled", "SHAPE", "source"),
        ("honours.yaml", "{name: 世界500强, level: null}", "{name: 世界500强}", "SHAPE", "level"),
        ("tracks.yaml", "industries: [C3612, C3962]", "industries: [C3612, C9999]", "INDUSTRY_UNKNOWN", "C9999"),
        ("tracks.yaml", "industries: [C3612, C3962]", 'industries: [C3612, "3962"]', "INDUSTRY_UNKNOWN", "C3962"),
        ("tracks.yaml", "industries: [C3612, C3962]", "industries: []", "SHAPE", "至少一项"),
        ("tracks.yaml", "reading: 赛道与行业代码、产品词的对应是我们的理解，不是文件规定\n", "", "SHAPE", "reading"),
        ("tracks.yaml", "name: 合成生物", "name: 合成生命", "TRACK", "合成生物"),
        ("tracks.yaml", "name: 合成生物", "name: 氢能", "DUPLICATE_NAME", "氢能"),
        ("tracks.yaml", "schema: tracks/1", "schema: tracks/1\nschema: tracks/1", "YAML_DUPLICATE", "schema"),
    ],
)  # fmt: skip
def test_a_fault_of_a_list_is_told_by_file_and_line(
    name: str, old: str, new: str, code: str, told: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    folder = broken(tmp_path, name, old, new)

    with pytest.raises(RuleError) as caught:
        load_taxonomies(folder, vocabulary)

    found = [issue for issue in caught.value.issues if issue.code == code]
    assert found
    assert all(re.fullmatch(rf"taxonomies/{re.escape(name)}:\d+", issue.where) for issue in caught.value.issues)
    assert told in str(found[0])
    assert found[0].allowed or found[0].hint
    assert str(tmp_path) not in str(caught.value)


def test_a_line_is_that_of_the_entry(tmp_path: Path, vocabulary: Vocabulary) -> None:
    folder = broken(tmp_path, "honours.yaml", "{name: 世界500强, ", "{name: 世界500强, since: 1995, ")
    lines = (folder / "honours.yaml").read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, start=1) if "1995" in text)

    with pytest.raises(RuleError) as caught:
        load_taxonomies(folder, vocabulary)

    assert [issue.where for issue in caught.value.issues] == [f"taxonomies/honours.yaml:{line}"]


def test_a_corpus_without_lists_has_empty_ones(tmp_path: Path, vocabulary: Vocabulary) -> None:
    lists = load_taxonomies(tmp_path, vocabulary)

    assert (lists.units, lists.issuers, lists.honours, lists.tracks) == ({}, {}, {}, {})


def test_the_lists_carry_no_contacts_and_no_addresses() -> None:
    for name in NAMES:
        text = (LISTS / name).read_text("utf-8")
        assert yaml.safe_load(text)
        assert not re.search(r"https?:|@|\d{7,}", text.replace('"', ""))
