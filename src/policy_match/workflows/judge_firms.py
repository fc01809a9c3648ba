"""May the firm of a project carry it further? A firm that is gone, or that the enterprise archives do not know.

Domain specification BI-05, BI-06. Where the library holds no enterprise archives at all, nobody is unknown to them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from policy_match.errors import Issue
from policy_match.facts.assemble import Assembled
from policy_match.facts.cells import Possible
from policy_match.store import batches, doubts
from policy_match.store import facts as stored_facts

ARCHIVES = "ENT"
UNKNOWN = "ENT_UNKNOWN"
FIRM_CHANGED = "FIRM_CHANGED"
_GONE = frozenset({"吊销", "注销"})


def gone(status: Assembled) -> str | None:
    """The word of the register for a firm that is no more; an old word counts too, for no firm comes back by itself."""
    value = status.cell.value if status.cell.value is not None else status.cell.last_seen
    return value.single if isinstance(value, Possible) and value.single in _GONE else None


def gone_issue(status: Assembled, uscc: str) -> Issue | None:
    """FIRM_GONE with the word of the register; None if the firm is there or nobody says."""
    word = gone(status)
    if word is None:
        return None
    what = f"企业 {uscc} 登记状态为“{word}”，立项及以后的事项不能办理"
    return Issue("FIRM_GONE", what, "", "存续或在业的企业", "更换项目企业；登记状态有误的，由登记机关更正后重新导入")


def holds_archives(session: Session, library: str) -> bool:
    """Whether enterprise archives were ever taken in."""
    return batches.last_of(session, library, ARCHIVES) is not None


def unknown_firms(session: Session, library: str, codes: Iterable[str]) -> frozenset[str]:
    """The firms, by code, of which the enterprise archives that the library holds say nothing, and for which nobody vouched.

    None where it holds no archives. A firm that the library does not have yet is unknown too.
    """
    asked = sorted(set(codes))
    if not asked or not holds_archives(session, library):
        return frozenset()
    answers = doubts.answers(session, library, UNKNOWN)
    vouched = {key for key, answer in answers.items() if answer == "accepted"}
    return frozenset(asked) - stored_facts.heard_of(session, library, asked, ARCHIVES) - vouched


def unknown_issue(uscc: str) -> Issue:
    """ENT_UNKNOWN of a firm."""
    what = f"企业数字档案库中没有企业 {uscc}"
    hint = "核对统一社会信用代码；新设企业待档案库更新，或在待核实清单中认可"
    return Issue(UNKNOWN, what, "", "档案库中的企业", hint)
