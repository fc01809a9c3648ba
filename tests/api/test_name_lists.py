"""The pages show the lists of names: tracks as our reading, owner units and titles with what is known of them."""

from __future__ import annotations

from starlette.testclient import TestClient


def test_a_project_page_hints_its_tracks_with_their_grounds_as_our_reading(client: TestClient) -> None:
    text = client.get("/projects/P007").text

    assert "可能的赛道" in text
    assert "新一代固态电池<small>依据：行业代码C3841" in text
    assert "赛道与行业代码、产品词的对应是我们的理解，不是文件规定，不用于判断。" in text


def test_a_project_without_grounds_has_no_such_part(client: TestClient) -> None:
    assert "可能的赛道" not in client.get("/projects/P001").text


def test_a_measure_page_tells_its_unit_in_full_and_how_long_its_title_holds(client: TestClient) -> None:
    text = client.get("/measures/cz_tech_centre").text

    assert "市工信局（常州市工业和信息化局；招推服方案中：竣工至投产阶段牵头）" in text
    assert "通过后取得“市级企业技术中心”（市级，市工信局认定，有效期未见）" in text
