"""Write the parts of a rule file as the strict loader reads them back: every key on a line of its own, doubtful words quoted.

What a text says is kept exactly; comments and the way it was laid out are not.
"""

from __future__ import annotations

from decimal import Decimal

import yaml

from policy_match.eligibility.schema import (
    Benefit,
    Boundary,
    Cap,
    Case,
    Change,
    Clause,
    DocumentRef,
    Effective,
    Expect,
    FactCondition,
    Formula,
    Measure,
    Rounding,
    Stacking,
    Tiers,
    Verified,
)
from policy_match.strict_yaml import Data

_MODELS = (
    Measure, DocumentRef, Verified, Effective, Clause, FactCondition, Formula, Benefit, Tiers, Cap, Rounding, Stacking, Case, Expect, Boundary, Change,
)  # fmt: skip
# These stand in several models, in which they follow each other so.
_FIRST = (
    "article",
    "says",
    "quote",
    "fact",
    "op",
    "value",
    "by",
    "none",
    "verdict",
    "amount",
    "at",
    "under",
    "over",
    "missing",
)
_KEYS = dict.fromkeys(
    (*_FIRST, *(field.alias or name for model in _MODELS for name, field in model.model_fields.items()))
)
_PLACES = {key: place for place, key in enumerate(_KEYS)}
ORDERED = frozenset(("boundaries", "conditions", "evidence", "facts", "sum_of"))
_DOUBTFUL = frozenset("0123456789+-.~")
_WORDS = frozenset(("yes", "no", "on", "off", "y", "n", "true", "false", "null"))


def rule_text(data: Data) -> str:
    """The text of a rule file, or of a part of one; reading it gives an equal value."""
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9)


def flow_text(data: Data) -> str:
    """A part on one line, as authors write small ones: {all: [a, b]}."""
    return yaml.dump(
        data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9, default_flow_style=True
    ).strip()


def in_order(measure: dict[str, Data]) -> dict[str, Data]:
    """A measure with the keys of its parts in the order of the schema: what a release keeps has them by the alphabet.

    Parts whose keys authors choose keep their order.
    """
    return {key: _in_order(measure[key], key) for key in _sorted(measure)}


def _in_order(value: Data, name: str) -> Data:
    if isinstance(value, list):
        return [_in_order(one, "") for one in value]
    if not isinstance(value, dict):
        return value
    keys = [*value] if name in ORDERED else _sorted(value)
    return {key: _in_order(value[key], key) for key in keys}


def _sorted(value: dict[str, Data]) -> list[str]:
    return sorted(value, key=lambda key: _PLACES.get(key, len(_PLACES)))


class _Dumper(yaml.SafeDumper):
    """No references; texts that look like numbers, dates or truth values are quoted."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Entries of a list stand below their key, one step in."""
        super().increase_indent(flow, False)


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    doubtful = text[:1] in _DOUBTFUL or text.lower() in _WORDS or not text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if doubtful else None)


def _exact(dumper: yaml.SafeDumper, number: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", format(number, "f"))


_Dumper.add_representer(str, _quoted)
_Dumper.add_representer(Decimal, _exact)
