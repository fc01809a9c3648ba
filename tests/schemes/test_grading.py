"""Grades by rank: S-33 in the pure core, ties, small groups, and laws that hold for any set of projects."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, strategies
from ranked import LAST_DAY, project, scored

from policy_match.schemes.figures import Project
from policy_match.schemes.frozen import results_text
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.yearly import Results, Standing, evaluate

DISTRICTS = ("320412", "320411", None)


def forty() -> list[Project]:
    """Forty projects of one district, the better the later; the 8th and 9th score the same."""
    return [scored(f"P{n:02d}", n if n != 32 else 33) for n in range(1, 41)]


def grades(results: Results) -> dict[str, str | None]:
    """The grade of each project."""
    return {row.code: row.grade for row in results.rows}


def test_forty_with_a_tie_at_the_eighth_place(uncapped: Scheme) -> None:
    results = evaluate(uncapped, forty(), LAST_DAY)

    found = grades(results)
    ranked = sorted(found, key=lambda code: int(code[1:]), reverse=True)
    assert {found[code] for code in ranked[:9]} == {"A"}
    assert {found[code] for code in ranked[9:24]} == {"B"}
    assert {found[code] for code in ranked[24:38]} == {"C"}
    assert {found[code] for code in ranked[38:]} == {"D"}
    assert {row.place.rank for row in results.rows if row.code in ("P32", "P33") and row.place} == {8}


def test_forty_without_a_tie(uncapped: Scheme) -> None:
    results = evaluate(uncapped, [scored(f"P{n:02d}", n) for n in range(1, 41)], LAST_DAY)

    assert Counter(grades(results).values()) == {"A": 8, "B": 16, "C": 14, "D": 2}


def test_a_group_of_ten_stands_alone_and_one_of_nine_goes_by_the_city_without_the_last_grade(uncapped: Scheme) -> None:
    ten = [scored(f"A{n}", n, "320411") for n in range(1, 11)]
    nine = [scored(f"B{n}", n + 20, "320412") for n in range(1, 10)]

    results = evaluate(uncapped, [*ten, *nine], LAST_DAY)

    places = {row.code: row.place for row in results.rows if row.place is not None}
    assert {places[f"A{n}"].group for n in range(1, 11)} == {"320411"}
    assert {places[f"B{n}"].group for n in range(1, 10)} == {"city"}
    assert places["A1"].grade == "D"
    assert [places[f"B{n}"].rank for n in (9, 1)] == [1, 9]
    assert "D" not in {places[f"B{n}"].grade for n in range(1, 10)}


def test_the_last_of_a_small_group_gets_the_grade_before_the_last(uncapped: Scheme) -> None:
    results = evaluate(uncapped, [scored(f"P{n}", n) for n in range(1, 10)], LAST_DAY)

    assert grades(results)["P1"] == "C"


def test_without_tax_data_a_firm_takes_no_place(uncapped: Scheme) -> None:
    results = evaluate(uncapped, [*forty(), project("P99", tax=None)], LAST_DAY)

    (row,) = results.of(Standing.NOT_GRADED)
    assert (row.code, row.place) == ("P99", None)
    assert grades(evaluate(uncapped, forty(), LAST_DAY)) == {k: v for k, v in grades(results).items() if k != "P99"}


_scores = strategies.lists(
    strategies.tuples(strategies.integers(1, 30), strategies.sampled_from(DISTRICTS)), max_size=25
)


def drawn(scores: list[tuple[int, str | None]]) -> list[Project]:
    """Projects with these scores and districts."""
    return [scored(f"P{n:02d}", tenths, district) for n, (tenths, district) in enumerate(scores)]


@given(_scores, strategies.randoms())
def test_the_order_of_rows_changes_nothing(
    uncapped: Scheme, scores: list[tuple[int, str | None]], random: object
) -> None:
    projects = drawn(scores)
    shuffled = list(projects)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert results_text(evaluate(uncapped, shuffled, LAST_DAY)) == results_text(evaluate(uncapped, projects, LAST_DAY))


@given(_scores, strategies.sampled_from(DISTRICTS), strategies.sampled_from(["tax", "land", "output"]))
def test_a_firm_without_an_input_changes_no_grade(
    uncapped: Scheme, scores: list[tuple[int, str | None]], district: str | None, lacking: str
) -> None:
    projects = drawn(scores)
    more = [*projects, project("X", district=district, **{lacking: None})]

    found = grades(evaluate(uncapped, more, LAST_DAY))

    assert found.pop("X") is None
    assert found == grades(evaluate(uncapped, projects, LAST_DAY))


@given(_scores)
def test_equal_scores_share_the_better_grade_and_a_better_score_never_has_a_worse_one(
    uncapped: Scheme, scores: list[tuple[int, str | None]]
) -> None:
    rows = evaluate(uncapped, drawn(scores), LAST_DAY).rows

    for one in rows:
        for other in rows:
            if one.place is None or other.place is None or one.place.group != other.place.group:
                continue
            assert one.score is not None and other.score is not None
            if one.score == other.score:
                assert one.place == other.place
            elif one.score > other.score:
                assert one.place.grade <= other.place.grade and one.place.rank < other.place.rank
