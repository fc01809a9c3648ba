"""The classes of library and 固投库: the scenario of section 9.3, and each boundary."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from policy_match.dates import Period
from policy_match.linkage.classes import Clock, FaiRecord, Finding, Kind, LibraryProject, Light, classify

AS_OF = date(2025, 3, 31)
CLOCK = Clock(yellow=Period(1, 0), red=Period(2, 0))
YI = 10**10


def project(code: str | None, point: str | None, started: date | None, yi: str | None) -> LibraryProject:
    return LibraryProject(code, point, started, None if yi is None else int(Fraction(yi) * YI))


def record(code: str | None, yi: str | None, is_completed: bool | None = None) -> FaiRecord:
    return FaiRecord(code, None if yi is None else int(Fraction(yi) * YI), is_completed)


def found(
    ours: LibraryProject | None, theirs: FaiRecord | None, as_of: date = AS_OF, *, is_shared: bool = False
) -> Finding | None:
    return classify(ours, theirs, as_of=as_of, clock=CLOCK, is_shared=is_shared)


LIBRARY = {
    "P01": project("2409-320412-89-01-100011", "开工", date(2025, 2, 10), "12"),
    "P02": project(None, "签约", None, "3.5"),
    "P03": project("2410-320402-89-01-100037", "立项", None, "30"),
    "P04": project("2309-320413-89-01-100045", "竣工", date(2023, 12, 18), "1"),
    "P05": project("2406-320481-89-01-100053", "开工", date(2024, 10, 30), "105"),
    "P06": project("2208-320404-89-02-100061", "投产", date(2022, 10, 8), "1.8"),
    "P07": project("2501-320412-89-01-100079", "立项", None, "52"),
    "P08": project("2407-320412-89-01-100087", "开工", date(2024, 12, 5), "9.9999"),
    "P09": project("2411-320411-89-02-100095", "开工", date(2025, 1, 15), "2.2"),
    "P10": project(None, "签约", None, "10"),
    "P11": project("2202-320402-89-02-100113", "投产", date(2022, 4, 6), "1.2"),
    "P12": project("2412-320413-89-01-100121", "立项", None, "0.98"),
}
LISTED = {"P01": "11.2", "P03": "30", "P04": "1.0", "P05": "105", "P06": "1.8", "P09": "2.2", "P11": "1.2"}


def test_the_scenario_of_the_specification() -> None:
    pairs = {
        identity: found(ours, record(ours.project_code, LISTED[identity]) if identity in LISTED else None)
        for identity, ours in LIBRARY.items()
    }
    stranger = found(None, record("2403-320411-89-01-200017", "1.6"))

    kinds = {kind: [name for name, one in pairs.items() if one and one.kind is kind] for kind in Kind}
    assert kinds[Kind.MATCHED] == ["P04", "P05", "P06", "P09", "P11"]
    assert kinds[Kind.AMOUNT_DIFF] == ["P01"]
    assert kinds[Kind.LIB_STARTED_NOT_FAI] == ["P08"]
    assert kinds[Kind.LIB_NOT_STARTED_IN_FAI] == ["P03"]
    assert [name for name, one in pairs.items() if one is None] == ["P02", "P07", "P10", "P12"]
    assert stranger == Finding(Kind.FAI_ONLY)
    assert pairs["P01"] == Finding(Kind.AMOUNT_DIFF, difference=Fraction(1, 15))
    assert pairs["P08"] == Finding(Kind.LIB_STARTED_NOT_FAI, Light.RED, date(2025, 2, 5))


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2024, 12, 4), None), (date(2024, 12, 5), Light.GRACE), (date(2025, 1, 4), Light.GRACE), (date(2025, 1, 5), Light.YELLOW),
        (date(2025, 2, 4), Light.YELLOW), (date(2025, 2, 5), Light.RED),
    ],
)  # fmt: skip
def test_the_light_changes_on_its_day(as_of: date, light: Light | None) -> None:
    one = found(LIBRARY["P08"], None, as_of)

    assert (one.light if one else None) is light


@pytest.mark.parametrize(("yi", "kind"), [("10.5", Kind.MATCHED), ("10.500001", Kind.AMOUNT_DIFF), ("9.5", Kind.MATCHED), ("9.499999", Kind.AMOUNT_DIFF), (None, Kind.MATCHED)])  # fmt: skip
def test_more_than_five_per_cent_differs_and_the_unknown_does_not(yi: str | None, kind: Kind) -> None:
    one = found(project("甲", "开工", date(2025, 1, 1), "10"), record("甲", yi))

    assert one is not None and one.kind is kind


@pytest.mark.parametrize(
    ("point", "is_completed", "kind"),
    [
        ("竣工", False, Kind.STATE_DIFF), ("开工", True, Kind.STATE_DIFF), ("投产", True, Kind.MATCHED), ("竣工", None, Kind.MATCHED),
        (None, True, Kind.MATCHED),
    ],
)  # fmt: skip
def test_completed_on_one_side_only_is_a_difference_of_state(
    point: str | None, is_completed: bool | None, kind: Kind
) -> None:
    one = found(project("甲", point, date(2024, 1, 1), "10"), record("甲", "10", is_completed))

    assert one is not None and one.kind is kind


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        (None, record("甲", "1"), Kind.FAI_ONLY), (None, record("甲", "0.999999"), None), (None, record("甲", None), None),
        (None, record(None, "5"), Kind.CODE_MISSING), (None, None, None),
        (project(None, "开工", date(2025, 1, 1), "5"), None, Kind.CODE_MISSING),
        (project(None, "立项", None, "5"), None, None), (project("甲", None, None, "5"), None, None),
        (project("甲", "开工", None, "5"), None, Kind.LIB_STARTED_NOT_FAI),
        (project("甲", None, None, "5"), record("甲", "5"), Kind.MATCHED),
        (project("甲", "立项", None, "5"), record("甲", "5"), Kind.LIB_NOT_STARTED_IN_FAI),
        (project("甲", "开工", date(2025, 4, 1), "5"), record("甲", "5"), Kind.LIB_NOT_STARTED_IN_FAI),
        (project("甲", "开工", date(2025, 3, 31), "5"), record("甲", "5"), Kind.MATCHED),
    ],
)  # fmt: skip
def test_one_side_alone_and_the_start(ours: LibraryProject | None, theirs: FaiRecord | None, kind: Kind | None) -> None:
    one = found(ours, theirs)

    assert (one.kind if one else None) is kind


def test_a_shared_code_comes_before_all_else() -> None:
    assert found(LIBRARY["P04"], record("甲", "9"), is_shared=True) == Finding(Kind.DUP_CODE)


def test_a_start_without_a_day_has_no_light() -> None:
    assert found(project("甲", "开工", None, "5"), None) == Finding(Kind.LIB_STARTED_NOT_FAI)
