"""The clauses of a document as it numbers them itself, with the path of numbers as article: 一(二)3, 第四条(一), 附件2三.

A number opens a clause if it begins a list or follows the one before on its level; other lines belong to the clause above
them, those before the first clause and the salutation stay unnumbered. Every line of the body is in exactly one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from policy_match.errors import FactError
from policy_match.text.extract.page import plain, squeezed
from policy_match.units import plain_number

_CN = "一二三四五六七八九十百零〇"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
# Levels by how a number is written; the path writes each in one way.
_LEVELS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("part", re.compile(rf"\s*第\s*([{_CN}]+|\d+)\s*[编章](?=\s|\S)"), "第{}章"),
    ("section", re.compile(rf"\s*第\s*([{_CN}]+|\d+)\s*节(?=\s)"), "第{}节"),
    ("article", re.compile(rf"\s*第\s*([{_CN}]+|\d+)\s*条(?!规定|第|所|的|例|款|至|、|和|以)"), "第{}条"),
    ("cn", re.compile(rf"\s*([{_CN}]+)\s*[、.]"), "{}"),
    ("bracketed", re.compile(rf"\s*\(\s*([{_CN}]+)\s*\)"), "({})"),
    ("arabic", re.compile(r"\s*(\d{1,2})\s*(?:[.、](?!\d)|\)(?!\d))"), "{}"),
    ("bracketed_arabic", re.compile(r"\s*\(\s*(\d{1,2})\s*\)"), "({})"),
    ("circled", re.compile(rf"\s*([{_CIRCLED}])"), "{}"),
)
_OPENERS = ("part", "section", "article")
_ANNEX = re.compile(r"\s*附\s*件\s*(\d{0,2}|[一二三四五六七八九十]{1,2})\s*(?::\s*|\s+|$)")
_INLINE = re.compile(
    rf"(?<=[:;。，；：])\s*(?=\(\s*[{_CN}]+\s*\)|\(\s*\d{{1,2}}\s*\)|\d{{1,2}}[.、](?!\d)|[{_CIRCLED}])"
)
_GAP = 3


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered clause: its article, its own lines as printed (number and heading included, sub-clauses not).

    `above`: articles of the clauses that it stands under, the outermost first.
    """

    article: str
    lines: tuple[str, ...]
    above: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The lines, joined by line ends."""
        return "\n".join(self.lines)

    @property
    def heading(self) -> str:
        """The first sentence without its number where it is short, else empty."""
        first = self.lines[0].strip()
        for _, pattern, _ in _LEVELS:
            if found := pattern.match(plain(first)):
                first = first[found.end() :].strip()
                break
        said = re.split(r"[。：:；;]", first, maxsplit=1)[0].strip()
        return said if 1 < len(said) <= 24 and not said.endswith(("，", ",")) else ""


@dataclass(frozen=True, slots=True)
class Parted:
    """A body in parts. `gaps`: articles before which the numbering leaves some out. `loose`: (line index, text) of the rest."""

    clauses: tuple[Clause, ...]
    loose: tuple[tuple[int, str], ...]
    gaps: tuple[str, ...]


@dataclass(slots=True)
class _Step:
    level: str
    number: int
    shown: str
    article: str = ""


def part(lines: Sequence[str], closing: Collection[int] = ()) -> Parted:
    """The clauses of a body; a body without numbers has none, and all its lines are loose. `closing`: lines of signatures."""
    reader = _Reader(closing)
    for index, line in enumerate(lines):
        for piece in pieces(line, lines[index + 1] if index + 1 < len(lines) else ""):
            reader.take(index, piece)
    return Parted(
        tuple(Clause(article, tuple(held), above) for article, held, above in reader.clauses),
        tuple(reader.loose),
        tuple(reader.gaps),
    )


def pieces(line: str, after: str = "") -> list[str]:
    """A line cut before each number of a list inside it, where at least two follow one another from the first.

    The second may open the line `after`.
    """
    cuts = [found.start() for found in _INLINE.finditer(plain(line))]
    if not cuts:
        return [line]
    parts = [line[start:end] for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True)]
    steps = [_number(piece) for piece in parts[1:]]
    wanted = range(1, len(steps) + 1)
    own = _number(line)
    starts_here = all(step is not None and step.number == at for step, at in zip(steps, wanted, strict=True))
    goes_on = own is not None and all(
        step is not None and step.level == own.level and step.number == own.number + at
        for step, at in zip(steps, wanted, strict=True)
    )
    is_list = len(steps) > 1 or (_is_second(steps[0], after) and not squeezed(line).startswith("附"))
    return parts if (starts_here and is_list) or goes_on else [line]


def _is_second(first: _Step | None, line: str) -> bool:
    second = _number(line)
    return first is not None and second is not None and (second.level, second.number) == (first.level, 2)


class _Reader:
    """The body read line by line; `closing`: lines of the signature."""

    def __init__(self, closing: Collection[int]) -> None:
        self.clauses: list[tuple[str, list[str], tuple[str, ...]]] = []
        self.loose: list[tuple[int, str]] = []
        self.gaps: list[str] = []
        self._closing = closing
        self._path: list[_Step] = []
        self._counted: dict[str, int] = {}
        self._scope = ""
        self._used: dict[str, int] = {}
        self._signed = self._closed = self._listing = False

    def take(self, index: int, line: str) -> None:
        """Put one line where it belongs."""
        if (annex := _annex(line)) is not None:
            # A lone annex of a notice without clauses is the document itself.
            self._start("" if annex == "附件" and not self.clauses else annex)
        elif index in self._closing:
            self._signed = self._closed = True
        step = None if self._lists_annexes(line) else _number(line)
        if step is not None and self._opens(step):
            self._open(step, line)
        elif self._closed or not self.clauses:
            self.loose.append((index, line))
        else:
            self.clauses[-1][1].append(line)

    def _start(self, scope: str) -> None:
        self._scope, self._path, self._counted, self._closed = scope, [], {}, True

    def _lists_annexes(self, line: str) -> bool:
        """Whether the line names annexes (附件：1.申报表, and 2.承诺书 below it), or only tells who may read the page."""
        flat = squeezed(line)
        if flat.startswith(("附件:", "附:", "(此件")):
            self._listing = self._closed = True
        elif self._listing:
            self._listing = re.match(r"\d{1,2}[.、]", flat) is not None and "。" not in flat
        return self._listing

    def _last(self, step: _Step) -> int | None:
        """The number before on the level; below sections (一、二、) only where the list goes on there or runs on from the section above."""
        counted = self._counted.get(step.level)
        if step.level in _OPENERS or (counted is not None and step.number == counted + 1):
            return counted
        return next((one.number for one in self._path if one.level == step.level), None)

    def _opens(self, step: _Step) -> bool:
        """Whether a number begins a list or goes on with the one above; what points back (第三条规定…) does not."""
        last = self._last(step)
        if last is None or step.number == 1:
            return step.number == 1 or step.level in _OPENERS or not self._path
        return step.number - last > 0 and (step.level in _OPENERS or step.number - last <= _GAP)

    def _open(self, step: _Step, line: str) -> None:
        last = self._last(step)
        place = self._place(step.level)
        if step.number == 1 and last is not None and place == 0 and self._signed and not self._scope:
            self._start("附")
            place = 0
        elif step.number != (last or 0) + 1 and step.number != 1:
            self.gaps.append("".join((self._scope, step.shown)))
        self._path[place:] = [step]
        self._counted[step.level] = step.number
        step.article = self._article()
        self.clauses.append((step.article, [line], tuple(one.article for one in self._path[:-1])))
        self._closed = self._listing = False

    def _place(self, level: str) -> int:
        """Where a level stands in the path: in its old place, below what is above it, chapters and sections first of all."""
        same = next((at for at, one in enumerate(self._path) if one.level == level), None)
        if same is not None:
            return same
        if level not in _OPENERS:
            return len(self._path)
        above = _OPENERS[: _OPENERS.index(level)]
        return next((at for at, one in enumerate(self._path) if one.level not in (*above, "cn")), len(self._path))

    def _article(self) -> str:
        """The path of numbers; above an article (第三条) it begins there, because articles count through all chapters."""
        numbered = [at for at, one in enumerate(self._path) if one.level == "article"]
        path = self._path[numbered[0] :] if numbered else self._path
        article = self._scope + "".join(one.shown for one in path)
        self._used[article] = times = self._used.get(article, 0) + 1
        return article if times == 1 else f"{article}′{times}"


def _number(line: str) -> _Step | None:
    flat = plain(line)
    for level, pattern, shown in _LEVELS:
        if found := pattern.match(flat):
            written = found[1]
            if written in _CIRCLED:
                return _Step(level, _CIRCLED.index(written) + 1, written)
            try:
                return _Step(level, int(plain_number(written)), shown.format(written))
            except FactError:
                return None
    return None


def _annex(line: str) -> str | None:
    """附件2 where a line is the head of an annex; a list of annexes at the end of a notice (附件：1.申报表) is none."""
    flat = plain(line)
    found = _ANNEX.match(flat)
    if found is None or ((rest := flat[found.end() :].strip()) and (":" in found[0] or len(rest) > 40)):
        return None
    return f"附件{found[1]}"
