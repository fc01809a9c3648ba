"""The states of a 免申即享 case and the legal moves between them (domain specification §4.4).

Paying takes a notice that has ended (where the measure has one), a consent and an approval; nothing here lets silence
count as consent. The land-plan quota, which has the same name, is another thing: lifecycle/quota.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy_match.errors import Conflict, Issue


class State(StrEnum):
    """Where a case stands; the codes are those of the specification."""

    CANDIDATE = "M0"
    VERIFIED = "M1"
    NOTICE = "M2"
    CONSENT = "M3"
    CONFIRMED = "M4"
    APPROVED = "M5"
    PAYING = "M6"
    PAID = "M7"
    FAILED = "F"
    ON_HOLD = "H"
    NOT_ELIGIBLE = "X1"
    EXCLUDED = "X2"
    UPHELD = "X3"
    DECLINED = "X4"
    EXPIRED = "X5"
    SUPERSEDED = "X6"
    EXHAUSTED = "X7"
    CLAWED_BACK = "X8"
    CANCELLED = "X9"


STATE_NAMES: Mapping[State, str] = {
    State.CANDIDATE: "候选",
    State.VERIFIED: "数据核验通过",
    State.NOTICE: "公示中",
    State.CONSENT: "待意愿确认",
    State.CONFIRMED: "已确认",
    State.APPROVED: "拨付审批通过",
    State.PAYING: "拨付中",
    State.PAID: "已拨付",
    State.FAILED: "退汇或失败",
    State.ON_HOLD: "挂起",
    State.NOT_ELIGIBLE: "不符合",
    State.EXCLUDED: "列入排除",
    State.UPHELD: "异议成立",
    State.DECLINED: "放弃",
    State.EXPIRED: "逾期未确认",
    State.SUPERSEDED: "就高不重复",
    State.EXHAUSTED: "额度用尽",
    State.CLAWED_BACK: "追回",
    State.CANCELLED: "撤销",
}

BEFORE_PAYING = frozenset(
    {
        State.CANDIDATE,
        State.VERIFIED,
        State.NOTICE,
        State.CONSENT,
        State.CONFIRMED,
        State.APPROVED,
    }
)
# A case in one of these holds the place of its measure, beneficiary and period: nobody is paid twice.
TAKING_PLACE = BEFORE_PAYING | {State.PAYING, State.PAID, State.FAILED, State.ON_HOLD, State.CLAWED_BACK}

# Money is promised and not paid yet.
PROMISED = frozenset({State.APPROVED, State.PAYING, State.FAILED})


class Action(StrEnum):
    """What is done to a case, as its steps record it."""

    FIND = "find"
    CHECK = "check"
    VERIFY = "verify"
    CHANGE = "change"
    PUBLISH = "publish"
    END_NOTICE = "end_notice"
    ASK = "ask"
    CONFIRM = "confirm"
    DECLINE = "decline"
    EXPIRE = "expire"
    REOPEN = "reopen"
    APPROVE = "approve"
    EXPORT = "export"
    PAY = "pay"
    FAIL = "fail"
    RECONFIRM = "reconfirm"
    OBJECT = "object"
    UPHOLD = "uphold"
    HOLD = "hold"
    RELEASE = "release"
    REFUSE = "refuse"
    EXCLUDE = "exclude"
    SUPERSEDE = "supersede"
    EXHAUST = "exhaust"
    CLAW_BACK = "claw_back"
    REPAY = "repay"
    CANCEL = "cancel"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Move:
    """An action: its name, the states in which it is legal, and where it leads; `to` None: the case stays, or goes back."""

    name: str
    starts: frozenset[State]
    to: State | None


def _move(name: str, starts: frozenset[State] | set[State], to: State | None) -> Move:
    return Move(name, frozenset(starts), to)


_LEAVING = BEFORE_PAYING | {State.ON_HOLD}
MOVES: Mapping[Action, Move] = {
    Action.FIND: _move("列为候选", set(), State.CANDIDATE),
    Action.CHECK: _move("第一人核验", {State.CANDIDATE}, State.CANDIDATE),
    Action.VERIFY: _move("第二人核验", {State.CANDIDATE}, State.VERIFIED),
    Action.CHANGE: _move("金额变化，重新核验", BEFORE_PAYING - {State.CANDIDATE}, State.CANDIDATE),
    Action.PUBLISH: _move("公示", {State.VERIFIED, State.CONFIRMED}, State.NOTICE),
    Action.END_NOTICE: _move("公示期满", {State.NOTICE}, None),
    Action.ASK: _move("请企业确认", {State.VERIFIED, State.NOTICE}, State.CONSENT),
    Action.CONFIRM: _move("企业确认", {State.CONSENT}, State.CONFIRMED),
    Action.DECLINE: _move("企业放弃", {State.CONSENT, State.CONFIRMED}, State.DECLINED),
    Action.EXPIRE: _move("逾期未确认", {State.CONSENT, State.FAILED}, State.EXPIRED),
    Action.REOPEN: _move("重新请企业确认", {State.DECLINED, State.EXPIRED}, State.CONSENT),
    Action.APPROVE: _move("拨付审批", {State.CONFIRMED}, State.APPROVED),
    Action.EXPORT: _move("送财政拨付", {State.APPROVED, State.FAILED}, State.PAYING),
    Action.PAY: _move("到账", {State.PAYING}, State.PAID),
    Action.FAIL: _move("退汇或失败", {State.PAYING}, State.FAILED),
    Action.RECONFIRM: _move("重新确认账户", {State.FAILED, State.APPROVED}, State.CONSENT),
    Action.OBJECT: _move("有异议，挂起", {State.NOTICE}, State.ON_HOLD),
    Action.UPHOLD: _move("异议成立", {State.ON_HOLD}, State.UPHELD),
    Action.HOLD: _move("挂起", BEFORE_PAYING, State.ON_HOLD),
    Action.RELEASE: _move("解除挂起", {State.ON_HOLD}, None),
    Action.REFUSE: _move("不再符合", _LEAVING, State.NOT_ELIGIBLE),
    Action.EXCLUDE: _move("列入排除", _LEAVING, State.EXCLUDED),
    Action.SUPERSEDE: _move("同组已取高", {State.VERIFIED, State.APPROVED, State.CONFIRMED}, State.SUPERSEDED),
    Action.EXHAUST: _move("额度用尽", {State.CONFIRMED, State.APPROVED}, State.EXHAUSTED),
    Action.CLAW_BACK: _move("追回", {State.PAID}, State.CLAWED_BACK),
    Action.REPAY: _move("追回到账或核销", {State.CLAWED_BACK}, State.CLAWED_BACK),
    Action.CANCEL: _move("撤销", _LEAVING, State.CANCELLED),
    Action.NOTE: _move("记录", TAKING_PLACE, None),
}


def require_legal(number: str, state: State, action: Action) -> Move:
    """The move of an action; Conflict MSJX_STATE, with what may be done instead, where the state does not allow it."""
    move = MOVES[action]
    if state in move.starts:
        return move
    open_ = (other.name for way, other in MOVES.items() if state in other.starts and way is not Action.NOTE)
    allowed = "、".join(open_) or "没有可办的事"
    what = f"{number} 处于“{STATE_NAMES[state]}”，不能办“{move.name}”"
    raise Conflict(Issue("MSJX_STATE", what, number, allowed, "先看 msjx show 到哪一步"))
