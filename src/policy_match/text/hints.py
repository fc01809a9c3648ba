"""What a question says beside its topics: place, sum of money, step of a project, degree.

A hint orders and prefills a filter that the reader can take away; it never decides a condition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from policy_match.errors import FactError
from policy_match.identifiers import REGIONS
from policy_match.text.normalise import normalise
from policy_match.units import parse_money

_DEGREES = {
    "博士后": "博士",
    "博士": "博士",
    "硕士": "硕士",
    "研究生": "硕士",
    "本科": "本科",
    "大专": "大专",
    "专科": "大专",
}
_STEPS = {"签约": "签约", "立项": "立项", "备案": "立项", "开工": "开工", "竣工": "竣工", "投产": "投产"}
_MONEY = re.compile(r"(\d+(?:\.\d+)?)万")
# Names of daily use, as a question is spelt.
_PLACES = sorted(
    (normalise(name), code)
    for code, region in REGIONS.items()
    if not region.historic
    for name in {region.name, region.name[:-1] if len(region.name) > 2 else region.name}
)


@dataclass(frozen=True, slots=True)
class Hints:
    """`region`: a code. `amount_fen`: the first sum. `step`, `degree`: as facts name them. None: nothing said."""

    region: str | None = None
    amount_fen: int | None = None
    step: str | None = None
    degree: str | None = None


def hints_of(query: str) -> Hints:
    """The hints of a question; of several places the one named most exactly."""
    text = normalise(query)
    places = [(len(name), code) for name, code in _PLACES if name in text]
    money = _MONEY.search(text)
    return Hints(
        region=max(places)[1] if places else None,
        amount_fen=None if money is None else _fen(money[0]),
        step=next((step for word, step in _STEPS.items() if word in text), None),
        degree=next((degree for word, degree in _DEGREES.items() if word in text), None),
    )


def _fen(written: str) -> int | None:
    try:
        return parse_money(f"{written}元")
    except FactError:
        return None
