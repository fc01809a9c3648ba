"""Facts for the cases that a draft still lacks; what they should come out as is for whoever read the clause."""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.proving.first_facts import first_facts
from policy_match.proving.prove import Proving
from policy_match.proving.suggest import suggested_cases
from policy_match.strict_yaml import Data
from policy_match.workflows.draft_fields import Object
from policy_match.workflows.list_facts import plain_value
from policy_match.workflows.read_draft import Checked


@dataclass(frozen=True, slots=True)
class Proposed:
    """One case without its answer. `like`: the case that it starts from, "" for the first; `notices`: what it would notice."""

    as_of: str
    like: str
    facts: Object
    notices: tuple[str, ...]
    is_amount: bool


def propose_cases(checked: Checked) -> tuple[Proposed, ...]:
    """The first case where there is none, else the fewest that notice every change; none while a case comes out otherwise."""
    rule, vocabulary = checked.rule, checked.now.vocabulary
    if rule is None or checked.failures:
        return ()
    has_amount = rule.measure.benefit is not None and rule.measure.benefit.form is not None
    if not rule.measure.cases:
        as_of, values = first_facts(rule, vocabulary)
        if not values:
            return ()
        facts: Object = {name: _data(plain_value(vocabulary[name], value)) for name, value in values.items()}
        return (Proposed(as_of.isoformat(), "", facts, ("每个条件都刚够的一例，其余的从它改起",), has_amount),)
    if not checked.can_be_played:
        return ()
    return tuple(
        Proposed(
            "", one.like, {name: _data(plain_value(vocabulary[name], value)) for name, value in one.facts.items()},
            one.notices, one.is_amount,
        )
        for one in suggested_cases(Proving(rule, vocabulary))
    )  # fmt: skip


def _data(value: object) -> Data:
    """A plain value as rule files hold it: without fractions, which JSON alone writes as floats."""
    if isinstance(value, dict):
        return {str(key): _data(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_data(one) for one in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)
