"""Subjects from JSON: one object a line, read exactly and refused line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from pathlib import Path

from policy_match.errors import FactError, Issue
from policy_match.exchange.decode import decoded, kind_of, refuse_kind
from policy_match.exchange.refusals import Loaded, RowError, RowErrors, clean, gathered
from policy_match.facts.cells import Cell
from policy_match.facts.read import Json, read_cell
from policy_match.facts.subjects import Kind, Subject, default_kind
from policy_match.facts.vocabulary import FactSpec, Vocabulary, unknown_fact
from policy_match.identifiers import canonical_key

KEYS = ("id", "facts", "kind", "enterprise", "name", "enterprise_name")
MAX_ID = 200
MAX_NAME = 1000


def read_jsonl(path: Path, vocabulary: Vocabulary) -> Loaded:
    """Read a .jsonl file; blank lines count and hold nothing. UsageError if it is no text."""
    raw = path.read_bytes()
    if kind_of(raw):
        raise refuse_kind(raw, path, ".jsonl")
    text, encoding = decoded(raw, path)
    lines = ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())
    notes = () if encoding == "utf-8" else (f"按 {encoding} 编码读取",)
    return gathered(((number, partial(_subject, line, vocabulary)) for number, line in lines), notes)


def _subject(line: str, vocabulary: Vocabulary) -> Subject:
    return subject_from_json(parse_json(line), vocabulary)


def parse_json(line: str) -> Json:
    """One JSON text with exact numbers; RowError for a text cut short, a key written twice or a number that is none."""
    try:
        data: Json = json.loads(
            line, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates
        )
        if "\\u" in line or "\ufffd" in line:
            _check_texts("", data)
    except RecursionError:
        issue = Issue("JSON_DEPTH", "嵌套太深", "", '{"id": "…", "facts": {…}}', "检查这一行的括号")
        raise RowError("", line, issue) from None
    except ValueError as error:
        where = f"，第 {error.pos + 1} 字起" if isinstance(error, json.JSONDecodeError) else ""
        issue = Issue("JSON", f"不是完整的 JSON{where}", "", '{"id": "…", "facts": {…}}', "检查这一行是否被截断")
        raise RowError("", line, issue) from None
    return data


def _refuse_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise RowError(key, value, Issue("DUPLICATE_KEY", f"键“{key[:40]}”重复", "", "每个键一次", "删去一个"))
        found[key] = value
    return found


def _refuse_constant(text: str) -> Json:
    raise RowError("", text, Issue("NUM_RANGE", f"“{text}”不是有效的数", "", "有限的数", "未知的值请不写"))


def _check_texts(column: str, data: Json) -> None:
    if isinstance(data, str):
        clean(column, data)
    elif isinstance(data, dict):
        for key, value in data.items():
            clean(column, key)
            _check_texts(column or key, value)
    elif isinstance(data, list):
        for value in data:
            _check_texts(column, value)


def subject_from_json(data: Json, vocabulary: Vocabulary) -> Subject:
    """One subject of a JSONL line or of an API request; RowError (RowErrors for several facts) for what is wrong with it."""
    if not isinstance(data, dict):
        raise RowError("", data, Issue("JSON", "每行应是一个对象", "", '{"id": "…", "facts": {…}}', "一行写一个主体"))
    unknown = min(set(data) - set(KEYS), default=None)
    if unknown is not None:
        issue = Issue("KEY_UNKNOWN", f"不认识的键“{unknown[:40]}”", "", "、".join(KEYS), "事实写在 facts 之内")
        raise RowError(unknown, data[unknown], issue)
    facts = data.get("facts", {})
    if not isinstance(facts, dict):
        raise RowError("facts", facts, Issue("FACTS_FORMAT", "facts 应是对象", "", "{事实名: 值}", "用花括号"))
    identity = data.get("id")
    if not isinstance(identity, str) or not identity.strip() or len(identity) > MAX_ID:
        what = "编号 id 应是文字" if identity is not None else "缺少编号 id"
        raise RowError(
            "id", identity, Issue("ID_MISSING", what, "", f"不超过 {MAX_ID} 字的文字", "编号加引号，每行一个")
        )
    cells = _cells(facts, vocabulary)
    enterprise = _optional_text(data, "enterprise")
    return Subject(
        id=checked_key("id", identity),
        kind=kind_from(data.get("kind"), cells, vocabulary),
        cells=cells,
        name=_optional_text(data, "name"),
        enterprise=None if enterprise is None else checked_key("enterprise", enterprise),
        enterprise_name=_optional_text(data, "enterprise_name"),
    )


def _cells(facts: dict[str, Json], vocabulary: Vocabulary) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    faults: list[RowError] = []
    for name, written in facts.items():
        try:
            spec = _spec(name, written, vocabulary)
            if spec.name in cells:
                issue = Issue("DUPLICATE_KEY", f"“{spec.label}”写了两次", "", "每个事实一次", "删去一个")
                raise RowError(name, written, issue)
            cells[spec.name] = read_cell(spec, written, vocabulary)
        except RowError as error:
            faults.append(error)
        except FactError as error:
            faults.append(RowError(name, written, error.issues[0]))
    if faults:
        raise RowErrors(faults)
    return cells


def checked_key(column: str, written: str) -> str:
    """The canonical form of a credit or project code, other keys as written; RowError for a code that is wrong."""
    try:
        return canonical_key(written)
    except FactError as error:
        raise RowError(column, written, error.issues[0]) from None


def _optional_text(data: dict[str, Json], key: str) -> str | None:
    value = data.get(key)
    if value is None or (isinstance(value, str) and len(value) <= MAX_NAME):
        return value or None
    issue = Issue("TEXT_FORMAT", f"{key} 应是文字", "", f"不超过 {MAX_NAME} 字，带引号", "编码请写成文字，避免丢失位数")
    raise RowError(key, value, issue)


def _spec(name: str, written: object, vocabulary: Vocabulary) -> FactSpec:
    known = name if name in vocabulary else vocabulary.by_label.get(name)
    if known is None:
        raise RowError(name[:60], written, unknown_fact(name, vocabulary))
    return vocabulary[known]


def kind_from(written: Json, facts: Iterable[str], vocabulary: Vocabulary) -> Kind:
    """The kind of a subject as written, else what its facts make it; RowError KIND for another word."""
    if written is None:
        return default_kind(facts, vocabulary)
    if not isinstance(written, str) or written not in set(Kind):
        issue = Issue("KIND", f"不认识的主体类型“{str(written)[:20]}”", "", "、".join(Kind), "不确定时请不写")
        raise RowError("kind", written, issue)
    return Kind(written)
