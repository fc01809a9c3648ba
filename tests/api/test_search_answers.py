"""GET /search, /policies and /policies/{id}: filters, pages, days, tags and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from test_json import read, refused

from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import UsageError
from policy_match.identifiers import region_path
from policy_match.settings import Settings
from policy_match.workflows.note_miss import misses
from policy_match.workflows.open_libraries import Libraries
from policy_match.workflows.search_policies import document_in_force
from policy_match_api.app import create_app
from policy_match_api.paging import Page, page_of
from policy_match_api.routes.search_answers import DatedPolicy, Hit, Policies, PolicyAnswer, SearchAnswer
from policy_match_api.serve import open_index_of
from policy_match_api.state import Opened

LOAN = "贷款贴息"


def search(client: TestClient, q: str, **params: str) -> SearchAnswer:
    return SearchAnswer.model_validate(read(client, "/search", SearchAnswer, q=q, **params))


def every_hit(client: TestClient, q: str, **params: str) -> list[Hit]:
    """The hits of all pages, one after the other."""
    found: list[Hit] = []
    cursor: dict[str, str] = {}
    while True:
        body = search(client, q, limit="37", **params, **cursor)
        found += body.results
        if body.next_cursor is None:
            assert len(found) == body.total
            return found
        cursor = {"cursor": body.next_cursor}


def policies(client: TestClient, **params: str) -> Policies:
    return Policies.model_validate(read(client, "/policies", Policies, **params))


def every_policy(client: TestClient, **params: str) -> list[PolicyAnswer]:
    found: list[PolicyAnswer] = []
    cursor: dict[str, str] = {}
    while True:
        body = policies(client, limit="30", **params, **cursor)
        found += body.policies
        if body.next_cursor is None:
            assert len(found) == body.total
            return found
        cursor = {"cursor": body.next_cursor}


@pytest.fixture(scope="module")
def book(libraries: Libraries) -> Rulebook:
    return libraries.rulebook


def test_all_pages_together_give_every_measure_and_document_once(client: TestClient, book: Rulebook) -> None:
    ids = [hit.id for hit in every_hit(client, LOAN)]

    assert sorted(ids) == sorted([*book.ids, *book.documents])


def test_pages_continue_the_order_of_one_long_page(client: TestClient) -> None:
    long = [hit.id for hit in search(client, LOAN, limit="100").results]

    assert [hit.id for hit in every_hit(client, LOAN)][:100] == long
    assert len(search(client, LOAN).results) == 10


def test_the_score_is_the_sum_of_its_parts_and_never_rises(client: TestClient) -> None:
    hits = every_hit(client, LOAN)

    assert all(hit.score == round(sum(hit.parts.values()), 4) for hit in hits)
    scores = [hit.score for hit in hits]
    assert all(earlier >= later - 1e-4 for earlier, later in pairwise(scores))


def test_a_kind_or_a_topic_keeps_those_of_it(client: TestClient, book: Rulebook) -> None:
    documents = every_hit(client, LOAN, kind="document")
    land = every_hit(client, LOAN, topic="land", kind="measure")

    assert sorted(hit.id for hit in documents) == sorted(book.documents)
    assert {hit.id for hit in land} == {id for id in book.ids if "land" in book.versions(id)[-1].measure.topics}


def test_family_and_mode_keep_measures_of_them_and_no_document(client: TestClient, book: Rulebook) -> None:
    day = date(2026, 3, 10)
    found = every_hit(client, LOAN, family="金融", mode="apply")

    wanted = {id for id in book.ids if (m := book.at(id, day).measure).family == "金融" and m.mode == "apply"}
    assert {hit.id for hit in found} == wanted
    assert wanted


def test_a_region_keeps_what_holds_there_and_not_what_holds_beside_or_below_it(
    client: TestClient, book: Rulebook
) -> None:
    wujin = every_hit(client, LOAN, region="武进区", kind="measure")
    city = every_hit(client, LOAN, region="320400", kind="measure")
    zone = every_hit(client, LOAN, region="WJ-GX", kind="measure")

    places = {hit.id: book.versions(hit.id)[-1].document.region for hit in wujin}
    assert set(places.values()) == set(region_path("320412"))
    assert {hit.id for hit in wujin} > {hit.id for hit in city}
    assert {hit.id for hit in zone} == {hit.id for hit in wujin}


def test_what_the_question_says_of_a_place_is_told_and_narrows_nothing(client: TestClient, book: Rulebook) -> None:
    body = search(client, "武进区买设备1000万能补多少")

    assert body.understood == {"地区": "武进区", "金额": "1000万元"}
    assert body.total == len(book.ids) + len(book.documents)


def test_in_force_keeps_one_of_three_answers_and_they_cover_everything(client: TestClient) -> None:
    parts = {word: every_hit(client, LOAN, in_force=word) for word in ("true", "false", "unknown")}

    for word, answer in (("true", True), ("false", False), ("unknown", None)):
        assert parts[word]
        assert {hit.in_force for hit in parts[word]} == {answer}
    assert sum(map(len, parts.values())) == search(client, LOAN).total


def test_the_day_says_what_is_in_force_and_filters_nothing(client: TestClient) -> None:
    now = {hit.id: hit for hit in every_hit(client, LOAN)}
    then = {hit.id: hit for hit in every_hit(client, LOAN, as_of="2019-01-01")}

    assert now.keys() == then.keys()
    assert now["czbf-2025-6"].in_force is True
    assert then["czbf-2025-6"].in_force is False
    unlike = [id for id in now if now[id].title != then[id].title or set(now[id].topics) != set(then[id].topics)]
    assert unlike == []


def test_a_name_or_number_is_first_with_its_document(client: TestClient) -> None:
    body = search(client, "常政办发〔2025〕6号")

    assert body.results[0].id == "czbf-2025-6"
    assert body.confident
    assert body.results[0].parts == {"name": 3.0}


def test_a_question_about_nothing_we_hold_is_not_confident(client: TestClient) -> None:
    assert not search(client, "今天天气怎么样").confident


def test_a_cursor_is_good_for_its_own_question_filters_and_day_alone(client: TestClient) -> None:
    cursor = search(client, LOAN, kind="measure").next_cursor
    assert cursor is not None

    assert search(client, LOAN, kind="measure", cursor=cursor, limit="3").results
    assert search(client, f" {LOAN} ", kind="measure", cursor=cursor).results
    for other in (
        f"q={LOAN}",
        "q=担保&kind=measure",
        f"q={LOAN}&kind=document",
        f"q={LOAN}&kind=measure&as_of=2024-01-01",
    ):
        problem = refused(client, f"/api/v1/search?{other}&cursor={cursor}", 400, "CURSOR_INVALID")
        assert problem.field == "cursor"
        assert "第一页" in (problem.hint_zh or "")


def test_a_cursor_of_a_list_in_another_order_or_of_other_lines_is_refused() -> None:
    ids = ["a", "b", "c", "d"]
    cursor = page_of(ids, ["q"], None, 2).cursor

    assert page_of(ids, ["q"], cursor, 2) == Page(2, 4, None)
    for others in (["a", "c", "b", "d"], ["a", "b", "c"], ["a", "b", "c", "e"]):
        with pytest.raises(UsageError) as raised:
            page_of(others, ["q"], cursor, 2)
        assert raised.value.issues[0].code == "CURSOR_INVALID"
    with pytest.raises(UsageError):
        page_of(ids, ["another q"], cursor, 2)


@pytest.mark.parametrize("place", ["0", "4", "5", "-1", "2.5", "", "²", "9" * 40])
def test_a_cursor_outside_its_list_is_refused(place: str) -> None:
    ids = ["a", "b", "c", "d"]
    digest = (page_of(ids, [], None, 2).cursor or "").partition(".")[2]

    with pytest.raises(UsageError):
        page_of(ids, [], f"{place}.{digest}", 2)


@pytest.mark.parametrize("path", [f"/api/v1/search?q={LOAN}&limit=3", "/api/v1/policies?limit=3", "/api/v1/policies/czbf-2025-6"])  # fmt: skip
def test_an_unchanged_answer_is_304_without_a_body_and_a_changed_one_is_sent(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]

    same = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    whatever = client.get(path, headers={"If-None-Match": "*"})
    again = client.get(path, headers={"If-None-Match": '"other"'})
    joint = "&" if "?" in path else "?"
    elsewhere = client.get(f"{path}{joint}as_of=2019-01-01", headers={"If-None-Match": tag})

    assert tag.startswith('"') and tag.endswith('"')
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert whatever.status_code == 304
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, tag)
    assert elsewhere.status_code == 200
    assert elsewhere.headers["etag"] != tag


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("search", "QUERY_EMPTY", "q"),
        ("search?q=", "QUERY_EMPTY", "q"),
        ("search?q=%20%20", "QUERY_EMPTY", "q"),
        (f"search?q={'贷' * 201}", "QUERY_LONG", "q"),
        ("search?query=贷款", "PARAM_UNKNOWN", "query"),
        ("search?q=贷款&page=2", "PARAM_UNKNOWN", "page"),
        ("search?q=贷款&limit=0", "PARAM_VALUE", "limit"),
        ("search?q=贷款&limit=101", "PARAM_VALUE", "limit"),
        ("search?q=贷款&limit=-1", "PARAM_VALUE", "limit"),
        ("search?q=贷款&kind=law", "PARAM_VALUE", "kind"),
        ("search?q=贷款&topic=money", "PARAM_VALUE", "topic"),
        ("search?q=贷款&family=贷款", "PARAM_VALUE", "family"),
        ("search?q=贷款&mode=free", "PARAM_VALUE", "mode"),
        ("search?q=贷款&region=月球", "REGION_UNKNOWN", "region"),
        ("search?q=贷款&in_force=yes", "PARAM_VALUE", "in_force"),
        ("search?q=贷款&as_of=2026-03", "DATE_FORMAT", "as_of"),
        ("search?q=贷款&cursor=x", "CURSOR_INVALID", "cursor"),
        ("search?q=贷款&cursor=10.0123456789abcdef", "CURSOR_INVALID", "cursor"),
        ("search?q=贷款&cursor=٣.x", "CURSOR_INVALID", "cursor"),
        ("policies?title=贷款", "PARAM_UNKNOWN", "title"),
        ("policies?level=moon", "PARAM_VALUE", "level"),
        ("policies?package=NONE", "PARAM_VALUE", "package"),
        ("policies?region=3204", "REGION_UNKNOWN", "region"),
        ("policies?in_force=1", "PARAM_VALUE", "in_force"),
        ("policies?cursor=20.0123456789abcdef", "CURSOR_INVALID", "cursor"),
        ("policies?limit=1000", "PARAM_VALUE", "limit"),
        (f"policies?q={'贷' * 201}", "QUERY_LONG", "q"),
        ("policies/czbf-2025-6?as_of=tomorrow", "DATE_FORMAT", "as_of"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_with_field_and_remedy(
    client: TestClient, query: str, code: str, field: str
) -> None:
    problem = refused(client, f"/api/v1/{query}", 400, code)

    assert problem.field == field
    assert problem.hint_zh


def test_the_longest_question_is_still_answered(client: TestClient) -> None:
    assert search(client, "贷" * 200).query == "贷" * 200


def test_an_unknown_document_is_told_with_those_like_it(client: TestClient) -> None:
    problem = refused(client, "/api/v1/policies/czbf-2025-7", 404, "POLICY_UNKNOWN")

    assert problem.field == "policy_id"
    assert "czbf-2025-6" in problem.allowed


def test_every_document_is_listed_once_by_id_with_its_measures(client: TestClient, book: Rulebook) -> None:
    found = every_policy(client)

    assert [policy.id for policy in found] == sorted(book.documents)
    held = {(measure.id, policy.id) for policy in found for measure in policy.measures}
    assert held == {(rule.id, rule.document.id) for rule in book.rules if rule.measure.status != "draft"}


def test_a_document_is_told_with_number_issuers_clauses_and_what_nobody_saw(client: TestClient, book: Rulebook) -> None:
    body = DatedPolicy.model_validate(read(client, "/policies/liyang-low-altitude-2024", DatedPolicy))

    document = book.documents["liyang-low-altitude-2024"]
    assert (body.number, body.issuers, body.region_name) == (None, ["溧阳市人民政府办公室"], "溧阳市")
    assert (body.effective.from_, body.effective.through, body.in_force) == ("2024-07-10", "unknown", None)
    assert [clause.says for clause in body.clauses] == [clause.says for clause in document.clauses]
    assert body.unseen == document.unseen
    assert [measure.id for measure in body.measures if measure.id.startswith("liyang_")]


def test_the_list_and_the_single_answer_tell_the_same_of_a_document(client: TestClient) -> None:
    for listed in every_policy(client, as_of="2025-06-01"):
        single = DatedPolicy.model_validate(read(client, f"/policies/{listed.id}", DatedPolicy, as_of="2025-06-01"))

        assert single.as_of == "2025-06-01"
        assert PolicyAnswer.model_validate(single.model_dump(exclude={"as_of"}, by_alias=True)) == listed


def test_documents_are_narrowed_by_level_package_region_and_state(client: TestClient, book: Rulebook) -> None:
    districts = every_policy(client, level="district")
    wujin = every_policy(client, region="320412", level="district")
    ended = every_policy(client, in_force="false", as_of="2026-03-10")
    talent = every_policy(client, package="TALENT")

    assert {policy.level for policy in districts} == {"district"}
    assert {policy.region for policy in wujin} == {"320412"}
    assert {p.id for p in ended} == {d.id for d in book.documents.values() if document_in_force(d, date(2026, 3, 10)) is False}  # fmt: skip
    assert talent
    assert all("TALENT" in policy.packages for policy in talent)


@pytest.mark.parametrize("written", ["常政办发〔2025〕6号", "常政办发[2025]6号", "（2025）6号", "支持企业创新发展"])
def test_a_document_is_found_by_part_of_number_or_title_whatever_the_brackets(client: TestClient, written: str) -> None:
    assert "czbf-2025-6" in [policy.id for policy in every_policy(client, q=written)]


def test_marks_alone_find_no_document(client: TestClient) -> None:
    assert policies(client, q="〔〕").total == 0


def test_the_day_changes_what_is_in_force_of_documents_and_filters_nothing(client: TestClient) -> None:
    now = {policy.id: policy.in_force for policy in every_policy(client)}
    then = {policy.id: policy.in_force for policy in every_policy(client, as_of="2019-01-01")}

    assert now.keys() == then.keys()
    assert (now["czbf-2025-6"], then["czbf-2025-6"]) == (True, False)


@pytest.fixture
def keeping(settings: Settings, client: TestClient, tmp_path: Path) -> Iterator[TestClient]:
    """The same service where the office keeps the questions that had no sure answer."""
    opened: Opened = client.app.state.opened  # type: ignore[attr-defined]
    opened.index()
    plain = opened.settings
    opened.settings = settings.model_copy(update={"keep_misses": True, "cache": tmp_path})
    yield client
    opened.settings = plain


def test_questions_without_a_sure_answer_are_kept_once_where_the_office_wants_it(keeping: TestClient) -> None:
    opened: Opened = keeping.app.state.opened  # type: ignore[attr-defined]
    first = search(keeping, "今天天气怎么样")
    search(keeping, "今天天气怎么样", cursor=first.next_cursor or "")
    search(keeping, "常政办发〔2025〕6号")
    keeping.get("/search", params={"q": "明天天气怎么样"})
    keeping.get("/search", params={"q": "明天天气怎么样", "page": "2"})

    kept = misses(opened.settings.cache, 10)

    assert [(miss.query, miss.times) for miss in kept] == [("今天天气怎么样", 1), ("明天天气怎么样", 1)]


def test_no_question_is_kept_unless_the_office_wants_it(keeping: TestClient) -> None:
    opened: Opened = keeping.app.state.opened  # type: ignore[attr-defined]
    opened.settings = opened.settings.model_copy(update={"keep_misses": False})

    search(keeping, "今天天气怎么样")

    assert list(misses(opened.settings.cache, 10)) == []


def test_a_question_is_answered_where_it_cannot_be_kept(keeping: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    opened: Opened = keeping.app.state.opened  # type: ignore[attr-defined]
    opened.settings = opened.settings.model_copy(update={"cache": Path("/dev/null/nowhere")})

    body = search(keeping, "今天天气怎么样")

    assert body.results
    assert "could not be kept" in caplog.text


def test_a_fault_of_the_lexicon_closes_search_alone_and_is_told_with_its_file(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for part in ("documents", "taxonomies", "projects.csv"):
        (corpus / part).symlink_to((settings.corpus_dir / part).resolve())
    (corpus / "lexicon").mkdir()
    (corpus / "lexicon" / "names.yaml").write_text("schema: wrong\n", "utf-8")
    database = f"sqlite:///{tmp_path / 'library.db'}"
    broken = TestClient(
        create_app(Settings(now=datetime(2026, 3, 10), corpus=corpus, database_url=database), demo=False)
    )

    problem = refused(broken, f"/api/v1/search?q={LOAN}", 503, "SEARCH_CLOSED")

    assert "词库" in problem.message_zh
    assert broken.get("/search?q=贷款").status_code == 503
    assert broken.get("/search?topic=land").status_code == 200
    assert broken.get("/api/v1/policies").status_code == 200
    open_index_of(broken.app.state.opened)  # type: ignore[attr-defined]
    assert "names.yaml" in capsys.readouterr().err


def test_a_service_that_nobody_asks_opens_no_index(settings: Settings, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'library.db'}"
    idle = TestClient(create_app(settings.model_copy(update={"database_url": database, "cache": tmp_path / "none"}), demo=False))  # fmt: skip

    for path in ("/", "/search", "/search?topic=land", "/measures", "/policies/czbf-2025-6", "/api/v1/policies"):
        assert idle.get(path).status_code == 200, path

    assert not (tmp_path / "none").exists()
