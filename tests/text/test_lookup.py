"""Asked for by number, title or abbreviation: first, whatever brackets and marks were typed."""

from __future__ import annotations

import pytest

from policy_match.text.lexicon import ShortName
from policy_match.text.lookup import Lookup, numbers_in
from policy_match.text.searchable import Searchable


def entry(id: str, title: str, *numbers: str, kind: str = "measure") -> Searchable:
    return Searchable(id, kind, title, ("land",), "320400", numbers, title)  # type: ignore[arg-type]


LOOKUP = Lookup(
    [
        entry("a_award", "示例重大设备投入奖励", "示政办发〔2025〕6号"),
        entry("sz-2025-6", "示例创新发展若干政策", "示政办发〔2025〕6号", kind="document"),
        entry("tax-2023-43", "示例加计抵减公告", "财政部 税务总局公告2023年第43号", kind="document"),
        entry("other-2025-6", "示例另一份文件", "示工信〔2025〕6号", kind="document"),
    ],
    [ShortName("示创2.0", target="sz-2025-6"), ShortName("技改", means="技术改造")],
)


@pytest.mark.parametrize(
    "written",
    [
        "示政办发〔2025〕6号",
        "示政办发[2025]6号",
        "示政办发（2025）第6号",
        "示政办发2025年6号",
        "示政办发【2025】6",
        "政办发〔2025〕06号",
    ],
)
def test_a_number_is_found_in_any_brackets_the_document_before_its_measures(written: str) -> None:
    assert LOOKUP.find(written) == ["sz-2025-6", "a_award"]


def test_a_number_without_its_series_finds_every_series() -> None:
    assert LOOKUP.find("〔2025〕6号") == ["sz-2025-6", "other-2025-6", "a_award"]


def test_a_number_inside_a_question_is_found() -> None:
    assert LOOKUP.find("公告2023年第43号 还有效吗") == ["tax-2023-43"]


@pytest.mark.parametrize(
    "written", ["2025年6月1日", "示政办发〔2025〕7号", "示政办发〔2024〕6号", "6号", "2025年6个月"]
)
def test_a_day_or_another_number_finds_nothing(written: str) -> None:
    assert LOOKUP.find(written) == []


def test_names_ids_and_abbreviations_are_found_whatever_their_marks() -> None:
    assert LOOKUP.find("“示例重大设备投入奖励”") == ["a_award"]
    assert LOOKUP.find("a_award") == ["a_award"]
    assert LOOKUP.find("示创 2.0") == ["sz-2025-6"]
    assert LOOKUP.find("技改") == []


def test_a_slip_in_a_title_is_forgiven_and_in_a_short_name_not() -> None:
    assert LOOKUP.find("示例重大设备投人奖励") == ["a_award"]
    assert LOOKUP.find("示例创新发展若干证策") == ["sz-2025-6"]
    assert LOOKUP.find("示创2.1") == []


def test_numbers_are_read_as_series_year_and_serial() -> None:
    assert numbers_in("财税[2015]119号和常办发（2023）05号") == [("财税", "2015", "119"), ("和常办发", "2023", "5")]
