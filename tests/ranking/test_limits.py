"""What a measure limits itself to is read from its conditions, whatever way they are put together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from policy_match.eligibility.leaves import HasAny, InOptions, InRegion, InTree
from policy_match.eligibility.nodes import AllNode, AnyNode, Human, NotNode
from policy_match.eligibility.nodes import Test as Asked
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.cells import Possible
from policy_match.ranking.limits import Atoms

MakeRule = Callable[..., Rule]
DONE = InOptions("stage", frozenset({"竣工", "投产"}))
SMALL = InOptions("is_sme", frozenset({"true"}))


def stages(atoms: Atoms, rule: Rule) -> list[str] | None:
    limit = atoms.limits(rule).stage
    return None if limit is None else [name for name in atoms.stages if atoms.stage(name) & limit.open]


def test_conditions_about_other_things_are_no_limit(atoms: Atoms, rule_of: MakeRule) -> None:
    limits = atoms.limits(rule_of(Human("由人判断"), InOptions("project_kind", frozenset({"new"}))))

    assert (limits.industry, limits.tracks, limits.stage, limits.size, limits.region) == (
        (),
        frozenset(),
        None,
        None,
        (),
    )


def test_a_stage_that_must_be_reached_leaves_the_later_ones(atoms: Atoms, rule_of: MakeRule) -> None:
    assert stages(atoms, rule_of(DONE)) == ["竣工", "投产"]


def test_a_stage_that_must_not_be_reached_leaves_the_earlier_ones(atoms: Atoms, rule_of: MakeRule) -> None:
    assert stages(atoms, rule_of(NotNode(Asked(DONE)))) == ["签约", "立项", "开工"]


def test_two_conditions_of_one_fact_leave_what_meets_both(atoms: Atoms, rule_of: MakeRule) -> None:
    started = InOptions("stage", frozenset({"开工", "竣工", "投产"}))

    assert stages(atoms, rule_of(started, NotNode(Asked(DONE)))) == ["开工"]


def test_another_way_without_the_condition_takes_the_limit_away(atoms: Atoms, rule_of: MakeRule) -> None:
    assert stages(atoms, rule_of(AnyNode((Asked(DONE), Asked(SMALL))))) is None


def test_not_both_is_no_limit_of_either(atoms: Atoms, rule_of: MakeRule) -> None:
    rule = rule_of(NotNode(AllNode((Asked(DONE), Asked(SMALL)))))

    assert stages(atoms, rule) is None
    assert atoms.limits(rule).size is None


def test_small_and_medium_firms_are_three_sizes(atoms: Atoms, rule_of: MakeRule) -> None:
    limit = atoms.limits(rule_of(SMALL)).size

    assert limit is not None
    assert limit.open == atoms.possible("enterprise_size", Possible(frozenset({"medium", "small", "micro"})))


def test_industries_keep_the_codes_of_the_measure(atoms: Atoms, rule_of: MakeRule) -> None:
    (limit,) = atoms.limits(rule_of(InTree("industry_code", ("C38", "C39"), ("C3841",)))).industry

    assert limit.codes == ("C38", "C39")
    assert atoms.industry("C3842") & limit.open
    assert not atoms.industry("C3841") & limit.open
    assert not atoms.industry("C36") & limit.open


def test_industries_that_are_excluded_are_no_codes_of_the_measure(atoms: Atoms, rule_of: MakeRule) -> None:
    (limit,) = atoms.limits(rule_of(NotNode(Asked(InTree("industry_code", ("K70",)))))).industry

    assert limit.codes == ()
    assert not atoms.industry("K70") & limit.open


def test_tracks_are_those_asked_for(atoms: Atoms, rule_of: MakeRule) -> None:
    wanted, refused = (HasAny("track", frozenset({name}), validity=False) for name in ("氢能", "合成生物"))

    assert atoms.limits(rule_of(wanted, NotNode(Asked(refused)))).tracks == {"氢能"}


@pytest.mark.parametrize(
    ("code", "inside"), [("320412", True), ("WJ-GX", True), ("320411", False), ("110108", False), ("320400", None)]
)
def test_a_region_holds_its_zones_and_a_city_is_too_coarse(
    code: str, inside: bool | None, atoms: Atoms, rule_of: MakeRule
) -> None:
    (limit,) = atoms.limits(rule_of(InRegion("district", ("320412",)))).region
    mask = atoms.region(code)

    assert (True if mask & ~limit.open == 0 else None if mask & limit.open else False) is inside
