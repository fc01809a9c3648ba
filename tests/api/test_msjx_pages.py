"""免申即享 cases on pages and in JSON: the demonstration with every step, the real library no further than a notice goes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from policy_match import verify_proof
from policy_match.entitlement.states import STATE_NAMES, Action, State
from policy_match.settings import LOCAL, Settings
from policy_match.store import cases
from policy_match.store.actors import actor
from policy_match.store.case_tables import Case
from policy_match.store.tables import Subject
from policy_match.workflows.open_archive import Archive
from policy_match_api.app import create_app
from policy_match_api.routes.msjx_answers import CaseAnswer, Cases, Checklist

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=LOCAL)
TODAY = NOW.date()
URL = "https://rsj.changzhou.gov.cn/gs/{number}.html"
ACCOUNT = "3204110012345678"
PUBLIC = {"MX-2026-000001", "MX-2026-000002", "MX-2026-000003"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> TestClient:
    """The shipped libraries with the history of the demonstration, on a database of this file alone."""
    settings = shipped_in(tmp_path_factory.mktemp("msjx"))
    assert settings.instant() == NOW
    return TestClient(create_app(settings))


@pytest.fixture(scope="module")
def real(client: TestClient) -> TestClient:
    """The same service with invented cases of the real library, in a notice that ends today, paid, and in every other state."""
    archive: Archive = client.app.state.opened.archive  # type: ignore[attr-defined]
    others = [state for state in State if state not in (State.NOTICE, State.PAID)]
    rows = [(State.NOTICE, TODAY), (State.PAID, TODAY - timedelta(days=60)), (State.PAID, TODAY - timedelta(days=61))]
    rows += [(State.NOTICE, TODAY - timedelta(days=1))]
    rows += [(state, TODAY) for state in others]
    for number, (state, last) in enumerate(rows, start=1):
        add_case(archive, number, state, last, kind="person" if number == 3 else "enterprise")
    return client


def add_case(archive: Archive, number: int, state: State, last: date, *, kind: str) -> None:
    with archive.database.writing() as session:
        firm = Subject(
            library="real", kind=kind, code=f"T{number:03d}", name=f"试验{state.name}{number}有限公司", created_at=NOW
        )
        session.add(firm)
        session.flush()
        who = actor(session, "labour", TODAY)
        case = Case(
            library="real", number=f"MX-2026-{number:06d}", measure="job_stabilisation_refund", version=1,
            beneficiary_id=firm.id, project_id=None, period=f"20{number + 10}", as_of=TODAY, release="0" * 64,
            amount_fen=123_456, proof_hash=None, first_by=None, opened_at=NOW,
            notice_first=last - timedelta(days=4), notice_last=last,
        )  # fmt: skip
        cases.open_case(session, case, who, NOW, {})
        case.state = State.VERIFIED.value
        cases.move(session, case, who, Action.PUBLISH, NOW, {"url": URL.format(number=number)})
        case.state = State.CONSENT.value
        cases.move(session, case, who, Action.CONFIRM, NOW, {"account": ACCOUNT, "person": "试验确认人"})
        case.state = state.value


def listed(client: TestClient, **params: str) -> Cases:
    answer = client.get("/api/v1/msjx/cases", params=params)
    assert answer.status_code == 200, answer.text
    return Cases.model_validate_json(answer.content, strict=True)


def found(client: TestClient, number: str, **params: str) -> CaseAnswer:
    answer = client.get(f"/api/v1/msjx/cases/{number}", params=params)
    assert answer.status_code == 200, answer.text
    return CaseAnswer.model_validate_json(answer.content, strict=True)


def text_of(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture(scope="module")
def demo(client: TestClient) -> Cases:
    """The demonstration as it was shipped."""
    return listed(client, library="demo")


def test_the_demonstration_opens_with_cases_in_at_least_eight_states(demo: Cases) -> None:
    assert demo.demo
    assert len(demo.states) >= 8
    assert sum(one.count for one in demo.states) == demo.total == len(demo.cases)
    assert [one.number for one in demo.cases] == sorted(one.number for one in demo.cases)


def test_cases_are_filtered_by_state_code_or_name_and_by_measure_and_cut(client: TestClient, demo: Cases) -> None:
    paid = listed(client, library="demo", state="已拨付")
    awards = listed(client, library="demo", measure="cz_hnte_award")
    both = listed(client, library="demo", state="M7", measure="cz_hnte_award")

    assert paid == listed(client, library="demo", state="m7")
    assert {one.state for one in paid.cases} == {"M7"} and paid.total == 2
    assert paid.states == demo.states
    assert {one.measure for one in awards.cases} == {"cz_hnte_award"} and 0 < awards.total < demo.total
    assert [one.number for one in both.cases] == sorted(
        {one.number for one in paid.cases} & {one.number for one in awards.cases}
    )
    cut = listed(client, library="demo", limit="2", offset="1")
    assert (cut.total, cut.cases) == (demo.total, demo.cases[1:3])


def test_of_the_real_library_only_running_notices_and_paid_cases_are_listed(real: TestClient, demo: Cases) -> None:
    body = listed(real)

    assert {one.number for one in body.cases} == PUBLIC
    assert [(one.state, one.count) for one in body.states] == [("M2", 1), ("M7", 2)]
    assert listed(real, state="M0").cases == []
    assert listed(real, library="demo") == demo


def test_a_notice_is_public_to_its_last_day_and_not_the_day_after(real: TestClient) -> None:
    today = {one.number for one in listed(real, state="M2").cases}

    assert today == {"MX-2026-000001"}
    assert real.get("/api/v1/msjx/cases/MX-2026-000004?library=real").status_code == 404


def test_a_real_case_shows_what_its_notice_shows_and_nothing_more(real: TestClient) -> None:
    body = found(real, "MX-2026-000002")

    assert (body.library, body.demo, body.record) == ("real", False, None)
    assert (body.name, body.amount_fen, body.period) == ("试验PAID2有限公司", 123_456, "2012")
    assert body.notice is not None and body.notice.url == URL.format(number=2)


def test_the_name_of_a_natural_person_is_not_shown(real: TestClient) -> None:
    assert found(real, "MX-2026-000003").name is None
    assert "试验PAID3" not in real.get("/msjx").text + real.get("/msjx/MX-2026-000003").text


@pytest.mark.parametrize("state", [one for one in State if one not in (State.NOTICE, State.PAID)])
def test_any_other_real_case_is_as_if_it_were_not_there(real: TestClient, state: State) -> None:
    archive: Archive = real.app.state.opened.archive  # type: ignore[attr-defined]
    with archive.database.reading() as session:
        (hidden,) = [case.number for case in cases.every(session, "real", states=[state])]
    pages = [f"/msjx/{hidden}?library=real", f"/api/v1/msjx/cases/{hidden}?library=real"]
    pages += [f"/api/v1/msjx/cases/{hidden}/proof?library=real", f"/msjx?library=real&state={state.value}", "/msjx"]
    answers = [real.get(path) for path in pages]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 200, 200]
    every = "".join(answer.text for answer in answers)
    assert f"试验{state.name}" not in every
    near = json.loads(answers[1].text)["allowed"]
    assert set(near) <= PUBLIC and near


def test_no_page_of_a_real_case_shows_account_confirmer_or_steps(real: TestClient) -> None:
    for number in PUBLIC:
        shown = real.get(f"/msjx/{number}").text + real.get(f"/api/v1/msjx/cases/{number}").text
        assert ACCOUNT not in shown and "5678" not in shown and "试验确认人" not in shown
        assert "办理过程" not in shown and "示范数据" not in shown
        assert URL.format(number=int(number[-6:])) in shown


def test_a_number_that_both_libraries_have_is_the_real_one_unless_asked(real: TestClient) -> None:
    assert found(real, "MX-2026-000001").library == "real"
    assert found(real, "MX-2026-000001", library="demo").library == "demo"
    assert found(real, "MX-2026-000004").library == "demo"


def test_the_proof_of_a_real_case_holds_an_account_and_is_not_given_out(real: TestClient) -> None:
    answer = real.get("/api/v1/msjx/cases/MX-2026-000002/proof")

    assert (answer.status_code, answer.json()["code"]) == (403, "PROOF_CLOSED")


def test_the_proof_of_a_demonstration_case_is_a_file_that_a_stranger_verifies(client: TestClient, demo: Cases) -> None:
    paid = next(one.number for one in demo.cases if one.state == "M7")
    answer = client.get(f"/api/v1/msjx/cases/{paid}/proof", params={"library": "demo"})

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{paid}.proof.json"'
    verify_proof.verify(json.loads(answer.content))
    changed = json.loads(answer.content)
    changed["body"]["decision"]["pay_fen"] += 1
    with pytest.raises(verify_proof.Refused):
        verify_proof.verify(changed)


def test_every_demonstration_case_tells_its_steps_and_what_may_be_done(client: TestClient, demo: Cases) -> None:
    for line in demo.cases:
        body = found(client, line.number, library="demo")
        record = body.record
        assert record is not None
        assert (record.state, record.amount_fen, record.steps[-1].to) == (line.state, line.amount_fen, line.state)
        assert record.chain == "完整" and [step.seq for step in record.steps] == [*range(1, len(record.steps) + 1)]
        assert [
            step.body["account"] for step in record.steps if not str(step.body.get("account", "*")).startswith("*")
        ] == []
        page = text_of(client, f"/msjx/{line.number}?library=demo")
        assert "示范数据" in page
        for step in record.steps:
            assert step.action_name in page and step.by in page
        for word in record.next:
            assert word in page


def test_the_page_leads_to_its_proof_measure_and_firm(client: TestClient, demo: Cases) -> None:
    for line in demo.cases[24:]:
        page = client.get(f"/msjx/{line.number}?library=demo").text
        links = [unescape(one) for one in re.findall(r'href="(/[^"#]+)"', page)]
        assert [link for link in links if client.get(link).status_code != 200] == []
        assert (f"/{line.number}/proof" in page) is bool(line.amount_fen)
        assert f"/measures/{line.measure}" in links and any(link.startswith("/demo/D") for link in links)


def test_an_objection_stands_on_the_page_of_its_case_with_the_contact_masked(client: TestClient) -> None:
    (held,) = listed(client, library="demo", state="H").cases
    page = text_of(client, f"/msjx/{held.number}?library=demo")

    assert "名单上的名称与营业执照不一致" in page and "待答复" in page
    assert "示范电话" not in page


def test_the_list_keeps_the_libraries_apart_and_its_choices(client: TestClient, demo: Cases) -> None:
    page = client.get("/msjx", params={"library": "demo", "state": "M7", "measure": "cz_hnte_award"}).text
    whole = client.get("/msjx").text

    assert re.findall(r'<option value="([^"]+)" selected>', page) == ["demo", "M7", "cz_hnte_award"]
    assert re.findall(r'href="/msjx/(MX-[^?]+)\?library=demo"', page) == [
        one.number for one in demo.cases if (one.state, one.measure) == ("M7", "cz_hnte_award")
    ]
    assert whole.index('id="of-real"') < whole.index('id="of-demo"')
    for one in demo.states:
        assert f"state={one.state}" in whole and one.name in whole
    assert 'href="/msjx" aria-current="page"' in whole


def test_the_front_page_counts_the_cases_of_the_demonstration(client: TestClient, demo: Cases) -> None:
    page = text_of(client, "/")

    assert f"免申即享办件 {demo.total} 件" in page
    assert "、".join(f"{one.name} {one.count}" for one in demo.states) in page


@pytest.fixture(scope="module")
def of_mode(client: TestClient) -> list[str]:
    """The measures of the mode, as the catalogue tells them."""
    every = client.get("/api/v1/measures").json()["measures"]
    return [one["id"] for one in every if one["mode"] == "msjx"]


def test_the_ten_questions_stand_on_every_page_of_the_mode_with_their_reasons(
    client: TestClient, of_mode: list[str]
) -> None:
    assert len(of_mode) >= 3
    for measure in of_mode:
        answer = client.get(f"/api/v1/measures/{measure}/checklist")
        body = Checklist.model_validate_json(answer.content, strict=True)
        page = text_of(client, f"/measures/{measure}")
        assert [one.code for one in body.answers] == [f"E{n}" for n in range(1, 11)]
        assert body.conclusion in page
        for one in body.answers:
            mark = {True: "✔", False: "✘", None: "？"}[one.holds]
            assert re.search(rf"{mark}\s+{one.code}\b", page) and one.question in page and one.why in page


def test_measures_of_other_modes_answer_the_questions_in_json_and_not_on_their_page(client: TestClient) -> None:
    body = client.get("/api/v1/measures/hightech_enterprise/checklist").json()

    assert body["mode"] != "msjx" and len(body["answers"]) == 10
    assert "十问" not in text_of(client, "/measures/hightech_enterprise")


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("msjx/cases?status=M1", 400, "PARAM_UNKNOWN", "status"),
        ("msjx/cases?library=all", 400, "PARAM_VALUE", "library"),
        ("msjx/cases?state=M99", 400, "MSJX_STATE_NAME", "state"),
        ("msjx/cases?library=demo&measure=cz_hnte_awards", 400, "PARAM_VALUE", "measure"),
        ("msjx/cases?limit=0", 400, "PARAM_VALUE", "limit"),
        ("msjx/cases?offset=-1", 400, "PARAM_VALUE", "offset"),
        ("msjx/cases/MX-2026-999999", 404, "MSJX_UNKNOWN", "number"),
        ("msjx/cases/MX-2026-000025?library=Demo", 400, "PARAM_VALUE", "library"),
        ("msjx/cases/MX-2026-000025?as_of=2026-01-01", 400, "PARAM_UNKNOWN", "as_of"),
        ("msjx/cases/MX-2026-000025/proof?format=xml", 400, "PARAM_UNKNOWN", "format"),
        ("msjx/cases/MX-2026-000001/proof?library=demo", 409, "PROOF_NONE", "number"),
        ("measures/cz_hnte_awrd/checklist", 404, "MEASURE_UNKNOWN", "measure_id"),
        ("measures/cz_hnte_award/checklist?version=9", 404, "VERSION_UNKNOWN", "version"),
        ("measures/cz_hnte_award/checklist?as_of=2026-02-30", 400, "DATE_FORMAT", "as_of"),
    ],
)
def test_a_wrong_request_is_a_problem_with_code_field_and_remedy(
    client: TestClient, path: str, status: int, code: str, field: str
) -> None:
    answer = client.get(f"/api/v1/{path}")
    body = answer.json()

    assert (answer.status_code, body["code"], body["field"]) == (status, code, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["message_zh"] and body["hint_zh"] and body["message_en"] != "The request cannot be answered."


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/msjx?state=<b>", 400, "没有状态"),
        ("/msjx?measure=hightech_enterprise", 400, "没有“hightech_enterprise”这一类"),
        ("/msjx?library=all", 400, "没有“all”这个库"),
        ("/msjx?page=0", 400, "page"),
        ("/msjx/MX-1?library=demo", 404, "没有编号为"),
        ("/msjx/<script>", 404, "没有编号为"),
    ],
)
def test_a_wrong_page_is_answered_in_chinese_and_never_as_markup(
    client: TestClient, path: str, status: int, words: str
) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert words in unescape(answer.text)
    assert "<b>”" not in answer.text and "<script" not in answer.text


def test_without_the_demonstration_only_the_real_section_is_there(tmp_path: Path) -> None:
    settings = Settings(now=NOW, database_url=f"sqlite:///{tmp_path / 'library.db'}")
    alone = TestClient(create_app(settings, demo=False))
    page = alone.get("/msjx").text

    assert 'id="of-real"' in page and "示范" not in page
    assert "免申即享办件 " not in alone.get("/").text
    assert set(STATE_NAMES.values()) <= set(re.findall(r">([^<>]+)</option>", page))
