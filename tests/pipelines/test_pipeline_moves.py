"""Steps of a pipeline: where an item stands, where it may go, what a step asks for, and what makes two items the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import BORROWED, allowed, shipped, written

from policy_match.authoring.pipeline_file import load_pipelines
from policy_match.errors import FactError, RuleError
from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.counts import count, quarters
from policy_match.pipelines.kinds import Pipeline, Sort
from policy_match.pipelines.log import (
    Entry,
    Position,
    clock_days,
    is_expired,
    is_open,
    is_overdue,
    replay,
    told_warnings,
)
from policy_match.pipelines.moves import banned_faults, check, lacking, next_steps
from policy_match.pipelines.same import mark_of
from policy_match.pipelines.values import read_value, show_value

TODAY = date(2025, 3, 31)
OPENING = {"title": "示范书", "kind": "录音"}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return load_pipelines(written(tmp_path_factory.mktemp("books")), allowed())["borrowed"]


def on(day: str) -> date:
    return date.fromisoformat(f"2025-{day}")


def entry(step: str, day: str, **more: object) -> Entry:
    return replace(Entry(step, on(day)), **more)  # type: ignore[arg-type]


def at(books: Pipeline, *entries: Entry, as_of: date = TODAY) -> Position:
    found = replay(entries, books, as_of)
    assert found is not None
    return found


def names(books: Pipeline, *entries: Entry) -> list[str]:
    return [step.id for step in next_steps(at(books, *entries), books)]


def codes(books: Pipeline, new: Entry, *before: Entry) -> list[str]:
    return [issue.code for issue in check(new, replay(before, books, TODAY), books, TODAY)]


# days


def test_the_days_of_a_step_count_from_the_day_it_came_there(books: Pipeline) -> None:
    here = at(books, entry("asked", "03-01"), entry("lent", "03-11"))

    assert (here.step, here.days(TODAY), here.stays[0].days(TODAY)) == ("lent", 20, 10)
    assert at(books, entry("asked", "03-31")).days(TODAY) == 0


def test_telling_more_at_a_step_starts_no_new_count(books: Pipeline) -> None:
    here = at(books, entry("asked", "03-01"), entry("asked", "03-20", said={"title": "甲"}))

    assert (len(here.stays), here.days(TODAY), here.said["title"], here.last_on) == (1, 30, "甲", on("03-20"))


def test_what_came_after_the_day_asked_about_is_not_known_on_it(books: Pipeline) -> None:
    entries = [entry("asked", "03-01"), entry("lent", "03-11")]

    assert at(books, *entries, as_of=on("03-10")).step == "asked"
    assert replay(entries, books, date(2025, 2, 28)) is None


@pytest.mark.parametrize(("day", "overdue"), [("03-06", False), ("03-07", True)])
def test_a_step_is_overdue_the_day_after_its_limit(books: Pipeline, day: str, overdue: bool) -> None:
    assert is_overdue(at(books, entry("asked", "03-01")), books, on(day)) is overdue


@pytest.mark.parametrize(("day", "expired"), [("03-20", False), ("03-21", True)])
def test_the_last_day_still_counts_and_what_has_expired_is_neither_open_nor_overdue(
    books: Pipeline, day: str, expired: bool
) -> None:
    here = at(books, entry("asked", "03-01", said={"until": "2025-03-20"}), as_of=on(day))

    assert is_expired(here, books, on(day)) is expired
    assert (is_open(here, books, on(day)), is_overdue(here, books, on(day))) == (not expired, not expired)


def test_without_a_last_day_nothing_expires(books: Pipeline) -> None:
    assert not is_expired(at(books, entry("asked", "03-01")), books, date(2035, 1, 1))


def test_a_clock_runs_from_its_step_to_its_day_and_has_not_begun_before(books: Pipeline) -> None:
    lent = entry("lent", "03-11")

    assert clock_days(at(books, entry("asked", "03-01")), books, TODAY) == {"在外": None}
    assert clock_days(at(books, lent), books, TODAY) == {"在外": 20}
    assert clock_days(at(books, replace(lent, said={"back_on": "2025-03-15"})), books, TODAY) == {"在外": 4}


@pytest.mark.parametrize(("back", "told"), [("2025-03-15", ()), ("2025-03-16", ("还晚了",))])
def test_a_day_after_the_one_it_should_keep_is_told_and_the_same_day_is_not(
    books: Pipeline, back: str, told: tuple[str, ...]
) -> None:
    here = at(books, entry("asked", "03-01", said={"due_on": "2025-03-15", "back_on": back}))

    assert told_warnings(here, books) == told


def test_one_unknown_day_is_no_warning(books: Pipeline) -> None:
    assert told_warnings(at(books, entry("asked", "03-01", said={"back_on": "2025-03-15"})), books) == ()


def test_a_second_arrival_where_one_is_the_most_is_counted(books: Pipeline) -> None:
    once = [entry("asked", "03-01"), entry("lent", "03-02"), entry("read", "03-03")]

    assert told_warnings(at(books, *once), books) == ()
    assert told_warnings(at(books, *once, entry("lent", "03-04")), books) == ("“借出”2次，超过1次",)


def test_a_step_that_was_taken_out_of_the_file_is_told_with_the_file(books: Pipeline) -> None:
    with pytest.raises(RuleError) as refused:
        replay([entry("gone", "03-01")], books, TODAY)

    (issue,) = refused.value.issues
    assert (issue.code, issue.where) == ("PIPELINE_GONE", "rules/pipelines/borrowed.yaml") and "gone" in issue.what
    with pytest.raises(RuleError):
        books.field("gone")


# moves


def test_an_item_goes_to_the_next_step_to_those_beside_the_way_and_where_a_move_is_listed(books: Pipeline) -> None:
    assert [step.id for step in next_steps(None, books)] == ["asked", "lent"]
    assert names(books, entry("asked", "03-01")) == ["lent", "read", "held", "lost"]
    assert names(books, entry("lent", "03-01")) == ["read", "held", "lost"]
    assert names(books, entry("read", "03-01")) == ["lent", "back", "held", "lost"]


def test_a_pause_goes_back_to_where_it_was_and_an_end_only_where_a_move_is_listed(books: Pipeline) -> None:
    assert names(books, entry("asked", "03-01"), entry("held", "03-02")) == ["asked", "lost"]
    assert names(books, entry("asked", "03-01"), entry("lent", "03-02"), entry("held", "03-03")) == ["lent", "lost"]
    assert names(books, entry("asked", "03-01"), entry("lost", "03-02")) == ["asked"]
    assert names(books, entry("back", "03-01")) == []


def test_an_illegal_move_names_the_legal_ones(books: Pipeline) -> None:
    (issue,) = check(entry("back", "03-02"), at(books, entry("asked", "03-01")), books, TODAY)

    assert (issue.code, issue.what, issue.allowed) == (
        "PIPELINE_MOVE",
        "从“提出”不能到“归还”",
        "借出、阅读、暂停、遗失",
    )


def test_at_the_end_there_is_nothing_to_name(books: Pipeline) -> None:
    (issue,) = check(entry("asked", "03-02"), at(books, entry("back", "03-01")), books, TODAY)

    assert "已经办完" in issue.allowed


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (entry("asked", "03-01", said=OPENING), []),
        (entry("asked", "03-01", said={"title": "示范书"}), ["PIPELINE_LACKS"]),
        (entry("asked", "04-01", said=OPENING), ["PIPELINE_DAY"]),
        (entry("asked", "03-31", said=OPENING), []),
        (entry("asked", "03-01", said=OPENING | {"colour": "红"}), ["PIPELINE_FIELD"]),
        (entry("asked", "03-01", said=OPENING, evidence=(Evidence("借条", "1"),)), ["PIPELINE_EVIDENCE"]),
        (entry("read", "03-01", said=OPENING), ["PIPELINE_MOVE"]),
        (entry("nowhere", "03-01", said=OPENING), ["PIPELINE_MOVE"]),
        (entry("asked", "03-01", said=OPENING | {"title": "限 男"}), ["BOOK_WORDS"]),
    ],
)
def test_an_opening_is_checked(books: Pipeline, new: Entry, told: list[str]) -> None:
    assert codes(books, new) == told


def test_a_step_asks_for_fields_documents_and_what_depends_on_another_field(books: Pipeline) -> None:
    paper = entry("asked", "03-01", said=OPENING | {"kind": "纸书"})
    sound = entry("asked", "03-01", said=OPENING)

    found = lacking(paper.said, "lent", books)
    assert ([one.id for one in found.fields], found.evidence, found.reason) == (["pages", "due_on"], ("借条",), False)
    assert [one.id for one in lacking(sound.said, "lent", books).fields] == ["due_on"]


def test_a_field_of_an_earlier_step_is_asked_for_wherever_it_was_left_out(books: Pipeline) -> None:
    opened = entry("asked", "03-01", said=OPENING)

    assert codes(books, entry("read", "03-02"), opened) == ["PIPELINE_LACKS"]
    assert codes(books, entry("read", "03-02", said={"due_on": "2025-04-01"}), opened) == []


def test_a_step_beside_the_way_asks_for_a_reason_and_its_own_fields_alone(books: Pipeline) -> None:
    opened = entry("asked", "03-01", said=OPENING)

    assert codes(books, entry("held", "03-02"), opened) == ["PIPELINE_LACKS", "PIPELINE_LACKS"]
    assert codes(books, entry("held", "03-02", said={"note": "甲"}, reason="忙"), opened) == []
    assert codes(books, entry("lost", "03-02", reason="火灾"), opened) == []
    assert codes(books, entry("lost", "03-02", reason="忘了"), opened) == ["PIPELINE_REASON"]


def test_an_entry_is_never_earlier_than_the_one_before_it(books: Pipeline) -> None:
    opened = entry("asked", "03-05", said=OPENING)

    assert codes(books, entry("lost", "03-04", reason="火灾"), opened) == ["PIPELINE_DAY"]
    assert codes(books, entry("lost", "03-05", reason="火灾"), opened) == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("限男性", True),
        ("限 男", True),
        ("ＸX限男", True),
        ("不限男女", False),
        ("不限男女，限男性", True),
        ("男女均可", False),
    ],
)
def test_a_word_is_refused_however_it_is_spaced_and_not_inside_a_phrase_that_is_fine(
    books: Pipeline, text: str, refused: bool
) -> None:
    assert bool([*banned_faults({"note": text}, books)]) is refused
    assert [*banned_faults({"price": text}, books)] == []


STEPS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=25)


@given(st.sampled_from([*shipped()]), STEPS)
def test_any_sequence_of_legal_moves_ends_in_a_step_of_the_file_and_an_illegal_one_is_refused(
    kind: str, choices: list[tuple[int, int]]
) -> None:
    pipeline = shipped()[kind]
    day = date(2025, 1, 1)
    entries = [
        Entry(pipeline.opens_at[choices[0][0] % len(pipeline.opens_at)] if choices else pipeline.opens_at[0], day)
    ]
    for choice, days in choices:
        position = replay(entries, pipeline, date.max)
        assert position is not None
        legal = next_steps(position, pipeline)
        for step in pipeline.steps:
            told = {one.code for one in check(Entry(step.id, day), position, pipeline, date.max)}
            assert ("PIPELINE_MOVE" in told) == (step not in legal and step.id != position.step)
        if not legal:
            assert pipeline.is_over(position.step)
            break
        day += timedelta(days=days)
        entries.append(Entry(legal[choice % len(legal)].id, day))
    last = replay(entries, pipeline, date.max)
    assert last is not None
    assert last.step in {step.id for step in pipeline.steps}
    assert sum(stay.days(day) for stay in last.stays) == (day - entries[0].on).days
    assert pipeline.step(last.back).sort is Sort.WAY


# values


@pytest.mark.parametrize(
    ("field", "text", "kept", "shown"),
    [
        ("price", "200元", "20000", "200元"),
        ("price", "5000万元", "5000000000", "5000万元"),
        ("pages", "300", "300", "300页"),
        ("pages", "300页", "300", "300页"),
        ("due_on", "2025年4月1日", "2025-04-01", "2025-04-01"),
        ("month", "2025年4月", "2025-04", "2025-04"),
        ("kind", "录音", "录音", "录音"),
        ("title", " 甲  乙 ", "甲 乙", "甲 乙"),
    ],
)
def test_a_value_is_kept_in_one_form_and_shown_as_people_read_it(
    books: Pipeline, field: str, text: str, kept: str, shown: str
) -> None:
    one = books.field(field)

    assert read_value(one, text) == kept
    assert show_value(one, kept) == shown


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("price", "200", "UNIT_MISSING"),
        ("price", "-2元", "NUM_RANGE"),
        ("pages", "1.5", "NUM_RANGE"),
        ("pages", "-1", "NUM_RANGE"),
        ("due_on", "2025-04", "DATE_FORMAT"),
        ("month", "2025", "DATE_FORMAT"),
        ("kind", "电影", "CHOICE"),
        ("title", "甲" * 501, "TEXT_TOO_LONG"),
        ("title", "甲\x07", "CONTROL_CHARACTER"),
    ],
)
def test_a_value_that_a_field_cannot_hold_is_refused_under_its_name(
    books: Pipeline, field: str, text: str, code: str
) -> None:
    one = books.field(field)

    with pytest.raises(FactError) as refused:
        read_value(one, text)

    (issue,) = refused.value.issues
    assert (issue.code, issue.where) == (code, field)
    assert one.name in issue.what


# sameness


def test_the_same_is_the_same_by_what_the_file_names_whatever_blanks_and_case(books: Pipeline) -> None:
    monday = entry("asked", "03-24", said=OPENING)

    def mark(**more: object) -> str:
        return mark_of(books, "", replace(monday, **more))  # type: ignore[arg-type]

    assert mark() == mark(said=OPENING | {"title": "示 范书", "kind": "纸书"}) == mark(on=on("03-30"))
    assert mark() != mark(on=on("03-31")) and mark() != mark(on=on("03-23"))
    assert mark() != mark(said=OPENING | {"title": "别的"})


def test_without_names_everything_said_the_subject_and_the_day_make_the_same(books: Pipeline) -> None:
    free, opening = replace(books, same=()), entry("asked", "03-24", said=OPENING)

    marks = {
        mark_of(free, "甲", opening), mark_of(free, "乙", opening), mark_of(free, "甲", replace(opening, on=on("03-25"))),
        mark_of(free, "甲", replace(opening, said=OPENING | {"price": "1"})),
    }  # fmt: skip
    assert len(marks) == 4
    assert mark_of(free, "甲", opening) == mark_of(free, "甲", replace(opening, reason="x"))


# counts


def test_items_are_counted_by_step_with_days_and_unknowns_apart(books: Pipeline) -> None:
    found = count(
        [
            at(books, entry("asked", "03-01", said=OPENING | {"price": "100"})),
            at(books, entry("asked", "03-29", said={"title": "乙"})),
            at(
                books,
                entry("asked", "03-01", said=OPENING),
                entry("lent", "03-11"),
                entry("read", "03-12"),
                entry("back", "03-13"),
            ),
        ],
        books,
        TODAY,
    )

    asked = found.steps[0]
    assert (asked.items, asked.overdue, asked.median_days, asked.longest_days) == (2, 1, 16, 30)
    assert (asked.left, asked.left_median) == (1, 10)
    assert (found.steps[3].items, found.steps[3].longest_days) == (1, None), "of what is over no days run"
    assert (found.items, found.open, found.overdue, found.expired) == (3, 2, 1, 0)
    assert found.by == {"kind": {"录音": 2, None: 1}}
    assert (found.sums["price"].total, found.sums["price"].unknown) == (100, 2)


def test_of_nothing_the_sum_is_nothing_and_of_unknowns_unknown(books: Pipeline) -> None:
    assert count([], books, TODAY).sums["price"].total == 0
    assert count([at(books, entry("asked", "03-01"))], books, TODAY).sums["price"].total is None
    assert count([], books, TODAY).steps[0].median_days is None


@pytest.mark.parametrize(
    ("as_of", "lacking", "over"),
    [
        ("2025-01-01", [True], [False]),
        ("2025-03-31", [False], [False]),
        ("2025-04-01", [False, True], [True, False]),
        ("2026-01-01", [False, True, False, True], [True] * 4),
    ],
)
def test_a_quarter_in_which_nothing_came_to_the_step_is_lacking(
    books: Pipeline, as_of: str, lacking: list[bool], over: list[bool]
) -> None:
    day = date.fromisoformat(as_of)
    opened = [entry("lent", "03-31"), entry("lent", "09-30"), entry("asked", "05-05")]
    positions = [found for one in opened if (found := replay([one], books, day)) is not None]

    found = quarters(positions, books, 2025, day)

    assert ([one.is_lacking for one in found], [one.is_over for one in found]) == (lacking, over)


def test_a_pipeline_that_asks_for_no_period_has_none(books: Pipeline) -> None:
    assert quarters([], replace(books, every_quarter=None), 2025, TODAY) == ()


def test_the_invented_file_uses_every_part_that_a_file_may_have() -> None:
    keys = {line.partition(":")[0] for line in BORROWED.splitlines() if line[:1].isalpha()}

    assert {"moves", "opens_at", "same", "expires", "refuse", "clocks", "late", "every", "count_by", "sums"} <= keys
