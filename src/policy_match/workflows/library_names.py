"""The two libraries by name: the real projects, and the invented ones that are called 示范数据 wherever they show."""

from __future__ import annotations

from policy_match.errors import Issue, UsageError

REAL, DEMO = "real", "demo"
TITLES = {REAL: "真实项目库", DEMO: "示范库"}
INVENTED = "示范数据：项目和企业均为虚构，仅供演示"


def check_library(written: str) -> str:
    """The name of a library; UsageError LIBRARY for any other word."""
    if written not in TITLES:
        allowed = "、".join(f"{name} {title}" for name, title in TITLES.items())
        raise UsageError(Issue("LIBRARY", f"没有项目库“{written[:20]}”", "--library", allowed, "改用列出的一个"))
    return written


def shown_library(name: str) -> str:
    """The title of a library, with the word that the demonstration one bears."""
    return f"{TITLES[name]}（示范数据）" if name == DEMO else TITLES[name]
