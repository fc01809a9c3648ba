"""The shape of `rules/registers/<source>.yaml`: keys, kinds of value, closed words. Names are resolved by `register_file.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policy_match.eligibility.schema_words import Name, Say, Strict

KeyKind = Literal["XMDM", "BAZH", "SGXK", "BDCDY", "HTBH", "YDHH", "ZQT"]
PartWord = Literal[
    "code", "name", "uscc", "firm_name", "month", "observed_on", "record", "authorised_by", "step", "applied_on",
    "supplement_on", "done_on", "result", "revoked_on", "number", "extra", "left_out",
]  # fmt: skip
StatusWord = Literal["受理", "补正", "办结", "退回", "不适用"]
PointWord = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,40}$")]


class WrittenColumn(Strict):
    """One column: exactly one of `is`, `key`, `fact`, `point`, `evidence`, `planned`, `milestone`, `mark` says what it holds."""

    also: list[Say] = []
    required: bool = False
    locked: bool = False
    is_: PartWord | None = Field(default=None, alias="is")
    key: KeyKind | None = None
    fact: Name | None = None
    unit: Say | None = None
    likely: Annotated[list[Say], Field(min_length=2, max_length=2)] | None = None
    holds: Literal["month", "year"] | None = None
    point: PointWord | None = None
    evidence: Say | None = None
    of: Say | None = None
    planned: Say | None = None
    milestone: Say | None = None
    mark: Name | None = None
    told: bool = False
    note: Say | None = None


class WrittenStep(Strict):
    """What a row of one 事项 means once it is done."""

    also: list[Say] = []
    milestone: Say | None = None
    point: PointWord | None = None
    evidence: Say | None = None
    key: KeyKind | None = None
    mark: Name | None = None
    ask: Say | None = None


class WrittenRegister(Strict):
    """The whole file."""

    schema_: Literal["register/1"] = Field(alias="schema")
    source: PointWord
    name: Say
    kind: Literal["project", "enterprise"]
    any_fact: bool = False
    whole: bool = False
    columns: dict[Say, WrittenColumn] = Field(min_length=1)
    steps: dict[Say, WrittenStep] = {}
    results: dict[Say, StatusWord] = {}
