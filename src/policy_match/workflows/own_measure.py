"""Whose measure it is: who may stop, release or pay under it, by level, owner unit and area."""

from __future__ import annotations

from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Forbidden, Issue
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive

LOCAL_LEVELS = ("district", "zone")


def require_own(archive: Archive, rule: Rule, who: Actor, action: str, what: str) -> None:
    """Refuse whose measure it is not: of a district or zone its own people; else the owner unit, or any of the city's
    roles on the list of the action where the owner was not seen or has no role there. Forbidden CARE_ROLE.

    `what`: what is refused, in words.
    """
    if is_own(archive, rule, who, action):
        return
    roles = archive.table.roles
    names = "、".join(roles[role].name for role in _may(archive, rule, who, action)) or "本地的辖市区"
    told = f"“{who.name}”不办{rule.measure.title}的{what}"
    raise Forbidden(Issue("CARE_ROLE", told, "--by", names, "请由允许的单位办理"))


def is_own(archive: Archive, rule: Rule, who: Actor, action: str) -> bool:
    """Whether a measure is somebody's own for an action of the lifecycle table (`require_own`)."""
    return who.role in _may(archive, rule, who, action) or who.unit in _owners(rule)


def _may(archive: Archive, rule: Rule, who: Actor, action: str) -> list[str]:
    listed, roles = [one.role for one in archive.table.may[action]], archive.table.roles
    if rule.level in LOCAL_LEVELS:
        return [role for role in listed if roles[role].own_area and _is_of_area(rule, who)]
    city = [role for role in listed if not roles[role].own_area]
    return [role for role in city if roles[role].name in _owners(rule)] or city


def _owners(rule: Rule) -> list[str]:
    return (rule.measure.owner_unit or "").split("、")


def _is_of_area(rule: Rule, who: Actor) -> bool:
    """Whether a local measure names the actor's area, in its owner, issuers or document; one that names none is of any."""
    document = rule.document
    text = "".join((rule.measure.owner_unit or "", *(document.issuers or ()), document.title))
    named = [code for code in DISTRICTS if region_name(code).rstrip("区市") in text]
    return not named or who.region in named
