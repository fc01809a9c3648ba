"""Check a proof file that somebody brought, by what stands in it alone (verify_proof.py), and tell what was found."""

from __future__ import annotations

import json
from dataclasses import dataclass

from policy_match import verify_proof
from policy_match.units import format_money

# What hostile or broken JSON of any shape can raise in a checker that reads it as it comes.
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether everything agrees; `lines`: what was found, in words, the first what matters most."""

    holds: bool
    lines: tuple[str, ...]


def verify_given(content: bytes, head: str) -> Verified:
    """Check the bytes of a proof file. `head`: the row hash kept outside the database, "" for none."""
    try:
        proof = json.loads(content.decode("utf-8"))
        verify_proof.verify(proof, head or None)
        said, case = proof["body"]["decision"], proof["body"]["case"]
        lines = (
            f"{case['number']} {case['beneficiary']['name'] or ''}，{case['measure']} 第 {case['version']} 版，判定日 {case['as_of']}",
            f"文本 {len(proof['texts'])} 份、条件 {len(said['conditions'])} 条；兑付{format_money(said['pay_fen'])}，重新判定和计算都一致",
            "与库外留存的哈希相符" if head else "没有给出库外留存的哈希：看不出整条记录是否被重写过",
        )
    except verify_proof.Refused as refused:
        return Verified(False, (str(refused),))
    except _UNREADABLE as error:
        return Verified(False, (f"读不懂这个文件（{type(error).__name__}）",))
    return Verified(True, lines)
