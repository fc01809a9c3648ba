"""The closed sets of words of the life of a project."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What is recorded about a project. CORRECT and WITHDRAW speak of an earlier event (`supersedes`)."""

    ENTER = "ENTER"
    POINT = "POINT"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    TERMINATE = "TERMINATE"
    EXIT = "EXIT"
    REENTER = "REENTER"
    MERGE = "MERGE"
    UNMERGE = "UNMERGE"
    CORRECT = "CORRECT"
    WITHDRAW = "WITHDRAW"


CORRECTIONS = (EventKind.CORRECT, EventKind.WITHDRAW)
SIDE_KINDS = tuple(kind for kind in EventKind if kind not in (EventKind.ENTER, EventKind.POINT, *CORRECTIONS))


class Side(StrEnum):
    """Where a project stands beside its points."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    TERMINATED = "TERMINATED"
    EXITED = "EXITED"
    MERGED = "MERGED"


LIVING = (Side.ACTIVE, Side.PAUSED)


class Colour(StrEnum):
    """A light. UNKNOWN: a date that decides it cannot be computed yet."""

    RED = "red"
    YELLOW = "yellow"
    UNKNOWN = "unknown"
    GREEN = "green"


class MilestoneStatus(StrEnum):
    """How far a step of a project is."""

    NOT_BEGUN = "未启动"
    PREPARING = "准备"
    ACCEPTED = "受理"
    SUPPLEMENTING = "补正"
    DONE = "办结"
    NOT_NEEDED = "不适用"
    RETURNED = "退回"
