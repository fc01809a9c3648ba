"""Text as tokens: words by jieba in search mode, characters, and syllables of pinyin.

Syllables make a query found that was typed by sound (加计扣出) or in letters (zhuanjingtexin). The domain words come from the
lexicon; the segmenter is made once, and the same text gives the same tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import jieba

from policy_match.text.normalise import normalise

jieba.setLogLevel("WARNING")

_PIECE = re.compile(r"[㐀-鿿]+|[a-z]+|\d+(?:\.\d+)?[%万]?")
_LONGEST_PINYIN = 60
_HAN = re.compile(r"[㐀-鿿]")
_WITHOUT_TONE = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeiiiioooouuuuvvvvvnnnm")

# Words that every measure and every question holds: they tell nothing apart.
_EMPTY_WORDS = """
一下 与 个 为 也 了 什么 他们 们 企业 你 你们 公司 单位 及 可不可以 可以 吗 吧 呢 和 哪些 哪里 啊 在 多少 如何 家 对 就
建设 怎么 怎样 想 我 我们 或 把 按 支持 政策 是 有 由 的 等 给 给予 能 能不能 被 要 让 请问 还 这个 那个 都 项目 鼓励
"""
STOP_WORDS = frozenset(_EMPTY_WORDS.split())


class Segmenter:
    """Cuts text into tokens; `domain_words` are kept whole beside their parts."""

    def __init__(self, domain_words: Iterable[str], cache_dir: Path | None = None) -> None:
        self._domain_words, self._cache_dir = tuple(sorted(set(domain_words))), cache_dir
        self._tokenizer = _tokenizer(self._domain_words, cache_dir)

    def __getstate__(self) -> tuple[tuple[str, ...], Path | None]:
        return self._domain_words, self._cache_dir

    def __setstate__(self, state: tuple[tuple[str, ...], Path | None]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def words(self, text: str) -> list[str]:
        """Words of a text without those that tell nothing; amounts are one word each."""
        cut = self._tokenizer.lcut_for_search(normalise(text))
        return [word for word in cut if _PIECE.fullmatch(word) and word not in STOP_WORDS]


@lru_cache(maxsize=2)
def _tokenizer(domain_words: tuple[str, ...], cache_dir: Path | None) -> jieba.Tokenizer:
    """Nobody changes it once it is made, so that segmenters of the same words share one: it takes a second and 80 MB."""
    made = jieba.Tokenizer()
    if cache_dir is not None:  # else jieba leaves its dictionary in the system's temporary folder
        made.tmp_dir = str(cache_dir)
    for word in domain_words:
        made.add_word(normalise(word))
    return made


def characters(text: str) -> str:
    """The text without anything but Chinese characters, letters and numbers, pieces parted by a blank."""
    return " ".join(_PIECE.findall(normalise(text)))


def syllables(text: str) -> list[str]:
    """The syllables of a text without tones; letters that are pinyin throughout are cut into syllables, others stay a word."""
    found: list[str] = []
    for piece in _PIECE.findall(normalise(text)):
        if _HAN.match(piece):
            found.extend(_sound(letter) for letter in piece)
        elif piece.isalpha():
            found.extend(_cut_pinyin(piece) or [piece])
    return found


def _cut_pinyin(letters: str) -> list[str]:
    """Letters as syllables, the longest first; empty unless they are at least two syllables throughout."""
    cut = _cuts(letters) if len(letters) <= _LONGEST_PINYIN else ()
    return list(cut) if len(cut) > 1 else []


@lru_cache(maxsize=4096)
def _cuts(letters: str) -> tuple[str, ...]:
    known = _known_syllables()
    for size in range(min(6, len(letters)), 0, -1):
        head, rest = letters[:size], letters[size:]
        if head in known:
            if not rest:
                return (head,)
            if tail := _cuts(rest):
                return (head, *tail)
    return ()


@cache
def _readings() -> dict[int, str]:
    """The readings of every character, parted by commas, by its number."""
    from pypinyin.pinyin_dict import pinyin_dict  # late: its package reads a large table of phrases beside it

    return pinyin_dict


@cache
def _sound(letter: str) -> str:
    """The first reading of a character: which of several is meant does not matter as long as all texts are read alike."""
    return _readings().get(ord(letter), letter).split(",")[0].translate(_WITHOUT_TONE)


@cache
def _known_syllables() -> frozenset[str]:
    return frozenset(one.translate(_WITHOUT_TONE) for many in _readings().values() for one in many.split(","))
