"""One spelling, tokens, and the sound of words."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.text.normalise import normalise
from policy_match.text.tokens import Segmenter, characters, syllables
from policy_match.text.vectors import syllable_terms


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(["设备更新", "拿地即开工"])


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("两千万", "2000万"),
        ("2000万元", "2000万"),
        ("２０００ 万元", "2000万"),
        ("1.5亿", "15000万"),
        ("三百二十万元", "320万"),
        ("十五亿元", "150000万"),
        ("ＥＶＴＯＬ 适航", "evtol 适航"),
        ("  上  市 ", "上 市"),
        ("百万年薪", "百万年薪"),
        ("五千瓦", "5千瓦"),
    ],
)
def test_one_amount_has_one_spelling(written: str, plain: str) -> None:
    assert normalise(written) == plain


@given(st.text(max_size=80))
def test_a_normalised_text_is_normal(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once or any(letter in text for letter in "零〇一二两三四五六七八九十百千万亿0123456789")


def test_domain_words_stay_whole_beside_their_parts(segmenter: Segmenter) -> None:
    words = segmenter.words("重大项目拿地即开工怎么办")
    assert "拿地即开工" in words
    assert "开工" in words
    assert "怎么" not in words


def test_a_segmenter_that_was_stored_cuts_as_before(segmenter: Segmenter) -> None:
    again = pickle.loads(pickle.dumps(segmenter))
    assert again.words("超长期国债支持设备更新") == segmenter.words("超长期国债支持设备更新")


def test_a_slip_of_sound_and_letters_of_pinyin_sound_alike() -> None:
    assert syllables("加计扣出") == syllables("加计扣除") == ["jia", "ji", "kou", "chu"]
    assert syllables("zhuanjingtexin") == syllables("专精特新")
    assert set(syllable_terms("zhuanjingtexin 申报")) >= {"zhuan jing", "jing te", "te xin", "zhuan jing te"}


def test_letters_that_are_no_pinyin_stay_a_word() -> None:
    assert syllables("MES系统")[0] == "mes"
    assert syllables("ipo") == ["ipo"]
    assert syllables("q" * 500) == ["q" * 500]


def test_characters_lose_marks_and_keep_numbers() -> None:
    assert characters("“设备担”：最高500万元！") == "设备担 最高 500万"


@given(st.text(max_size=60))
def test_any_text_has_tokens_without_an_error(text: str) -> None:
    assert isinstance(syllables(text), list)
    assert isinstance(characters(text), str)
