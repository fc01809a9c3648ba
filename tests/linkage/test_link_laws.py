"""What holds of every library and every record: order, letter case and width, added rows, remembered answers."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.dirt import World, project_code, uscc, world
from policy_match.linkage.link import Remembered, link
from policy_match.linkage.records import Decision, ProjectRecord

SEEDS = st.integers(min_value=0, max_value=10_000)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def small(seed: int) -> World:
    """A world of six records and of fifty rows, the partners of the records among them."""
    made, chance = world(seed, 6), random.Random(seed)
    kept = {row.id for row in chance.sample(made.library, 44)} | set(made.truth.values())
    return replace(made, library=[row for row in made.library if row.id in kept])


@given(SEEDS)
def test_answers_do_not_depend_on_the_order_of_rows(seed: int) -> None:
    made, chance = small(seed), random.Random(seed)
    library, others = chance.sample(made.library, len(made.library)), chance.sample(made.others, len(made.others))

    shuffled = {answer.other_id: answer for answer in link(library, others)}

    assert shuffled == {answer.other_id: answer for answer in link(made.library, made.others)}


@given(SEEDS)
def test_one_record_alone_is_answered_as_among_others(seed: int) -> None:
    made = small(seed)
    apart = [replace(record, source=record.id) for record in made.others]

    assert [link(made.library, (record,))[0] for record in apart] == link(made.library, apart)


@given(SEEDS)
def test_letter_case_and_width_change_nothing(seed: int) -> None:
    made = small(seed)
    dressed = [
        replace(
            record,
            name=record.name.translate(WIDE), firm=record.firm.upper().translate(WIDE), uscc=record.uscc.lower(),
            project_code=record.project_code.translate(WIDE), region=f" {record.region}", industry=record.industry.swapcase(),
            investment=record.investment.translate(WIDE), unit=record.unit,
        )
        for record in made.others
    ]  # fmt: skip

    assert [(a.decision, a.library_id, a.score) for a in link(made.library, dressed)] == [
        (a.decision, a.library_id, a.score) for a in link(made.library, made.others)
    ]


@given(SEEDS)
def test_a_different_project_added_to_the_library_never_takes_a_link(seed: int) -> None:
    made, chance = small(seed), random.Random(seed)
    near = chance.choice(made.library)
    name = near.name.removesuffix("项目") + chance.choice(["七期项目", "职工宿舍楼", "(2031)", "余热综合利用中心"])
    sister = replace(near, id="新增", name=name, project_code=project_code(chance, near.region), investment="0.31")

    before = {answer.other_id: answer for answer in link(made.library, made.others)}
    after = {answer.other_id: answer for answer in link([*made.library, sister], made.others)}

    assert [
        answer for answer in after.values() if answer.library_id == "新增" and answer.decision is Decision.LINK
    ] == []
    for identity, answer in after.items():
        if answer.decision is Decision.LINK:
            assert answer.library_id == before[identity].library_id


@given(SEEDS)
def test_the_score_is_the_sum_of_the_printed_points(seed: int) -> None:
    for answer in link(*(lambda made: (made.library, made.others))(small(seed))):
        printed = re.findall(r" ([+−])(\d+)(?:；|$)", answer.why)
        assert sum(int(sign.replace("−", "-") + digits) for sign, digits in printed) == answer.score


@given(SEEDS)
def test_what_persons_decided_wins(seed: int) -> None:
    made, chance = small(seed), random.Random(seed)
    first, second, third = made.others[:3]
    row = chance.choice(made.library)
    best = link(made.library, (second,))[0].library_id or row.id
    past = Remembered({first.id: row.id}, frozenset({(second.id, best)}), frozenset({third.id}))

    found = link(made.library, (first, second, third), past)

    assert (found[0].decision, found[0].library_id) == (Decision.LINK, row.id)
    assert found[1].library_id != best
    assert (found[2].decision, found[2].library_id) == (Decision.APART, None)


@given(SEEDS)
def test_a_valid_code_of_another_firm_never_makes_a_pair_more_alike(seed: int) -> None:
    made, chance = small(seed), random.Random(seed)
    stranger = uscc(chance, "320400")

    for record in made.others:
        with_stranger = replace(record, uscc=stranger)
        before, after = (link(made.library, (one,))[0] for one in (replace(record, uscc=""), with_stranger))
        assert after.score <= before.score
        assert after.decision is not Decision.LINK or after.library_id == before.library_id


@pytest.mark.parametrize(
    "text", ["", " ", "期", "一期", "()", "（", "=1+1", "项目" * 200, "\u200b", "🏭", "a" * 500, "年产", "九十九期"]
)
def test_no_text_is_too_strange(text: str) -> None:
    strange = ProjectRecord("M", text, text, text, text, text, text, text, text, text, text, text)

    answers = link(
        (ProjectRecord("P", "示范项目"), replace(strange, id="Q")), (strange, ProjectRecord("N", "示范项目"))
    )

    assert [answer.other_id for answer in answers] == ["M", "N"]
