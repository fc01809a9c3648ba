"""Every page: what it says, how big it is, and that the two libraries never meet."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from policy_match.eligibility.decide import Verdict
from policy_match.settings import Settings
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match_api.app import create_app
from policy_match_api.state import Opened

LARGEST = 100 * 1024
CSP = "default-src 'self'"


class Page(HTMLParser):
    """What a browser would load and follow, and whether anything stands inline."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.lang = ""
        self.labels = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag in ("script", "style") or "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(tag)
        if tag == "link" or "src" in given:
            self.loads.append(given.get("href") or given.get("src", ""))
        if tag == "a":
            self.links.append(given["href"])
        if "id" in given:
            self.ids.append(given["id"])


def read(client: TestClient, path: str) -> tuple[str, Page]:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text[-300:])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith(CSP)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) < LARGEST, (path, len(answer.content))
    page = Page(answer.text)
    assert page.lang == "zh-CN"
    assert page.inline == []
    assert all(load.startswith("/static/") for load in page.loads), page.loads
    outside = [link for link in page.links if not link.startswith(("/", "#"))]
    assert all(re.match(r"https?://([a-z0-9-]+\.)*gov\.cn(/|$)", link) for link in outside), outside
    assert len(page.ids) == len(set(page.ids)), path
    return answer.text, page


@pytest.mark.parametrize("path", ["/", "/projects", "/demo", "/measures"])
def test_the_main_pages_are_small_and_load_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    text, _ = read(client, path)

    assert 'href="#main"' in text


def test_every_link_of_the_main_pages_leads_somewhere(client: TestClient) -> None:
    links = {link for path in ("/", "/projects", "/demo", "/measures", "/projects/P001", "/demo/D002") for link in read(client, path)[1].links}  # fmt: skip

    for link in sorted(link for link in links if link.startswith("/")):
        assert client.get(link).status_code == 200, link


def test_every_real_project_says_what_is_proved_what_is_open_and_whom_to_ask(
    client: TestClient, libraries: Libraries
) -> None:
    matching = libraries.real.matching
    for row, subject in enumerate(matching.subjects):
        text, _ = read(client, f"/projects/{subject.id}")

        assert subject.shown in text.replace("&#39;", "'").replace("&amp;", "&")
        for heading in ("先问什么", "已证明符合", "待补数据", "差一点", "不符合或不在施行期", "已知事实"):
            assert heading in text, (subject.id, heading)
        open_ = [d for d in matching.decisions(row) if d.verdicts[row] in (Verdict.UNKNOWN, Verdict.NEEDS_HUMAN)]
        owners = {d.rule.measure.owner_unit for d in open_} - {None}
        assert not owners or "还不清楚的事项可咨询" in text
        assert all(str(owner) in text for owner in owners), subject.id
        for measure_id in {d.rule.id for d in matching.decisions(row)}:
            assert f"/projects/{subject.id}/{measure_id}" in text, (subject.id, measure_id)
        assert "示范数据" not in text


def test_a_project_with_nothing_eligible_says_so_and_points_to_the_questions(
    client: TestClient, libraries: Libraries
) -> None:
    matching = libraries.real.matching
    row = next(
        row
        for row in range(len(matching.subjects))
        if all(d.verdicts[row] is not Verdict.ELIGIBLE for d in matching.decisions(row))
    )

    text, _ = read(client, f"/projects/{matching.subjects[row].id}")

    assert "目前没有措施被证明符合" in text


def test_our_readings_of_public_pages_are_marked(client: TestClient) -> None:
    text, _ = read(client, "/projects/P001")

    assert "我们的解读" in text
    assert "公开页面" in text


def test_every_match_page_of_the_demonstration_library_shows_clauses_beside_facts(
    client: TestClient, demo: Library
) -> None:
    for row, subject in enumerate(demo.matching.subjects):
        for decision in demo.matching.decisions(row):
            text, _ = read(client, f"/demo/{subject.id}/{decision.rule.id}")

            assert "条款与事实对照" in text
            assert "示范数据" in text
            assert decision.rule.document.shown_number in text


def test_the_page_of_a_match_shows_value_requirement_source_and_day(client: TestClient) -> None:
    text, _ = read(client, "/demo/D002/js_mfg_loan_discount")

    for part in ("符合", "武进区", "企业数字档案库 2026-03-01", "财政", "每年200万元至400万元", "金额待核实"):
        assert part in text, part


def test_a_near_miss_stands_open_and_says_how_far_it_is(client: TestClient) -> None:
    text, _ = read(client, "/demo/D003")
    near = text[text.index('<h2 id="near">') : text.index('<h2 id="rest">')]

    for part in ("高新技术企业认定", "差一点", "还差0.5个百分点", "还差52天", "达到下列要求即符合"):
        assert part in near, part


def test_a_condition_that_refuses_only_together_with_another_is_not_shown_as_an_obstacle(client: TestClient) -> None:
    text, _ = read(client, "/demo/D001/rd_super_deduction")

    assert '<b class="off">属实</b> <span class="what">主营行业收入占比' in text
    assert '<b class="yes">未触及</b> <span class="what">主营行业（负面清单）' in text
    assert '<b class="no">' not in text


def test_a_condition_that_is_only_one_of_several_ways_is_no_obstacle_once_another_holds(
    client: TestClient, demo: Library
) -> None:
    shown = 0
    for match in demo.matching.lines(verdicts=frozenset({Verdict.ELIGIBLE})):
        text, _ = read(client, f"/demo/{match.subject.id}/{match.rule.id}")
        shown += text.count("非必需")
        assert '<b class="no">' not in text, (match.subject.id, match.rule.id)

    assert shown > 0


def test_a_false_condition_that_refuses_is_shown_as_one(client: TestClient) -> None:
    text, _ = read(client, "/demo/D004/wujin_hnte_award")

    assert '<b class="no">不满足</b> <span class="what">注册地' in text
    assert "天宁区" in text


@pytest.mark.parametrize("path", ["/demo", "/demo/D001", "/demo/D006", "/demo/D002/js_mfg_loan_discount"])
def test_every_page_of_the_demonstration_library_says_that_it_is_invented(client: TestClient, path: str) -> None:
    text, _ = read(client, path)

    assert '<p class="demo" role="note"><strong>示范数据</strong>' in text


def test_no_page_of_the_real_library_names_a_demonstration_subject(client: TestClient, demo: Library) -> None:
    names = {subject.shown for subject in demo.matching.subjects} | {"示范数据"}
    pages = [read(client, f"/projects?page={number}")[0] for number in (1, 2, 3, 4)]

    assert not [name for page in pages for name in names if name in page]


def test_the_front_page_counts_each_library_by_itself(client: TestClient, libraries: Libraries, demo: Library) -> None:
    text, _ = read(client, "/")
    real, invented = (
        text[text.index('id="lib-real"') : text.index('id="lib-demo"')],
        text[text.index('id="lib-demo"') :],
    )

    assert f"<dd>{len(libraries.real.matching.subjects)}</dd>" in real
    assert "示范数据" not in real
    assert "示范数据" in invented
    total = len(libraries.real.matching.subjects) + len(demo.matching.subjects)
    assert f">{total}<" not in text


def test_a_subject_without_facts_is_eligible_for_nothing_and_its_page_still_helps(client: TestClient) -> None:
    text, _ = read(client, "/demo/D006")

    assert "没有任何已知事实" in text
    assert '<b class="yes">0</b> 已证明符合' in text
    assert "去哪里查" in text


def test_list_pages_hold_fifty_rows_and_filters_keep_their_values(client: TestClient, libraries: Libraries) -> None:
    first, page = read(client, "/projects")
    filtered, _ = read(client, "/projects?district=320412&sort=investment&q=项目")

    assert first.count('class="lead-cell"') == 50
    assert len([link for link in page.links if "page=" in link]) == -(-len(libraries.real.matching.subjects) // 50)
    assert '<option value="320412" selected>' in filtered
    assert 'value="项目"' in filtered


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/projects/NOWHERE", 404),
        ("/projects/D001", 404),
        ("/demo/P001", 404),
        ("/projects/P001/no_such_measure", 404),
        ("/measures/no_such_measure", 404),
        ("/measures/hightech_enterprise?version=99", 404),
        ("/projects?page=99", 404),
        ("/projects?page=0", 400),
        ("/projects?page=x", 400),
        ("/projects?district=1", 400),
        ("/measures?level=1", 400),
        ("/nothing/at/all/here", 404),
        ("/static/none.css", 404),
    ],
)
def test_what_does_not_exist_is_a_page_in_chinese(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith(CSP)
    assert "追踪号" in answer.text
    assert answer.headers["x-trace-id"] in answer.text


def test_what_a_user_writes_is_never_markup(client: TestClient) -> None:
    evil = "<script>alert(1)</script>"

    for answer in (client.get("/projects", params={"q": evil}), client.get(f"/projects/{evil}")):
        assert "<script>" not in answer.text


def test_the_logic_of_a_measure_tells_conditions_on_the_same_fact_apart(client: TestClient) -> None:
    text, _ = read(client, "/measures/above_scale_industry")
    logic = text[text.index("条件如何组合") : text.index("待遇", text.index("条件如何组合"))]

    assert "主体类型为工业法人" in logic
    assert "主体类型为企业法人" in logic


def test_every_measure_page_shows_document_clauses_benefit_and_verification(
    client: TestClient, libraries: Libraries
) -> None:
    for rule in libraries.rulebook.rules:
        if rule.measure.status == "draft":
            continue  # proved, never offered
        text, _ = read(client, f"/measures/{rule.id}?version={rule.measure.version}")

        for part in (rule.document.shown_number, "条款与条件对照", "条件如何组合", "待遇", "版本", "有效期"):
            assert part in text, (rule.measure.key, part)
        if rule.measure.verified.benefit not in ("page", "none"):
            assert "金额待核实" in text
        if rule.measure.verified.conditions != "page":
            assert "条件待核实" in text
        if rule.measure.benefit is not None and rule.measure.benefit.form is not None:
            assert ">金额</th>" in text
        if rule.measure.how_to.contact is None and rule.measure.owner_unit is not None:
            assert f"请咨询{rule.measure.owner_unit}" in text


def test_every_clause_and_every_condition_of_a_measure_is_on_its_page(client: TestClient, libraries: Libraries) -> None:
    from html import escape

    for rule in libraries.rulebook.rules:
        if rule.measure.status == "draft":
            continue  # proved, never offered
        text, _ = read(client, f"/measures/{rule.id}?version={rule.measure.version}")

        for clause in rule.measure.clauses:
            if clause.says:
                assert escape(clause.says, quote=False) in text.replace("&#34;", '"').replace("&#39;", "'"), clause.says
        for condition in rule.conditions.values():
            if condition.kind == "fact":
                assert condition.label in text


def test_the_excel_file_of_a_demonstration_subject_says_so_in_its_first_line(
    client: TestClient, tmp_path: Path
) -> None:
    rows = exported(client, "/demo/D002/matches.xlsx", tmp_path)

    assert str(rows[0][0]).startswith("示范数据")
    assert rows[1][:4] == ["项目或企业", "名称", "措施编号", "措施"]
    assert "js_mfg_loan_discount" in {row[2] for row in rows[2:]}


def test_the_excel_file_of_a_real_project_holds_every_measure(
    client: TestClient, libraries: Libraries, tmp_path: Path
) -> None:
    rows = exported(client, "/projects/P001/matches.xlsx", tmp_path)

    assert "示范数据" not in str(rows)
    assert str(rows[0][0]).startswith("真实项目库")
    matching = libraries.real.matching
    assert [row[2] for row in rows[2:]] == [d.rule.id for d in matching.decisions(libraries.real.rows["P001"])]


def exported(client: TestClient, path: str, folder: Path) -> list[list[object]]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    file = folder / "matches.xlsx"
    file.write_bytes(answer.content)
    return list(CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python())


def test_a_project_page_stays_small_with_a_hundred_measures(settings: Settings, libraries: Libraries) -> None:
    rulebook = libraries.rulebook
    current = [rulebook.at(measure_id, libraries.as_of) for measure_id in rulebook.ids]
    copies = [
        replace(rule, measure=rule.measure.model_copy(update={"id": f"{rule.id[:30]}_{number}"}))
        for number in range(100 // len(current) + 1)
        for rule in current
    ]
    many = replace(rulebook, rules=tuple(sorted(copies[:100], key=lambda rule: rule.id)))
    app = create_app(settings)
    app.state.opened = Opened(app.state.opened.archive, settings, own=many)
    held = app.state.opened.today().real
    client = TestClient(app)

    assert len(many.ids) == 100
    for subject in held.matching.subjects[:5]:
        read(client, f"/projects/{subject.id}")
    read(client, "/measures")


def test_without_the_demonstration_library_nothing_of_it_is_shown(settings: Settings) -> None:
    client = TestClient(create_app(settings, demo=False))

    assert "示范" not in client.get("/").text
    assert client.get("/demo").status_code == 404
    assert client.get("/demo/D001").status_code == 404
    assert client.get("/api/v1/projects/D001").status_code == 404
    assert client.get("/api/v1/projects", params={"library": "demo"}).json()["code"] == "LIBRARY_CLOSED"
    assert client.get("/health").json()["demo_subjects"] is None


def test_a_missing_demonstration_file_is_said_and_the_service_starts(settings: Settings, tmp_path: Path) -> None:
    assert settings.corpus is not None
    for part in ("documents", "taxonomies", "projects.csv"):
        (tmp_path / part).symlink_to(settings.corpus / part)

    archive = f"sqlite:///{tmp_path / 'library.db'}"
    app = create_app(Settings(now=datetime(2026, 3, 10), corpus=tmp_path, database_url=archive))
    client = TestClient(app)

    assert any("没有示范库文件" in note for note in app.state.notes)
    assert client.get("/projects/P001").status_code == 200


def test_what_is_shipped_opens_as_it_is(tmp_path: Path, shipped_in: Callable[[Path], Settings]) -> None:
    client = TestClient(create_app(shipped_in(tmp_path)))
    held: Libraries = client.app.state.opened.today()  # type: ignore[attr-defined]

    assert len(held.real.matching.subjects) == 184
    for library, base in zip(held.every, ("/projects", "/demo"), strict=False):
        for subject in library.matching.subjects if library.is_demo else library.matching.subjects[:5]:
            text, _ = read(client, f"{base}/{subject.id}")
            assert ("示范数据" in text) == library.is_demo
            assert not library.is_demo or subject.shown.startswith("示范")


def test_the_style_sheet_and_the_icon_are_small_and_ours(client: TestClient) -> None:
    css, icon = client.get("/static/app.css"), client.get("/favicon.ico")

    assert css.text.count("\n") < 400
    assert "http" not in css.text and "url(" not in css.text
    assert icon.headers["content-type"].startswith("image/png")


def test_a_project_page_answers_for_the_day_that_is_asked(client: TestClient) -> None:
    later = client.get("/projects/P001", params={"as_of": "2026-03-20"}).text

    assert 'value="2026-03-20"' in later
    assert "回到今天" in later
    assert 'href="/projects/P001/matches.xlsx?as_of=2026-03-20"' in later
    assert "回到今天" not in client.get("/projects/P001").text
    assert client.get("/projects/P001", params={"as_of": "soon"}).status_code == 400


def test_the_page_of_a_public_project_says_what_its_record_lacks(client: TestClient) -> None:
    text, _ = read(client, "/projects/P001")

    assert "公开页面所见，未经登记" in text
    assert "项目代码、统一社会信用代码" in text
