"""A firm's own pages: what it may have in plain words, what it may say about it, and nothing of anybody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from test_self_check import rows

from policy_match.access.passwords import DEMO_PASSWORD, hashed
from policy_match.access.viewer import Means, Viewer
from policy_match.eligibility.decide import Verdict
from policy_match.facts.subjects import Kind
from policy_match.ranking.decisions import review_id
from policy_match.settings import Settings
from policy_match.store import cases, doubts, objections, subjects
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.decide_review import NewDecision, decide_review
from policy_match.workflows.find_reviews import FACT_DISPUTED
from policy_match.workflows.match import Match
from policy_match.workflows.object_case import answer_objection
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.settle_doubt import settle_doubt
from policy_match.workflows.show_firm import FirmShown, own_subjects, show_firm
from policy_match.workflows.show_project import marking_of
from policy_match.workflows.tell_match import LONGEST, plain_amount, sentence, told
from policy_match.workflows.write_entry import By
from policy_match_api.app import create_app

BIG, SMALL = "demo-enterprise-d001", "demo-enterprise-d045"
WAITING, PAID, HELD, NOTICE = (f"MX-2026-0000{n}" for n in (29, 25, 38, 30))
FACTS = "/firm/facts/D101"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, shipped_in: Callable[[Path], Settings]) -> Iterator[TestClient]:
    """The service over the shipped demonstration."""
    settings = shipped_in(tmp_path_factory.mktemp("firm"))
    free = settings.model_copy(update={"lookups_per_minute": 0, "matches_per_minute": 0, "logins_per_minute": 0})
    made = TestClient(create_app(free))
    yield made
    archive_of(made).database.close()


def archive_of(app: TestClient) -> Archive:
    found: Archive = app.app.state.opened.archive  # type: ignore[attr-defined]
    return found


def by(app: TestClient, actor: str) -> By:
    return By("demo", actor, app.app.state.opened.settings.instant())  # type: ignore[attr-defined]


def signed_in(app: TestClient, login: str) -> TestClient:
    """A client that signed in at the form."""
    client = TestClient(app.app)
    answer = client.post("/login", data={"login": login, "password": DEMO_PASSWORD}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return client


def account_of(app: TestClient, code: str) -> TestClient:
    """A client of a firm of the demonstration that has no account yet."""
    archive, login = archive_of(app), f"test-enterprise-{code.lower()}"
    with archive.database.writing() as session:
        row = subjects.by_code(session, "demo", code)
        assert row is not None
        keys = subjects.keys_of(session, [row.id])[row.id]
        firm = next(key.value for key in keys if key.kind == subjects.CREDIT_CODE)
        if session.get(Actor, login) is None:
            session.add(
                Actor(id=login, name=login, role="enterprise", region=firm[2:8], firm=firm, valid_from=date(2000, 1, 1))
            )
            session.flush()
            session.add(
                Account(
                    actor_id=login, login=login, password_hash=hashed(DEMO_PASSWORD), must_change=False, failed=[],
                    totp_confirmed=False, is_demo=True, made_at=by(app, login).now, password_set_at=by(app, login).now,
                )
            )  # fmt: skip
    return signed_in(app, login)


@pytest.fixture(scope="module")
def big(app: TestClient) -> TestClient:
    return signed_in(app, BIG)


@pytest.fixture(scope="module")
def small(app: TestClient) -> TestClient:
    return signed_in(app, SMALL)


def words(text: str) -> str:
    """What a page says, without marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def shown_to(app: TestClient, login: str, firm: str) -> FirmShown:
    """What the pages of a firm are made of."""
    viewer = Viewer(login, login, "enterprise", Means.SESSION, region=firm[2:8], firm=firm, library="demo")
    opened = app.app.state.opened  # type: ignore[attr-defined]
    library = opened.seen_on(opened.settings.today(), viewer).demo
    return show_firm(library, own_subjects(library, viewer, archive_of(app).permissions))


def every(shown: FirmShown) -> list[Match]:
    return [match for each in shown.matches.values() for same in each for match in same]


@pytest.fixture(scope="module")
def of_big(app: TestClient) -> FirmShown:
    return shown_to(app, BIG, "91320412MAYYYY219L")


def test_the_link_of_a_message_leads_through_the_sign_in_back_to_its_page(app: TestClient) -> None:
    path = "/firm/match/D101/js_mfg_loan_discount"
    client = TestClient(app.app)
    sent = client.get(path, follow_redirects=False)

    assert (sent.status_code, sent.headers["location"]) == (
        303,
        "/login?next=%2Ffirm%2Fmatch%2FD101%2Fjs_mfg_loan_discount",
    )
    form = {"login": BIG, "password": DEMO_PASSWORD, "next": path}
    assert client.post("/login", data=form, follow_redirects=False).headers["location"] == path
    assert client.get(path).status_code == 200


def test_the_header_leads_a_firm_to_its_pages_and_nobody_else_gets_in(app: TestClient, big: TestClient) -> None:
    assert 'href="/firm"' in big.get("/").text
    for login in ("demo-district-320412", "demo-auditor", "demo-treasury"):
        other = signed_in(app, login)
        assert 'href="/firm"' not in other.get("/").text
        for path in ("/firm", FACTS, "/firm/match/D101/js_mfg_loan_discount", f"/firm/case/{WAITING}", "/firm/checkup"):
            assert other.get(path).status_code == 403, (login, path)
    assert app.post(FACTS, data={"fact": "content", "right": "x"}).status_code in (401, 403)


def test_a_firm_sees_itself_and_its_projects_and_no_other_firm_and_no_person(
    big: TestClient, small: TestClient, of_big: FirmShown
) -> None:
    assert [one.id for one in of_big.subjects] == ["D001", "D101", "D102", "D128"]
    assert {one.kind for one in of_big.subjects} == {Kind.ENTERPRISE, Kind.PROJECT}
    for path in (
        f"/firm/case/{WAITING}",
        "/firm/match/D045/cz_unicorn_award",
        "/firm/facts/D045",
        "/firm/facts/D206",
        "/firm/case/x",
    ):
        assert big.get(path).status_code == 404, path
    answer = big.post(f"/firm/case/{WAITING}/decline", data={"person": "示范", "version": "1"})
    assert answer.status_code == 404
    assert "已放弃" not in small.get(f"/firm/case/{WAITING}").text
    assert "永钰" not in words(big.get("/firm").text)


def test_a_firm_without_a_line_in_the_library_is_told_so(app: TestClient) -> None:
    with archive_of(app).database.writing() as session:
        session.get_one(Actor, "demo-enterprise-d005").firm = "91320481MAYYYY9996"
    try:
        page = words(signed_in(app, "demo-enterprise-d005").get("/firm").text)
        assert "库里还没有您企业的数据" in page and "辖市区的经办人" in page
    finally:
        with archive_of(app).database.writing() as session:
            session.get_one(Actor, "demo-enterprise-d005").firm = "91320481MAYYYY251X"


def test_a_benefit_of_the_firm_stands_once_however_many_projects_meet_it(of_big: FirmShown, big: TestClient) -> None:
    pairs = [(match.beneficiary, match.rule.id) for match in every(of_big)]

    assert len(pairs) == len(set(pairs)) > 100
    lines = [match for match in every(of_big) if match.rule.id == "rd_super_deduction"]
    assert [match.subject.id for match in lines] == ["D001"]
    assert big.get("/firm").text.count("/rd_super_deduction") == 1


def test_what_is_not_proved_promises_no_sum_and_every_sentence_fits_a_message(
    app: TestClient, of_big: FirmShown
) -> None:
    small = shown_to(app, SMALL, "91320481MAYYYY6577")
    both = [*every(of_big), *every(small)]

    assert {match.verdict for match in both} >= {
        Verdict.ELIGIBLE,
        Verdict.UNKNOWN,
        Verdict.NEEDS_HUMAN,
        Verdict.INELIGIBLE,
    }
    for match in both:
        amount, said = plain_amount(match), sentence(match, marking_of(match))
        assert len(said) <= LONGEST and said.endswith("。"), said
        assert "预计可享受" in said or match.verdict is not Verdict.ELIGIBLE
        if match.verdict is not Verdict.ELIGIBLE:
            assert "预计" not in amount + said or (match.amount is not None and match.amount.kind != "cash"), said
        if match.amount is not None and not match.amount.verified:
            assert "金额待核实" in amount
    known = next(match for match in every(small) if match.rule.id == "cz_unicorn_award")
    assert plain_amount(known) == "最高200万元（金额待核实）"
    assert sentence(known, marking_of(known)).endswith("还不清楚的：注册地；独角兽认定情形；本次认定（入库）日期。")


def test_a_refusal_names_what_stands_in_the_way_and_advice_waits_for_a_caseworker(
    app: TestClient, big: TestClient, of_big: FirmShown
) -> None:
    near = next(match for match in every(of_big) if match.near is not None)
    page = words(big.get(f"/firm/match/{near.subject.id}/{near.rule.id}").text)

    assert told(near, marking_of(near)).against
    assert "现在不符合" in page and "差一点" not in page and "即满足" not in page
    assert "匹配分" not in page and "优先级" not in page

    caseworker, number = by(app, "demo-district-320412"), review_id((near.subject.id, near.rule.id))
    claim_review(archive_of(app), number, caseworker)
    decide_review(archive_of(app), NewDecision(number, "confirm"), caseworker)
    assert "差一点" in words(big.get(f"/firm/match/{near.subject.id}/{near.rule.id}").text)


def test_a_correction_is_a_question_for_people_and_changes_no_fact(app: TestClient, big: TestClient) -> None:
    before = big.get("/api/v1/projects/D101/matches?library=demo").json()["matches"]
    given = {"fact": "total_investment", "right": "15亿元", "why": "二期已并入，见立项批复"}

    answer = big.post(FACTS, data=given, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{FACTS}?done=fact")
    big.post(FACTS, data=given)
    page = words(big.get(f"{FACTS}?done=fact").text)
    assert (
        "答复以前数据不变" in page and "企业提出总投资应为“15亿元”：二期已并入，见立项批复" in page and "待核实" in page
    )

    with archive_of(app).database.reading() as session:
        found = [one for one in doubts.still_open(session, "demo") if "二期已并入" in one.what]
    assert [(one.code, one.value) for one in found] == [(FACT_DISPUTED, "total_investment")]
    after = big.get("/api/v1/projects/D101/matches?library=demo").json()["matches"]
    assert after == before

    settle_doubt(
        archive_of(app),
        "demo",
        found[0].id,
        "refused",
        by="development",
        now=by(app, "").now,
        note="批复是另一个项目的",
    )
    assert "不认可 ：批复是另一个项目的" in words(big.get("/firm").text).replace("不认可：", "不认可 ：")
    again = big.post(FACTS, data=given)
    assert again.status_code == 409 and "已答复：批复是另一个项目的" in words(again.text)


def test_a_fact_of_the_firm_that_a_project_reads_is_asked_of_the_firm(app: TestClient, big: TestClient) -> None:
    assert big.post(FACTS, data={"fact": "revenue_last", "right": "4亿元"}).status_code == 200

    with archive_of(app).database.reading() as session:
        found = [one for one in doubts.still_open(session, "demo") if "4亿元" in one.what]
        assert [subjects.by_ids(session, [found[0].subject_id or 0])[found[0].subject_id or 0].code] == ["D001"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fact": "total_investment", "right": "", "why": " "}, "没有写总投资应该是什么"),
        ({"fact": "total_investment", "right": "很多<b>", "why": "见批复"}, "很多<b>"),
        ({"fact": "no_such_fact", "right": "1", "why": "见批复"}, "no_such_fact"),
        ({"fact": "content", "right": "字" * 501, "why": "见批复"}, "写得太长"),
    ],
)
def test_a_correction_that_cannot_be_taken_comes_back_with_what_was_written(
    big: TestClient, given: dict[str, str], said: str
) -> None:
    answer = big.post(FACTS, data=given)

    assert answer.status_code == 400
    assert said in words(answer.text) or said in unescape(answer.text)
    assert 'role="alert"' in answer.text and "<b>" + "”" not in answer.text
    assert given["why"].strip() in answer.text and given["right"][:20] in unescape(answer.text)


def test_a_firm_that_was_left_out_objects_and_reads_the_answer(app: TestClient, big: TestClient) -> None:
    path = "/firm/match/D001/cz_unicorn_award"
    missing = big.post(f"{path}/omission", data={"name": "示范负责人", "contact": " ", "says": "应享未享"})
    assert missing.status_code == 400 and "没有写联系方式" in words(missing.text) and "应享未享" in missing.text

    given = {"name": "示范负责人", "contact": "示范电话一二三四五六", "says": "我们是潜在独角兽"}
    answer = big.post(f"{path}/omission", data=given, follow_redirects=False)
    assert answer.headers["location"] == f"{path}?done=omission"
    page = big.get(f"{path}?done=omission").text
    assert "我们是潜在独角兽" in page and "待答复" in page and "示范电话" not in page

    with archive_of(app).database.reading() as session:
        (row,) = [one for one in objections.every(session, "demo", waiting=True) if one.case_id is None]
    answer_objection(archive_of(app), row.id, "rejected", "不在认定名单", by(app, "science"))
    assert "不成立：不在认定名单" in words(big.get("/firm").text)


def test_consent_is_to_the_sum_that_was_seen_and_nothing_is_lost_on_a_refusal(
    app: TestClient, small: TestClient
) -> None:
    path = f"/firm/case/{WAITING}"
    version = re.search(r'name="version" value="(\d+)"', small.get(path).text)
    assert version is not None
    given = {"person": "示范负责人", "holder": "示范永钰齿轮有限公司", "account": "3204000000000045", "agree": "yes"}

    stale = small.post(f"{path}/confirm", data=given | {"version": str(int(version[1]) - 1)})
    assert (
        stale.status_code == 409
        and "金额或办理状态有变化" in words(stale.text)
        and 'value="3204000000000045"' in stale.text
    )
    for wrong in ({"agree": ""}, {"account": "12"}, {"person": " "}, {"holder": "别家"}):
        answer = small.post(f"{path}/confirm", data=given | wrong | {"version": version[1]})
        assert answer.status_code in (400, 409) and 'role="alert"' in answer.text, wrong
    with archive_of(app).database.reading() as session:
        assert cases.by_number(session, "demo", WAITING).state == "M3"

    done = small.post(f"{path}/confirm", data=given | {"version": version[1]}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=confirm")
    page = small.get(f"{path}?done=confirm").text
    assert "您已确认" in page and "3204000000000045" not in page

    declined = small.post(f"{path}/decline", data={"person": "示范负责人", "reason": "改变主意", "version": ""})
    assert declined.status_code == 409
    version = re.search(r'name="version" value="(\d+)"', small.get(path).text)
    assert version is not None
    small.post(f"{path}/decline", data={"person": "示范负责人", "reason": "", "version": version[1]})
    assert "您已放弃" in small.get(path).text


def test_a_firm_sees_what_it_was_paid_and_what_that_rests_on(app: TestClient) -> None:
    client = account_of(app, "D041")
    page, home = words(client.get(f"/firm/case/{PAID}").text), words(client.get("/firm").text)

    assert "已到账。" in page and "已到账8.568万元" in page and "示范凭证MX-2026-000025" in page
    assert "上年度实缴失业保险费：14.28万元" in page
    assert "8.568万元 已实际到账" in home or "已实际到账 8.568万元" in home


def test_who_objects_and_what_officers_noted_is_not_for_the_firm(app: TestClient) -> None:
    client = account_of(app, "D050")
    page = words(client.get(f"/firm/case/{HELD}").text)

    assert "有事项要核对，暂停办理" in page
    for address in (f"/msjx/{HELD}?library=demo", f"/api/v1/msjx/cases/{HELD}?library=demo"):
        full = client.get(address).text
        assert "不公开" in full and "示范职工" not in full
        assert "示范职工" in signed_in(app, "demo-science").get(address).text
    for hidden in ("示范职工", "示范电话", "名单上的名称与营业执照不一致"):
        assert hidden not in page


def test_a_firm_objects_during_its_notice_and_the_case_waits(app: TestClient) -> None:
    client, path = account_of(app, "D046"), f"/firm/case/{NOTICE}"
    assert "对公示内容提异议" in client.get(path).text

    answer = client.post(
        f"{path}/object", data={"name": "示范泵业", "contact": "示范电话", "says": "金额少算"}, follow_redirects=False
    )
    assert answer.headers["location"] == f"{path}?done=object"
    page = words(client.get(path).text)
    assert "暂停办理" in page and "金额少算" in page
    late = client.post(f"{path}/object", data={"name": "示范泵业", "contact": "示范电话", "says": "再提一次"})
    assert late.status_code == 409 and "再提一次" in late.text


def test_every_link_of_the_pages_leads_somewhere_and_pages_stay_small(big: TestClient, of_big: FirmShown) -> None:
    home = big.get("/firm")
    links = {unescape(one) for one in re.findall(r'href="(/firm[^"#]*)"', home.text)}

    assert len(links) > 150 and len(home.content) < 100_000
    for path in sorted(links)[::9]:
        answer = big.get(path)
        assert answer.status_code == 200 and len(answer.content) < 100_000, path
        assert "<script" not in answer.text and " style=" not in answer.text


def test_the_checkup_of_a_self_check_shows_its_answers_and_keeps_nothing(app: TestClient) -> None:
    before = rows(archive_of(app))
    given = {"f.registered_region": "320412", "f.is_sme": "是", "f.revenue_last": "<b>很多"}
    page = app.post("/check/report", data=given).text

    assert "注册地：武进区" in words(page) and "中小企业：是" in words(page) and "很多" not in page
    assert "最高" in page and "不作为兑现依据" in page and "已实际到账" not in page
    assert rows(archive_of(app)) == before


def test_a_firm_reads_its_own_evaluation_and_appeals_within_the_check(big: TestClient, app: TestClient) -> None:
    assert 'href="/evaluations"' in big.get("/firm").text
    run = big.get("/evaluations/1").text
    own = big.get("/evaluations/1/D102").text

    assert "D102" in run and "D132" not in run and "示范数据" in run
    assert "600万元" in own and "示范：全年数" in own
    assert big.get("/evaluations/1/D132").status_code == 404
    assert signed_in(app, SMALL).get("/evaluations/1/D102").status_code == 404
    assert "申诉已收到" in big.post("/evaluations/1/D102/appeal", data={"text": "示范：产值少计"}).text
