"""Requests of the daily care about the invented projects of the scenarios, in the shortest form that tests can read."""

from __future__ import annotations

from datetime import datetime, time

from reporting import code_of, project, taken
from rows import LIBRARY, NOW, day

from policy_match.settings import LOCAL
from policy_match.workflows.name_agent import Agent, name_agent
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By


def by(actor: str = "development", on: str = "2025-03-31", hour: str = "10:00") -> By:
    """Somebody asks at an hour of a day, Changzhou time."""
    return By(LIBRARY, actor, datetime.combine(day(on), time.fromisoformat(hour), LOCAL))


def filled(archive: Archive, *names: str, when: datetime = NOW, **facts: str) -> dict[str, str]:
    """Projects of the scenarios in the library; their 库内编号 by name."""
    taken(archive, [project(archive, name, when, **facts) for name in names], when=when)
    return {name: code_of(archive, name) for name in names}


def with_agent(archive: Archive, code: str, since: str = "2023-01-01") -> None:
    """The project has a named agent from a day on."""
    name_agent(archive, Agent(code, "示范帮办", "武进区政务服务中心", day(since)), By(LIBRARY, "development", NOW))
