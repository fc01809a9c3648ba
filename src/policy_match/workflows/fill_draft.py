"""What a filled form makes of a draft measure. A field that still shows what it showed leaves its part untouched.

What cannot be read as YAML is told by field, and then nothing is changed. Whether the draft is right is asked later
(check_authored.py): a form never refuses a wrong value, which would lose what somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass

from policy_match.authoring.findings import Place
from policy_match.errors import FactError, Issue, UsageError
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.identifiers import canonical_region
from policy_match.strict_yaml import Data, read_text
from policy_match.workflows.draft_fields import (
    BENEFIT_KEYS,
    CONDITION_KEYS,
    LISTS,
    REST,
    YES_NO,
    Empty,
    Field,
    Kind,
    Object,
    at,
    document_fields,
    fields_of,
    name_of,
    part,
    parts,
    shown,
    spec_of,
)

UNIT = "unit:"
"""Before the name of a figure: the field of its unit."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The draft after a form; `faults`: by the name of the field, what could not be read. With any, `measure` is as far as it went."""

    measure: Object
    faults: Mapping[str, Issue]


def filled(measure: Object, given: Mapping[str, str], vocabulary: Vocabulary) -> Filled:
    """A copy of the measure with what the fields say. `given`: the text of each field that was sent."""
    made, faults = deepcopy(measure), dict[str, Issue]()
    touched = [field for field in fields_of(measure, vocabulary).values() if _is_changed(field, given)]
    for field in touched:
        try:
            _fill(made, field, given, vocabulary)
        except UsageError as error:
            faults[field.name] = error.issues[0]
    for name in dict.fromkeys(str(field.path[1]) for field in touched if field.path[0] == "conditions"):
        _read_value(made, name, given, vocabulary)
    _tidy(made)
    return Filled(made, faults)


def filled_document(document: Object, given: Mapping[str, str]) -> Object:
    """A copy of the registration with what the fields say; a number that is there is not unseen."""
    made: Object = deepcopy(document)
    for field in document_fields(document).values():
        if _is_changed(field, given):
            _put(
                made,
                field.path[1:],
                field,
                _words(given[field.name]) if field.kind is Kind.NAMES else given[field.name].strip(),
            )
    made["number_unseen"] = made.get("number") is None
    return made


def _is_changed(field: Field, given: Mapping[str, str]) -> bool:
    if field.name not in given:
        return False
    if field.choices and field.kind is Kind.NAMES:  # ticked in the order of the form
        return sorted(map(shown, _words(given[field.name]))) != sorted(map(shown, _words(field.value)))
    return _plain(given[field.name]) != _plain(field.value) or given.get(UNIT + field.name, field.unit) != field.unit


def _plain(text: str) -> str:
    """Browsers send lines that end in CR LF."""
    return text.replace("\r\n", "\n").strip()


def _fill(made: Object, field: Field, given: Mapping[str, str], vocabulary: Vocabulary) -> None:
    text = _plain(given[field.name])
    if field.kind is Kind.PART:
        _PARTS[_sort(field)](made, field, _read(text, field))
    elif field.kind is Kind.NAMES:
        _put(made, field.path, field, _words(text))
    elif field.kind is Kind.FACT:
        _put(made, field.path, field, vocabulary.by_label.get(text, text))
    elif field.kind is Kind.FIGURE:
        _put(made, field.path, field, _figure(text, given.get(UNIT + field.name, "")))
    else:
        _put(made, field.path, field, text)


def _words(text: str) -> list[Data]:
    return [word.strip() for word in re.split(r"[、，,；;\n]", text) if word.strip()]


def _figure(text: str, unit: str) -> str:
    """A bare number takes the unit beside it; one that is written with its unit keeps it."""
    return text + unit if re.fullmatch(r"-?[0-9][0-9,.]*", text) else text


def _read(text: str, field: Field) -> Data:
    if not text:
        return None
    document = read_text(text, field.label)
    if document.issues:
        raise UsageError(document.issues[0])
    return document.data


def _mapping(read: Data, field: Field) -> Object:
    if read is not None and not isinstance(read, dict):
        raise UsageError(Issue("SHAPE", f"{field.label}应是“键: 值”的行", field.label, "键: 值", "一行写一项"))
    return read or {}


def _put(made: Object, path: Place, field: Field, value: Data) -> None:
    """Set what stands at a path; an empty value is left out, or as the field says."""
    if value in ("", []):
        value = {Empty.OUT: None, Empty.NULL: None, Empty.TEXT: ""}[field.empty]
        if field.empty is Empty.OUT:
            _holder(made, path).pop(str(path[-1]), None)
            return
    _holder(made, path)[str(path[-1])] = value


def _holder(made: Object, path: Place) -> Object:
    """The mapping in which the last step of a path stands; made where there is none."""
    here: Data = made
    for step in path[:-1]:
        if isinstance(here, list) and isinstance(step, int):
            here = here[step]
        elif isinstance(here, dict):
            if not isinstance(here.get(str(step)), dict | list):
                here[str(step)] = {}
            here = here[str(step)]
    if not isinstance(here, dict):
        raise TypeError(name_of(path))
    return here


def _sort(field: Field) -> str:
    return (
        "rest" if field.path == ("rest",) else str(field.path[-1]) if field.path[-1] in ("rest", "facts") else "whole"
    )


def _put_rest(made: Object, field: Field, read: Data) -> None:
    """The keys of a part that no other field shows."""
    own = REST if field.path == ("rest",) else ()
    given = _mapping(read, field)
    holder = made if field.path == ("rest",) else part(made, *field.path[:-1])
    known = own or (BENEFIT_KEYS if field.path[0] == "benefit" else CONDITION_KEYS)
    if own and (strange := [key for key in given if key not in own]):
        raise UsageError(
            Issue("KEY_UNKNOWN", f"“{strange[0]}”不写在这里", field.label, "、".join(own), "写在上面的栏里，或删去")
        )
    for key in [key for key in holder if (key in known if own else key not in (*known, "place"))]:
        del holder[key]
    holder |= given


def _put_whole(made: Object, field: Field, read: Data) -> None:
    if read is None:
        made.pop(str(field.path[0]), None)
    else:
        made[str(field.path[0])] = read


def _put_facts(made: Object, field: Field, read: Data) -> None:
    _put(made, field.path, field, _mapping(read, field) or "")


_PARTS: Mapping[str, Callable[[Object, Field, Data], None]] = {
    "rest": _put_rest, "whole": _put_whole, "facts": _put_facts,
}  # fmt: skip


def _read_value(made: Object, name: str, given: Mapping[str, str], vocabulary: Vocabulary) -> None:
    """Write the value of a condition as its fact and operator want it: a list, true or false, a code for the name of a region."""
    condition, key = part(made, "conditions", name), f"conditions/{name}/value"
    if "fact" not in condition or key not in given:
        return
    text, spec = _plain(given[key]), spec_of(condition.get("fact"), vocabulary)
    words = _words(text)
    if not text:
        condition.pop("value", None)
    elif condition.get("op") in LISTS:
        unit = given.get(UNIT + key, "")
        condition["value"] = [_figure(word, unit) if isinstance(word, str) else word for word in words]
    elif spec is not None and spec.type is FactType.FLAG and text in YES_NO:
        condition["value"] = YES_NO[text]
    elif spec is not None and spec.type is FactType.REGION:
        condition["value"] = _region(text)
    elif shown(condition.get("value")) != _figure(text, given.get(UNIT + key, "")):
        condition["value"] = _figure(text, given.get(UNIT + key, ""))


def _region(text: str) -> str:
    try:
        return canonical_region(text)
    except FactError:
        return text


def _tidy(made: Object) -> None:
    """Leave out what became empty: boundary lines without a side, a rounding without a word."""
    lines = part(made, "boundaries")
    for name in [name for name, line in lines.items() if line == {}]:
        del lines[name]
    benefit = part(made, "benefit")
    if benefit.get("rounding") == {}:
        del benefit["rounding"]
    for key in ("boundaries", "cases"):
        if made.get(key) in ({}, []):
            del made[key]


def add_condition(measure: Object, condition: Object, name: str, clause: int | None) -> Object:
    """A copy with one more condition, which its clause names and the whole asks for. `name`: as it is called if that is free."""
    made = deepcopy(measure)
    conditions = _own(made, "conditions")
    free = next(one for one in (name, *(f"{name}_{at_}" for at_ in range(2, 10_000))) if one not in conditions)
    conditions[free] = condition
    tree = made.get("eligible_when")
    every = tree.get("all") if isinstance(tree, dict) else None
    if isinstance(every, list):
        every.append(free)
    else:
        made["eligible_when"] = {"all": [free] if tree in (None, "") else [tree, free]}
    if clause is not None and clause < len(parts(made, "clauses")):
        row = part(made, "clauses", clause)
        row["by"] = [*parts(row, "by"), free]
        row.pop("none", None)
    return made


def add_clause(measure: Object) -> Object:
    """A copy with one more clause, empty."""
    made = deepcopy(measure)
    made["clauses"] = [*parts(made, "clauses"), {"article": "条款未见", "says": "待填：用自己的话写这一条"}]
    return made


def add_benefit(measure: Object) -> Object:
    """A copy with a benefit to be written."""
    return deepcopy(measure) | {"benefit": {"kind": "cash", "promise": "exact"}}


def add_cases(measure: Object, cases: Iterable[Object]) -> Object:
    """A copy with more cases."""
    made = deepcopy(measure)
    made["cases"] = [*parts(made, "cases"), *cases]
    return made


def drop(measure: Object, path: Place) -> Object:
    """A copy without a part; a condition goes from its clauses, the tree and the boundaries as well."""
    made = deepcopy(measure)
    holder = at(made, path[:-1])
    if isinstance(holder, list) and isinstance(path[-1], int) and path[-1] < len(holder):
        del holder[path[-1]]
    elif isinstance(holder, dict):
        holder.pop(str(path[-1]), None)
    if path[0] == "conditions":
        _forget(made, str(path[-1]))
    _tidy(made)
    return made


def _forget(made: Object, name: str) -> None:
    for place, _ in enumerate(parts(made, "clauses")):
        row = part(made, "clauses", place)
        if name in parts(row, "by"):
            row["by"] = [one for one in parts(row, "by") if one != name]
    part(made, "boundaries").pop(name, None)
    made["eligible_when"] = _without(made.get("eligible_when"), name)


def _without(tree: Data, name: str) -> Data:
    """A tree without the lists' mention of a name."""
    if isinstance(tree, dict):
        return {key: _without(value, name) for key, value in tree.items()}
    return [_without(one, name) for one in tree if one != name] if isinstance(tree, list) else tree


def _own(made: Object, key: str) -> Object:
    found = made.get(key)
    if not isinstance(found, dict):
        found = made[key] = {}
    return found
