"""Awards tied to what a firm or person pays in taxes carry the fair-competition flag and never pay without application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import FactCondition, FairCompetition, HumanCondition
from policy_match.eligibility.schema_benefit import facts_of
from policy_match.strict_yaml import read_file

ENTRIES = Path(__file__).resolve().parents[2] / "corpus" / "entries"
CONTRIBUTION = re.compile(r"(地方|税收|财政|经济|综合|区级)贡献")


def texts(rule: Rule, rulebook: Rulebook) -> Iterator[str]:
    """What the version says in clauses, conditions and benefit, and the labels of the facts that it reads."""
    measure, labels = rule.measure, rulebook.vocabulary
    yield measure.title
    yield from (clause.says or clause.quote or "" for clause in measure.clauses)
    for condition in measure.conditions.values():
        if isinstance(condition, FactCondition):
            yield f"{condition.label or ''} {labels[condition.fact].label}"
        else:
            yield condition.human if isinstance(condition, HumanCondition) else condition.assumed
    if measure.benefit is not None:
        yield measure.benefit.says or ""
        yield from (labels[fact].label for fact in facts_of(measure.benefit))


def tied(rule: Rule, rulebook: Rulebook) -> bool:
    """Whether it speaks of such a contribution itself; the title of another measure does not count."""
    others = {other.measure.title for other in rulebook.rules if other.id != rule.id}
    said = "\n".join(texts(rule, rulebook))
    for title in sorted(others, key=len, reverse=True):
        said = said.replace(title.removesuffix("（2021年）"), "")
    return CONTRIBUTION.search(said) is not None


def cautioned() -> set[str]:
    """Entries whose caution asks for a flag."""
    found: set[str] = set()
    for path in ENTRIES.glob("measures_*.yaml"):
        data = read_file(path).data
        for entry in data if isinstance(data, list) else ():
            if isinstance(entry, dict) and re.search(r"\bflag\b", str(entry.get("caution", ""))):
                found.add(str(entry["id"]))
    return found


def wrong(rule: Rule) -> bool:
    """Whether it lacks the flag or could pay without application."""
    flag, measure = rule.measure.fair_competition, rule.measure
    return flag is None or not flag.flag or measure.mode == "msjx" or measure.no_application is not None


def test_what_is_tied_to_a_contribution_is_flagged_and_never_paid_without_application(rulebook: Rulebook) -> None:
    found = [rule for rule in rulebook.rules if tied(rule, rulebook)]

    assert {"cz_strategic_scientist_award", "wujin_innovation_industrialisation"} <= {rule.id for rule in found}
    assert [rule.measure.key for rule in found if wrong(rule)] == []


def test_an_entry_whose_caution_asks_for_a_flag_has_it_in_every_rule(rulebook: Rulebook) -> None:
    flagged = cautioned()

    found = [rule for rule in rulebook.rules if flagged & set(rule.measure.data_ids)]

    assert {"CZ-INN-04", "CZ-INN-06", "CZ-TAL-03", "LY-LOWB-01", "WJ-INNB-07", "TN-IND-04"} <= flagged
    assert len(found) >= 5
    assert [rule.measure.key for rule in found if wrong(rule)] == []


def test_a_rule_without_its_flag_or_paid_without_application_is_noticed(rulebook: Rulebook) -> None:
    rule = next(rule for rule in rulebook.rules if rule.id == "wujin_innovation_industrialisation")
    bare = rule.measure.model_copy(update={"fair_competition": None})
    lowered = rule.measure.model_copy(update={"fair_competition": FairCompetition(flag=False, note="示例")})
    automatic = rule.measure.model_copy(update={"mode": "msjx"})

    assert [wrong(replace(rule, measure=measure)) for measure in (rule.measure, bare, lowered, automatic)] == [
        False, True, True, True,
    ]  # fmt: skip


def test_the_title_of_another_measure_ties_nothing(rulebook: Rulebook) -> None:
    salary = next(rule for rule in rulebook.rules if rule.id == "cz_talent_salary_award")

    assert any("地方贡献" in text for text in texts(salary, rulebook))
    assert not tied(salary, rulebook)
