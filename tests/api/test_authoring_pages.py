"""The pages of authors: a draft from a page or a measure, its form, what it lacks, what it costs, handing it in; the two who agree."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match.settings import LOCAL, Settings
from policy_match.workflows.library_names import REAL
from policy_match.workflows.read_draft import Draft, find_draft, find_drafts
from policy_match_api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "library"))

from releasing import EQ, folder, measure  # noqa: E402
from signed_in import Door  # noqa: E402

NOW = datetime(2026, 3, 10, 9, tzinfo=LOCAL)
PAGE = """常州市人民政府办公室文件
常政办发〔2026〕9号
关于示例设备贷款奖励的若干措施
第一条 对企业设备投入500万元以上的，按设备投入的10%给予奖励，单个项目最高200万元。
第二条 本措施自2026年1月1日起施行，有效期至2027年12月31日。
常州市人民政府办公室
2025年12月20日
"""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """A service that begins with one measure and has no project yet."""
    tmp_path = tmp_path_factory.mktemp("authoring")
    rules = folder(tmp_path / "own", measure())
    for name in ("ranking.yaml", "push.yaml", "definitions"):
        if (ROOT / "rules" / name).exists():
            (rules / name).symlink_to(ROOT / "rules" / name)
    corpus = rules.parent / "corpus"
    for name in ("lexicon", "projects.csv"):
        (corpus / name).symlink_to(ROOT / "corpus" / name)
    settings = Settings(
        now=NOW, rules=rules, corpus=corpus, database_url=f"sqlite:///{tmp_path / 'library.db'}", cache=tmp_path,
        lookups_per_minute=0,
    )  # fmt: skip
    return Door.of(TestClient(create_app(settings, demo=False)))


def begun(door: Door, client: TestClient, way: str = "same") -> int:
    answer = client.post("/authoring/from-measure", data={"measure": EQ, "way": way}, follow_redirects=False)
    assert answer.status_code == 303
    return int(re.findall(r"/authoring/(\d+)", answer.headers["location"])[0])


def draft_of(door: Door, number: int) -> Draft:
    with door.archive.database.reading() as session:
        return find_draft(session, REAL, number)


def fields_in(page: str) -> dict[str, str]:
    """What a browser would send of the form of a draft."""
    form = page[page.index('class="authoring"') : page.index("<aside")]
    found: dict[str, str] = {}
    for name, value in re.findall(r'<input name="([^"]+)"[^>]* value="([^"]*)"', form):
        found[name] = unescape(value)
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found[name] = unescape(value)
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        found[name] = "" if chosen is None else unescape(chosen[1] if chosen[1] is not None else chosen[2])
    for name, value in re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]+)" checked', form):
        found[name] = f"{found[name]}、{value}" if found[name] else value
    return found


def sent(client: TestClient, number: int, **changed: str) -> str:
    """The page after the form was sent with some fields changed; a double underscore stands for a slash."""
    page = client.get(f"/authoring/{number}").text
    given = fields_in(page) | {name.replace("__", "/").replace("DO", "do"): value for name, value in changed.items()}
    answer = client.post(f"/authoring/{number}", data=given)
    return answer.text


def test_a_form_sent_back_untouched_changes_nothing(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    before = draft_of(door, number)

    page = sent(client, number)

    assert "已保存" in page
    assert draft_of(door, number).measure == before.measure
    assert draft_of(door, number).row_version == before.row_version + 1


def test_each_clause_stands_beside_its_condition_and_what_is_lacking_beside_its_field(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    page = sent(
        client,
        number,
        conditions__equipment__value="很多",
        rest="stacking: {once: project, scope: 同一项目}\nchanges: [{version: 1, date: '2026-01-10', why: 首次录入}]",
    )

    row = page[page.index("设备贷款500万元以上") : page.index("按10%奖励")]
    assert 'name="conditions/equipment/fact"' in row
    field = page[page.index('id="conditions/equipment/value"') :]
    assert field.index("fault") < field.index("</label>")
    assert 'aria-invalid="true"' in field[:200]
    assert '<a href="#conditions/equipment/value">' in page
    assert "处要改" in page and "提交给另外两人批准" not in page

    page = sent(client, number, **{"conditions__equipment__value": "600", "unit:conditions__equipment__value": "万元"})
    assert "读作：设备贷款合同金额不少于600万元" in page


def test_what_is_no_yaml_comes_back_with_all_that_was_written_and_nothing_is_kept(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    page = client.get(f"/authoring/{number}").text

    answer = client.post(
        f"/authoring/{number}", data=fields_in(page) | {"eligible_when": "{all: [", "title": "<新>名称"}
    )

    assert answer.status_code == 422
    assert "{all: [</textarea>" in answer.text and "&lt;新&gt;名称" in answer.text
    assert draft_of(door, number).row_version == 1


def test_whoever_saved_meanwhile_is_not_overwritten(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    old = fields_in(client.get(f"/authoring/{number}").text)
    sent(client, number, title="第一次")

    answer = client.post(f"/authoring/{number}", data=old | {"title": "第二次"})

    assert answer.status_code == 409
    assert "别处又保存过" in answer.text and "第二次" in answer.text
    assert draft_of(door, number).title == "第一次"


def test_buttons_add_and_drop_parts_after_keeping_what_was_written(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    sent(client, number, title="改了", new__0="所在辖市区", DO="fact:0")
    made = draft_of(door, number).measure
    assert made["title"] == "改了"
    assert made["conditions"]["district"] == {"fact": "district", "op": "at_least"}  # type: ignore[call-overload, index]
    assert made["clauses"][0]["by"] == ["equipment", "district"]  # type: ignore[call-overload, index]

    sent(client, number, DO="drop:conditions/district")
    sent(client, number, DO="clause")
    sent(client, number, DO="drop:benefit")
    sent(client, number, DO="benefit")
    made = draft_of(door, number).measure
    assert list(made["conditions"]) == ["equipment"]  # type: ignore[arg-type]
    assert len(made["clauses"]) == 3 and made["benefit"] == {"kind": "cash", "promise": "exact"}  # type: ignore[arg-type]


def test_cases_are_ticked_and_their_verdict_is_the_authors(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    for _ in range(2):
        sent(client, number, DO="drop:cases/0")
    page = client.get(f"/authoring/{number}?suggest=1").text
    assert "每个条件都刚够" in page and '<option value="">您来写</option>' in page

    facts = unescape(re.findall(r'name="facts/0" value="([^"]*)"', page)[0])
    version = str(draft_of(door, number).row_version)
    given = {
        "row_version": version,
        "take/0": "1",
        "facts/0": facts,
        "as_of/0": "2024-09-01",
        "like/0": "",
        "name/0": "刚好",
    }
    refused = client.post(f"/authoring/{number}/cases", data=given)
    assert refused.status_code == 400
    assert "没有写名称或结论" in refused.text and 'value="刚好"' in refused.text
    none = client.post(f"/authoring/{number}/cases", data={"row_version": version})
    assert "没有勾选" in none.text

    done = client.post(f"/authoring/{number}/cases", data=given | {"verdict/0": "ineligible"})
    assert "已加入算例" in done.text and "与填写的不符" in done.text
    assert draft_of(door, number).measure["cases"] == [
        {
            "name": "刚好",
            "as_of": "2024-09-01",
            "facts": {"equipment_loan": "500万元"},
            "expect": {"verdict": "ineligible"},
        }
    ]


def test_a_page_that_is_pasted_or_sent_as_a_file_becomes_drafts(door: Door) -> None:
    client = door.signed_in("industry")

    pasted = client.post("/authoring/from-document", data={"text": PAGE})
    file = client.post("/authoring/from-document", files={"file": ("page.txt", PAGE.encode(), "text/plain")})
    wrong = client.post("/authoring/from-document", files={"file": ("page.exe", b"x", "x")}, data={"text": "留着"})

    assert pasted.status_code == file.status_code == 200
    assert "文件登记" in file.text and 'name="document/number"' in file.text
    assert wrong.status_code == 400 and "留着" in wrong.text
    with door.archive.database.reading() as session:
        assert [one.source for one in find_drafts(session, REAL)[:2]] == ["文件 page.txt", "文件 粘贴的文字.txt"]


def test_the_whole_text_is_shown_taken_along_and_kept(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    text = client.get(f"/authoring/{number}/rule.yaml")
    assert text.headers["content-disposition"] == f'attachment; filename="{EQ}.v1.yaml"'
    assert "待填" in client.get(f"/authoring/{number}/source").text

    wrong = client.post(f"/authoring/{number}/source", data={"text": "a: [", "row_version": "1"})
    assert wrong.status_code == 400 and "a: [</textarea>" in wrong.text
    client.post(
        f"/authoring/{number}/source", data={"text": text.text.replace("示例设备", "示范设备"), "row_version": "1"}
    )
    assert draft_of(door, number).title.startswith("示范设备")


def ready(door: Door, client: TestClient) -> int:
    number = begun(door, client)
    rest = "stacking:\n  once: project\n  scope: 同一项目\nchanges: [{version: 1, date: '2026-01-10', why: 上限下调}]"
    sent(client, number, title="示例设备贷款奖励（改）", rest=rest)
    return number


def test_a_draft_with_something_lacking_is_not_handed_in(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)

    answer = client.post(f"/authoring/{number}/submit", data={"reason": "太早"})

    assert answer.status_code == 400 and "还没有填" in answer.text
    assert draft_of(door, number).is_open


def test_who_may_not_write_rules_sees_drafts_or_nothing_and_changes_none(door: Door) -> None:
    author = door.signed_in("industry")
    number = begun(door, author)
    addresses = (
        "/authoring",
        f"/authoring/{number}",
        f"/authoring/{number}/source",
        f"/authoring/{number}/rule.yaml",
        "/sandbox",
    )

    for address in addresses:
        assert door.client.get(address).status_code in (401, 403), address
        for who in ("admin",):
            assert door.signed_in(who).get(address).status_code == 403, address
        page = door.signed_in("auditor").get(address)
        assert page.status_code == 200 and "<button>保存" not in page.text
    for address in ("close", "submit", "cases", "source", "copy", ""):
        place = f"/authoring/{number}/{address}".rstrip("/")
        assert door.signed_in("auditor").post(place).status_code == 403, place
        other = door.signed_in("industry-2").post(place, data={"row_version": "1", "text": draft_of(door, number).text})
        assert address == "copy" or other.status_code in (400, 403), (place, other.status_code)
    assert draft_of(door, number).row_version == 1 and draft_of(door, number).is_open


def test_the_sandbox_weighs_a_draft_and_is_taken_along_with_a_reason(door: Door) -> None:
    client = door.signed_in("industry")
    number = ready(door, client)
    page = client.get(f"/sandbox?draft={number}").text
    assert ("合计" in page and "按地区" in page) or "个主体" in page

    strong = door.signed_in("industry", strong=True)
    assert client.get(f"/sandbox.xlsx?draft={number}&reason=看看").status_code == 403
    assert strong.get(f"/sandbox.xlsx?draft={number}").status_code == 400
    taken = strong.get(f"/sandbox.xlsx?draft={number}&reason=看看")
    assert taken.status_code == 200 and taken.content[:2] == b"PK"
    assert client.get("/sandbox?draft=99").status_code == 404


def test_a_draft_given_up_leaves_the_list_and_another_begins_with_its_text(door: Door) -> None:
    client = door.signed_in("industry")
    number = begun(door, client)
    client.post(f"/authoring/{number}/copy")
    client.post(f"/authoring/{number}/close")
    listed = client.get("/authoring").text

    assert f'href="/authoring/{number}"' not in listed
    assert f'href="/authoring/{number + 1}"' in listed
    assert draft_of(door, number + 1).measure == draft_of(door, number).measure


def test_a_draft_is_handed_in_and_decides_after_two_others_agreed_on_the_page(door: Door) -> None:
    author = door.signed_in("industry")
    number = ready(door, author)

    shown = author.post(f"/authoring/{number}/submit", data={"reason": "改名称", "since": ""})
    place = shown.url.path
    assert place.startswith("/releases/") and "已提出" in shown.text
    assert "待批准" in shown.text and "改名称" in shown.text
    assert (
        "<del>- title: 示例设备贷款奖励</del>" in shown.text.replace("\n", "") or "示例设备贷款奖励（改）" in shown.text
    )
    assert author.post(f"{place}/approve").status_code == 403

    weak = door.signed_in("industry-2")
    assert "先输动态口令" in weak.get(place).text
    assert weak.post(f"{place}/approve").status_code == 403
    strong = door.signed_in("industry-2", strong=True)
    assert "还要一个人批准" in strong.post(f"{place}/approve").text
    again = strong.post(f"{place}/approve")
    assert again.status_code == 403 and "同一人不能批准两次" in again.text
    last = door.signed_in("industry-3", strong=True).post(f"{place}/approve")
    assert "两个人都已批准" in last.text and "施行中" in last.text
    assert "示例设备贷款奖励（改）" in door.client.get(f"/measures/{EQ}").text

    first = author.post("/releases/1/again", data={"reason": "改回去", "since": ""})
    assert first.url.path == "/releases/3" and "示例设备贷款奖励（改）" in first.text


def test_a_visitor_is_told_who_agreed_and_not_what_it_changes(door: Door) -> None:
    page = door.client.get("/releases/1").text

    assert "建库时" in page and "退回到这一版" not in page
    assert door.client.post("/releases/1/again", data={"reason": "x"}).status_code in (401, 403)
    assert door.client.get("/releases/99").status_code == 404
