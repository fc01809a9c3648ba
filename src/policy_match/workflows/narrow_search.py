"""Narrow what a search found, or all that is held, to what the reader chose.

Only the reader narrows: what a question says of a place or a sum is shown beside the answer and taken away on demand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from policy_match.eligibility.rulebook import Rulebook
from policy_match.identifiers import region_path
from policy_match.text.searchable import Searchable, searchables
from policy_match.workflows.search_policies import is_in_force
from policy_match.workflows.show_measure import TOPIC_NAMES

KINDS: Mapping[str, str] = {"measure": "措施", "document": "文件"}
FORCES: Mapping[str, str] = {"true": "施行中", "false": "不在施行期", "unknown": "待核实"}
TOPIC_GROUPS: Mapping[str, tuple[str, ...]] = {
    "投资、设备与税收": ("equipment_subsidy", "smart_digital", "green", "tax_deduction", "foreign_investment"),
    "融资": ("loan_discount", "guarantee", "risk_compensation", "equity_fund"),
    "研发与创新": ("rd_subsidy", "hightech_recognition", "ip", "first_unit", "platform_incubator"),
    "企业成长": ("specialised_sme", "single_champion", "scale_up", "listing_reward"),
    "人才": ("talent_award", "talent_housing", "talent_services"),
    "用工与培训": ("recruitment", "job_subsidy", "training"),
    "用地、用能与审批": ("land", "energy_power", "fast_permit", "joint_acceptance"),
    "产业方向": ("new_energy", "low_altitude", "synthetic_bio", "semiconductor", "hydrogen", "ai"),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """What the reader chose; None: no choice. `region`: a code, what is given there by it or by a broader place is kept.

    `in_force`: a key of FORCES. `family` and `mode` are of measures: no document is kept under them.
    """

    kind: str | None = None
    topic: str | None = None
    family: str | None = None
    mode: str | None = None
    region: str | None = None
    in_force: str | None = None


def is_sought(entry: Searchable, sought: Sought, rulebook: Rulebook, as_of: date) -> bool:
    """Whether a measure, in the version of the day, or a document is among what the reader chose."""
    if sought.kind not in (None, entry.kind) or (sought.topic is not None and sought.topic not in entry.topics):
        return False
    if sought.region is not None and entry.region not in region_path(sought.region):
        return False
    if sought.in_force is not None and sought.in_force != force_key(is_in_force(entry, rulebook, as_of)):
        return False
    if sought.family is None and sought.mode is None:
        return True
    if entry.kind != "measure":
        return False
    measure = rulebook.at(entry.id, as_of).measure
    return sought.family in (None, measure.family) and sought.mode in (None, measure.mode)


def narrowed(entries: Iterable[Searchable], sought: Sought, rulebook: Rulebook, as_of: date) -> tuple[Searchable, ...]:
    """What the reader chose, in its order."""
    return tuple(entry for entry in entries if is_sought(entry, sought, rulebook, as_of))


def held(sought: Sought, rulebook: Rulebook, as_of: date) -> tuple[Searchable, ...]:
    """Without a question: the measures (the documents, if they are chosen) of the choice.

    In force before doubtful before ended, then the broader place first, then by title.
    """
    sought = replace(sought, kind=sought.kind or "measure")
    found = [*narrowed(searchables(rulebook), sought, rulebook, as_of)]
    order = {entry.id: (True, None, False).index(is_in_force(entry, rulebook, as_of)) for entry in found}
    found.sort(key=lambda entry: (order[entry.id], len(region_path(entry.region)), entry.title, entry.id))
    return tuple(found)


def topic_counts(rulebook: Rulebook) -> dict[str, int]:
    """How many measures each topic has, every topic included."""
    counts: Counter[str] = Counter(topic for id in rulebook.ids for topic in rulebook.versions(id)[-1].measure.topics)
    return {topic: counts[topic] for topic in TOPIC_NAMES}


def force_key(in_force: bool | None) -> str:
    """The key of FORCES for an answer that may be missing."""
    return "unknown" if in_force is None else str(in_force).lower()
