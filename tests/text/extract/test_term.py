"""From when and until when, by the document's own sentences; what they leave open stays None."""

from __future__ import annotations

import pytest

from policy_match.text.extract.term import term_of

ISSUED = "2031-05-18"


@pytest.mark.parametrize(
    ("sentence", "begins", "ends"),
    [
        ("本办法自印发之日起施行。", ISSUED, None),
        ("本办法自发布之日起30日后施行。", "2031-06-17", None),
        ("本办法自2031年6月1日起施行，有效期至2033年5月31日。", "2031-06-01", "2033-05-31"),
        ("本办法自2031年6月1日起施行，有效期3年。", "2031-06-01", "2034-05-31"),
        ("本办法自2031年6月1日起施行。有效期为三年。", "2031-06-01", "2034-05-31"),
        ("本办法自2031年6月1日起试行两年。", "2031-06-01", "2033-05-31"),
        ("本办法自印发之日起施行，试行期一年。", ISSUED, "2032-05-17"),
        ("本办法自二〇三一年六月一日起实施。", "2031-06-01", None),
        ("本政策有效期自2031年1月1日至2031年12月31日。", "2031-01-01", "2031-12-31"),
        ("本办法有效期3年。", None, None),
        ("答：政策自2031年6月1日起施行，试行期一年。", "2031-06-01", "2032-05-31"),
        ("原政策自2028年1月1日起施行。", None, None),
        ("《旧办法》自2028年1月1日起施行。", None, None),
        ("本办法自2031年2月30日起施行。", None, None),
        ("每年3月31日前申报。", None, None),
    ],
)
def test_the_term_is_read_as_written(sentence: str, begins: str | None, ends: str | None) -> None:
    term = term_of([sentence], ISSUED)

    assert (term.begins, term.ends) == (begins, ends)


def test_from_the_day_of_issue_is_unknown_where_that_day_is() -> None:
    assert term_of(["本办法自印发之日起施行，有效期3年。"], None).begins is None
