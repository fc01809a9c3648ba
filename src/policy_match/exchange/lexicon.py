"""The lexicon of the corpus: topics/*.yaml, names.yaml, elsewhere.yaml and graded.jsonl.

Read strictly: an unknown key or topic, a word or question written twice in one file, a file under another topic's name are
refused, each with its line. A corpus without a lexicon has an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeVar

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Say, Strict, Topic
from policy_match.errors import Issue, RuleError
from policy_match.strict_yaml import read_file
from policy_match.text.lexicon import Ask, Lexicon, ShortName


class _WrittenAsk(Strict):
    ask: Say
    also: list[Topic] = []
    also_weak: list[Topic] = []


class _WrittenTopic(Strict):
    schema_: Literal["lexicon_topic/1"] = Field(alias="schema")
    topic: Topic
    words: list[Say] = Field(min_length=1)
    asks: list[Say | _WrittenAsk] = []


class _WrittenName(Strict):
    name: Say
    target: Say | None = None
    means: Say | None = None


class _WrittenNames(Strict):
    schema_: Literal["lexicon_names/1"] = Field(alias="schema")
    names: list[_WrittenName] = Field(min_length=1)


class _WrittenElsewhere(Strict):
    schema_: Literal["lexicon_elsewhere/1"] = Field(alias="schema")
    asks: list[Say] = Field(min_length=1)


class _WrittenGraded(Strict):
    qid: str
    query: Say
    relevant: dict[Topic, Literal[1, 2]]


_Written = TypeVar("_Written", _WrittenTopic, _WrittenNames, _WrittenElsewhere)
_GRADED = TypeAdapter(_WrittenGraded)


def load_lexicon(folder: Path) -> Lexicon:
    """Read the lexicon of a folder; RuleError with every fault by file and line."""
    opened: list[Findings] = []
    topics = [
        topic
        for path in sorted((folder / "topics").glob("*.yaml"))
        if (topic := _open(path, _WrittenTopic, opened)) is not None
    ]
    names = _open(folder / "names.yaml", _WrittenNames, opened)
    elsewhere = _open(folder / "elsewhere.yaml", _WrittenElsewhere, opened)
    issues = [issue for findings in opened for issue in (*findings.document.issues, *findings.issues)]
    graded, refused = _graded(folder / "graded.jsonl")
    if issues or refused:
        raise RuleError(*issues, *refused)
    return Lexicon(
        words={topic.topic: tuple(topic.words) for topic in topics},
        asks=(
            *(_ask(topic.topic, ask) for topic in topics for ask in topic.asks),
            *(Ask(ask, {}) for ask in ([] if elsewhere is None else elsewhere.asks)),
        ),
        graded=graded,
        names=() if names is None else tuple(ShortName(n.name, n.target, n.means) for n in names.names),
    )


def _open(path: Path, model: type[_Written], opened: list[Findings]) -> _Written | None:
    if not path.is_file():
        return None
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    opened.append(findings)
    written = None if findings.document.issues else read_shape(model, findings)
    if isinstance(written, _WrittenTopic):
        _check_topic(path, written, findings)
    elif isinstance(written, _WrittenElsewhere):
        _each_once("asks", written.asks, findings)
    elif isinstance(written, _WrittenNames):
        _check_names(written, findings)
    return written


def _check_names(written: _WrittenNames, findings: Findings) -> None:
    _each_once("names", [name.name for name in written.names], findings)
    for place, name in enumerate(written.names):
        if (name.target is None) == (name.means is None):
            findings.refuse(
                "LEXICON_NAME",
                f"“{name.name}”要写 target 或 means 中的一个",
                ("names", place),
                "target、means 之一",
                "留一个",
            )


def _check_topic(path: Path, written: _WrittenTopic, findings: Findings) -> None:
    if path.stem != written.topic:
        findings.refuse(
            "LEXICON_FILE", f"主题“{written.topic}”写在另一个主题的文件里", ("topic",), path.stem, "改文件名或主题"
        )
    _each_once("words", written.words, findings)
    _each_once("asks", [ask if isinstance(ask, str) else ask.ask for ask in written.asks], findings)


def _each_once(key: str, texts: Iterable[str], findings: Findings) -> None:
    seen: set[str] = set()
    for place, text in enumerate(texts):
        if text in seen:
            findings.refuse("LEXICON_TWICE", f"“{text}”写了两次", (key, place), "每个一次", "删去一个")
        seen.add(text)


def _ask(topic: str, ask: str | _WrittenAsk) -> Ask:
    if isinstance(ask, str):
        return Ask(ask, {topic: 2})
    return Ask(ask.ask, {**dict.fromkeys(ask.also_weak, 1), **dict.fromkeys(ask.also, 2), topic: 2})


def _graded(path: Path) -> tuple[tuple[Ask, ...], list[Issue]]:
    """Graded queries, one JSON object a line, and the lines refused."""
    found, refused = [], []
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, start=1):
        try:
            query = _GRADED.validate_python(orjson.loads(line))
        except (ValidationError, orjson.JSONDecodeError):
            allowed = '{"qid": …, "query": …, "relevant": {主题: 1 或 2}}'
            refused.append(
                Issue(
                    "LEXICON_GRADED", "这一行不是一条评过分的问句", f"{path.name}:{number}", allowed, "改正或删去这一行"
                )
            )
            continue
        found.append(Ask(query.query, {str(topic): grade for topic, grade in query.relevant.items()}))
    return tuple(found), refused
