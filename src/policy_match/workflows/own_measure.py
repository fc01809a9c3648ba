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
    listed = [one.role for one in archive.table.may[action]]
    roles = archive.table.roles
    owners = (rule.measure.owner_unit or "").split("、")
    if rule.level in LOCAL_LEVELS:
        may = [role for role in listed if roles[role].own_area and _is_of_area(rule, who)]
    else:
        city = [role for role in listed if not roles[role].own_area]
        may = [role for role in city if roles[role].name in owners] or city
    if who.role in may or who.unit in owners:
        return
    names = "、".join(roles[role].name for role in may) or "本地的辖市区"
    told = f"“{who.name}”不办{rule.measure.title}的{what}"
    raise Forbidden(Issue("CARE_ROLE", told, "--by", names, "请由允许的单位办理"))


def _is_of_area(rule: Rule, who: Actor) -> bool:
    """Whether a local measure names the actor's area, in its owner, issuers or document; one that names none is of any."""
    document = rule.document
    text = "".join((rule.measure.owner_unit or "", *(document.issuers or ()), document.title))
    named = [code for code in DISTRICTS if region_name(code).rstrip("区市") in text]
    return not named or who.region in named
