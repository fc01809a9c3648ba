"""Quarterly tours: which quarter lacks one, and that their scores go nowhere."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from care import by, filled
from rows import LIBRARY, NOW, audited, day, told
from sqlalchemy import func, select

from policy_match.errors import FactError, Forbidden, NotFound, PolicyMatchError, UsageError
from policy_match.lifecycle.tours import Score, Tour, tour_quarters
from policy_match.store.tables import CurrentFacts, Fact
from policy_match.workflows.add_tour import NewTour, add_tour
from policy_match.workflows.list_tours import list_tours
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subjects


def tour(on: str) -> Tour:
    return Tour(on, day(on), "示范路线", ("P",))


@pytest.mark.parametrize(
    ("as_of", "lacking", "over"),
    [
        ("2025-01-01", [True], [False]),
        ("2025-03-31", [False], [False]),
        ("2025-04-01", [False, True], [True, False]),
        ("2025-12-31", [False, True, False, True], [True, True, True, False]),
        ("2026-01-01", [False, True, False, True], [True] * 4),
    ],
)
def test_a_quarter_without_a_tour_is_flagged_once_it_has_begun(
    as_of: str, lacking: list[bool], over: list[bool]
) -> None:
    held = [tour("2025-09-30"), tour("2025-03-31"), tour("2024-12-31")]

    found = tour_quarters(held, 2025, day(as_of), 1)

    assert ([one.is_lacking for one in found], [one.is_over for one in found]) == (lacking, over)


def test_the_first_day_of_a_quarter_is_of_that_quarter_alone() -> None:
    found = tour_quarters([tour("2025-04-01"), tour("2026-01-01")], 2025, date(2026, 1, 2), 1)

    assert [len(one.tours) for one in found] == [0, 1, 0, 0]


def test_where_a_quarter_should_have_two_one_is_too_few() -> None:
    (first, *_) = tour_quarters([tour("2025-02-01")], 2025, date(2025, 3, 1), 2)

    assert first.is_lacking


def test_a_tour_keeps_its_route_projects_in_order_and_scores(archive: Archive) -> None:
    codes = filled(archive, "P01", "P03")

    asked = NewTour(
        day("2025-03-20"), "武进至天宁", (codes["P03"], codes["P01"]), (("武进区", "92.5"), ("市商务局", "90分")), "雨"
    )
    add_tour(archive, asked, by())

    (first,) = list_tours(archive, LIBRARY, 2025, day("2025-03-31"))
    (kept,) = first.tours
    assert (kept.route, kept.projects, kept.notes) == ("武进至天宁", (codes["P03"], codes["P01"]), "雨")
    assert kept.scores == (Score("武进区人民政府", Fraction(185, 2)), Score("commerce", Fraction(90)))
    assert not first.is_lacking and len(audited(archive, "tour.add")) == 1


def test_scores_of_a_tour_change_nothing_that_matching_reads(archive: Archive) -> None:
    codes = filled(archive, "P01")

    def seen() -> tuple[object, ...]:
        with archive.database.reading() as session:
            facts = session.scalar(select(func.count()).select_from(Fact))
            current = session.scalars(select(CurrentFacts.observations).order_by(CurrentFacts.subject_id)).all()
            return facts, current, read_subjects(session, archive, LIBRARY, View.of(NOW.date(), None, NOW))

    before = seen()
    add_tour(archive, NewTour(day("2025-03-20"), "示范路线", (codes["P01"],), (("武进区", "99"),)), by())

    assert seen() == before


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"route": " "}, UsageError),
        ({"projects": ()}, UsageError),
        ({"projects": ("CZ-1",)}, NotFound),
        ({"on": day("2025-04-01")}, UsageError),
        ({"scores": (("武进区", "101"),)}, FactError),
        ({"scores": (("南京市", "90"),)}, NotFound),
    ],
)
def test_a_tour_that_does_not_fit_is_refused_and_nothing_is_kept(
    archive: Archive, more: dict[str, object], kind: type[PolicyMatchError]
) -> None:
    codes = filled(archive, "P01")
    asked = {"on": day("2025-03-20"), "route": "示范路线", "projects": (codes["P01"],)} | more

    with pytest.raises(kind):
        add_tour(archive, NewTour(**asked), by())  # type: ignore[arg-type]

    assert audited(archive, "tour.add") == []


def test_a_district_does_not_write_the_tours_of_the_city(archive: Archive) -> None:
    codes = filled(archive, "P01")

    with pytest.raises(Forbidden) as refused:
        add_tour(archive, NewTour(day("2025-03-20"), "示范路线", (codes["P01"],)), by("district-320412"))

    assert told(refused.value) == {"CARE_ROLE"}
