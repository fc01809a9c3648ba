"""Read `rules/messages.yaml` strictly: every template, with variables that the program fills and texts that are short enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Say, Strict
from policy_match.errors import RuleError
from policy_match.push.wording import (
    BODY,
    SMS_PART,
    SMS_PARTS,
    TITLE,
    VARIABLES,
    Kind,
    Template,
    longest,
    places_in,
    variables_of,
)
from policy_match.strict_yaml import read_file

_NOT_IN_SMS = (Kind.MONEY, Kind.LINES)
_LIMITS = {"title": TITLE, "body": BODY, "short": SMS_PART * SMS_PARTS}


class _Written(Strict):
    version: int = Field(ge=1)
    approved_by: Say
    title: Say
    body: Say
    short: Say


class _File(Strict):
    schema_: Literal["messages/1"] = Field(alias="schema")
    templates: dict[str, _Written]


def load_templates(path: Path) -> Mapping[str, Template]:
    """The templates by id; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_File, findings)
    found = {} if written is None else written.templates
    if written is not None:
        _check_ids(found, findings)
        for id_, template in found.items():
            if id_ in VARIABLES:
                _check(id_, template, findings)
    issues = (*findings.document.issues, *findings.issues)
    if issues:
        raise RuleError(*issues)
    return {id_: Template(id=id_, **one.model_dump()) for id_, one in found.items()}


def _check_ids(found: Mapping[str, _Written], findings: Findings) -> None:
    for id_ in found.keys() - VARIABLES.keys():
        findings.refuse(
            "MESSAGE_TEMPLATE", f"没有模板“{id_[:40]}”", ("templates", id_), "、".join(VARIABLES), "删去或改名"
        )
    missing = [id_ for id_ in VARIABLES if id_ not in found]
    if missing:
        what = f"缺少模板：{'、'.join(missing)}"
        findings.refuse("MESSAGE_TEMPLATE", what, ("templates",), "、".join(VARIABLES), "补上缺少的模板")


def _check(id_: str, template: _Written, findings: Findings) -> None:
    """Variables that are known where they stand, no brace left over, and no text that can become too long."""
    known = variables_of(id_)
    for field, text in _texts(template):
        place = ("templates", id_, field)
        allowed = [name for name, kind in known.items() if field == "body" or kind not in _in_body_only(field)]
        wrong = [name for name in places_in(text) if name not in allowed]
        if wrong:
            what = f"“{field}”里不能用变量“{'、'.join(dict.fromkeys(wrong))}”"
            findings.refuse("MESSAGE_VARIABLE", what, place, "、".join(allowed), "改用列出的变量，或删去")
        elif text.count("{") + text.count("}") != 2 * len(places_in(text)):
            what = f"“{field}”里的大括号不成对，或变量名写错"
            findings.refuse("MESSAGE_BRACES", what, place, "、".join(f"{{{name}}}" for name in allowed), "写成 {变量}")
        elif longest(id_, text) > _LIMITS[field]:
            what = f"“{field}”填满后有 {longest(id_, text)} 字"
            findings.refuse("MESSAGE_LENGTH", what, place, f"不超过 {_LIMITS[field]} 字", "缩短文字，或少用变量")


def _texts(template: _Written) -> Iterator[tuple[str, str]]:
    yield from (("title", template.title), ("body", template.body), ("short", template.short))


def _in_body_only(field: str) -> tuple[Kind, ...]:
    """Lists stand in the body alone, amounts never in an SMS."""
    return _NOT_IN_SMS if field == "short" else (Kind.LINES,)
