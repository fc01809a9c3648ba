"""Names of a rule file that must be on the lists of the corpus: owner units, and the honours it asks for or grants.

An honour spelt in a second way would be held by nobody, and a unit so spelt would have a
desk of its own: both are refused, with the nearest names. A corpus without a list leaves
its names free.
"""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz import process

from policy_match.authoring.findings import Findings, Place
from policy_match.eligibility.schema import Condition, FactCondition, Measure
from policy_match.facts.taxonomies import HONOURS, Taxonomies

# Names that begin so are invented, as in the manual: nobody looks for them on a list.
INVENTED = ("示例", "示范")
_UNITS = "corpus/taxonomies/units.yaml"
_HONOURS = "corpus/taxonomies/honours.yaml"


def audit_names(measure: Measure, lists: Taxonomies, findings: Findings) -> None:
    """Owner unit and units of services (several are joined by 、), what is granted, every honour of a condition."""
    services = [] if measure.benefit is None else measure.benefit.services
    placed: list[tuple[Place, str | None]] = [(("owner_unit",), measure.owner_unit)]
    placed += [(("benefit", "services", index, "unit"), service.unit) for index, service in enumerate(services)]
    for place, units in placed:
        for unit in () if units is None else units.split("、"):
            if not unit.startswith(INVENTED):
                audit_name("OWNER_UNIT", unit, lists.unit_names, _UNITS, place, findings)
    if measure.grants is not None:
        audit_name("HONOUR", measure.grants, lists.honour_names, _HONOURS, ("grants",), findings)
    audit_honours(measure.conditions, lists, findings)


def audit_honours(conditions: Mapping[str, Condition], lists: Taxonomies, findings: Findings) -> None:
    """The honours that conditions ask for."""
    for name, condition in conditions.items():
        if isinstance(condition, FactCondition) and condition.fact == HONOURS:
            asked = condition.value if isinstance(condition.value, list) else [condition.value]
            for honour in asked:
                place = ("conditions", name, "value")
                audit_name("HONOUR", str(honour), lists.honour_names, _HONOURS, place, findings)


def audit_name(code: str, written: str, names: Mapping[str, str], file: str, place: Place, findings: Findings) -> None:
    """A name that is not on a list, or not its one name there, with the nearest ones; an empty list closes nothing."""
    name = names.get(written)
    if not names or name == written:
        return
    if name is not None:
        findings.refuse(code, f"“{written}”在名录中叫“{name}”", place, name, f"写成 {name}")
        return
    near = process.extract(written[:80], list(names), limit=3)
    allowed = "、".join(dict.fromkeys(names[match] for match, _, _ in near))
    what = f"名录中没有“{written[:40]}”" if written else "名称是空的"
    findings.refuse(code, what, place, allowed, f"改用最接近的名称；确是新的，先写进 {file}")
