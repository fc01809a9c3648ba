"""Pages in the shapes of government sites against marks made by hand before anything read them.

Every page and mark is invented (示例); the notice keeps the head, numbering and figures of the official page in our own sentences. Metadata and warnings must all be right; boundaries of clauses and
figures are scored over all pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from made_pages import MARKS, marks_of

from policy_match.text.extract.bounds import figures_in
from policy_match.text.extract.extraction import Extraction

Read = Callable[[Path], Extraction]
NAMES = [path.name.partition(".")[0] for path in MARKS]


def value_of(written: str) -> tuple[str, Fraction, str]:
    """Kind, value and unit of a marked figure."""
    (figure,) = figures_in(f"不超过{written}")
    return figure.kind, Fraction(figure.value), figure.unit


def figures(marks: Path) -> Counter[tuple[object, ...]]:
    return Counter((str(article), *value_of(text), relation) for article, text, relation in marks_of(marks)["figures"])  # type: ignore[attr-defined]


def found(extraction: Extraction) -> Counter[tuple[object, ...]]:
    return Counter(
        (article, one.figure.kind, Fraction(one.figure.value), one.figure.unit, one.figure.relation)
        for article, candidates in extraction.found.items()
        for one in candidates
        if one.figure is not None
    )


@pytest.mark.parametrize("marks", MARKS, ids=NAMES)
def test_metadata_is_right_on_every_page(marks: Path, read_marked: Read) -> None:
    head = (extraction := read_marked(marks)).head

    assert {
        "number": head.number,
        "issuer": "、".join(head.issuers) or None,
        "title": head.title,
        "issued_on": head.issued_on,
        "effective_from": head.term.begins,
        "through": extraction.through,
    } == marks_of(marks)["document"]


@pytest.mark.parametrize("marks", MARKS, ids=NAMES)
def test_every_page_has_the_warnings_that_were_marked_and_no_other(marks: Path, read_marked: Read) -> None:
    assert sorted({one.code for one in read_marked(marks).warnings}) == sorted(marks_of(marks)["warnings"])  # type: ignore[call-overload]


def test_clauses_begin_where_they_were_marked(read_marked: Read) -> None:
    wanted = {(path, str(article), text) for path in MARKS for article, text in marks_of(path)["clauses"]}  # type: ignore[attr-defined]
    clauses = [(path, clause) for path in MARKS for clause in read_marked(path).clauses]
    right = {
        one
        for one in wanted
        for path, clause in clauses
        if one[:2] == (path, clause.article) and clause.text.startswith(one[2])
    }

    assert len(wanted) > 120
    assert len(right) / len(wanted) >= 0.98
    assert len(right) / len(clauses) >= 0.98


def test_figures_have_the_marked_side_and_include_the_number_or_not(read_marked: Read) -> None:
    wanted = Counter({(path, *key): times for path in MARKS for key, times in figures(path).items()})
    read = Counter({(path, *key): times for path in MARKS for key, times in found(read_marked(path)).items()})

    right = (wanted & read).total()
    assert wanted.total() >= 120
    assert right / read.total() >= 0.95, read - wanted
    assert right / wanted.total() >= 0.90, wanted - read


@pytest.mark.parametrize("marks", MARKS, ids=NAMES)
def test_no_line_of_the_document_is_lost(marks: Path, read_marked: Read) -> None:
    extraction = read_marked(marks)

    kept = [line for clause in extraction.clauses for line in clause.lines] + list(extraction.loose)
    assert Counter("".join(kept)) == Counter("".join(extraction.body))
    assert len(extraction.body) >= len(extraction.clauses)


@pytest.mark.parametrize("marks", MARKS, ids=NAMES)
def test_every_candidate_stands_at_its_place_in_the_clause(marks: Path, read_marked: Read) -> None:
    extraction = read_marked(marks)

    for clause in extraction.clauses:
        for one in extraction.found[clause.article]:
            assert clause.text[one.start : one.end] == one.text


def test_menus_counters_scripts_and_footers_are_no_part_of_the_document(read_marked: Read) -> None:
    texts = ["\n".join(read_marked(path).body) for path in MARKS]

    for text in texts:
        for word in ("首页", "浏览次数", "办事服务", "ICP备", "主办单位", "9999", "关闭窗口", "索引号", "索 引 号"):
            assert word not in text
