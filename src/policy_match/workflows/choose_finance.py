"""The finance view of one subject: three groups over all finance measures, one best option for each.

The groups are named in 常政办发〔2024〕37号 二(三)3; which measure belongs to which is our
reading: by what the firm gets, whether help to obtain finance (contact, advice,
guarantee), the money itself (loan, equity) or a lower cost (interest, fees).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.schema import FinanceGroup
from policy_match.workflows.match import Match

GROUPING_NOTE = (
    "三组的名称出自常政办发〔2024〕37号；每项措施归入哪一组是我们的理解："
    "帮助获得融资的（对接、顾问、担保）归融资服务保障，资金本身（贷款、股权）归综合金融支持，降低成本的（贴息、减费）归降费让利"
)
# What is proved first, then what people decide, then what is not known; the rest is no option.
_OPTIONS = (Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class FinanceChoice:
    """One group. `best` None: no option; `further`: how many more there are by verdict, `ruled_out`: measures that are none."""

    group: FinanceGroup
    best: Match | None
    further: tuple[tuple[Verdict, int], ...]
    ruled_out: int


def choose_finance(matches: Iterable[Match]) -> tuple[FinanceChoice, ...]:
    """The best option of every group, in the order of the notice; empty where there is no finance measure at all.

    An option is a measure that is eligible, waits for people or for data: in this order, then by score, ties
    by measure id. The order of the matches does not matter.
    """
    finance = [match for match in matches if match.rule.measure.finance_group is not None]
    return tuple(_choice(group, finance) for group in get_args(FinanceGroup)) if finance else ()


def _choice(group: FinanceGroup, finance: Iterable[Match]) -> FinanceChoice:
    members = [match for match in finance if match.rule.measure.finance_group == group]
    options = sorted((match for match in members if match.verdict in _OPTIONS), key=_order)
    counts = [(verdict, sum(match.verdict is verdict for match in options[1:])) for verdict in _OPTIONS]
    return FinanceChoice(
        group=group,
        best=options[0] if options else None,
        further=tuple((verdict, count) for verdict, count in counts if count),
        ruled_out=len(members) - len(options),
    )


def _order(match: Match) -> tuple[int, float, str]:
    return _OPTIONS.index(match.verdict), -match.score.total, match.rule.id
