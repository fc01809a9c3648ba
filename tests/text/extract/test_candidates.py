"""What a clause may ask and give, each with its kind, its place and what it means."""

from __future__ import annotations

import pytest

from policy_match.facts.vocabulary import Vocabulary
from policy_match.text.extract.candidates import Reader


@pytest.mark.parametrize(
    ("text", "kind", "words", "means"),
    [
        ("给予不超过100万元奖励", "cap", "100万元", ""),
        ("给予100万元以内的补助", "cap", "100万元", ""),
        ("资产总额不超过5000万元的企业", "amount", "5000万元", ""),
        ("贷款利率不高于4%", "ratio", "4%", ""),
        ("按10%给予补贴", "ratio", "10%", ""),
        ("职工不少于20人", "count", "20人", ""),
        ("按总投资1亿元、10亿元、30亿元分档", "tier", "1亿元、10亿元、30亿元", ""),
        ("专用设备制造业企业", "industry", "专用设备制造业", "C35"),
        ("在武进区登记", "region", "武进区", "320412"),
        ("被认定为高新技术企业的", "honour", "高新技术企业", "高新技术企业"),
        ("由市工信局负责解释", "owner", "市工信局", "市工信局"),
        ("责任单位：区示例局，区财政局", "owner", "区示例局", ""),
        ("每年9月1日至9月30日受理", "window", "每年9月1日至9月30日", ""),
        ("2031年6月30日前竣工", "date", "2031年6月30日前", ""),
        ("骗取资金的，不予支持；其他", "exclusion", "骗取资金的，不予支持", ""),
        ("同类政策就高不重复享受。", "stacking", "同类政策就高不重复享受", ""),
    ],
)
def test_a_wording_is_found_at_its_place(text: str, kind: str, words: str, means: str, vocabulary: Vocabulary) -> None:
    found = Reader(vocabulary.taxonomies, vocabulary.industries, {}).read(text)

    (one,) = [one for one in found if one.kind == kind]
    assert (one.text, one.means) == (words, means)
    assert text[one.start : one.end] == words


def test_a_bound_is_no_exclusion(vocabulary: Vocabulary) -> None:
    found = Reader(vocabulary.taxonomies, vocabulary.industries, {}).read("职工不得少于20人")

    assert [one.kind for one in found] == ["count"]
